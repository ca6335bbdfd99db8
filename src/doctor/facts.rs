//! Several checks may see one fact: a subnet without free addresses stops pods, nodes, load balancers and updates at once.

use super::Found;
use super::verdict::{Proof, Sick};

/// The figure that is one fact of one subnet, whoever looks at it.
pub const FREE: &str = "AvailableIpAddressCount";

/// Who tells it best, first one first; others as they come.
const FIRST: [&str; 2] = ["IP-01", "NJ-14"];

/// Which fact a cause is proven by, where others may see the same.
fn fact(sick: &Sick) -> Option<&Proof> {
    sick.proof().first().filter(|proof| proof.field == FREE)
}

fn shared(found: &Found, sick: &Sick) -> bool {
    let told =
        |one: &Proof, other: &Proof| one.read == other.read && one.resource == other.resource;
    let own = fact(sick);
    found
        .causes
        .iter()
        .any(|cause| fact(cause).zip(own).is_some_and(|(one, other)| told(one, other)))
}

/// Roots of which each fact has one; what else sees it comes back apart, and is named where it is told.
pub fn once(roots: Vec<Found>) -> (Vec<Found>, Vec<Found>) {
    let rank =
        |found: &Found| FIRST.iter().position(|id| *id == found.check.id).unwrap_or(FIRST.len());
    let mut order: Vec<usize> = (0..roots.len()).collect();
    order.sort_by_key(|at| (rank(&roots[*at]), *at));
    let mut kept: Vec<(usize, Found)> = Vec::new();
    let mut apart = Vec::new();
    let mut all: Vec<Option<Found>> = roots.into_iter().map(Some).collect();
    for at in order {
        let Some(mut found) = all[at].take() else { continue };
        let (again, own): (Vec<Sick>, Vec<Sick>) = std::mem::take(&mut found.causes)
            .into_iter()
            .partition(|sick| kept.iter().any(|(_, root)| shared(root, sick)));
        for (_, root) in &mut kept {
            if again.iter().any(|sick| shared(root, sick)) {
                root.follow.push(found.check);
            }
        }
        if !again.is_empty() {
            apart.push(Found { check: found.check, causes: again, follow: Vec::new() });
        }
        if !own.is_empty() {
            kept.push((at, Found { causes: own, ..found }));
        }
    }
    kept.sort_by_key(|(at, _)| *at);
    (kept.into_iter().map(|(_, found)| found).collect(), apart)
}
