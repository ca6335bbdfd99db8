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

    /// Each with how much it weighs.
    pub(super) fn lines(&self) -> Vec<(Weight, String)> {
        match self {
            Notice::Kinds(kinds) => {
                kinds.iter().map(|impact| (impact.weight(), impact.words().to_string())).collect()
            }
            Notice::Settings(effects) => vec![(Weight::Change, in_words(effects))],
        }
    }
}

impl std::fmt::Display for Notice {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lines: Vec<String> = self.lines().into_iter().map(|(_, words)| words).collect();
        out.write_str(&lines.join("; "))
    }
}

fn words(effect: Effect) -> &'static str {
    match effect {
        Effect::AtOnce => "takes effect at once, as aws-node restarts on one node after the other",
        Effect::NewPods => "for pods that start afterwards: restart the others when it suits",
        Effect::NewInterfaces => {
            "for interfaces attached afterwards: those that nodes have stay as they are"
        }
        Effect::NewNodes => {
            "running nodes keep the old mode: replace the node groups after this, one after the other"
        }
    }
}

fn in_words(effects: &Effects) -> String {
    let one = |(effect, settings): (&Effect, &BTreeSet<String>)| {
        let names: Vec<&str> = settings.iter().map(String::as_str).collect();
        format!("{}: {}", names.join(", "), words(*effect))
    };
    effects.iter().map(one).collect::<Vec<_>>().join("; ")
}
