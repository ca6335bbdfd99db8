//! What a route may lead to. Source: EC2 API reference, CreateRoute; VPC user guide, route tables; read 2026-11-27.

use ipnet::IpNet;

/// Where a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// Of the account or another one: a VPC is attached to it.
    Attached,
    /// Of one VPC: it cannot exist before that VPC does.
    InTheVpc,
}

/// One kind of target, by the beginning of its ids.
#[derive(Debug)]
pub struct Target {
    pub prefix: &'static str,
    pub what: &'static str,
    pub home: Home,
    /// Whether a route inside the VPC may lead there: to the whole CIDR of a subnet ("more specific than the local route").
    pub is_appliance: bool,
}

const fn attached(prefix: &'static str, what: &'static str) -> Target {
    Target { prefix, what, home: Home::Attached, is_appliance: false }
}

const fn inside(prefix: &'static str, what: &'static str) -> Target {
    Target { prefix, what, home: Home::InTheVpc, is_appliance: false }
}

/// Those that this version builds routes to. Not here: Cloud WAN, local and carrier gateways, instances.
pub const TARGETS: &[Target] = &[
    attached("tgw-", "a transit gateway"),
    attached("vgw-", "a virtual private gateway"),
    inside("pcx-", "a peering connection"),
    Target { is_appliance: true, ..inside("eni-", "a network interface") },
    Target { is_appliance: true, ..inside("nat-", "a NAT gateway") },
    Target { is_appliance: true, ..inside("vpce-", "a Gateway Load Balancer endpoint") },
];

/// Beginnings of ids that EC2 accepts as a target and this version does not build.
pub const NOT_BUILT: &[(&str, &str)] = &[
    ("arn:", "Cloud WAN's core network"),
    ("core-network-", "Cloud WAN's core network"),
    ("lgw-", "a local gateway of an Outpost"),
    ("cagw-", "a carrier gateway"),
    ("i-", "an instance"),
    ("igw-", "an internet gateway"),
    ("eigw-", "an egress-only internet gateway"),
];

/// Ranges of AWS's own services on every instance: EC2 accepts no route to one of them or inside it, and carries packets to them by no
/// wider route. Source: VPC user guide, subnet route tables, rules and considerations, read 2026-11-28.
pub const RESERVED: &[&str] = &["169.254.168.0/22", "fd00:ec2::/32"];

/// The reserved range that holds `to`.
pub fn reserved(to: &IpNet) -> Option<&'static str> {
    RESERVED.iter().copied().find(|range| range.parse::<IpNet>().is_ok_and(|own| own.contains(to)))
}

/// By the beginning of an id; `None` for targets that this version builds no route to, see [`NOT_BUILT`].
pub fn target(id: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| id.starts_with(target.prefix))
}
