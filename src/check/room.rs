//! Room in the account for what quotas count in another way than by resource: vCPUs, NAT gateways of a zone, entries of prefix lists.

use std::collections::BTreeMap;

use super::account::{AccountState, Deployment, proven};
use super::security;
use crate::blueprint::model::NatMode;
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::quotas::{Code, NAT_GATEWAYS, ROUTES, RULES, Vcpus, vcpus};
use crate::graph::{nat_gateway_id, node_group_id};
use crate::intent::equipment::Capacity;
use crate::intent::security::Peer;
use crate::intent::transit::Destination;
use crate::intent::{Intent, NodeGroup, Zone};
use crate::rules::{QUO_03, QUO_04};

/// Rules QUO-03 and QUO-04; a quota or a count that could not be read is passed over.
pub fn check(deployment: &Deployment<'_>, state: &AccountState) -> Vec<Diagnostic> {
    let mut findings = machines(deployment, state);
    findings.extend(nat_gateways(deployment, state));
    findings.extend(prefix_lists(deployment.intent, state));
    findings
}

/// What is used and required of a quota, and where in the blueprint.
struct Demand {
    used: u64,
    more: u64,
    path: String,
}

fn held_against(quota: &Code, state: &AccountState, demand: Demand) -> Option<Diagnostic> {
    let most = *state.quotas.get(quota.code)?;
    let Demand { used, more, path } = demand;
    let read = format!("servicequotas:GetServiceQuota {}", quota.code);
    let message = format!("{}: {used} in use and {more} more required, of {most}", quota.name);
    let hint = |room: u64| {
        format!("raise the quota {} to {} at least, or plan less", quota.code, used + more + room)
    };
    match (used + more).cmp(&most) {
        _ if more == 0 => None,
        std::cmp::Ordering::Greater => Some(proven(QUO_03.at(path, message).hint(hint(0)), &read)),
        std::cmp::Ordering::Equal => Some(proven(QUO_04.at(path, message).hint(hint(1)), &read)),
        std::cmp::Ordering::Less => None,
    }
}

/// vCPUs that the new node groups start with, each node of its smallest type: with less none of them comes up.
fn machines(deployment: &Deployment<'_>, state: &AccountState) -> Vec<Diagnostic> {
    let Some(running) = &state.vcpus else { return Vec::new() };
    let mut demands: BTreeMap<&str, (&Vcpus, Demand)> = BTreeMap::new();
    let groups = deployment.intent.cluster.iter().flat_map(|cluster| &cluster.node_groups);
    let is_new = |group: &&NodeGroup| !(deployment.stands)(&node_group_id(&group.name));
    for group in groups.filter(|group| !group.existing && !group.per_zone).filter(is_new) {
        let Some((quota, each)) = least(group) else { continue };
        let used = running.get(quota.quota.code).copied().unwrap_or(0);
        let path = key(&group.path, "scaling");
        let demand = demands.entry(quota.quota.code);
        demand.or_insert((quota, Demand { used, more: 0, path })).1.more +=
            each * u64::from(group.desired);
    }
    let held = |(quota, demand): (&Vcpus, Demand)| held_against(&quota.quota, state, demand);
    demands.into_values().filter_map(held).collect()
}

/// The quota and the vCPUs of a group's smallest type; `None` where its types have several quotas, or are not known.
fn least(group: &NodeGroup) -> Option<(&'static Vcpus, u64)> {
    // What is reserved counts as reserved.
    if !matches!(group.capacity, Capacity::OnDemand | Capacity::Spot) {
        return None;
    }
    let quotas: Option<Vec<&Vcpus>> = group
        .instances
        .iter()
        .map(|one| vcpus(one.name, group.capacity == Capacity::Spot))
        .collect();
    let quotas = quotas?;
    let first = *quotas.first()?;
    let same = quotas.iter().all(|one| one.quota.code == first.quota.code);
    let least = group.instances.iter().map(|one| one.vcpus).min().flatten();
    least.filter(|_| same).map(|least| (first, least))
}

/// Those of other VPCs count, too.
fn nat_gateways(deployment: &Deployment<'_>, state: &AccountState) -> Vec<Diagnostic> {
    let Deployment { intent, plan, .. } = deployment;
    let Some(there) = state.nat_gateways.as_ref().filter(|_| intent.nat.mode != NatMode::Regional)
    else {
        return Vec::new();
    };
    let of_account = |zone: &Zone| {
        let named = state.zones.iter().flatten().find(|(_, name)| zone.name.as_ref() == Some(name));
        named.map_or(zone.id.clone(), |(id, _)| id.clone())
    };
    let new = plan
        .nat_hosts(intent)
        .into_iter()
        .filter(|host| !(deployment.stands)(&nat_gateway_id(plan, host)));
    let finding = |host: &crate::address::Subnet| {
        let zone = of_account(&host.zone);
        let used = there.get(&zone).copied().unwrap_or(0);
        let demand = Demand { used, more: 1, path: "egress.nat".to_string() };
        let finding = held_against(&NAT_GATEWAYS, state, demand)?;
        Some(Diagnostic {
            message: format!("{} ({})", finding.message, host.zone.word()),
            ..finding
        })
    };
    new.filter_map(finding).collect()
}

/// A prefix list weighs as many rules or routes as it may have entries.
fn prefix_lists(intent: &Intent, state: &AccountState) -> Vec<Diagnostic> {
    let weight = |id: &String| state.prefix_lists.get(id).copied();
    let groups = security::groups(intent).into_iter().filter_map(|(_, rules, _)| {
        let lists = rules.iter().filter_map(|rule| match &rule.peer {
            Peer::PrefixList(id) => Some((weight(id)?, rule.path.clone())),
            _ => None,
        });
        heaviest(lists).and_then(|demand| held_against(&RULES, state, demand))
    });
    let tables = intent.tiers.iter().filter_map(|tier| {
        let lists = tier.routes.iter().filter_map(|route| match &route.to {
            Destination::PrefixList(id) => Some((weight(id)?, key(&route.path, "to"))),
            _ => None,
        });
        heaviest(lists).and_then(|demand| held_against(&ROUTES, state, demand))
    });
    groups.chain(tables).collect()
}

/// All of them, told at the largest.
fn heaviest(lists: impl Iterator<Item = (u64, String)>) -> Option<Demand> {
    let lists: Vec<(u64, String)> = lists.collect();
    let (_, path) = lists.iter().max()?.clone();
    Some(Demand { used: 0, more: lists.iter().map(|(weight, _)| weight).sum(), path })
}

/// Ids of the prefix lists that a blueprint names.
pub fn named_lists(intent: &Intent) -> Vec<String> {
    let groups = security::groups(intent).into_iter().flat_map(|(_, rules, _)| rules);
    let groups = groups.filter_map(|rule| match &rule.peer {
        Peer::PrefixList(id) => Some(id.clone()),
        _ => None,
    });
    let routes = intent.tiers.iter().flat_map(|tier| &tier.routes);
    let routes = routes.filter_map(|route| match &route.to {
        Destination::PrefixList(id) => Some(id.clone()),
        _ => None,
    });
    let mut all: Vec<String> = groups.chain(routes).collect();
    all.sort();
    all.dedup();
    all
}

/// Quotas of vCPUs that the node groups count against.
pub fn vcpu_quotas(intent: &Intent) -> Vec<&'static Vcpus> {
    let groups = intent.cluster.iter().flat_map(|cluster| &cluster.node_groups);
    let mut all: Vec<&Vcpus> = groups.filter_map(least).map(|(quota, _)| quota).collect();
    all.sort_by_key(|one| one.quota.code);
    all.dedup_by_key(|one| one.quota.code);
    all
}
