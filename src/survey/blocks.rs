//! The /28 blocks of a live subnet, and which of them an interface could still get as a prefix.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::facts::subnets::{ADDRESSES_PER_PREFIX, PREFIX};
use crate::observed::survey::{Interface, ReservationKind, Subnet, VpcSurvey};

use super::{free, items};

/// What is in a /28 block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Block {
    /// It holds an address that AWS keeps.
    OfAws,
    /// Assigned to an interface.
    Prefix,
    /// Single addresses hold all of it.
    Full,
    /// Single addresses hold a part of it: no prefix fits.
    Broken,
    /// Inside an explicit reservation: AWS takes nothing from it.
    Kept,
    /// Free, and reserved for prefixes.
    ReservedFree,
    /// Free.
    Free,
}

impl Block {
    /// Whether an interface may get it as a prefix.
    pub fn is_usable(self) -> bool {
        matches!(self, Block::ReservedFree | Block::Free)
    }
}

/// The blocks of a subnet, in address order.
#[derive(Clone, Debug, PartialEq)]
pub struct PrefixMap {
    /// `subnet-…`
    pub subnet: String,
    /// Its range.
    pub cidr: Ipv4Net,
    /// One for every aligned /28.
    pub blocks: Vec<Block>,
}

impl PrefixMap {
    /// How many blocks are in a state.
    pub fn count(&self, state: Block) -> u64 {
        self.blocks.iter().filter(|block| **block == state).count() as u64
    }

    /// How many prefixes interfaces could still get.
    pub fn usable(&self) -> u64 {
        self.blocks.iter().filter(|block| block.is_usable()).count() as u64
    }

    /// The range of a block.
    pub fn range(&self, at: usize) -> Option<Ipv4Net> {
        let start = u32::from(self.cidr.network()) + (at as u32) * (1 << (32 - PREFIX));
        Ipv4Net::new(Ipv4Addr::from(start), PREFIX).ok()
    }
}

/// The blocks of a subnet; `None` where its interfaces were not read or do not explain what EC2 counts as free, or it has no IPv4.
pub fn prefix_map(vpc: &VpcSurvey, subnet: &Subnet) -> Option<PrefixMap> {
    let (cidr, interfaces) = (subnet.cidr?, vpc.interfaces.read()?);
    if unexplained(vpc, subnet).is_some() {
        return None;
    }
    let own = || interfaces.iter().filter(|one| one.subnet == subnet.id);
    let at = |address: Ipv4Addr| (u32::from(address) - u32::from(cidr.network())) >> (32 - PREFIX);
    let of_aws: BTreeSet<u32> = free::of_aws(cidr).into_iter().map(at).collect();
    let prefixes: BTreeSet<u32> = own()
        .flat_map(|one| &one.prefixes)
        .filter(|prefix| cidr.contains(*prefix))
        .map(|prefix| at(prefix.network()))
        .collect();
    let count = 1u32 << PREFIX.saturating_sub(cidr.prefix_len());
    let mut singles = vec![0u32; count as usize];
    for address in own().flat_map(addresses).filter(|address| cidr.contains(address)) {
        singles[at(address) as usize] += 1;
    }
    let reserved = |block: u32, kind: ReservationKind| {
        let start = u32::from(cidr.network()) + (block << (32 - PREFIX));
        items(&vpc.reservations).iter().any(|one| {
            one.subnet == subnet.id && one.kind == kind && one.cidr.contains(&Ipv4Addr::from(start))
        })
    };
    let state = |block: u32| match singles[block as usize] {
        _ if of_aws.contains(&block) => Block::OfAws,
        _ if prefixes.contains(&block) => Block::Prefix,
        16.. => Block::Full,
        1.. => Block::Broken,
        0 if reserved(block, ReservationKind::Explicit) => Block::Kept,
        0 if reserved(block, ReservationKind::Prefix) => Block::ReservedFree,
        0 => Block::Free,
    };
    Some(PrefixMap { subnet: subnet.id.clone(), cidr, blocks: (0..count).map(state).collect() })
}

/// What EC2 counts as free in a subnet, and what the interfaces that were read leave of it, where these are a block or more apart: a
/// participant of a shared VPC does not see the interfaces of others. Reservations may be in EC2's count or not, and nodes come and go
/// while it is read.
pub fn unexplained(vpc: &VpcSurvey, subnet: &Subnet) -> Option<(u64, u64)> {
    let (cidr, interfaces) = (subnet.cidr?, vpc.interfaces.read()?);
    let own = interfaces.iter().filter(|one| one.subnet == subnet.id);
    let used: u64 = own.map(|interface| free::inside(interface, cidr)).sum();
    let most =
        (1u64 << (32 - cidr.prefix_len())).saturating_sub(free::of_aws(cidr).len() as u64 + used);
    let reserved = free::unused(vpc, subnet, ReservationKind::Prefix)
        + free::unused(vpc, subnet, ReservationKind::Explicit);
    let (least, seen) = (most.saturating_sub(reserved), subnet.available);
    let more = |count: u64| count.saturating_add(ADDRESSES_PER_PREFIX);
    let apart = more(seen) <= least || more(most) <= seen;
    apart.then_some((seen, most))
}

fn addresses(interface: &Interface) -> impl Iterator<Item = Ipv4Addr> + '_ {
    interface.addresses.iter().map(|one| one.private)
}
