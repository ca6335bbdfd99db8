//! How many nodes fit into a zone.

use crate::demand::GroupDemand;
use crate::intent::Zone;

use super::figures::{Estimate, ZoneCapacity};
use super::load::{Figure, Load, Nodes};

/// Beyond the addresses of any subnet.
const MOST_NODES: u64 = 1 << 17;

/// `None` where no group has nodes.
pub fn of(load: &Load<'_>, zone: &Zone) -> Option<ZoneCapacity> {
    let shares = load.nodes(zone, |group| group.max.max(1));
    if shares.is_empty() {
        return None;
    }
    let certain = fill(load, zone, &shares, Figure::Certain);
    let best = fill(load, zone, &shares, Figure::AtBest);
    let nodes = |filled: &Filled| filled.nodes.iter().map(|(_, count)| count).sum::<u64>();
    let pods = |filled: &Filled| {
        filled.nodes.iter().map(|(at, count)| count * load.groups[*at].pods).sum::<u64>()
    };
    let range = |of: &dyn Fn(&Filled) -> u64| Estimate {
        certain: of(&certain),
        at_best: of(&best).max(of(&certain)),
    };
    let mut of_groups = vec![0; load.groups.len()];
    certain.nodes.iter().for_each(|(at, count)| of_groups[*at] = *count);
    Some(ZoneCapacity {
        zone: zone.clone(),
        nodes: range(&nodes),
        pods: range(&pods),
        of_groups,
        limited_by: certain.limited_by.map(|(_, subnet)| subnet).unwrap_or_default(),
    })
}

#[derive(Default)]
struct Filled {
    nodes: Nodes,
    /// (nodes for each thousand of the groups' `max`, the subnet that stops them): of the groups that are stopped first.
    limited_by: Option<(u64, String)>,
}

impl Filled {
    fn stopped(&mut self, at: u64, subnet: String) {
        if self.limited_by.as_ref().is_none_or(|(earlier, _)| at < *earlier) {
            self.limited_by = Some((at, subnet));
        }
    }
}

/// Groups that share a subnet grow in the proportion of their `max` until one is full; the others go on. One whose first node finds no
/// room holds nobody up.
fn fill(load: &Load<'_>, zone: &Zone, shares: &Nodes, figure: Figure) -> Filled {
    let mut filled = Filled::default();
    for together in sharing(load, shares) {
        let (fitting, too_large): (Nodes, Nodes) =
            together.into_iter().partition(|(at, _)| load.fits(zone, &vec![(*at, 1)], figure));
        for (at, _) in too_large {
            let full = load.first_full(zone, &vec![(at, 1)], figure).unwrap_or_default();
            filled.stopped(0, full.subnet);
            filled.nodes.push((at, 0));
        }
        if fitting.is_empty() {
            continue;
        }
        let nodes = most_nodes(load, zone, &fitting, figure);
        let full = load.first_full(zone, &split(&fitting, nodes + 1), figure).unwrap_or_default();
        let whole: u64 = fitting.iter().map(|(_, share)| share).sum();
        filled.stopped(nodes * 1000 / whole, full.subnet);
        filled.nodes.extend(split(&fitting, nodes));
    }
    filled
}

/// The groups by the subnets that they share, however remotely.
fn sharing(load: &Load<'_>, shares: &Nodes) -> Vec<Nodes> {
    let reaches = |at: usize| &load.groups[at].reaches;
    let meet =
        |one: usize, other: usize| reaches(one).iter().any(|tier| reaches(other).contains(tier));
    let mut sets: Vec<Nodes> = Vec::new();
    for share in shares {
        let (joined, apart): (Vec<Nodes>, Vec<Nodes>) =
            sets.into_iter().partition(|set| set.iter().any(|(at, _)| meet(*at, share.0)));
        let mut own: Nodes = joined.concat();
        own.push(*share);
        sets = apart;
        sets.push(own);
    }
    sets
}

fn most_nodes(load: &Load<'_>, zone: &Zone, shares: &Nodes, figure: Figure) -> u64 {
    let fits = |nodes| load.fits(zone, &split(shares, nodes), figure);
    let (mut low, mut high) = (0u64, MOST_NODES);
    while low + 1 < high {
        let middle = low.midpoint(high);
        if fits(middle) { low = middle } else { high = middle }
    }
    // The remainders of a split may make one node more fit after one that did not.
    while low < MOST_NODES && fits(low + 1) {
        low += 1;
    }
    low
}

/// `total` nodes in the proportion of the shares, remainders to the first.
fn split(shares: &Nodes, total: u64) -> Nodes {
    let whole: u64 = shares.iter().map(|(_, share)| share).sum();
    let mut nodes: Nodes = shares.iter().map(|(at, share)| (*at, total * share / whole)).collect();
    let rest = total - nodes.iter().map(|(_, count)| count).sum::<u64>();
    nodes.iter_mut().take(rest as usize).for_each(|(_, count)| *count += 1);
    nodes
}

/// Nodes of a group with those of zones that came later.
pub fn at_max(load: &Load<'_>, group: &GroupDemand) -> u64 {
    group.max + load.late(group) * group.max.div_ceil(group.zones)
}
