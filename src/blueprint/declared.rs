//! What a text says that it is: what a folder is searched for, before anything is read in earnest.

use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle};

/// What the versions of the blueprint's language begin with.
const OURS: &str = "eksnet/";

use super::node::{Node, Shape};
use crate::diagnostic::Diagnostic;
use crate::rules::BP_04;

/// Whether a text says that it is a blueprint, in whatever style of YAML.
pub fn is_blueprint(text: &str) -> bool {
    let Declared { version, kind, merges, names_us } = Declared::of(text);
    // Merge keys are not read (YAML-05): a file that means to say it with one is judged, so that its author is told.
    let is_ours = version.map_or(merges && names_us, |version| version.starts_with(OURS));
    is_ours && kind.is_none_or(|kind| kind == "Blueprint")
}

/// The document's own `kind`.
pub fn kind(text: &str) -> Option<String> {
    Declared::of(text).kind
}

/// A document of another tool is one finding, not one for each of its keys.
pub fn foreign(root: &Node) -> Option<Diagnostic> {
    let text = |key: &str| match root.entry(key).map(|entry| &entry.value.shape) {
        Some(Shape::Scalar { text, .. }) => Some(text.as_str()),
        _ => None,
    };
    let version = text("apiVersion");
    let (key, what, hint) = if version.is_none() && root.entry("AWSTemplateFormatVersion").is_some()
    {
        let hint = "compare a blueprint with it by `eksnet diff BLUEPRINT --against TEMPLATE`";
        ("AWSTemplateFormatVersion", "a CloudFormation template", hint)
    } else if version.is_some_and(|version| version.starts_with("eksctl.io/")) {
        let hint = "write a blueprint of what it created with `eksnet init --from cluster/NAME`, or start from `eksnet init`";
        ("apiVersion", "an eksctl config", hint)
    } else {
        return None;
    };
    let span = root.entry(key)?.key_span.clone();
    Some(BP_04.at("", format!("this is {what}, not a blueprint")).at(span).hint(hint))
}

/// What a document says of itself.
#[derive(Default)]
struct Declared {
    version: Option<String>,
    kind: Option<String>,
    /// The document itself has a merge key.
    merges: bool,
    /// A value anywhere in it is a version of ours.
    names_us: bool,
}

impl Declared {
    /// As the parser of blueprints reads it, no further than that is needed. What cannot be read is searched for by its lines: a broken
    /// blueprint is one.
    fn of(text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut found = Self::default();
        match found.read(text) {
            Ok(()) => found,
            Err(()) => {
                let word = |key: &str| value(text, key).map(str::to_string);
                Self {
                    version: found.version.or_else(|| word("apiVersion")),
                    kind: found.kind.or_else(|| word("kind")),
                    ..found
                }
            }
        }
    }

    fn read(&mut self, text: &str) -> Result<(), ()> {
        let (mut depth, mut key) = (0, None);
        let mut anchors = BTreeMap::new();
        for event in Parser::new_from_str(text) {
            let (event, _) = event.map_err(|_| ())?;
            match event {
                Event::DocumentEnd => return Ok(()),
                Event::MappingStart(..) | Event::SequenceStart(..) => depth += 1,
                Event::MappingEnd | Event::SequenceEnd => {
                    depth -= 1;
                    // A mapping or a list was the value of a key, or one itself.
                    if depth == 1 {
                        key = key.map_or(Some(String::new()), |_| None);
                    }
                }
                Event::Scalar(text, style, anchor, _) => {
                    self.names_us |= text.starts_with(OURS);
                    self.merges |= depth == 1 && style == ScalarStyle::Plain && text == "<<";
                    if anchor != 0 {
                        anchors.insert(anchor, text.to_string());
                    }
                    if depth == 1 {
                        key = self.scalar(key, text.into_owned());
                    }
                }
                Event::Alias(anchor) if depth == 1 => match anchors.get(&anchor) {
                    Some(text) => key = self.scalar(key, text.clone()),
                    None => key = key.map_or(Some(String::new()), |_| None),
                },
                _ => {}
            }
            if self.version.is_some() && self.kind.is_some() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// A key, or the value of the one before: the key whose value comes next.
    fn scalar(&mut self, key: Option<String>, text: String) -> Option<String> {
        let Some(key) = key else { return Some(text) };
        match key.as_str() {
            "apiVersion" => _ = self.version.get_or_insert(text),
            "kind" => _ = self.kind.get_or_insert(text),
            _ => {}
        }
        None
    }
}

/// The value of a key of the document itself: a line without indentation, or an entry of a mapping in braces.
fn value<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut words = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with(['#', '%']));
    let first = words.find_map(|line| {
        let rest = line.strip_prefix("---").unwrap_or(line).trim_start();
        (!rest.is_empty()).then_some(rest)
    })?;
    match first.starts_with('{') {
        true => text.split(['{', '}', ',', '\n']).find_map(|entry| of(entry.trim_start(), key)),
        false => text.lines().find_map(|line| of(line, key)),
    }
}

/// `key: value`, each of them quoted or not.
fn of<'t>(entry: &'t str, key: &str) -> Option<&'t str> {
    const QUOTES: [char; 2] = ['"', '\''];
    let entry = entry.strip_prefix("--- ").unwrap_or(entry).trim_start_matches(QUOTES);
    let rest = entry.strip_prefix(key)?.trim_start_matches(QUOTES).trim_start();
    let value = rest.strip_prefix(':')?.trim_start().trim_start_matches(QUOTES);
    let end = value.find(|letter: char| letter.is_whitespace() || QUOTES.contains(&letter));
    Some(&value[..end.unwrap_or(value.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blueprint_is_known_in_every_style() {
        for text in [
            "apiVersion: eksnet/v1\nkind: Blueprint\n",
            "# a comment\n---\napiVersion: eksnet/v1   # the language\nkind: Blueprint # ours\n",
            "apiVersion: 'eksnet/v1'\r\nkind: \"Blueprint\"\r\n",
            "\"apiVersion\" : \"eksnet/v1\"\n\"kind\" : \"Blueprint\"\n",
            "{\"apiVersion\": \"eksnet/v1\", \"kind\": \"Blueprint\", \"metadata\": {}}",
            "{\"apiVersion\":\"eksnet/v1\",\"kind\":\"Blueprint\"}",
            "{\n  apiVersion: eksnet/v1,\n  kind: Blueprint,\n}",
            "\u{feff}--- { kind: Blueprint, apiVersion: eksnet/v1 }",
            "apiVersion: eksnet/v1\nmetadata: { name: no-kind }\n",
            "apiVersion: eksnet/v1\nkind:\n  Blueprint\n",
            "apiVersion: &v eksnet/v1\nkind: &k Blueprint\n",
            "apiVersion: eksnet/v1\nmetadata: { name: shop, labels: { what: &k Blueprint } }\nkind: *k\n",
            "tiers: [&v eksnet/v1, &name kind]\napiVersion: *v\n*name : Blueprint\n",
            "apiVersion: eksnet/v1\nzones: &list [a]\nmore: *list\nkind: Blueprint\n",
            "apiVersion: !!str eksnet/v1\nmetadata: { kind: x }\n? kind\n: >-\n  Blueprint\n",
            "tiers: [{ name: a }]\nvpc: { cidr: 10.0.0.0/16 }\nkind: Blueprint\napiVersion: eksnet/v1\n",
            "apiVersion: eksnet/v1\nfoo: [\nkind: Blueprint\n",
            "tags: &head { apiVersion: eksnet/v1, kind: Blueprint }\n<<: *head\n",
            "apiVersion: eksnet/v1\ntags: &head { kind: Blueprint }\n<<: [*head]\n",
            "<<: { apiVersion: eksnet/v1 }\nkind: Blueprint\n",
        ] {
            assert!(is_blueprint(text), "{text}");
        }
    }

    #[test]
    fn what_only_mentions_a_blueprint_is_none() {
        for text in [
            "apiVersion: eksnet/v1\nkind: Fleet\n",
            "{ apiVersion: eksnet/v1, kind: \"Fleet\" }",
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  shop.yaml: |\n    apiVersion: eksnet/v1\n    kind: Blueprint\n",
            "apiVersion: v1\nkind: Blueprint\n",
            "# apiVersion: eksnet/v1\n# kind: Blueprint\n",
            "apiVersion: eksnet/v1\nkind:\n  Fleet\n",
            "apiVersion: eksnet/v1\nkind: &k Fleet\n",
            "apiVersion: eksnet/v1\nmetadata: { name: &k Fleet }\nkind: *k\n",
            "base: &head { apiVersion: v1, kind: Blueprint }\n<<: *head\n",
            "base: { apiVersion: eksnet/v1, kind: Blueprint }\n\"<<\": text\n",
            "apiVersion: v1\nbase: &head { apiVersion: eksnet/v1 }\n<<: *head\n",
            "note: |\n  text\napiVersion:\n  - eksnet/v1\nkind: { a: Blueprint }\n",
            "",
        ] {
            assert!(!is_blueprint(text), "{text}");
        }
        assert_eq!(kind("apiVersion: eksnet/v1\nkind: 'Fleet'\n"), Some("Fleet".to_string()));
    }
}
