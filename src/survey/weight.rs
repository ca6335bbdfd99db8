//! What a security group has of the rules that it may have.

use crate::observed::survey::{SecurityGroup, SecurityRule, VpcSurvey};

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
