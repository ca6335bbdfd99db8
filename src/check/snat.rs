//! Pods leave the VPC by the node's first interface while the node translates, whatever their own tier says.

use crate::blueprint::model::{TierEgress, Use};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::intent::{Cluster, Intent, PodSubnets, Tier};
use crate::rules::{SNAT_04, SNAT_05};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let Some(cluster) = &intent.cluster else {
        return Vec::new();
    };
    let mut seen: Vec<(&str, &str)> = Vec::new();
    let mut findings = Vec::new();
    for (nodes, pods) in pairs(intent, cluster) {
        if !seen.contains(&(nodes.name.as_str(), pods.name.as_str())) {
            seen.push((&nodes.name, &pods.name));
            let open = intent.has_way_out(nodes).then_some(());
            let unused = || open.and_then(|()| unused(cluster, nodes, pods));
            findings.extend(shut_in(intent, nodes, pods).or_else(unused));
        }
    }
    findings
}

/// (tier of nodes, tier of their pods), where the node translates for them.
fn pairs<'i>(intent: &'i Intent, cluster: &'i Cluster) -> Vec<(&'i Tier, &'i Tier)> {
    let mut names: Vec<(&str, &str)> = Vec::new();
    for group in cluster.node_groups.iter().filter(|_| cluster.aws_node.translates()) {
        names.extend(group.pod_tier.as_deref().map(|pods| (group.tier.as_str(), pods)));
        if let PodSubnets::Discovered(tiers) = &cluster.pods_in {
            names.extend(tiers.iter().map(|pods| (group.tier.as_str(), pods.as_str())));
        }
    }
    let auto = cluster.auto.iter().filter(|auto| auto.snat != "Disabled");
    names.extend(auto.filter_map(|auto| Some((auto.tier.as_str(), auto.pod_tier.as_deref()?))));
    names
        .into_iter()
        .filter_map(|(nodes, pods)| Some((intent.tier(nodes)?, intent.tier(pods)?)))
        .filter(|(nodes, pods)| nodes.serves(Use::Nodes) && nodes.name != pods.name)
        .collect()
}

/// Nodes without any way out are a finding of their own.
fn shut_in(intent: &Intent, nodes: &Tier, pods: &Tier) -> Option<Diagnostic> {
    let private = !intent.has_way_out(nodes) && !intent.endpoints.services.is_empty();
    (private && intent.has_way_out(pods)).then(|| {
        SNAT_04
            .at(
                key(&nodes.path, "egress"),
                format!("pods in `{}` leave through their node, and `{}` has no egress path", pods.name, nodes.name),
            )
            .also(key(&pods.path, "egress"), "used by no packet")
            .hint("give the nodes the egress path; or set `snat: { external: true }`, and pods leave through their own subnets")
    })
}

/// A way out that is another than the nodes'. Ranges that are excluded from translation do take it.
fn unused(cluster: &Cluster, nodes: &Tier, pods: &Tier) -> Option<Diagnostic> {
    let other = pods.leaves() != TierEgress::None && pods.leaves() != nodes.leaves();
    let routes = pods
        .routes
        .iter()
        .any(|route| !nodes.routes.iter().any(|own| own.to == route.to && own.via == route.via));
    ((other || routes) && cluster.aws_node.untranslated().is_empty()).then(|| {
        let place = if other { "egress" } else { "routes" };
        SNAT_05
            .at(
                key(&pods.path, place),
                format!("no packet of a pod uses this egress: it leaves through its node, and so by the routes of `{}`", nodes.name),
            )
            .also(&nodes.path, "their nodes")
            .hint("set `snat: { external: true }`, or give the nodes this route")
    })
}
