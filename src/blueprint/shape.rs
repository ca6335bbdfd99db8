//! Holds the tree against the JSON Schema that the model's types give, and says everything that does not fit at once.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::later;
use super::path;
use super::tree::{Entry, Node, Shape};
use crate::diagnostic::Diagnostic;
use crate::rules::{BP_01, BP_02, BP_03, BP_04, BP_05, BP_06, YAML_08};

/// Every place where `root` does not have the shape that `schema` asks for.
pub fn misfits(schema: &Value, root: &Node) -> Vec<Diagnostic> {
    let mut walk = Walk { defs: &schema["$defs"], findings: Vec::new() };
    walk.node(schema, root, "");
    walk.findings
}

struct Walk<'s> {
    defs: &'s Value,
    findings: Vec<Diagnostic>,
}

impl<'s> Walk<'s> {
    fn node(&mut self, schema: &'s Value, node: &Node, path: &str) {
        let choices = self.choices(schema);
        if node.is_null() && choices.iter().any(|choice| allows(choice, "null")) {
            return;
        }
        match &node.shape {
            Shape::Map(entries) => match choices.iter().find(|choice| allows(choice, "object")) {
                Some(choice) => self.map(choice, entries, node, path),
                None => self.wrong_type(&choices, "a mapping", node, path),
            },
            Shape::Seq(items) => match choices.iter().find(|choice| allows(choice, "array")) {
                Some(choice) => items.iter().enumerate().for_each(|(at, item)| {
                    self.node(&choice["items"], item, &format!("{path}[{at}]"))
                }),
                None => self.wrong_type(&choices, "a list", node, path),
            },
            Shape::Scalar { text, plain } => self.scalar(&choices, text, *plain, node, path),
        }
    }

    /// The schema's alternatives, references followed.
    fn choices(&self, schema: &'s Value) -> Vec<&'s Value> {
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.rsplit('/').next().unwrap_or_default();
            return self.choices(&self.defs[name]);
        }
        let alternatives = schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array());
        match alternatives {
            Some(alternatives) => {
                alternatives.iter().flat_map(|choice| self.choices(choice)).collect()
            }
            None => vec![schema],
        }
    }

    fn map(&mut self, schema: &'s Value, entries: &[Entry], node: &Node, path: &str) {
        let nothing = Map::new();
        let known = schema["properties"].as_object().unwrap_or(&nothing);
        for entry in entries {
            let place = path::key(path, &entry.key);
            match schema["properties"].get(&entry.key) {
                Some(inner) => self.node(inner, &entry.value, &place),
                None if schema["additionalProperties"].is_object() => {
                    self.node(&schema["additionalProperties"], &entry.value, &place)
                }
                // Words of somebody else, such as an add-on's settings.
                None if schema["additionalProperties"] == true => {}
                None => self.findings.push(unknown_key(entry, known, &place)),
            }
        }
        for required in
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str)
        {
            if !entries.iter().any(|entry| entry.key == required && !entry.value.is_null()) {
                self.findings.push(missing_key(required, node, path));
            }
        }
    }

    fn scalar(&mut self, choices: &[&Value], text: &str, plain: bool, node: &Node, path: &str) {
        let words = words(choices);
        if words.contains(&text) {
            return;
        }
        let fits = choices.iter().find(|choice| scalar_fits(choice, text, plain));
        match fits {
            Some(choice) if allows(choice, "string") => {
                self.findings.extend(trap(text, plain, node, path))
            }
            Some(choice) => self.findings.extend(out_of_range(choice, text, node, path)),
            None if !words.is_empty() => self.findings.push(unknown_word(text, &words, node, path)),
            None => self.wrong_type(choices, &in_words(text, plain), node, path),
        }
    }

    fn wrong_type(&mut self, choices: &[&Value], found: &str, node: &Node, path: &str) {
        let wanted = wanted(choices);
        let place = if path.is_empty() { "the blueprint" } else { path };
        let finding =
            BP_03.at(path, format!("`{place}` is {found}, wanted {wanted}")).at(node.span.clone());
        let finding = match (later::word(path), way_out(choices, node)) {
            (Some(what), _) => finding.hint(format!(
                "{what} is part of the blueprint language, but this version does not build it yet"
            )),
            (None, Some(way_out)) => finding.hint(way_out),
            (None, None) => finding,
        };
        self.findings.push(finding);
    }
}

fn allows(schema: &Value, kind: &str) -> bool {
    match &schema["type"] {
        Value::String(only) => only == kind,
        Value::Array(several) => several.iter().any(|one| one == kind),
        _ => false,
    }
}

/// The fixed words a value may be.
fn words<'s>(choices: &[&'s Value]) -> Vec<&'s str> {
    let listed = choices.iter().flat_map(|choice| choice["enum"].as_array().into_iter().flatten());
    let single = choices.iter().map(|choice| &choice["const"]);
    listed.chain(single).filter_map(Value::as_str).collect()
}

fn scalar_fits(schema: &Value, text: &str, plain: bool) -> bool {
    let free_text =
        allows(schema, "string") && schema["enum"].is_null() && schema["const"].is_null();
    free_text
        || (plain && allows(schema, "boolean") && matches!(text, "true" | "false"))
        || (plain && allows(schema, "integer") && whole(text).is_some())
}

/// YAML 1.2: `012` is no octal number and `1_000` no number at all.
fn whole(text: &str) -> Option<i64> {
    let leading_zero = text.len() > 1 && text.trim_start_matches('-').starts_with('0');
    if leading_zero { None } else { text.parse().ok() }
}

fn out_of_range(schema: &Value, text: &str, node: &Node, path: &str) -> Option<Diagnostic> {
    let number = whole(text)?;
    let low = schema["minimum"].as_i64().unwrap_or(i64::MIN);
    let high = schema["maximum"].as_i64().unwrap_or(if schema["format"] == "uint32" {
        i64::from(u32::MAX)
    } else {
        i64::MAX
    });
    if low <= number && number <= high {
        return None;
    }
    Some(
        BP_05
            .at(path, format!("`{path}` is {number}, wanted {low} to {high}"))
            .at(node.span.clone())
            .hint(format!("write a number from {low} to {high}")),
    )
}

/// What readers of YAML 1.1 (PyYAML, Go's yaml.v2) would take for something else than text.
fn trap(text: &str, plain: bool, node: &Node, path: &str) -> Option<Diagnostic> {
    let word = matches!(
        text.to_ascii_lowercase().as_str(),
        "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null" | "~"
    );
    let octal =
        text.len() > 1 && text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    let sixty = text.contains(':')
        && text
            .split(':')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    if !plain || !(word || octal || sixty) {
        return None;
    }
    let finding =
        YAML_08.at(path, format!("other YAML readers do not take plain `{text}` for text"));
    Some(finding.at(node.span.clone()).hint(format!("quote it: \"{text}\"")))
}

fn unknown_key(entry: &Entry, known: &Map<String, Value>, place: &str) -> Diagnostic {
    if let Some(what) = later::word(place) {
        return BP_06.at(place, format!("this version does not build {what} yet"))
            .at(entry.key_span.clone())
            .hint("remove the key, or wait for the version that builds it: nothing in a blueprint is ignored");
    }
    let finding =
        BP_01.at(place, format!("unknown key `{}`", entry.key)).at(entry.key_span.clone());
    match nearest(&entry.key, known.keys().map(String::as_str)) {
        Some(near) => finding.hint(format!("did you mean `{near}`?")),
        None => finding.hint(format!("known here: {}", list(known.keys().map(String::as_str)))),
    }
}

fn missing_key(key: &str, node: &Node, path: &str) -> Diagnostic {
    let place = if path.is_empty() { "the blueprint".to_string() } else { format!("`{path}`") };
    let finding = BP_02.at(path, format!("{place} lacks `{key}`"));
    let first_line = match &node.shape {
        Shape::Map(entries) => entries.first().map(|entry| entry.key_span.clone()),
        _ => None,
    };
    finding.at(first_line.unwrap_or(node.span.clone())).hint(format!("add `{key}:`"))
}

fn unknown_word(text: &str, words: &[&str], node: &Node, path: &str) -> Diagnostic {
    let finding =
        BP_04.at(path, format!("`{text}` is not a value of `{path}`")).at(node.span.clone());
    match nearest(text, words.iter().copied()) {
        Some(near) => finding.hint(format!("did you mean `{near}`?")),
        None => finding.hint(format!("wanted {}", list(words.iter().copied()))),
    }
}

/// The known word that `word` most likely is a misspelling of.
pub fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let folded = word.to_lowercase();
    let close = known.map(|candidate| {
        (strsim::damerau_levenshtein(&folded, &candidate.to_lowercase()), candidate)
    });
    let most = (word.chars().count() / 3).max(1);
    close.filter(|(distance, _)| *distance <= most).min().map(|(_, candidate)| candidate)
}

fn list<'k>(words: impl Iterator<Item = &'k str>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// The same words in the shape that is wanted.
fn way_out(choices: &[&Value], node: &Node) -> Option<String> {
    let wants = |kind: &str| choices.iter().any(|choice| allows(choice, kind));
    match &node.shape {
        Shape::Scalar { text, .. } if wants("integer") => {
            let plain = text.trim_start_matches('0');
            Some(if !plain.is_empty() && whole(plain).is_some() {
                format!("write `{plain}`")
            } else {
                "write a number such as `3`".to_string()
            })
        }
        Shape::Scalar { text, .. } if wants("boolean") => {
            let yes =
                matches!(text.to_ascii_lowercase().as_str(), "y" | "yes" | "on" | "true" | "1");
            Some(format!("write `{yes}`"))
        }
        Shape::Scalar { text, .. } if wants("array") && !text.is_empty() => {
            Some(format!("write `[{text}]`"))
        }
        _ if wants("object") => Some("write `key: value` lines below it".to_string()),
        _ if wants("array") => {
            Some("write a list: `[a, b]`, or lines that begin with `- `".to_string())
        }
        Shape::Map(_) | Shape::Seq(_) if wants("string") => {
            Some("write one word or quoted text".to_string())
        }
        _ => None,
    }
}

fn in_words(text: &str, plain: bool) -> Cow<'static, str> {
    match text {
        "" => Cow::Borrowed("empty"),
        _ if plain => Cow::Owned(format!("`{text}`")),
        _ => Cow::Owned(format!("the text \"{text}\"")),
    }
}

fn wanted(choices: &[&Value]) -> String {
    let kinds = [
        ("object", "a mapping"),
        ("array", "a list"),
        ("boolean", "true or false"),
        ("integer", "a whole number"),
        ("string", "text"),
    ];
    let words = kinds
        .iter()
        .filter(|(kind, _)| choices.iter().any(|choice| allows(choice, kind)))
        .map(|(_, word)| *word);
    words.collect::<Vec<_>>().join(" or ")
}
