//! Whether aws-node hands out whole /28 prefixes where the blueprint leaves it open.

use crate::blueprint::Blueprint;
use crate::blueprint::model::{self, IpFamily, Use};
use crate::facts::subnets;

use super::{Choices, Tier};

/// On by default, unless no subnet that pods take their addresses from has a whole /28.
pub fn fit(
    blueprint: &Blueprint,
    written: &model::AwsNode,
    tiers: &[Tier],
    choices: &mut Choices,
) -> bool {
    let cluster = blueprint.cluster.as_ref();
    let ipv6 = cluster.is_some_and(|cluster| cluster.ip_family == Some(IpFamily::Ipv6));
    let asked = written.warm.as_ref().is_some_and(|warm| warm.prefixes.is_some());
    let mut carrying = tiers.iter().filter(|tier| carries(blueprint, written, tier)).peekable();
    let none = carrying.peek().is_some()
        && carrying.all(|tier| {
            let small = |len| len <= subnets::SMALLEST && subnets::prefixes(len) == 0;
            tier.size.fixed().is_some_and(small)
        });
    let on = ipv6 || asked || !none;
    let why = match on {
        true => "up to 110 or 250 pods per node instead of a few dozen",
        false => "the subnets of the pods have no whole /28",
    };
    choices.note("awsNode.prefixDelegation", on, why);
    on
}

/// Whether pods take their addresses from a tier, as the blueprint has it.
fn carries(blueprint: &Blueprint, written: &model::AwsNode, tier: &Tier) -> bool {
    let groups = blueprint.node_groups.iter().flatten();
    if let Some(custom) = &written.custom_networking {
        let mut own = groups.filter_map(|group| group.pod_tier.as_ref());
        return custom.tier == tier.name || own.any(|name| *name == tier.name);
    }
    let mut homes = groups.filter_map(|group| group.tier.as_ref());
    tier.serves(Use::Nodes) || tier.serves(Use::Pods) || homes.any(|name| *name == tier.name)
}
