//! What people and nodes notice of a change, and its words.

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

    pub fn contains(&self, words: &str) -> bool {
        self.to_string().contains(words)
    }

    /// Of one impact.
    pub(super) fn of(impact: Impact) -> Self {
        Notice::Kinds(Some(impact).filter(|impact| impact.is_noticed()).into_iter().collect())
    }

    /// One by one.
    pub(super) fn each(&self) -> Vec<Noticed> {
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

impl std::fmt::Display for Noticed {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Noticed::Kind(impact) => out.write_str(impact.words()),
            Noticed::Settings(effects) => out.write_str(&in_words(effects)),
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

/// `NodeGroupGeneral and 2 more`
fn first(ids: &[String], name: &dyn Fn(&str) -> String) -> String {
    match ids {
        [] => String::new(),
        [only] => name(only),
        [first, rest @ ..] => format!("{} and {} more", name(first), rest.len()),
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

impl std::fmt::Display for Consequence {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.told(&str::to_string))
    }
}

impl Consequence {
    /// In words, its resources called by `name`.
    pub fn told(&self, name: &dyn Fn(&str) -> String) -> String {
        match self {
            Consequence::Of { ids, what } => format!("{}: {what}", first(ids, name)),
            Consequence::Switched(effects) => format!("aws-node: {}", in_words(effects)),
            Consequence::Exports(names) => format!(
                "export {}: the value changes or is removed, which CloudFormation refuses as long as another stack imports it",
                first(names, &str::to_string)
            ),
            Consequence::Rolled(ids) => {
                format!("EKS replaces the nodes of: {}", every(ids, name))
            }
            Consequence::Fewer(groups) => {
                let one =
                    |one: &Fewer| format!("{} of the {} of {}", one.nodes, one.now, name(&one.id));
                let all: Vec<String> = groups.iter().map(one).collect();
                format!("EKS terminates nodes: {}", all.join(", "))
            }
            Consequence::Left(ids) => format!(
                "node groups to replace manually afterwards, in this order: {}",
                every(ids, name)
            ),
        }
    }
}

impl std::fmt::Display for Notice {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lines: Vec<String> = self.each().iter().map(Noticed::to_string).collect();
        out.write_str(&lines.join("; "))
    }
}

fn words(effect: Effect) -> &'static str {
    match effect {
        Effect::AtOnce => "takes effect at once, as aws-node restarts on one node after the other",
        Effect::NewPods => {
            "for pods that start afterwards: restart the others at a time of your choice"
        }
        Effect::NewInterfaces => {
            "for interfaces attached afterwards: those that nodes have stay as they are"
        }
        Effect::NewNodes => "running nodes keep the old mode until they are replaced",
    }
}

fn in_words(effects: &Effects) -> String {
    let one = |(effect, settings): (&Effect, &BTreeSet<String>)| {
        let names: Vec<&str> = settings.iter().map(String::as_str).collect();
        format!("{}: {}", names.join(", "), words(*effect))
    };
    effects.iter().map(one).collect::<Vec<_>>().join("; ")
}
