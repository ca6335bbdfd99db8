//! Nodes laid over the subnets of a zone.

use std::collections::BTreeMap;

use crate::address::{AddressPlan, Subnet};
use crate::demand::room::{self, Room, Spread};
use crate::demand::{self, AtMost, Footprint, GroupDemand, Held, Other, Shape, Taker};
use crate::intent::{Cluster, Intent, PodSubnets, Zone};

use super::figures::Full;
use super::walk::{Arrival, Asking, Order, Site, Walk};

/// (position of the group, its nodes in a zone)
pub type Nodes = Vec<(usize, u64)>;

/// How addresses are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// Whatever the order of placement.
    Certain,
    AtBest,
    /// As [`Figure::Certain`], in the zones that are left.
    ZoneLost,
    /// What nodes do not become ready without.
    Launch,
}

impl Figure {
    fn footprint(self, group: &GroupDemand) -> &Footprint {
        match self {
            Figure::Certain | Figure::ZoneLost => &group.planned,
            Figure::AtBest => &group.at_best,
            Figure::Launch => &group.start,
        }
    }

    fn pool(self, shape: &Shape) -> u64 {
        match self {
            Figure::Certain | Figure::ZoneLost => shape.planned,
            Figure::AtBest => shape.at_best,
            Figure::Launch => shape.start,
        }
    }

    pub fn spread(self) -> Spread {
        match self {
            Figure::Certain | Figure::ZoneLost => Spread::Scattered,
            Figure::AtBest | Figure::Launch => Spread::Packed,
        }
    }

    /// Whether one order that fits is enough.
    fn is_lenient(self) -> bool {
        matches!(self, Figure::AtBest | Figure::Launch)
    }

    fn others(self, other: &Other) -> u64 {
        match self {
            Figure::Certain | Figure::AtBest => other.planned,
            Figure::ZoneLost => other.without_a_zone,
            Figure::Launch => other.at_once,
        }
    }
}

pub struct Load<'a> {
    pub cluster: &'a Cluster,
    pub groups: &'a [GroupDemand],
    by_zone: BTreeMap<&'a str, Vec<&'a Subnet>>,
    /// What is in each subnet beside nodes and pods, by tier and zone.
    others: BTreeMap<(&'a str, &'a str), Vec<Other>>,
}

/// What is asked of each subnet of a zone.
pub struct Laid<'a> {
    pub asked: Vec<(&'a Subnet, AtMost)>,
    /// Position of the one that is full first.
    full: Option<usize>,
}

impl<'a> Load<'a> {
    pub fn new(
        (intent, cluster): (&'a Intent, &'a Cluster),
        plan: &'a AddressPlan,
        groups: &'a [GroupDemand],
    ) -> Self {
        let mut by_zone: BTreeMap<&str, Vec<&Subnet>> = BTreeMap::new();
        for subnet in &plan.subnets {
            by_zone.entry(&subnet.zone.id).or_default().push(subnet);
        }
        Self { cluster, groups, by_zone, others: others(intent, plan) }
    }

    pub fn subnets(&self, zone: &Zone) -> &[&'a Subnet] {
        self.by_zone.get(zone.id.as_str()).map_or(&[], Vec::as_slice)
    }

    /// Single addresses that something else than nodes and pods takes.
    pub fn beside(&self, subnet: &Subnet, figure: Figure) -> u64 {
        let key = (subnet.tier.as_str(), subnet.zone.id.as_str());
        self.others.get(&key).into_iter().flatten().map(|other| figure.others(other)).sum()
    }

    /// The groups with nodes in a zone, and how many each has there by `count`.
    pub fn nodes(&self, zone: &Zone, count: impl Fn(&GroupDemand) -> u64) -> Nodes {
        let here = self.subnets(zone);
        let groups = self.groups.iter().enumerate();
        let here = groups
            .filter(|(_, group)| here.iter().any(|own| group.lives_in(&own.tier, &own.zone.id)));
        here.map(|(at, group)| (at, count(group))).collect()
    }

    pub fn stands_in(&self, group: &GroupDemand, zone: &Zone) -> bool {
        self.subnets(zone).iter().any(|own| group.lives_in(&own.tier, &own.zone.id))
    }

    /// Zones that came after a group: each has one of its own.
    pub fn late(&self, group: &GroupDemand) -> u64 {
        let in_zone = |subnets: &&Vec<&Subnet>| {
            subnets.iter().any(|own| group.lives_in(&own.tier, &own.zone.id))
        };
        (self.by_zone.values().filter(in_zone).count() as u64).saturating_sub(group.zones)
    }

    /// The first subnet of the zone that cannot hold what `nodes` and everything else ask of it.
    pub fn first_full(&self, zone: &Zone, nodes: &Nodes, figure: Figure) -> Option<Full> {
        let laid = self.laid(zone, nodes, figure);
        let (subnet, asked) = laid.full.map(|at| laid.asked[at])?;
        let reaching =
            nodes.iter().filter(|(at, _)| self.groups[*at].reaches.contains(&subnet.tier));
        Some(Full {
            tier: subnet.tier.clone(),
            zone: subnet.zone.id.clone(),
            subnet: name(subnet),
            nodes: reaching.map(|(_, count)| count).sum(),
            needs: room::smallest(asked),
        })
    }

    pub fn fits(&self, zone: &Zone, nodes: &Nodes, figure: Figure) -> bool {
        match self.found() {
            Some(tiers) => self.walks(zone, nodes, figure).fit(figure, tiers),
            None => self.placed(zone, nodes, figure).full.is_none(),
        }
    }

    pub fn laid(&self, zone: &Zone, nodes: &Nodes, figure: Figure) -> Laid<'a> {
        match self.found() {
            Some(tiers) => self.walks(zone, nodes, figure).laid(figure, tiers),
            None => self.placed(zone, nodes, figure),
        }
    }

    /// The tiers in which aws-node looks for room, where it does.
    fn found(&self) -> Option<&'a [String]> {
        match &self.cluster.pods_in {
            PodSubnets::Discovered(tiers) => Some(tiers),
            PodSubnets::OfNode | PodSubnets::Tier(_) => None,
        }
    }

    /// Where every address has its subnet.
    fn placed(&self, zone: &Zone, nodes: &Nodes, figure: Figure) -> Laid<'a> {
        let asked: Vec<(&Subnet, AtMost)> = self
            .subnets(zone)
            .iter()
            .map(|subnet| {
                let beside = AtMost::from(Held::singles(self.beside(subnet, figure)));
                let all = nodes.iter().fold(beside, |sum, (at, count)| {
                    let group = &self.groups[*at];
                    let each = figure.footprint(group).in_tier(group, &subnet.tier);
                    sum.plus(each.times(*count))
                });
                (*subnet, all)
            })
            .collect();
        let holds = |(subnet, asked): &(&Subnet, AtMost)| {
            room::holds(room_of(subnet), *asked, figure.spread())
        };
        Laid { full: asked.iter().position(|one| !holds(one)), asked }
    }

    fn walks<'l>(&'l self, zone: &'l Zone, nodes: &'l Nodes, figure: Figure) -> Walks<'l, 'a> {
        let here = self.subnets(zone);
        let sites = here.iter().map(|subnet| Site {
            room: room_of(subnet),
            held: Held::singles(self.beside(subnet, figure)),
            tagged: false,
        });
        Walks { load: self, here, sites: sites.collect(), nodes }
    }
}

fn others<'a>(
    intent: &'a Intent,
    plan: &'a AddressPlan,
) -> BTreeMap<(&'a str, &'a str), Vec<Other>> {
    let hosts = plan.nat_hosts(intent);
    let mut all = BTreeMap::new();
    for tier in &intent.tiers {
        let others = demand::others(intent, &plan.ledger.kept.fargate, tier);
        for subnet in plan.of_tier(&tier.name).filter(|_| !others.is_empty()) {
            let here = others
                .iter()
                .copied()
                .filter(|other| other.taker != Taker::NatGateway || hosts.contains(&subnet));
            all.insert((subnet.tier.as_str(), subnet.zone.id.as_str()), here.collect());
        }
    }
    all
}

/// The ways in which nodes may come to a zone in which aws-node looks for room.
struct Walks<'l, 'a> {
    load: &'l Load<'a>,
    here: &'l [&'a Subnet],
    sites: Vec<Site>,
    nodes: &'l Nodes,
}

const ORDERS: [Order; 3] = [Order::NodeByNode, Order::AllAtOnce, Order::BranchesFirst];
const SPREADS: [Spread; 2] = [Spread::Packed, Spread::Scattered];

impl<'a> Walks<'_, 'a> {
    /// In every way, or at best in one, whatever the types of the nodes.
    fn fit(&self, figure: Figure, tiers: &[String]) -> bool {
        self.arrivals(figure).iter().all(|arrivals| {
            let mut ways = self.ways(figure, tiers);
            let mut fits = |(mut walk, order): (Walk, Order)| walk.run(arrivals, order);
            if figure.is_lenient() { ways.any(&mut fits) } else { ways.all(&mut fits) }
        })
    }

    fn laid(&self, figure: Figure, tiers: &[String]) -> Laid<'a> {
        let mut sums = vec![AtMost::default(); self.here.len()];
        let mut full = None;
        for arrivals in self.arrivals(figure) {
            let mut ends: Vec<Walk> = self
                .ways(figure, tiers)
                .map(|(mut walk, order)| {
                    walk.past_full = true;
                    walk.run(&arrivals, order);
                    walk
                })
                .collect();
            if figure.is_lenient() {
                ends.sort_by_key(|end| end.full.is_some());
                ends.truncate(1);
            }
            for end in ends {
                full = full.or(end.full);
                for (sum, site) in sums.iter_mut().zip(&end.sites) {
                    *sum = sum.or(site.held);
                }
            }
        }
        Laid { asked: self.here.iter().copied().zip(sums).collect(), full }
    }

    fn ways(
        &self,
        figure: Figure,
        tiers: &[String],
    ) -> impl Iterator<Item = (Walk, Order)> + use<'_> {
        let mut sites = self.sites.clone();
        for (site, subnet) in sites.iter_mut().zip(self.here) {
            site.tagged = tiers.contains(&subnet.tier);
        }
        let open = |at: &usize| {
            let home = |group: &usize| self.load.groups[*group].tier == self.here[*at].tier;
            sites[*at].tagged || self.nodes.iter().any(|(group, _)| home(group))
        };
        let grows = self.shapes().any(|shape| shape.at_once.least < shape.slots);
        let worst = (0..sites.len()).filter(open).map(Order::LastFilled);
        let orders: Vec<Order> =
            ORDERS.into_iter().chain(worst.filter(|_| !figure.is_lenient() && grows)).collect();
        let varies = self.shapes().any(|shape| !shape.at_once.is_fixed());
        let askings: &[Asking] =
            if varies { &[Asking::Least, Asking::Most] } else { &[Asking::Least] };
        SPREADS.into_iter().flat_map(move |spread| {
            let walk = |asking| Walk {
                sites: sites.clone(),
                spread,
                asking,
                full: None,
                past_full: false,
            };
            let ways = askings
                .iter()
                .flat_map(|asking| orders.iter().map(move |order| (walk(*asking), *order)));
            ways.collect::<Vec<_>>()
        })
    }

    fn shapes(&self) -> impl Iterator<Item = &Shape> {
        self.nodes.iter().flat_map(|(group, _)| &self.load.groups[*group].shapes)
    }

    /// The nodes in the order in which groups grow side by side, once for each shape that they may have.
    fn arrivals(&self, figure: Figure) -> Vec<Vec<Arrival>> {
        let shapes = self.nodes.iter().map(|(at, _)| self.load.groups[*at].shapes.len());
        let arrival = |group: usize, shape: usize| {
            let group = &self.load.groups[group];
            let shape = group.shapes[shape.min(group.shapes.len() - 1)];
            let branches = if figure == Figure::Launch { 0 } else { shape.branches };
            Arrival {
                shape: Shape { branches, ..shape },
                pool: figure.pool(&shape),
                home: self.here.iter().position(|own| own.tier == group.tier).unwrap_or(0),
                home_open: group.own_subnet_open,
            }
        };
        let sequence = side_by_side(self.nodes);
        (0..shapes.max().unwrap_or(0))
            .map(|shape| sequence.iter().map(|group| arrival(*group, shape)).collect())
            .collect()
    }
}

/// The groups' nodes in a row, each group's spread over all of it.
fn side_by_side(nodes: &Nodes) -> Vec<usize> {
    let mut row: Vec<(u64, usize)> = nodes
        .iter()
        .flat_map(|(at, count)| {
            (0..*count).map(move |number| (((2 * number + 1) << 20) / (2 * count), *at))
        })
        .collect();
    row.sort_unstable();
    row.into_iter().map(|(_, at)| at).collect()
}

pub fn room_of(subnet: &Subnet) -> Room {
    Room { len: subnet.cidr.prefix_len(), reserved: subnet.reserved.map(|part| part.prefix_len()) }
}

pub fn name(subnet: &Subnet) -> String {
    format!("{} {}", subnet.tier, subnet.cidr)
}
