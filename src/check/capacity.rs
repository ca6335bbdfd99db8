//! Whether the node groups fit their subnets: at `desired`, at `max`, after a zone is lost.

use crate::address::AddressPlan;
use crate::blueprint::path::key;
use crate::capacity::{Capacity, Full, Most};
use crate::diagnostic::Diagnostic;
use crate::facts::{eks, subnets};
use crate::intent::{Cluster, Intent, NodeGroup, PodSubnets};
use crate::rules::{CAP_01, CAP_02, CAP_03, CN_09, QUO_01, QUO_02, Rule, SIZ_02};

const PLACE: &str = "nodeGroups";

pub fn check(intent: &Intent, plan: &AddressPlan, capacity: &Capacity) -> Vec<Diagnostic> {
    let Some(most) = &capacity.most else {
        return overfull(intent, plan).into_iter().collect();
    };
    let quotas = intent.cluster.iter().flat_map(|cluster| quotas(intent, cluster));
    room(capacity, most)
        .into_iter()
        .chain(units(most))
        .chain(unreached(intent, capacity))
        .chain(quotas)
        .collect()
}

/// Without node groups: what Fargate's pods and everything else take of a tier's subnets.
fn overfull(intent: &Intent, plan: &AddressPlan) -> Option<Diagnostic> {
    let profiles = intent.cluster.iter().flat_map(|cluster| &cluster.fargate);
    profiles.into_iter().find_map(|profile| {
        let (tier, subnet) = (intent.tier(&profile.tier)?, plan.of_tier(&profile.tier).next()?);
        let asked: u64 = crate::demand::others(intent, tier).iter().map(|(_, count)| count).sum();
        let usable = subnets::usable(subnet.cidr.prefix_len());
        (usable < asked).then(|| {
            let message = format!(
                "{asked} addresses are wanted at once in each subnet of `{}`, which has {usable}",
                tier.name
            );
            CAP_02
                .at(key(&profile.path, "pods"), message)
                .hint("fewer pods at once, a larger tier, or one in more zones")
        })
    })
}

/// Tiers open to discovery that no interface will ever reach, because the nodes' first one carries all pods.
fn unreached(intent: &Intent, capacity: &Capacity) -> Option<Diagnostic> {
    let PodSubnets::Discovered(tiers) = &intent.cluster.as_ref()?.pods_in else {
        return None;
    };
    let reached = capacity.groups.iter().any(|group| 0 < group.worst.pod_subnet.addresses());
    let home = |name: &str| {
        intent
            .cluster
            .iter()
            .flat_map(|cluster| &cluster.node_groups)
            .any(|group| group.tier == name)
    };
    let tier = intent.tier(tiers.iter().find(|name| !home(name))?).filter(|_| !reached)?;
    Some(
        CN_09.at(&tier.path, format!("no pod will live in `{}`: the first interface of each node carries all of its pods", tier.name))
            .hint("write `awsNode: { prefixDelegation: false }`, or close the nodes' tier to pods (`tags: { kubernetes.io/role/cni: \"0\" }`)"),
    )
}

/// What EKS takes in one cluster.
fn quotas(intent: &Intent, cluster: &Cluster) -> Vec<Diagnostic> {
    let groups = &cluster.node_groups;
    let made = |group: &NodeGroup| {
        if group.per_zone { intent.tier(&group.tier).map_or(1, |tier| tier.zones.len()) } else { 1 }
    };
    let count: usize = groups.iter().map(made).sum();
    let large = groups.iter().filter(|group| {
        eks::NODES_PER_GROUP < group.max.div_ceil(u32::try_from(made(group)).unwrap_or(1).max(1))
    });
    let mut findings: Vec<Diagnostic> = large
        .map(|group| {
            let message = format!(
                "`{}` may grow to {} nodes; a node group takes {}",
                group.name,
                group.max,
                eks::NODES_PER_GROUP
            );
            QUO_01
                .at(key(&group.path, "scaling"), message)
                .hint("make two groups, or raise the quota")
        })
        .collect();
    if eks::GROUPS_PER_CLUSTER < count {
        let message = format!("{count} node groups; a cluster takes {}", eks::GROUPS_PER_CLUSTER);
        findings.push(QUO_01.at(PLACE, message).hint("join some, or raise the quota"));
    }
    findings
}

/// The worst of what is to be said about room: the milder follow from it.
fn room(capacity: &Capacity, most: &Most) -> Option<Diagnostic> {
    let (subnet, per_cent) = &most.fullest;
    let warning = |rule: &'static Rule, message: String, full: &Full| {
        Some(rule.at(PLACE, message).hint(ways(full)))
    };
    if let Some(full) = &most.full_at_desired {
        let wanted: u64 = capacity.groups.iter().map(|group| group.desired).sum();
        let message = format!(
            "with the {wanted} nodes that are wanted at once `{}` is overfull, without a single pod",
            full.subnet
        );
        return Some(CAP_02.at(PLACE, message).hint(ways(full)));
    }
    if let Some(full) = &most.full {
        let (nodes, surge, room) = (most.nodes, most.surge, capacity.nodes());
        let message = format!(
            "the node groups may grow to {nodes} nodes, and {surge} more while they are updated; the subnets hold {room}"
        );
        return warning(&CAP_01, message, full);
    }
    if let Some(full) = &most.full_scattered {
        let message = format!(
            "at their `max` the node groups fit only while single addresses and prefixes stay apart in `{}`",
            full.subnet
        );
        return warning(&CAP_03, message, full);
    }
    if subnets::PLANNED_PER_CENT < *per_cent {
        let message = format!("at the node groups' `max` `{subnet}` is {per_cent} % full");
        return Some(SIZ_02.at(PLACE, message).hint(WAYS));
    }
    let (loss, full) = most.loss.as_ref().and_then(|loss| Some((loss, loss.full.as_ref()?)))?;
    if full.tier.is_empty() {
        let message =
            format!("a node group has no zone but {}: its nodes go with it", loss.zone.word());
        return Some(SIZ_02.at(PLACE, message).hint("put its tier into a second zone"));
    }
    warning(
        &SIZ_02,
        format!(
            "without {} the other zones do not hold the node groups' `max` of {}",
            loss.zone.word(),
            most.nodes
        ),
        full,
    )
}

const WAYS: &str = "a larger tier, a second one, fewer `podsPerNode`, or a smaller `scaling.max`; `eksnet layout` shows where";

/// What is full first, the size it would need, and what else helps.
fn ways(full: &Full) -> String {
    let needs = full
        .needs
        .map_or("no subnet is large enough".to_string(), |len| format!("it would need /{len}"));
    format!(
        "`{}` is full first ({needs}); or a second tier, fewer `podsPerNode`, a smaller `scaling.max`; `eksnet layout` shows where",
        full.subnet
    )
}

fn units(most: &Most) -> Option<Diagnostic> {
    (eks::ADDRESS_UNITS < most.address_units).then(|| {
        let message = format!("{} network address units at the node groups' `max`; a VPC has {}", most.address_units, eks::ADDRESS_UNITS);
        QUO_02.at(PLACE, message)
            .hint("a prefix counts once for its sixteen addresses (`prefixDelegation: true`); or raise the quota L-BB24F6E5")
    })
}
