//! Annotations of a GitHub workflow: what a reviewer has to know of a change, on the lines that ask for it.
//! GitHub shows the first ten of a kind, so what weighs most comes first.

use crate::preview::{Change, ChangeKind, Preview, Weight};

use super::escape::{annotation, plain, property as annotated};
use super::findings::{self, Checked};
use super::preview::head::{KNOW, Known, edit, known};
use super::preview::{Shown, workloads};
use super::preview_markdown::title;

/// `place` gives the file and the line of a place of the blueprint.
pub fn write(
    preview: &Preview,
    shown: &Shown<'_>,
    place: &dyn Fn(&str) -> Option<(String, usize)>,
) -> String {
    let at = |path: &str| {
        place(path)
            .map_or(String::new(), |(file, line)| format!("file={},line={line},", annotated(&file)))
    };
    let refused = preview.findings.iter().map(|finding| {
        let hint = finding.hint.as_ref().map(|hint| format!("\nhelp: {}", plain(hint)));
        let message = format!("{}{}", plain(&finding.message), hint.unwrap_or_default());
        command(finding.severity().word(), &at(&finding.path), finding.rule.id, &message)
    });
    let known = known(preview, shown.compiled);
    let known = known
        .iter()
        .map(|one| command(word(one), &at(whence(preview, one)), KNOW, &plain(&one.words)));
    let warnings = shown.compiled.map(|own| {
        findings::github(&[Checked { source: &own.document.source, findings: &own.warnings }])
    });
    let changes = preview.changes.iter().filter(|change| is_drastic(change)).map(|change| {
        let words = [change.kind.clone(), change.impact.to_string()];
        let words: Vec<String> = words.into_iter().filter(|words| !words.is_empty()).collect();
        let title = format!("{} {}", change.change_kind().word(), change.id);
        command("warning", &at(&change.path), &title, &plain(&words.join(": ")))
    });
    let parts = super::preview_parts::in_a_line(preview);
    let parts = parts.map(|words| command("notice", "", "deployed in parts", &words));
    refused
        .chain(known)
        .chain(warnings)
        .chain(parts)
        .chain(changes)
        .chain(beside(preview))
        .chain([summary(preview, shown)])
        .collect()
}

/// What is not as the stack left it, or not known.
fn beside(preview: &Preview) -> impl Iterator<Item = String> {
    let by_hand = preview.drift.iter().flatten().map(|one| {
        let title = format!("drift: {}", one.id);
        command("warning", "", &title, &plain(&format!("{} is {}", one.kind, one.status)))
    });
    let unread = preview.beside.unread.iter();
    let unread = unread.map(|why| command("warning", "", "aws-node is not known", &plain(why)));
    by_hand.chain(unread)
}

/// The counts, one sentence on what runs, the edit and the lock.
fn summary(preview: &Preview, shown: &Shown<'_>) -> String {
    let mut lines = vec![plain(&title(preview))];
    if !preview.is_empty() {
        lines.push(plain(&workloads(preview)));
        lines.extend(edit(preview, shown).map(|edit| plain(&edit)));
    }
    if !shown.lock.is_empty() {
        lines.push(format!("Lock: {}", plain(shown.lock)));
    }
    command("notice", "", &preview.stack, &lines.join("\n"))
}

fn word(known: &Known<'_>) -> &'static str {
    if known.weight == Some(Weight::Note) { "notice" } else { "warning" }
}

/// The place of the first resource that it is about; of what new zones are left out of, theirs.
fn whence<'p>(preview: &'p Preview, known: &Known<'_>) -> &'p str {
    if known.ids.is_empty() && known.weight == Some(Weight::Note) {
        return "zones";
    }
    let first = known.ids.first().and_then(|id| preview.change(id));
    first.map_or("", |change| &change.path)
}

/// What people have to look at before they merge: replaced, removed, or nodes exchanged.
fn is_drastic(change: &Change) -> bool {
    matches!(change.change_kind(), ChangeKind::Replace | ChangeKind::Remove) || change.rolls_nodes()
}

fn command(word: &str, at: &str, title: &str, message: &str) -> String {
    format!("::{word} {at}title={}::{}\n", annotated(title), annotation(message))
}
