//! Node groups with every default filled in.

use std::collections::BTreeMap;

use crate::blueprint::Blueprint;
use crate::blueprint::model::{self, NewZones, NodeRole, Use};
use crate::blueprint::path;
use crate::diagnostic::Diagnostic;
use crate::facts::instances::Instance;
use crate::rules::{CN_11, NG_19, NG_35};

use super::equipment::{self, Ami, Capacity, Imds, OwnConfig, Update, Volume};
use super::placeholders::Words;
use super::{AwsNode, Choice, Choices, Known, Tags, Tier, machines, placeholders, pods, zones};

/// Nodes of one EKS node group, or of one per zone; the plan holds `max` of them.
#[derive(Clone, Debug)]
pub struct NodeGroup {
    /// Others made it: it is counted, and left alone.
    pub existing: bool,
    pub name: String,
    pub path: String,
    pub tier: String,
    /// Ids of the zones that the author names; `None`: the tier's.
    pub zones: Option<Vec<String>>,
    /// With custom networking: the tier of its pods.
    pub pod_tier: Option<String>,
    /// One EKS node group in each zone, since labels tell which zone's ENIConfig is theirs.
    pub per_zone: bool,
    /// The nodes' own subnets are closed to pods.
    pub primary_excluded: bool,
    pub instances: Vec<&'static Instance>,
    pub min: u32,
    pub desired: u32,
    pub max: u32,
    pub new_zones: NewZones,
    /// `None`: as many pods as a node takes.
    pub pods_per_node: Option<u64>,
    /// No node takes more.
    pub max_pods: Option<u64>,
    pub capacity: Capacity,
    pub ami: Ami,
    pub volume: Volume,
    pub imds: Imds,
    pub update: Update,
    pub config: OwnConfig,
    pub role: NodeRole,
    /// ARNs.
    pub policies: Vec<String>,
    pub security_groups: Vec<String>,
    pub detailed_monitoring: Option<bool>,
    pub auto_repair: Option<bool>,
    pub labels: BTreeMap<String, String>,
    pub taints: Vec<model::Taint>,
    pub tags: Tags,
}

impl NodeGroup {
    /// Whether its nodes have a role apart from the one that groups share.
    pub fn has_own_role(&self) -> bool {
        self.role == NodeRole::Own
    }
}

pub(super) struct GroupContext<'s> {
    /// Its name.
    pub words: Words<'s>,
    pub tiers: &'s [Tier],
    pub aws_node: &'s AwsNode,
    pub known: Known<'s>,
}

/// Defaults that no group has.
fn unused_defaults(blueprint: &Blueprint) -> Option<Diagnostic> {
    let none = blueprint.node_groups.as_ref().is_none_or(Vec::is_empty);
    (none && blueprint.node_group_defaults.is_some()).then(|| {
        NG_35
            .at("nodeGroupDefaults", "no node group has these defaults")
            .on_key()
            .hint("add `nodeGroups`, or remove it")
    })
}

pub(super) fn resolve(
    blueprint: &Blueprint,
    context: &GroupContext<'_>,
    choices: &mut Choices,
    findings: &mut Vec<Diagnostic>,
) -> Vec<NodeGroup> {
    findings.extend(unused_defaults(blueprint));
    let groups = blueprint.node_groups.iter().flatten().enumerate();
    groups
        .map(|(at, group)| {
            node_group(&format!("nodeGroups[{at}]"), group, context, choices, findings)
        })
        .collect()
}

fn node_group(
    place: &str,
    group: &model::NodeGroup,
    context: &GroupContext<'_>,
    choices: &mut Choices,
    findings: &mut Vec<Diagnostic>,
) -> NodeGroup {
    let tier = tier(group, context, choices);
    let instances = machines::types(place, group, choices, findings);
    let custom = context.aws_node.custom_networking.as_ref();
    findings.extend(homeless_pods(place, group).filter(|_| custom.is_none()));
    let Sizes { min, desired, max } = sizes(group.scaling.as_ref());
    let per_zone = custom.is_some_and(|custom| custom.labelled);
    let own = context.tiers.iter().find(|own| own.name == tier);
    let zones = zones_of(place, group, own, findings);
    let spread = zones.as_ref().map(Vec::len).or(own.map(|own| own.zones.len()));
    choices.0.extend(spread.filter(|_| per_zone).and_then(|zones| shared(&group.name, max, zones)));
    let by_types = || context.known.ami_type(&group.name, machines::ami_type(&instances));
    let ami = equipment::ami(place, group, by_types, findings);
    NodeGroup {
        existing: false,
        name: group.name.clone(),
        primary_excluded: pods::excludes(context.aws_node, own, context.words.cluster),
        pod_tier: custom
            .map(|custom| group.pod_tier.clone().unwrap_or_else(|| custom.tier.clone())),
        per_zone,
        tier,
        zones,
        capacity: equipment::capacity(place, group.capacity.as_ref(), findings),
        volume: equipment::volume(place, group, ami.is_windows(), findings),
        imds: equipment::imds(group.imds.as_ref()),
        update: equipment::update(place, group.update.as_ref(), findings),
        config: equipment::own_config(place, group),
        ami,
        instances,
        min,
        desired,
        max,
        new_zones: group.scaling.as_ref().and_then(|one| one.new_zones).unwrap_or_default(),
        pods_per_node: group.pods_per_node.map(u64::from),
        max_pods: group.max_pods.map(u64::from),
        role: group.role.unwrap_or_default(),
        policies: group.policies.clone().unwrap_or_default(),
        security_groups: group.security_groups.clone().unwrap_or_default(),
        detailed_monitoring: group.detailed_monitoring,
        auto_repair: group.auto_repair,
        labels: group.labels.clone().unwrap_or_default(),
        taints: group.taints.clone().unwrap_or_default(),
        tags: placeholders::filled(group.tags.as_ref(), context.words),
        path: place.to_string(),
    }
}

/// Empty: no tier serves nodes.
fn tier(group: &model::NodeGroup, context: &GroupContext<'_>, choices: &mut Choices) -> String {
    let chosen = group.tier.clone().or_else(|| {
        let name =
            context.tiers.iter().find(|tier| tier.serves(Use::Nodes)).map(|tier| tier.name.clone());
        choices.note(
            format!("node group {}: tier", group.name),
            name.as_deref().unwrap_or("-"),
            "the first tier that serves nodes",
        );
        name
    });
    chosen.unwrap_or_default()
}

struct Sizes {
    min: u32,
    desired: u32,
    max: u32,
}

fn sizes(written: Option<&model::Scaling>) -> Sizes {
    let min = written.and_then(|scaling| scaling.min).unwrap_or(1);
    let desired = written.and_then(|scaling| scaling.desired).unwrap_or(min.max(1));
    let max = written.and_then(|scaling| scaling.max).unwrap_or(desired.max(3));
    Sizes { min, desired, max }
}

/// Ids of the zones that the group names; a tier that is not known has a finding of its own.
fn zones_of(
    place: &str,
    group: &model::NodeGroup,
    tier: Option<&Tier>,
    findings: &mut Vec<Diagnostic>,
) -> Option<Vec<String>> {
    let (words, tier) = (group.zones.as_ref()?, tier?);
    let place = path::key(place, "zones");
    if words.is_empty() {
        let finding = NG_19.at(&place, "a node group in no zone");
        findings
            .push(finding.hint("name one at least, or leave `zones` out for all of the tier's"));
        return None;
    }
    let known: Vec<String> = tier.zones.iter().map(|zone| format!("`{}`", zone.word())).collect();
    for (at, word) in words.iter().enumerate() {
        let place = format!("{place}[{at}]");
        if !tier.zones.iter().any(|zone| zone.is(word)) {
            let message = format!("`{word}` is not one of the zones of `{}`", tier.name);
            let hint = format!("the tier is in {}", known.join(", "));
            findings.push(NG_19.at(place, message).hint(hint));
        } else if words[..at].contains(word) {
            let finding = NG_19.at(place, format!("`{word}` is named twice"));
            findings.push(finding.hint("remove one of the two"));
        }
    }
    let own = tier.zones.iter().filter(|zone| words.iter().any(|word| zone.is(word)));
    let ids: Vec<String> = own.map(|zone: &zones::Zone| zone.id.clone()).collect();
    (!ids.is_empty()).then_some(ids)
}

/// Pods in a tier of their own, which only custom networking gives them.
fn homeless_pods(place: &str, group: &model::NodeGroup) -> Option<Diagnostic> {
    let tier = group.pod_tier.as_ref()?;
    let message = format!("pods of `{}` in `{tier}` without custom networking", group.name);
    Some(CN_11.at(path::key(place, "podTier"), message).hint(format!(
        "set `awsNode: {{ customNetworking: {{ tier: {tier} }} }}`, or remove `podTier`"
    )))
}

/// Each zone's EKS node group has its part of the numbers.
fn shared(group: &str, max: u32, zones: usize) -> Option<Choice> {
    (1 < zones).then(|| Choice {
        what: format!("node group {group}: scaling"),
        value: format!("`max` of {max} shared by {zones} zones"),
        why: "one EKS node group per zone, since labels name the ENIConfig: when a zone is lost, none replaces another (CN-11)",
    })
}
