//! What goes under one name and comes under another, where both are alike in everything else.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::template::Template;

use super::{Change, ChangeKind};

/// Types that a new name replaces, and what else tells two of them apart.
const KINDS: &[(&str, &[&str])] = &[
    (
        "AWS::EKS::Nodegroup",
        &[
            "AmiType",
            "CapacityType",
            "InstanceTypes",
            "NodeRole",
            "ScalingConfig",
            "Subnets",
            "Taints",
            "UpdateConfig",
        ],
    ),
    ("AWS::EKS::FargateProfile", &["PodExecutionRoleArn", "Selectors", "Subnets"]),
];

/// By the logical id of what comes, that of what goes.
pub fn of(changes: &[Change], before: &Template, after: &Template) -> BTreeMap<String, String> {
    let pairs = KINDS.iter().flat_map(|(kind, words)| {
        let own = |template: &Template, wanted: ChangeKind| -> Vec<(String, Vec<Value>)> {
            let all = changes.iter().filter(|one| one.kind == *kind && one.change_kind() == wanted);
            let own = |one: &Change| Some((one.id.clone(), told_by(words, template, &one.id)?));
            all.filter_map(own).collect()
        };
        let (gone, fresh) = (own(before, ChangeKind::Remove), own(after, ChangeKind::Add));
        let only = |list: &[(String, Vec<Value>)], like: &Vec<Value>| {
            let mut alike = list.iter().filter(|(_, own)| own == like);
            alike.next().filter(|_| alike.next().is_none()).map(|(id, _)| id.clone())
        };
        let pair = |(id, own): &(String, Vec<Value>)| {
            only(&fresh, own)?;
            Some((id.clone(), only(&gone, own)?))
        };
        fresh.iter().filter_map(pair).collect::<Vec<_>>()
    });
    pairs.collect()
}

fn told_by(words: &[&str], template: &Template, id: &str) -> Option<Vec<Value>> {
    let own = &template.resource(id)?["Properties"];
    Some(words.iter().map(|word| own[*word].clone()).collect())
}
