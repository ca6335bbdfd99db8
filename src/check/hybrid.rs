//! Hybrid nodes, and a control plane whose packets leave through the VPC.

use ipnet::Ipv4Net;

use crate::blueprint::model::{RouteOwner, TierEgress};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::vpc::{self, Class, overlap};
use crate::facts::{eks, quotas};
use crate::intent::reach::beyond;
use crate::intent::{Cluster, Intent, Tier, WayOut};
use crate::rules::{
    CPE_03, EP_11, HYB_01, HYB_02, HYB_03, HYB_04, HYB_05, HYB_06, HYB_11, HYB_13, HYB_14,
};

const PLACE: &str = "cluster.remoteNetworks";

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let Some(cluster) = &intent.cluster else {
        return Vec::new();
    };
    let mut findings = customer_routed(intent, cluster);
    let ranges: Vec<Ipv4Net> = cluster.remote.all().collect();
    if ranges.is_empty() {
        return findings;
    }
    findings.extend(offered(intent, cluster));
    findings.extend(counted(cluster));
    findings.extend(ranges.iter().filter_map(public));
    findings.extend(overlaps(intent, cluster, &ranges));
    findings.extend(match cluster.remote.routes {
        RouteOwner::Blueprint => way(intent, &ranges),
        RouteOwner::External => twice(intent, &ranges),
    });
    findings.extend(shared(&ranges));
    findings.extend(both_endpoints(cluster));
    findings
}

/// What hybrid nodes are not for.
fn offered(intent: &Intent, cluster: &Cluster) -> Vec<Diagnostic> {
    let partition = intent.region.partition();
    let absent = eks::NO_HYBRID_NODES.contains(&partition).then(|| {
        HYB_13
            .at(PLACE, format!("{} has no EKS hybrid nodes", intent.region.name))
            .hint("leave `remoteNetworks` out, or use another Region")
    });
    let ipv6 = cluster.ipv6.then(|| {
        HYB_01.at(PLACE, "remote networks with an IPv6 cluster").hint("set `ipFamily: ipv4`")
    });
    let alone = cluster.remote.nodes.is_empty().then(|| {
        HYB_05.at(PLACE, "remote networks of pods without any of nodes").hint("add `nodes: […]`")
    });
    absent.into_iter().chain(ipv6).chain(alone).collect()
}

fn counted(cluster: &Cluster) -> Vec<Diagnostic> {
    let rows = [
        ("nodes", &cluster.remote.nodes, &quotas::REMOTE_NODES),
        ("pods", &cluster.remote.pods, &quotas::REMOTE_PODS),
    ];
    let many = rows.into_iter().filter(|(_, ranges, _)| eks::REMOTE_CIDRS < ranges.len());
    many.map(|(what, ranges, quota)| {
        let message = format!(
            "{} ranges of {what}; by default EKS accepts {}",
            ranges.len(),
            eks::REMOTE_CIDRS
        );
        HYB_02
            .at(key(PLACE, what), message)
            .hint(format!("summarize them, or raise the quota {} before deploying", quota.code))
            .exceeds(quota.code, ranges.len())
    })
    .collect()
}

fn public(range: &Ipv4Net) -> Option<Diagnostic> {
    matches!(vpc::class(*range), Class::Public | Class::Benchmark).then(|| {
        HYB_03
            .at(PLACE, format!("`{range}` is not private"))
            .hint("10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 and 100.64.0.0/10 are")
    })
}

fn overlaps(intent: &Intent, cluster: &Cluster, ranges: &[Ipv4Net]) -> Vec<Diagnostic> {
    let services = cluster.service_cidr;
    let own: Vec<Ipv4Net> = intent.vpc.cidrs().chain([services]).collect();
    let clash = |(at, range): (usize, &Ipv4Net)| {
        let earlier = own.iter().chain(&ranges[..at]);
        let other = earlier.into_iter().find(|other| overlap(**other, *range))?;
        let what = if *other == services { " of the services (`cluster.serviceCidr`)" } else { "" };
        Some(
            HYB_04
                .at(PLACE, format!("`{range}` overlaps `{other}`{what}"))
                .hint("use ranges that nothing else has"),
        )
    };
    ranges.iter().enumerate().filter_map(clash).collect()
}

/// Through a gateway of the blueprint every table gets a route to each range, or learns it.
fn way(intent: &Intent, ranges: &[Ipv4Net]) -> Option<Diagnostic> {
    if intent.transit.gateway.is_some() || intent.transit.vpn.is_some() {
        return None;
    }
    let apart = ranges.iter().find(|range| !intent.may_reach(**range))?;
    Some(
        HYB_06.at(PLACE, format!("no route leads to the remote nodes in `{apart}`")).hint(
            "set `egress: { transitGateway: { id: tgw-… } }` or `egress: { vpnGateway: { id: vgw-… } }`, or add it to a tier's `routes`; if others make the routes, set `routes: external`",
        ),
    )
}

/// A route of the stack's own to the same range: others cannot add theirs.
fn twice(intent: &Intent, ranges: &[Ipv4Net]) -> Option<Diagnostic> {
    let own = beyond(&intent.transit, &intent.tiers).find(|own| ranges.contains(&own.range))?;
    let message = format!("the blueprint routes `{}` itself", own.range);
    Some(
        HYB_14
            .at(key(PLACE, "routes"), message)
            .also(own.path, "here")
            .hint("remove `routes: external`, or this destination"),
    )
}

fn shared(ranges: &[Ipv4Net]) -> Option<Diagnostic> {
    let range = ranges.iter().find(|range| vpc::class(**range) == Class::CarrierGrade)?;
    let message =
        format!("`{range}` is shared space: the user guide accepts it, the API reference does not");
    Some(HYB_11.at(PLACE, message).hint("use a part of 10.0.0.0/8 if you can choose"))
}

fn both_endpoints(cluster: &Cluster) -> Option<Diagnostic> {
    (cluster.endpoint.private && cluster.endpoint.public).then(|| {
        let message = "public and private at once: hybrid nodes resolve the API to its public addresses, and need a route there";
        EP_11
            .at("cluster.endpointAccess", message)
            .also(PLACE, "remote nodes here")
            .hint("keep one of the two, or list the addresses that hybrid nodes leave with in `publicCidrs`")
    })
}

fn customer_routed(intent: &Intent, cluster: &Cluster) -> Vec<Diagnostic> {
    let tiers = intent.control_plane_tiers();
    let closed = tiers.into_iter().filter(|tier| cluster.customer_routed && !leaves(intent, tier));
    let finding = |tier: &Tier| {
        let message = match intent.way_out(tier) {
            WayOut::Elsewhere(via) => format!(
                "the control plane's packets leave `{}` only for the networks behind `{via}`",
                tier.name
            ),
            _ => format!("the control plane has no egress path from `{}`", tier.name),
        };
        CPE_03
            .at(key(&tier.path, "egress"), message)
            .also("cluster.controlPlaneEgress", "routed by you here")
            .hint("set `egress: nat`, or `controlPlaneEgress: awsManaged`; webhooks inside the VPC need no egress path")
    };
    closed.map(finding).collect()
}

/// An internet gateway helps no interface without a public address.
fn leaves(intent: &Intent, tier: &Tier) -> bool {
    tier.leaves() != TierEgress::Internet && intent.has_way_out(tier)
}
