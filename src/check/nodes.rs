//! Node groups.

use crate::address::pods;
use crate::blueprint::model::{TierEgress, Use};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::graph::pascal;
use crate::intent::{AwsNode, Intent, NodeGroup};
use crate::rules::{NG_01, NG_03, NG_04, NG_05, NG_06, NG_07, NODE_03, NODE_04, PD_01, WIN_01};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let Some(cluster) = &intent.cluster else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for (at, group) in cluster.node_groups.iter().enumerate() {
        findings.extend(name(group, &cluster.node_groups[..at]));
        findings.extend(place(intent, group));
        findings.extend(scaling(group));
        findings.extend(machines(group, &cluster.aws_node));
    }
    findings
}

fn name(group: &NodeGroup, earlier: &[NodeGroup]) -> Option<Diagnostic> {
    let place = key(&group.path, "name");
    let form = group.name.starts_with(|letter: char| letter.is_ascii_lowercase())
        && group
            .name
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-');
    if !form || 40 < group.name.len() {
        return Some(
            NG_01
                .at(place, format!("`{}` is no node group name", group.name))
                .hint("a letter first, then lower-case letters, digits and `-`, 40 at most"),
        );
    }
    let same = earlier.iter().find(|other| pascal(&other.name) == pascal(&group.name))?;
    Some(
        NG_01
            .at(place, format!("`{}` is there already", same.name))
            .also(key(&same.path, "name"), "the first one")
            .hint("give it a name of its own"),
    )
}

fn place(intent: &Intent, group: &NodeGroup) -> Option<Diagnostic> {
    let place = key(&group.path, "tier");
    let serving: Vec<_> = intent
        .tiers
        .iter()
        .filter(|tier| tier.serves(Use::Nodes))
        .map(|tier| format!("`{}`", tier.name))
        .collect();
    let Some(tier) = intent.tier(&group.tier).filter(|tier| tier.serves(Use::Nodes)) else {
        let message = if group.tier.is_empty() {
            "no tier serves nodes".to_string()
        } else {
            format!("`{}` is no tier that serves nodes", group.tier)
        };
        let hint = if serving.is_empty() {
            "write `serves: [nodes]` on the tier".to_string()
        } else {
            format!("tiers that serve nodes: {}", serving.join(", "))
        };
        return Some(NG_04.at(place, message).hint(hint));
    };
    match tier.egress {
        // With endpoints, their own rules say what is missing.
        // What a VPN gateway learns may well be a default route.
        TierEgress::None if intent.transit.vpn.as_ref().is_some_and(|vpn| vpn.propagate) => None,
        TierEgress::None if !intent.endpoints.services.is_empty() || intent.has_way_out(tier) => {
            None
        }
        TierEgress::None => Some(
            NODE_04
                .at(
                    key(&tier.path, "egress"),
                    format!("nodes of `{}` have no way out of `{}`", group.name, tier.name),
                )
                .hint("write `egress: nat`, or `endpoints: auto` for a private cluster"),
        ),
        TierEgress::Internet => Some(
            NODE_03
                .at(
                    key(&tier.path, "egress"),
                    format!("nodes of `{}` get public addresses", group.name),
                )
                .hint("write `egress: nat`"),
        ),
        TierEgress::Nat => None,
    }
}

fn scaling(group: &NodeGroup) -> Option<Diagnostic> {
    let (min, desired, max) = (group.min, group.desired, group.max);
    let ordered = min <= desired && desired <= max && 1 <= max;
    (!ordered).then(|| {
        NG_03
            .at(
                key(&group.path, "scaling"),
                format!("min {min}, desired {desired}, max {max} are out of order"),
            )
            .hint("min ≤ desired ≤ max, and max at least 1")
    })
}

fn machines(group: &NodeGroup, node: &AwsNode) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let types = key(&group.path, "instanceTypes");
    let density = pods::of_group(group, node);
    let max_pods = density.as_ref().map_or(0, |density| density.max_pods);
    if let Some(planned) =
        group.pods_per_node.filter(|planned| max_pods < *planned && !group.instances.is_empty())
    {
        findings.push(
            NG_05
                .at(
                    key(&group.path, "podsPerNode"),
                    format!("{planned} pods planned, a node takes {max_pods}"),
                )
                .also(&types, "decides")
                .hint(format!(
                    "{max_pods} at most ({}), or a larger type",
                    density.map_or(String::new(), |density| density.why)
                )),
        );
    }
    let arm = group.instances.iter().filter(|instance| instance.arm).count();
    let ami_arm = group.ami_type.contains("ARM_64");
    if 0 < arm && arm < group.instances.len() {
        findings
            .push(NG_06.at(&types, "x86 and Arm types in one group").hint("make a group for each"));
    } else if !group.instances.is_empty() && ami_arm != (0 < arm) {
        findings.push(
            NG_06
                .at(
                    key(&group.path, "amiType"),
                    format!("`{}` does not boot on `{}`", group.ami_type, group.instances[0].name),
                )
                .hint("leave `amiType` out: it follows the types"),
        );
    }
    if group.ami_type.starts_with("WINDOWS_") {
        findings.push(
            WIN_01.at(key(&group.path, "amiType"), format!("`{}`: eksnet makes no Windows nodes", group.ami_type))
                .hint("make the group beside eksnet, in a tier of nodes (outputs `Subnets…`), with `awsNode: { windows: true }` and its role under `cluster.access` as `type: ec2Windows`; or take a Linux type"),
        );
    } else if !eks::AMI_TYPES.contains(&group.ami_type.as_str()) {
        findings.push(
            NG_07
                .at(
                    key(&group.path, "amiType"),
                    format!("`{}` is no AMI type that this version knows", group.ami_type),
                )
                .hint(format!("one of {}", eks::AMI_TYPES.join(", "))),
        );
    }
    let xen = group
        .instances
        .iter()
        .find(|instance| node.prefix_delegation && !node.ipv6 && !instance.prefixes);
    findings.extend(xen.map(|instance| {
        PD_01
            .at(
                types,
                format!(
                    "`{}` is no Nitro type and takes no prefixes: {max_pods} pods per node",
                    instance.name
                ),
            )
            .hint("take a Nitro type, such as `m6i.large`")
    }));
    findings
}
