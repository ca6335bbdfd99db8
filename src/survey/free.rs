//! Free addresses of a live subnet. EC2's own count leaves out what is reserved, used or not: a subnet that is reserved for prefixes as a
//! whole reads as full.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::observed::survey::{Interface, ReservationKind, Subnet, VpcSurvey};

use super::items;

/// Free addresses of a subnet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Free {
    /// EC2's count: outside of all reservations.
    pub available: u64,
    /// Unused inside reservations for prefixes: only prefixes are taken from there.
    pub in_reservations: u64,
}

impl Free {
    /// Both together.
    pub fn total(self) -> u64 {
        self.available.saturating_add(self.in_reservations)
    }
}

/// Free addresses of a subnet, the unused part of its reservations for prefixes counted where its interfaces were read.
pub fn free_addresses(vpc: &VpcSurvey, subnet: &Subnet) -> Free {
    let in_reservations = match vpc.interfaces.read() {
        Some(_) => unused(vpc, subnet, ReservationKind::Prefix),
        None => 0,
    };
    Free { available: subnet.available, in_reservations }
}

/// Addresses in reservations of a kind that nothing holds.
pub(super) fn unused(vpc: &VpcSurvey, subnet: &Subnet, kind: ReservationKind) -> u64 {
    let own =
        items(&vpc.reservations).iter().filter(|one| one.subnet == subnet.id && one.kind == kind);
    let interfaces: Vec<&Interface> =
        items(&vpc.interfaces).iter().filter(|one| one.subnet == subnet.id).collect();
    let unused = |range: Ipv4Net| {
        let of_aws = subnet.cidr.map_or(0, |cidr| reserved_by_aws(cidr, range));
        let used: u64 = interfaces.iter().map(|interface| inside(interface, range)).sum();
        (1u64 << (32 - range.prefix_len())).saturating_sub(used + of_aws)
    };
    own.map(|one| unused(one.cidr)).sum()
}

/// The addresses that AWS keeps of every subnet: the first four and the last.
pub fn of_aws(subnet: Ipv4Net) -> [Ipv4Addr; 5] {
    let first = u32::from(subnet.network());
    [first, first + 1, first + 2, first + 3, u32::from(subnet.broadcast())].map(Ipv4Addr::from)
}

fn reserved_by_aws(subnet: Ipv4Net, range: Ipv4Net) -> u64 {
    of_aws(subnet).iter().filter(|address| range.contains(*address)).count() as u64
}

/// Addresses of an interface in a range, its prefixes counted whole.
pub(super) fn inside(interface: &Interface, range: Ipv4Net) -> u64 {
    let singles = interface.addresses.iter().filter(|one| range.contains(&one.private)).count();
    let prefixes = interface.prefixes.iter().filter(|prefix| range.contains(*prefix));
    singles as u64 + prefixes.map(|prefix| 1u64 << (32 - prefix.prefix_len())).sum::<u64>()
}
