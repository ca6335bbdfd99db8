//! Tags: their limits, and which subnets load balancers are pointed to.

use crate::blueprint::model::{TierEgress, Use};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::facts::endpoints::KARPENTER_TAG;
use crate::intent::flow_logs::FlowLogTarget;
use crate::intent::{Intent, Tags, Tier, placeholders};
use crate::rules::{TAG_11, TAG_15, TAG_16, TAG_17, TAG_19, TAG_20, TAG_21, TAG_22};

use super::subnet_roles::{is_of_the_control_plane, is_reserved};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let groups = || intent.cluster.iter().flat_map(|cluster| &cluster.node_groups);
    // CloudFormation takes tags of EKS as a mapping, in which it reads functions; all others as a list.
    let mapped = groups().next().is_some();
    let place = "metadata.tags";
    let mut findings = of_tags(&intent.tags, place);
    findings.extend(many(intent));
    findings.extend(alike(intent));
    findings.extend(intent.tags.iter().flat_map(|(name, value)| letters(place, name, value)));
    findings.extend(unknown(&intent.tags, place));
    let (groups_place, tagged) = ("securityGroups.tags", &intent.security.tags);
    findings.extend(of_tags(tagged, groups_place));
    findings.extend(unknown(tagged, groups_place));
    findings.extend(tagged.iter().filter_map(|(name, value)| odd(groups_place, name, value)));
    findings.extend(intent.tags.keys().filter(|_| mapped).filter_map(|name| function(name, place)));
    for tier in &intent.tiers {
        let place = key(&tier.path, "tags");
        findings.extend(of_tags(&tier.tags, &place));
        findings.extend(tier.tags.iter().filter_map(|(name, value)| odd(&place, name, value)));
        findings.extend(unknown(&placeholders::of_zone(&tier.tags, ""), &place));
        findings.extend(of_uses(tier));
        findings.extend(beside_the_control_plane(tier));
    }
    for group in groups() {
        let (tags, labels) = (key(&group.path, "tags"), key(&group.path, "labels"));
        findings.extend(of_tags(&group.tags, &tags));
        findings.extend(unknown(&group.tags, &tags));
        findings.extend(group.tags.iter().flat_map(|(name, value)| letters(&tags, name, value)));
        findings.extend(group.tags.keys().filter_map(|name| function(name, &tags)));
        findings.extend(group.labels.keys().filter_map(|name| function(name, &labels)));
    }
    findings
}

/// How many there are with eksnet's own on the resource that has most: a security group's name, and those that controllers find it by.
fn many(intent: &Intent) -> Option<Diagnostic> {
    let karpenter = intent.tiers.iter().any(|tier| tier.tags.contains_key(KARPENTER_TAG));
    let found_by = if intent.security.least_privilege { 1 + usize::from(karpenter) } else { 0 };
    let named = usize::from(!intent.tags.contains_key("Name"));
    let count = intent.tags.len() + named + found_by;
    (eks::TAGS < count).then(|| {
        let message = format!("{count} tags with eksnet's own; AWS allows {}", eks::TAGS);
        TAG_15.at("metadata.tags", message).hint("leave some out")
    })
}

/// IAM does not tell keys apart by case, and eksnet adds `Name`.
fn alike(intent: &Intent) -> Option<Diagnostic> {
    let logs = intent.vpc.flow_logs.as_ref();
    let logged = logs.is_some_and(|logs| matches!(logs.to, FlowLogTarget::LogGroup { .. }));
    if intent.cluster.is_none() && !logged {
        return None;
    }
    let mut seen: Vec<&str> = vec!["Name"];
    let twin = intent.tags.keys().filter(|name| *name != "Name").find_map(|name| {
        let other = seen.iter().find(|other| other.eq_ignore_ascii_case(name)).copied();
        seen.push(name);
        other.map(|other| (name, other))
    });
    let (name, other) = twin?;
    let whose = if other == "Name" { "eksnet's own `Name`".into() } else { format!("`{other}`") };
    let message = format!("`{name}` and {whose} are one key to IAM, which ignores case");
    Some(TAG_20.at(key("metadata.tags", name), message).hint("rename one of them"))
}

/// Bounds that every service has.
fn of_tags(tags: &Tags, place: &str) -> Vec<Diagnostic> {
    let finding = |(name, value): (&String, &String)| {
        let why = match name {
            name if name.is_empty() || eks::TAG_KEY < name.chars().count() => {
                "a tag key has 1 to 128 characters"
            }
            name if name.to_ascii_lowercase().starts_with("aws:") => {
                "keys that begin with `aws:` are AWS's own"
            }
            _ if eks::TAG_VALUE < value.chars().count() => "a tag value has at most 256 characters",
            _ => return None,
        };
        Some(TAG_15.at(key(place, name), why).hint("shorten or rename it"))
    };
    tags.iter().filter_map(finding).collect()
}

/// Whether a text has a placeholder left.
fn stands_for(text: &str) -> bool {
    text.contains("${")
}

/// `${…}` that stands for nothing here.
fn unknown(tags: &Tags, place: &str) -> Vec<Diagnostic> {
    let left = tags.iter().filter(|(name, value)| stands_for(name) || stands_for(value));
    left.map(|(name, value)| {
        let text = if stands_for(value) { value } else { name };
        let word = text.split("${").nth(1).and_then(|rest| rest.split('}').next());
        let word = format!("${{{}}}", word.unwrap_or_default());
        let hint = match word == placeholders::ZONE {
            true => "`${zone}` is for tags of tiers, whose subnets have one",
            false => "`${cluster}` and `${name}` stand for the blueprint's name, in tiers `${zone}` for the zone",
        };
        TAG_21.at(key(place, name), format!("nothing is known for `{word}` here")).hint(hint)
    })
    .collect()
}

const LETTERS: &str = "letters, digits, spaces and `_ . : / = + - @`";

/// IAM and EKS accept few characters.
fn letters(place: &str, name: &str, value: &str) -> Option<Diagnostic> {
    let plain = name.chars().chain(value.chars()).all(in_a_tag);
    (!plain && !stands_for(name) && !stands_for(value)).then(|| {
        TAG_15
            .at(key(place, name), format!("IAM and EKS accept in tags only {LETTERS}"))
            .hint("leave the other characters out")
    })
}

/// EC2 accepts any, and what else reads the tags may not.
fn odd(place: &str, name: &str, value: &str) -> Option<Diagnostic> {
    let plain = name.chars().chain(value.chars()).all(in_a_tag);
    (!plain && !stands_for(name) && !stands_for(value)).then(|| {
        TAG_19
            .at(key(place, name), format!("other services accept in tags only {LETTERS}"))
            .hint("leave the other characters out, or allow it: EC2 accepts them")
    })
}

fn in_a_tag(letter: char) -> bool {
    letter.is_alphanumeric() || letter == ' ' || "_.:/=+-@".contains(letter)
}

fn function(name: &str, place: &str) -> Option<Diagnostic> {
    let read = name == "Ref" || name == "Condition" || name.starts_with("Fn::");
    read.then(|| {
        TAG_17
            .at(key(place, name), format!("CloudFormation would read `{name}` as a function"))
            .hint("use another key")
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
    if (external || internal) && is_reserved(tier) {
        return Some(
            TAG_16
                .at(place, format!("load balancers would use addresses of `{}`", tier.name))
                .hint("serve load balancers from a tier of their own"),
        );
    }
    if internal && tier.leaves() == TierEgress::Internet {
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
    (external && tier.leaves() != TierEgress::Internet).then(|| {
        TAG_11
            .at(
                place,
                format!(
                    "external load balancers in `{}`, which has no route to the internet gateway",
                    tier.name
                ),
            )
            .hint("set `egress: internet`")
    })
}

/// Where they are on the wrong side, or among pods, that is said instead.
fn beside_the_control_plane(tier: &Tier) -> Option<Diagnostic> {
    let serves = tier.serves(Use::ExternalLoadBalancers) || tier.serves(Use::InternalLoadBalancers);
    let alone = of_uses(tier).is_none();
    (serves && alone && is_of_the_control_plane(tier)).then(|| {
        let message =
            format!("load balancers share the addresses of `{}` with the control plane", tier.name);
        TAG_22
            .at(key(&tier.path, "serves"), message)
            .hint("serve load balancers from a tier of their own, or allow it")
    })
}
