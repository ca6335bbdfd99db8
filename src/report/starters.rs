//! Blueprints to start from.

use serde_json::{Value, json};

use crate::starter;

use super::{View, list};

/// For people: name and first sentence of each.
pub fn human(view: View) -> String {
    let rows = starter::listed().into_iter().map(|(name, sentence)| vec![name, sentence]);
    list(view, &rows.collect::<Vec<_>>())
}

/// For programs: the same names and sentences as a document.
pub fn json() -> String {
    let one = |(name, sentence)| json!({ "name": name, "description": sentence });
    let examples: Vec<Value> = starter::listed().into_iter().map(one).collect();
    super::json(&json!({ "schemaVersion": 1, "examples": examples }))
}
