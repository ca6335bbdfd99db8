//! Who lets in the range that pods leave and not the one they move to: the most frequent breakage after such a move.

use ipnet::{IpNet, Ipv4Net};
use serde::Serialize;

use crate::observed::survey::{NetworkAcl, PrefixList, SecurityGroup, SecurityRule, VpcSurvey};

use super::allows::{Side, passes};
use super::items;
use super::owner::owner_of;

/// One rule that is missing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Missing {
    /// `sg-…`, `acl-…` or `pl-…`.
    pub resource: String,
    /// Its name, where it has one.
    pub name: String,
    /// Who owns it.
    pub owner: String,
    /// What it admits now, such as `tcp 5432 from 10.0.0.0/16`.
    pub admits: String,
    /// What is missing, such as `tcp 5432 from 100.64.0.0/16`.
    pub missing: String,
}

/// Rules that admit a part of `old` and not all of `new`.
pub fn only_old(vpc: &VpcSurvey, old: &[Ipv4Net], new: &[Ipv4Net]) -> Vec<Missing> {
    let mut found = Vec::new();
    for range in new {
        let groups = items(&vpc.security_groups).iter();
        found.extend(groups.flat_map(|group| of_group(vpc, group, old, *range)));
        let acls = items(&vpc.network_acls).iter();
        found.extend(acls.flat_map(|acl| {
            // Answers go out by a rule of their own.
            [false, true].into_iter().flat_map(|egress| of_acl(acl, egress, old, *range))
        }));
        let lists = items(&vpc.prefix_lists).iter();
        found.extend(lists.filter_map(|list| of_list(list, old, *range)));
    }
    found.sort();
    found.dedup();
    found
}

fn touches(range: Ipv4Net, old: &[Ipv4Net]) -> bool {
    old.iter().any(|own| own.contains(&range) || range.contains(own))
}

fn of_group(vpc: &VpcSurvey, group: &SecurityGroup, old: &[Ipv4Net], new: Ipv4Net) -> Vec<Missing> {
    let ingress = || group.rules.iter().filter(|rule| !rule.egress);
    let covers = |rule: &SecurityRule, wanted: &SecurityRule| {
        let alike = rule.protocol == "-1"
            || rule.protocol == wanted.protocol
                && match (rule.ports, wanted.ports) {
                    (None, _) => true,
                    (Some(_), None) => false,
                    (Some((low, high)), Some((first, last))) => low <= first && last <= high,
                };
        alike && (rule.cidr.is_some_and(|cidr| cidr.contains(&new)) || in_list(vpc, rule, new))
    };
    let narrow = ingress().filter(|rule| rule.cidr.is_some_and(|cidr| touches(cidr, old)));
    let missing = narrow.filter(|rule| !ingress().any(|other| covers(other, rule)));
    missing.map(|rule| of_rule(group, rule, new)).collect()
}

fn in_list(vpc: &VpcSurvey, rule: &SecurityRule, new: Ipv4Net) -> bool {
    let Some(id) = &rule.prefix_list else { return false };
    let list = items(&vpc.prefix_lists).iter().find(|list| list.id == *id);
    list.is_some_and(|list| holds(list, new))
}

fn holds(list: &PrefixList, new: Ipv4Net) -> bool {
    items(&list.entries).iter().any(|entry| entry.cidr.contains(&IpNet::V4(new)))
}

fn of_rule(group: &SecurityGroup, rule: &SecurityRule, new: Ipv4Net) -> Missing {
    let traffic = words(&rule.protocol, rule.ports);
    let from = rule.cidr.map(|cidr| cidr.to_string()).unwrap_or_default();
    Missing {
        resource: group.id.clone(),
        name: group.name.clone(),
        owner: owner_of(&group.tags).to_string(),
        admits: format!("{traffic} from {from}"),
        missing: format!("{traffic} from {new}"),
    }
}

fn words(protocol: &str, ports: Option<(u16, u16)>) -> String {
    let protocol = if protocol == "-1" { "everything" } else { protocol };
    match ports {
        Some((first, last)) if first == last => format!("{protocol} {first}"),
        Some((first, last)) => format!("{protocol} {first}-{last}"),
        None => protocol.to_string(),
    }
}

fn of_acl(acl: &NetworkAcl, egress: bool, old: &[Ipv4Net], new: Ipv4Net) -> Vec<Missing> {
    let entries = acl.entries.iter().filter(|entry| entry.egress == egress && entry.allow);
    let narrow = entries.filter(|entry| entry.cidr.is_some_and(|cidr| touches(cidr, old)));
    let from = Side { address: Some(new.addr()), ..Side::default() };
    let refused = narrow.filter(|entry| {
        let protocol = if entry.protocol == "-1" { "tcp" } else { &entry.protocol };
        !passes(acl, egress, (&from, protocol, entry.ports.unwrap_or((1, 65535))))
    });
    let one = |entry: &crate::observed::survey::AclEntry| {
        let traffic = words(&entry.protocol, entry.ports);
        let range = entry.cidr.map(|cidr| cidr.to_string()).unwrap_or_default();
        let way = if egress { "to" } else { "from" };
        Missing {
            resource: acl.id.clone(),
            name: acl.tags.get("Name").cloned().unwrap_or_default(),
            owner: owner_of(&acl.tags).to_string(),
            admits: format!("{traffic} {way} {range}"),
            missing: format!("{traffic} {way} {new}"),
        }
    };
    refused.map(one).collect()
}

fn of_list(list: &PrefixList, old: &[Ipv4Net], new: Ipv4Net) -> Option<Missing> {
    let entries = items(&list.entries).iter();
    let mut own = entries.filter_map(|entry| match entry.cidr {
        IpNet::V4(cidr) => Some(cidr),
        IpNet::V6(_) => None,
    });
    let narrow = own.find(|cidr| touches(*cidr, old))?;
    (!holds(list, new)).then(|| Missing {
        resource: list.id.clone(),
        name: list.name.clone(),
        owner: list.owner.clone(),
        admits: format!("entry {narrow}"),
        missing: format!("entry {new}"),
    })
}
