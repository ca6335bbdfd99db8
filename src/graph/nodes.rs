//! Managed node groups and their launch templates.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::address::{AddressPlan, Subnet};
use crate::blueprint::model::{NewZones, Taint, TaintEffect, UpdateStrategy};
use crate::facts::aws_node::ENI_CONFIG_GROUP_LABEL;
use crate::intent::equipment::{Capacity, Unavailable};
use crate::intent::{Cluster, Intent, NodeGroup, Tags};

use super::value::{GetAtt, Ref};
use super::{
    Graph, Kind, access, addons, egress, endpoints, groups, id, launch_template, network, role,
    transit,
};

#[derive(Serialize)]
struct NodeGroupFacts {
    cluster: Ref,
    role: Value,
    subnets: Vec<Ref>,
    instance_types: Option<Vec<&'static str>>,
    ami_type: Option<String>,
    version: Option<String>,
    release: Option<String>,
    force: Option<bool>,
    capacity_type: &'static str,
    min: u32,
    desired: u32,
    max: u32,
    unavailable: Option<u32>,
    unavailable_per_cent: Option<u32>,
    strategy: Option<&'static str>,
    repair: Option<bool>,
    labels: Option<BTreeMap<String, String>>,
    taints: Option<Vec<TaintRow>>,
    launch_template: Ref,
    launch_template_version: GetAtt,
    tags: Tags,
    depends_on: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TaintRow {
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    effect: &'static str,
}

impl Kind for NodeGroupFacts {
    const TEMPLATE: &'static str = "eks/nodegroup";
}

pub fn build(intent: &Intent, cluster: &Cluster, plan: &AddressPlan, graph: &mut Graph) {
    for group in cluster.node_groups.iter().filter(|group| !group.existing) {
        let template = format!("LaunchTemplate{}", id::pascal(&group.name));
        graph.add(&template, &group.path, &launch_template::of(intent, cluster, group));
        let (own, late) = plan.group_subnets(group);
        let whole = GroupParts { intent, cluster, plan, template: &template };
        let (whole_groups, single) = if group.per_zone {
            (Vec::new(), [own.clone(), late].concat())
        } else {
            (own.clone(), late)
        };
        let zones = if group.per_zone { single.len() } else { own.len() + single.len() };
        let shared = Shares { group, own: own.len(), zones };
        if !whole_groups.is_empty() {
            graph.add(
                id::node_group(&group.name),
                &group.path,
                &facts(&whole, &shared.first(), &whole_groups),
            );
        }
        for (at, subnet) in single.into_iter().enumerate() {
            let at = if group.per_zone { at } else { own.len() + at };
            let share = labelled(shared.of_zone(at), subnet, plan);
            graph.add(
                id::late_group(&group.name, &subnet.zone.id),
                &group.path,
                &facts(&whole, &share, &[subnet]),
            );
        }
    }
}

/// How a group's numbers are shared out among its own zones and those that came later.
struct Shares<'g> {
    group: &'g NodeGroup,
    /// Zones of the group's own.
    own: usize,
    zones: usize,
}

impl Shares<'_> {
    /// The group that spans its own zones.
    fn first(&self) -> NodeGroup {
        match self.group.new_zones {
            NewZones::Add => self.group.clone(),
            NewZones::Within => (0..self.own)
                .map(|at| part(self.group, self.zones, at))
                .reduce(|sum, one| NodeGroup {
                    min: sum.min + one.min,
                    desired: sum.desired + one.desired,
                    max: sum.max + one.max,
                    ..sum
                })
                .unwrap_or_else(|| self.group.clone()),
        }
    }

    /// The group of a single zone, by its position.
    fn of_zone(&self, at: usize) -> NodeGroup {
        match self.group.new_zones {
            NewZones::Within => part(self.group, self.zones, at),
            NewZones::Add if at < self.own => part(self.group, self.own, at),
            NewZones::Add => share(self.group, self.own),
        }
    }
}

/// What all zones of a group come to: as written, or more where later zones add to it.
pub fn most(group: &NodeGroup, plan: &AddressPlan) -> u32 {
    let (own, late) = plan.group_subnets(group);
    match group.new_zones {
        NewZones::Within => group.max,
        NewZones::Add => {
            let late = u32::try_from(late.len()).unwrap_or(u32::MAX);
            group.max.saturating_add(share(group, own.len()).max.saturating_mul(late))
        }
    }
}

/// One zone's part of a group that spans `zones`, as much as any of them.
fn share(group: &NodeGroup, zones: usize) -> NodeGroup {
    let zones = u32::try_from(zones.max(1)).unwrap_or(u32::MAX);
    NodeGroup {
        min: group.min.div_ceil(zones),
        desired: group.desired.div_ceil(zones),
        max: group.max.div_ceil(zones),
        ..group.clone()
    }
}

/// The part of the zone at a position: all of them are as many as the author says.
fn part(group: &NodeGroup, zones: usize, at: usize) -> NodeGroup {
    let (zones, at) =
        (u32::try_from(zones.max(1)).unwrap_or(u32::MAX), u32::try_from(at).unwrap_or(u32::MAX));
    let of = |whole: u32| whole / zones + u32::from(at < whole % zones);
    NodeGroup {
        min: of(group.min),
        desired: of(group.desired),
        max: of(group.max),
        ..group.clone()
    }
}

/// (zone, label) of a group whose nodes are told apart by the ENIConfig of their pods in a zone.
pub fn labels_by_zone(group: &NodeGroup, plan: &AddressPlan) -> Vec<(String, String)> {
    let Some(tier) = group.pod_tier.as_ref().filter(|_| group.per_zone) else {
        return Vec::new();
    };
    let (own, late) = plan.group_subnets(group);
    let here = |pods: &&Subnet| own.iter().chain(&late).any(|nodes| nodes.zone == pods.zone);
    plan.of_tier(tier)
        .filter(here)
        .map(|pods| {
            (
                pods.zone.word().to_string(),
                format!("{ENI_CONFIG_GROUP_LABEL}={}", id::eni_config(pods)),
            )
        })
        .collect()
}

/// With the label that names the ENIConfig of its pods in this zone, where labels do.
fn labelled(mut share: NodeGroup, nodes: &Subnet, plan: &AddressPlan) -> NodeGroup {
    let Some(tier) = share.pod_tier.clone().filter(|_| share.per_zone) else {
        return share;
    };
    let pods = plan.of_tier(&tier).find(|pods| pods.zone == nodes.zone);
    share
        .labels
        .extend(pods.map(|pods| (ENI_CONFIG_GROUP_LABEL.to_string(), id::eni_config(pods))));
    share
}

struct GroupParts<'a> {
    intent: &'a Intent,
    cluster: &'a Cluster,
    plan: &'a AddressPlan,
    template: &'a str,
}

fn facts(parts: &GroupParts<'_>, group: &NodeGroup, subnets: &[&Subnet]) -> NodeGroupFacts {
    // An image of the author's brings its own version.
    let of_eks = group.ami.image.is_none();
    let in_template = matches!(group.capacity, Capacity::Block(_));
    let types = group.instances.iter().map(|instance| instance.name);
    let (unavailable, unavailable_per_cent) = match group.update.unavailable {
        Unavailable::Nodes(nodes) => (Some(nodes), None),
        Unavailable::PerCent(share) => (None, Some(share)),
    };
    NodeGroupFacts {
        cluster: Ref("Cluster".into()),
        role: role::arn(parts.intent, &id::role_of(group)),
        subnets: network::references(subnets.iter().copied()),
        instance_types: (!in_template).then(|| types.collect()),
        ami_type: of_eks.then(|| group.ami.kind.clone()),
        version: of_eks.then(|| parts.cluster.version.clone()),
        release: group.ami.release.clone().filter(|_| of_eks),
        force: group.update.force,
        capacity_type: group.capacity.word(),
        min: group.min,
        desired: group.desired,
        max: group.max,
        unavailable,
        unavailable_per_cent,
        strategy: group.update.strategy.map(strategy),
        repair: group.auto_repair,
        labels: (!group.labels.is_empty()).then(|| group.labels.clone()),
        taints: (!group.taints.is_empty()).then(|| group.taints.iter().map(taint).collect()),
        launch_template: Ref(parts.template.to_string()),
        launch_template_version: GetAtt(parts.template.to_string(), "LatestVersionNumber"),
        tags: own_tags(parts.intent, group),
        depends_on: waits(parts, group, subnets),
    }
}

fn strategy(strategy: UpdateStrategy) -> &'static str {
    match strategy {
        UpdateStrategy::Default => "DEFAULT",
        UpdateStrategy::Minimal => "MINIMAL",
    }
}

fn own_tags(intent: &Intent, group: &NodeGroup) -> Tags {
    let mut all = intent.tags.clone();
    all.extend(group.tags.clone());
    all.entry("Name".to_string()).or_insert_with(|| format!("{}-{}", intent.name, group.name));
    all
}

fn taint(taint: &Taint) -> TaintRow {
    let effect = match taint.effect {
        TaintEffect::NoSchedule => "NO_SCHEDULE",
        TaintEffect::PreferNoSchedule => "PREFER_NO_SCHEDULE",
        TaintEffect::NoExecute => "NO_EXECUTE",
    };
    TaintRow { key: taint.key.clone(), value: taint.value.clone(), effect }
}

/// Nodes join only with a CNI, a role for it, and a way out.
fn waits(parts: &GroupParts<'_>, group: &NodeGroup, subnets: &[&Subnet]) -> Vec<String> {
    let mut waits = addons::before_nodes(parts.intent, parts.cluster);
    let entry =
        access::has_windows_entry(group).then(|| access::windows_entry(&id::role_of(group)));
    waits.extend(entry);
    waits.extend(endpoints::before_nodes(parts.intent));
    waits.extend(groups::rule_ids(parts.intent, parts.cluster));
    if parts.cluster.aws_node.is_self_managed() {
        // The add-on waits for the pods' subnets itself.
        waits.extend(
            addons::eni_configs(parts.intent, parts.cluster, parts.plan)
                .iter()
                .map(|config| id::association(config.subnet)),
        );
    }
    for subnet in subnets {
        waits.push(id::association(subnet));
        waits.extend(network::reservation_id(parts.intent, subnet));
        waits.extend(egress::default_routes_of(parts.intent, subnet));
        waits.extend(transit::default_routes_of(parts.intent, subnet));
    }
    waits.sort();
    waits.dedup();
    waits
}
