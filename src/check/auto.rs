//! EKS Auto Mode.

use crate::blueprint::model::{TierEgress, Use};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::{eks, subnets};
use crate::intent::auto::Auto;
use crate::intent::tiers::Size;
use crate::intent::{Cluster, Intent};
use crate::rules::{AUTO_03, AUTO_04, AUTO_07, AUTO_08, AUTO_09, AUTO_10, AUTO_11, CN_04, SNAT_02};

const PLACE: &str = "cluster.autoMode";

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let Some((cluster, auto)) =
        intent.cluster.as_ref().and_then(|cluster| Some((cluster, cluster.auto.as_ref()?)))
    else {
        return Vec::new();
    };
    let found = [
        nodes(intent, auto),
        scarce(intent, auto),
        version(cluster),
        pods(intent, auto),
        cni(cluster),
        pools(auto),
        shared(intent, auto),
        bootstrapped(cluster),
        untranslated(intent, auto),
        groups(intent, auto),
    ];
    found.into_iter().flatten().collect()
}

fn nodes(intent: &Intent, auto: &Auto) -> Option<Diagnostic> {
    let place = key(PLACE, "tier");
    let Some(tier) = intent.tier(&auto.tier).filter(|tier| tier.serves(Use::Nodes)) else {
        let message = if auto.tier.is_empty() {
            "no tier serves nodes".to_string()
        } else {
            format!("`{}` is not a tier that serves nodes", auto.tier)
        };
        return Some(
            AUTO_03.at(place, message).hint("set `serves: [nodes]` on a tier, and its name here"),
        );
    };
    let closed = intent.endpoints.services.is_empty() && !intent.may_have_way_out(tier);
    closed.then(|| {
        let message = format!("nodes of Auto Mode have no egress path from `{}`", tier.name);
        AUTO_03
            .at(key(&tier.path, "egress"), message)
            .hint("set `egress: nat`, or `endpoints: auto` for a private cluster")
    })
}

/// Subnets without a whole /28 to give: nodes fall back to single addresses.
fn scarce(intent: &Intent, auto: &Auto) -> Option<Diagnostic> {
    let tier = intent.tier(auto.pod_tier.as_ref().unwrap_or(&auto.tier))?;
    let small = matches!(tier.size, Size::Fixed(bits) if subnets::prefixes(bits) == 0);
    (small && auto.prefixes).then(|| {
        AUTO_09
            .at(tier.size_path(), format!("subnets of `{}` hold no /28 prefix", tier.name))
            .hint("nodes fall back to single addresses, and there are few of them: /24 or larger")
    })
}

fn version(cluster: &Cluster) -> Option<Diagnostic> {
    let minor: u32 = cluster.version.strip_prefix("1.")?.parse().ok()?;
    (minor < eks::AUTO_MODE_SINCE).then(|| {
        AUTO_10
            .at("cluster.version", format!("Kubernetes {} has no Auto Mode", cluster.version))
            .also(PLACE, "Auto Mode here")
            .hint(format!("1.{} or later", eks::AUTO_MODE_SINCE))
    })
}

fn pods(intent: &Intent, auto: &Auto) -> Option<Diagnostic> {
    let name = auto.pod_tier.as_ref()?;
    let place = key(PLACE, "podTier");
    let Some(pods) = intent.tier(name).filter(|tier| tier.serves(Use::Pods)) else {
        return Some(
            AUTO_04
                .at(place, format!("`{name}` is not a tier that serves pods"))
                .hint("set `serves: [pods]` on a tier, and its name here"),
        );
    };
    let missing: Vec<String> = intent
        .tier(&auto.tier)?
        .zones
        .iter()
        .filter(|zone| !pods.zones.contains(zone))
        .map(|zone| format!("`{}`", zone.word()))
        .collect();
    (!missing.is_empty()).then(|| {
        let message = format!("`{name}` has no subnet in {}, where nodes are", missing.join(", "));
        AUTO_04.at(place, message).hint("give both tiers the same zones")
    })
}

fn cni(cluster: &Cluster) -> Option<Diagnostic> {
    cluster.aws_node.overlay().map(|_| {
        AUTO_07
            .at("awsNode.management", "another CNI with Auto Mode")
            .also(PLACE, "here")
            .hint("keep Auto Mode or the other CNI")
    })
}

fn pools(auto: &Auto) -> Option<Diagnostic> {
    (auto.own_class && !auto.pools.is_empty()).then(|| {
        let message =
            format!("nodes of {} will not have the settings beside it", auto.pools.join(" and "));
        AUTO_08
            .at(key(PLACE, "nodePools"), message)
            .hint("set `nodePools: []`, and apply kubernetes/node-class.yaml and node-pool.yaml")
    })
}

/// A tier for the control plane alone has nothing in it where nodes and control plane share the cluster's subnets.
fn shared(intent: &Intent, auto: &Auto) -> Option<Diagnostic> {
    let tier = intent
        .tiers
        .iter()
        .find(|tier| tier.serves(Use::ControlPlane) && tier.name != auto.tier)
        .filter(|_| !auto.pools.is_empty())?;
    let message = format!(
        "`{}` stays empty: nodes of EKS's own pools are in the cluster's subnets, so these are those of `{}`",
        tier.name, auto.tier
    );
    Some(
        AUTO_08.at(&tier.path, message)
            .hint("remove the tier; or set `autoMode: { nodePools: [] }`, and apply the NodeClass and NodePool"),
    )
}

/// EKS puts nothing of its own into a cluster with Auto Mode.
fn bootstrapped(cluster: &Cluster) -> Option<Diagnostic> {
    cluster.bootstrap.then(|| {
        AUTO_07
            .at(
                "awsNode.management",
                "EKS installs no aws-node in a cluster with Auto Mode: there would be none to configure",
            )
            .also(PLACE, "here")
            .hint("set `management: addon` for the node groups beside it")
    })
}

/// Only a NodeClass says which groups nodes wear.
fn groups(intent: &Intent, auto: &Auto) -> Option<Diagnostic> {
    (intent.security.least_privilege && !auto.pools.is_empty()).then(|| {
        AUTO_11
            .at("securityGroups", format!("nodes of {} use the cluster security group, and none of the stack's", auto.pools.join(" and ")))
            .also(PLACE, "EKS's own pools here")
            .hint("set `autoMode: { nodePools: [] }` and apply kubernetes/node-class.yaml and node-pool.yaml; or `mode: shared`")
    })
}

/// Without source NAT pods leave by their own subnets.
fn untranslated(intent: &Intent, auto: &Auto) -> Option<Diagnostic> {
    let tier = intent
        .tier(auto.pod_tier.as_ref().unwrap_or(&auto.tier))
        .filter(|_| auto.snat == "Disabled")?;
    let (rule, message) = match tier.leaves() {
        TierEgress::Internet => {
            (&SNAT_02, format!("pods in `{}` cannot leave: they have no public address", tier.name))
        }
        _ if !intent.may_have_way_out(tier) && intent.endpoints.services.is_empty() => {
            (&CN_04, format!("pods in `{}` have no egress path", tier.name))
        }
        _ => return None,
    };
    let finding = rule
        .at(key(&tier.path, "egress"), message)
        .also(key(PLACE, "snat"), "the node does not translate for them");
    Some(finding.hint("set `egress: nat`, or `snat: random`"))
}
