//! What a change takes away for good: no later deployment brings it back.

use serde_json::Value;

use crate::facts::kinds::{self, Loss, When};
use crate::template::Template;

use super::{Change, ChangeKind};

/// One line per loss, with what it is about.
pub fn of(changes: &[Change], before: &Template, after: &Template) -> Vec<String> {
    let rows = kinds::all().flat_map(|kind| kind.lost.iter().map(move |row| (kind.name, *row)));
    let line = |(name, (when, loss)): (&str, (When, Loss))| {
        let about = changes
            .iter()
            .filter(|change| change.kind == name && comes_about(when, change, (before, after)));
        let ids: Vec<&str> = about.map(|change| change.id.as_str()).collect();
        (!ids.is_empty()).then(|| format!("{}: {}", ids.join(", "), loss.words()))
    };
    rows.filter_map(line).collect()
}

fn comes_about(when: When, change: &Change, (before, after): (&Template, &Template)) -> bool {
    let gone = matches!(change.change_kind(), ChangeKind::Remove | ChangeKind::Replace);
    let modified = change.change_kind() == ChangeKind::Modify;
    let has = |template: &Template, path: &str| {
        template.resource(&change.id).is_some_and(|own| is_set(&own["Properties"], path))
    };
    let touched = |path: &str| {
        change.because.iter().any(|because| {
            because.property == path || because.property.starts_with(&format!("{path}/"))
        })
    };
    match when {
        When::Gone => gone,
        When::GoneWith(path) => gone && has(before, path),
        When::Changed(path) => modified && touched(path) && has(after, path),
        When::Unset(path) => modified && has(before, path) && !has(after, path),
    }
}

/// Whether a property has a value, and is not merely said to be off.
fn is_set(properties: &Value, path: &str) -> bool {
    let value = path.split('/').fold(properties, |value, part| &value[part]);
    !value.is_null() && value["Enabled"] != false
}
