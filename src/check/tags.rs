//! Tags: their limits, and which subnets load balancers are pointed to.

use super::rule::{Rule, error, warning};
use crate::blueprint::model::{TierEgress, Use};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::spec::{Spec, Tags, Tier};

const TAGGING: &str = "EC2 user guide, tag restrictions";

pub const RULES: &[Rule] = &[
    warning(
        "TAG-11",
        "load balancers where they can be reached, one kind per tier",
        "an internet-facing load balancer without a route to the internet answers nobody, and a subnet with both role tags gets both kinds",
        "AWS Load Balancer Controller, subnet discovery",
        (
            "serves: [externalLoadBalancers]\negress: nat",
            "serves: [externalLoadBalancers]\negress: internet",
        ),
    ),
    error(
        "TAG-15",
        "tags keep to AWS's limits",
        "keys have 1 to 128 characters, values at most 256, `aws:` is AWS's, 50 per resource",
        TAGGING,
        ("tags: { \"aws:x\": y }", "tags: { x: y }"),
    ),
    warning(
        "TAG-16",
        "no load balancers in pod or control-plane subnets",
        "they would take the addresses that pods and upgrades need",
        "EKS best practices, subnets",
        ("serves: [controlPlane, internalLoadBalancers]", "serves: [controlPlane]"),
    ),
    error(
        "TAG-17",
        "no key that CloudFormation reads as a function",
        "a mapping with `Ref` or `Fn::…` is a reference in a template",
        "CloudFormation user guide, intrinsic functions",
        ("tags: { Ref: Vpc }", "tags: { ref: Vpc }"),
    ),
];

pub fn check(spec: &Spec) -> Vec<Diagnostic> {
    let mut findings = of_tags(&spec.tags, "metadata.tags");
    for tier in &spec.tiers {
        findings.extend(of_tags(&tier.tags, &key(&tier.path, "tags")));
        findings.extend(of_uses(tier));
    }
    for group in spec.cluster.iter().flat_map(|cluster| &cluster.node_groups) {
        findings.extend(of_tags(&group.tags, &key(&group.path, "tags")));
        findings.extend(
            group
                .labels
                .keys()
                .filter_map(|name| function(name, &key(&key(&group.path, "labels"), name))),
        );
    }
    findings
}

fn of_tags(tags: &Tags, place: &str) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    // Name and the two role tags are eksnet's.
    if eks::TAGS < tags.len() + 3 {
        findings.push(
            Diagnostic::error(
                "TAG-15",
                place,
                format!("{} tags; AWS allows {} with eksnet's own", tags.len(), eks::TAGS),
            )
            .hint("leave some out"),
        );
    }
    for (name, value) in tags {
        let place = key(place, name);
        let wrong = match name {
            name if name.is_empty() || eks::TAG_KEY < name.chars().count() => {
                Some("a tag key has 1 to 128 characters")
            }
            name if name.to_ascii_lowercase().starts_with("aws:") => {
                Some("keys that begin with `aws:` are AWS's own")
            }
            _ if eks::TAG_VALUE < value.chars().count() => {
                Some("a tag value has at most 256 characters")
            }
            _ if !name.chars().chain(value.chars()).all(in_a_tag) => {
                Some("tags hold letters, digits, spaces and `_ . : / = + - @`")
            }
            _ => None,
        };
        findings.extend(
            wrong.map(|why| Diagnostic::error("TAG-15", &place, why).hint("shorten or rename it")),
        );
        findings.extend(function(name, &place));
    }
    findings
}

fn in_a_tag(letter: char) -> bool {
    letter.is_alphanumeric() || letter == ' ' || "_.:/=+-@".contains(letter)
}

fn function(name: &str, place: &str) -> Option<Diagnostic> {
    let read = name == "Ref" || name == "Condition" || name.starts_with("Fn::");
    read.then(|| {
        Diagnostic::error(
            "TAG-17",
            place,
            format!("CloudFormation would read `{name}` as a function"),
        )
        .hint("take another key")
    })
}

fn of_uses(tier: &Tier) -> Option<Diagnostic> {
    let place = key(&tier.path, "serves");
    let (external, internal) =
        (tier.serves(Use::ExternalLoadBalancers), tier.serves(Use::InternalLoadBalancers));
    if external && internal {
        return Some(
            Diagnostic::warning(
                "TAG-11",
                place,
                format!("`{}` serves external and internal load balancers", tier.name),
            )
            .hint("make a tier for each"),
        );
    }
    if (external || internal)
        && (tier.serves(Use::ControlPlane) || (tier.serves(Use::Pods) && !tier.serves(Use::Nodes)))
    {
        return Some(
            Diagnostic::warning(
                "TAG-16",
                place,
                format!("load balancers would take addresses of `{}`", tier.name),
            )
            .hint("serve load balancers from a tier of their own"),
        );
    }
    if internal && tier.egress == TierEgress::Internet {
        let message = format!(
            "internal load balancers in `{}`, which has a route to the internet gateway",
            tier.name
        );
        return Some(
            Diagnostic::warning("TAG-11", place, message)
                .hint("serve them from a private tier (`egress: nat` or `none`)"),
        );
    }
    (external && tier.egress != TierEgress::Internet).then(|| {
        Diagnostic::warning(
            "TAG-11",
            place,
            format!(
                "external load balancers in `{}`, which has no route to the internet gateway",
                tier.name
            ),
        )
        .hint("write `egress: internet`")
    })
}
