//! The node groups' nodes laid over the subnets of each zone.

use std::collections::BTreeSet;

use crate::address::Subnet;
use crate::blueprint::model::{NatMode, TierEgress};
use crate::demand::room::{self, Room, Spread};
use crate::demand::{self, Footprint, GroupDemand, Held};
use crate::facts::{eks, endpoints, subnets};
use crate::intent::{Cluster, Intent, PodSubnets, Zone};

use super::figures::{Full, Loss, Most, SubnetUse, ZoneCapacity};

pub struct Load<'a> {
    pub intent: &'a Intent,
    pub cluster: &'a Cluster,
    pub groups: &'a [GroupDemand],
    pub zones: &'a [Zone],
    pub subnets: &'a [Subnet],
    /// What a node holds.
    pub footprint: fn(&GroupDemand) -> &Footprint,
}

/// (position of the group, its nodes in a zone)
type Nodes = Vec<(usize, u64)>;

impl Load<'_> {
    /// The groups with nodes in a zone, and how many each has there by `count`.
    fn nodes(&self, zone: &Zone, count: impl Fn(&GroupDemand) -> u64) -> Nodes {
        let groups = self.groups.iter().enumerate();
        let here = groups.filter(|(_, group)| {
            self.subnets.iter().any(|subnet| subnet.tier == group.tier && subnet.zone.id == zone.id)
        });
        here.map(|(at, group)| (at, count(group))).collect()
    }

    pub fn of_zone(&self, zone: &Zone) -> Option<ZoneCapacity> {
        let shares = self.nodes(zone, |group| group.max.max(1));
        if shares.is_empty() {
            return None;
        }
        let nodes = self.most_nodes(zone, &shares, Spread::Packed);
        let pods =
            split(&shares, nodes).iter().map(|(at, count)| count * self.groups[*at].pods).sum();
        Some(ZoneCapacity {
            zone: zone.clone(),
            nodes,
            pods,
            nodes_scattered: self.most_nodes(zone, &shares, Spread::Scattered),
            limited_by: self
                .first_full(zone, &split(&shares, nodes + 1), Spread::Packed)
                .unwrap_or_default()
                .subnet,
        })
    }

    fn most_nodes(&self, zone: &Zone, shares: &Nodes, spread: Spread) -> u64 {
        let fits = |nodes| self.first_full(zone, &split(shares, nodes), spread).is_none();
        let (mut low, mut high) = (0u64, 1u64 << 17);
        while low + 1 < high {
            let middle = low.midpoint(high);
            if fits(middle) { low = middle } else { high = middle }
        }
        // The remainders of a split may make one node more fit after one that did not.
        while fits(low + 1) {
            low += 1;
        }
        low
    }

    pub fn most(&self, zones: &[ZoneCapacity], uses: &[SubnetUse]) -> Most {
        // Only where nodes and pods go: what else stands in a subnet does not grow with them.
        let growing = |one: &SubnetUse| self.others(&one.tier) < one.held.addresses();
        let fullest = self
            .subnets
            .iter()
            .zip(uses)
            .filter(|(_, one)| growing(one))
            .max_by_key(|(_, one)| one.per_cent);
        let booting = Load { footprint: |group| &group.boot, ..*self };
        Most {
            nodes: self
                .groups
                .iter()
                .map(|group| group.max + self.late(group) * group.max.div_ceil(group.zones))
                .sum(),
            surge: self
                .groups
                .iter()
                .map(|group| group.surge + self.late(group) * group.surge.div_ceil(group.zones))
                .sum(),
            full: self.full(&GroupDemand::in_a_zone, Spread::Packed),
            full_scattered: self.full(&GroupDemand::in_a_zone, Spread::Scattered),
            full_at_desired: booting
                .full(&|group| group.desired.div_ceil(group.zones), Spread::Packed),
            fullest: fullest.map(|(subnet, one)| (name(subnet), one.per_cent)).unwrap_or_default(),
            loss: self.loss(zones),
            address_units: self.address_units(),
        }
    }

    /// Zones that came after a group: each has one of its own.
    fn late(&self, group: &GroupDemand) -> u64 {
        let zones = self.subnets.iter().filter(|subnet| subnet.tier == group.tier).count() as u64;
        zones.saturating_sub(group.zones)
    }

    fn full(&self, count: &dyn Fn(&GroupDemand) -> u64, spread: Spread) -> Option<Full> {
        self.zones.iter().find_map(|zone| self.first_full(zone, &self.nodes(zone, count), spread))
    }

    /// The zone whose loss fills another one, or else the one with most nodes: the others carry its groups' nodes then.
    fn loss(&self, zones: &[ZoneCapacity]) -> Option<Loss> {
        let losses = zones.iter().filter(|_| 1 < zones.len()).map(|lost| {
            let left = || zones.iter().filter(|zone| zone.zone.id != lost.zone.id);
            let (nodes, pods) =
                (left().map(|zone| zone.nodes).sum(), left().map(|zone| zone.pods).sum());
            Loss { zone: lost.zone.clone(), nodes, pods, full: self.full_without(&lost.zone) }
        });
        losses.min_by_key(|loss| (loss.full.is_none(), loss.nodes))
    }

    fn full_without(&self, lost: &Zone) -> Option<Full> {
        let stood = |group: &GroupDemand| {
            self.subnets.iter().any(|subnet| subnet.tier == group.tier && subnet.zone.id == lost.id)
        };
        if self
            .groups
            .iter()
            .any(|group| stood(group) && group.zones + self.late(group) < 2 && 0 < group.max)
        {
            return Some(Full::default());
        }
        let count = |group: &GroupDemand| {
            if stood(group) { group.after_a_loss() } else { group.max.div_ceil(group.zones) }
        };
        let left = self.zones.iter().filter(|zone| zone.id != lost.id);
        left.into_iter()
            .find_map(|zone| self.first_full(zone, &self.nodes(zone, count), Spread::Scattered))
    }

    /// One for each address and prefix of a node and for each interface beside its first, six for a NAT gateway and for
    /// each interface of an endpoint.
    fn address_units(&self) -> u64 {
        let per_node = |group: &GroupDemand| {
            let held = group.planned.node_subnet.plus(group.planned.pod_subnet);
            let six = if self.cluster.ipv6 { eks::IPV6_ADDRESS_UNITS } else { 0 };
            held.singles + held.prefixes + group.planned.interfaces.saturating_sub(1) + six
        };
        let nodes: u64 = self
            .groups
            .iter()
            .map(|group| {
                (group.max + self.late(group) * group.max.div_ceil(group.zones)) * per_node(group)
            })
            .sum();
        let behind = self.subnets.iter().filter(|subnet| {
            self.intent.tier(&subnet.tier).is_some_and(|tier| tier.egress == TierEgress::Nat)
        });
        let gateways = match self.intent.nat.mode {
            NatMode::None => 0,
            NatMode::Single => 1,
            NatMode::PerZone | NatMode::Regional => {
                behind.map(|subnet| &subnet.zone.id).collect::<BTreeSet<_>>().len() as u64
            }
        };
        let interfaces = self.intent.endpoints.of(endpoints::Kind::Interface).count()
            * self
                .subnets
                .iter()
                .filter(|subnet| subnet.tier == self.intent.endpoints.tier)
                .count();
        nodes + gateways * eks::NAT_ADDRESS_UNITS + interfaces as u64 * eks::ENDPOINT_ADDRESS_UNITS
    }

    pub fn at_max(&self, subnet: &Subnet) -> SubnetUse {
        let asked = self.asked(&subnet.zone, &self.nodes(&subnet.zone, GroupDemand::in_a_zone));
        let held = asked
            .into_iter()
            .find(|(own, _)| own.tier == subnet.tier)
            .map(|(_, held)| held)
            .unwrap_or_default();
        SubnetUse {
            tier: subnet.tier.clone(),
            zone: subnet.zone.id.clone(),
            held,
            per_cent: room::per_cent(room_of(subnet), held),
        }
    }

    /// The first subnet of the zone that cannot hold what `nodes` ask of it.
    fn first_full(&self, zone: &Zone, nodes: &Nodes, spread: Spread) -> Option<Full> {
        let asked = self.asked(zone, nodes);
        let full =
            asked.into_iter().find(|(subnet, held)| !room::holds(room_of(subnet), *held, spread));
        full.map(|(subnet, held)| Full {
            tier: subnet.tier.clone(),
            subnet: name(subnet),
            needs: room::smallest(held),
        })
    }

    /// What `nodes` and everything else ask of each subnet of a zone.
    fn asked(&self, zone: &Zone, nodes: &Nodes) -> Vec<(&Subnet, Held)> {
        let here = self.subnets.iter().filter(|subnet| subnet.zone.id == zone.id);
        let mut asked: Vec<(&Subnet, Held)> =
            here.map(|subnet| (subnet, self.fixed(subnet, nodes))).collect();
        if let PodSubnets::Discovered(tiers) = &self.cluster.pods_in {
            for (at, count) in nodes {
                let group = &self.groups[*at];
                discover(
                    tiers,
                    group,
                    (self.footprint)(group).pod_subnet.times(*count),
                    &mut asked,
                );
            }
        }
        asked
    }

    /// What can be in no other subnet.
    fn fixed(&self, subnet: &Subnet, nodes: &Nodes) -> Held {
        let own = nodes.iter().map(|(at, count)| self.of_one_node(*at, &subnet.tier).times(*count));
        own.fold(Held { singles: self.others(&subnet.tier), prefixes: 0 }, Held::plus)
    }

    fn of_one_node(&self, group: usize, tier: &str) -> Held {
        let group = &self.groups[group];
        demand::per_node(group, (self.footprint)(group), tier)
    }

    fn others(&self, tier: &str) -> u64 {
        self.intent.tier(tier).map_or(0, |tier| {
            demand::others(self.intent, tier).iter().map(|(_, count)| count).sum()
        })
    }
}

fn room_of(subnet: &Subnet) -> Room {
    Room { len: subnet.cidr.prefix_len(), reserved: subnet.reserved.map(|part| part.prefix_len()) }
}

/// Further interfaces go where most is free, until all candidates are equally full.
fn discover(tiers: &[String], group: &GroupDemand, wanted: Held, asked: &mut [(&Subnet, Held)]) {
    let mut open: Vec<usize> = (0..asked.len()).collect();
    open.retain(|at| {
        tiers.contains(&asked[*at].0.tier)
            || (group.own_subnet_open && asked[*at].0.tier == group.tier)
    });
    let free: Vec<u64> = open
        .iter()
        .map(|at| {
            subnets::usable(asked[*at].0.cidr.prefix_len()).saturating_sub(asked[*at].1.addresses())
        })
        .collect();
    let whole = wanted.addresses().max(1);
    for (at, given) in open.into_iter().zip(levelled(&free, wanted.addresses())) {
        let part = |amount: u64| (amount * given).div_ceil(whole);
        asked[at].1 = asked[at]
            .1
            .plus(Held { singles: part(wanted.singles), prefixes: part(wanted.prefixes) });
    }
}

/// How much each gives of `wanted` when always the one with most left gives. What nobody has is asked of the first.
fn levelled(free: &[u64], wanted: u64) -> Vec<u64> {
    let (mut low, mut high) = (0, free.iter().copied().max().unwrap_or(0));
    let given = |level: u64| free.iter().map(|free| free.saturating_sub(level)).sum::<u64>();
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        if given(middle) >= wanted { low = middle } else { high = middle - 1 }
    }
    let mut parts: Vec<u64> = free.iter().map(|free| free.saturating_sub(low)).collect();
    let mut more = given(low).saturating_sub(wanted);
    parts.iter_mut().for_each(|part| {
        let back = more.min(*part).min(1);
        *part -= back;
        more -= back;
    });
    if let Some(first) = parts.first_mut() {
        *first += wanted.saturating_sub(given(low));
    }
    parts
}

/// `total` nodes in the proportion of the shares, remainders to the first.
fn split(shares: &Nodes, total: u64) -> Nodes {
    let whole: u64 = shares.iter().map(|(_, share)| share).sum();
    let mut nodes: Nodes = shares.iter().map(|(at, share)| (*at, total * share / whole)).collect();
    let rest = total - nodes.iter().map(|(_, count)| count).sum::<u64>();
    nodes.iter_mut().take(rest as usize).for_each(|(_, count)| *count += 1);
    nodes
}

fn name(subnet: &Subnet) -> String {
    format!("{} {}", subnet.tier, subnet.cidr)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_most_left_gives() {
        assert_eq!(levelled(&[100, 40, 10], 60), [60, 0, 0]);
        assert_eq!(levelled(&[100, 40, 10], 90).iter().sum::<u64>(), 90);
        assert_eq!(levelled(&[100, 40, 10], 150), [100, 40, 10]);
        assert_eq!(levelled(&[100, 40], 150), [110, 40]);
        assert_eq!(levelled(&[], 5), [0; 0]);
        for wanted in 0..170 {
            let parts = levelled(&[100, 40, 10], wanted);
            assert_eq!(parts.iter().sum::<u64>(), wanted, "{parts:?}");
        }
    }
}
