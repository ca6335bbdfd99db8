//! A rule in full, or all of them by topic.

use serde_json::{Value, json};

use crate::rules::{Rule, Source, TOPICS, all};

use super::style::{bold, dim};
use super::table::{Align::Left, fitted};
use super::{View, view};

/// For people. Addresses are for copying: they are not folded.
pub fn rule(rule: &Rule, view: View) -> String {
    let consequence = rule.consequence.map_or(String::new(), |one| {
        view.hanging("  ", &format!("{}: {}", one.word(), one.text()), 2)
    });
    let source = |source: &&Source| {
        let name = view.hanging("  ", &format!("{}, read {}", source.name, source.read), 4);
        let lines = name.lines().map(str::to_string).chain([format!("    {}", source.url)]);
        lines.map(|line| format!("{}\n", dim(&line))).collect::<String>()
    };
    let head = format!("{} ({}): {}", bold(rule.id), rule.severity().word(), rule.title);
    format!(
        "{}\n{}{consequence}\n  fails\n{}\n  passes\n{}\n{}",
        view.hanging("", &head, 2),
        view.hanging("  ", rule.why, 2),
        example(rule.breaks, view),
        example(rule.holds, view),
        rule.sources.iter().map(source).collect::<String>()
    )
}

/// Lines of a blueprint. Of one that is too long the comment stands above, and the rest is continued further in: both read the same
/// to eksnet.
fn example(text: &str, view: View) -> String {
    let line = |line: &str| {
        let code = line.trim_start();
        let lead = format!("    {}", &line[..line.len() - code.len()]);
        if view::width(&lead) + view::width(code) <= view.columns {
            return format!("{lead}{code}\n");
        }
        let (code, comment) = code.split_once(" # ").unwrap_or((code, ""));
        let above =
            view::wrapped(view.columns, &format!("{lead}# "), comment, &format!("{lead}# "));
        let above = above.iter().filter(|_| !comment.is_empty());
        let above: String = above.map(|line| format!("{line}\n")).collect();
        above + &view.hanging(&lead, code.trim_end(), lead.len() + 2)
    };
    text.lines().map(line).collect()
}

/// A rule as a document.
pub fn rule_markdown(rule: &Rule) -> String {
    let consequence = rule
        .consequence
        .map_or(String::new(), |one| format!("\n**{}**: {}\n", one.word(), one.text()));
    let example = |text: &str| format!("```yaml\n{}\n```\n", text.trim_end());
    let source = |source: &&Source| {
        format!("- [{}]({}), read {}\n", cell(source.name), source.url, source.read)
    };
    format!(
        "# {} ({}): {}\n\n{}\n{consequence}\n## Fails\n\n{}\n## Passes\n\n{}\n## Sources\n\n{}",
        rule.id,
        rule.severity().word(),
        rule.title,
        rule.why,
        example(rule.breaks),
        example(rule.holds),
        rule.sources.iter().map(source).collect::<String>()
    )
}

/// For people: id, severity and title of each rule, under its topic.
pub fn list(view: View) -> String {
    let topic = |(name, rules): &(&str, &[&Rule])| {
        let rows: Vec<Vec<String>> = rules
            .iter()
            .map(|rule| {
                vec![
                    rule.id.to_string(),
                    rule.severity().word().to_string(),
                    rule.title.to_string(),
                ]
            })
            .collect();
        format!(
            "{}\n{}\n",
            bold(name),
            fitted(view, 2, &[("", Left), ("", Left), ("", Left)], &rows)
        )
    };
    TOPICS.iter().map(topic).collect()
}

/// The whole book as a document.
pub fn markdown() -> String {
    let topic = |(name, rules): &(&str, &[&Rule])| {
        let rows: String = rules
            .iter()
            .map(|rule| {
                format!(
                    "| {} | {} | {} | {} | {} | {} |\n",
                    rule.id,
                    rule.severity().word(),
                    cell(rule.title),
                    cell(rule.why),
                    rule.consequence.map_or(String::new(), |one| cell(&format!(
                        "{}: {}",
                        one.word(),
                        one.text()
                    ))),
                    links(rule.sources)
                )
            })
            .collect();
        format!(
            "\n## {}\n\n| rule | severity | requirement | why | consequence | sources |\n| --- | --- | --- | --- | --- | --- |\n{rows}",
            capital(name)
        )
    };
    let head = "# Rules\n\nEvery rule that `eksnet check` knows; `eksnet explain RULE` shows one with an example on either side, and the day on which \
        its sources were read. An error says what refuses it or what breaks; a warning may be meant. This page is written by `eksnet explain -o markdown`.\n";
    format!("{head}{}", TOPICS.iter().map(topic).collect::<String>())
}

fn links(sources: &[&Source]) -> String {
    let link = |source: &&Source| format!("[{}]({})", cell(source.name), source.url);
    sources.iter().map(link).collect::<Vec<_>>().join(", ")
}

/// Nothing in it ends a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or(String::new(), |first| first.to_uppercase().collect::<String>() + letters.as_str())
}

/// For programs: one rule with its reason and sources.
pub fn rule_json(one: &Rule) -> String {
    super::json(&value(one))
}

/// For programs: every rule, each as [`rule_json`] has it.
pub fn list_json() -> String {
    super::json(&json!({ "schemaVersion": 1, "rules": all().map(value).collect::<Vec<_>>() }))
}

/// A rule, for programs.
pub fn value(rule: &Rule) -> Value {
    let source =
        |source: &&Source| json!({ "name": source.name, "url": source.url, "read": source.read });
    json!({
        "id": rule.id,
        "severity": rule.severity().word(),
        "title": rule.title,
        "why": rule.why,
        "consequence": rule.consequence.map(|one| json!({ "kind": one.word(), "text": one.text() })),
        "sources": rule.sources.iter().map(source).collect::<Vec<_>>(),
        "breaks": rule.breaks,
        "holds": rule.holds,
    })
}
