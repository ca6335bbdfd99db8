//! How many nodes and pods fit, per zone and in all, and what runs out first.

use crate::blueprint::model::{TierEgress, Use};
use crate::facts::subnets::{self, ADDRESSES_PER_PREFIX};
use crate::spec::{AwsNode, Cluster, Nat, NodeGroup, Spec, Zone};

use super::pods::{self, Held, Limit};
use super::{Ledger, Subnet};

#[derive(Clone, Debug, Default)]
pub struct Capacity {
    pub groups: Vec<GroupCapacity>,
    pub zones: Vec<ZoneCapacity>,
}

#[derive(Clone, Debug)]
pub struct GroupCapacity {
    pub name: String,
    pub max_pods: u64,
    pub limit: Limit,
    /// Pods planned on a node.
    pub pods: u64,
    pub planned: Footprint,
    pub boot: Footprint,
    pub worst: Footprint,
    /// Nodes of the group's `max` that fit, all zones together, if the other groups stand at their `max` too.
    pub max_fits: bool,
}

/// What one node holds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Footprint {
    pub node_subnet: Held,
    pub pod_subnet: Held,
}

#[derive(Clone, Debug)]
pub struct ZoneCapacity {
    pub zone: Zone,
    pub nodes: u64,
    pub pods: u64,
    /// The subnet that is full first, as `tier cidr`.
    pub limited_by: String,
}

impl Capacity {
    pub fn nodes(&self) -> u64 {
        self.zones.iter().map(|zone| zone.nodes).sum()
    }

    pub fn pods(&self) -> u64 {
        self.zones.iter().map(|zone| zone.pods).sum()
    }
}

/// `ledger` says in which zones each node group stands.
pub fn measure(spec: &Spec, subnets: &[Subnet], ledger: &Ledger) -> Capacity {
    let Some(cluster) = &spec.cluster else { return Capacity::default() };
    let mut groups: Vec<GroupCapacity> = cluster.node_groups.iter().map(|group| of_group(group, &cluster.aws_node)).collect();
    let load = Load { spec, cluster, groups: &groups, subnets, ledger };
    let zones: Vec<ZoneCapacity> = spec.zones.iter().filter_map(|zone| load.of_zone(zone)).collect();
    let fits = load.planned_fits();
    groups.iter_mut().for_each(|group| group.max_fits = fits);
    Capacity { groups, zones }
}

fn of_group(group: &NodeGroup, node: &AwsNode) -> GroupCapacity {
    let (max_pods, limit) = pods::group_max_pods(&group.instances, node);
    let pods = group.pods_per_node.unwrap_or(max_pods).min(max_pods);
    let footprint = |pods| footprint(group, node, pods, max_pods);
    GroupCapacity { name: group.name.clone(), max_pods, limit, pods, planned: footprint(pods), boot: footprint(0), worst: footprint(max_pods), max_fits: true }
}

/// The most that any of the group's types holds.
fn footprint(group: &NodeGroup, node: &AwsNode, pods: u64, max_pods: u64) -> Footprint {
    let each = group.instances.iter().map(|instance| pods::held(instance, node, pods, max_pods));
    let held = each.max_by_key(|held| held.addresses()).unwrap_or_default();
    match node.custom_networking {
        Some(_) => Footprint { node_subnet: Held { singles: 1, prefixes: 0 }, pod_subnet: held },
        None => Footprint { node_subnet: held, pod_subnet: Held::default() },
    }
}

struct Load<'a> {
    spec: &'a Spec,
    cluster: &'a Cluster,
    groups: &'a [GroupCapacity],
    subnets: &'a [Subnet],
    ledger: &'a Ledger,
}

impl Load<'_> {
    /// The groups with nodes in a zone: (position, share of the nodes there, by the groups' `max`).
    fn shares(&self, zone: &Zone) -> Vec<(usize, u64)> {
        let groups = self.cluster.node_groups.iter().enumerate();
        let here = groups.filter(|(_, group)| self.subnet(&group.tier, zone).is_some());
        here.map(|(at, group)| (at, u64::from(group.max).max(1))).collect()
    }

    fn subnet(&self, tier: &str, zone: &Zone) -> Option<&Subnet> {
        self.subnets.iter().find(|subnet| subnet.tier == tier && subnet.zone.id == zone.id)
    }

    fn of_zone(&self, zone: &Zone) -> Option<ZoneCapacity> {
        let shares = self.shares(zone);
        if shares.is_empty() {
            return None;
        }
        let (mut low, mut high) = (0u64, 1u64 << 17);
        while low + 1 < high {
            let middle = low.midpoint(high);
            match self.first_full(zone, &split(&shares, middle)) {
                None => low = middle,
                Some(_) => high = middle,
            }
        }
        let nodes = if self.first_full(zone, &split(&shares, 1)).is_some() { 0 } else { low };
        let pods = split(&shares, nodes).iter().map(|(at, count)| count * self.groups[*at].pods).sum();
        let limited_by = self.first_full(zone, &split(&shares, nodes + 1)).unwrap_or_default();
        Some(ZoneCapacity { zone: zone.clone(), nodes, pods, limited_by })
    }

    /// Whether every group at its `max`, spread over its zones, fits.
    fn planned_fits(&self) -> bool {
        self.spec.zones.iter().all(|zone| {
            let nodes: Vec<(usize, u64)> = self.shares(zone).into_iter().map(|(at, max)| (at, max.div_ceil(self.zones_of(at)))).collect();
            self.first_full(zone, &nodes).is_none()
        })
    }

    fn zones_of(&self, group: usize) -> u64 {
        let zones = self.ledger.node_group_zones.get(&self.cluster.node_groups[group].name);
        zones.map_or(1, |zones| zones.len() as u64).max(1)
    }

    /// The first subnet of the zone that cannot hold `nodes` (group, count).
    fn first_full(&self, zone: &Zone, nodes: &[(usize, u64)]) -> Option<String> {
        let here = self.subnets.iter().filter(|subnet| subnet.zone.id == zone.id);
        let mut full = here.filter(|subnet| !holds(subnet, self.others(subnet), self.demand(subnet, nodes)));
        full.next().map(|subnet| format!("{} {}", subnet.tier, subnet.cidr))
    }

    fn demand(&self, subnet: &Subnet, nodes: &[(usize, u64)]) -> Held {
        let custom = self.cluster.aws_node.custom_networking.as_ref().map(|custom| custom.tier.as_str());
        let mut demand = Held::default();
        for (at, count) in nodes {
            let footprint = self.groups[*at].planned;
            let nodes_here = self.cluster.node_groups[*at].tier == subnet.tier;
            let pods_here = custom == Some(subnet.tier.as_str());
            for held in [nodes_here.then_some(footprint.node_subnet), pods_here.then_some(footprint.pod_subnet)].into_iter().flatten() {
                demand.singles += held.singles * count;
                demand.prefixes += held.prefixes * count;
            }
        }
        demand
    }

    /// Addresses that something else than nodes and pods takes.
    fn others(&self, subnet: &Subnet) -> u64 {
        let control_plane = self.spec.control_plane_tiers().iter().any(|tier| tier.name == subnet.tier);
        let tier = self.spec.tier(&subnet.tier);
        let nat = tier.is_some_and(|tier| tier.egress == TierEgress::Internet) && self.spec.nat != Nat::None;
        let balancers = tier.is_some_and(|tier| tier.serves(Use::ExternalLoadBalancers) || tier.serves(Use::InternalLoadBalancers));
        u64::from(control_plane) * subnets::CONTROL_PLANE_INTERFACES + u64::from(nat) + u64::from(balancers) * subnets::LOAD_BALANCER_ADDRESSES
    }
}

/// Whether an otherwise empty subnet holds `others` single addresses and `demand`. Singles fill the two blocks that the reserved
/// addresses break, then whole /28 blocks, which prefixes cannot use any more.
fn holds(subnet: &Subnet, others: u64, demand: Held) -> bool {
    let len = subnet.cidr.prefix_len();
    let singles = others + demand.singles;
    if demand.prefixes == 0 {
        return singles <= subnets::usable(len);
    }
    let broken = 2 * ADDRESSES_PER_PREFIX - subnets::RESERVED;
    demand.prefixes + singles.saturating_sub(broken).div_ceil(ADDRESSES_PER_PREFIX) <= subnets::prefixes(len)
}

/// `total` nodes in the proportion of the shares, remainders to the first.
fn split(shares: &[(usize, u64)], total: u64) -> Vec<(usize, u64)> {
    let whole: u64 = shares.iter().map(|(_, share)| share).sum();
    let mut nodes: Vec<(usize, u64)> = shares.iter().map(|(at, share)| (*at, total * share / whole)).collect();
    let rest = total - nodes.iter().map(|(_, count)| count).sum::<u64>();
    nodes.iter_mut().take(rest as usize).for_each(|(_, count)| *count += 1);
    nodes
}
