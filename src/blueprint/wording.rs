//! What a finding about the shape says, and the way out of it.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::choice::{allows, bounds};
use super::foreign;
use super::node::{Entry, Kind, Node, Shape, whole};
use crate::diagnostic::Diagnostic;
use crate::rules::{BP_01, BP_02, BP_03, BP_04, BP_05};

/// Letters of a value that a message repeats.
const MOST_REPEATED: usize = 80;

pub fn out_of_range(schema: &Value, number: i64, node: &Node, path: &str) -> Diagnostic {
    let (low, high) = bounds(schema);
    BP_05
        .at(path, format!("expected {low} to {high} for `{path}`, got {number}"))
        .at(node.span.clone())
        .hint(format!("write a number from {low} to {high}"))
}

pub fn wrong_type(choices: &[&Value], found: &str, node: &Node, path: &str) -> Diagnostic {
    let wanted = wanted(choices);
    let place = if path.is_empty() { "the blueprint" } else { path };
    let finding = BP_03
        .at(path, format!("expected {wanted} for `{place}`, got {found}"))
        .at(node.span.clone());
    match way_out(choices, node) {
        Some(way_out) => finding.hint(way_out),
        None => finding.hint(format!("replace it with {wanted}, or remove the key")),
    }
}

pub fn unknown_key(entry: &Entry, known: &Map<String, Value>, place: &str) -> Diagnostic {
    let finding = BP_01
        .at(place, format!("unknown key `{}`", clipped(&entry.key)))
        .at(entry.key_span.clone());
    if let Some(word) = foreign::find(&entry.key) {
        return finding.hint(word.hint());
    }
    match nearest(&entry.key, known.keys().map(String::as_str)) {
        Some(near) => finding.hint(format!("did you mean `{near}`?")),
        None => finding.hint(format!("known here: {}", list(known.keys().map(String::as_str)))),
    }
}

pub fn missing_key(key: &str, node: &Node, path: &str) -> Diagnostic {
    let field = if path.is_empty() { key.to_string() } else { format!("{path}.{key}") };
    let finding = BP_02.at(path, format!("missing required field `{field}`"));
    let first_line = match &node.shape {
        Shape::Map(entries) => entries.first().map(|entry| entry.key_span.clone()),
        _ => None,
    };
    finding.at(first_line.unwrap_or(node.span.clone())).hint(format!("add `{key}:`"))
}

pub fn unknown_word(text: &str, words: &[&str], node: &Node, path: &str) -> Diagnostic {
    let finding = BP_04
        .at(path, format!("invalid value `{}` for `{path}`", clipped(text)))
        .at(node.span.clone());
    match nearest(text, words.iter().copied()) {
        Some(near) => finding.hint(format!("did you mean `{near}`?")),
        None => finding.hint(format!("expected {}", list(words.iter().copied()))),
    }
}

/// Bytes of a word that may still be a misspelling of one of ours.
const LONGEST_SLIP: usize = 64;

/// The known word that `word` most likely is a misspelling of.
pub fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    if word.len() > LONGEST_SLIP {
        return None;
    }
    let folded = word.to_lowercase();
    let known: Vec<&str> = known.collect();
    let close = known.iter().map(|candidate| {
        (strsim::damerau_levenshtein(&folded, &candidate.to_lowercase()), *candidate)
    });
    let most = (word.chars().count() / 3).max(1);
    let close = close.filter(|(distance, _)| *distance <= most).min();
    let begun = || {
        let begins =
            |one: &&str| SHORTEST_BEGINNING <= one.len() && folded.starts_with(&one.to_lowercase());
        known.iter().copied().filter(begins).max_by_key(|one| one.len())
    };
    close.map(|(_, candidate)| candidate).or_else(begun)
}

/// A word that goes on after a known one, as `transitGateway` does after `transit`; shorter ones begin too many.
const SHORTEST_BEGINNING: usize = 6;

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
                format!("use `{plain}`")
            } else {
                "use a number such as `3`".to_string()
            })
        }
        Shape::Scalar { text, .. } if wants("boolean") => {
            let yes =
                matches!(text.to_ascii_lowercase().as_str(), "y" | "yes" | "on" | "true" | "1");
            Some(format!("use `{yes}`"))
        }
        Shape::Scalar { text, .. } if wants("array") && !text.is_empty() => {
            Some(format!("use `[{}]`", clipped(text)))
        }
        Shape::Seq(_) if wants("string") => Some("use one word or quoted text".to_string()),
        _ if wants("object") => Some("put `key: value` lines below it".to_string()),
        _ if wants("array") => {
            Some("use a list: `[a, b]`, or lines that begin with `- `".to_string())
        }
        Shape::Map(_) | Shape::Seq(_) if wants("string") => {
            Some("use one word or quoted text".to_string())
        }
        _ => None,
    }
}

pub fn in_words(text: &str, plain: bool) -> Cow<'static, str> {
    match text {
        "" => Cow::Borrowed("empty"),
        _ if plain => Cow::Owned(format!("`{}`", clipped(text))),
        _ => Cow::Owned(format!("the text \"{}\"", clipped(text))),
    }
}

fn clipped(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(MOST_REPEATED) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

fn wanted(choices: &[&Value]) -> String {
    let kinds = [
        ("object", "a mapping"),
        ("array", "a list"),
        ("boolean", "true or false"),
        ("integer", "a whole number"),
        ("number", "a number"),
        ("string", "text"),
    ];
    let words = kinds
        .iter()
        .filter(|(kind, _)| choices.iter().any(|choice| allows(choice, kind)))
        .map(|(_, word)| *word);
    words.collect::<Vec<_>>().join(" or ")
}

/// What was most likely meant by a value of the wrong type: the same words in the shape that is wanted.
pub fn meant(choices: &[&Value], node: &Node) -> Option<Shape> {
    let wants = |kind: &str| choices.iter().any(|choice| allows(choice, kind));
    match &node.shape {
        Shape::Scalar { text, .. } if wants("integer") => {
            let digits = text.trim_start_matches('0');
            whole(digits).map(|_| plain(digits))
        }
        Shape::Scalar { text, .. } if wants("boolean") => {
            match text.to_ascii_lowercase().as_str() {
                "y" | "yes" | "on" | "true" | "1" => Some(plain("true")),
                "n" | "no" | "off" | "false" | "0" => Some(plain("false")),
                _ => None,
            }
        }
        Shape::Scalar { text, .. } if wants("array") && !text.is_empty() => {
            Some(Shape::Seq(vec![node.clone()]))
        }
        Shape::Scalar { .. } if choices.iter().any(|choice| may_be_empty(choice)) => {
            Some(Shape::Map(Vec::new()))
        }
        Shape::Map(_) if wants("array") => Some(Shape::Seq(vec![node.clone()])),
        Shape::Seq(items) => match items.as_slice() {
            [only] => Some(only.shape.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// A mapping that needs no key.
fn may_be_empty(choice: &Value) -> bool {
    allows(choice, "object") && choice["required"].as_array().is_none_or(Vec::is_empty)
}

pub fn plain(text: &str) -> Shape {
    Shape::Scalar { text: text.to_string(), plain: true, kind: Kind::Text }
}
