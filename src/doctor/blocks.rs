//! What can be done about a fragmented subnet: which nodes to drain, and how large a reservation can be now.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::facts::eks::HOST_NETWORK_PODS;
use crate::facts::subnets::{ADDRESSES_PER_PREFIX, PREFIX};
use crate::observed::survey::{Subnet, Survey, VpcSurvey};
use crate::survey::{Block, PrefixMap, items};

use super::cast::{is_on, pod_subnets, settings};

/// Nodes whose drain frees blocks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drain {
    /// `i-…`, in the order in which to drain them.
    pub instances: Vec<String>,
    /// Blocks that are whole afterwards.
    pub frees: usize,
}

/// The single addresses of one block: who holds them.
type Holders = BTreeSet<String>;
/// By number: the holders, and how many addresses they hold.
type Blocks = BTreeMap<usize, (Holders, usize)>;

/// Nodes up to which every set is tried.
const TRIED: usize = 12;

/// The smallest set of nodes whose drain frees `wanted` blocks of a subnet; `None` where no set does. With more than twelve nodes it is a
/// small set, not surely the smallest.
pub fn drain(vpc: &VpcSurvey, map: &PrefixMap, wanted: usize) -> Option<Drain> {
    let blocks = drainable(vpc, map);
    let nodes: BTreeSet<&String> = blocks.values().flat_map(|(holders, _)| holders).collect();
    if TRIED < nodes.len() {
        return greedy(&blocks, wanted);
    }
    let nodes: Vec<&String> = nodes.into_iter().collect();
    let chosen = |set: u32| -> Holders {
        let picked = nodes.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1);
        picked.map(|(_, node)| (*node).clone()).collect()
    };
    let mut sets: Vec<u32> = (0..1 << nodes.len()).collect();
    sets.sort_by_key(|set| (set.count_ones(), *set));
    let found = sets.into_iter().map(chosen).find(|set| wanted <= freed(&blocks, set))?;
    Some(Drain { frees: freed(&blocks, &found), instances: found.into_iter().collect() })
}

fn freed(blocks: &Blocks, gone: &Holders) -> usize {
    blocks.values().filter(|(holders, _)| holders.is_subset(gone)).count()
}

/// Of the blocks, the one with the fewest nodes that still have to go is taken next, and of equals the one with the fewest addresses,
/// then the first.
fn greedy(blocks: &Blocks, wanted: usize) -> Option<Drain> {
    let mut gone = Holders::new();
    let mut order = Vec::new();
    loop {
        let frees = freed(blocks, &gone);
        if wanted <= frees {
            return Some(Drain { instances: order, frees });
        }
        let open = blocks.iter().filter(|(_, (holders, _))| !holders.is_subset(&gone));
        let next = open.min_by_key(|(at, (holders, addresses))| {
            (holders.difference(&gone).count(), *addresses, **at)
        });
        let more: Vec<String> = next?.1.0.difference(&gone).cloned().collect();
        order.extend(more.iter().cloned());
        gone.extend(more);
    }
}

/// Broken and full blocks whose addresses are all of instances, with their holders and how many addresses they hold. The primary
/// address of a node's interface goes with the node.
fn drainable(vpc: &VpcSurvey, map: &PrefixMap) -> Blocks {
    let mut blocks: BTreeMap<usize, (Option<Holders>, usize)> = BTreeMap::new();
    let own = items(&vpc.interfaces).iter().filter(|one| one.subnet == map.subnet);
    for interface in own {
        for address in interface.addresses.iter().map(|one| one.private) {
            let Some(at) = block_of(map, address) else { continue };
            let row = blocks.entry(at).or_insert((Some(Holders::new()), 0));
            row.1 += 1;
            match interface.instance() {
                Some(instance) => _ = row.0.as_mut().map(|set| set.insert(instance.to_string())),
                None => row.0 = None,
            }
        }
    }
    let taken = |at: usize| matches!(map.blocks.get(at), Some(Block::Broken | Block::Full));
    let whole = blocks.into_iter().filter(|(at, _)| taken(*at));
    whole.filter_map(|(at, (holders, count))| Some((at, (holders?, count)))).collect()
}

fn block_of(map: &PrefixMap, address: Ipv4Addr) -> Option<usize> {
    let inside = map.cidr.contains(&address);
    let offset = || (u32::from(address) - u32::from(map.cidr.network())) >> (32 - PREFIX);
    inside.then(|| offset() as usize)
}

/// The largest reservation for prefixes that EC2 accepts now and whose blocks are all free; the first of equals.
pub fn largest_reservation(map: &PrefixMap) -> Option<Ipv4Net> {
    let run = |len: u8, at: usize| {
        let blocks = 1usize << (PREFIX - len);
        let part = map.blocks.get(at..at + blocks)?;
        part.iter().all(|block| *block == Block::Free).then_some(())?;
        Ipv4Net::new(map.range(at)?.network(), len).ok()
    };
    (map.cidr.prefix_len()..=PREFIX).find_map(|len| {
        let step = 1usize << (PREFIX - len);
        (0..map.blocks.len()).step_by(step).find_map(|at| run(len, at))
    })
}

/// Nodes more that find prefixes for all of their pods in a subnet, each as large as the largest node of its zone; `None` where pods of
/// nodes take no prefixes there, or no node shows how many.
pub fn nodes_that_fit(survey: &Survey, subnet: &Subnet, map: &PrefixMap) -> Option<u64> {
    let env = settings(survey).ok()??;
    let serves = pod_subnets(survey).ok()?.iter().any(|own| own.id == subnet.id);
    if !serves || !is_on(Some(env), "ENABLE_PREFIX_DELEGATION") {
        return None;
    }
    let here = items(&survey.kubernetes.nodes)
        .iter()
        .filter(|node| node.zone_name.as_ref() == Some(&subnet.zone_name));
    let pods = here.filter_map(|node| node.pods).max()?.saturating_sub(HOST_NETWORK_PODS);
    // One is kept warm beside those that are in use.
    let warm = env.get("WARM_PREFIX_TARGET").and_then(|text| text.parse::<u64>().ok()).unwrap_or(1);
    let each = pods.div_ceil(ADDRESSES_PER_PREFIX) + warm;
    Some(map.usable() / each.max(1))
}
