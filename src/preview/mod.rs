//! Stage 6, `compare`: Deployed + Template → [`Preview`], in CloudFormation's own words: what would be added, modified, replaced
//! and removed, property by property, and why.

mod compare;
mod impact;
mod network;
mod properties;
mod refused;

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::facts::replacement::Replacement;

pub use compare::{compare, fold};
pub use impact::of as impact;
pub use network::{Counts, Network, SubnetChange};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    Add,
    Modify,
    Remove,
    Import,
}

impl Action {
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
#[derive(Clone, Debug, PartialEq)]
pub struct Because {
    pub property: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub id: String,
    pub kind: String,
    pub action: Action,
    pub replacement: Replacement,
    pub because: Vec<Because>,
    /// What it means for what runs; empty where nothing notices.
    pub impact: String,
    /// The place in the blueprint that makes the resource; empty where it is removed.
    pub path: String,
}

impl Change {
    /// `add`, `modify`, `replace` or `remove`: what it comes to.
    pub fn sort(&self) -> Sort {
        match (self.action, self.replacement) {
            (Action::Add | Action::Import, _) => Sort::Add,
            (Action::Remove, _) => Sort::Remove,
            (Action::Modify, Replacement::Never) => Sort::Modify,
            (Action::Modify, _) => Sort::Replace,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    Add,
    Modify,
    Replace,
    Remove,
}

impl Sort {
    pub fn word(self) -> &'static str {
        match self {
            Sort::Add => "add",
            Sort::Modify => "modify",
            Sort::Replace => "replace",
            Sort::Remove => "remove",
        }
    }
}

/// What a deployment would do.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    pub stack: String,
    /// In dependency order of the template, removals last.
    pub changes: Vec<Change>,
    pub network: Network,
    /// What people and running nodes would notice.
    pub impact: Vec<String>,
    /// What AWS refuses of the change, or advises against.
    pub findings: Vec<Diagnostic>,
}

impl Preview {
    pub fn count(&self, sort: Sort) -> usize {
        self.changes.iter().filter(|change| change.sort() == sort).count()
    }

    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}
