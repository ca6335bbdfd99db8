//! What would change, and what was found.

use maud::{Markup, html};

use super::{Anchors, Plan, prose, scrolling};
use crate::diagnostic::{Diagnostic, capped};
use crate::preview::{Change, ChangeKind, Preview, PropertyChange, Weight};
use crate::report::escape::plain;
use crate::report::preview::head::{KNOW, known, numbered};
use crate::report::preview::{follows, summary, workloads};
use crate::report::preview_values::before_after;
use crate::source::Source;

pub fn section(preview: &Preview, plan: &Plan<'_>, anchors: &Anchors) -> Markup {
    html! {
        section {
            h2 #(anchors.id("changes")) { "Changes" }
            @if preview.is_empty() { p { "Stack " code { (plain(&preview.stack)) } ": no change." } }
            @else {
                p { strong { (summary(preview)) } " in stack " code { (plain(&preview.stack)) } ". " (prose(&workloads(preview))) }
            }
            (consequences(preview, plan))
            (numbers(preview))
            @for (kind, title) in [(ChangeKind::Replace, "Replaced"), (ChangeKind::Remove, "Removed"), (ChangeKind::Modify, "Modified"), (ChangeKind::Add, "Added")] {
                (of_kind(preview, (kind, title), plan, anchors))
            }
            @if !preview.findings.is_empty() {
                h3 { "What AWS refuses or advises against" }
                ul { @for finding in &preview.findings { li { (one(finding)) } } }
            }
        }
    }
}

/// For the head of a page: the counts and what it means for what runs.
pub fn verdict(preview: &Preview) -> Markup {
    html! {
        @if preview.is_empty() { "No change." }
        @else { strong { (summary(preview)) } ". " (prose(&workloads(preview))) }
    }
}

fn consequences(preview: &Preview, plan: &Plan<'_>) -> Markup {
    let known = known(preview, Some(plan.compiled));
    html! {
        @if !known.is_empty() {
            h3 { (KNOW) }
            ul {
                @for one in &known {
                    li {
                        @match one.weight {
                            None => span.bad { "!! " },
                            Some(Weight::Note) => {}
                            Some(_) => span.warn { "! " },
                        }
                        (prose(&one.words))
                    }
                }
            }
        }
    }
}

fn numbers(preview: &Preview) -> Markup {
    let changed = numbered(preview);
    html! {
        @if !changed.is_empty() {
            table {
                thead { tr { th scope="col" { "number of" } th.n scope="col" { "now" } th.n scope="col" { "after" } } }
                tbody { @for [what, now, after, note] in changed { tr {
                    th scope="row" { (what) @if !note.is_empty() { br; span.soft { (note) } } } td.n { (now) } td.n { (after) }
                } } }
            }
        }
    }
}

/// So many changes of one kind are listed; the rest is counted, so that a page stays small.
const LISTED: usize = 150;

fn of_kind(
    preview: &Preview,
    (kind, title): (ChangeKind, &str),
    plan: &Plan<'_>,
    anchors: &Anchors,
) -> Markup {
    let changes: Vec<&Change> =
        preview.changes.iter().filter(|change| change.change_kind() == kind).collect();
    let table = html! {
        table {
            thead { tr { th scope="col" { "resource" } th scope="col" { "type" } th scope="col" { "what and why" } th scope="col" { "blueprint" } } }
            tbody { @for change in changes.iter().take(LISTED) { tr {
                th scope="row" { code { (plain(&change.id)) } } td { (plain(&change.kind)) }
                td { @for because in &change.because { (property(preview, change, because, plan)) br; } }
                td { (plan.compiled.place(&change.path).map_or("–".to_string(), |place| plain(&place))) }
            } } }
        }
    };
    html! {
        @if !changes.is_empty() {
            h3 { (title) ": " (changes.len()) }
            (scrolling(&anchors.name(&format!("{title} resources")), &table))
            @if LISTED < changes.len() { p.soft { "… and " (changes.len() - LISTED) " more; eksnet diff --all lists them." } }
        }
    }
}

fn property(
    preview: &Preview,
    change: &Change,
    because: &PropertyChange,
    plan: &Plan<'_>,
) -> Markup {
    let chain = preview.chain(because);
    let words = match chain.is_empty() {
        true => before_after(because),
        false => plain(&follows(&chain, &|path| plan.compiled.place(path))),
    };
    html! {
        code { (plain(&because.property)) } ": " (words)
        @if change.forced_by(because) { " " strong { "forces replacement" } }
    }
}

/// Findings of the blueprint with their places.
pub fn findings(findings: &[Diagnostic], source: &Source, anchors: &Anchors) -> Markup {
    html! {
        section {
            h2 #(anchors.id("findings")) { "Findings" }
            @if findings.is_empty() { p { span.good { "✓ " } "None." } }
            @else { ul { @for finding in capped(findings).iter() { li {
                @if let Some(at) = &finding.at {
                    @let place = source.place(at.start);
                    code { (plain(&source.name)) ":" (place.line) ":" (place.column) } " "
                }
                (one(finding))
            } } } }
        }
    }
}

fn one(finding: &Diagnostic) -> Markup {
    let class = if finding.is_error() { "bad" } else { "warn" };
    html! {
        strong class=(class) { (finding.severity().word()) " " (finding.rule.id) } ": " (prose(&finding.message))
        @if let Some(hint) = &finding.hint { " " span.help { "Help: " (prose(hint)) } }
    }
}
