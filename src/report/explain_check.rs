//! A check of `doctor`, for `explain`.

use crate::doctor::{self, Check, key};

use super::View;
use super::style::bold;

/// A check in full.
pub fn human(check: &Check, view: View) -> String {
    let mut text = view.hanging("", &format!("check {}: {}", bold(check.id), check.title), 2);
    text.push('\n');
    text.push_str(&view.hanging("  ", check.proves, 2));
    text.push('\n');
    for (name, words) in rows(check) {
        text.push_str(&view.hanging(&format!("  {name:<13}"), &words, 15));
    }
    text
}

/// What stands below the sentence, by name.
fn rows(check: &Check) -> Vec<(&'static str, String)> {
    let symptom = check.symptom.word();
    let mut rows = vec![("symptom", symptom.to_string()), ("reads", check.reads.join(", "))];
    rows.extend(check.follows.iter().map(|cause| ("follows from", named(cause))));
    rows.extend(key(check.id).map(|key| ("blueprint", format!("`{key}`"))));
    // The fix has the names of what is sick, which only a diagnosis knows.
    rows.push((
        "fix",
        format!("`eksnet doctor --symptom {symptom}` lists it where this check fails"),
    ));
    rows
}

/// `IP-06: prefixes need …`
fn named(id: &str) -> String {
    doctor::find(id).map_or(id.to_string(), |cause| format!("{id}: {}", cause.title))
}

/// A check as a document.
pub fn markdown(check: &Check) -> String {
    let code = |text: &&str| format!("`{text}`");
    let reads: Vec<String> = check.reads.iter().map(code).collect();
    let line = |(name, words): (&str, String)| match name {
        "symptom" => format!("- symptom `{words}`\n"),
        "reads" => format!("- reads {}\n", reads.join(", ")),
        _ => format!("- {name} {words}\n"),
    };
    let rows: String = rows(check).into_iter().map(line).collect();
    format!("# Check {}: {}\n\n{}\n\n{rows}", check.id, check.title, check.proves)
}

/// A check for programs.
pub fn json(check: &Check) -> String {
    super::json(&serde_json::json!({
        "id": check.id,
        "kind": "check",
        "symptom": check.symptom.word(),
        "title": check.title,
        "why": check.proves,
        "reads": check.reads,
        "followsFrom": check.follows,
        "blueprint": key(check.id),
    }))
}
