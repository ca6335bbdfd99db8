//! Logical ids: stable names from tier and zone id, never positions.

use ipnet::{IpNet, Ipv4Net};

use crate::address::{AddressPlan, Subnet};
use crate::intent::NodeGroup;
use crate::intent::transit::Destination;

/// Logical id of the role of Auto Mode's nodes.
pub const AUTO_NODES: &str = "AutoNodeRole";

/// Logical ids of the roles.
pub fn iam_roles() -> [&'static str; 3] {
    ["ClusterRole", "NodeRole", "CniRole"]
}

/// `euw1-az1` → `Euw1Az1`.
pub fn pascal(name: &str) -> String {
    let parts = name.split(|letter: char| !letter.is_ascii_alphanumeric());
    let letters = parts.flat_map(|part| {
        let mut letters = part.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters)
    });
    letters.collect()
}

/// Of a subnet that exists its id in EC2, which a reference passes on as it is.
pub fn subnet(subnet: &Subnet) -> String {
    if let Some(existing) = &subnet.existing {
        return existing.id.clone();
    }
    format!("Subnet{}{}", pascal(&subnet.stem), pascal(&subnet.zone.id))
}

pub fn association(of: &Subnet) -> String {
    format!("{}RouteTable", subnet(of))
}

pub fn route_table(of: &Subnet) -> String {
    format!("RouteTable{}{}", pascal(&of.stem), pascal(&of.zone.id))
}

pub fn default_route(of: &Subnet) -> String {
    format!("{}Default", route_table(of))
}

pub fn default_route_ipv6(of: &Subnet) -> String {
    format!("{}DefaultIpv6", route_table(of))
}

/// One name for a table's route to a destination, wherever it leads: so it changes its target in place.
pub fn route(of: &Subnet, to: &Destination) -> String {
    match to {
        Destination::Range(range) if range.prefix_len() == 0 => match range {
            IpNet::V4(_) => default_route(of),
            IpNet::V6(_) => default_route_ipv6(of),
        },
        to => format!("{}To{}", route_table(of), plain(&to.to_string())),
    }
}

pub fn vpc_cidr(cidr: Ipv4Net) -> String {
    format!("VpcCidr{}", cidr.to_string().replace(['.', '/'], "x"))
}

/// Logical id of a secondary CIDR that a fleet or IPAM gives: its address may not be known yet, its name is.
pub fn named_vpc_cidr(name: &str) -> String {
    format!("VpcCidr{}", pascal(name))
}

pub fn of_zone(what: &str, zone: &str) -> String {
    format!("{what}{}", pascal(zone))
}

/// Logical id of a group's EKS node group that spans its zones.
pub fn node_group(name: &str) -> String {
    format!("NodeGroup{}", pascal(name))
}

/// Logical id of the role of a group's nodes.
pub fn role_of(group: &NodeGroup) -> String {
    let [_, shared, _] = iam_roles();
    match group.has_own_role() {
        true => format!("{shared}{}", pascal(&group.name)),
        false => shared.to_string(),
    }
}

pub fn fargate(name: &str) -> String {
    format!("FargateProfile{}", pascal(name))
}

/// `10.0.0.0/8` → `10x0x0x0x8`.
pub fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { 'x' }).collect()
}

/// A subnet inside a text: by its logical id, as CloudFormation and `render` fill it in, or its id in EC2.
pub fn subnet_word(of: &Subnet) -> String {
    match &of.existing {
        Some(existing) => existing.id.clone(),
        None => format!("${{{}}}", subnet(of)),
    }
}

/// The name of a subnet's zone inside a text.
pub fn zone_word(of: &Subnet) -> String {
    match &of.existing {
        Some(existing) => existing.zone_name.clone(),
        None => format!("${{{}.AvailabilityZone}}", subnet(of)),
    }
}

/// Name of a subnet's ENIConfig, where node groups name theirs. It outlives a new name of the tier, as the nodes' label does.
pub fn eni_config(of: &Subnet) -> String {
    format!("{}-{}", of.stem, of.zone.id)
}

/// The part of a group in one zone: of a zone that came later, or of any where labels tell the zones apart.
pub fn late_group(name: &str, zone: &str) -> String {
    of_zone(&format!("{}In", node_group(name)), zone)
}

/// A group's EKS node groups: its own, and those of single zones.
pub fn node_groups(group: &NodeGroup, plan: &AddressPlan) -> Vec<String> {
    let (own, late) = plan.group_subnets(group);
    let single = |subnet: &&Subnet| late_group(&group.name, &subnet.zone.id);
    if group.per_zone {
        return own.iter().chain(&late).map(single).collect();
    }
    std::iter::once(node_group(&group.name)).chain(late.iter().map(single)).collect()
}
