//! EKS Auto Mode.

use super::rule::{Rule, error, warning};
use crate::blueprint::model::{TierEgress, Use};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::subnets;
use crate::spec::auto::Auto;
use crate::spec::tiers::Size;
use crate::spec::{Cluster, Spec};

const GUIDE: &str = "EKS user guide, Auto Mode networking";
const PLACE: &str = "cluster.autoMode";

pub const RULES: &[Rule] = &[
    error(
        "AUTO-01",
        "Auto Mode has no settings of aws-node",
        "its nodes have a CNI of their own, which reads none of them",
        GUIDE,
        (
            "cluster: { autoMode: {} }\nawsNode: { warm: { ips: 5 } }",
            "cluster: { autoMode: { prefixes: true } }",
        ),
    ),
    error(
        "AUTO-03",
        "nodes of Auto Mode are in a tier that serves nodes, with a way out",
        "nodes without a way to EKS and ECR never join",
        GUIDE,
        ("cluster: { autoMode: { tier: databases } }", "cluster: { autoMode: { tier: nodes } }"),
    ),
    error(
        "AUTO-04",
        "pods of Auto Mode have a subnet in every zone of the nodes",
        "a node without a pod subnet in its zone gets no interface for pods",
        GUIDE,
        (
            "autoMode: { podTier: pods }   # which lacks a zone of the nodes",
            "tiers: [{ name: pods, serves: [pods] }]   # in all zones",
        ),
    ),
    error(
        "AUTO-07",
        "Auto Mode has its own CNI",
        "another one beside it is not supported",
        GUIDE,
        ("cluster: { autoMode: {} }\nawsNode: { management: none }", "cluster: { autoMode: {} }"),
    ),
    warning(
        "AUTO-08",
        "EKS's own node pools follow no NodeClass of yours",
        "their nodes keep the default NodeClass: the cluster's subnets, source NAT, and policies that allow",
        GUIDE,
        (
            "autoMode: { nodePools: [general-purpose], podTier: pods }",
            "autoMode: { podTier: pods }   # and apply the NodeClass and NodePool",
        ),
    ),
];

pub fn check(spec: &Spec) -> Vec<Diagnostic> {
    let Some((cluster, auto)) =
        spec.cluster.as_ref().and_then(|cluster| Some((cluster, cluster.auto.as_ref()?)))
    else {
        return Vec::new();
    };
    let found = [
        nodes(spec, auto),
        pods(spec, auto),
        cni(cluster),
        pools(auto),
        shared(spec, auto),
        bootstrapped(cluster),
        untranslated(spec, auto),
    ];
    found.into_iter().flatten().collect()
}

fn nodes(spec: &Spec, auto: &Auto) -> Option<Diagnostic> {
    let place = key(PLACE, "tier");
    let Some(tier) = spec.tier(&auto.tier).filter(|tier| tier.serves(Use::Nodes)) else {
        let message = if auto.tier.is_empty() {
            "no tier serves nodes".to_string()
        } else {
            format!("`{}` is no tier that serves nodes", auto.tier)
        };
        return Some(
            Diagnostic::error("AUTO-03", place, message)
                .hint("write `serves: [nodes]` on a tier, and its name here"),
        );
    };
    if matches!(tier.size, Size::Fixed(bits) if subnets::prefixes(bits) == 0) {
        let message = format!("`{}` has subnets too small for nodes and their prefixes", tier.name);
        return Some(
            Diagnostic::error("AUTO-03", key(&tier.path, "size"), message)
                .hint("nodes take /28 prefixes: /24 or larger"),
        );
    }
    let shut = tier.egress == TierEgress::None
        && spec.endpoints.services.is_empty()
        && !spec.has_way_out(tier);
    shut.then(|| {
        let message = format!("nodes of Auto Mode have no way out of `{}`", tier.name);
        Diagnostic::error("AUTO-03", key(&tier.path, "egress"), message)
            .hint("write `egress: nat`, or `endpoints: auto` for a private cluster")
    })
}

fn pods(spec: &Spec, auto: &Auto) -> Option<Diagnostic> {
    let name = auto.pod_tier.as_ref()?;
    let place = key(PLACE, "podTier");
    let Some(pods) = spec.tier(name).filter(|tier| tier.serves(Use::Pods)) else {
        return Some(
            Diagnostic::error("AUTO-04", place, format!("`{name}` is no tier that serves pods"))
                .hint("write `serves: [pods]` on a tier, and its name here"),
        );
    };
    let missing: Vec<String> = spec
        .tier(&auto.tier)?
        .zones
        .iter()
        .filter(|zone| !pods.zones.contains(zone))
        .map(|zone| format!("`{}`", zone.word()))
        .collect();
    (!missing.is_empty()).then(|| {
        let message = format!("`{name}` has no subnet in {}, where nodes are", missing.join(", "));
        Diagnostic::error("AUTO-04", place, message).hint("give both tiers the same zones")
    })
}

fn cni(cluster: &Cluster) -> Option<Diagnostic> {
    cluster.aws_node.overlay.as_ref().map(|_| {
        Diagnostic::error("AUTO-07", "awsNode.management", "another CNI with Auto Mode")
            .also(PLACE, "here")
            .hint("keep Auto Mode or the other CNI")
    })
}

fn pools(auto: &Auto) -> Option<Diagnostic> {
    (auto.own_class && !auto.pools.is_empty()).then(|| {
        let message =
            format!("nodes of {} will not have what is written beside", auto.pools.join(" and "));
        Diagnostic::warning("AUTO-08", key(PLACE, "nodePools"), message)
            .hint("write `nodePools: []`, and apply kubernetes/node-class.yaml and node-pool.yaml")
    })
}

/// A tier for the control plane alone has nothing in it where nodes and control plane share the cluster's subnets.
fn shared(spec: &Spec, auto: &Auto) -> Option<Diagnostic> {
    let tier = spec
        .tiers
        .iter()
        .find(|tier| tier.serves(Use::ControlPlane) && tier.name != auto.tier)
        .filter(|_| !auto.pools.is_empty())?;
    let message = format!(
        "`{}` stays empty: nodes of EKS's own pools are in the cluster's subnets, so these are those of `{}`",
        tier.name, auto.tier
    );
    Some(
        Diagnostic::warning("AUTO-08", &tier.path, message)
            .hint("take the tier out; or write `autoMode: { nodePools: [] }`, and apply the NodeClass and NodePool"),
    )
}

/// EKS puts nothing of its own into a cluster with Auto Mode.
fn bootstrapped(cluster: &Cluster) -> Option<Diagnostic> {
    cluster.bootstrap.then(|| {
        Diagnostic::error(
            "AUTO-07",
            "awsNode.management",
            "EKS puts no aws-node into a cluster with Auto Mode: there would be none to set up",
        )
        .also(PLACE, "here")
        .hint("write `management: addon` for the node groups beside it")
    })
}

/// Without source NAT pods leave by their own subnets.
fn untranslated(spec: &Spec, auto: &Auto) -> Option<Diagnostic> {
    let tier = spec
        .tier(auto.pod_tier.as_ref().unwrap_or(&auto.tier))
        .filter(|_| auto.snat == "Disabled")?;
    let (rule, message) = match tier.egress {
        TierEgress::Internet => (
            "SNAT-02",
            format!("pods in `{}` cannot leave: they have no public address", tier.name),
        ),
        _ if !spec.has_way_out(tier) && spec.endpoints.services.is_empty() => {
            ("CN-04", format!("pods in `{}` have no way out", tier.name))
        }
        _ => return None,
    };
    let finding = Diagnostic::error(rule, key(&tier.path, "egress"), message)
        .also(key(PLACE, "snat"), "the node does not translate for them");
    Some(finding.hint("write `egress: nat`, or `snat: random`"))
}
