//! What `explain` shows: a whole list, or what a word stands for, in the shape that is asked for.

use serde_json::Value;

use crate::blueprint::{self, nearest};
use crate::doctor;
use crate::facts::aws_node;
use crate::rules::{self, Rule};

use super::explain_found::Found;
use super::explain_key::Key;
use super::{View, explain, explain_check, explain_key, settings};

/// For whom it is written.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    Human(View),
    Json,
    Markdown,
}

/// `eksnet explain` without a word: the rules, by topic except in JSON.
pub fn every_rule(shape: Shape) -> String {
    match shape {
        Shape::Json => explain::list_json(),
        Shape::Markdown => explain::markdown(),
        Shape::Human(view) => explain::list(view),
    }
}

/// `eksnet explain settings`: the variables of aws-node that a blueprint can set.
pub fn every_setting(shape: Shape) -> String {
    match shape {
        Shape::Json => settings::list_json(),
        Shape::Markdown => settings::markdown(),
        Shape::Human(view) => settings::list(view),
    }
}

/// `eksnet explain keys`: the keys of a blueprint, for people as paths alone.
pub fn every_key(shape: Shape) -> String {
    let schema = blueprint::schema();
    let all = explain_key::all(&schema);
    match shape {
        Shape::Json => explain_key::as_json(&schema, &all),
        Shape::Markdown => explain_key::markdown(&schema),
        Shape::Human(_) => all.iter().map(|key| format!("{}\n", key.path)).collect(),
    }
}

/// A rule, a check of `doctor`, a setting, a key, or whatever begins with the word or speaks of it; an error: the nearest word to it.
pub fn one(shape: Shape, word: &str) -> Result<String, Option<String>> {
    if let Some(rule) = rules::find(word) {
        return Ok(one_rule(shape, rule));
    }
    if let Some(check) = doctor::find(word) {
        return Ok(match shape {
            Shape::Json => explain_check::json(check),
            Shape::Markdown => explain_check::markdown(check),
            Shape::Human(view) => explain_check::human(check, view),
        });
    }
    let variable = word.strip_prefix("awsNode.env.").unwrap_or(word).to_uppercase();
    if let Some(setting) = aws_node::find(&variable) {
        return Ok(match shape {
            Shape::Json => settings::one_json(setting),
            Shape::Human(view) => settings::one(setting, view),
            Shape::Markdown => settings::one(setting, View::default()),
        });
    }
    let schema = blueprint::schema();
    let keys = explain_key::find(&schema, word);
    if !keys.is_empty() {
        return Ok(match shape {
            Shape::Json => explain_key::as_json(&schema, &keys),
            Shape::Human(view) => with_family(word, (&schema, &keys), view),
            Shape::Markdown => with_family(word, (&schema, &keys), View::default()),
        });
    }
    let found = Found::of(&schema, word);
    match found.count() {
        0 => Err(near(word, &explain_key::all(&schema))),
        1 => Ok(only(shape, &schema, &found)),
        _ => Ok(listed(shape, &schema, &found)),
    }
}

/// Rules of a key's name, too: `nat` is a key, and NAT-01 a rule.
fn with_family(word: &str, (schema, keys): (&Value, &[Key]), view: View) -> String {
    let keys = explain_key::human(schema, keys, view);
    let family = Found::family(word);
    if family.is_empty() {
        return keys;
    }
    format!("{keys}\n{}", family.human(&Value::Null, view))
}

/// What alone is found is told in full to people; programs get a list, however long it is.
fn only(shape: Shape, schema: &Value, found: &Found) -> String {
    let Shape::Human(view) = shape else {
        return listed(shape, schema, found);
    };
    if let Some(rule) = found.rules.first() {
        return explain::rule(rule, view);
    }
    if let Some(check) = found.checks.first() {
        return explain_check::human(check, view);
    }
    match found.settings.first() {
        Some(setting) => settings::one(setting, view),
        None => explain_key::human(schema, &found.keys, view),
    }
}

fn listed(shape: Shape, schema: &Value, found: &Found) -> String {
    match shape {
        Shape::Json => found.json(schema),
        Shape::Markdown => found.markdown(schema),
        Shape::Human(view) => found.human(schema, view),
    }
}

fn one_rule(shape: Shape, rule: &Rule) -> String {
    match shape {
        Shape::Json => explain::rule_json(rule),
        Shape::Markdown => explain::rule_markdown(rule),
        Shape::Human(view) => explain::rule(rule, view),
    }
}

fn near(word: &str, keys: &[Key]) -> Option<String> {
    let names = rules::all()
        .map(|rule| rule.id)
        .chain(doctor::checks().map(|check| check.id))
        .chain(aws_node::SETTINGS.iter().map(|row| row.variable))
        .chain(keys.iter().map(|key| key.path.as_str()));
    nearest(word, names).map(str::to_string)
}
