//! What a survey tells of the things that a blueprint names: the part of it that plans depend on, as the lock keeps it.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;

use crate::blueprint::Blueprint;
use crate::blueprint::model::{Existing, Use, VpcRange};
use crate::facts::vpc::overlap;
use crate::facts::{aws_node, eks};
use crate::ledger::settings::parse;
use crate::ledger::{
    Beyond, HeldAddon, HeldCluster, HeldGroup, HeldSubnet, HeldVpc, HeldZone, Occupant, Occupied,
};
use crate::observed::Survey;
use crate::observed::survey::{EksSurvey, Subnet, Tags, TransitAttachment, Vpc, VpcSurvey};

use super::owner::{Owner, is_of_stack, owner_of};
use super::{admits, free_addresses, items, routes, unread};

/// What was read, what the lock says of an earlier reading, and what is the stack's own.
pub struct Reading<'r> {
    pub survey: &'r Survey,
    pub before: Option<&'r Occupied>,
    /// The stack's name.
    pub stack: &'r str,
}

/// What others hold, and what of theirs the blueprint names.
pub fn occupied(blueprint: &Blueprint, reading: &Reading<'_>) -> Occupied {
    let written: Vec<Ipv4Net> = secondary(blueprint);
    let subnets = tiers(blueprint, reading);
    let names_cluster = blueprint.cluster.as_ref().is_some_and(|one| one.existing.is_some());
    Occupied {
        read: reading.survey.header.day().to_string(),
        ranges: ranges(reading, &written),
        vpc: held_vpc(blueprint, reading, &written).map(|vpc| HeldVpc {
            admit_old: admit_old(blueprint, reading, (&subnets, &moved_to(blueprint, &written))),
            ..vpc
        }),
        subnets,
        cluster: blueprint
            .cluster
            .as_ref()
            .and_then(|cluster| cluster.existing.as_ref())
            .and_then(|name| cluster(blueprint, reading, name))
            .map(|held| HeldCluster { aws_node: targets(reading.survey), ..held }),
        unread: unread::parts(reading.survey, names_cluster),
    }
}

/// Who lets the nodes in and not the ranges that pods would move to.
fn admit_old(
    blueprint: &Blueprint,
    reading: &Reading<'_>,
    (subnets, new): (&[HeldSubnet], &[Ipv4Net]),
) -> Vec<String> {
    let tiers = || blueprint.tiers.iter().flatten();
    let of_nodes = |name: &str| {
        let own = tiers().find(|tier| tier.name == name);
        own.is_some_and(|tier| tier.serves.iter().flatten().any(|one| *one == Use::Nodes))
    };
    let old: Vec<Ipv4Net> =
        subnets.iter().filter(|one| of_nodes(&one.tier)).map(|one| one.cidr).collect();
    let missing = admits::only_old(&reading.survey.vpc, &old, new);
    let line = |one: admits::Missing| {
        format!("{} ({}, {}): {}", one.resource, one.name, one.owner, one.missing)
    };
    missing.into_iter().map(line).collect()
}

/// Ranges that are written, and those that new tiers take from.
fn moved_to(blueprint: &Blueprint, written: &[Ipv4Net]) -> Vec<Ipv4Net> {
    let from = blueprint.tiers.iter().flatten().filter_map(|tier| tier.from.as_ref()?.parse().ok());
    let all: BTreeSet<Ipv4Net> = written.iter().copied().chain(from).collect();
    all.into_iter().collect()
}

fn secondary(blueprint: &Blueprint) -> Vec<Ipv4Net> {
    let written = blueprint.vpc.iter().flat_map(|vpc| vpc.secondary_cidrs.iter().flatten());
    written.filter_map(VpcRange::written).filter_map(|text| text.parse::<Ipv4Net>().ok()).collect()
}

fn foreign<'r>(reading: &Reading<'r>) -> impl Iterator<Item = &'r Subnet> + use<'r> {
    let subnets = items(&reading.survey.vpc.subnets).iter();
    subnets.filter(|subnet| !is_of_stack(&subnet.tags, reading.stack))
}

/// Foreign subnets, and what lies inside the VPC's ranges and is routed away or belongs to a peer.
fn ranges(reading: &Reading<'_>, written: &[Ipv4Net]) -> Vec<Occupant> {
    let vpc = &reading.survey.vpc;
    let mut own = vpc.cidrs();
    own.extend(written);
    let subnets = foreign(reading)
        .filter_map(|subnet| Some(Occupant { cidr: subnet.cidr?, holder: subnet.id.clone() }));
    let peers = beyond_by_peers(vpc).filter(|one| own.iter().any(|own| overlap(*own, one.cidr)));
    let routed = beyond_by_routes(vpc)
        .filter(|one| own.iter().any(|own| own.contains(&one.cidr)))
        .filter(|one| !foreign(reading).any(|subnet| subnet.cidr == Some(one.cidr)));
    let others = peers.chain(routed).map(|one| Occupant { cidr: one.cidr, holder: one.by });
    let mut all: Vec<Occupant> = subnets.chain(others).collect();
    all.sort_by_key(|one| (one.cidr, one.holder.clone()));
    all.dedup_by_key(|one| one.cidr);
    all
}

fn beyond_by_peers(vpc: &VpcSurvey) -> impl Iterator<Item = Beyond> + '_ {
    let id = vpc.vpc.read().and_then(Option::as_ref).map_or("", |vpc| vpc.id.as_str());
    let gone = ["deleted", "rejected", "expired", "failed"];
    items(&vpc.peerings).iter().filter(move |one| !gone.contains(&one.state.as_str())).flat_map(
        move |peering| {
            let cidrs = peering.other(id).cidrs.iter();
            cidrs.map(|cidr| Beyond { cidr: *cidr, by: peering.id.clone() })
        },
    )
}

/// Destinations of routes to somewhere else, default ones left out.
fn beyond_by_routes(vpc: &VpcSurvey) -> impl Iterator<Item = Beyond> + '_ {
    items(&vpc.route_tables).iter().flat_map(|table| {
        let away = table.routes.iter().filter(|route| route.target != "local");
        away.filter_map(|route| {
            let cidr: Ipv4Net = route.destination.parse().ok()?;
            (1 < cidr.prefix_len()).then(|| Beyond { cidr, by: table.id.clone() })
        })
    })
}

fn held_vpc(blueprint: &Blueprint, reading: &Reading<'_>, written: &[Ipv4Net]) -> Option<HeldVpc> {
    let survey = &reading.survey.vpc;
    let unread = Vpc { id: reading.survey.header.vpc.clone(), ..Vpc::default() };
    let vpc = match survey.vpc.read() {
        Some(vpc) => vpc.as_ref()?,
        None => &unread,
    };
    let before = reading.before.and_then(|before| before.vpc.as_ref());
    let before = before.filter(|before| before.id == vpc.id);
    // Associations have no tags: one that the blueprint asks for, that was not there before and that holds the stack's subnets is its own.
    let is_own = |cidr: &Ipv4Net| {
        let inside = |subnet: &Subnet| subnet.cidr.is_some_and(|own| cidr.contains(&own));
        let own = items(&survey.subnets)
            .iter()
            .any(|subnet| inside(subnet) && is_of_stack(&subnet.tags, reading.stack));
        let known = match before {
            Some(before) => before.cidrs.contains(cidr),
            None => foreign(reading).any(inside),
        };
        written.contains(cidr) && own && !known
    };
    let leaving = survey.leaving();
    let stays = || survey.cidrs().into_iter().filter(|cidr| !leaving.contains(cidr));
    let mut routes: Vec<Beyond> = beyond_by_routes(survey).collect();
    routes.sort();
    routes.dedup_by_key(|one| one.cidr);
    let mut peers: Vec<Beyond> = beyond_by_peers(survey).collect();
    peers.sort();
    let gateways = items(&survey.internet_gateways).iter();
    // Endpoints need not wear the tags of their stack: what is asked for, and came since the lock was written, is its own.
    let asked = blueprint.endpoints.is_some();
    let came = |service: &String| before.is_some_and(|before| !before.endpoints.contains(service));
    let endpoints: BTreeSet<String> = items(&survey.endpoints)
        .iter()
        .filter(|one| one.private_dns && !is_of_stack(&one.tags, reading.stack))
        .filter(|one| !(asked && came(&one.service)))
        .map(|one| one.service.clone())
        .collect();
    Some(HeldVpc {
        id: vpc.id.clone(),
        cidrs: stays().filter(|cidr| !is_own(cidr)).collect(),
        leaving: leaving.clone(),
        internet_gateway: gateways
            .filter(|one| !is_of_stack(&one.tags, reading.stack))
            .map(|one| one.id.clone())
            .next(),
        routes,
        peers,
        endpoints: endpoints.into_iter().collect(),
        attached: attached(survey, reading.stack),
        owner: owner_of_others(reading.survey).map(str::to_string),
        admit_old: Vec::new(),
    })
}

/// The account that owns the VPC, if it is another one than the survey was made in.
pub fn owner_of_others(survey: &Survey) -> Option<&str> {
    let owner = survey.vpc.vpc.read()?.as_ref()?.owner.as_str();
    let account = &survey.header.account;
    Some(owner).filter(|owner| !owner.is_empty() && !account.is_empty() && owner != account)
}

/// Transit gateways that others attached the VPC to.
fn attached(survey: &VpcSurvey, stack: &str) -> Vec<String> {
    let gone = ["deleted", "deleting", "failed", "rejected"];
    let stands = |one: &&TransitAttachment| {
        !gone.contains(&one.state.as_str()) && !is_of_stack(&one.tags, stack)
    };
    let all = items(&survey.transit_attachments).iter().filter(stands);
    let gateways: BTreeSet<String> = all.map(|one| one.gateway.clone()).collect();
    gateways.into_iter().collect()
}

/// The subnets of every tier that exists, in the order of tiers, then of zones.
fn tiers(blueprint: &Blueprint, reading: &Reading<'_>) -> Vec<HeldSubnet> {
    let named = blueprint.tiers.iter().flatten().filter_map(|tier| {
        let existing = tier.existing.as_ref()?;
        Some((tier.name.as_str(), selected(&tier.name, existing, reading)))
    });
    named.flat_map(|(name, found)| of_tier(name, found, reading)).collect()
}

fn of_tier(name: &str, mut found: Vec<&Subnet>, reading: &Reading<'_>) -> Vec<HeldSubnet> {
    let vpc = &reading.survey.vpc;
    found.sort_by_key(|subnet| (&subnet.zone_id, &subnet.id));
    found.dedup_by_key(|subnet| &subnet.id);
    let held = found.into_iter().filter_map(|subnet| {
        Some(HeldSubnet {
            tier: name.to_string(),
            id: subnet.id.clone(),
            zone: subnet.zone_id.clone(),
            zone_name: subnet.zone_name.clone(),
            cidr: subnet.cidr?,
            free: free_addresses(vpc, subnet).total(),
            nodes: of_nodes(reading.survey, &subnet.id),
            owner: Some(owner_of(&subnet.tags))
                .filter(|owner| *owner != Owner::Unknown)
                .map(|owner| owner.to_string()),
            public: subnet.map_public_ip,
            routes: routes(vpc, &subnet.id),
        })
    });
    held.collect()
}

/// Addresses that interfaces on the cluster's instances hold in a subnet.
fn of_nodes(survey: &Survey, subnet: &str) -> u64 {
    let is_node = |id: &str| items(&survey.eks.instances).iter().any(|one| one.id == id);
    let here = items(&survey.vpc.interfaces).iter().filter(|one| one.subnet == subnet);
    let own = here.filter(|one| one.instance().is_some_and(is_node));
    own.map(|one| one.held()).sum()
}

/// By ids, or by tags; what tags selected once stays selected, as long as it is there.
fn selected<'r>(tier: &str, existing: &Existing, reading: &Reading<'r>) -> Vec<&'r Subnet> {
    let subnets = items(&reading.survey.vpc.subnets);
    let of = |ids: &[String]| subnets.iter().filter(|one| ids.contains(&one.id)).collect();
    if let Some(ids) = &existing.ids {
        return of(ids);
    }
    let kept: Vec<String> = reading
        .before
        .into_iter()
        .flat_map(|before| &before.subnets)
        .filter(|subnet| subnet.tier == tier)
        .map(|subnet| subnet.id.clone())
        .collect();
    let found: Vec<&Subnet> = of(&kept);
    if !found.is_empty() {
        return found;
    }
    let Some(tags) = existing.tags.as_ref().filter(|tags| !tags.is_empty()) else {
        return Vec::new();
    };
    let tags = tags.iter();
    let matches = |subnet: &&Subnet| {
        tags.clone()
            .all(|(key, wanted)| subnet.tags.get(key).is_some_and(|value| is_like(wanted, value)))
    };
    foreign(reading).filter(matches).collect()
}

/// Whether a text fits a pattern in which `*` stands for anything and `?` for one letter, as in EC2's filters.
pub fn is_like(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for letter in pattern {
        if letter == '*' {
            let first = reached.iter().position(|one| *one).unwrap_or(reached.len());
            reached.iter_mut().skip(first).for_each(|one| *one = true);
            continue;
        }
        let fits = |at: usize| letter == '?' || text[at] == letter;
        reached = (0..=text.len()).map(|at| 0 < at && reached[at - 1] && fits(at - 1)).collect();
    }
    reached[text.len()]
}

/// The variables of aws-node that decide how many addresses nodes take; of the others what differs from its defaults is kept.
const TARGETS: [&str; 5] = [
    "ENABLE_PREFIX_DELEGATION",
    "WARM_ENI_TARGET",
    "WARM_PREFIX_TARGET",
    "WARM_IP_TARGET",
    "MINIMUM_IP_TARGET",
];

fn targets(survey: &Survey) -> BTreeMap<String, String> {
    let mut env = settings(survey);
    // What is as aws-node has it by itself moves with its version.
    let is_said = |name: &str, value: &str| {
        aws_node::find(name).is_some_and(|setting| setting.default != value)
    };
    env.retain(|name, value| TARGETS.contains(&name.as_str()) || is_said(name, value));
    env
}

/// aws-node's variables: as the DaemonSet runs, else as the add-on was told.
pub fn settings(survey: &Survey) -> BTreeMap<String, String> {
    let running = survey.kubernetes.aws_node.read().and_then(Option::as_ref);
    if let Some(container) = running.and_then(|set| set.container("aws-node")) {
        return container.env.clone();
    }
    let addon = items(&survey.eks.addons).iter().find(|addon| addon.name == "vpc-cni");
    let values = addon.and_then(|addon| addon.configuration.as_ref());
    let pairs = values.and_then(|values| values["env"].as_object()).into_iter().flatten();
    pairs.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_string()))).collect()
}

/// Configuration values in one form, whatever form their owner wrote.
fn as_json(values: &serde_json::Value) -> String {
    let text = values.to_string();
    parse(&text).map_or(text, |values| values.to_string())
}

/// What of a cluster plans depend on; `None` where the survey is of another one.
fn cluster(blueprint: &Blueprint, reading: &Reading<'_>, name: &str) -> Option<HeldCluster> {
    let (eks, vpc) = (&reading.survey.eks, &reading.survey.vpc);
    // The stack's own is made by this blueprint, and no news of others.
    let foreign = |tags: &Tags| !is_of_stack(tags, reading.stack);
    let found = eks.found().filter(|found| found.name == name)?;
    let mut node_zones: Vec<HeldZone> = items(&eks.instances)
        .iter()
        .filter_map(|instance| vpc.subnet(&instance.subnet))
        .chain(
            items(&eks.node_groups)
                .iter()
                .flat_map(|group| &group.subnets)
                .filter_map(|id| vpc.subnet(id)),
        )
        .map(|subnet| HeldZone { id: subnet.zone_id.clone(), name: subnet.zone_name.clone() })
        .collect();
    node_zones.sort();
    node_zones.dedup();
    Some(HeldCluster {
        aws_node: BTreeMap::new(),
        name: found.name.clone(),
        version: found.version.clone(),
        ip_family: found.ip_family.clone(),
        service_cidr: found.service_cidr,
        endpoint: found.endpoint.clone(),
        authority: found.authority.clone(),
        security_group: found.cluster_security_group.clone().unwrap_or_default(),
        authentication_mode: found.authentication_mode.clone(),
        endpoint_private: found.endpoint_private,
        oidc_issuer: found.oidc_issuer.clone(),
        node_groups: groups(reading),
        fargate: items(&eks.fargate_profiles)
            .iter()
            .filter(|one| foreign(&one.tags))
            .map(|one| one.name.clone())
            .collect(),
        addons: addons(reading),
        pod_identities: identities(blueprint, reading, name),
        access: items(&eks.access_entries)
            .iter()
            .filter(|one| foreign(&one.tags))
            .map(|one| one.principal.clone())
            .collect(),
        node_zones,
        aws_node_role: has_own_role(eks),
        auto_mode: found.auto_mode.is_some(),
    })
}

fn groups(reading: &Reading<'_>) -> Vec<HeldGroup> {
    let groups = items(&reading.survey.eks.node_groups).iter();
    let foreign = groups.filter(|one| !is_of_stack(&one.tags, reading.stack));
    let held = foreign.map(|group| HeldGroup {
        name: group.name.clone(),
        owner: owner_of(&group.tags).to_string(),
        instance_types: group.instance_types.clone(),
        subnets: group.subnets.clone(),
        min: group.min,
        desired: group.desired,
        max: group.max,
    });
    held.collect()
}

fn addons(reading: &Reading<'_>) -> Vec<HeldAddon> {
    let addons = items(&reading.survey.eks.addons).iter();
    let foreign = addons.filter(|one| !is_of_stack(&one.tags, reading.stack));
    let held = foreign.map(|addon| HeldAddon {
        name: addon.name.clone(),
        owner: owner_of(&addon.tags).to_string(),
        version: addon.version.clone(),
        configuration: addon.configuration.as_ref().map(as_json),
    });
    held.collect()
}

/// `namespace/serviceAccount` of the associations of others. They are listed without tags: one that the blueprint asks for, and that was not
/// there before, is the stack's own.
fn identities(blueprint: &Blueprint, reading: &Reading<'_>, name: &str) -> Vec<String> {
    let before = reading.before.and_then(|before| before.cluster.as_ref());
    let before = before.filter(|before| before.name == name);
    let asked = |key: &String| {
        let mut written = blueprint.pod_identities.iter().flatten();
        written.any(|one| format!("{}/{}", one.namespace, one.service_account) == *key)
    };
    let came = |key: &String| before.is_some_and(|before| !before.pod_identities.contains(key));
    items(&reading.survey.eks.pod_identities)
        .iter()
        .map(|one| format!("{}/{}", one.namespace, one.service_account))
        .filter(|key| !(asked(key) && came(key)))
        .collect()
}

/// Whether aws-node has rights of its own: by the add-on's role, or by a Pod Identity association.
fn has_own_role(cluster: &EksSurvey) -> bool {
    let addon = items(&cluster.addons).iter().find(|addon| addon.name == eks::VPC_CNI);
    let by_addon = addon.is_some_and(|addon| {
        addon.service_account_role.is_some() || !addon.pod_identities.is_empty()
    });
    let by_association = items(&cluster.pod_identities)
        .iter()
        .any(|one| one.namespace == eks::SYSTEM_NAMESPACE && one.service_account == eks::AWS_NODE);
    by_addon || by_association
}
