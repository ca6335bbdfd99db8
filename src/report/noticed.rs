//! Words for what people and nodes notice of a change, what it takes away for good, and what changes through the Kubernetes API.

use std::collections::BTreeSet;
use std::fmt;

use crate::facts::aws_node::Effect;
use crate::facts::karpenter::POOL_TAG;
use crate::preview::{
    Consequence, Effects, Fewer, KubernetesChanges, Lost, NodesLeft, Notice, Noticed, ShownAs,
    every,
};

use super::counted;

impl Notice {
    /// Whether its words for people have these, which tests look for.
    pub fn contains(&self, words: &str) -> bool {
        self.to_string().contains(words)
    }
}

impl Lost {
    /// In words, its resources called by `name`.
    pub fn told(&self, name: &dyn Fn(&str) -> String) -> String {
        format!("{}: {}", every(&self.ids, name), self.what.words())
    }

    /// Whether its words for people have these, which tests look for.
    pub fn contains(&self, words: &str) -> bool {
        self.to_string().contains(words)
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.told(&str::to_string))
    }
}

impl KubernetesChanges {
    /// What is known of it and what is not.
    pub fn told(&self) -> Vec<String> {
        let nodes = self.nodes.iter().map(NodesLeft::told);
        let unread = self.unread.iter().map(|why| format!("not known: {why}"));
        self.lines().into_iter().chain(nodes).chain(unread).collect()
    }
}

impl NodesLeft {
    /// Which nodes keep the former settings, and how they are replaced.
    pub fn told(&self) -> String {
        let how = match self {
            NodesLeft::NodeGroup { name, owner, count } => format!(
                "node group {name} ({}, created by {owner}): its owner replaces it by a new group, or node by node: kubectl drain -l eks.amazonaws.com/nodegroup={name} --ignore-daemonsets --delete-emptydir-data, one after the other, and aws autoscaling terminate-instance-in-auto-scaling-group --no-should-decrement-desired-capacity --instance-id …",
                counted(*count, "node")
            ),
            NodesLeft::NodePool { name, count } => format!(
                "NodePool {name} ({}, created by Karpenter): kubectl delete nodeclaims -l {POOL_TAG}={name}, one after the other",
                counted(*count, "node")
            ),
            NodesLeft::AutoScaling { name, count } => format!(
                "Auto Scaling group {name} ({}): aws autoscaling start-instance-refresh --auto-scaling-group-name {name}",
                counted(*count, "node")
            ),
            NodesLeft::Alone { cluster, ids } => format!(
                "{} of no group in {cluster}: {}: kubectl drain and aws ec2 terminate-instances, one after the other",
                counted(ids.len(), "node"),
                ids.join(", ")
            ),
        };
        format!("keeps the former settings until it is replaced: {how}")
    }
}

impl ShownAs {
    /// Why templates and change set disagree about it, and which of the two is shown.
    pub fn words(self) -> &'static str {
        match self {
            ShownAs::Compared => {
                "something that it refers to changes, and none of its create-only properties does: shown as compared"
            }
            ShownAs::InChangeSet => "shown as in the change set",
            ShownAs::OnlyInChangeSet => {
                "the templates do not differ in it: shown as in the change set"
            }
            ShownAs::FalsePositive => {
                "it takes attributes of what changes in place, and these stay: not shown"
            }
            ShownAs::LeftAlone => "the change set leaves it alone: not shown",
        }
    }
}

impl fmt::Display for Noticed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Noticed::Kind(impact) => out.write_str(impact.words()),
            Noticed::Settings(effects) => out.write_str(&in_words(effects)),
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

impl fmt::Display for Consequence {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
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

impl fmt::Display for Notice {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
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
