//! Node groups.

use std::collections::BTreeMap;

use super::{labels, machines};
use crate::blueprint::model::{TierEgress, Use};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::graph;
use crate::intent::{Intent, NodeGroup};
use crate::ledger::HeldSubnet;
use crate::rules::{NG_01, NG_03, NG_04, NODE_03, NODE_04};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let Some(cluster) = &intent.cluster else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    let mut first: BTreeMap<String, &NodeGroup> = BTreeMap::new();
    for group in &cluster.node_groups {
        findings.extend(name(group, &mut first));
        findings.extend(place(intent, group));
        findings.extend(scaling(group));
        findings.extend(machines::check(group, &cluster.aws_node));
        findings.extend(labels::check(group));
    }
    findings
}

/// `first`: the first group of each logical id.
fn name<'g>(
    group: &'g NodeGroup,
    first: &mut BTreeMap<String, &'g NodeGroup>,
) -> Option<Diagnostic> {
    let same = *first.entry(graph::pascal(&group.name)).or_insert(group);
    let place = key(&group.path, "name");
    let form = group.name.starts_with(|letter: char| letter.is_ascii_lowercase())
        && group
            .name
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-');
    if !form || 40 < group.name.len() {
        return Some(
            NG_01
                .at(place, format!("`{}` is not a node group name", group.name))
                .hint("a letter first, then lower-case letters, digits and `-`, 40 at most"),
        );
    }
    (!std::ptr::eq(same, group)).then(|| {
        NG_01
            .at(place, format!("the name `{}` is used already", same.name))
            .also(key(&same.path, "name"), "the first one")
            .hint("give it a name of its own")
    })
}

fn place(intent: &Intent, group: &NodeGroup) -> Option<Diagnostic> {
    let place = key(&group.path, "tier");
    let serving: Vec<_> = intent
        .tiers
        .iter()
        .filter(|tier| tier.serves(Use::Nodes))
        .map(|tier| format!("`{}`", tier.name))
        .collect();
    let Some(tier) = intent.tier(&group.tier).filter(|tier| tier.serves(Use::Nodes)) else {
        let message = if group.tier.is_empty() {
            "no tier serves nodes".to_string()
        } else {
            format!("`{}` is not a tier that serves nodes", group.tier)
        };
        let hint = if serving.is_empty() {
            "set `serves: [nodes]` on the tier".to_string()
        } else {
            format!("tiers that serve nodes: {}", serving.join(", "))
        };
        return Some(NG_04.at(place, message).hint(hint));
    };
    match tier.leaves() {
        // With endpoints, their own rules say what is missing; so does NODE-09 where other networks may offer it.
        TierEgress::None
            if !intent.endpoints.services.is_empty()
                || !intent.endpoints_of_others().is_empty()
                || intent.may_have_way_out(tier) =>
        {
            None
        }
        TierEgress::None => Some(
            NODE_04
                .at(
                    key(&tier.path, "egress"),
                    format!("nodes of `{}` have no egress path from `{}`", group.name, tier.name),
                )
                .hint(match &tier.existing {
                    None => "set `egress: nat`, or `endpoints: auto` for a private cluster".into(),
                    Some(held) => of_others(held),
                }),
        ),
        TierEgress::Internet => Some(
            NODE_03
                .at(
                    key(&tier.path, "egress"),
                    format!("nodes of `{}` get public addresses", group.name),
                )
                .hint("set `egress: nat`"),
        ),
        TierEgress::Nat => None,
    }
}

/// Routes of subnets that exist are their owner's to change.
fn of_others(held: &[HeldSubnet]) -> String {
    let ids: Vec<&str> = held.iter().map(|one| one.id.as_str()).collect();
    format!(
        "route 0.0.0.0/0 of {} to a NAT gateway that works (`eksnet doctor` says what is wrong), or name another tier",
        ids.join(", ")
    )
}

fn scaling(group: &NodeGroup) -> Option<Diagnostic> {
    let (min, desired, max) = (group.min, group.desired, group.max);
    let ordered = min <= desired && desired <= max && 1 <= max;
    (!ordered).then(|| {
        NG_03
            .at(
                key(&group.path, "scaling"),
                format!("min {min}, desired {desired}, max {max} are out of order"),
            )
            .hint("min ≤ desired ≤ max, and max at least 1")
    })
}
