//! Resources that would wait for each other: what a patch refers to must not refer back.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::graph::{LogicalId, references};
use crate::intent::Patch;
use crate::rules::PAT_07;
use crate::template::Template;

use super::Aim;

/// The circle that a patch closes, if it does.
pub(super) fn check(patch: &Patch, aim: &Aim<'_>, edited: &Template) -> Option<Diagnostic> {
    let circle = aim.ids.iter().find_map(|id| back_to(id, edited))?;
    let way: Vec<String> = circle.iter().map(|id| format!("`{id}`")).collect();
    let message = format!("resources would wait for each other: {}", way.join(" → "));
    Some(
        PAT_07
            .at(&patch.path, message)
            .hint("refer to something that does not need this resource, or write the value itself"),
    )
}

/// The way along the references from a resource to itself.
fn back_to(start: &str, template: &Template) -> Option<Vec<LogicalId>> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<Vec<LogicalId>> = vec![vec![start.to_string()]];
    while let Some(way) = open.pop() {
        let last = way.last()?;
        for next in template.resource(last).map(references).unwrap_or_default() {
            let further = [way.clone(), vec![next.clone()]].concat();
            if next == start {
                return Some(further);
            }
            if seen.insert(next) {
                open.push(further);
            }
        }
    }
    None
}
