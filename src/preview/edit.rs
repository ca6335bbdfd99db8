//! An edit of the blueprint, which may be more than one update of CloudFormation.

use crate::graph::Graph;
use crate::template::Template;

use super::compare::one_update;
use super::named::Names;
use super::notice::Consequence;
use super::{Part, Preview, Weight, impact, parts};

/// What deploying `after` over `before` would do, part by part where one update cannot do it. `graph` names the blueprint's place of each
/// resource.
pub fn compare(stack: &str, before: &Template, after: &Template, graph: &Graph) -> Preview {
    let names = Names { after, before };
    let mut whole = one_update(stack, before, after, graph);
    let parts = parts::of(&whole, (before, after), graph);
    if parts.len() < 2 {
        return whole;
    }
    // What stands in the way of all at once need not stand in the way of a part.
    let obstacles: Vec<_> =
        parts.iter().flat_map(|part| part.preview.obstacles.iter().cloned()).collect();
    let solved = whole.obstacles.iter().filter(|one| !obstacles.contains(one));
    let solved: Vec<_> = solved.map(|one| one.finding(names)).collect();
    whole.findings.retain(|finding| !solved.contains(finding));
    let more = obstacles.iter().filter(|one| !whole.obstacles.contains(one));
    // A part says what the whole says of it, at a place that may be less near.
    for finding in more.map(|one| one.finding(names)) {
        if !whole.findings.iter().any(|one| one.message == finding.message) {
            whole.findings.push(finding);
        }
    }
    whole.obstacles = obstacles;
    whole.impact.extend(between(&whole, &parts));
    whole.parts = parts;
    whole
}

/// What is cut off from one part to a later one, and by the whole edit not at all.
fn between(whole: &Preview, parts: &[Part]) -> Vec<Consequence> {
    let mut found = Vec::new();
    for one in parts.iter().flat_map(|part| impact::consequences(&part.preview.changes)) {
        let known = whole.impact.contains(&one) || found.contains(&one);
        if Weight::Outage <= one.weight() && !known {
            found.push(one);
        }
    }
    found
}
