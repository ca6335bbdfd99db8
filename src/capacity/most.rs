//! The node groups at their `max`: with an update under way, and without a zone.

use std::collections::BTreeSet;

use crate::address::{AddressPlan, Subnet};
use crate::blueprint::model::{NatMode, TierEgress};
use crate::demand::GroupDemand;
use crate::demand::room;
use crate::facts::{eks, endpoints};
use crate::intent::{Intent, Zone};

use super::figures::{Estimate, Full, Fullest, HeldBack, Loss, Most, SubnetUse, ZoneCapacity};
use super::load::{Figure, Load, name, room_of};
use super::zone::at_max;

/// What is counted.
pub struct Plan<'a> {
    pub intent: &'a Intent,
    pub addresses: &'a AddressPlan,
    pub load: &'a Load<'a>,
}

impl Plan<'_> {
    /// Every subnet, in the plan's order.
    pub fn uses(&self) -> Vec<SubnetUse> {
        let load = self.load;
        let zones = self.addresses.zones.iter().flat_map(|zone| {
            let nodes = load.nodes(zone, GroupDemand::in_a_zone);
            let certain = load.laid(zone, &nodes, Figure::Certain).asked;
            let best = load.laid(zone, &nodes, Figure::AtBest).asked;
            certain.into_iter().zip(best)
        });
        let per_cent = |subnet: &Subnet, held, figure: Figure| {
            room::per_cent(room_of(subnet), held, figure.spread())
        };
        let mut uses: Vec<SubnetUse> = zones
            .map(|((subnet, held), (_, best))| SubnetUse {
                tier: subnet.tier.clone(),
                zone: subnet.zone.id.clone(),
                held,
                beside: load.beside(subnet, Figure::Certain),
                per_cent: Estimate {
                    certain: per_cent(subnet, held, Figure::Certain),
                    at_best: per_cent(subnet, best, Figure::AtBest),
                },
            })
            .collect();
        let order: std::collections::BTreeMap<(&str, &str), usize> = self
            .addresses
            .subnets
            .iter()
            .enumerate()
            .map(|(at, subnet)| ((subnet.tier.as_str(), subnet.zone.id.as_str()), at))
            .collect();
        uses.sort_by_key(|one| order.get(&(one.tier.as_str(), one.zone.as_str())).copied());
        uses
    }

    pub fn most(&self, zones: &[ZoneCapacity], uses: &[SubnetUse]) -> Most {
        let groups = self.load.groups.iter();
        let late_surge = |group: &GroupDemand| {
            group.surge + self.load.late(group) * group.surge.div_ceil(group.zones)
        };
        // Nodes that run have their addresses.
        let first = |group: &GroupDemand| match group.runs {
            true => 0,
            false => group.desired.div_ceil(group.zones),
        };
        Most {
            nodes: groups.clone().map(|group| at_max(self.load, group)).sum(),
            pods: groups.clone().map(|group| at_max(self.load, group) * group.pods).sum(),
            surge: groups.map(late_surge).sum(),
            full: Estimate {
                certain: self.full(&GroupDemand::in_a_zone, Figure::Certain),
                at_best: self.full(&GroupDemand::in_a_zone, Figure::AtBest),
            },
            full_at_desired: self.full(&first, Figure::Launch),
            fullest: self.fullest(uses, |one| one.per_cent.certain),
            fullest_at_best: self.fullest(uses, |one| one.per_cent.at_best),
            loss: self.loss(zones),
            address_units: self.address_units(),
        }
    }

    /// Only where nodes and pods go: what else is in a subnet does not grow with them.
    fn fullest(&self, uses: &[SubnetUse], per_cent: impl Fn(&SubnetUse) -> u64) -> Option<Fullest> {
        let subnets = self.addresses.subnets.iter().zip(uses);
        let growing = subnets
            .filter(|(subnet, one)| self.load.beside(subnet, Figure::Certain) < one.held.addresses);
        growing
            .max_by_key(|(_, one)| per_cent(one))
            .map(|(subnet, one)| Fullest { subnet: name(subnet), per_cent: one.per_cent })
    }

    fn full(&self, count: &dyn Fn(&GroupDemand) -> u64, figure: Figure) -> Option<Full> {
        self.addresses
            .zones
            .iter()
            .find_map(|zone| self.load.first_full(zone, &self.load.nodes(zone, count), figure))
    }

    /// The zone whose loss fills another one, or else the one with most nodes: the others carry its groups' nodes then.
    fn loss(&self, zones: &[ZoneCapacity]) -> Option<Loss> {
        let losses = zones.iter().filter(|_| 1 < zones.len()).map(|lost| {
            let left = || zones.iter().filter(|zone| zone.zone.id != lost.zone.id);
            Loss {
                zone: lost.zone.clone(),
                nodes: left().map(|zone| zone.nodes.certain).sum(),
                pods: left().map(|zone| zone.pods.certain).sum(),
                full: self.full_without(&lost.zone),
                held_back: self.held_back(&lost.zone),
            }
        });
        losses.min_by_key(|loss| (loss.full.is_none(), loss.nodes))
    }

    fn full_without(&self, lost: &Zone) -> Option<Full> {
        let load = self.load;
        // One that names a single zone goes with it, as its author says.
        let alone = |group: &&GroupDemand| {
            group.only_in.is_none()
                && load.stands_in(group, lost)
                && group.zones + load.late(group) < 2
                && 0 < group.max
        };
        if load.groups.iter().any(|group| alone(&group)) {
            return Some(Full::default());
        }
        let count = |group: &GroupDemand| {
            if load.stands_in(group, lost) {
                group.after_a_loss()
            } else {
                group.max.div_ceil(group.zones)
            }
        };
        let left = self.addresses.zones.iter().filter(|zone| zone.id != lost.id);
        left.into_iter()
            .find_map(|zone| load.first_full(zone, &load.nodes(zone, count), Figure::ZoneLost))
    }

    fn held_back(&self, lost: &Zone) -> Vec<HeldBack> {
        let stuck = |group: &&GroupDemand| {
            group.per_zone && 1 < group.zones && self.load.stands_in(group, lost)
        };
        let groups = self.load.groups.iter().filter(stuck);
        groups
            .map(|group| HeldBack {
                group: group.name.clone(),
                nodes: group.left_after_a_loss(),
                desired: group.desired,
                max: group.max,
            })
            .collect()
    }

    /// One for each address and prefix of a node and for each interface beside its first, six for a gateway, an attachment, and each
    /// interface of an endpoint.
    fn address_units(&self) -> u64 {
        let six = if self.load.cluster.ipv6 { eks::IPV6_ADDRESS_UNITS } else { 0 };
        let groups = self.load.groups.iter();
        let nodes: u64 =
            groups.map(|group| at_max(self.load, group) * (group.planned.units + six)).sum();
        let in_tier = |name: &str| self.addresses.of_tier(name).count() as u64;
        let interfaces = self.intent.endpoints.of(endpoints::Kind::Interface).count() as u64
            * in_tier(&self.intent.endpoints.tier);
        let transit = &self.intent.transit;
        let private = transit.private_nat.as_ref().map_or(0, |nat| in_tier(&nat.tier));
        nodes
            + (self.nat_gateways() + private) * eks::NAT_ADDRESS_UNITS
            + u64::from(transit.gateway.is_some()) * eks::ATTACHMENT_ADDRESS_UNITS
            + interfaces * eks::ENDPOINT_ADDRESS_UNITS
    }

    /// A regional one counts in each zone that it serves.
    fn nat_gateways(&self) -> u64 {
        if self.intent.nat.mode != NatMode::Regional {
            return self.addresses.nat_hosts(self.intent).len() as u64;
        }
        let behind = self.addresses.subnets.iter().filter(|subnet| {
            self.intent.tier(&subnet.tier).is_some_and(|tier| tier.egress == TierEgress::Nat)
        });
        behind.map(|subnet| &subnet.zone.id).collect::<BTreeSet<_>>().len() as u64
    }
}
