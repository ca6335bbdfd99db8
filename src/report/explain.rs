//! A rule in full, or all of them by topic.

use serde_json::{Value, json};

use crate::check::Rule;
use crate::check::book::{TOPICS, all};

use super::style::{bold, dim};
use super::table::{Align::Left, table};

pub fn rule(rule: &Rule) -> String {
    let indented = |text: &str| text.lines().map(|line| format!("    {line}\n")).collect::<String>();
    format!(
        "{} {}: {}\n\n  {}\n\n  breaks it\n{}\n  keeps it\n{}\n  {}\n",
        rule.severity.word(),
        bold(rule.id),
        rule.title,
        rule.why,
        indented(rule.breaks),
        indented(rule.holds),
        dim(&format!("source: {}", rule.source))
    )
}

pub fn list() -> String {
    let topic = |(name, rules): &(&str, &[Rule])| {
        let rows: Vec<Vec<String>> = rules.iter().map(|rule| vec![rule.id.to_string(), rule.severity.word().to_string(), rule.title.to_string()]).collect();
        format!("{}\n{}\n", bold(name), table(2, &[("", Left), ("", Left), ("", Left)], &rows))
    };
    TOPICS.iter().map(topic).collect()
}

pub fn rule_json(one: &Rule) -> String {
    super::json(&value(one))
}

pub fn list_json() -> String {
    super::json(&json!({ "schemaVersion": 1, "rules": all().map(value).collect::<Vec<_>>() }))
}

fn value(rule: &Rule) -> Value {
    json!({ "id": rule.id, "severity": rule.severity.word(), "title": rule.title, "why": rule.why, "source": rule.source, "breaks": rule.breaks, "holds": rule.holds })
}
