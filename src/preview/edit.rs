//! An edit of the blueprint, which may be more than one update of CloudFormation.

use crate::graph::Graph;
use crate::template::Template;

use super::compare::one_update;
use super::{Preview, parts};

/// What deploying `after` over `before` would do, part by part where one update cannot do it. `graph` names the blueprint's place of each
/// resource.
pub fn compare(stack: &str, before: &Template, after: &Template, graph: &Graph) -> Preview {
    let mut whole = one_update(stack, before, after, graph);
    let parts = parts::of(&whole, (before, after), graph);
    if parts.len() < 2 {
        return whole;
    }
    // What stands in the way of all at once need not stand in the way of a part.
    let obstacles: Vec<_> =
        parts.iter().flat_map(|part| part.preview.obstacles.iter().cloned()).collect();
    let solved = whole.obstacles.iter().filter(|one| !obstacles.contains(one));
    let solved: Vec<_> = solved.map(|one| one.finding()).collect();
    whole.findings.retain(|finding| !solved.contains(finding));
    let more = obstacles.iter().filter(|one| !whole.obstacles.contains(one));
    whole.findings.extend(more.map(|one| one.finding()));
    whole.obstacles = obstacles;
    whole.parts = parts;
    whole
}
