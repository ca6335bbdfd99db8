//! What would change, for a pull request or a step summary: the counts first, and no more than a comment holds.

use crate::diagnostic::Diagnostic;
use crate::preview::{Change, ChangeKind, Preview, PropertyChange};

use super::escape::{annotation, cell, code, markdown, plain, property as annotated};
use super::preview::{counts, follows, summary};
use super::preview_values::{before_after, lines};

/// GitHub takes 65,536 characters in a comment; the rest is for what stands around it (bytes).
const MOST: usize = 60_000;

/// `line` gives the blueprint's line of a place.
pub fn write(preview: &Preview, line: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = format!("### {}: {}\n\n", code(&preview.stack), title(preview));
    let findings: Vec<String> =
        preview.findings.iter().map(|finding| found(finding, line)).collect();
    out.push_str(&fitting(&findings, "findings", SHARE));
    out.push_str(&super::preview_parts::in_markdown(preview));
    out.push_str(&listed("What people and nodes notice", &preview.noticed()));
    out.push_str(&listed("Outputs of the stack", &super::preview::outputs(preview)));
    let lost: Vec<String> = preview.irreversible.iter().map(ToString::to_string).collect();
    out.push_str(&listed("What cannot be undone", &lost));
    out.push_str(&disagreements(preview));
    out.push_str(&listed("aws-node, through the Kubernetes API", &preview.beside.told()));
    let drift = preview.drift.as_deref().map(super::drift::lines).unwrap_or_default();
    out.push_str(&listed("Drift: changed manually since the last deployment", &drift));
    out.push_str(&subnets(preview));
    out.push_str(&listed(
        "Network",
        &counts(preview)
            .iter()
            .map(|(what, numbers)| format!("{what} {numbers}"))
            .collect::<Vec<_>>(),
    ));
    out.push_str(&tags(preview));
    let sections = [
        (ChangeKind::Replace, "Replaced"),
        (ChangeKind::Remove, "Removed"),
        (ChangeKind::Modify, "Modified"),
        (ChangeKind::Add, "Added"),
    ];
    for (at, (sort, title)) in sections.into_iter().enumerate() {
        let kept = COUNTS * (sections.len() - at);
        out.push_str(&section(preview, sort, title, line, MOST.saturating_sub(out.len() + kept)));
    }
    out
}

/// The counts, and what was changed beside the blueprint: a stack that somebody changed by hand is not as it was.
fn title(preview: &Preview) -> String {
    let changes = if preview.is_empty() { "no change".to_string() } else { summary(preview) };
    let by_hand = preview.drift.as_ref().map_or(0, Vec::len);
    let beside = preview.beside.lines.len();
    let more = [(by_hand, "drifted"), (beside, "to set through the Kubernetes API")];
    let more = more.iter().filter(|(count, _)| 0 < *count);
    more.fold(changes, |title, (count, words)| format!("{title}, {count} {words}"))
}

/// Kept for the frame of a section and its count (bytes).
const COUNTS: usize = 250;

/// What one part before the changes themselves may take (bytes), so that their counts always have room.
const SHARE: usize = 8_000;

/// As many of the items as fit; the rest is counted.
fn fitting(items: &[String], what: &str, room: usize) -> String {
    let mut out = String::new();
    for (at, item) in items.iter().enumerate() {
        if room < out.len() + item.len() {
            return format!(
                "{out}\n… and {} more {what}; `eksnet diff` shows all of them\n\n",
                items.len() - at
            );
        }
        out.push_str(item);
    }
    out
}

fn listed(title: &str, items: &[String]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let items: Vec<String> = items.iter().map(|words| format!("- {}\n", markdown(words))).collect();
    format!("**{title}**\n\n{}\n", fitting(&items, "lines", SHARE))
}

fn disagreements(preview: &Preview) -> String {
    let word = |sort: Option<ChangeKind>| sort.map_or("nothing", ChangeKind::word);
    let one = |one: &crate::preview::Disagreement| {
        format!(
            "{}: the change set says {}, the templates say {}: {}",
            quoted(&one.id),
            word(one.change_set),
            word(one.compared),
            one.words
        )
    };
    listed(
        "Where the change set and the templates differ",
        &preview.disagreements.iter().map(one).collect::<Vec<_>>(),
    )
}

fn tags(preview: &Preview) -> String {
    let side =
        |side: &Option<String>| side.as_ref().map_or("–".to_string(), |value| quoted(value));
    let one = |tag: &crate::preview::TagChange| {
        format!(
            "tag {}: {} → {} on {} resources",
            quoted(&tag.key),
            side(&tag.before),
            side(&tag.after),
            tag.resources
        )
    };
    listed("Tags", &preview.network.tags.iter().map(one).collect::<Vec<_>>())
}

fn found(finding: &Diagnostic, line: &dyn Fn(&str) -> Option<String>) -> String {
    let mark = if finding.is_error() { "CAUTION" } else { "WARNING" };
    let place = place(line(&finding.path));
    let hint =
        finding.hint.as_ref().map_or(String::new(), |hint| format!("> {}\n", markdown(hint)));
    format!("> [!{mark}]\n> **{}**: {}{place}\n{hint}\n", finding.rule, markdown(&finding.message))
}

fn subnets(preview: &Preview) -> String {
    let rows: Vec<String> = preview
        .network
        .subnets
        .iter()
        .map(|subnet| {
            let side =
                |side: &Option<String>| side.as_ref().map_or("–".to_string(), |cidr| cell(cidr));
            format!(
                "| {} | {} | {} | {} |\n",
                cell(&subnet.id),
                cell(&subnet.zone),
                side(&subnet.before),
                side(&subnet.after)
            )
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    format!(
        "| subnet | zone | before | after |\n| --- | --- | --- | --- |\n{}\n",
        fitting(&rows, "subnets", SHARE)
    )
}

/// One kind of change, folded away where it is harmless; what does not fit is counted.
fn section(
    preview: &Preview,
    sort: ChangeKind,
    title: &str,
    line: &dyn Fn(&str) -> Option<String>,
    room: usize,
) -> String {
    let changes: Vec<&Change> =
        preview.changes.iter().filter(|change| change.change_kind() == sort).collect();
    if changes.is_empty() {
        return String::new();
    }
    let count = changes.len();
    let (tagged, changes): (Vec<&Change>, Vec<&Change>) =
        changes.into_iter().partition(|change| change.is_of_tags());
    let open = if matches!(sort, ChangeKind::Replace | ChangeKind::Remove) { " open" } else { "" };
    let head = format!("<details{open}><summary>{title}: {count}</summary>\n\n");
    let tail = "\n</details>\n\n";
    let mut body = only_tags(&tagged);
    for (at, change) in changes.iter().enumerate() {
        let row = one(preview, change, line);
        if room < body.len() + row.len() {
            body.push_str(&format!(
                "- … and {} more; `eksnet diff` shows all of them\n",
                changes.len() - at
            ));
            break;
        }
        body.push_str(&row);
    }
    format!("{head}{body}{tail}")
}

/// In one line: the table of tags says which.
fn only_tags(tagged: &[&Change]) -> String {
    let names: Vec<String> = tagged.iter().take(3).map(|change| code(&change.id)).collect();
    let more = match tagged.len().saturating_sub(3) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    match names.is_empty() {
        true => String::new(),
        false => format!("- tags only: {}{more}\n", names.join(", ")),
    }
}

fn one(preview: &Preview, change: &Change, line: &dyn Fn(&str) -> Option<String>) -> String {
    let place = place(line(&change.path));
    let because: String =
        change.because.iter().map(|because| property(preview, change, because, line)).collect();
    format!("- {} {}{place}\n{because}", code(&change.id), markdown(&change.kind))
}

fn property(
    preview: &Preview,
    change: &Change,
    because: &PropertyChange,
    line: &dyn Fn(&str) -> Option<String>,
) -> String {
    let chain = preview.chain(because);
    let words = match lines(because) {
        _ if !chain.is_empty() => follows(&chain, line),
        Some(lines) => lines.join("; "),
        None => before_after(because),
    };
    let forces = if change.forced_by(because) { " **(forces replacement)**" } else { "" };
    format!("  - {}: {}{forces}\n", code(&because.property), markdown(&words))
}

/// ` (shop.yaml:18)`
fn place(line: Option<String>) -> String {
    line.map_or(String::new(), |place| format!(" ({})", markdown(&place)))
}

/// A text of others within one of our sentences, set apart: `markdown` makes code of it.
fn quoted(text: &str) -> String {
    format!("`{}`", text.replace('`', "'"))
}

/// Annotations of a GitHub workflow: what AWS refuses, and what is replaced, removed or gone for good, on the lines that ask for it.
pub fn github(preview: &Preview, place: &dyn Fn(&str) -> Option<(String, usize)>) -> String {
    let at = |path: &str| {
        place(path)
            .map_or(String::new(), |(file, line)| format!("file={},line={line},", annotated(&file)))
    };
    let findings = preview.findings.iter().map(|finding| {
        let hint = finding.hint.as_ref().map(|hint| format!("\nhelp: {}", plain(hint)));
        let message = format!("{}{}", plain(&finding.message), hint.unwrap_or_default());
        command(finding.severity().word(), &at(&finding.path), finding.rule.id, &message)
    });
    let changes = preview.changes.iter().filter(|change| is_drastic(change)).map(|change| {
        let words = [change.kind.clone(), change.impact.to_string()];
        let words: Vec<String> = words.into_iter().filter(|words| !words.is_empty()).collect();
        let title = format!("{} {}", change.change_kind().word(), change.id);
        command("warning", &at(&change.path), &title, &plain(&words.join(": ")))
    });
    let lasting = preview
        .irreversible
        .iter()
        .map(|words| command("warning", "", "this cannot be undone", &plain(&words.to_string())));
    let by_hand = preview.drift.iter().flatten().map(|one| {
        let title = format!("drift: {}", one.id);
        command("warning", "", &title, &plain(&format!("{} is {}", one.kind, one.status)))
    });
    let unread = preview.beside.unread.iter();
    let unread = unread.map(|why| command("warning", "", "aws-node is not known", &plain(why)));
    let summary = command("notice", "", &preview.stack, &plain(&title(preview)));
    let parts = super::preview_parts::in_a_line(preview);
    let parts = parts.map(|words| command("notice", "", "deployed in parts", &words));
    findings
        .chain(parts)
        .chain(changes)
        .chain(lasting)
        .chain(by_hand)
        .chain(unread)
        .chain([summary])
        .collect()
}

/// What people have to look at before they merge: replaced, removed, or nodes exchanged.
fn is_drastic(change: &Change) -> bool {
    matches!(change.change_kind(), ChangeKind::Replace | ChangeKind::Remove) || change.rolls_nodes()
}

fn command(word: &str, at: &str, title: &str, message: &str) -> String {
    format!("::{word} {at}title={}::{}\n", annotated(title), annotation(message))
}
