//! Outputs of the stack: whoever builds beside reads them, and what other stacks import cannot change under them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::graph::references;
use crate::template::Template;

use super::notice::Consequence;
use super::{Change, ChangeKind};

/// One output that comes, changes or goes.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputChange {
    pub name: String,
    pub kind: ChangeKind,
    /// The name under which other stacks import what was there.
    pub export: Option<String>,
    /// The same of what is there afterwards.
    pub exported: Option<String>,
}

/// Of a stack that exists: a new one has no reader yet.
pub fn of(changes: &[Change], before: &Template, after: &Template) -> Vec<OutputChange> {
    if before.is_empty() {
        return Vec::new();
    }
    let replaced: BTreeSet<&str> = changes
        .iter()
        .filter(|change| change.change_kind() == ChangeKind::Replace)
        .map(|change| change.id.as_str())
        .collect();
    let (old, new) = (all(before), all(after));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).copied().collect();
    let one = |name: &String| {
        let kind = match (old.get(name), new.get(name)) {
            (None, _) => ChangeKind::Add,
            (_, None) => ChangeKind::Remove,
            (Some(was), Some(is)) => {
                let follows = references(&is["Value"]).iter().any(|id| replaced.contains(&**id));
                let differs = ["Value", "Export"].iter().any(|part| was[*part] != is[*part]);
                (follows || differs).then_some(ChangeKind::Modify)?
            }
        };
        let export = |side: &BTreeMap<&String, &Value>| {
            side.get(name).and_then(|own| own["Export"]["Name"].as_str()).map(str::to_string)
        };
        let (export, exported) = (export(&old), export(&new));
        Some(OutputChange { name: name.clone(), kind, export, exported })
    };
    names.into_iter().filter_map(one).collect()
}

fn all(template: &Template) -> BTreeMap<&String, &Value> {
    template.value["Outputs"].as_object().into_iter().flatten().collect()
}

/// What those notice who import from the stack.
pub fn impact(outputs: &[OutputChange]) -> Option<Consequence> {
    let names: Vec<String> = outputs.iter().filter_map(|one| one.export.clone()).collect();
    (!names.is_empty()).then_some(Consequence::Exports(names))
}
