//! What CloudFormation makes of a value with functions, as far as the template alone tells.

use serde_json::{Map, Value};

/// Stands for what only CloudFormation knows: an attribute, an import, a name of its own.
const UNKNOWN: char = '\u{fffc}';

/// Functions can double a text at every level; no property of AWS's is as long.
const LONGEST: usize = 1 << 20;

const DYNAMIC: &str = "{{resolve:";

/// The text of a value, what is not known of it left as one character.
pub fn text(value: &Value) -> String {
    let mut text = match value {
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        _ => function(value).map_or(UNKNOWN.to_string(), |(name, inner)| made(name, inner)),
    };
    if LONGEST < text.len() {
        text.truncate((0..=LONGEST).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0));
    }
    text
}

/// Whether CloudFormation would, or could, read a dynamic reference in it.
pub fn may_be_dynamic(text: &str) -> bool {
    text.match_indices("{{").any(|(at, _)| {
        let mut wanted = DYNAMIC.chars();
        for own in text[at..].chars() {
            match wanted.next() {
                None => return true,
                Some(_) if own == UNKNOWN => return true,
                Some(next) if own != next => return false,
                Some(_) => {}
            }
        }
        wanted.next().is_none()
    })
}

/// Bytes that are sure to be in it.
pub fn known_bytes(text: &str) -> usize {
    text.chars().filter(|own| *own != UNKNOWN).map(char::len_utf8).sum()
}

fn function(value: &Value) -> Option<(&str, &Value)> {
    let map = value.as_object().filter(|map| map.len() == 1)?;
    map.iter().next().map(|(name, inner)| (name.as_str(), inner))
}

fn made(name: &str, inner: &Value) -> String {
    let pair = || inner.as_array().filter(|pair| pair.len() == 2);
    let known = match name {
        "Fn::Base64" => Some(text(inner)),
        "Fn::Join" => pair().and_then(|pair| Some(joined(&list(&pair[1])?, &text(&pair[0])))),
        "Fn::Select" => pair().and_then(|pair| selected(&pair[0], &pair[1])),
        "Fn::Sub" => substituted(inner),
        _ => None,
    };
    known.unwrap_or(UNKNOWN.to_string())
}

fn joined(items: &[String], delimiter: &str) -> String {
    let mut made = String::new();
    for (at, item) in items.iter().enumerate() {
        if LONGEST < made.len() {
            break;
        }
        made.push_str(if at == 0 { "" } else { delimiter });
        made.push_str(item);
    }
    made
}

fn list(value: &Value) -> Option<Vec<String>> {
    if let Value::Array(items) = value {
        return Some(items.iter().map(text).collect());
    }
    let ("Fn::Split", Value::Array(pair)) = function(value)? else { return None };
    let [delimiter, whole] = pair.as_slice() else { return None };
    let delimiter = text(delimiter);
    (!delimiter.is_empty()).then(|| text(whole).split(&delimiter).map(str::to_string).collect())
}

fn selected(at: &Value, items: &Value) -> Option<String> {
    let at: usize = text(at).parse().ok()?;
    list(items)?.into_iter().nth(at)
}

fn substituted(inner: &Value) -> Option<String> {
    let none = Map::new();
    let (whole, own) = match inner {
        Value::String(whole) => (whole, &none),
        Value::Array(parts) => match parts.as_slice() {
            [Value::String(whole), Value::Object(own)] => (whole, own),
            _ => return None,
        },
        _ => return None,
    };
    // Each once, however often it is named.
    let own: Map<String, Value> =
        own.iter().map(|(name, value)| (name.clone(), Value::String(text(value)))).collect();
    let mut pieces = whole.split("${");
    let mut made = pieces.next().unwrap_or_default().to_string();
    for piece in pieces {
        let Some((name, rest)) = piece.split_once('}') else {
            made.push_str("${");
            made.push_str(piece);
            continue;
        };
        match name.strip_prefix('!') {
            Some(literal) => made.push_str(&format!("${{{literal}}}")),
            None => made.push_str(&own.get(name).map_or(UNKNOWN.to_string(), text)),
        }
        made.push_str(rest);
        if LONGEST < made.len() {
            break;
        }
    }
    Some(made)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn functions_that_put_a_dynamic_reference_together_are_seen() {
        for value in [
            json!("{{resolve:ssm:x}}"),
            json!({ "Fn::Join": ["", ["{{resolve", ":ssm:x}}"]] }),
            json!({ "Fn::Join": ["{", ["", "", "resolve:ssm:x}}"]] }),
            json!({ "Fn::Join": ["", { "Fn::Split": ["|", "{|{res|olve:ssm:x}}"] }] }),
            json!({ "Fn::Sub": ["{{${a}:ssm:x}}", { "a": "resolve" }] }),
            json!({ "Fn::Sub": ["{${a}", { "a": { "Fn::Join": ["", ["{re", "solve:ssm:x}}"]] } }] }),
            json!({ "Fn::Sub": "{{${AWS::StackName}:ssm:x}}" }),
            json!({ "Fn::Select": ["1", ["a", "{{resolve:ssm:x}}"]] }),
            json!({ "Fn::Select": [0, { "Fn::Split": ["|", "{{resolve:ssm:x}}|"] }] }),
            json!({ "Fn::Base64": { "Fn::Join": ["", ["{{", "resolve:ssm:x}}"]] } }),
            json!({ "Fn::Join": ["", ["{{re", { "Fn::ImportValue": "x" }]] }),
        ] {
            assert!(may_be_dynamic(&text(&value)), "{value}");
        }
    }

    #[test]
    fn other_braces_are_none() {
        for value in [
            json!("docker ps --format '{{.Names}}'"),
            json!("{{"),
            json!({ "Ref": "Vpc" }),
            json!({ "Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root" }),
            json!({ "Fn::Sub": "{{ ${AWS::Region} }}" }),
            json!({ "Fn::Join": ["", ["{{res", "ult}}"]] }),
        ] {
            assert!(!may_be_dynamic(&text(&value)), "{value}");
        }
    }

    #[test]
    fn a_text_that_doubles_stays_bounded() {
        let mut value = json!("0123456789abcdef");
        for _ in 0..40 {
            value = json!({ "Fn::Sub": ["${a}${a}", { "a": value }] });
        }
        assert_eq!(text(&value).len(), LONGEST);
        assert_eq!(known_bytes(&text(&json!({ "Fn::Sub": "ab${Vpc}é" }))), 4);
    }
}
