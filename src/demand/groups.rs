//! What the node groups, and everything else, ask of each subnet.

use std::collections::BTreeMap;

use crate::blueprint::model::{NatMode, TierEgress, Use};
use crate::facts::{eks, endpoints, subnets};
use crate::intent::{Cluster, Intent, NodeGroup, PodSubnets, Tier};

use super::held::Held;
use super::machine::{self, Density, Machine};

/// One node group's nodes.
#[derive(Clone, Debug)]
pub struct GroupDemand {
    pub name: String,
    pub tier: String,
    /// With custom networking: the tier of its pods.
    pub pod_tier: Option<String>,
    pub density: Density,
    /// Whether pods may live in the nodes' own subnets.
    pub own_subnet_open: bool,
    /// Pods planned on a node.
    pub pods: u64,
    /// Of these, pods that may have security groups of their own.
    pub branches: u64,
    pub planned: Footprint,
    pub boot: Footprint,
    /// With as many pods as a node takes, branch interfaces included.
    pub worst: Footprint,
    pub desired: u64,
    pub max: u64,
    /// Nodes beside `max` while an update replaces them all.
    pub surge: u64,
    /// Zones of the group's own: a zone that comes later gets as much as one of them.
    pub zones: u64,
    /// One EKS node group in each zone: none takes over for another.
    pub per_zone: bool,
}

/// What one node holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Footprint {
    pub node_subnet: Held,
    /// Where pods have subnets of their own, or find some by tag.
    pub pod_subnet: Held,
    /// Interfaces, the node's first included.
    pub interfaces: u64,
}

impl GroupDemand {
    /// Nodes in one zone with `max` spread evenly, and an update under way.
    pub fn in_a_zone(&self) -> u64 {
        (self.max + self.surge).div_ceil(self.zones)
    }

    /// Nodes in one zone once another has failed and the rest carries `max`, as far as it may.
    pub fn after_a_loss(&self) -> u64 {
        if self.per_zone {
            self.max.div_ceil(self.zones)
        } else {
            self.max.div_ceil(self.zones.saturating_sub(1).max(1))
        }
    }
}

/// `zones` says in which zones each node group is made, or was.
pub fn of_groups(intent: &Intent, zones: &BTreeMap<String, Vec<String>>) -> Vec<GroupDemand> {
    let Some(cluster) = &intent.cluster else {
        return Vec::new();
    };
    let groups = cluster.node_groups.iter();
    groups
        .filter_map(|group| {
            of_group(
                cluster,
                group,
                zones.get(&group.name).map_or(1, |zones| zones.len() as u64).max(1),
            )
        })
        .collect()
}

fn of_group(cluster: &Cluster, group: &NodeGroup, zones: u64) -> Option<GroupDemand> {
    let node = &cluster.aws_node;
    let density = machine::density_of(group, node)?;
    let pods = group.pods_per_node.unwrap_or(density.max_pods).min(density.max_pods);
    let max = u64::from(group.max);
    let unavailable = |max: u64| {
        (max * eks::UNAVAILABLE_PER_CENT).div_ceil(100).clamp(1, eks::UNAVAILABLE_AT_MOST)
    };
    let surge = match group.per_zone {
        true => zones * unavailable(max.div_ceil(zones)).max(eks::SURGE_PER_ZONE),
        false => unavailable(max).max(eks::SURGE_PER_ZONE * zones),
    };
    let with = |pods| footprint(cluster, group, |machine| settled(machine, pods, density.max_pods));
    let branches =
        machine::machines(group, node).map(|machine| machine.branches()).max().unwrap_or(0);
    let branch = |machine: &Machine<'_>| Held { singles: machine.branches(), prefixes: 0 };
    let worst = footprint(cluster, group, |machine| {
        machine.pool_at_worst(density.max_pods).plus(branch(machine))
    });
    Some(GroupDemand {
        name: group.name.clone(),
        tier: group.tier.clone(),
        pod_tier: group.pod_tier.clone(),
        own_subnet_open: !group.primary_excluded,
        branches,
        planned: with(pods),
        boot: with(0),
        worst,
        pods,
        desired: u64::from(group.desired),
        max,
        surge,
        per_zone: group.per_zone,
        zones,
        density,
    })
}

/// The most that any of the group's types holds, subnet by subnet.
fn footprint(
    cluster: &Cluster,
    group: &NodeGroup,
    pool: impl Fn(&Machine<'_>) -> Held,
) -> Footprint {
    let each = machine::machines(group, &cluster.aws_node)
        .map(|machine| of_machine(&cluster.pods_in, &machine, pool(&machine)));
    each.fold(Footprint::default(), |most, one| Footprint {
        node_subnet: most.node_subnet.most(one.node_subnet),
        pod_subnet: most.pod_subnet.most(one.pod_subnet),
        interfaces: most.interfaces.max(one.interfaces),
    })
}

/// Pods with security groups of their own take no address of the pool but one of a branch interface each: the split among both that
/// takes most.
fn settled(machine: &Machine<'_>, pods: u64, max_pods: u64) -> Held {
    let split = |branches: u64| {
        machine.pool(pods - branches, max_pods).plus(Held { singles: branches, prefixes: 0 })
    };
    (0..=machine.branches().min(pods))
        .map(split)
        .max_by_key(|held| held.addresses())
        .unwrap_or_default()
}

fn of_machine(pods_in: &PodSubnets, machine: &Machine<'_>, pool: Held) -> Footprint {
    let own = Held::one();
    let trunk = Held { singles: u64::from(machine.has_trunk()), prefixes: 0 };
    let interfaces =
        machine.interfaces_of(pool) + trunk.singles + u64::from(machine.primary_is_bare());
    let (node_subnet, pod_subnet) = match pods_in {
        PodSubnets::Tier(_) => (own, pool.plus(trunk)),
        _ if machine.node.ipv6 => (pool.plus(trunk), Held::default()),
        PodSubnets::OfNode if !machine.primary_is_bare() => (pool.plus(trunk), Held::default()),
        PodSubnets::OfNode | PodSubnets::Discovered(_) if machine.primary_is_bare() => {
            (own.plus(trunk), pool)
        }
        PodSubnets::OfNode | PodSubnets::Discovered(_) => {
            let first = machine.on_primary(pool);
            (
                first.plus(trunk),
                Held {
                    singles: pool.singles.saturating_sub(first.singles),
                    prefixes: pool.prefixes - first.prefixes,
                },
            )
        }
    };
    Footprint { node_subnet, pod_subnet, interfaces }
}

/// What one node of a group, holding `footprint`, asks of a tier's subnet.
pub fn per_node(group: &GroupDemand, footprint: &Footprint, tier: &str) -> Held {
    let nodes = if group.tier == tier { footprint.node_subnet } else { Held::default() };
    if group.pod_tier.as_deref() == Some(tier) { nodes.plus(footprint.pod_subnet) } else { nodes }
}

/// Single addresses that something else than nodes and pods takes in each of a tier's subnets, by name.
pub fn others(intent: &Intent, tier: &Tier) -> Vec<(&'static str, u64)> {
    let control_plane = intent.control_plane_tiers().iter().any(|own| own.name == tier.name);
    let nat = tier.egress == TierEgress::Internet
        && matches!(intent.nat.mode, NatMode::Single | NatMode::PerZone);
    let balancers =
        tier.serves(Use::ExternalLoadBalancers) || tier.serves(Use::InternalLoadBalancers);
    let interfaces = intent.endpoints.of(endpoints::Kind::Interface).count() as u64;
    let profiles = intent
        .cluster
        .iter()
        .flat_map(|cluster| &cluster.fargate)
        .filter(|profile| profile.tier == tier.name);
    let fargate: u64 =
        profiles.map(|profile| profile.pods.div_ceil((tier.zones.len() as u64).max(1))).sum();
    let rows = [
        ("Fargate pods", 0 < fargate, fargate),
        (
            "control plane",
            control_plane && intent.cluster.is_some(),
            subnets::CONTROL_PLANE_INTERFACES,
        ),
        ("NAT gateway", nat, intent.nat.addresses),
        (
            "private NAT gateway",
            intent.transit.private_nat.as_ref().is_some_and(|nat| nat.tier == tier.name),
            1,
        ),
        ("VPC endpoints", intent.endpoints.tier == tier.name && 0 < interfaces, interfaces),
        ("load balancers", balancers, subnets::LOAD_BALANCER_ADDRESSES),
    ];
    rows.into_iter().filter(|(_, there, _)| *there).map(|(what, _, count)| (what, count)).collect()
}
