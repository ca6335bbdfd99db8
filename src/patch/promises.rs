//! Properties without which cluster and nodes do not work.

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::facts::promises::{Held, PROMISES, Promise};
use crate::intent::Patch;
use crate::rules::PAT_12;
use crate::template::Template;

use super::{Aim, guard};

pub(super) fn check(
    patch: &Patch,
    aim: &Aim<'_>,
    (before, after): (&Template, &Template),
) -> Vec<Diagnostic> {
    let rows = PROMISES.iter().filter(|row| row.kind == aim.kind);
    let broken = |row: &Promise| {
        let place = guard::touched(patch).into_iter().find(|(own, _)| meets(own, row.property))?.1;
        let id = aim.ids.iter().find(|id| {
            let of =
                |template: &Template| template.resource(id).map(|one| one["Properties"].clone());
            of(before).zip(of(after)).is_some_and(|(before, after)| breaks(row, &before, &after))
        })?;
        let message = match row.held {
            Held::Members => format!("the patch removes a part of `{}` of `{id}`", row.property),
            _ => format!("the patch changes `{}` of `{id}`", row.property),
        };
        Some(PAT_12.at(place, message).label(row.because).hint(row.instead))
    };
    rows.filter_map(broken).collect()
}

/// Whether one path is the other, or leads to it.
fn meets(one: &str, other: &str) -> bool {
    let within = |outer: &str, inner: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    within(one, other) || within(other, one)
}

fn breaks(row: &Promise, before: &Value, after: &Value) -> bool {
    if row.only.is_some_and(|(property, value)| before[property] != value) {
        return false;
    }
    let pointer = format!("/{}", row.property);
    let (before, after) = (before.pointer(&pointer), after.pointer(&pointer));
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_string);
    match row.held {
        Held::Fixed => before != after,
        // What was not set has CloudFormation's default, as before.
        Held::At(values) => {
            before != after && !after.is_some_and(|after| values.contains(&text(after).as_str()))
        }
        Held::Members => {
            let own = before.and_then(Value::as_array).into_iter().flatten();
            let kept =
                |one: &Value| after.and_then(Value::as_array).is_some_and(|all| all.contains(one));
            own.into_iter().any(|one| !kept(one))
        }
    }
}
