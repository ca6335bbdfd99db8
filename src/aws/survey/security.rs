//! Security groups with their rules, network ACLs, and the prefix lists that are named.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{Filter, RuleAction};
use futures_util::future::join_all;

use crate::aws::filter::filter;
use crate::aws::port::Answer;
use crate::aws::session::{Account, refusal};
use crate::observed::Part;
use crate::observed::survey::{
    AclEntry, NetworkAcl, PrefixList, PrefixListEntry, RouteTable, SecurityGroup, SecurityRule,
    VpcEndpoint,
};

use crate::survey::is_to_gateway;

use super::text::{ports, some, tags, text};

/// Values of one filter.
const VALUES: usize = 200;

pub async fn acls(account: &Account, vpc: &str) -> Answer<Vec<NetworkAcl>> {
    let call = account.ec2.describe_network_acls().filters(filter("vpc-id", vpc));
    let pages = call.into_paginator().items().send();
    let found = pages.collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
    let acl = |one: &aws_sdk_ec2::types::NetworkAcl| {
        let mut entries: Vec<AclEntry> = one.entries().iter().map(entry).collect();
        entries.sort_by_key(|entry| (entry.egress, entry.number));
        let mut subnets: Vec<String> =
            one.associations().iter().filter_map(|own| some(own.subnet_id())).collect();
        subnets.sort();
        NetworkAcl {
            id: text(one.network_acl_id()),
            is_default: one.is_default().unwrap_or(false),
            subnets,
            entries,
            tags: tags(one.tags()),
        }
    };
    Ok(found.iter().map(acl).collect())
}

fn entry(one: &aws_sdk_ec2::types::NetworkAclEntry) -> AclEntry {
    let number = one.rule_number().and_then(|number| u32::try_from(number).ok());
    AclEntry {
        number: number.unwrap_or(0),
        egress: one.egress().unwrap_or(false),
        protocol: text(one.protocol()),
        allow: one.rule_action() == Some(&RuleAction::Allow),
        cidr: one.cidr_block().and_then(|cidr| cidr.parse().ok()),
        ipv6_cidr: one.ipv6_cidr_block().and_then(|cidr| cidr.parse().ok()),
        ports: one.port_range().and_then(|range| ports(range.from(), range.to())),
    }
}

pub async fn groups(account: &Account, vpc: &str) -> Answer<Vec<SecurityGroup>> {
    let call = account.ec2.describe_security_groups().filters(filter("vpc-id", vpc));
    let pages = call.into_paginator().items().send();
    let found = pages.collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
    let ids: Vec<String> = found.iter().filter_map(|one| some(one.group_id())).collect();
    let mut rules = rules(account, &ids).await?;
    let group = |one: &aws_sdk_ec2::types::SecurityGroup| {
        let id = text(one.group_id());
        let mut own = rules.remove(&id).unwrap_or_default();
        own.sort_by_key(|rule: &SecurityRule| (rule.egress, rule.id.clone()));
        SecurityGroup {
            name: text(one.group_name()),
            description: text(one.description()),
            rules: own,
            tags: tags(one.tags()),
            id,
        }
    };
    Ok(found.iter().map(group).collect())
}

/// Rules by group, some groups at a time.
async fn rules(account: &Account, ids: &[String]) -> Answer<BTreeMap<String, Vec<SecurityRule>>> {
    let read = |some: &[String]| {
        let values = some.to_vec();
        async move {
            let filter = Filter::builder().name("group-id").set_values(Some(values)).build();
            let call = account.ec2.describe_security_group_rules().filters(filter);
            let pages = call.into_paginator().items().send();
            pages.collect::<Result<Vec<_>, _>>().await.map_err(refusal)
        }
    };
    let answers = join_all(ids.chunks(VALUES).map(read)).await;
    let mut rules: BTreeMap<String, Vec<SecurityRule>> = BTreeMap::new();
    for answer in answers {
        for one in answer? {
            rules.entry(text(one.group_id())).or_default().push(rule(&one));
        }
    }
    Ok(rules)
}

fn rule(one: &aws_sdk_ec2::types::SecurityGroupRule) -> SecurityRule {
    SecurityRule {
        id: text(one.security_group_rule_id()),
        egress: one.is_egress().unwrap_or(false),
        protocol: text(one.ip_protocol()),
        ports: ports(one.from_port(), one.to_port()),
        cidr: one.cidr_ipv4().and_then(|cidr| cidr.parse().ok()),
        ipv6_cidr: one.cidr_ipv6().and_then(|cidr| cidr.parse().ok()),
        prefix_list: some(one.prefix_list_id()),
        group: one.referenced_group_info().and_then(|group| some(group.group_id())),
        description: text(one.description()),
    }
}

/// Prefix lists that routes and rules name. Routes to gateway endpoints name AWS's own, whose entries nobody reads.
pub fn named_lists(
    tables: &Answer<Vec<RouteTable>>,
    groups: &Answer<Vec<SecurityGroup>>,
    endpoints: &Answer<Vec<VpcEndpoint>>,
) -> Vec<String> {
    let routed = tables.iter().flatten().flat_map(|table| &table.routes);
    let routed =
        routed.filter(|route| !is_to_gateway(route, endpoints.as_deref().unwrap_or_default()));
    let routed = routed.map(|route| route.destination.clone());
    let ruled = groups.iter().flatten().flat_map(|group| &group.rules);
    let ruled = ruled.filter_map(|rule| rule.prefix_list.clone());
    let all: BTreeSet<String> =
        routed.chain(ruled).filter(|name| name.starts_with("pl-")).collect();
    all.into_iter().collect()
}

pub async fn lists(account: &Account, ids: &[String]) -> Answer<Vec<PrefixList>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let named = Filter::builder().name("prefix-list-id").set_values(Some(ids.to_vec())).build();
    let call = account.ec2.describe_managed_prefix_lists().filters(named);
    let pages = call.into_paginator().items().send();
    let found = pages.collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
    let lists = join_all(found.iter().map(|one| async move {
        let (id, owner) = (text(one.prefix_list_id()), text(one.owner_id()));
        let entries = if owner == "AWS" {
            Part::Unasked
        } else {
            super::part("ec2:GetManagedPrefixListEntries", entries(account, &id).await)
        };
        let max_entries = one.max_entries().and_then(|most| u32::try_from(most).ok());
        PrefixList { id, name: text(one.prefix_list_name()), owner, max_entries, entries }
    }));
    Ok(lists.await)
}

async fn entries(account: &Account, id: &str) -> Answer<Vec<PrefixListEntry>> {
    let call = account.ec2.get_managed_prefix_list_entries().prefix_list_id(id);
    let pages = call.into_paginator().items().send();
    let found = pages.collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
    let entry = |one: &aws_sdk_ec2::types::PrefixListEntry| {
        let cidr = one.cidr()?.parse().ok()?;
        Some(PrefixListEntry { cidr, description: text(one.description()) })
    };
    Ok(found.iter().filter_map(entry).collect())
}
