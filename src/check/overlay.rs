//! Other CNIs.

use super::rule::{Rule, error};
use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::facts::vpc::{net, overlap};
use crate::spec::transit::Destination;
use crate::spec::{Cluster, Overlay, Spec};

pub const RULES: &[Rule] = &[
    error(
        "ALT-02",
        "another CNI has no settings of aws-node's, and ranges of its own",
        "its pods' addresses are known to its nodes only: a network that has them too could not be reached",
        "EKS user guide, alternate CNI plugins",
        (
            "awsNode: { management: none, prefixDelegation: true }",
            "awsNode: { management: none, overlay: { cni: cilium, podCidr: 10.244.0.0/16 } }",
        ),
    ),
    error(
        "ALT-05",
        "another CNI is for IPv4 clusters on nodes",
        "EKS gives IPv6 addresses through aws-node alone, and pods on Fargate have no other CNI",
        "EKS user guide, alternate CNI plugins; Fargate",
        (
            "ipFamily: ipv6\nawsNode: { management: none }",
            "ipFamily: ipv4\nawsNode: { management: none }",
        ),
    ),
];

pub fn check(spec: &Spec) -> Vec<Diagnostic> {
    let Some((cluster, overlay)) = spec
        .cluster
        .as_ref()
        .and_then(|cluster| Some((cluster, cluster.aws_node.overlay.as_ref()?)))
    else {
        return Vec::new();
    };
    let mut findings: Vec<Diagnostic> = clash(spec, cluster, overlay).into_iter().collect();
    findings.extend(scarce(cluster, overlay));
    let management = |message: &str, hint: &str| {
        Diagnostic::error("ALT-05", "awsNode.management", message).hint(hint)
    };
    if cluster.ipv6 {
        findings.push(management(
            "another CNI with an IPv6 cluster",
            "write `ipFamily: ipv4`, or `management: addon`",
        ));
    }
    if let Some(profile) = cluster.fargate.first() {
        let finding =
            management("pods on Fargate with another CNI", "keep Fargate or the other CNI");
        findings.push(finding.also(&profile.path, "this profile"));
    }
    findings
}

/// The pods' range overlaps nothing that they or their nodes may want to reach.
fn clash(spec: &Spec, cluster: &Cluster, overlay: &Overlay) -> Option<Diagnostic> {
    let behind =
        spec.transit.gateway.iter().flat_map(|gateway| gateway.destinations.iter().copied());
    let routes =
        spec.tiers.iter().flat_map(|tier| &tier.routes).filter_map(|route| match route.to {
            Destination::Range(ipnet::IpNet::V4(range)) => Some(range),
            _ => None,
        });
    // A summary such as 10.0.0.0/8 is how people say "everything private".
    let connected: Vec<_> = behind
        .chain(routes)
        .chain(cluster.remote.all())
        .filter(|range| overlay.pod_cidr.contains(range))
        .collect();
    let taken = |range: &ipnet::Ipv4Net| {
        spec.vpc
            .cidrs()
            .chain([cluster.service_cidr])
            .chain(connected.iter().copied())
            .find(|own| overlap(*own, *range))
    };
    let other = taken(&overlay.pod_cidr)?;
    let free =
        eks::OVERLAY_DEFAULTS.iter().map(|text| net(text)).find(|range| taken(range).is_none());
    let finding = Diagnostic::error(
        "ALT-02",
        "awsNode.overlay.podCidr",
        format!("`{}` overlaps `{other}`, which pods could not reach", overlay.pod_cidr),
    );
    Some(match free {
        Some(free) => finding.hint(format!("`{free}` is free")),
        None => finding.hint("take a private range that nothing else has"),
    })
}

/// As many addresses as pods are planned, where that was said.
fn scarce(cluster: &Cluster, overlay: &Overlay) -> Option<Diagnostic> {
    let pods: u64 = cluster
        .node_groups
        .iter()
        .map(|group| u64::from(group.max) * group.pods_per_node.unwrap_or(0))
        .sum();
    let addresses = 1u64 << (32 - overlay.pod_cidr.prefix_len());
    (addresses < pods).then(|| {
        Diagnostic::error(
            "ALT-02",
            "awsNode.overlay.podCidr",
            format!(
                "`{}` has {addresses} addresses, and {pods} pods are planned at `max`",
                overlay.pod_cidr
            ),
        )
        .hint("take a larger private range that nothing else has")
    })
}
