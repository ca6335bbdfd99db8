//! Properties of which a resource has exactly one: what a route leads to, whom a rule lets in.

use crate::diagnostic::Diagnostic;
use crate::facts::exclusions::{Alternatives, ONE_OF};
use crate::intent::Patch;
use crate::rules::{PAT_11, PAT_12};
use crate::template::Template;

use super::{Aim, guard};

pub(super) fn check(
    patch: &Patch,
    aim: &Aim<'_>,
    (before, after): (&Template, &Template),
) -> Vec<Diagnostic> {
    let rows = ONE_OF.iter().filter(|row| row.kind == aim.kind);
    rows.filter_map(|row| {
        let touches = |property: &str| row.properties.contains(&property);
        let (_, place) = guard::touched(patch).into_iter().find(|(own, _)| touches(own))?;
        aim.ids.iter().find_map(|id| judged(row, id, &place, (before, after)))
    })
    .collect()
}

fn judged(
    row: &Alternatives,
    id: &str,
    place: &str,
    (before, after): (&Template, &Template),
) -> Option<Diagnostic> {
    let (was, is) = (of(row, id, before), of(row, id, after));
    match is.as_slice() {
        [] => Some(
            PAT_11
                .at(place, format!("`{id}` no longer has {}", row.what))
                .hint(format!("set one of {}", listed(row.properties))),
        ),
        [_] => (row.fixed && was != is).then(|| {
            PAT_12
                .at(place, format!("`{id}` would have another kind of {}", row.what))
                .label("the plan and its checks are for the former one")
                .hint(row.instead)
        }),
        several => Some(
            PAT_11
                .at(place, format!("`{id}` has more than one {}: {}", row.what, listed(several)))
                .hint("add `remove: […]` with the former one, or remove the line"),
        ),
    }
}

/// Those of the row that a resource has.
fn of(row: &Alternatives, id: &str, template: &Template) -> Vec<&'static str> {
    let Some(resource) = template.resource(id) else { return Vec::new() };
    let is_set = |name: &&&str| !resource["Properties"][**name].is_null();
    row.properties.iter().filter(is_set).copied().collect()
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
