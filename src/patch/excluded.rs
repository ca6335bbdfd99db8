//! Properties that AWS refuses beside what a resource has.

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::facts::exclusions::{EXCLUSIONS, Exclusion};
use crate::intent::Patch;
use crate::rules::PAT_11;
use crate::template::Template;

use super::{Aim, edit};

pub(super) fn check(patch: &Patch, aim: &Aim<'_>, edited: &Template) -> Vec<Diagnostic> {
    let rows = EXCLUSIONS.iter().filter(|row| row.kind == aim.kind);
    rows.filter_map(|row| refused(row, patch, aim, edited)).collect()
}

fn refused(row: &Exclusion, patch: &Patch, aim: &Aim<'_>, edited: &Template) -> Option<Diagnostic> {
    let within = |outer: &str, inner: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let mut set = edit::leaves(patch).into_iter();
    let (_, place) = set.find(|(own, _)| within(own, row.property) || within(row.property, own))?;
    let id = aim.ids.iter().find(|id| {
        let Some(resource) = edited.resource(id) else { return false };
        let properties = &resource["Properties"];
        has(properties, row.property) && row.beside.is_none_or(|other| has(properties, other))
    })?;
    let message = match row.beside {
        Some(other) => format!("`{}` of `{id}` cannot be beside `{other}`", row.property),
        None => format!("EKS refuses `{}` in the launch template of a node group", row.property),
    };
    Some(PAT_11.at(place, message).hint(row.instead))
}

/// Whether a value has a path with slashes, `*` for any member of a list.
fn has(value: &Value, path: &str) -> bool {
    let (step, rest) = path.split_once('/').map_or((path, None), |(step, rest)| (step, Some(rest)));
    let inside = |value: &Value| match rest {
        Some(rest) => has(value, rest),
        None => !value.is_null(),
    };
    match value {
        Value::Array(items) if step == "*" => items.iter().any(inside),
        Value::Object(map) => map.get(step).is_some_and(inside),
        _ => false,
    }
}
