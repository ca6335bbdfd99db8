//! The address plan for programs.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::address::Subnet;
use crate::blueprint::model::{TierEgress, Use};
use crate::capacity::{self, Capacity, Loss, Most, SubnetUse, ZoneCapacity};
use crate::demand::GroupDemand;
use crate::facts::subnets;
use crate::graph::subnet_tags;
use crate::intent::{Intent, Zone, placeholders};

use super::layout::Layout;
use super::ways::{self, TierWays};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema_version: u32,
    name: &'a str,
    region: &'a str,
    vpc: VpcRow<'a>,
    zones: Vec<ZoneRow<'a>>,
    subnets: Vec<SubnetRow<'a>>,
    free: Vec<String>,
    node_groups: Vec<GroupRow<'a>>,
    capacity: CapacityRow<'a>,
    sizing: Vec<SizingRow<'a>>,
    ways_out: Vec<WayRow>,
    choices: Vec<ChoiceRow<'a>>,
    came_later: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VpcRow<'a> {
    cidr: String,
    secondary_cidrs: Vec<String>,
    ipv6: bool,
    /// Ranges that IPAM decides with the first deployment.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    open: Vec<OpenRow>,
    /// Of a VPC that exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    /// The day of the survey that others' ranges come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    surveyed: Option<&'a str>,
    /// What others hold in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    occupied: Vec<OccupiedRow<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OpenRow {
    path: String,
    stand_in: String,
    from: String,
}

#[derive(Serialize)]
struct OccupiedRow<'a> {
    cidr: String,
    holder: &'a str,
}

#[derive(Serialize)]
struct ZoneRow<'a> {
    id: &'a str,
    name: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SubnetRow<'a> {
    tier: &'a str,
    zone: &'a str,
    cidr: String,
    ipv6_slot: Option<u32>,
    usable: u64,
    prefixes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reserved: Option<String>,
    egress: TierEgress,
    /// The tier that exists and that it goes out like.
    #[serde(skip_serializing_if = "Option::is_none")]
    like: Option<&'a str>,
    serves: &'a [Use],
    tags: BTreeMap<String, String>,
    /// Others made it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    existing: bool,
    /// Of one that exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    physical_id: Option<&'a str>,
    /// Free addresses of one that exists, on the day of the survey.
    #[serde(skip_serializing_if = "Option::is_none")]
    free: Option<u64>,
    /// Addresses of one that exists that are not free.
    #[serde(skip_serializing_if = "Option::is_none")]
    held: Option<u64>,
    /// Who made one that exists, where its tags tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GroupRow<'a> {
    name: &'a str,
    instance_types: Vec<&'static str>,
    max_pods: u64,
    limit: &'static str,
    raw_max_pods: u64,
    why: &'a str,
    pods_per_node: u64,
    branch_interfaces: u64,
    addresses_per_node: AddressesRow,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AddressesRow {
    node_subnet: u64,
    node_subnet_at_boot: u64,
    node_subnet_max: u64,
    pod_subnet: u64,
    pod_subnet_at_boot: u64,
    pod_subnet_max: u64,
    at_best: AddressesAtBestRow,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AddressesAtBestRow {
    node_subnet: u64,
    pod_subnet: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CapacityRow<'a> {
    per_zone: Vec<ZoneCapacityRow<'a>>,
    nodes: u64,
    pods: u64,
    at_best: RoomRow,
    at_max: Option<MostRow<'a>>,
    without_one_zone: Option<LossRow<'a>>,
    when_full: Option<String>,
}

/// The node groups at their `max`, updates under way.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MostRow<'a> {
    nodes: u64,
    surge: u64,
    fits: bool,
    fullest: &'a str,
    percent: u64,
    at_best: FitRow,
    network_address_units: u64,
    subnets: Vec<UseRow<'a>>,
}

#[derive(Serialize)]
struct RoomRow {
    nodes: u64,
    pods: u64,
}

#[derive(Serialize)]
struct FitRow {
    fits: bool,
    percent: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UseRow<'a> {
    tier: &'a str,
    zone: &'a str,
    addresses: u64,
    prefixes: u64,
    percent: u64,
    percent_at_best: u64,
}

/// The zone whose loss leaves the least room.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LossRow<'a> {
    zone: &'a str,
    nodes: u64,
    pods: u64,
    fits_max: bool,
    /// Node groups that may not take over for their part in the zone.
    held_back: Vec<HeldBackRow<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HeldBackRow<'a> {
    node_group: &'a str,
    nodes: u64,
    max: u64,
}

#[derive(Serialize)]
struct SizingRow<'a> {
    tier: &'a str,
    size: String,
    how: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ZoneCapacityRow<'a> {
    zone: &'a str,
    nodes: u64,
    pods: u64,
    at_best: RoomRow,
    limited_by: &'a str,
}

/// A tier's ways out, as the template has them.
#[derive(Serialize)]
struct WayRow {
    tier: String,
    internet: String,
    ipv6: Option<String>,
    routes: BTreeMap<String, String>,
    endpoints: Vec<String>,
    api: Option<String>,
}

#[derive(Serialize)]
struct ChoiceRow<'a> {
    what: &'a str,
    value: &'a str,
    why: &'a str,
}

/// `eksnet layout -o json`.
fn open_ranges(intent: &Intent) -> Vec<OpenRow> {
    let row = |given: &crate::intent::Given| OpenRow {
        path: given.path.clone(),
        stand_in: given.cidr.to_string(),
        from: given.by.word(),
    };
    intent.vpc.open().map(row).collect()
}

/// `eksnet layout -o json`: sizes as CIDRs and prefix lengths, capacity in nodes, pods and per cent.
pub fn write(layout: &Layout<'_>) -> String {
    let Layout { intent, plan, capacity, template } = *layout;
    super::json(&Document {
        schema_version: 1,
        name: &intent.name,
        region: intent.region.name,
        vpc: VpcRow {
            cidr: intent.vpc.cidr.to_string(),
            secondary_cidrs: intent
                .vpc
                .secondary
                .iter()
                .map(|written| written.cidr.to_string())
                .collect(),
            ipv6: intent.vpc.ipv6.is_some(),
            open: open_ranges(intent),
            id: intent.vpc.id(),
            surveyed: intent.occupied.as_ref().map(|occupied| occupied.read.as_str()),
            occupied: occupied(intent),
        },
        zones: plan.zones.iter().map(zone).collect(),
        subnets: plan.subnets.iter().filter_map(|one| subnet(intent, one)).collect(),
        free: plan.free.iter().map(ToString::to_string).collect(),
        node_groups: capacity.groups.iter().map(|one| group(intent, one)).collect(),
        capacity: CapacityRow {
            per_zone: capacity.zones.iter().map(zone_capacity).collect(),
            nodes: capacity.nodes().certain,
            pods: capacity.pods().certain,
            at_best: RoomRow { nodes: capacity.nodes().at_best, pods: capacity.pods().at_best },
            at_max: capacity.most.as_ref().map(|most| at_max(capacity, most)),
            without_one_zone: capacity.most.as_ref().and_then(|most| most.loss.as_ref()).map(loss),
            when_full: capacity::relief(intent, plan, capacity),
        },
        ways_out: ways::of(intent, plan, template).into_iter().map(way).collect(),
        sizing: plan
            .sizing
            .iter()
            .map(|one| SizingRow { tier: &one.tier, size: format!("/{}", one.len), how: &one.how })
            .collect(),
        came_later: intent
            .cluster
            .iter()
            .flat_map(|cluster| plan.latecomers(intent, cluster))
            .collect(),
        choices: intent
            .choices
            .0
            .iter()
            .map(|choice| ChoiceRow { what: &choice.what, value: &choice.value, why: choice.why })
            .collect(),
    })
}

fn occupied(intent: &Intent) -> Vec<OccupiedRow<'_>> {
    let ranges = intent.occupied.iter().flat_map(|occupied| &occupied.ranges);
    ranges.map(|one| OccupiedRow { cidr: one.cidr.to_string(), holder: &one.holder }).collect()
}

fn zone(zone: &Zone) -> ZoneRow<'_> {
    ZoneRow { id: &zone.id, name: zone.name.as_deref() }
}

fn subnet<'a>(intent: &'a Intent, subnet: &'a Subnet) -> Option<SubnetRow<'a>> {
    let tier = intent.tier(&subnet.tier)?;
    let len = subnet.cidr.prefix_len();
    Some(SubnetRow {
        tier: &subnet.tier,
        zone: &subnet.zone.id,
        cidr: subnet.cidr.to_string(),
        ipv6_slot: subnet.ipv6_slot,
        usable: subnets::usable(len),
        prefixes: subnets::prefixes(len),
        reserved: subnet.reserved.map(|part| part.to_string()),
        egress: tier.leaves(),
        like: tier.like.as_deref(),
        serves: &tier.serves,
        // Nothing of what others made is tagged.
        tags: if subnet.existing.is_some() {
            BTreeMap::new()
        } else {
            placeholders::of_zone(&subnet_tags(tier), subnet.zone.word())
        },
        existing: subnet.existing.is_some(),
        physical_id: subnet.existing.as_ref().map(|held| held.id.as_str()),
        free: subnet.existing.as_ref().map(|held| held.free),
        held: subnet.existing.as_ref().map(|held| held.held()),
        owner: subnet.existing.as_ref().and_then(|held| held.owner.as_deref()),
    })
}

fn group<'a>(intent: &'a Intent, group: &'a GroupDemand) -> GroupRow<'a> {
    let groups = intent.cluster.iter().flat_map(|cluster| &cluster.node_groups);
    let own = groups.into_iter().find(|own| own.name == group.name);
    GroupRow {
        name: &group.name,
        instance_types: own
            .map(|own| own.instances.iter().map(|instance| instance.name).collect())
            .unwrap_or_default(),
        max_pods: group.density.max_pods,
        limit: group.density.limit.word(),
        raw_max_pods: group.density.raw,
        why: &group.density.why,
        branch_interfaces: group.branches,
        pods_per_node: group.pods,
        addresses_per_node: AddressesRow {
            node_subnet: group.planned.node_subnet.addresses,
            node_subnet_at_boot: group.boot.node_subnet.addresses,
            node_subnet_max: group.worst.node_subnet.addresses,
            pod_subnet: group.planned.pod_subnet.addresses,
            pod_subnet_at_boot: group.boot.pod_subnet.addresses,
            pod_subnet_max: group.worst.pod_subnet.addresses,
            at_best: AddressesAtBestRow {
                node_subnet: group.at_best.node_subnet.addresses,
                pod_subnet: group.at_best.pod_subnet.addresses,
            },
        },
    }
}

fn zone_capacity(zone: &ZoneCapacity) -> ZoneCapacityRow<'_> {
    ZoneCapacityRow {
        zone: &zone.zone.id,
        nodes: zone.nodes.certain,
        pods: zone.pods.certain,
        at_best: RoomRow { nodes: zone.nodes.at_best, pods: zone.pods.at_best },
        limited_by: &zone.limited_by,
    }
}

fn at_max<'a>(capacity: &'a Capacity, most: &'a Most) -> MostRow<'a> {
    let uses = capacity.uses.iter();
    let row = |one: &'a SubnetUse| UseRow {
        tier: &one.tier,
        zone: &one.zone,
        addresses: one.held.addresses,
        prefixes: one.held.prefixes,
        percent: one.per_cent.certain,
        percent_at_best: one.per_cent.at_best,
    };
    MostRow {
        nodes: most.nodes,
        surge: most.surge,
        fits: most.full.certain.is_none(),
        fullest: most.fullest.as_ref().map_or("", |one| &one.subnet),
        percent: most.fullest.as_ref().map_or(0, |one| one.per_cent.certain),
        at_best: FitRow {
            fits: most.full.at_best.is_none(),
            percent: most.fullest.as_ref().map_or(0, |one| one.per_cent.at_best),
        },
        network_address_units: most.address_units,
        subnets: uses.map(row).collect(),
    }
}

fn way(one: TierWays) -> WayRow {
    WayRow {
        tier: one.tier,
        internet: one.internet,
        ipv6: one.ipv6,
        routes: one.others.into_iter().collect(),
        endpoints: one.endpoints,
        api: one.api,
    }
}

fn loss(loss: &Loss) -> LossRow<'_> {
    LossRow {
        zone: &loss.zone.id,
        nodes: loss.nodes,
        pods: loss.pods,
        fits_max: loss.full.is_none() && loss.held_back.is_empty(),
        held_back: loss
            .held_back
            .iter()
            .map(|held| HeldBackRow { node_group: &held.group, nodes: held.nodes, max: held.max })
            .collect(),
    }
}
