//! Hybrid nodes, and a control plane whose packets leave through the VPC.

use ipnet::Ipv4Net;

use crate::blueprint::model::TierEgress;
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::facts::vpc::{self, Class, overlap};
use crate::intent::{Cluster, Intent, Tier};
use crate::rules::{CPE_03, EP_11, HYB_01, HYB_02, HYB_03, HYB_04, HYB_05, HYB_06, HYB_11, Rule};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let Some(cluster) = &intent.cluster else {
        return Vec::new();
    };
    let mut findings = hybrid(intent, cluster);
    findings.extend(customer_routed(intent, cluster));
    findings
}

fn hybrid(intent: &Intent, cluster: &Cluster) -> Vec<Diagnostic> {
    let place = "cluster.remoteNetworks";
    let remote = &cluster.remote;
    if remote.all().next().is_none() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let mut error = |rule: &'static Rule, message: String, hint: &str| {
        findings.push(rule.at(place, message).hint(hint))
    };
    if cluster.ipv6 {
        error(
            &HYB_01,
            "remote networks with an IPv6 cluster".to_string(),
            "write `ipFamily: ipv4`",
        );
    }
    if remote.nodes.is_empty() {
        error(&HYB_05, "networks of pods without any of nodes".to_string(), "add `nodes: […]`");
    }
    for (what, ranges) in [("nodes", &remote.nodes), ("pods", &remote.pods)] {
        if eks::REMOTE_CIDRS < ranges.len() {
            error(
                &HYB_02,
                format!("{} ranges of {what}; EKS takes {}", ranges.len(), eks::REMOTE_CIDRS),
                "summarise them",
            );
        }
    }
    let all: Vec<Ipv4Net> = remote.all().collect();
    for (at, range) in all.iter().enumerate() {
        if vpc::class(*range) == Class::Public || vpc::class(*range) == Class::Benchmark {
            error(
                &HYB_03,
                format!("`{range}` is not private"),
                "10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 and 100.64.0.0/10 are",
            );
        }
        let service = std::iter::once(cluster.service_cidr);
        let other = intent
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
                &HYB_04,
                format!("`{range}` overlaps `{other}`{what}"),
                "take ranges that nothing else uses",
            );
        }
    }
    let shared = all.iter().find(|range| vpc::class(**range) == Class::CarrierGrade);
    if intent.transit.gateway.is_none() && intent.transit.vpn.is_none() {
        error(
            &HYB_06,
            "no way to the remote nodes".to_string(),
            "write `egress: { transitGateway: { id: tgw-… } }` or `vpnGateway`",
        );
    }
    findings.extend(shared.map(|range| {
        HYB_11
            .at(
                place,
                format!(
                    "`{range}` is shared space: the user guide takes it, the API reference does not"
                ),
            )
            .hint("take a part of 10.0.0.0/8 if you can choose")
    }));
    if cluster.endpoint.private && cluster.endpoint.public {
        let finding =
            EP_11.at("cluster.endpointAccess", "public and private at once, with remote nodes");
        findings.push(finding.also(place, "remote nodes here").hint("keep one of the two"));
    }
    findings
}

fn customer_routed(intent: &Intent, cluster: &Cluster) -> Vec<Diagnostic> {
    let tiers = intent.control_plane_tiers();
    let closed = tiers.iter().filter(|tier| {
        cluster.customer_routed
            && (tier.egress == TierEgress::Internet || !intent.has_way_out(tier))
    });
    let finding = |tier: &&&Tier| {
        CPE_03
            .at(
                key(&tier.path, "egress"),
                format!("the control plane's packets find no way out of `{}`", tier.name),
            )
            .also("cluster.controlPlaneEgress", "routed by you here")
            .hint("write `egress: nat`, or `controlPlaneEgress: awsManaged`")
    };
    closed.collect::<Vec<_>>().iter().map(finding).collect()
}
