//! In which subnets pods have their addresses.

use crate::blueprint::Blueprint;
use crate::blueprint::model::{self, Use};
use crate::facts::endpoints::KARPENTER_TAG;
use crate::facts::subnets::{DISCOVERY_CLUSTER_TAG, DISCOVERY_TAG};

use super::{AwsNode, Choices, Tier};

/// Where aws-node takes the addresses of pods from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PodSubnets {
    /// The node's own subnet.
    #[default]
    OfNode,
    /// A tier of their own (custom networking).
    Tier(String),
    /// The node's own subnet and those of tiers tagged for discovery, whichever has more room (rules SD-02 to SD-07).
    Discovered(Vec<String>),
}

/// The tags by which aws-node and Karpenter find subnets, where the author asks for them.
pub fn tag(blueprint: &Blueprint, tiers: &mut [Tier], choices: &mut Choices) {
    tag_discovered(blueprint.aws_node.as_ref(), tiers, choices);
    tag_for_karpenter(blueprint, tiers, choices);
}

/// Tiers made for pods get the tag by which aws-node finds them, where the author asks for discovery.
fn tag_discovered(written: Option<&model::AwsNode>, tiers: &mut [Tier], choices: &mut Choices) {
    let asked = written.is_some_and(|node| {
        node.subnet_discovery == Some(true) && node.custom_networking.is_none()
    });
    for tier in
        tiers.iter_mut().filter(|tier| asked && tier.serves(Use::Pods) && !tier.serves(Use::Nodes))
    {
        if !tier.tags.contains_key(DISCOVERY_TAG) {
            choices.note(
                format!("tier {}: tag {DISCOVERY_TAG}", tier.name),
                "1",
                "aws-node finds the subnets of pods by it",
            );
            tier.tags.insert(DISCOVERY_TAG.to_string(), "1".to_string());
        }
    }
}

/// Tiers of nodes get the tag by which Karpenter's node classes find them.
fn tag_for_karpenter(blueprint: &Blueprint, tiers: &mut [Tier], choices: &mut Choices) {
    let (Some(cluster), true) = (&blueprint.cluster, blueprint.karpenter.is_some()) else { return };
    let name = cluster.existing.as_ref().unwrap_or(&blueprint.metadata.name);
    let made = tiers.iter_mut().filter(|tier| tier.existing.is_none() && tier.serves(Use::Nodes));
    for tier in made {
        if !tier.tags.contains_key(KARPENTER_TAG) {
            choices.note(
                format!("tier {}: tag {KARPENTER_TAG}", tier.name),
                name,
                "Karpenter's node classes find the subnets of nodes by it",
            );
            tier.tags.insert(KARPENTER_TAG.to_string(), name.clone());
        }
    }
}

/// `cluster` is its name: subnets tagged for others only are closed to it (rule SD-06).
pub fn resolve(node: &AwsNode, tiers: &[Tier], cluster: &str) -> PodSubnets {
    if let Some(custom) = &node.custom_networking {
        return PodSubnets::Tier(custom.tier.clone());
    }
    let open = |tier: &&Tier| {
        tier.tags.get(DISCOVERY_TAG).is_some_and(|value| !value.is_empty() && value != "0")
    };
    let named = |tier: &Tier| -> Vec<String> {
        tier.tags
            .keys()
            .filter_map(|tag| tag.strip_prefix(DISCOVERY_CLUSTER_TAG))
            .map(str::to_string)
            .collect()
    };
    let ours =
        |tier: &&Tier| named(tier).is_empty() || named(tier).iter().any(|name| name == cluster);
    let tagged: Vec<String> = tiers
        .iter()
        .filter(|_| node.discovery && !node.ipv6)
        .filter(open)
        .filter(ours)
        .map(|tier| tier.name.clone())
        .collect();
    if tagged.is_empty() { PodSubnets::OfNode } else { PodSubnets::Discovered(tagged) }
}

/// Whether a node in `tier` has a first interface that carries no pod, because its subnet is closed to them.
pub fn excludes(node: &AwsNode, tier: Option<&Tier>, cluster: &str) -> bool {
    node.discovery && !node.ipv6 && tier.is_some_and(|tier| is_closed(tier, cluster))
}

/// Whether aws-node of this cluster takes no address of a tier: closed to pods, or open to other clusters only (rules SD-03, SD-06).
pub fn is_closed(tier: &Tier, cluster: &str) -> bool {
    let mut named =
        tier.tags.keys().filter_map(|tag| tag.strip_prefix(DISCOVERY_CLUSTER_TAG)).peekable();
    let others = named.peek().is_some() && !named.any(|name| name == cluster);
    tier.tags.get(DISCOVERY_TAG).is_some_and(|value| value == "0" || !value.is_empty() && others)
}
