//! What a text says that it is: what a folder is searched for, before anything is read in earnest.

/// Whether a text says that it is a blueprint, in whatever style of YAML.
pub fn is_blueprint(text: &str) -> bool {
    let is_ours = value(text, "apiVersion").is_some_and(|version| version.starts_with("eksnet/"));
    is_ours && kind(text).is_none_or(|kind| kind == "Blueprint")
}

/// The document's own `kind`.
pub fn kind(text: &str) -> Option<&str> {
    value(text, "kind")
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
            "",
        ] {
            assert!(!is_blueprint(text), "{text}");
        }
        assert_eq!(kind("apiVersion: eksnet/v1\nkind: 'Fleet'\n"), Some("Fleet"));
    }
}
