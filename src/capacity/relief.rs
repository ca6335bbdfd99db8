//! What to do when the fullest subnets are full: the in-place way, a further tier.

use crate::address::{AddressPlan, legal_secondary};
use crate::facts::subnets;
use crate::intent::{Intent, PodSubnets};

use super::figures::Capacity;

/// In words, about the subnet that is full first; `None` where nothing runs out.
pub fn relief(intent: &Intent, plan: &AddressPlan, capacity: &Capacity) -> Option<String> {
    let cluster = intent.cluster.as_ref()?;
    let first = capacity.zones.iter().min_by_key(|zone| zone.nodes.certain)?;
    let name = first.limited_by.split(' ').next()?;
    let (tier, len) = (intent.tier(name)?, plan.of_tier(name).next()?.cidr.prefix_len());
    let zones = tier.zones.len();
    let how = match &cluster.pods_in {
        PodSubnets::Tier(_) if cluster.pod_tiers().contains(&name) => {
            "`customNetworking` pointed at it, and the node groups replaced"
        }
        PodSubnets::Discovered(tiers) if tiers.iter().any(|pods| pods == name) => {
            "which serves pods: aws-node finds it by its tag"
        }
        _ => "and further node groups in it",
    };
    let fits = |range| plan.places(range, len) >= zones;
    if let Some(range) =
        std::iter::once(tier.pool).chain(intent.vpc.cidrs()).find(|range| fits(*range))
    {
        return Some(format!(
            "a second tier of /{len} fits into what is free in {range} ({zones} × /{len}), {how}"
        ));
    }
    let smaller = (len + 1..=subnets::SMALLEST).find(|len| plan.places(tier.pool, *len) >= zones);
    let secondary = legal_secondary(intent)
        .map(|cidr| format!("a secondary CIDR, such as {cidr}, and a tier from it, {how}"));
    match (secondary, smaller) {
        (Some(secondary), _) => Some(secondary),
        (None, Some(len)) => {
            Some(format!("a second tier of /{len} fits into what is free in {}, {how}", tier.pool))
        }
        (None, None) => {
            Some("another VPC: nothing is free, and this one accepts no further range".to_string())
        }
    }
}
