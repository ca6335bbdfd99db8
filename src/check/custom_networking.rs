//! Pods in subnets of their own: every zone with nodes has one, and every node has interfaces left for it.

use crate::blueprint::model::Use;
use crate::blueprint::path::key;
use crate::demand;
use crate::diagnostic::Diagnostic;
use crate::facts::aws_node::ENI_CONFIG_GROUP_LABEL;
use crate::facts::quotas::GROUPS_OF_AN_INTERFACE;
use crate::facts::{ids, ports};
use crate::intent::aws_node::CustomNetworking;
use crate::intent::reach::WayOut;
use crate::intent::{AwsNode, Cluster, Intent, NodeGroup, PodSubnets, Tier};
use crate::rules::{CN_02, CN_04, CN_05, CN_09, CN_10, CN_11, CN_13, CN_14, CN_15};

pub(super) fn custom_networking(intent: &Intent, cluster: &Cluster) -> Vec<Diagnostic> {
    let Some(custom) = &cluster.aws_node.custom_networking else {
        return unused(intent, cluster);
    };
    let mut findings: Vec<Diagnostic> = unknown_tiers(intent, cluster, &custom.tier);
    findings
        .extend(cluster.node_groups.iter().filter_map(|group| uncovered(intent, custom, group)));
    findings.extend(groups(custom));
    findings.extend(cluster.node_groups.iter().filter_map(|group| {
        let zones = intent.tier(&group.tier)?.zones.len();
        let few = group.per_zone && usize::try_from(group.max).is_ok_and(|max| max < zones);
        few.then(|| {
            let message = format!(
                "`{}` is created zone by zone, and {} nodes at most are too few for {zones} zones",
                group.name, group.max
            );
            CN_11.at(key(&group.path, "scaling"), message).hint(format!(
                "set `max: {zones}` or more, or give its nodes a tier in fewer zones"
            ))
        })
    }));
    findings.extend(
        cluster
            .pod_tiers()
            .into_iter()
            .filter_map(|name| intent.tier(name))
            .filter_map(|pods| shut_in(intent, cluster, pods)),
    );
    findings.extend(
        cluster
            .node_groups
            .iter()
            .filter(|group| custom.labelled && group.labels.contains_key(ENI_CONFIG_GROUP_LABEL))
            .map(|group| {
                CN_11
                    .at(
                        key(&key(&group.path, "labels"), ENI_CONFIG_GROUP_LABEL),
                        "eksnet sets this label, to each zone's ENIConfig",
                    )
                    .hint("remove it; `podTier` decides")
            }),
    );
    findings
}

const GROUPS: &str = "awsNode.customNetworking.securityGroups";

/// Security groups of the pods' interfaces.
fn groups(custom: &CustomNetworking) -> Vec<Diagnostic> {
    let all = &custom.security_groups;
    let place = |at: usize| format!("{GROUPS}[{at}]");
    let mut findings = Vec::new();
    for (at, group) in all.iter().enumerate() {
        if !ids::is("sg-", group) {
            let message = format!("invalid security group id `{group}`");
            findings.push(CN_10.at(place(at), message).hint("such as `sg-0123456789abcdef0`"));
        } else if let Some(first) = all[..at].iter().position(|other| other == group) {
            let finding = CN_13.at(place(at), format!("`{group}` is named twice"));
            findings.push(finding.also(place(first), "first here").hint("keep one of the two"));
        }
    }
    let count = all.len();
    let message = format!("{count} security groups on an interface");
    if ports::GROUPS_PER_INTERFACE_AT_MOST < count {
        let most = ports::GROUPS_PER_INTERFACE_AT_MOST;
        findings.push(
            CN_14.at(GROUPS, message).hint(format!("join their rules in {most} groups at most")),
        );
    } else if ports::GROUPS_PER_INTERFACE < count {
        let hint = format!(
            "join their rules in fewer groups, or raise the quota L-2AFB9258 (now {} unless it was raised)",
            ports::GROUPS_PER_INTERFACE
        );
        findings
            .push(CN_13.at(GROUPS, message).hint(hint).exceeds(GROUPS_OF_AN_INTERFACE.code, count));
    }
    findings
}

/// Tiers that are named for pods and are not there.
fn unknown_tiers(intent: &Intent, cluster: &Cluster, default: &str) -> Vec<Diagnostic> {
    let own = cluster
        .node_groups
        .iter()
        .filter_map(|group| Some((key(&group.path, "podTier"), group.pod_tier.as_deref()?)));
    let named = std::iter::once(("awsNode.customNetworking.tier".to_string(), default))
        .chain(own.filter(|(_, tier)| *tier != default));
    let known: Vec<_> = intent.tiers.iter().map(|tier| format!("`{}`", tier.name)).collect();
    let unknown = named.filter(|(_, tier)| intent.tier(tier).is_none());
    unknown
        .map(|(place, tier)| {
            CN_02
                .at(place, format!("unknown tier `{tier}`"))
                .hint(format!("the tiers are {}", known.join(", ")))
        })
        .collect()
}

/// Pods whose packets leave by a subnet without a way out.
fn shut_in(intent: &Intent, cluster: &Cluster, pods: &Tier) -> Option<Diagnostic> {
    let place = cluster.aws_node.sends_as_it_is()?;
    let way = cluster.aws_node.way_to_translate();
    // Inside a network without ways out the nodes' endpoints are the pods' too.
    let inside = !intent.endpoints.services.is_empty()
        && cluster
            .node_groups
            .iter()
            .filter_map(|group| intent.tier(&group.tier))
            .all(|tier| !intent.has_way_out(tier));
    if inside {
        return None;
    }
    let finding = match intent.way_out(pods) {
        WayOut::Open => return None,
        WayOut::Closed => CN_04
            .at(key(&pods.path, "egress"), format!("pods in `{}` have no egress path", pods.name))
            .hint(format!("set `egress: nat`, or {way}")),
        WayOut::Elsewhere(via) => CN_15
            .at(
                key(&pods.path, "egress"),
                format!("pods in `{}` reach only what is behind `{via}`", pods.name),
            )
            .hint(format!("set `egress: nat`, or {way}; or allow it, if what they call is there")),
    };
    Some(finding.also(place, "the node does not translate for them"))
}

/// Types whose interfaces are all taken before the first pod.
pub(super) fn pod_interfaces(group: &NodeGroup, node: &AwsNode) -> Vec<Diagnostic> {
    let types = demand::machines(group, node).filter(|machine| machine.pod_interfaces() == 0);
    let finding = |machine: demand::Machine<'_>| {
        let (name, count) = (machine.instance.name, machine.instance.interfaces);
        let interfaces =
            if count == 1 { "one interface".to_string() } else { format!("{count} interfaces") };
        let limited = node.max_interfaces.filter(|most| *most < count);
        let takers = [
            (machine.primary_is_bare(), "the node's own"),
            (machine.has_trunk(), "the trunk of security groups for pods"),
        ];
        let taken: Vec<&str> =
            takers.iter().filter(|(there, _)| *there).map(|(_, what)| *what).collect();
        let least = taken.len() + 1;
        let finding = match limited {
            Some(most) => {
                CN_05.at("awsNode.env.MAX_ENI", format!("aws-node may use {most} of the interfaces of `{name}`, and none is left for pods"))
                    .hint(format!("set `MAX_ENI: \"{least}\"` or more, or remove it"))
            }
            None => CN_05.at(key(&group.path, "instanceTypes"), format!("`{name}` has {interfaces}, and none is left for pods"))
                .hint(format!("use a type with {least} interfaces or more")),
        };
        finding.label(format!("in use: {}", taken.join(" and ")))
    };
    types.map(finding).collect()
}

/// A zone with nodes and no subnet for their pods.
fn uncovered(intent: &Intent, custom: &CustomNetworking, group: &NodeGroup) -> Option<Diagnostic> {
    let (nodes, pods) = (intent.tier(&group.tier)?, intent.tier(group.pod_tier.as_deref()?)?);
    let zone = nodes.zones.iter().find(|zone| !pods.zones.contains(zone))?.word();
    let place = if pods.name == custom.tier {
        "awsNode.customNetworking.tier".to_string()
    } else {
        key(&group.path, "podTier")
    };
    Some(
        CN_02
            .at(
                place,
                format!(
                    "node group `{}` has nodes in `{zone}`, where `{}` has no subnet",
                    group.name, pods.name
                ),
            )
            .hint("put the tier into every zone with nodes"),
    )
}

fn unused(intent: &Intent, cluster: &Cluster) -> Vec<Diagnostic> {
    let of_auto = |name: &str| {
        cluster.auto.as_ref().is_some_and(|auto| auto.pod_tier.as_deref() == Some(name))
    };
    let discovered = |tier: &Tier| matches!(&cluster.pods_in, PodSubnets::Discovered(tiers) if tiers.contains(&tier.name));
    let fargate = |tier: &Tier| cluster.fargate.iter().any(|profile| profile.tier == tier.name);
    let only_pods = intent.tiers.iter().filter(|tier| {
        tier.serves(Use::Pods)
            && !tier.serves(Use::Nodes)
            && !discovered(tier)
            && !fargate(tier)
            && !of_auto(&tier.name)
    });
    only_pods
        .map(|tier| {
            let other = cluster.aws_node.overlay().is_some();
            let finding = CN_09.at(&tier.path, format!("no pod will run in `{}`", tier.name));
            if other {
                return finding.hint("leave the tier out: another CNI's pods have addresses of their own");
            }
            if cluster.auto.is_some() {
                return finding.hint(format!("set `autoMode: {{ podTier: {} }}`, or remove the tier", tier.name));
            }
            finding.hint(format!("set `awsNode: {{ customNetworking: {{ tier: {} }} }}`, or `awsNode: {{ subnetDiscovery: true }}`", tier.name))
        })
        .collect()
}
