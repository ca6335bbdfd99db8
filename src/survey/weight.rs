//! What counts against quotas: rules of a security group, and address units of the VPC.

use crate::facts::eks::{ATTACHMENT_ADDRESS_UNITS, ENDPOINT_ADDRESS_UNITS, NAT_ADDRESS_UNITS};
use crate::observed::survey::{Interface, SecurityGroup, SecurityRule, VpcSurvey};

use super::items;

/// Rules that come in, of the family with more of them; a prefix list counts as its most entries.
pub fn rules_in(vpc: &VpcSurvey, group: &SecurityGroup) -> usize {
    let entries = |rule: &SecurityRule| {
        let lists = items(&vpc.prefix_lists);
        let list = lists.iter().find(|list| Some(&list.id) == rule.prefix_list.as_ref());
        list.and_then(|list| list.max_entries).unwrap_or(1) as usize
    };
    let ingress = || group.rules.iter().filter(|rule| !rule.egress);
    let ipv6: usize = ingress().filter(|rule| rule.cidr.is_none()).map(entries).sum();
    let ipv4: usize = ingress().filter(|rule| rule.ipv6_cidr.is_none()).map(entries).sum();
    ipv4.max(ipv6)
}

/// Network address units of the interfaces that were read: CloudWatch counts them only where the VPC's owner asks for it.
pub fn address_units(vpc: &VpcSurvey) -> u64 {
    let units = |one: &Interface| match one.kind.as_str() {
        "nat_gateway" => NAT_ADDRESS_UNITS,
        "vpc_endpoint" => ENDPOINT_ADDRESS_UNITS,
        "transit_gateway" => ATTACHMENT_ADDRESS_UNITS,
        _ => {
            let public = one.addresses.iter().filter(|held| held.public.is_some()).count();
            let private = one.addresses.len() + one.prefixes.len();
            (public + private + one.ipv6.len() + one.ipv6_prefixes.len()) as u64
        }
    };
    items(&vpc.interfaces).iter().map(units).sum()
}
