//! Where the interfaces of pods go once aws-node finds subnets by tag: node by node, as EC2 and aws-node would, because each choice
//! depends on those before it.
//! Source: amazon-vpc-cni-k8s v1.23.1, pkg/awsutils/awsutils.go (GetVpcSubnets, createENI) and pkg/ipamd/ipamd.go (tryAssignPrefixes,
//! tryAssignIPs), read 2026-11-28: an interface is made where EC2 counts most free addresses, or where there is room at all; those that
//! stand are filled first; where one cannot grow, the next one is tried, and then a new one.

use crate::demand::room::{self, Room, Spread};
use crate::demand::{Held, Shape};
use crate::facts::subnets;

/// A subnet of the zone.
#[derive(Clone, Debug)]
pub struct Site {
    pub room: Room,
    pub held: Held,
    /// Tagged for pods: open to nodes of any tier.
    pub tagged: bool,
}

/// Which nodes come first. Both may happen: a group that grows, and one that starts as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Each has all of its pods before the next one starts.
    NodeByNode,
    /// All start before any has a pod, and each makes its interfaces before any of them is filled.
    AllAtOnce,
    /// The same, and pods with security groups of their own come before the others: branch interfaces have the node's own subnet only,
    /// the pool may go elsewhere.
    BranchesFirst,
    /// The worst for one subnet: interfaces that are made there stay as they are made until all others are full, so that it looks
    /// emptier than it will be, and further ones come to it.
    LastFilled(usize),
}

/// How much a further interface asks for as it is made, where pods that come between two turns decide it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    Least,
    Most,
}

/// A node to come.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    pub shape: Shape,
    /// Addresses or prefixes of its pool.
    pub pool: u64,
    /// Position of its own subnet.
    pub home: usize,
    /// Whether pods may live there.
    pub home_open: bool,
}

#[derive(Clone, Debug)]
pub struct Walk {
    pub sites: Vec<Site>,
    pub spread: Spread,
    pub asking: Asking,
    /// The site that was full first.
    pub full: Option<usize>,
    /// Whether to go on past it, to see how much is asked.
    pub past_full: bool,
}

struct Node {
    arrival: Arrival,
    got: u64,
    /// (site, addresses or prefixes on it)
    interfaces: Vec<(usize, u64)>,
}

impl Node {
    fn new(arrival: Arrival) -> Self {
        let first = arrival.shape.on_first.then_some((arrival.home, 0));
        Self { arrival, got: 0, interfaces: first.into_iter().collect() }
    }

    /// Whether an interface is not the node's first.
    fn is_later(&self, at: usize) -> bool {
        0 < at || !self.arrival.shape.on_first
    }

    /// Whether one of its interfaces could grow, but waits: no other is made then.
    fn waits(&self, waiting: Option<usize>) -> bool {
        self.interfaces.iter().enumerate().any(|(at, (site, carried))| {
            self.is_later(at) && Some(*site) == waiting && *carried < self.arrival.shape.slots
        })
    }

    fn wants(&self) -> u64 {
        self.arrival.pool - self.got
    }
}

impl Walk {
    /// Whether all of them find room.
    pub fn run(&mut self, arrivals: &[Arrival], order: Order) -> bool {
        match order {
            Order::NodeByNode => arrivals.iter().for_each(|one| {
                self.start(&[*one], None);
                self.take_branches(&[*one]);
            }),
            Order::AllAtOnce => {
                self.start(arrivals, None);
                self.take_branches(arrivals);
            }
            Order::BranchesFirst => {
                self.take_branches(arrivals);
                self.start(arrivals, None);
            }
            Order::LastFilled(site) => {
                self.start(arrivals, Some(site));
                self.take_branches(arrivals);
            }
        }
        self.full.is_none()
    }

    fn take_branches(&mut self, arrivals: &[Arrival]) {
        for arrival in arrivals.iter().filter(|one| 0 < one.shape.branches) {
            if !self.is_over() {
                self.take(arrival.home, Held::singles(arrival.shape.branches));
            }
        }
    }

    /// Nodes with their pools. Interfaces in `waiting` are filled once all others are.
    fn start(&mut self, arrivals: &[Arrival], mut waiting: Option<usize>) {
        let mut nodes: Vec<Node> = arrivals.iter().copied().map(Node::new).collect();
        for node in &nodes {
            if !self.is_over() {
                self.take(node.arrival.home, Held::singles(node.arrival.shape.own));
            }
        }
        while !self.is_over() {
            nodes.iter_mut().for_each(|node| self.fill(node, waiting));
            let open = |node: &&mut Node| 0 < node.wants() && !node.waits(waiting);
            if !nodes.iter_mut().any(|node| open(&node)) {
                match waiting.take() {
                    Some(_) => continue,
                    None => return,
                }
            }
            nodes.iter_mut().filter(open).for_each(|node| {
                self.extend(node);
                if waiting.is_some() {
                    self.fill(node, waiting);
                }
            });
        }
    }

    fn is_over(&self) -> bool {
        self.full.is_some() && !self.past_full
    }

    /// Takes the addresses in any case: what does not fit shows how much is asked.
    fn take(&mut self, site: usize, held: Held) {
        if !self.fits(site, held) {
            self.full.get_or_insert(site);
        }
        self.sites[site].held = self.sites[site].held.plus(held);
    }

    fn fits(&self, site: usize, held: Held) -> bool {
        let site = &self.sites[site];
        room::holds(site.room, site.held.plus(held), self.spread)
    }

    /// As many as go onto the interfaces that there are.
    fn fill(&mut self, node: &mut Node, waiting: Option<usize>) {
        let Node { arrival: Arrival { shape, .. }, .. } = *node;
        for at in 0..node.interfaces.len() {
            let (site, carried) = node.interfaces[at];
            if node.is_later(at) && Some(site) == waiting {
                continue;
            }
            let open = (shape.slots - carried).min(node.wants());
            let most = (1..=open).rev().find(|count| self.fits(site, units(&shape, *count)));
            let count = most.unwrap_or(0);
            self.sites[site].held = self.sites[site].held.plus(units(&shape, count));
            node.interfaces[at].1 += count;
            node.got += count;
        }
    }

    /// One interface more, where most addresses are free.
    fn extend(&mut self, node: &mut Node) {
        let shape = node.arrival.shape;
        if shape.interfaces <= node.interfaces.len() as u64 {
            // No interface is left, and none of those that there are can grow.
            if node.got < shape.needed {
                self.full
                    .get_or_insert(node.interfaces.first().map_or(node.arrival.home, |one| one.0));
            }
            node.got = node.arrival.pool;
            return;
        }
        let asked = match self.asking {
            Asking::Least => shape.at_once.least,
            Asking::Most => shape.at_once.most,
        };
        let count = asked.min(node.wants());
        let asked = Held::one().plus(units(&shape, count));
        let candidates = self.candidates(&node.arrival);
        let site = candidates
            .iter()
            .find(|site| self.fits(**site, asked))
            .or(candidates.first())
            .copied()
            .unwrap_or(node.arrival.home);
        self.take(site, asked);
        node.interfaces.push((site, count));
        node.got += count;
    }

    /// Subnets open to a node's pods, the one with most free addresses first.
    fn candidates(&self, arrival: &Arrival) -> Vec<usize> {
        let open =
            |at: &usize| self.sites[*at].tagged || (arrival.home_open && *at == arrival.home);
        let mut open: Vec<usize> = (0..self.sites.len()).filter(open).collect();
        open.sort_by_key(|at| {
            let site = &self.sites[*at];
            let free = subnets::usable(site.room.len).saturating_sub(site.held.addresses());
            std::cmp::Reverse(free)
        });
        open
    }
}

fn units(shape: &Shape, count: u64) -> Held {
    if shape.prefixes { Held { singles: 0, prefixes: count } } else { Held::singles(count) }
}
