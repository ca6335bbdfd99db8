//! Stage 6, `compare`: Deployed + Template → [`Preview`], in CloudFormation's own words: what would be added, modified, replaced
//! and removed, property by property, and why.

pub mod addresses;
mod aws_node;
mod by_value;
mod collisions;
mod compare;
mod consequences;
mod control_plane;
mod cut_off;
mod edit;
pub mod forecast;
pub mod former;
pub mod gate;
mod hindered;
mod impact;
mod kinds_of_update;
mod kubernetes;
mod lost;
mod named;
mod network;
mod nodes_of_others;
mod notice;
mod obstacles;
mod origin;
mod outputs;
mod parts;
mod passed;
mod properties;
mod redundancy;
mod refused;
mod renamed;
mod rights;
pub mod standing;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::blueprint::Document;
use crate::blueprint::edits::Edit;
use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::facts::kinds::{self, Replacement};
use crate::observed::Drift;
use crate::template::Template;

pub use crate::facts::kinds::ChangeKind;
pub use crate::facts::kinds::Weight;
pub use crate::render::keys;
pub use aws_node::variables as aws_node_variables;
pub use compare::fold;
pub use consequences::{Workloads, of as consequences, workloads};
pub use edit::compare;
pub use forecast::{Forecast, Step};
pub use kinds_of_update::minor;
pub use kubernetes::{AddonChange, Differs, KubernetesChanges, NodesLeft, Setter};
pub use lost::Lost;
pub use network::{Counts, Network, SubnetChange, TagChange};
pub use notice::{Consequence, Effects, Fewer, Notice, Noticed, every};
pub use obstacles::Obstacle;
pub use outputs::OutputChange;
pub use parts::{Part, Title, parts};

/// CloudFormation's word; a replacement is `Modify`, as in a change set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    Add,
    Modify,
    Remove,
    Import,
}

impl Action {
    /// As change sets write it.
    pub fn word(self) -> &'static str {
        match self {
            Action::Add => "Add",
            Action::Modify => "Modify",
            Action::Remove => "Remove",
            Action::Import => "Import",
        }
    }
}

/// One property that differs; `None` is absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PropertyChange {
    pub property: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
    /// The resource whose own change brings this one about; the text of the property may be the same.
    pub cause: Option<String>,
    /// The place in the blueprint that decides the property; empty where it is not known.
    pub path: String,
}

/// What happens to one resource, with the properties that bring it about.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub id: String,
    pub kind: String,
    pub action: Action,
    pub replacement: Replacement,
    pub because: Vec<PropertyChange>,
    /// What it means for what runs.
    pub impact: Notice,
    /// The place in the blueprint that makes the resource, as near to what changed as is known; empty where it is removed.
    pub path: String,
}

impl Change {
    /// The property that makes the change what it is: what forces a replacement comes first.
    pub fn deciding(&self) -> Option<&PropertyChange> {
        self.because.iter().find(|because| self.forced_by(because)).or(self.because.first())
    }

    /// Whether EKS exchanges the nodes of a node group for it.
    pub fn rolls_nodes(&self) -> bool {
        let rolling = |because: &PropertyChange| {
            eks::NODES_ROLL_FOR.iter().any(|name| because.property.starts_with(name))
        };
        self.kind == "AWS::EKS::Nodegroup"
            && self.action == Action::Modify
            && (self.change_kind() == ChangeKind::Replace || self.because.iter().any(rolling))
    }

    /// Whether nothing but tags differs.
    pub fn is_of_tags(&self) -> bool {
        self.change_kind() == ChangeKind::Modify
            && self.because.iter().all(|because| kinds::is_tag(&because.property))
    }

    /// Whether it is created while what it replaces, if anything, is still there.
    pub fn is_made(&self) -> bool {
        matches!(self.change_kind(), ChangeKind::Add | ChangeKind::Replace)
    }

    /// Whether a property alone is enough for the replacement.
    pub fn forced_by(&self, because: &PropertyChange) -> bool {
        self.change_kind() == ChangeKind::Replace
            && kinds::replacement(&self.kind, &because.property) == self.replacement
    }

    /// `add`, `modify`, `replace` or `remove`: what it comes to.
    pub fn change_kind(&self) -> ChangeKind {
        match (self.action, self.replacement) {
            (Action::Add | Action::Import, _) => ChangeKind::Add,
            (Action::Remove, _) => ChangeKind::Remove,
            (Action::Modify, Replacement::Never) => ChangeKind::Modify,
            (Action::Modify, _) => ChangeKind::Replace,
        }
    }
}

/// What a deployment would do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Preview {
    pub stack: String,
    /// In dependency order of the template, removals last.
    pub changes: Vec<Change>,
    pub network: Network,
    /// What people and running nodes would notice.
    pub impact: Vec<Consequence>,
    /// What no later deployment brings back.
    pub irreversible: Vec<Lost>,
    pub outputs: Vec<OutputChange>,
    /// The updates that the edit takes, in order, where one is not enough; else empty.
    pub parts: Vec<Part>,
    /// Why one update cannot make the change; each is among the findings, too.
    pub obstacles: Vec<Obstacle>,
    /// What AWS refuses of the change, or advises against.
    pub findings: Vec<Diagnostic>,
    /// Where CloudFormation's change set says something else than the comparison of the templates; empty without a change set.
    pub disagreements: Vec<Disagreement>,
    /// What was changed by hand, apart from the blueprint's own changes; `None` where nobody asked.
    pub drift: Option<Vec<Drift>>,
    /// What changes through the Kubernetes API.
    pub beside: KubernetesChanges,
    /// What the author edited, where both blueprints are known; else empty.
    pub edits: Vec<Edit>,
    /// By logical id: what a resource that changes is called among people, where it is called something.
    pub names: BTreeMap<String, String>,
    /// By the logical id of what comes, that of what goes and is the same under another name.
    pub renamed: BTreeMap<String, String>,
}

/// Which of the comparison and the change set is shown, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownAs {
    /// What it refers to changes, and none of its create-only properties does.
    Compared,
    InChangeSet,
    /// The templates do not differ in it.
    OnlyInChangeSet,
    /// Not at all: it takes attributes of what changes in place, and these stay.
    FalsePositive,
    /// Not at all: the change set leaves it alone.
    LeftAlone,
}

/// One resource about which the comparison and the change set differ. `None`: it is not touched.
#[derive(Clone, Debug, PartialEq)]
pub struct Disagreement {
    pub id: String,
    pub compared: Option<ChangeKind>,
    pub change_set: Option<ChangeKind>,
    pub shown: ShownAs,
}

impl Preview {
    /// With the nodes that go, where the sizes of node groups were read.
    pub fn over(mut self, after: &Template, sizes: Option<&BTreeMap<String, u32>>) -> Self {
        let fewer = sizes.and_then(|sizes| impact::shrinking(&self.changes, after, sizes));
        self.impact.extend(fewer);
        self
    }

    /// With what the author edited: a property leads to the edit that it is of, and of one edit everything is.
    pub fn edited(mut self, edits: Vec<Edit>) -> Self {
        self.of_parts(|part| part.edited(edits.clone()));
        for change in &mut self.changes {
            for because in change.because.iter_mut().filter(|one| one.cause.is_none()) {
                origin::lead(&mut because.path, &edits);
            }
            if !change.path.is_empty() {
                origin::lead(&mut change.path, &edits);
            }
        }
        self.edits = edits;
        self
    }

    /// The same done to the parts, each a preview of its own.
    fn of_parts(&mut self, done: impl Fn(Preview) -> Preview) {
        for part in &mut self.parts {
            part.preview = done(std::mem::take(&mut part.preview));
        }
    }

    /// With the places where the words stand in the text.
    pub fn written(mut self, document: &Document) -> Self {
        self.of_parts(|part| part.written(document));
        let gone = origin::gone_tags(&self.changes);
        for change in &mut self.changes {
            let decides = change.deciding().is_some_and(|one| one.path == change.path);
            for because in change.because.iter_mut().filter(|one| one.cause.is_none()) {
                let shared = origin::tag(because).filter(|_| because.after.is_none());
                let shared = shared.and_then(|tag| gone.get(tag)).cloned();
                because.path = shared.unwrap_or_else(|| origin::written(because, document));
            }
            let deciding = change.deciding().filter(|_| decides).map(|one| one.path.clone());
            change.path = deciding.unwrap_or_else(|| document.decided(&change.path));
        }
        for edit in &mut self.edits {
            edit.path = document.decided(&edit.path);
        }
        let mut told = BTreeSet::new();
        self.edits.retain(|edit| told.insert((edit.path.clone(), edit.key.clone())));
        self
    }

    /// With these quotas passed in between, in the place of those that are known.
    fn with_quotas(&mut self, passed: Vec<Obstacle>, names: named::Names<'_>) {
        let is_quota = |one: &Obstacle| matches!(one, Obstacle::QuotaPassed { .. });
        let former: Vec<Diagnostic> = self
            .obstacles
            .iter()
            .filter(|one| is_quota(one))
            .map(|one| one.finding(names))
            .collect();
        self.findings.retain(|finding| !former.contains(finding));
        self.findings.extend(passed.iter().map(|one| one.finding(names)));
        self.obstacles.retain(|one| !is_quota(one));
        self.obstacles.extend(passed);
    }

    /// What resources are called among people.
    pub fn called(&self, ids: &[String]) -> String {
        every(ids, &|id| self.name(id))
    }

    /// What a resource is called among people; else its logical id.
    pub fn name(&self, id: &str) -> String {
        self.names.get(id).map_or(id, String::as_str).to_string()
    }

    /// How many resources, each under the one kind that it is.
    pub fn count(&self, sort: ChangeKind) -> usize {
        self.changes.iter().filter(|change| change.change_kind() == sort).count()
    }

    /// Whether CloudFormation has nothing to do. Drift, and what is set through the Kubernetes API, do not count.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.outputs.is_empty()
    }

    /// By logical id; `None`: the resource stays as it is.
    pub fn change(&self, id: &str) -> Option<&Change> {
        self.changes.iter().find(|change| change.id == id)
    }

    /// Whether only CloudFormation's change set fears the change: it says that the resource may be replaced, where the templates say
    /// that nothing of it changes.
    pub fn is_uncertain(&self, change: &Change) -> bool {
        change.replacement == Replacement::Conditional
            && self.disagreements.iter().any(|one| one.id == change.id && one.compared.is_none())
    }

    /// The changes that led to a property's, the nearest first; the last of them has no cause but the blueprint.
    pub fn chain<'p>(&'p self, because: &'p PropertyChange) -> Vec<&'p Change> {
        let mut chain: Vec<&Change> = Vec::new();
        let mut next = because.cause.as_deref();
        while let Some(change) = next
            .and_then(|id| self.change(id))
            .filter(|change| chain.iter().all(|before| before.id != change.id))
        {
            chain.push(change);
            next = change.deciding().and_then(|because| because.cause.as_deref());
        }
        chain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_the_change_set_fears_is_uncertain() {
        let change = |replacement| Change {
            id: "A".to_string(),
            kind: "AWS::EC2::SecurityGroupIngress".to_string(),
            action: Action::Modify,
            replacement,
            because: Vec::new(),
            impact: Default::default(),
            path: String::new(),
        };
        let said = |compared| Preview {
            disagreements: vec![Disagreement {
                id: "A".to_string(),
                compared,
                change_set: Some(ChangeKind::Replace),
                shown: ShownAs::InChangeSet,
            }],
            ..Preview::default()
        };
        let (maybe, certain) = (change(Replacement::Conditional), change(Replacement::Always));
        assert!(said(None).is_uncertain(&maybe) && !said(None).is_uncertain(&certain));
        assert!(!said(Some(ChangeKind::Modify)).is_uncertain(&maybe));
        assert!(!Preview::default().is_uncertain(&maybe));
    }
}
