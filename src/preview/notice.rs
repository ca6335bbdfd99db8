//! What people and nodes notice of a change; `report` has its words.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::aws_node::Effect;
use crate::facts::kinds::{Impact, Weight};

/// Settings, by when they take effect.
pub type Effects = BTreeMap<Effect, BTreeSet<String>>;

/// What people and nodes notice of a change.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// Each once; none where nobody notices.
    Kinds(Vec<Impact>),
    /// Of settings of aws-node, by when they take effect.
    Settings(Effects),
}

impl Default for Notice {
    fn default() -> Self {
        Notice::Kinds(Vec::new())
    }
}

impl Notice {
    /// Whether nobody notices.
    pub fn is_empty(&self) -> bool {
        *self == Notice::default()
    }

    /// Of one impact.
    pub(super) fn of(impact: Impact) -> Self {
        Notice::Kinds(Some(impact).filter(|impact| impact.is_noticed()).into_iter().collect())
    }

    /// One by one.
    pub fn each(&self) -> Vec<Noticed> {
        match self {
            Notice::Kinds(kinds) => kinds.iter().copied().map(Noticed::Kind).collect(),
            Notice::Settings(effects) => vec![Noticed::Settings(effects.clone())],
        }
    }
}

/// One thing that is noticed of a resource.
#[derive(Clone, Debug, PartialEq)]
pub enum Noticed {
    Kind(Impact),
    Settings(Effects),
}

impl Noticed {
    pub(super) fn weight(&self) -> Weight {
        match self {
            Noticed::Kind(impact) => impact.weight(),
            Noticed::Settings(_) => Weight::Change,
        }
    }
}

/// What a whole change means, once for everything that is alike.
#[derive(Clone, Debug, PartialEq)]
pub enum Consequence {
    /// Of the resources with these logical ids.
    Of { ids: Vec<String>, what: Noticed },
    /// aws-node changes hands, and its settings with it.
    Switched(Effects),
    /// What other stacks import of it under these names changes or goes.
    Exports(Vec<String>),
    /// Node groups whose nodes EKS replaces.
    Rolled(Vec<String>),
    /// Node groups that get smaller than they are now.
    Fewer(Vec<Fewer>),
    /// Node groups that somebody has to replace, in this order.
    Left(Vec<String>),
}

/// Nodes of a node group that go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fewer {
    /// Its logical id.
    pub id: String,
    pub nodes: u64,
    /// As many as there are.
    pub now: u64,
}

impl Consequence {
    /// Previews tell the heaviest first.
    pub fn weight(&self) -> Weight {
        match self {
            Consequence::Of { what, .. } => what.weight(),
            Consequence::Switched(_) => Weight::Change,
            Consequence::Exports(_) => Weight::Elsewhere,
            Consequence::Rolled(_) | Consequence::Fewer(_) | Consequence::Left(_) => Weight::Nodes,
        }
    }
}

impl Consequence {
    /// Logical ids of the resources that it is about.
    pub fn ids(&self) -> &[String] {
        match self {
            Consequence::Of { ids, .. } | Consequence::Rolled(ids) | Consequence::Left(ids) => ids,
            Consequence::Switched(_) | Consequence::Exports(_) | Consequence::Fewer(_) => &[],
        }
    }
}

/// What each is called, in their order: `node groups batch, general`.
pub fn every(ids: &[String], name: &dyn Fn(&str) -> String) -> String {
    let names: Vec<String> = ids.iter().map(|id| name(id)).collect();
    let split = |name: &'_ str| name.rsplit_once(' ').map(|(noun, own)| (noun.len(), own.len()));
    let noun = names.first().and_then(|first| Some(&first[..split(first)?.0]));
    // What is more than a noun and a name is told in full.
    let is_noun = |noun: &&str| noun.split(' ').all(|word| word.chars().all(char::is_alphabetic));
    let Some(noun) = noun.filter(is_noun).filter(|noun| !noun.ends_with(" of")) else {
        return names.join(", ");
    };
    let own: Option<Vec<&str>> =
        names.iter().map(|name| name.strip_prefix(noun)?.strip_prefix(' ')).collect();
    match own.filter(|own| 1 < own.len()) {
        Some(own) => format!("{noun}s {}", own.join(", ")),
        None => names.join(", "),
    }
}
