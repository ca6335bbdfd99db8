//! What would change, for a pull request or a step summary: the counts first, and no more than a comment holds.

use crate::diagnostic::Diagnostic;
use crate::preview::{Change, ChangeKind, Preview, PropertyChange, Weight};

use super::escape::{cell, code, markdown};
use super::preview::head::{KNOW, Known, edit, known, numbered};
use super::preview::{Shown, follows, summary, workloads};
use super::preview_values::{before_after, lines};

/// GitHub takes 65,536 characters in a comment; the rest is for what stands around it (bytes).
const MOST: usize = 60_000;

/// The same as a terminal shows, in the same order.
pub fn write(preview: &Preview, shown: &Shown<'_>) -> String {
    let line = shown.line;
    let mut out = head(preview, shown);
    out.push_str(&super::preview_parts::in_markdown(preview));
    let warnings = shown.compiled.map_or(&[][..], |own| own.warnings.as_slice());
    let findings: Vec<String> =
        preview.findings.iter().chain(warnings).map(|finding| found(finding, line)).collect();
    out.push_str(&fitting(&findings, "findings", SHARE));
    let known: Vec<String> = known(preview, shown.compiled).iter().map(marked).collect();
    out.push_str(&titled(KNOW, &known));
    out.push_str(&numbers(preview));
    out.push_str(&listed(super::preview::door(shown.compiled), &preview.beside.told()));
    out.push_str(&subnets(preview));
    out.push_str(&tags(preview));
    let rest = rest(preview, shown);
    let sections = [
        (ChangeKind::Replace, "Replaced"),
        (ChangeKind::Remove, "Removed"),
        (ChangeKind::Modify, "Modified"),
        (ChangeKind::Add, "Added"),
    ];
    for (at, (sort, title)) in sections.into_iter().enumerate() {
        let kept = COUNTS * (sections.len() - at) + rest.len();
        out.push_str(&section(preview, sort, title, line, MOST.saturating_sub(out.len() + kept)));
    }
    out + &rest
}

/// The counts, the edit, and one sentence on what runs.
fn head(preview: &Preview, shown: &Shown<'_>) -> String {
    let title = format!("### {}: {}\n\n", code(&preview.stack), title(preview));
    if preview.is_empty() {
        return title;
    }
    let region = shown.compiled.map(|own| own.intent.region.name.to_string());
    let whence: Vec<String> = region.into_iter().chain(edit(preview, shown)).collect();
    let whence = match whence.is_empty() {
        true => String::new(),
        false => format!("{}\n\n", markdown(&whence.join(", "))),
    };
    format!("{title}{whence}**{}**\n\n", markdown(&workloads(preview)))
}

/// What stands below the resources.
fn rest(preview: &Preview, shown: &Shown<'_>) -> String {
    let mut out = listed("Outputs of the stack", &super::preview::outputs(preview));
    out.push_str(&disagreements(preview));
    out.push_str(&match preview.drift.as_deref() {
        None => String::new(),
        Some([]) => "No drift: nothing was changed manually.\n\n".to_string(),
        Some(drift) => {
            listed("Drift: changed manually since the last deployment", &super::drift::lines(drift))
        }
    });
    if !shown.lock.is_empty() {
        out.push_str(&format!("Lock: {}\n", markdown(shown.lock)));
    }
    out
}

/// How much it weighs stands before it, as in a terminal.
fn marked(known: &Known<'_>) -> String {
    let sign = match known.weight {
        None => "**!!** ",
        Some(Weight::Note) => "",
        Some(_) => "**!** ",
    };
    format!("- {sign}{}\n", markdown(&known.words))
}

fn numbers(preview: &Preview) -> String {
    let row =
        |[what, now, after, note]: &[String; 4]| format!("| {what} | {now} | {after} | {note} |\n");
    let rows: String = numbered(preview).iter().map(row).collect();
    match rows.is_empty() {
        true => rows,
        false => format!("| | now | after | |\n| --- | ---: | ---: | --- |\n{rows}\n"),
    }
}

/// The counts, and what was changed beside the blueprint: a stack that somebody changed by hand is not as it was.
pub(super) fn title(preview: &Preview) -> String {
    let changes = if preview.is_empty() { "no change".to_string() } else { summary(preview) };
    let by_hand = preview.drift.as_ref().map_or(0, Vec::len);
    let beside = preview.beside.differs.len();
    let more = [(by_hand, "drifted"), (beside, "to set through the Kubernetes API")];
    let more = more.iter().filter(|(count, _)| 0 < *count);
    more.fold(changes, |title, (count, words)| format!("{title}, {count} {words}"))
}

/// Kept for the frame of a section and its count (bytes).
const COUNTS: usize = 250;

/// What one part before the changes themselves may take (bytes), so that their counts always have room.
const SHARE: usize = 6_000;

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
    let items: Vec<String> = items.iter().map(|words| format!("- {}\n", markdown(words))).collect();
    titled(title, &items)
}

fn titled(title: &str, items: &[String]) -> String {
    if items.is_empty() {
        return String::new();
    }
    format!("**{title}**\n\n{}\n", fitting(items, "lines", SHARE))
}

fn disagreements(preview: &Preview) -> String {
    let word = |sort: Option<ChangeKind>| sort.map_or("nothing", ChangeKind::word);
    let one = |one: &crate::preview::Disagreement| {
        format!(
            "{}: the change set says {}, the templates say {}: {}",
            quoted(&one.id),
            word(one.change_set),
            word(one.compared),
            one.shown.words()
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
