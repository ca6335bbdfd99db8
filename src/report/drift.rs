//! What was changed by hand.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::observed::{Difference, Drift};

/// One line per resource, and one per property.
pub fn lines(drift: &[Drift]) -> Vec<String> {
    let one = |one: &Drift| {
        let head = format!("{} ({}) {}: {}", one.id, one.kind, one.physical_id, word(&one.status));
        std::iter::once(head)
            .chain(one.differences.iter().map(|difference| format!("  {}", property(difference))))
            .collect::<Vec<_>>()
    };
    drift.iter().flat_map(one).collect()
}

fn word(status: &str) -> &str {
    match status {
        "DELETED" => "was deleted",
        "MODIFIED" => "was changed",
        other => other,
    }
}

fn property(one: &Difference) -> String {
    let side = |value: &Option<Value>| {
        value.as_ref().map_or("nothing".to_string(), super::preview_values::short)
    };
    format!("{}: deployed {}, now {}", one.property, side(&one.expected), side(&one.actual))
}

/// A resource that is not as it was deployed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DriftRow<'a> {
    logical_id: &'a str,
    r#type: &'a str,
    physical_id: &'a str,
    /// `MODIFIED` or `DELETED`.
    status: &'a str,
    differences: Vec<DifferenceRow<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct DifferenceRow<'a> {
    property: &'a str,
    expected: &'a Option<Value>,
    actual: &'a Option<Value>,
}

/// For programs.
pub fn rows(drift: &[Drift]) -> Vec<DriftRow<'_>> {
    drift.iter().map(row).collect()
}

fn row(one: &Drift) -> DriftRow<'_> {
    let Drift { id, kind, physical_id, status, differences } = one;
    DriftRow {
        logical_id: id,
        r#type: kind,
        physical_id,
        status,
        differences: differences.iter().map(difference_row).collect(),
    }
}

fn difference_row(one: &Difference) -> DifferenceRow<'_> {
    DifferenceRow { property: &one.property, expected: &one.expected, actual: &one.actual }
}
