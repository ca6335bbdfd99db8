//! `eksnet explain`

use crate::blueprint::{self, nearest};
use crate::facts::aws_node;
use crate::report::explain_found::Found;
use crate::report::{explain, explain_check, explain_key, settings};
use crate::rules;

use super::args::{Explain, Format, pages};
use super::output::{self, Stop};
use super::{Common, DONE};

/// Every variable of aws-node.
const SETTINGS: &str = "settings";
/// Every command.
const COMMANDS: &str = "commands";
/// Every key of the blueprint.
const KEYS: &str = "keys";

/// Words for whole pages.
pub const PAGES: [&str; 3] = [SETTINGS, KEYS, COMMANDS];

pub fn run(common: &Common, args: &Explain) -> Result<u8, Stop> {
    let text = match args.what.as_deref() {
        None => every_rule(common.output),
        Some(SETTINGS) => every_setting(common.output),
        Some(KEYS) => every_key(common.output),
        Some(COMMANDS) => every_command(common.output),
        Some(word) => one(common.output, word)?,
    };
    output::data(&text);
    Ok(DONE)
}

fn every_rule(format: Format) -> String {
    match format {
        Format::Json => explain::list_json(),
        Format::Markdown => explain::markdown(),
        _ => explain::list(output::view(false)),
    }
}

fn every_setting(format: Format) -> String {
    match format {
        Format::Json => settings::list_json(),
        Format::Markdown => settings::markdown(),
        _ => settings::list(output::view(false)),
    }
}

fn every_key(format: Format) -> String {
    let schema = blueprint::schema();
    let all = explain_key::all(&schema);
    match format {
        Format::Json => explain_key::as_json(&schema, &all),
        Format::Markdown => explain_key::markdown(&schema),
        _ => all.iter().map(|key| format!("{}\n", key.path)).collect(),
    }
}

fn every_command(format: Format) -> String {
    match format {
        Format::Json => pages::list_json(),
        Format::Markdown => pages::markdown(),
        _ => pages::list(output::view(false)),
    }
}

/// A rule, a check of `doctor`, a setting, a key, or whatever begins with the word or speaks of it.
fn one(format: Format, word: &str) -> Result<String, Stop> {
    let json = format == Format::Json;
    if let Some(rule) = rules::find(word) {
        return Ok(one_rule(format, rule));
    }
    if let Some(check) = crate::doctor::find(word) {
        return Ok(match format {
            Format::Json => explain_check::json(check),
            Format::Markdown => explain_check::markdown(check),
            _ => explain_check::human(check, output::view(false)),
        });
    }
    let variable = word.strip_prefix("awsNode.env.").unwrap_or(word).to_uppercase();
    if let Some(setting) = aws_node::find(&variable) {
        return Ok(match json {
            true => settings::one_json(setting),
            false => settings::one(setting, output::view(false)),
        });
    }
    let schema = blueprint::schema();
    let keys = explain_key::find(&schema, word);
    if !keys.is_empty() {
        return Ok(match json {
            true => explain_key::as_json(&schema, &keys),
            false => with_family(word, explain_key::human(&schema, &keys, output::view(false))),
        });
    }
    let found = Found::of(&schema, word);
    match found.count() {
        0 => Err(unknown(word, &explain_key::all(&schema))),
        1 => Ok(only(format, &schema, &found)),
        _ => Ok(listed(format, &schema, &found)),
    }
}

/// Rules of a key's name: `nat` is a key, and NAT-01 a rule.
fn with_family(word: &str, keys: String) -> String {
    let family = Found::family(word);
    if family.is_empty() {
        return keys;
    }
    format!("{keys}\n{}", family.human(&serde_json::Value::Null, output::view(false)))
}

/// What alone is found is told in full to people; programs get a list, however long it is.
fn only(format: Format, schema: &serde_json::Value, found: &Found) -> String {
    let view = output::view(false);
    let Format::Human = format else {
        return listed(format, schema, found);
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

fn listed(format: Format, schema: &serde_json::Value, found: &Found) -> String {
    match format {
        Format::Json => found.json(schema),
        Format::Markdown => found.markdown(schema),
        _ => found.human(schema, output::view(false)),
    }
}

fn one_rule(format: Format, rule: &rules::Rule) -> String {
    match format {
        Format::Json => explain::rule_json(rule),
        Format::Markdown => explain::rule_markdown(rule),
        _ => explain::rule(rule, output::view(false)),
    }
}

fn unknown(word: &str, keys: &[explain_key::Key]) -> Stop {
    let names = rules::all()
        .map(|rule| rule.id)
        .chain(crate::doctor::checks().map(|check| check.id))
        .chain(aws_node::SETTINGS.iter().map(|row| row.variable))
        .chain(keys.iter().map(|key| key.path.as_str()));
    let near = nearest(word, names).map_or(String::new(), |near| format!("; did you mean {near}?"));
    Stop::Usage(format!(
        "`{word}` is not a rule, a check, a setting or a key{near} (`eksnet explain` lists rules, `explain keys` keys, `explain settings` settings)"
    ))
}
