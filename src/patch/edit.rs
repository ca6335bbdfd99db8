//! Patching itself: maps are merged, lists and other values are replaced.

use serde_json::{Map, Value};

use crate::blueprint::path;
use crate::diagnostic::Diagnostic;
use crate::graph::{Patched, is_intrinsic};
use crate::intent::Patch;
use crate::rules::PAT_02;
use crate::template::Template;

use super::Aim;

/// The template with one patch.
pub(super) fn edit(patch: &Patch, aim: &Aim<'_>, template: &Template) -> Template {
    let mut template = template.clone();
    for id in &aim.ids {
        let properties = &mut template.value["Resources"][id.as_str()]["Properties"];
        if properties.is_null() {
            *properties = Value::Object(Map::new());
        }
        merge(properties, &Value::Object(patch.set.clone()));
        patch.remove.iter().for_each(|path| remove(properties, path));
    }
    template
}

/// A structure, and none of CloudFormation's functions.
pub(super) fn is_map(value: &Value) -> bool {
    value.is_object() && !is_intrinsic(value)
}

fn merge(own: &mut Value, new: &Value) {
    let (true, true) = (is_map(own), is_map(new)) else {
        *own = new.clone();
        return;
    };
    let (Value::Object(own), Value::Object(new)) = (own, new) else { return };
    for (name, value) in new {
        merge(own.entry(name.clone()).or_insert(Value::Null), value);
    }
}

fn remove(properties: &mut Value, path: &str) {
    let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
    match inside(properties, parent) {
        Some(Value::Object(map)) => _ = map.remove(name),
        Some(Value::Array(items)) => {
            if let Some(at) = name.parse().ok().filter(|at| *at < items.len()) {
                items.remove(at);
            }
        }
        _ => {}
    }
}

/// The value at a path with slashes; the properties themselves for none.
fn inside<'v>(properties: &'v mut Value, path: &str) -> Option<&'v mut Value> {
    if path.is_empty() {
        return Some(properties);
    }
    properties.pointer_mut(&format!("/{path}"))
}

/// What is to be removed and is nowhere.
pub(super) fn unmatched(patch: &Patch, aim: &Aim<'_>, template: &Template) -> Vec<Diagnostic> {
    let has = |path: &str| {
        let pointer = format!("/Properties/{path}");
        aim.ids.iter().any(|id| {
            template.resource(id).is_some_and(|resource| resource.pointer(&pointer).is_some())
        })
    };
    let missing = patch.remove.iter().enumerate().filter(|(_, path)| !has(path));
    let finding = |(at, property): (usize, &String)| {
        let message = format!("no resource of type `{}` here has `{property}`", aim.kind);
        PAT_02
            .at(format!("{}.remove[{at}]", patch.path), message)
            .hint("remove the line; `eksnet render` prints the properties that there are")
    };
    missing.map(finding).collect()
}

/// Every property that a patch decides, with its place.
pub(super) fn decided(patch: &Patch, aim: &Aim<'_>) -> Vec<Patched> {
    let mut places = leaves(patch);
    let removed = patch.remove.iter().enumerate();
    places.extend(removed.map(|(at, path)| (path.clone(), format!("{}.remove[{at}]", patch.path))));
    let of_one = |id: &&String| {
        let id = (*id).clone();
        places.iter().map(move |(property, path)| Patched {
            id: id.clone(),
            property: property.clone(),
            path: path.clone(),
        })
    };
    aim.ids.iter().flat_map(of_one).collect()
}

/// (property with slashes, place in the blueprint) of everything that `set` replaces.
pub(super) fn leaves(patch: &Patch) -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk(&patch.set, ("", &format!("{}.set", patch.path)), &mut found);
    found
}

fn walk(
    map: &Map<String, Value>,
    (property, place): (&str, &str),
    found: &mut Vec<(String, String)>,
) {
    for (name, value) in map {
        let property =
            if property.is_empty() { name.clone() } else { format!("{property}/{name}") };
        let place = path::key(place, name);
        match value {
            Value::Object(inner) if is_map(value) && !inner.is_empty() => {
                walk(inner, (&property, &place), found)
            }
            _ => found.push((property, place)),
        }
    }
}
