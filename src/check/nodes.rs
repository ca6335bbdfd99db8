//! Node groups.

use super::rule::{Rule, error, warning};
use crate::address::pods;
use crate::blueprint::model::{TierEgress, Use};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::graph::pascal;
use crate::spec::{AwsNode, NodeGroup, Spec};

const CREATE: &str = "EKS API reference, CreateNodegroup";

pub const RULES: &[Rule] = &[
    error(
        "NG-01",
        "node group names are unique words",
        "the name is part of a logical id",
        "eksnet",
        ("nodeGroups: [{ name: a }, { name: a }]", "nodeGroups: [{ name: a }, { name: b }]"),
    ),
    error(
        "NG-02",
        "instance types are known",
        "without a type's limits nobody knows how many pods its nodes take",
        "EC2 DescribeInstanceTypes, 2026-08-11",
        ("instanceTypes: [m6i.lrge]", "instanceTypes: [m6i.large]"),
    ),
    error(
        "NG-03",
        "min ≤ desired ≤ max, and max ≥ 1",
        "EKS refuses others",
        CREATE,
        ("scaling: { min: 5, max: 3 }", "scaling: { min: 3, max: 5 }"),
    ),
    error(
        "NG-04",
        "a node group lives in a tier that serves nodes",
        "the tier's tags and routes follow from what it serves",
        "eksnet",
        ("tier: public", "tier: nodes"),
    ),
    error(
        "NG-05",
        "no more pods are planned than a node takes",
        "the others stay pending",
        "amazon-vpc-cni-k8s v1.23.1; EKS user guide, max pods",
        (
            "instanceTypes: [m6i.large]\npodsPerNode: 500",
            "instanceTypes: [m6i.large]\npodsPerNode: 80",
        ),
    ),
    error(
        "NG-06",
        "one architecture, and an AMI for it",
        "an AMI boots on one architecture only",
        CREATE,
        ("instanceTypes: [m6i.large, m7g.large]", "instanceTypes: [m6i.large, m7i.large]"),
    ),
    error(
        "NG-07",
        "the AMI type is known",
        "max pods are handed to the node in its AMI's own words",
        CREATE,
        ("amiType: AL2_x86_64", "amiType: AL2023_x86_64_STANDARD"),
    ),
    error(
        "WIN-01",
        "no Windows nodes",
        "their pods have one interface, addresses through a controller of their own, and none of IPv6, custom networking, security groups for pods and network policies",
        "EKS user guide, Windows; amazon-vpc-resource-controller-k8s",
        ("amiType: WINDOWS_CORE_2022_x86_64", "amiType: AL2023_x86_64_STANDARD"),
    ),
    error(
        "NODE-04",
        "nodes have a way out",
        "without one they reach neither ECR nor the EKS API, and never join",
        "EKS user guide, network requirements",
        (
            "tiers: [{ name: nodes, serves: [nodes], egress: none }]",
            "tiers: [{ name: nodes, serves: [nodes], egress: nat }]",
        ),
    ),
    warning(
        "NODE-03",
        "nodes are in private subnets",
        "a node with a public address is one firewall rule away from everybody",
        "EKS best practices, subnets",
        (
            "tiers: [{ name: nodes, serves: [nodes], egress: internet }]",
            "tiers: [{ name: nodes, serves: [nodes], egress: nat }]",
        ),
    ),
    warning(
        "PD-01",
        "prefix delegation on Nitro",
        "other types fall back to single addresses, so fewer pods fit than the rest of the design expects",
        "amazon-vpc-cni-k8s v1.23.1, pkg/ipamd",
        ("instanceTypes: [m4.large]", "instanceTypes: [m6i.large]"),
    ),
];

pub fn check(spec: &Spec) -> Vec<Diagnostic> {
    let Some(cluster) = &spec.cluster else { return Vec::new() };
    let mut findings = Vec::new();
    for (at, group) in cluster.node_groups.iter().enumerate() {
        findings.extend(name(group, &cluster.node_groups[..at]));
        findings.extend(place(spec, group));
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
            Diagnostic::error("NG-01", place, format!("`{}` is no node group name", group.name))
                .hint("a letter first, then lower-case letters, digits and `-`, 40 at most"),
        );
    }
    let same = earlier.iter().find(|other| pascal(&other.name) == pascal(&group.name))?;
    Some(
        Diagnostic::error("NG-01", place, format!("`{}` is there already", same.name))
            .also(key(&same.path, "name"), "the first one")
            .hint("give it a name of its own"),
    )
}

fn place(spec: &Spec, group: &NodeGroup) -> Option<Diagnostic> {
    let place = key(&group.path, "tier");
    let serving: Vec<_> = spec
        .tiers
        .iter()
        .filter(|tier| tier.serves(Use::Nodes))
        .map(|tier| format!("`{}`", tier.name))
        .collect();
    let Some(tier) = spec.tier(&group.tier).filter(|tier| tier.serves(Use::Nodes)) else {
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
        return Some(Diagnostic::error("NG-04", place, message).hint(hint));
    };
    match tier.egress {
        // With endpoints, their own rules say what is missing.
        // What a VPN gateway learns may well be a default route.
        TierEgress::None if spec.transit.vpn.as_ref().is_some_and(|vpn| vpn.propagate) => None,
        TierEgress::None if !spec.endpoints.services.is_empty() || spec.has_way_out(tier) => None,
        TierEgress::None => Some(
            Diagnostic::error(
                "NODE-04",
                key(&tier.path, "egress"),
                format!("nodes of `{}` have no way out of `{}`", group.name, tier.name),
            )
            .hint("write `egress: nat`, or `endpoints: auto` for a private cluster"),
        ),
        TierEgress::Internet => Some(
            Diagnostic::warning(
                "NODE-03",
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
        Diagnostic::error(
            "NG-03",
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
            Diagnostic::error(
                "NG-05",
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
        findings.push(
            Diagnostic::error("NG-06", &types, "x86 and Arm types in one group")
                .hint("make a group for each"),
        );
    } else if !group.instances.is_empty() && ami_arm != (0 < arm) {
        findings.push(
            Diagnostic::error(
                "NG-06",
                key(&group.path, "amiType"),
                format!("`{}` does not boot on `{}`", group.ami_type, group.instances[0].name),
            )
            .hint("leave `amiType` out: it follows the types"),
        );
    }
    if group.ami_type.starts_with("WINDOWS_") {
        findings.push(
            Diagnostic::error("WIN-01", key(&group.path, "amiType"), format!("`{}`: eksnet makes no Windows nodes", group.ami_type))
                .hint("make the group beside eksnet, in a tier of nodes (the stack's outputs name the subnets), or take a Linux type"),
        );
    } else if !eks::AMI_TYPES.contains(&group.ami_type.as_str()) {
        findings.push(
            Diagnostic::error(
                "NG-07",
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
        Diagnostic::warning(
            "PD-01",
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
