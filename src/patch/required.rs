//! Properties that a type requires, in what a patch leaves of a resource.

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::facts::schemas::{self, Properties, Schema, Shape};
use crate::intent::Patch;
use crate::rules::PAT_04;
use crate::template::Template;

use super::Aim;
use super::edit::is_map;

/// The first property of each target that is required and missing.
pub(super) fn check(patch: &Patch, aim: &Aim<'_>, edited: &Template) -> Option<Diagnostic> {
    let schema = schemas::find(aim.kind)?;
    let (id, property) = aim.ids.iter().find_map(|id| {
        let properties = &edited.resource(id)?["Properties"];
        Some((*id, missing(schema, &schema.properties, properties)?))
    })?;
    let message =
        format!("{} requires `{property}`, and the patch leaves `{id}` without it", aim.kind);
    Some(PAT_04.at(&patch.path, message).hint(format!("set `{property}`, too")))
}

fn missing(schema: &Schema, known: &Properties, value: &Value) -> Option<String> {
    if !is_map(value) {
        return None;
    }
    let required = known.iter().filter(|(_, written)| schemas::is_required(written));
    let mut absent = required.filter(|(name, _)| value[name.as_str()].is_null());
    if let Some((name, _)) = absent.next() {
        return Some(name.clone());
    }
    let mut within = known.iter().filter(|(name, _)| !value[name.as_str()].is_null());
    within.find_map(|(name, written)| {
        let inner = inside(schema, schema.shape(written), &value[name.as_str()])?;
        Some(format!("{name}/{inner}"))
    })
}

fn inside(schema: &Schema, shape: Shape<'_>, value: &Value) -> Option<String> {
    match (shape, value) {
        (Shape::Map(known), value) => missing(schema, known, value),
        (Shape::List(inner), Value::Array(items)) => {
            items.iter().enumerate().find_map(|(at, item)| {
                let inner = inside(schema, schema.shape(inner), item)?;
                Some(format!("{at}/{inner}"))
            })
        }
        _ => None,
    }
}
