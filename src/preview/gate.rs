//! The gate of a pipeline: what is refused of a change that CloudFormation would take.

use std::collections::BTreeSet;

use crate::blueprint::nearest;
use crate::diagnostic::any_error;
use crate::facts::kinds;

use super::{Change, ChangeKind, Preview, Weight};

/// What a pipeline refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refused {
    /// A resource is replaced.
    Replace,
    /// A resource is removed.
    Remove,
    /// Something is lost for good.
    Irreversible,
    /// Nodes are replaced or terminated.
    Nodes,
}

/// What is refused, but for resources of the types that are let pass.
pub struct Gate {
    pub refused: BTreeSet<Refused>,
    /// Such as `AWS::EC2::Route`.
    pub allowed: Vec<String>,
}

impl Gate {
    /// Whether something is replaced or removed for certain, and no type of it is let pass.
    pub fn is_destructive(&self, preview: &Preview) -> bool {
        preview.changes.iter().any(|change| {
            matches!(change.change_kind(), ChangeKind::Replace | ChangeKind::Remove)
                && self.counts(preview, change)
        })
    }

    /// What only the change set fears is not counted.
    fn counts(&self, preview: &Preview, change: &Change) -> bool {
        !self.allowed.contains(&change.kind) && !preview.is_uncertain(change)
    }

    fn refuses(&self, what: Refused) -> bool {
        self.refused.contains(&what)
    }

    fn is_destroyed(&self, change: &Change) -> bool {
        match change.change_kind() {
            ChangeKind::Replace => self.refuses(Refused::Replace),
            ChangeKind::Remove => self.refuses(Refused::Remove),
            ChangeKind::Add | ChangeKind::Modify => false,
        }
    }

    /// Nodes that go are as gone as those that are replaced.
    fn is_rolled(&self, change: &Change) -> bool {
        let loses = change.kind == "AWS::EKS::Nodegroup"
            && change.change_kind() == ChangeKind::Modify
            && change.weight() == Weight::Nodes;
        self.refuses(Refused::Nodes) && (change.rolls_nodes() || loses)
    }

    /// What is refused and the preview has, in words.
    pub fn refusals(&self, preview: &Preview) -> Vec<String> {
        let ids = |named: &dyn Fn(&Change) -> bool| {
            let counted = preview.changes.iter().filter(|change| self.counts(preview, change));
            let found = counted.filter(|change| named(change));
            found.map(|change| change.id.as_str()).collect::<Vec<_>>().join(", ")
        };
        let kept = self.refuses(Refused::Nodes) && preview.beside.is_for_new_nodes();
        let waiting = if kept { "settings of aws-node".to_string() } else { String::new() };
        [
            (ids(&|change| self.is_destroyed(change)), " would be replaced or removed"),
            (ids(&|change| self.is_rolled(change)), " would have nodes replaced or terminated"),
            (waiting, " would reach running nodes only when they are replaced"),
            (self.lost(preview), " (irreversible)"),
        ]
        .into_iter()
        .filter(|(found, _)| !found.is_empty())
        .map(|(found, words)| format!("{found}{words}"))
        .collect()
    }

    fn lost(&self, preview: &Preview) -> String {
        let passes = |id: &String| {
            let change = preview.change(id);
            change.is_some_and(|change| self.allowed.contains(&change.kind))
        };
        let lost = preview.irreversible.iter().filter(|lost| !lost.ids.iter().all(passes));
        let lost = lost.filter(|_| self.refuses(Refused::Irreversible));
        lost.map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }
}

/// What a change comes to, for a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sum {
    Nothing,
    Changes,
    /// Something is replaced or removed.
    Destructive,
    /// AWS refuses it, which no reviewer may wave through.
    Refused,
}

impl Gate {
    /// For an exit code: drift alone is a change, since a deployment would find it.
    pub fn sum(&self, preview: &Preview) -> Sum {
        let drifted = preview.drift.as_ref().is_some_and(|drift| !drift.is_empty())
            || !preview.beside.differs.is_empty();
        match () {
            () if any_error(&preview.findings) => Sum::Refused,
            () if preview.is_empty() && !drifted => Sum::Nothing,
            () if self.is_destructive(preview) => Sum::Destructive,
            () => Sum::Changes,
        }
    }
}

/// What is wrong with the name of a type: a misspelled one would let nothing pass, and say nothing. A stack may have types that eksnet does
/// not make.
pub fn wrong_type(name: &str) -> Option<String> {
    let known = || kinds::all().map(|kind| kind.name);
    if known().any(|kind| kind == name) {
        return None;
    }
    let parts: Vec<&str> = name.split("::").collect();
    let formed = parts.len() == 3 && parts.iter().all(|part| !part.is_empty());
    match nearest(name, known()) {
        Some(near) => Some(format!("no type `{name}`; did you mean `{near}`?")),
        None if formed => None,
        None => {
            Some(format!("invalid resource type `{name}`; one is written like AWS::EC2::Route"))
        }
    }
}
