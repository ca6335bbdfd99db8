//! The updates that an edit takes, where one is not enough.

use schemars::JsonSchema;
use serde::Serialize;

use crate::preview::{Change, ChangeKind, Consequence, Part, Preview};

use super::View;
use super::escape::{markdown, plain};
use super::style::bold;

/// One update of an edit.
#[derive(Serialize, JsonSchema)]
pub(super) struct PartRow<'a> {
    /// From 1.
    part: usize,
    title: String,
    /// Why it is an update of its own.
    why: &'static str,
    summary: PartSummary,
    changes: Vec<PartChange<'a>>,
    /// What people and running nodes notice of this part.
    impact: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct PartSummary {
    add: usize,
    modify: usize,
    replace: usize,
    remove: usize,
}

/// A resource may be changed in two parts.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PartChange<'a> {
    logical_id: &'a str,
    /// `Add`, `Modify` or `Remove`.
    action: &'static str,
    properties: Vec<&'a str>,
}

pub(super) fn rows(preview: &Preview) -> Option<Vec<PartRow<'_>>> {
    let parts = &preview.parts;
    (!parts.is_empty()).then(|| parts.iter().enumerate().map(|(at, part)| row(at, part)).collect())
}

fn row(at: usize, part: &Part) -> PartRow<'_> {
    let count = |kind| part.preview.count(kind);
    PartRow {
        part: at + 1,
        title: part.heading(),
        why: part.title.why(),
        summary: PartSummary {
            add: count(ChangeKind::Add),
            modify: count(ChangeKind::Modify),
            replace: count(ChangeKind::Replace),
            remove: count(ChangeKind::Remove),
        },
        changes: part.preview.changes.iter().map(change).collect(),
        impact: part.preview.noticed(),
    }
}

fn change(change: &Change) -> PartChange<'_> {
    PartChange {
        logical_id: &change.id,
        action: change.action.word(),
        properties: change.because.iter().map(|because| because.property.as_str()).collect(),
    }
}

impl Preview {
    /// What people and nodes notice, in words.
    pub fn noticed(&self) -> Vec<String> {
        self.impact.iter().map(ToString::to_string).collect()
    }
}

/// `12 to add, 1 to modify, 0 to replace, 0 to remove`; of a change of outputs alone, how many.
pub(super) fn counted(preview: &Preview) -> String {
    let word = |kind: ChangeKind| format!("{} to {}", preview.count(kind), kind.word());
    let resources = ChangeKind::ALL.map(word).join(", ");
    let outputs = |kind: ChangeKind| {
        let count = preview.outputs.iter().filter(|one| one.kind == kind).count();
        (0 < count).then(|| format!("{count} to {}", kind.word()))
    };
    let outputs: Vec<String> = ChangeKind::ALL.into_iter().filter_map(outputs).collect();
    // Beside resources that change they are told below.
    match outputs.is_empty() || !preview.changes.is_empty() {
        true => resources,
        false => format!("{resources}; outputs: {}", outputs.join(", ")),
    }
}

/// `1 of 2: everything else`, with what follows from each, for people.
pub(super) fn human(preview: &Preview, view: View) -> String {
    let count = preview.parts.len();
    if count == 0 {
        return String::new();
    }
    let head = format!("\nOne update cannot do it: deployed in {count} parts");
    let mut out = view.paragraph(&head, 0);
    for (at, part) in preview.parts.iter().enumerate() {
        let title = bold(&format!("{} of {count}: {}", at + 1, plain(&part.heading())));
        out.push_str(&view.hanging("  ", &title, 4));
        let said = [counted(&part.preview), part.title.why().to_string()];
        let name = |id: &str| part.preview.name(id);
        // Whose nodes are replaced is told group by group.
        let told = |one: &&Consequence| !matches!(one, Consequence::Rolled(_));
        let impact = part.preview.impact.iter().filter(told).map(|one| plain(&one.told(&name)));
        said.into_iter()
            .chain(impact)
            .for_each(|line| out.push_str(&view.hanging("    ", &line, 4)));
    }
    out
}

/// The same for a pull request.
pub(super) fn in_markdown(preview: &Preview) -> String {
    let count = preview.parts.len();
    if count == 0 {
        return String::new();
    }
    let one = |(at, part): (usize, &Part)| {
        let (title, why) = (markdown(&part.heading()), markdown(part.title.why()));
        format!("- **{} of {count}: {title}** ({}): {why}\n", at + 1, counted(&part.preview))
    };
    let parts: String = preview.parts.iter().enumerate().map(one).collect();
    format!("**One update cannot do it: deployed in {count} parts**\n\n{parts}\n")
}

/// A line for an annotation: which parts there are.
pub(super) fn in_a_line(preview: &Preview) -> Option<String> {
    let count = preview.parts.len();
    let one = |(at, part): (usize, &Part)| format!("{} of {count}: {}", at + 1, part.heading());
    let parts: Vec<String> = preview.parts.iter().enumerate().map(one).collect();
    (0 < count).then(|| plain(&parts.join("; ")))
}
