//! What a change comes to for what runs: one sentence, and what to know before it is deployed, worst first.

use std::collections::BTreeSet;

use crate::facts::kinds::Weight;

use super::notice::Consequence;
use super::{Action, Change, ChangeKind, Preview};

/// What happens to nodes and pods that run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Workloads {
    /// There are none yet.
    New,
    Untouched,
    /// Pods stay; open connections break.
    Connections,
    /// Pods of add-ons restart, or rights change; nodes and pods stay.
    Restarts,
    /// Nodes are replaced: those of the node groups with these logical ids.
    Nodes(Vec<String>),
    /// Nodes go: those of node groups that are removed, or get smaller.
    Fewer(Vec<String>),
    /// Something is cut off or stopped.
    Interrupted,
    /// The cluster or its network is deleted.
    Gone,
}

/// Everything that people and nodes notice, once, worst first; as told within one weight.
pub fn of(preview: &Preview) -> Vec<&Consequence> {
    let mut all: Vec<&Consequence> = preview.impact.iter().collect();
    all.sort_by_key(|one| std::cmp::Reverse(one.weight()));
    all
}

/// What the whole change means for what runs.
pub fn workloads(preview: &Preview) -> Workloads {
    let added = |kind: &str| {
        preview.changes.iter().any(|change| change.kind == kind && change.action == Action::Add)
    };
    let only_adds = preview.changes.iter().all(|change| change.action == Action::Add);
    if only_adds && (added("AWS::EC2::VPC") || added("AWS::EKS::Cluster")) {
        return Workloads::New;
    }
    let ids = |wanted: &dyn Fn(&Change) -> bool| -> Vec<String> {
        let homes = ["AWS::EKS::Nodegroup", "AWS::EKS::FargateProfile"];
        let own = preview.changes.iter().filter(|one| homes.contains(&one.kind.as_str()));
        let ids: BTreeSet<&str> = own.filter(|one| wanted(one)).map(|one| &*one.id).collect();
        ids.into_iter().map(str::to_string).collect()
    };
    let rolled = ids(&|one| one.rolls_nodes() || one.change_kind() == ChangeKind::Replace);
    let fewer = ids(&|one| one.weight() == Weight::Nodes);
    let parts = preview.parts.iter().flat_map(|part| &part.preview.changes);
    let beside = preview.beside.change();
    let all = preview.changes.iter().chain(parts).chain(&beside);
    let worst = all.map(Change::weight).max().unwrap_or_default();
    match worst {
        Weight::End => Workloads::Gone,
        Weight::Outage => Workloads::Interrupted,
        _ if !rolled.is_empty() => Workloads::Nodes(rolled),
        _ if !fewer.is_empty() => Workloads::Fewer(fewer),
        Weight::Connections => Workloads::Connections,
        Weight::Change => Workloads::Restarts,
        Weight::Nodes | Weight::Elsewhere | Weight::Note => Workloads::Untouched,
    }
}
