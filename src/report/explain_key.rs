//! A key of the blueprint: what it means, what it accepts, and which rules look at it. Read off the JSON Schema, as editors do.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::escape::plain;
use super::style::{bold, dim};
use super::{View, json as document};
use crate::rules;

/// A key and where it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// `tiers[].size`
    pub path: String,
    schema: Value,
}

/// How deep keys lie in each other at most: some contain themselves.
const DEEPEST: usize = 7;

/// Every key of the blueprint, in the order of their paths.
pub fn all(schema: &Value) -> Vec<Key> {
    let mut found = Vec::new();
    walk(schema, schema, "", DEEPEST, &mut found);
    let mut seen = BTreeSet::new();
    found.retain(|key: &Key| seen.insert(key.path.clone()));
    found
}

fn walk(root: &Value, node: &Value, path: &str, depth: usize, found: &mut Vec<Key>) {
    if depth == 0 {
        return;
    }
    for one in choices(root, node) {
        for (name, inner) in one["properties"].as_object().into_iter().flatten() {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            found.push(Key { path: path.clone(), schema: inner.clone() });
            walk(root, inner, &path, depth - 1, found);
        }
        if !one["items"].is_null() {
            walk(root, &one["items"], &format!("{path}[]"), depth - 1, found);
        }
    }
}

/// The schemas that a node stands for, references followed.
fn choices<'s>(root: &'s Value, node: &'s Value) -> Vec<&'s Value> {
    let node = followed(root, node);
    let inner = ["anyOf", "oneOf"].iter().filter_map(|key| node[*key].as_array()).flatten();
    let inner: Vec<&Value> = inner.flat_map(|one| choices(root, one)).collect();
    std::iter::once(node).chain(inner).collect()
}

fn followed<'s>(root: &'s Value, node: &'s Value) -> &'s Value {
    let name = node["$ref"].as_str().and_then(|to| to.strip_prefix("#/$defs/"));
    name.map_or(node, |name| &root["$defs"][name])
}

/// Keys that a word means: a path with or without `[]`, or else every key of that name.
pub fn find(schema: &Value, word: &str) -> Vec<Key> {
    let bare = |path: &str| path.replace("[]", "").to_lowercase();
    let wanted = bare(&crate::blueprint::path::without_positions(word));
    let keys = all(schema);
    let exact: Vec<Key> = keys.iter().filter(|key| bare(&key.path) == wanted).cloned().collect();
    if !exact.is_empty() {
        return exact;
    }
    let ends = format!(".{wanted}");
    keys.into_iter().filter(|key| bare(&key.path).ends_with(&ends)).collect()
}

/// What a key accepts, in words.
fn accepts(root: &Value, node: &Value) -> Vec<String> {
    let mut words = BTreeSet::new();
    for one in choices(root, node) {
        words.extend(one["const"].as_str().map(|word| format!("`{word}`")));
        words.extend(
            one["enum"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(|word| format!("`{word}`")),
        );
        let kinds = one["type"].as_array().cloned().unwrap_or_else(|| vec![one["type"].clone()]);
        let kinds = kinds
            .iter()
            .filter_map(Value::as_str)
            .filter(|_| one["enum"].is_null() && one["const"].is_null());
        words.extend(kinds.filter_map(|kind| kind_word(kind, one)));
    }
    words.into_iter().collect()
}

fn kind_word(kind: &str, one: &Value) -> Option<String> {
    let bounds = match (one["minimum"].as_i64(), one["maximum"].as_i64()) {
        (Some(low), Some(high)) => format!(" from {low} to {high}"),
        _ => String::new(),
    };
    Some(match kind {
        "string" => "text".to_string(),
        "integer" | "number" => format!("an integer{bounds}"),
        "boolean" => "true or false".to_string(),
        "array" => "a list".to_string(),
        "object" => "a map".to_string(),
        _ => return None,
    })
}

/// What a key means.
pub fn described(root: &Value, key: &Key) -> String {
    let own = key.schema["description"].as_str();
    let inner = choices(root, &key.schema).into_iter().find_map(|one| one["description"].as_str());
    own.or(inner).unwrap_or_default().replace('\n', " ")
}

fn examples(root: &Value, key: &Key) -> Vec<String> {
    let of = |node: &Value| node["examples"].as_array().cloned().unwrap_or_default();
    let own = of(&key.schema);
    let all = if own.is_empty() {
        choices(root, &key.schema).into_iter().flat_map(of).collect()
    } else {
        own
    };
    all.iter().map(|one| one.as_str().map_or(one.to_string(), str::to_string)).collect()
}

/// Rules whose example breaks with this key in it.
fn rules_of(key: &Key) -> Vec<&'static rules::Rule> {
    let name = key.path.rsplit('.').next().unwrap_or_default().trim_end_matches("[]");
    let word = format!("{name}:");
    let begins = |before: &str| !before.ends_with(|letter: char| letter.is_ascii_alphanumeric());
    let has = |rule: &&'static rules::Rule| {
        rule.breaks.match_indices(&word).any(|(at, _)| begins(&rule.breaks[..at]))
    };
    rules::all().filter(has).collect()
}

/// For people.
pub fn human(root: &Value, keys: &[Key], view: View) -> String {
    keys.iter().map(|key| one(root, key, view)).collect::<Vec<_>>().join("\n")
}

fn one(root: &Value, key: &Key, view: View) -> String {
    let mut out = format!("{}\n", bold(&key.path));
    out.push_str(&view.hanging("  ", &plain(&described(root, key)), 2));
    let line = |label: &str, words: Vec<String>| match words.is_empty() {
        true => String::new(),
        false => view.hanging(&format!("  {label}  "), &plain(&words.join(", ")), label.len() + 4),
    };
    out.push_str(&line("accepts", accepts(root, &key.schema)));
    out.push_str(&line("example", examples(root, key)));
    let below = all(root).into_iter().filter(|other| is_below(&other.path, &key.path));
    out.push_str(&line(
        "keys",
        below
            .map(|other| {
                other.path[key.path.len()..].trim_start_matches(['[', ']', '.']).to_string()
            })
            .collect(),
    ));
    for rule in rules_of(key) {
        out.push_str(&view.hanging(
            "  ",
            &format!("{}  {}", dim(rule.id), plain(rule.title)),
            4 + rule.id.len(),
        ));
    }
    out
}

/// Whether a path is directly below another.
fn is_below(path: &str, above: &str) -> bool {
    let rest = path.strip_prefix(above).unwrap_or_default();
    let rest = rest.strip_prefix("[]").unwrap_or(rest);
    rest.strip_prefix('.').is_some_and(|name| !name.is_empty() && !name.contains(['.', '[']))
}

/// For programs.
pub fn as_json(root: &Value, keys: &[Key]) -> String {
    let one = |key: &Key| {
        json!({
            "path": key.path, "description": described(root, key), "accepts": accepts(root, &key.schema), "examples": examples(root, key),
            "rules": rules_of(key).iter().map(|rule| rule.id).collect::<Vec<_>>(),
        })
    };
    document(&json!({ "schemaVersion": 1, "keys": keys.iter().map(one).collect::<Vec<_>>() }))
}

/// Every key as a page.
pub fn markdown(root: &Value) -> String {
    let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ").replace('<', "&lt;");
    let row = |key: &Key| {
        let examples: Vec<String> =
            examples(root, key).iter().map(|one| format!("`{one}`")).collect();
        format!(
            "| `{}` | {} | {} | {} |\n",
            key.path,
            cell(&described(root, key)),
            cell(&accepts(root, &key.schema).join(", ")),
            cell(&examples.join(", "))
        )
    };
    let head = "# Blueprint keys\n\nEvery key of a blueprint, from `eksnet schema`; `eksnet explain KEY` shows one with the rules that look at it. This page is written \
        by `eksnet explain keys -o markdown`.\n\n| key | meaning | accepts | examples |\n| --- | --- | --- | --- |\n";
    format!("{head}{}", all(root).iter().map(row).collect::<String>())
}
