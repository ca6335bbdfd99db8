//! `eksnet explain`

use crate::blueprint::{self, nearest};
use crate::facts::aws_node;
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

/// A rule, a check of `doctor`, a setting, a key, or rules that speak of the word.
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
        return Ok(settings::one(setting, json));
    }
    let schema = blueprint::schema();
    let keys = explain_key::find(&schema, word);
    if !keys.is_empty() {
        let human = || explain_key::human(&schema, &keys, output::view(false));
        return Ok(if json { explain_key::as_json(&schema, &keys) } else { human() });
    }
    let about = explain::about(word);
    // Programs get a list, however long it is.
    if let ([rule], Format::Human) = (about.as_slice(), format) {
        return Ok(one_rule(format, rule));
    }
    if !about.is_empty() {
        return Ok(match format {
            Format::Json => explain::some_json(&about),
            Format::Markdown => explain::some_markdown(&about),
            _ => explain::some(&about, output::view(false)),
        });
    }
    Err(unknown(word, &explain_key::all(&schema)))
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
