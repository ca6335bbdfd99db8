//! Quotas that an update passes in between: what is removed still counts while its replacement is created.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::facts::kinds::quotas::{MOST, Most};
use crate::facts::kinds::{self, Order};
use crate::graph::references;
use crate::template::Template;

use super::{Change, ChangeKind, Obstacle};

pub fn of(changes: &[Change], before: &Template, after: &Template) -> Vec<Obstacle> {
    of_part(changes, (before, after), (before, after))
}

/// Of a part of the way from one to the other of `ends`: only what both ends have is known to be allowed.
pub fn of_part(
    changes: &[Change],
    part: (&Template, &Template),
    ends: (&Template, &Template),
) -> Vec<Obstacle> {
    MOST.iter().flat_map(|most| passed(most, changes, part, ends)).collect()
}

/// What counts together, by the values that say so.
type Counted<'t> = BTreeMap<String, BTreeSet<&'t str>>;

fn counted<'t>(most: &Most, template: &'t Template) -> Counted<'t> {
    let mut found = Counted::new();
    for (id, resource) in template.resources() {
        let properties = &resource["Properties"];
        let counts = resource["Type"] == most.kind
            && most.with.is_none_or(|with| !properties[with].is_null());
        if counts {
            found.entry(scope(most, properties)).or_default().insert(id);
        }
    }
    found
}

fn scope(most: &Most, properties: &Value) -> String {
    Value::from_iter(most.within.iter().map(|name| properties[*name].clone())).to_string()
}

fn passed(
    most: &'static Most,
    changes: &[Change],
    (before, after): (&Template, &Template),
    ends: (&Template, &Template),
) -> Vec<Obstacle> {
    let (old, new) = (counted(most, before), counted(most, after));
    let ends = [counted(most, ends.0), counted(most, ends.1)];
    let beside =
        kinds::find(most.kind).is_none_or(|kind| kind.replaced.order == Order::CreateFirst);
    let made: Vec<&Change> = changes
        .iter()
        .filter(|change| change.change_kind() == ChangeKind::Add || (beside && change.is_made()))
        .collect();
    let one = |(scope, now): (&String, &BTreeSet<&str>)| {
        let was = old.get(scope)?;
        let fresh: Vec<&&Change> =
            made.iter().filter(|change| now.contains(change.id.as_str())).collect();
        // Of a new VPC or table there is nothing yet.
        let place: Value = serde_json::from_str(scope).ok()?;
        if references(&place).iter().any(|id| made.iter().any(|change| change.id == *id)) {
            return None;
        }
        let between = was.len() + fresh.len() + most.taken;
        let at_ends = ends.iter().filter_map(|end| end.get(scope)).map(BTreeSet::len);
        let settled = at_ends.max().unwrap_or_default() + most.taken;
        // Whoever has more than the default had the quota raised, as far as nobody knows.
        let room = most.default.max(settled).saturating_sub(was.len() + most.taken);
        (most.default < between && settled < between).then(|| Obstacle::QuotaPassed {
            most,
            between,
            late: fresh.iter().skip(room).map(|change| change.id.clone()).collect(),
            path: fresh.first().map(|change| change.path.clone()).unwrap_or_default(),
        })
    };
    new.iter().filter_map(one).collect()
}
