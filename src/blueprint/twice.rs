//! Lists that name the same twice: every list of words and ranges is a set, and so are the selectors of a Fargate profile.

use std::collections::BTreeMap;

use super::node::{Node, Shape};
use crate::diagnostic::Diagnostic;
use crate::rules::BP_08;

/// Lists whose own rules say it: ZON-03, ADD-02, HYB-04, SUB-13.
const TOLD: &[&str] = &["zones", "addons", "nodes", "pods", "cidrs"];

pub fn of(items: &[Node], path: &str) -> Vec<Diagnostic> {
    let key = path.rsplit('.').next().unwrap_or_default();
    if TOLD.contains(&key) {
        return Vec::new();
    }
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    let mut found = Vec::new();
    for (position, item) in items.iter().enumerate() {
        let Some(text) = text(item, key) else { continue };
        let Some(earlier) = first.get(&text) else {
            first.insert(text, position);
            continue;
        };
        let message = match item.shape {
            Shape::Map(_) => "this selector is listed twice".to_string(),
            _ => format!("`{text}` is listed twice"),
        };
        let finding = BP_08.at(format!("{path}[{position}]"), message).at(item.span.clone());
        found.push(
            finding
                .also(format!("{path}[{earlier}]"), "the first one")
                .hint("remove one of the two"),
        );
    }
    found
}

fn text(item: &Node, key: &str) -> Option<String> {
    match &item.shape {
        Shape::Scalar { text, .. } => Some(text.clone()),
        Shape::Map(_) if key == "selectors" => Some(item.value().to_string()),
        _ => None,
    }
}
