//! Where load balancers are pointed to: role tags and cluster tags, those that `serves` gives and those that are written by hand.

use super::rule::{Rule, error, warning};
use crate::blueprint::model::{TierEgress, Use};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::facts::ports::CLUSTER_TAG;
use crate::facts::subnets::{self, DISCOVERY_TAG};
use crate::graph::subnet_tags;
use crate::spec::{Spec, Tier};

const LBC: &str = "AWS Load Balancer Controller, subnet discovery";

pub const RULES: &[Rule] = &[
    warning(
        "TAG-03",
        "cluster tags name this cluster",
        "the controller passes by subnets whose cluster tags all name others",
        LBC,
        (
            "tags: { kubernetes.io/cluster/old: shared }",
            "tags: { kubernetes.io/cluster/shop: shared }",
        ),
    ),
    warning(
        "TAG-12",
        "one tier for a kind of load balancers in a zone",
        "of several subnets the controller takes the one with the lowest id: nobody knows which",
        LBC,
        (
            "tiers: [{ name: edge, serves: [externalLoadBalancers] }, { name: public, serves: [externalLoadBalancers] }]",
            "tiers: [{ name: edge }, { name: public, serves: [externalLoadBalancers] }]",
        ),
    ),
    warning(
        "TAG-14",
        "load balancers have two zones",
        "an Application Load Balancer wants subnets in two",
        "Elastic Load Balancing user guide",
        (
            "tiers: [{ name: internal, zones: [euw1-az1], serves: [internalLoadBalancers] }]",
            "tiers: [{ name: internal, serves: [internalLoadBalancers] }]",
        ),
    ),
    warning(
        "CLU-08",
        "the control plane's subnets are private",
        "its interfaces have no public address, and need none",
        "EKS best practices, subnets",
        ("egress: internet\nserves: [controlPlane]", "egress: none\nserves: [controlPlane]"),
    ),
    warning(
        "SIZ-01",
        "small control-plane subnets are the control plane's alone",
        "an upgrade wants five addresses at once, and EKS recommends 16 free ones",
        "EKS user guide, network requirements",
        ("size: /28\nserves: [controlPlane, transit]", "size: /28\nserves: [controlPlane]"),
    ),
    warning(
        "SD-06",
        "discovery tags mean something, and mean this cluster",
        "an empty value counts as no tag, and a subnet of another cluster's is closed to this one's pods",
        "amazon-vpc-cni-k8s v1.23.1, pkg/awsutils",
        ("tags: { kubernetes.io/role/cni: \"\" }", "tags: { kubernetes.io/role/cni: \"1\" }"),
    ),
    error(
        "TAG-18",
        "tags fit where they are merged",
        "a subnet has its tier's tags, the blueprint's and eksnet's own, 50 in all",
        "EC2 user guide, tag restrictions",
        ("(30 in `metadata.tags`, 30 on a tier)", "(20 and 20)"),
    ),
];

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

pub fn check(spec: &Spec) -> Vec<Diagnostic> {
    let mut findings: Vec<Diagnostic> =
        spec.tiers.iter().flat_map(|tier| written(spec, tier)).collect();
    findings.extend(spec.tiers.iter().filter_map(|tier| merged(spec, tier)));
    if spec.cluster.is_none() {
        return findings;
    }
    for (one, tag) in roles() {
        findings.extend(ambiguous(spec, one, tag));
        findings.extend(alone(spec, one, tag));
    }
    findings.extend(spec.tiers.iter().filter_map(|tier| foreign(spec, tier)));
    findings.extend(control_plane(spec));
    findings
}

/// Role tags by hand: on the wrong side, or with a value that switches eksnet's own off.
fn written(spec: &Spec, tier: &Tier) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for (one, tag) in roles() {
        let place = key(&key(&tier.path, "tags"), tag);
        let public = tier.egress == TierEgress::Internet;
        let Some(value) = tier.tags.get(tag) else { continue };
        if carries(tier, tag)
            && (tier.serves(Use::ControlPlane)
                || tier.serves(Use::Pods) && !tier.serves(Use::Nodes))
        {
            let finding = Diagnostic::warning(
                "TAG-16",
                place,
                format!("by this tag load balancers would take addresses of `{}`", tier.name),
            );
            findings.push(
                finding.hint("remove the tag, and serve load balancers from a tier of their own"),
            );
        } else if carries(tier, tag)
            && !tier.serves(one)
            && (one == Use::ExternalLoadBalancers) != public
        {
            let side = if public {
                "which has a route to the internet gateway"
            } else {
                "which has no route to the internet gateway"
            };
            let finding = Diagnostic::warning(
                "TAG-11",
                place,
                format!(
                    "by this tag load balancers of the other kind come to `{}`, {side}",
                    tier.name
                ),
            );
            findings.push(finding.hint("remove the tag; `serves` sets it where it belongs"));
        } else if !carries(tier, tag) && tier.serves(one) {
            let finding = Diagnostic::warning(
                "TAG-11",
                place,
                format!("`{value}` switches off what `serves` says: the controller wants \"1\""),
            );
            findings.push(finding.hint("remove the tag"));
        }
    }
    let cni = tier.tags.get(DISCOVERY_TAG).filter(|value| value.is_empty());
    findings.extend(cni.map(|_| {
        Diagnostic::warning(
            "SD-06",
            key(&key(&tier.path, "tags"), DISCOVERY_TAG),
            "an empty value counts as no tag",
        )
        .hint("write \"1\" to open the subnets to pods, \"0\" to close them")
    }));
    findings.extend(closed(spec, tier));
    findings
}

/// A subnet that only other clusters' aws-node may use.
fn closed(spec: &Spec, tier: &Tier) -> Option<Diagnostic> {
    let names: Vec<&str> = tier
        .tags
        .keys()
        .filter_map(|tag| tag.strip_prefix(subnets::DISCOVERY_CLUSTER_TAG))
        .collect();
    let other = names.first().filter(|_| !names.contains(&spec.name.as_str()))?;
    let place =
        key(&key(&tier.path, "tags"), &format!("{}{other}", subnets::DISCOVERY_CLUSTER_TAG));
    Some(
        Diagnostic::warning(
            "SD-06",
            place,
            format!("only cluster `{other}` may put pods into `{}`", tier.name),
        )
        .hint(format!("add `{}{}: \"1\"`", subnets::DISCOVERY_CLUSTER_TAG, spec.name)),
    )
}

fn merged(spec: &Spec, tier: &Tier) -> Option<Diagnostic> {
    let mut all = spec.tags.clone();
    all.extend(subnet_tags(tier));
    let count = all.len() + 1;
    let each = eks::TAGS < spec.tags.len() + 3 || eks::TAGS < tier.tags.len() + 3;
    (eks::TAGS < count && !each).then(|| {
        let message = format!("{count} tags on each subnet with those of `metadata.tags` and eksnet's own; AWS allows {}", eks::TAGS);
        Diagnostic::error("TAG-18", key(&tier.path, "tags"), message).hint("leave some out")
    })
}

/// Tiers on the right side whose subnets the controller cannot tell apart in a zone.
fn ambiguous(spec: &Spec, one: Use, tag: &str) -> Option<Diagnostic> {
    let right =
        |tier: &&Tier| (one == Use::ExternalLoadBalancers) == (tier.egress == TierEgress::Internet);
    let own = format!("{CLUSTER_TAG}{}", spec.name);
    let ours = |tier: &&Tier| foreign(spec, tier).is_none();
    let tiers: Vec<&Tier> =
        spec.tiers.iter().filter(|tier| carries(tier, tag)).filter(right).filter(ours).collect();
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
        "`{}` and `{}` both serve {kind} load balancers: the controller takes the subnet with the lower id",
        other.name, tier.name
    );
    Some(
        Diagnostic::warning("TAG-12", key(&tier.path, "serves"), message)
            .also(key(&other.path, "serves"), "and here")
            .hint("leave it out of `serves` on one of them"),
    )
}

/// Subnets for load balancers in one zone only.
fn alone(spec: &Spec, one: Use, tag: &str) -> Option<Diagnostic> {
    let tiers: Vec<&Tier> = spec.tiers.iter().filter(|tier| carries(tier, tag)).collect();
    let mut zones: Vec<&str> =
        tiers.iter().flat_map(|tier| &tier.zones).map(|zone| zone.id.as_str()).collect();
    zones.sort_unstable();
    zones.dedup();
    let only = zones.first().filter(|_| zones.len() == 1 && 1 < spec.zones.len())?;
    let kind = if one == Use::ExternalLoadBalancers { "external" } else { "internal" };
    let message = format!(
        "{kind} load balancers have subnets in {only} only, and an Application Load Balancer wants two zones"
    );
    Some(
        Diagnostic::warning("TAG-14", key(&tiers[0].path, "zones"), message)
            .hint("leave `zones` out"),
    )
}

fn foreign(spec: &Spec, tier: &Tier) -> Option<Diagnostic> {
    roles().find(|(_, tag)| carries(tier, tag))?;
    let mut tags = spec.tags.clone();
    tags.extend(tier.tags.clone());
    let names: Vec<&str> = tags.keys().filter_map(|tag| tag.strip_prefix(CLUSTER_TAG)).collect();
    let other = names.first().filter(|_| !names.contains(&spec.name.as_str()))?;
    let tag = format!("{CLUSTER_TAG}{other}");
    let place = if tier.tags.contains_key(&tag) {
        key(&key(&tier.path, "tags"), &tag)
    } else {
        key("metadata.tags", &tag)
    };
    let finding = Diagnostic::warning(
        "TAG-03",
        place,
        format!(
            "load balancers of `{}` pass `{}` by: its cluster tag names `{other}`",
            spec.name, tier.name
        ),
    );
    Some(finding.hint(format!("add `{CLUSTER_TAG}{}: shared`, or remove the tag", spec.name)))
}

fn control_plane(spec: &Spec) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for tier in spec.tiers.iter().filter(|tier| tier.serves(Use::ControlPlane)) {
        let routed = spec.cluster.as_ref().is_some_and(|cluster| cluster.customer_routed);
        if tier.egress == TierEgress::Internet && !tier.serves(Use::Nodes) && !routed {
            let finding = Diagnostic::warning(
                "CLU-08",
                key(&tier.path, "egress"),
                format!(
                    "`{}` has a route to the internet gateway, and the control plane's interfaces need none",
                    tier.name
                ),
            );
            findings.push(finding.hint("write `egress: none`"));
        }
        let endpoints =
            spec.endpoints.of(crate::facts::endpoints::Kind::Interface).next().is_some()
                && spec.endpoints.tier == tier.name;
        let gateway = spec
            .transit
            .gateway
            .as_ref()
            .is_some_and(|gateway| gateway.tier == tier.name && tier.serves(Use::Transit));
        let shared = 1 < tier.serves.len()
            || endpoints
            || gateway
            || spec.transit.private_nat.as_ref().is_some_and(|nat| nat.tier == tier.name);
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
                Diagnostic::warning("SIZ-01", key(&tier.path, "size"), message)
                    .hint("write `/27`, or make a tier for each"),
            );
        }
    }
    findings
}
