//! Hybrid nodes, and a control plane whose packets leave through the VPC.

use ipnet::Ipv4Net;

use super::rule::{Rule, error, warning};
use crate::blueprint::model::TierEgress;
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::facts::vpc::{self, Class, overlap};
use crate::spec::{Cluster, Spec, Tier};

const HYBRID: &str = "EKS user guide, hybrid nodes";

pub const RULES: &[Rule] = &[
    error(
        "HYB-01",
        "hybrid nodes are for IPv4 clusters",
        "EKS refuses remote networks with IPv6",
        HYBRID,
        (
            "ipFamily: ipv6\nremoteNetworks: { nodes: [10.80.0.0/16] }",
            "ipFamily: ipv4\nremoteNetworks: { nodes: [10.80.0.0/16] }",
        ),
    ),
    error(
        "HYB-02",
        "15 remote ranges of each kind, /8 to /32",
        "EKS takes no more",
        "EKS quotas",
        ("nodes: [ 16 of them ]", "nodes: [ 15 of them ]"),
    ),
    warning(
        "HYB-11",
        "remote ranges are RFC 1918",
        "the user guide takes 100.64.0.0/10 too, the API reference does not",
        HYBRID,
        ("remoteNetworks: { nodes: [100.64.0.0/16] }", "remoteNetworks: { nodes: [10.80.0.0/16] }"),
    ),
    error(
        "HYB-03",
        "remote ranges are private",
        "EKS takes RFC 1918 and 100.64.0.0/10 only",
        HYBRID,
        ("nodes: [52.10.0.0/16]", "nodes: [10.80.0.0/16]"),
    ),
    error(
        "HYB-04",
        "remote ranges overlap nothing",
        "neither each other, nor the VPC, nor the services",
        HYBRID,
        (
            "vpc: { cidr: 10.80.0.0/16 }\nnodes: [10.80.0.0/16]",
            "vpc: { cidr: 10.40.0.0/16 }\nnodes: [10.80.0.0/16]",
        ),
    ),
    error(
        "HYB-05",
        "remote pods have remote nodes",
        "pods run on nodes",
        HYBRID,
        (
            "remoteNetworks: { pods: [10.85.0.0/16] }",
            "remoteNetworks: { nodes: [10.80.0.0/16], pods: [10.85.0.0/16] }",
        ),
    ),
    error(
        "HYB-06",
        "there is a way to remote nodes",
        "the control plane calls kubelets and webhooks there",
        HYBRID,
        (
            "remoteNetworks: { nodes: [10.80.0.0/16] }",
            "egress: { transitGateway: { id: tgw-1 } }\nremoteNetworks: { nodes: [10.80.0.0/16] }",
        ),
    ),
    error(
        "EP-11",
        "with hybrid nodes the API is either public or private",
        "with both its name resolves to public addresses outside the VPC",
        HYBRID,
        (
            "endpointAccess: { private: true, public: true }",
            "endpointAccess: { private: true, public: false }",
        ),
    ),
    error(
        "CPE-03",
        "customer-routed egress has a way out",
        "webhooks and OIDC issuers are called through the control plane's subnets, which an internet gateway does not help: their interfaces have no public address",
        "EKS user guide, control plane egress",
        (
            "controlPlaneEgress: customerRouted\negress: none   # on the control plane's tier",
            "controlPlaneEgress: customerRouted\negress: nat",
        ),
    ),
];

pub fn check(spec: &Spec) -> Vec<Diagnostic> {
    let Some(cluster) = &spec.cluster else { return Vec::new() };
    let mut findings = hybrid(spec, cluster);
    findings.extend(customer_routed(spec, cluster));
    findings
}

fn hybrid(spec: &Spec, cluster: &Cluster) -> Vec<Diagnostic> {
    let place = "cluster.remoteNetworks";
    let remote = &cluster.remote;
    if remote.all().next().is_none() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let mut error = |rule, message: String, hint: &str| {
        findings.push(Diagnostic::error(rule, place, message).hint(hint))
    };
    if cluster.ipv6 {
        error(
            "HYB-01",
            "remote networks with an IPv6 cluster".to_string(),
            "write `ipFamily: ipv4`",
        );
    }
    if remote.nodes.is_empty() {
        error("HYB-05", "networks of pods without any of nodes".to_string(), "add `nodes: […]`");
    }
    for (what, ranges) in [("nodes", &remote.nodes), ("pods", &remote.pods)] {
        if eks::REMOTE_CIDRS < ranges.len() {
            error(
                "HYB-02",
                format!("{} ranges of {what}; EKS takes {}", ranges.len(), eks::REMOTE_CIDRS),
                "summarise them",
            );
        }
    }
    let all: Vec<Ipv4Net> = remote.all().collect();
    for (at, range) in all.iter().enumerate() {
        if vpc::class(*range) == Class::Public || vpc::class(*range) == Class::Benchmark {
            error(
                "HYB-03",
                format!("`{range}` is not private"),
                "10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 and 100.64.0.0/10 are",
            );
        }
        let service = std::iter::once(cluster.service_cidr);
        let other = spec
            .vpc
            .cidrs()
            .chain(service)
            .chain(all[..at].iter().copied())
            .find(|other| overlap(*other, *range));
        if let Some(other) = other {
            let what = if other == cluster.service_cidr {
                " of the services (`cluster.serviceCidr`)"
            } else {
                ""
            };
            error(
                "HYB-04",
                format!("`{range}` overlaps `{other}`{what}"),
                "take ranges that nothing else uses",
            );
        }
    }
    let shared = all.iter().find(|range| vpc::class(**range) == Class::CarrierGrade);
    if spec.transit.gateway.is_none() && spec.transit.vpn.is_none() {
        error(
            "HYB-06",
            "no way to the remote nodes".to_string(),
            "write `egress: { transitGateway: { id: tgw-… } }` or `vpnGateway`",
        );
    }
    findings.extend(shared.map(|range| {
        Diagnostic::warning(
            "HYB-11",
            place,
            format!(
                "`{range}` is shared space: the user guide takes it, the API reference does not"
            ),
        )
        .hint("take a part of 10.0.0.0/8 if you can choose")
    }));
    if cluster.endpoint.private && cluster.endpoint.public {
        let finding = Diagnostic::error(
            "EP-11",
            "cluster.endpointAccess",
            "public and private at once, with remote nodes",
        );
        findings.push(finding.also(place, "remote nodes here").hint("keep one of the two"));
    }
    findings
}

fn customer_routed(spec: &Spec, cluster: &Cluster) -> Vec<Diagnostic> {
    let tiers = spec.control_plane_tiers();
    let shut = tiers.iter().filter(|tier| {
        cluster.customer_routed && (tier.egress == TierEgress::Internet || !spec.has_way_out(tier))
    });
    let finding = |tier: &&&Tier| {
        Diagnostic::error(
            "CPE-03",
            key(&tier.path, "egress"),
            format!("the control plane's packets find no way out of `{}`", tier.name),
        )
        .also("cluster.controlPlaneEgress", "routed by you here")
        .hint("write `egress: nat`, or `controlPlaneEgress: awsManaged`")
    };
    shut.collect::<Vec<_>>().iter().map(finding).collect()
}
