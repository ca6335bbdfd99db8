//! Whether the node groups fit their subnets: at `desired`, at `max`, after a zone is lost.

use crate::address::AddressPlan;
use crate::blueprint::model::Use;
use crate::blueprint::path::key;
use crate::capacity::{Capacity, Full, Loss, Most};
use crate::demand::{self, Taker};
use crate::diagnostic::Diagnostic;
use crate::facts::{eks, quotas, subnets};
use crate::intent::{Cluster, Intent, NodeGroup, PodSubnets, Tier};
use crate::rules::{CAP_01, CAP_02, CAP_03, CN_09, QUO_01, QUO_02, SIZ_02};

const PLACE: &str = "nodeGroups";

pub fn check(intent: &Intent, plan: &AddressPlan, capacity: &Capacity) -> Vec<Diagnostic> {
    let quotas = intent.cluster.iter().flat_map(|cluster| quotas(intent, cluster));
    let Some(most) = &capacity.most else {
        return overfull(intent, plan, capacity).into_iter().chain(quotas).collect();
    };
    room(intent, capacity, most)
        .map(|finding| placed(intent, finding))
        .into_iter()
        .chain(units(most))
        .chain(overfull(intent, plan, capacity))
        .chain(unreached(intent, capacity))
        .chain(quotas)
        .collect()
}

/// Node groups of others are in the blueprint only by their cluster.
fn placed(intent: &Intent, finding: Diagnostic) -> Diagnostic {
    let mut groups = intent.cluster.iter().flat_map(|cluster| &cluster.node_groups);
    match finding.path == PLACE && groups.all(|group| group.existing) {
        true => Diagnostic { path: "cluster.existing".to_string(), ..finding },
        false => finding,
    }
}

/// Where no node group's nodes or pods are: what Fargate's pods, endpoints and everything else that is made with the stack take of a
/// tier's subnets. Load balancers come later, and may be fewer.
fn overfull(intent: &Intent, plan: &AddressPlan, capacity: &Capacity) -> Option<Diagnostic> {
    let grows = !capacity.groups.is_empty();
    let lived_in = |tier: &Tier| grows && capacity.uses.iter().any(|one| one.tier == tier.name);
    intent.tiers.iter().filter(|tier| !lived_in(tier)).find_map(|tier| {
        let subnet = plan.of_tier(&tier.name).next()?;
        let others = demand::others(intent, &plan.ledger.kept.fargate, tier);
        let certain = others.iter().filter(|other| other.taker != Taker::LoadBalancers);
        let asked: u64 = certain.clone().map(|other| other.at_once).sum();
        let usable = subnets::usable(subnet.cidr.prefix_len());
        let most = certain.max_by_key(|other| other.at_once)?;
        (usable < asked).then(|| {
            let message = format!(
                "{asked} addresses are required at once in each subnet of `{}`, which has {usable}",
                tier.name
            );
            let (place, hint) = fewer(intent, tier, most.taker);
            CAP_02.at(place, message).hint(format!("{hint}, a larger tier, or one in more zones"))
        })
    })
}

/// The key that asks for most of a tier, and what to do there.
fn fewer(intent: &Intent, tier: &Tier, taker: Taker) -> (String, &'static str) {
    let profiles = intent.cluster.iter().flat_map(|cluster| &cluster.fargate);
    let profile = profiles.into_iter().find(|profile| profile.tier == tier.name);
    match (taker, profile) {
        (Taker::Fargate, Some(profile)) => (key(&profile.path, "pods"), "fewer pods at once"),
        (Taker::Endpoints, _) => ("endpoints".to_string(), "fewer interface endpoints"),
        _ => (tier.size_path(), "less in it"),
    }
}

/// A tier for pods that discovery leaves empty with the groups at their `max`: the nodes' first interfaces carry all pods, or the further
/// ones find more free addresses where the nodes are. What is open to pods by its tag alone is SD-07's.
fn unreached(intent: &Intent, capacity: &Capacity) -> Option<Diagnostic> {
    let PodSubnets::Discovered(tiers) = &intent.cluster.as_ref()?.pods_in else {
        return None;
    };
    let home = |name: &str| capacity.groups.iter().any(|group| group.tier == name);
    let reached = |name: &str| {
        capacity.uses.iter().any(|one| one.tier == name && one.beside < one.held.addresses)
    };
    let for_pods = tiers.iter().filter_map(|name| intent.tier(name));
    let tier = for_pods
        .filter(|tier| tier.serves(Use::Pods))
        .find(|tier| !home(&tier.name) && !reached(&tier.name))?;
    let (why, fix) = if capacity.groups.iter().any(|group| 0 < group.worst.pod_subnet.addresses) {
        ("aws-node picks the subnet with the most free addresses", "make this tier larger")
    } else {
        (
            "the first interface of each node carries all of its pods",
            "set `awsNode: { prefixDelegation: false }`",
        )
    };
    let message = format!(
        "no pod is placed in `{}` as long as the nodes' subnets have free addresses: {why}",
        tier.name
    );
    Some(CN_09.at(&tier.path, message).hint(format!(
        "{fix}, or close the nodes' tier to pods (`tags: {{ kubernetes.io/role/cni: \"0\" }}`)"
    )))
}

/// What EKS takes in one cluster.
pub fn quotas(intent: &Intent, cluster: &Cluster) -> Vec<Diagnostic> {
    let groups = &cluster.node_groups;
    let made = |group: &NodeGroup| {
        if group.per_zone { intent.tier(&group.tier).map_or(1, |tier| tier.zones.len()) } else { 1 }
    };
    let count: usize = groups.iter().map(made).sum();
    let most =
        |group: &NodeGroup| group.max.div_ceil(u32::try_from(made(group)).unwrap_or(1).max(1));
    let large = groups.iter().filter(|group| eks::NODES_PER_GROUP < most(group));
    let mut findings: Vec<Diagnostic> = large
        .map(|group| {
            let message = format!(
                "`{}` may grow to {} nodes; a node group supports {}",
                group.name,
                group.max,
                eks::NODES_PER_GROUP
            );
            QUO_01
                .at(key(&group.path, "scaling"), message)
                .hint("make two groups, or raise the quota")
                .exceeds(quotas::NODES_OF_A_GROUP.code, most(group) as usize)
        })
        .collect();
    if eks::GROUPS_PER_CLUSTER < count {
        let message =
            format!("{count} node groups; a cluster supports {}", eks::GROUPS_PER_CLUSTER);
        findings.push(
            QUO_01
                .at(PLACE, message)
                .hint("join some, or raise the quota")
                .exceeds(quotas::NODE_GROUPS.code, count),
        );
    }
    findings
}

/// The worst of what is to be said about room: the milder follow from it.
fn room(intent: &Intent, capacity: &Capacity, most: &Most) -> Option<Diagnostic> {
    // A full subnet of others, where nothing starts, is no news of this blueprint.
    let of_others = |full: &&Full| {
        full.nodes == 0 && intent.tier(&full.tier).is_some_and(|tier| tier.existing.is_some())
    };
    if let Some(full) = most.full_at_desired.as_ref().filter(|full| !of_others(full)) {
        let message = match full.nodes {
            0 => format!(
                "`{}` is too small for the interfaces of the stack itself, without a single node",
                full.subnet
            ),
            nodes => format!(
                "`{}` is too small for the {nodes} nodes that start first, without a single pod",
                full.subnet
            ),
        };
        return Some(CAP_02.at(PLACE, message).hint(ways(full)));
    }
    if let Some(full) = most.full.at_best.as_ref().filter(|full| !of_others(full)) {
        let message = format!(
            "at the node groups' `max` {} nodes are in `{}` while they are updated, and {} fit",
            full.nodes,
            full.subnet,
            capacity.nodes_in(&full.tier, &full.zone)
        );
        return Some(CAP_01.at(PLACE, message).hint(ways(full)));
    }
    if let Some(full) = most.full.certain.as_ref().filter(|full| !of_others(full)) {
        let message = format!(
            "at the node groups' `max` `{}` holds its {} nodes only at best: once single addresses are scattered among the prefixes, and pods over them, {} fit",
            full.subnet,
            full.nodes,
            capacity.nodes_in(&full.tier, &full.zone)
        );
        return Some(CAP_03.at(PLACE, message).hint(ways(full)));
    }
    // The worst order fits, as was just seen: what is left is judged without it.
    let fullest = most.fullest_at_best.as_ref();
    if let Some(full) = fullest.filter(|one| subnets::PLANNED_PER_CENT < one.per_cent.at_best) {
        let message = format!(
            "at the node groups' `max` `{}` is {} % full, however well it is packed",
            full.subnet, full.per_cent.at_best
        );
        return Some(SIZ_02.at(PLACE, message).hint(WAYS));
    }
    without_a_zone(most.loss.as_ref()?, most.nodes)
}

/// What the other zones do not carry.
fn without_a_zone(loss: &Loss, nodes: u64) -> Option<Diagnostic> {
    let zone = loss.zone.word();
    if let Some(held) = loss.held_back.iter().find(|held| held.nodes < held.desired) {
        let message = format!(
            "with {zone} down `{}` has {} nodes at most and runs {}: it is one EKS node group per zone, and none replaces another",
            held.group, held.nodes, held.desired
        );
        return Some(
            SIZ_02.at(PLACE, message).hint("a larger `scaling.max`: each zone has its part of it"),
        );
    }
    let full = loss.full.as_ref()?;
    if full.tier.is_empty() {
        let message = format!("a node group has no zone but {zone}: its nodes fail with it");
        return Some(SIZ_02.at(PLACE, message).hint("put its tier into a second zone"));
    }
    let message =
        format!("without {zone} the other zones do not hold the node groups' `max` of {nodes}");
    Some(SIZ_02.at(PLACE, message).hint(ways(full)))
}

const WAYS: &str = "a larger tier, a second one, fewer `podsPerNode`, or a smaller `scaling.max`; `eksnet layout` shows where";

/// What is full first, the size it would need, and what else helps.
fn ways(full: &Full) -> String {
    let needs = full
        .needs
        .map_or("no subnet is large enough".to_string(), |len| format!("it would need /{len}"));
    format!(
        "`{}` fills up first ({needs}); or use a second tier, fewer `podsPerNode`, a smaller `scaling.max`; `eksnet layout` shows where",
        full.subnet
    )
}

fn units(most: &Most) -> Option<Diagnostic> {
    (eks::ADDRESS_UNITS < most.address_units).then(|| {
        let message = format!("{} Network Address Usage (NAU) units at the node groups' `max`; a VPC has {}", most.address_units, eks::ADDRESS_UNITS);
        QUO_02.at(PLACE, message)
            .hint("a prefix counts once for its sixteen addresses (`prefixDelegation: true`); or raise the quota L-BB24F6E5")
            .exceeds(quotas::ADDRESS_UNITS.code, most.address_units as usize)
    })
}
