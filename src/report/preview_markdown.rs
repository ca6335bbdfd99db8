//! What would change, for a pull request or a step summary: the counts first, and no more than a comment holds.

use crate::diagnostic::Diagnostic;
use crate::preview::{Because, Change, Preview, Sort};

use super::preview::{before_after, summary};

/// GitHub takes 65,536 characters in a comment; the rest is for what stands around it (bytes).
const MOST: usize = 60_000;

/// `line` gives the blueprint's line of a place.
pub fn write(preview: &Preview, line: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = format!("### `{}`: {}\n\n", preview.stack, if preview.is_empty() { "no change".to_string() } else { summary(preview) });
    for finding in &preview.findings {
        out.push_str(&found(finding, line));
    }
    if !preview.impact.is_empty() {
        out.push_str("**What people and nodes notice**\n\n");
        preview.impact.iter().for_each(|words| out.push_str(&format!("- {}\n", escaped(words))));
        out.push('\n');
    }
    out.push_str(&subnets(preview));
    for (sort, title) in [(Sort::Replace, "Replaced"), (Sort::Remove, "Removed"), (Sort::Modify, "Modified"), (Sort::Add, "Added")] {
        out.push_str(&section(preview, sort, title, line, MOST.saturating_sub(out.len())));
    }
    out
}

fn found(finding: &Diagnostic, line: &dyn Fn(&str) -> Option<String>) -> String {
    let mark = if finding.is_error() { "CAUTION" } else { "WARNING" };
    let place = line(&finding.path).map_or(String::new(), |place| format!(" ({place})"));
    let hint = finding.hint.as_ref().map_or(String::new(), |hint| format!("> {}\n", escaped(hint)));
    format!("> [!{mark}]\n> **{}**: {}{place}\n{hint}\n", finding.rule, escaped(&finding.message))
}

fn subnets(preview: &Preview) -> String {
    let rows: String = preview
        .network
        .subnets
        .iter()
        .map(|subnet| {
            let side = |side: &Option<String>| side.as_ref().map_or("–".to_string(), |cidr| format!("`{cidr}`"));
            format!("| `{}` | {} | {} | {} |\n", subnet.id, subnet.zone, side(&subnet.before), side(&subnet.after))
        })
        .collect();
    if rows.is_empty() { String::new() } else { format!("| subnet | zone | before | after |\n| --- | --- | --- | --- |\n{rows}\n") }
}

/// One kind of change, folded away where it is harmless; what does not fit is counted.
fn section(preview: &Preview, sort: Sort, title: &str, line: &dyn Fn(&str) -> Option<String>, room: usize) -> String {
    let changes: Vec<&Change> = preview.changes.iter().filter(|change| change.sort() == sort).collect();
    if changes.is_empty() {
        return String::new();
    }
    let open = if matches!(sort, Sort::Replace | Sort::Remove) { " open" } else { "" };
    let head = format!("<details{open}><summary>{title}: {}</summary>\n\n", changes.len());
    let tail = "\n</details>\n\n";
    let mut body = String::new();
    for (at, change) in changes.iter().enumerate() {
        let row = one(change, line);
        if room < head.len() + body.len() + row.len() + tail.len() + 200 {
            body.push_str(&format!("- … and {} more; `eksnet diff` shows all of them\n", changes.len() - at));
            break;
        }
        body.push_str(&row);
    }
    format!("{head}{body}{tail}")
}

fn one(change: &Change, line: &dyn Fn(&str) -> Option<String>) -> String {
    let place = line(&change.path).map_or(String::new(), |place| format!(" ({place})"));
    let because: String = change.because.iter().map(property).collect();
    format!("- `{}` {}{place}\n{because}", change.id, change.kind)
}

fn property(because: &Because) -> String {
    format!("  - `{}`: {}\n", because.property, escaped(&before_after(because)))
}

/// Nothing in it is markup.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '|' | '*' | '_' | '[' | ']' | '\\' => out.extend(['\\', letter]),
            '\n' | '\r' => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}

/// Annotations of a GitHub workflow: what AWS refuses, and what is replaced or removed, on the lines that ask for it.
pub fn github(preview: &Preview, place: &dyn Fn(&str) -> Option<(String, usize)>) -> String {
    let at = |path: &str| place(path).map_or(String::new(), |(file, line)| format!("file={},line={line},", super::findings::property(&file)));
    let data = super::findings::escaped;
    let findings = preview.findings.iter().map(|finding| {
        let hint = finding.hint.as_ref().map_or(String::new(), |hint| format!("\nhelp: {hint}"));
        format!("::{} {}title={}::{}\n", finding.severity.word(), at(&finding.path), finding.rule, data(&format!("{}{hint}", finding.message)))
    });
    let destructive = preview.changes.iter().filter(|change| matches!(change.sort(), Sort::Replace | Sort::Remove));
    let changes = destructive.map(|change| {
        let impact = if change.impact.is_empty() { String::new() } else { format!(": {}", change.impact) };
        format!("::warning {}title={} {}::{}\n", at(&change.path), change.sort().word(), change.id, data(&format!("{}{impact}", change.kind)))
    });
    let notice = format!("::notice title={}::{}\n", preview.stack, data(&if preview.is_empty() { "no change".to_string() } else { summary(preview) }));
    findings.chain(changes).chain([notice]).collect()
}
