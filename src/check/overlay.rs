//! Other CNIs.

use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::facts::vpc::{net, overlap};
use crate::intent::{Cluster, FargateProfile, Intent, NodeGroup, Overlay};
use crate::rules::{ALT_02, ALT_05, ALT_06, NG_16};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let Some((cluster, overlay)) =
        intent.cluster.as_ref().and_then(|cluster| Some((cluster, cluster.aws_node.overlay()?)))
    else {
        return Vec::new();
    };
    let mut findings: Vec<Diagnostic> = clash(intent, cluster, overlay).into_iter().collect();
    findings.extend(scarce(cluster, overlay));
    findings.extend(cluster.node_groups.iter().filter_map(held_down));
    findings.extend(cluster.ipv6.then(|| {
        ALT_06
            .at("awsNode.management", "another CNI with an IPv6 cluster")
            .also("cluster.ipFamily", "IPv6 here")
            .hint("set `ipFamily: ipv4`, or `management: addon`")
    }));
    findings.extend(cluster.fargate.first().map(apart));
    findings
}

/// Pods on Fargate have the VPC CNI built in: they run, and find no way to pods of the overlay.
fn apart(profile: &FargateProfile) -> Diagnostic {
    ALT_05
        .at(
            "awsNode.management",
            format!("pods of `{}` on Fargate do not reach pods of the other CNI, CoreDNS among them", profile.name),
        )
        .also(&profile.path, "this profile")
        .hint("let them call only what has an address of the VPC (`dnsPolicy: Default`), or keep one of the two")
}

/// EKS counts the VPC's addresses for a managed node, though another CNI takes none of them (rule NG-16).
fn held_down(group: &NodeGroup) -> Option<Diagnostic> {
    let least = group.instances.iter().min_by_key(|instance| instance.pods_by_eks())?;
    let held = least.pods_by_eks();
    // EKS computes nothing for a custom AMI.
    if group.ami.image.is_some() {
        return None;
    }
    let planned = group.pods_per_node.or(group.max_pods).unwrap_or(u64::MAX);
    let large = least.vcpus.is_some_and(|vcpus| eks::LARGE_VCPUS < vcpus);
    let cap = if large { eks::POD_CAP_LARGE } else { eks::POD_CAP };
    (held < planned.min(cap)).then(|| {
        let place = match (group.pods_per_node, group.max_pods) {
            (Some(_), _) => "podsPerNode",
            (None, Some(_)) => "maxPods",
            (None, None) => "instanceTypes",
        };
        NG_16
            .at(
                key(&group.path, place),
                format!("EKS may hold nodes of `{}` to {held} pods each", least.name),
            )
            .also("awsNode.management", "another CNI here")
            .hint(format!("plan with `podsPerNode: {held}`, or use a type with more addresses"))
    })
}

/// The pods' range overlaps nothing that they or their nodes may want to reach.
fn clash(intent: &Intent, cluster: &Cluster, overlay: &Overlay) -> Option<Diagnostic> {
    // A summary such as 10.0.0.0/8 is how people say "everything private".
    let named = intent.connected().into_iter().map(|connected| connected.range);
    let connected: Vec<_> = named.filter(|range| overlay.pod_cidr.contains(range)).collect();
    let taken = |range: &ipnet::Ipv4Net| {
        intent
            .vpc
            .cidrs()
            .chain([cluster.service_cidr])
            .chain(connected.iter().copied())
            .find(|own| overlap(*own, *range))
    };
    let other = taken(&overlay.pod_cidr)?;
    let free =
        eks::OVERLAY_DEFAULTS.iter().map(|text| net(text)).find(|range| taken(range).is_none());
    let finding = ALT_02.at(
        "awsNode.overlay.podCidr",
        format!("`{}` overlaps `{other}`, which pods could not reach", overlay.pod_cidr),
    );
    Some(match free {
        Some(free) => finding.hint(format!("`{free}` is free")),
        None => finding.hint("use a private range that nothing else has"),
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
        ALT_02
            .at(
                "awsNode.overlay.podCidr",
                format!(
                    "`{}` has {addresses} addresses, and {pods} pods are planned at `max`",
                    overlay.pod_cidr
                ),
            )
            .hint("use a larger private range that nothing else has")
    })
}
