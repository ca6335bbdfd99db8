//! What the nodes of the node groups ask of each subnet.

use std::collections::BTreeMap;

use crate::blueprint::model::{NewZones, UpdateStrategy};
use crate::facts::eks;
use crate::intent::equipment::Unavailable;
use crate::intent::{Cluster, Intent, NodeGroup, PodSubnets};

use super::held::{AtMost, Held};
use super::machine::{self, Density, Machine};
use super::shape::{self, Shape};

/// One node group's nodes.
#[derive(Clone, Debug)]
pub struct GroupDemand {
    pub name: String,
    /// Its nodes run already: it exists.
    pub runs: bool,
    pub tier: String,
    /// Ids of the zones that it is in; `None`: all of the tier's.
    pub only_in: Option<Vec<String>>,
    /// With custom networking: the tier of its pods.
    pub pod_tier: Option<String>,
    pub density: Density,
    /// Tiers whose addresses its nodes and pods may take.
    pub reaches: Vec<String>,
    /// Whether pods may live in the nodes' own subnets.
    pub own_subnet_open: bool,
    /// Pods planned on a node at most, at any time.
    pub pods: u64,
    /// Of these, pods that may have security groups of their own.
    pub branches: u64,
    /// With the planned pods, in the worst order of placement.
    pub planned: Footprint,
    /// The same in the best order.
    pub at_best: Footprint,
    /// Once aws-node has started, without a pod.
    pub boot: Footprint,
    /// What a node does not become ready without: aws-node goes on where the addresses of its pool are refused, unless pods have an
    /// interface of their own. Source: amazon-vpc-cni-k8s v1.23.1, pkg/ipamd/ipamd.go 673-690, read 2026-11-28.
    pub start: Footprint,
    /// With as many pods as a node takes, branch interfaces included.
    pub worst: Footprint,
    /// What a node takes step by step, for each of its types: where aws-node finds subnets by tag.
    pub shapes: Vec<Shape>,
    pub desired: u64,
    pub max: u64,
    /// Nodes beside `max` while an update replaces them all.
    pub surge: u64,
    /// Zones that share the group's numbers: a further one gets as much as one of them.
    pub zones: u64,
    /// One EKS node group in each zone: none takes over for another.
    pub per_zone: bool,
}

/// What one node holds at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Footprint {
    pub node_subnet: AtMost,
    /// Where pods have subnets of their own, or find some by tag.
    pub pod_subnet: AtMost,
    /// Network address units: addresses, prefixes and interfaces beside the first.
    pub units: u64,
}

impl Footprint {
    /// The larger of each.
    fn or(self, held: Taken) -> Self {
        let Held { singles, prefixes } = held.node_subnet.plus(held.pod_subnet);
        Self {
            node_subnet: self.node_subnet.or(held.node_subnet),
            pod_subnet: self.pod_subnet.or(held.pod_subnet),
            units: self.units.max(singles + prefixes + held.interfaces.saturating_sub(1)),
        }
    }

    /// What a node of a group asks of a tier's subnet.
    pub fn in_tier(&self, group: &GroupDemand, tier: &str) -> AtMost {
        let nodes = if group.tier == tier { self.node_subnet } else { AtMost::default() };
        if group.pod_tier.as_deref() == Some(tier) { nodes.plus(self.pod_subnet) } else { nodes }
    }
}

/// What one node of one type holds with one choice of pods.
struct Taken {
    node_subnet: Held,
    pod_subnet: Held,
    interfaces: u64,
}

impl GroupDemand {
    /// Whether it has nodes in a subnet.
    pub fn lives_in(&self, tier: &str, zone: &str) -> bool {
        let zones = self.only_in.as_ref();
        self.tier == tier && zones.is_none_or(|zones| zones.iter().any(|own| own == zone))
    }

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

    /// Nodes that the group may have once its largest zone has failed.
    pub fn left_after_a_loss(&self) -> u64 {
        if self.per_zone { self.max - self.max.div_ceil(self.zones) } else { self.max }
    }
}

/// `zones` says in which zones each node group is made, or was.
pub fn of_groups(intent: &Intent, zones: &BTreeMap<String, Vec<String>>) -> Vec<GroupDemand> {
    let Some(cluster) = &intent.cluster else {
        return Vec::new();
    };
    let own = |group: &NodeGroup| match group.new_zones {
        _ if group.zones.is_some() => group.zones.as_ref().map_or(1, Vec::len),
        NewZones::Add => zones.get(&group.name).map_or(1, Vec::len),
        NewZones::Within => intent.tier(&group.tier).map_or(1, |tier| tier.zones.len()),
    };
    let groups = cluster.node_groups.iter();
    groups.filter_map(|group| of_group(cluster, group, (own(group) as u64).max(1))).collect()
}

fn of_group(cluster: &Cluster, group: &NodeGroup, zones: u64) -> Option<GroupDemand> {
    let node = &cluster.aws_node;
    let density = machine::density_of(group, node)?;
    let max_pods = density.max_pods;
    let pods = group.pods_per_node.unwrap_or(max_pods).min(max_pods);
    let max = u64::from(group.max);
    let per_node = PerNode { cluster, group };
    let at_boot = |machine: &Machine<'_>, _| machine.pool(0, max_pods);
    let with_branches = |machine: &Machine<'_>, branches| {
        of_machine(&cluster.pods_in, machine, (machine.pool_at_worst(max_pods), branches))
    };
    Some(GroupDemand {
        name: group.name.clone(),
        runs: group.existing,
        tier: group.tier.clone(),
        only_in: group.zones.clone(),
        pod_tier: group.pod_tier.clone(),
        reaches: reaches(cluster, group),
        own_subnet_open: !group.primary_excluded,
        branches: machine::machines(group, node).map(|one| one.branches()).max().unwrap_or(0),
        planned: per_node.footprint(pods, |machine, pods| machine.pool_at_peak(pods, max_pods)),
        at_best: per_node.footprint(pods, |machine, pods| machine.pool(pods, max_pods)),
        boot: per_node.footprint(0, at_boot),
        start: per_node.footprint(0, |machine, pods| match machine.primary_is_bare() {
            true => at_boot(machine, pods),
            false => Held::one(),
        }),
        worst: per_node.each(|machine| with_branches(machine, machine.branches())),
        shapes: machine::machines(group, node)
            .flat_map(|machine| shape::of_machine(&machine, pods, max_pods))
            .collect(),
        pods,
        desired: u64::from(group.desired),
        max,
        surge: surge(group, max, zones),
        per_zone: group.per_zone,
        zones,
        density,
    })
}

fn reaches(cluster: &Cluster, group: &NodeGroup) -> Vec<String> {
    let found = match &cluster.pods_in {
        PodSubnets::Discovered(tiers) => tiers.as_slice(),
        PodSubnets::OfNode | PodSubnets::Tier(_) => &[],
    };
    std::iter::once(&group.tier).chain(&group.pod_tier).chain(found).cloned().collect()
}

/// Nodes that an update starts beside those that there are; a minimal one ends the old ones first.
fn surge(group: &NodeGroup, max: u64, zones: u64) -> u64 {
    if group.update.strategy == Some(UpdateStrategy::Minimal) {
        return 0;
    }
    let unavailable = |max: u64| match group.update.unavailable {
        Unavailable::Nodes(nodes) => u64::from(nodes),
        Unavailable::PerCent(share) => {
            (max * u64::from(share)).div_ceil(100).clamp(1, eks::UNAVAILABLE_AT_MOST)
        }
    };
    match group.per_zone {
        true => zones * unavailable(max.div_ceil(zones)).max(eks::SURGE_PER_ZONE),
        false => unavailable(max).max(eks::SURGE_PER_ZONE * zones),
    }
}

struct PerNode<'a> {
    cluster: &'a Cluster,
    group: &'a NodeGroup,
}

impl PerNode<'_> {
    /// With so many pods, of which as many as may have security groups of their own do, or fewer, or none: these take no address of
    /// the pool but one of a branch interface each.
    fn footprint(&self, pods: u64, pool: impl Fn(&Machine<'_>, u64) -> Held) -> Footprint {
        let machines = machine::machines(self.group, &self.cluster.aws_node);
        machines.fold(Footprint::default(), |most, machine| {
            let branches = 0..=machine.branches().min(pods);
            branches.fold(most, |most, branches| {
                let held = (pool(&machine, pods - branches), branches);
                most.or(of_machine(&self.cluster.pods_in, &machine, held))
            })
        })
    }

    fn each(&self, taken: impl Fn(&Machine<'_>) -> Taken) -> Footprint {
        let machines = machine::machines(self.group, &self.cluster.aws_node);
        machines.fold(Footprint::default(), |most, machine| most.or(taken(&machine)))
    }
}

/// The resource controller makes trunk and branches in the subnet of the node's ENIConfig, or else in the node's own, whatever
/// subnets aws-node finds. Source: amazon-vpc-resource-controller-k8s, pkg/aws/ec2/instance.go and pkg/provider/branch/trunk/trunk.go.
fn of_machine(pods_in: &PodSubnets, machine: &Machine<'_>, (pool, branches): (Held, u64)) -> Taken {
    let own = Held::one();
    let trunk = u64::from(machine.has_trunk());
    let controllers = Held::singles(trunk + branches);
    let interfaces = machine.interfaces_of(pool) + trunk + u64::from(machine.primary_is_bare());
    let (node_subnet, pod_subnet) = match pods_in {
        PodSubnets::Tier(_) => (own, pool.plus(controllers)),
        _ if machine.node.ipv6 => (pool.plus(controllers), Held::default()),
        PodSubnets::OfNode if !machine.primary_is_bare() => {
            (pool.plus(controllers), Held::default())
        }
        _ if machine.primary_is_bare() => (own.plus(controllers), pool),
        PodSubnets::OfNode | PodSubnets::Discovered(_) => {
            let first = machine.on_primary(pool);
            let rest = Held {
                singles: pool.singles.saturating_sub(first.singles),
                prefixes: pool.prefixes - first.prefixes,
            };
            (first.plus(controllers), rest)
        }
    };
    Taken { node_subnet, pod_subnet, interfaces }
}
