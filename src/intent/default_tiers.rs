//! The sizes of the tiers of a blueprint that writes none, in a VPC of any size.

use ipnet::Ipv4Net;

use crate::blueprint::Blueprint;
use crate::blueprint::model::{IpFamily, Management, Use};
use crate::diagnostic::Diagnostic;
use crate::facts::subnets;
use crate::rules::VPC_35;

/// Whether the nodes' subnets have to hold whole /28 blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefixes {
    /// Nobody takes any.
    None,
    /// The blueprint leaves it open: where there is room.
    WhereTheyFit,
    /// The blueprint asks for them.
    Required,
}

/// What the default tiers have to fit in.
#[derive(Clone, Copy)]
pub struct Room {
    pub vpc: Ipv4Net,
    pub zones: usize,
    pub prefixes: Prefixes,
}

/// The size for a use in a range of /16; smaller ranges get smaller subnets, in proportion.
pub fn default_size(serves: &[Use], pool: Ipv4Net) -> u8 {
    let wanted =
        serves.iter().map(|one| subnets::of(*one).size).min().unwrap_or(subnets::DEFAULT_SIZE);
    let scaled = wanted.saturating_add(pool.prefix_len().saturating_sub(subnets::LARGEST));
    scaled.min(subnets::smallest_for(serves))
}

/// As the blueprint has it, before anything is resolved.
pub fn prefixes(blueprint: &Blueprint) -> Prefixes {
    let Some(cluster) = &blueprint.cluster else { return Prefixes::None };
    let aws_node = blueprint.aws_node.as_ref();
    let elsewhere = cluster.auto_mode.is_some()
        || cluster.ip_family == Some(IpFamily::Ipv6)
        || aws_node.is_some_and(|aws_node| aws_node.management == Some(Management::None));
    let written = aws_node.and_then(|aws_node| aws_node.prefix_delegation);
    match written {
        _ if elsewhere => Prefixes::None,
        None => Prefixes::WhereTheyFit,
        Some(true) => Prefixes::Required,
        Some(false) => Prefixes::None,
    }
}

/// One prefix length per use, of the first plan that fits; and what is wrong where none does.
pub fn sizes(plan: &[&[Use]], room: &Room) -> (Vec<u8>, Option<Diagnostic>) {
    let cidr = room.vpc;
    let find = |len: u8| {
        candidates(plan, room, len).into_iter().find(|sizes| fits(sizes, room.zones, len))
    };
    if let Some(sizes) = find(cidr.prefix_len()) {
        return (sizes, None);
    }
    // As they are asked for, so that nothing else is found wrong with them.
    let asked = scaled(plan, room, cidr.prefix_len());
    let asked = of_nodes(plan, &asked, subnets::smallest_with_prefixes());
    // A VPC that no tier fits in is refused for its own size.
    if subnets::SMALLEST < cidr.prefix_len() {
        return (asked, None);
    }
    let zones = match room.zones {
        1 => "1 zone".to_string(),
        more => format!("{more} zones"),
    };
    let message = format!("`{cidr}` is too small for the default tiers in {zones}");
    let finding = VPC_35.at("vpc.cidr", message);
    let works = (subnets::LARGEST..=subnets::SMALLEST).rev().find(|len| find(*len).is_some());
    let finding = match works {
        Some(len) => finding.hint(format!("use a /{len} or larger, or set `tiers`")),
        None => finding.hint("use fewer `zones`, or set `tiers`"),
    };
    (asked, Some(finding))
}

fn scaled(plan: &[&[Use]], room: &Room, vpc: u8) -> Vec<u8> {
    let pool = Ipv4Net::new(room.vpc.addr(), vpc).unwrap_or(room.vpc);
    plan.iter().map(|serves| default_size(serves, pool)).collect()
}

/// Best first: in proportion to the VPC, with whole prefixes for the nodes; without them; all but the nodes as small as EC2 allows.
fn candidates(plan: &[&[Use]], room: &Room, vpc: u8) -> Vec<Vec<u8>> {
    let scaled = scaled(plan, room, vpc);
    let smallest = vec![subnets::SMALLEST; plan.len()];
    let roomy = subnets::smallest_with_prefixes();
    let larger = (subnets::LARGEST..=roomy).map(|len| of_nodes(plan, &scaled, len));
    let without = of_nodes(plan, &smallest, subnets::SMALLEST_FOR_LOAD_BALANCERS);
    match room.prefixes {
        Prefixes::None => vec![scaled, without],
        _ if has_prefixes(plan, &scaled) => vec![scaled],
        Prefixes::Required => larger.chain([of_nodes(plan, &smallest, roomy)]).collect(),
        Prefixes::WhereTheyFit => {
            let larger = larger.chain([scaled.clone(), without]);
            larger.collect()
        }
    }
}

/// With the nodes' subnets at `len`.
fn of_nodes(plan: &[&[Use]], sizes: &[u8], len: u8) -> Vec<u8> {
    let each = plan.iter().zip(sizes);
    each.map(|(serves, size)| if serves.contains(&Use::Nodes) { len } else { *size }).collect()
}

fn has_prefixes(plan: &[&[Use]], sizes: &[u8]) -> bool {
    let mut each = plan.iter().zip(sizes);
    each.any(|(serves, len)| serves.contains(&Use::Nodes) && 0 < subnets::prefixes(*len))
}

/// Aligned blocks of powers of two fit where their sum does.
fn fits(sizes: &[u8], zones: usize, vpc: u8) -> bool {
    let addresses = |len: u8| 1u64 << (32 - u32::from(len));
    let asked: u64 = sizes.iter().map(|len| addresses(*len)).sum();
    asked * zones as u64 <= addresses(vpc)
}
