//! Tags: their limits, and which subnets load balancers are pointed to.

use crate::blueprint::model::{TierEgress, Use};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::intent::{Intent, Tags, Tier};
use crate::rules::{TAG_11, TAG_15, TAG_16, TAG_17};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let mut findings = of_tags(&intent.tags, "metadata.tags");
    for tier in &intent.tiers {
        findings.extend(of_tags(&tier.tags, &key(&tier.path, "tags")));
        findings.extend(of_uses(tier));
    }
    for group in intent.cluster.iter().flat_map(|cluster| &cluster.node_groups) {
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
            TAG_15
                .at(
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
        findings.extend(wrong.map(|why| TAG_15.at(&place, why).hint("shorten or rename it")));
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
        TAG_17
            .at(place, format!("CloudFormation would read `{name}` as a function"))
            .hint("take another key")
    })
}

fn of_uses(tier: &Tier) -> Option<Diagnostic> {
    let place = key(&tier.path, "serves");
    let (external, internal) =
        (tier.serves(Use::ExternalLoadBalancers), tier.serves(Use::InternalLoadBalancers));
    if external && internal {
        return Some(
            TAG_11
                .at(place, format!("`{}` serves external and internal load balancers", tier.name))
                .hint("make a tier for each"),
        );
    }
    if (external || internal)
        && (tier.serves(Use::ControlPlane) || (tier.serves(Use::Pods) && !tier.serves(Use::Nodes)))
    {
        return Some(
            TAG_16
                .at(place, format!("load balancers would take addresses of `{}`", tier.name))
                .hint("serve load balancers from a tier of their own"),
        );
    }
    if internal && tier.egress == TierEgress::Internet {
        let message = format!(
            "internal load balancers in `{}`, which has a route to the internet gateway",
            tier.name
        );
        return Some(
            TAG_11
                .at(place, message)
                .hint("serve them from a private tier (`egress: nat` or `none`)"),
        );
    }
    (external && tier.egress != TierEgress::Internet).then(|| {
        TAG_11
            .at(
                place,
                format!(
                    "external load balancers in `{}`, which has no route to the internet gateway",
                    tier.name
                ),
            )
            .hint("write `egress: internet`")
    })
}
