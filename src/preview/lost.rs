//! What a change takes away for good: no later deployment brings it back.

use serde_json::Value;

use crate::facts::kinds::{self, Loss, When};
use crate::template::{Template, outlives_its_replacement, outlives_its_stack};

use super::{Change, ChangeKind, by_value};

/// What is lost for good, and with which resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Logical ids.
    pub ids: Vec<String>,
    pub what: Loss,
}

/// One row per loss, with what it is about.
pub fn of(changes: &[Change], before: &Template, after: &Template) -> Vec<Lost> {
    let rows = kinds::all().flat_map(|kind| kind.lost.iter().map(move |row| (kind.name, *row)));
    let line = |(name, (when, loss)): (&str, (When, Loss))| {
        let about = changes.iter().filter(|change| {
            change.kind == name
                && comes_about(when, change, (before, after))
                && !is_kept(loss, change, (before, after))
        });
        let ids: Vec<String> = about.map(|change| change.id.clone()).collect();
        (!ids.is_empty()).then_some(Lost { ids, what: loss })
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
        When::Raised(path) => modified && touched(path) && !goes_back(change, before, after),
        When::Unset(path) => modified && has(before, path) && !has(after, path),
    }
}

fn goes_back(change: &Change, before: &Template, after: &Template) -> bool {
    let sides = before.resource(&change.id).zip(after.resource(&change.id));
    sides.is_some_and(|(old, new)| by_value::goes_back(&old["Properties"], &new["Properties"]))
}

/// Whether CloudFormation leaves what would be lost: what goes with a resource that is removed, and a resource itself that is replaced.
fn is_kept(loss: Loss, change: &Change, (before, after): (&Template, &Template)) -> bool {
    match change.change_kind() {
        ChangeKind::Remove => before.resource(&change.id).is_some_and(outlives_its_stack),
        ChangeKind::Replace if loss.is_of_the_resource_itself() => {
            after.resource(&change.id).is_some_and(outlives_its_replacement)
        }
        _ => false,
    }
}

/// Whether a property has a value, and is not merely said to be off.
fn is_set(properties: &Value, path: &str) -> bool {
    let value = path.split('/').fold(properties, |value, part| &value[part]);
    !value.is_null() && value["Enabled"] != false
}
