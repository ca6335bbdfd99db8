//! Where load balancers are pointed to: role tags and cluster tags, those that `serves` gives and those that are written by hand.

use crate::blueprint::model::{TierEgress, Use};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::facts::ports::CLUSTER_TAG;
use crate::facts::subnets::{self, DISCOVERY_TAG};
use crate::graph::subnet_tags;
use crate::intent::{Cluster, Intent, PodSubnets, Tier};
use crate::rules::{
    CLU_08, CLU_28, SD_06, SD_07, SIZ_01, TAG_03, TAG_11, TAG_12, TAG_14, TAG_16, TAG_18, TAG_22,
};

/// (use, its role tag)
fn roles() -> impl Iterator<Item = (Use, &'static str)> {
    [Use::ExternalLoadBalancers, Use::InternalLoadBalancers]
        .into_iter()
        .filter_map(|one| Some((one, subnets::of(one).tag?.0)))
}

/// Whether a tier's subnets carry a role, by `serves` or by hand.
fn carries(tier: &Tier, tag: &str) -> bool {
    subnet_tags(tier).get(tag).is_some_and(|value| value == "1" || value.is_empty())
}

/// Whether controllers put load balancers into a tier.
pub(super) fn has_role(tier: &Tier) -> bool {
    roles().any(|(_, tag)| carries(tier, tag))
}

/// A tier of pods, whose addresses are not for others. Where nodes live too, load balancers may.
pub(super) fn is_reserved(tier: &Tier) -> bool {
    tier.serves(Use::Pods) && !tier.serves(Use::Nodes)
}

/// A tier of the control plane whose upgrades load balancers may leave without addresses.
pub(super) fn is_of_the_control_plane(tier: &Tier) -> bool {
    tier.serves(Use::ControlPlane) && !tier.serves(Use::Nodes)
}

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let mut findings: Vec<Diagnostic> =
        intent.tiers.iter().flat_map(|tier| written(intent, tier)).collect();
    findings.extend(intent.tiers.iter().filter_map(|tier| merged(intent, tier)));
    let Some(cluster) = &intent.cluster else {
        return findings;
    };
    findings.extend(opened(intent, cluster));
    for (one, tag) in roles() {
        findings.extend(ambiguous(intent, one, tag));
        findings.extend(alone(intent, one, tag));
    }
    findings.extend(intent.tiers.iter().filter_map(|tier| foreign(intent, tier)));
    findings.extend(control_plane(intent));
    findings.extend(among_pods(intent, cluster));
    findings
}

/// Tiers made for pods that the cluster would be given as its own.
fn among_pods(intent: &Intent, cluster: &Cluster) -> Vec<Diagnostic> {
    let custom = cluster.pod_tiers();
    let is_of_pods = |tier: &&Tier| {
        let alone = tier.serves(Use::Pods) && !tier.serves(Use::Nodes);
        tier.serves(Use::ControlPlane) && (alone || custom.contains(&tier.name.as_str()))
    };
    let finding = |tier: &Tier| {
        let message = format!("the control plane would be among the pods of `{}`", tier.name);
        let hint = "leave `controlPlane` to a tier of its own, such as `size: /28`";
        CLU_28.at(key(&tier.path, "serves"), message).hint(hint)
    };
    intent.tiers.iter().filter(is_of_pods).map(finding).collect()
}

/// Role tags by hand: on the wrong side, or with a value that switches eksnet's own off.
fn written(intent: &Intent, tier: &Tier) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for (one, tag) in roles() {
        let place = key(&key(&tier.path, "tags"), tag);
        let public = tier.leaves() == TierEgress::Internet;
        let Some(value) = tier.tags.get(tag) else {
            continue;
        };
        if carries(tier, tag) && is_reserved(tier) {
            let finding = TAG_16.at(
                place,
                format!("by this tag load balancers would use addresses of `{}`", tier.name),
            );
            findings.push(
                finding.hint("remove the tag, and serve load balancers from a tier of their own"),
            );
        } else if carries(tier, tag) && !tier.serves(one) && is_of_the_control_plane(tier) {
            let message =
                format!("by this tag load balancers share `{}` with the control plane", tier.name);
            findings.push(TAG_22.at(place, message).hint(
                "remove the tag, and serve load balancers from a tier of their own; or allow it",
            ));
        } else if carries(tier, tag)
            && !tier.serves(one)
            && (one == Use::ExternalLoadBalancers) != public
        {
            let side = if public {
                "which has a route to the internet gateway"
            } else {
                "which has no route to the internet gateway"
            };
            let finding = TAG_11.at(
                place,
                format!(
                    "by this tag load balancers of the other kind are placed in `{}`, {side}",
                    tier.name
                ),
            );
            findings.push(finding.hint("remove the tag; `serves` sets it where it belongs"));
        } else if !carries(tier, tag) && tier.serves(one) {
            let finding = TAG_11.at(
                place,
                format!("`{value}` turns off what `serves` says: the controller expects \"1\""),
            );
            findings.push(finding.hint("remove the tag"));
        }
    }
    let cni = tier.tags.get(DISCOVERY_TAG).filter(|value| value.is_empty());
    findings.extend(cni.map(|_| {
        SD_06
            .at(key(&key(&tier.path, "tags"), DISCOVERY_TAG), "an empty value counts as no tag")
            .hint("write \"1\" to open the subnets to pods, \"0\" to close them")
    }));
    findings.extend(closed(intent, tier));
    findings
}

/// A subnet that only other clusters' aws-node may use.
fn closed(intent: &Intent, tier: &Tier) -> Option<Diagnostic> {
    let names: Vec<&str> = tier
        .tags
        .keys()
        .filter_map(|tag| tag.strip_prefix(subnets::DISCOVERY_CLUSTER_TAG))
        .collect();
    let other = names.first().filter(|_| !names.contains(&intent.cluster_name()))?;
    let place =
        key(&key(&tier.path, "tags"), &format!("{}{other}", subnets::DISCOVERY_CLUSTER_TAG));
    Some(
        SD_06.at(place, format!("only cluster `{other}` may put pods into `{}`", tier.name)).hint(
            format!("add `{}{}: \"1\"`", subnets::DISCOVERY_CLUSTER_TAG, intent.cluster_name()),
        ),
    )
}

fn merged(intent: &Intent, tier: &Tier) -> Option<Diagnostic> {
    let mut all = intent.tags.clone();
    all.extend(subnet_tags(tier));
    all.entry("Name".to_string()).or_default();
    let count = all.len();
    // Too many on every resource are said where they are written.
    let shared = intent.tags.len() + usize::from(!intent.tags.contains_key("Name"));
    (eks::TAGS < count && shared <= eks::TAGS).then(|| {
        let message = format!("{count} tags on each subnet with those of `metadata.tags` and eksnet's own; AWS allows {}", eks::TAGS);
        TAG_18.at(key(&tier.path, "tags"), message).hint("leave some out")
    })
}

/// Subnets that aws-node takes addresses of pods from, beside those of the nodes: by most free addresses, whatever their routes.
fn opened(intent: &Intent, cluster: &Cluster) -> Vec<Diagnostic> {
    let PodSubnets::Discovered(open) = &cluster.pods_in else {
        return Vec::new();
    };
    let tiers = open.iter().filter_map(|name| intent.tier(name));
    let reason = |tier: &Tier| {
        if tier.leaves() == TierEgress::Internet {
            return Some(
                "which has a route to the internet gateway, and pods have no public address",
            );
        }
        if has_role(tier) && !tier.serves(Use::Nodes) {
            return Some("where load balancers need their addresses");
        }
        let upgrades = tier.serves(Use::ControlPlane) && !tier.serves(Use::Nodes);
        upgrades.then_some("where the control plane needs its addresses for upgrades")
    };
    let finding = |tier: &Tier| {
        let place = key(&key(&tier.path, "tags"), DISCOVERY_TAG);
        let message = format!("pods may use addresses of `{}`, {}", tier.name, reason(tier)?);
        Some(
            SD_07
                .at(place, message)
                .hint("remove the tag, and open a tier with `serves: [pods]` instead"),
        )
    };
    tiers.filter_map(finding).collect()
}

/// Tiers on the right side whose subnets the controller cannot tell apart in a zone.
fn ambiguous(intent: &Intent, one: Use, tag: &str) -> Option<Diagnostic> {
    let right = |tier: &&Tier| {
        (one == Use::ExternalLoadBalancers) == (tier.leaves() == TierEgress::Internet)
    };
    let own = format!("{CLUSTER_TAG}{}", intent.cluster_name());
    let ours = |tier: &&Tier| foreign(intent, tier).is_none();
    let tiers: Vec<&Tier> =
        intent.tiers.iter().filter(|tier| carries(tier, tag)).filter(right).filter(ours).collect();
    if tiers.iter().filter(|tier| tier.tags.contains_key(&own)).count() == 1 {
        return None;
    }
    let pair = tiers.iter().enumerate().find_map(|(at, tier)| {
        let other = tiers[..at]
            .iter()
            .find(|other| other.zones.iter().any(|zone| tier.zones.contains(zone)))?;
        Some((*tier, *other))
    });
    let (tier, other) = pair?;
    let kind = if one == Use::ExternalLoadBalancers { "external" } else { "internal" };
    let message = format!(
        "`{}` and `{}` both serve {kind} load balancers: the controller picks the subnet with the lower id",
        other.name, tier.name
    );
    Some(
        TAG_12
            .at(key(&tier.path, "serves"), message)
            .also(key(&other.path, "serves"), "and here")
            .hint("leave it out of `serves` on one of them"),
    )
}

/// Subnets for load balancers in one zone only.
fn alone(intent: &Intent, one: Use, tag: &str) -> Option<Diagnostic> {
    let tiers: Vec<&Tier> = intent.tiers.iter().filter(|tier| carries(tier, tag)).collect();
    let mut zones: Vec<&str> =
        tiers.iter().flat_map(|tier| &tier.zones).map(|zone| zone.id.as_str()).collect();
    zones.sort_unstable();
    zones.dedup();
    let only = zones.first().filter(|_| zones.len() == 1 && 1 < intent.zones.len())?;
    let kind = if one == Use::ExternalLoadBalancers { "external" } else { "internal" };
    let message = format!(
        "{kind} load balancers have subnets in {only} only, and an Application Load Balancer requires two zones"
    );
    Some(TAG_14.at(key(&tiers[0].path, "zones"), message).hint("leave `zones` out"))
}

fn foreign(intent: &Intent, tier: &Tier) -> Option<Diagnostic> {
    roles().find(|(_, tag)| carries(tier, tag))?;
    let mut tags = intent.tags.clone();
    tags.extend(tier.tags.clone());
    let names: Vec<&str> = tags.keys().filter_map(|tag| tag.strip_prefix(CLUSTER_TAG)).collect();
    let other = names.first().filter(|_| !names.contains(&intent.cluster_name()))?;
    let tag = format!("{CLUSTER_TAG}{other}");
    let place = if tier.tags.contains_key(&tag) {
        key(&key(&tier.path, "tags"), &tag)
    } else {
        key("metadata.tags", &tag)
    };
    let finding = TAG_03.at(
        place,
        format!(
            "the load balancers of `{}` skip `{}`: its cluster tag names `{other}`",
            intent.cluster_name(),
            tier.name
        ),
    );
    Some(
        finding.hint(format!(
            "add `{CLUSTER_TAG}{}: shared`, or remove the tag",
            intent.cluster_name()
        )),
    )
}

fn control_plane(intent: &Intent) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for tier in intent.tiers.iter().filter(|tier| tier.serves(Use::ControlPlane)) {
        let routed = intent.cluster.as_ref().is_some_and(|cluster| cluster.customer_routed);
        if tier.existing.is_none()
            && tier.egress == TierEgress::Internet
            && !tier.serves(Use::Nodes)
            && !routed
        {
            let finding = CLU_08.at(key(&tier.path, "egress"),
                format!(
                    "`{}` has a route to the internet gateway, and the control plane's interfaces need none",
                    tier.name
                ),
            );
            findings.push(finding.hint("set `egress: none`"));
        }
        let endpoints =
            intent.endpoints.of(crate::facts::endpoints::Kind::Interface).next().is_some()
                && intent.endpoints.tier == tier.name;
        let gateway = intent
            .transit
            .gateway
            .as_ref()
            .is_some_and(|gateway| gateway.tier == tier.name && tier.serves(Use::Transit));
        let shared = 1 < tier.serves.len()
            || endpoints
            || gateway
            || intent.transit.private_nat.as_ref().is_some_and(|nat| nat.tier == tier.name);
        if let Some(len) = tier.size.fixed().filter(|len| {
            shared && *len <= 32 && subnets::usable(*len) < subnets::CONTROL_PLANE_RECOMMENDED
        }) {
            let message = format!(
                "`{}` has {} addresses for the control plane and for others; EKS recommends {}",
                tier.name,
                subnets::usable(len),
                subnets::CONTROL_PLANE_RECOMMENDED
            );
            findings.push(
                SIZ_01.at(tier.size_path(), message).hint("set `/27`, or make a tier for each"),
            );
        }
    }
    findings
}
