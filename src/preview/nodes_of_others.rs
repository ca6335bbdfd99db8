//! Nodes that others made and that keep former settings of aws-node: who has to replace them, and how.

use std::collections::BTreeMap;

use crate::facts::karpenter::POOL_TAG;
use crate::line::Compiled;
use crate::observed::survey::Instance;
use crate::survey::items;

const GROUP_TAG: &str = "eks:nodegroup-name";
const SCALING_TAG: &str = "aws:autoscaling:groupName";

/// What started a node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Maker {
    Group(String),
    Pool(String),
    Scaling(String),
    Nobody,
}

/// A line for every node group, pool and Auto Scaling group, and one for instances of none.
pub fn of(compiled: &Compiled) -> Vec<String> {
    let held = compiled.intent.occupied.as_ref().and_then(|held| held.cluster.as_ref());
    let Some(held) = held else { return Vec::new() };
    let survey = compiled.observed.survey.as_deref();
    let instances = survey.map_or(&[][..], |survey| items(&survey.eks.instances));
    let mut makers: BTreeMap<Maker, Vec<&str>> = BTreeMap::new();
    for instance in instances {
        makers.entry(maker(instance)).or_default().push(&instance.id);
    }
    let cluster = &held.name;
    let groups = held.node_groups.iter().map(|group| {
        let running = makers.get(&Maker::Group(group.name.clone())).map(Vec::len);
        let count = nodes(running.unwrap_or(group.desired as usize));
        format!(
            "node group {} ({count}, created by {}): its owner replaces it by a new group, or node by node: kubectl drain -l eks.amazonaws.com/nodegroup={} --ignore-daemonsets --delete-emptydir-data, one after the other, and aws autoscaling terminate-instance-in-auto-scaling-group --no-should-decrement-desired-capacity --instance-id …",
            group.name, group.owner, group.name
        )
    });
    let others = makers.iter().filter_map(|(maker, ids)| {
        let count = nodes(ids.len());
        match maker {
            Maker::Group(_) => None,
            Maker::Pool(name) => Some(format!(
                "NodePool {name} ({count}, created by Karpenter): kubectl delete nodeclaims -l {POOL_TAG}={name}, one after the other"
            )),
            Maker::Scaling(name) => Some(format!(
                "Auto Scaling group {name} ({count}): aws autoscaling start-instance-refresh --auto-scaling-group-name {name}"
            )),
            Maker::Nobody => Some(format!(
                "{count} of no group in {cluster}: {}: kubectl drain and aws ec2 terminate-instances, one after the other",
                ids.join(", ")
            )),
        }
    });
    groups
        .chain(others)
        .map(|line| format!("keeps the former settings until it is replaced: {line}"))
        .collect()
}

fn maker(instance: &Instance) -> Maker {
    let tag = |key: &str| instance.tags.get(key).cloned();
    let group = tag(GROUP_TAG).map(Maker::Group);
    let pool = group.or_else(|| tag(POOL_TAG).map(Maker::Pool));
    pool.or_else(|| tag(SCALING_TAG).map(Maker::Scaling)).unwrap_or(Maker::Nobody)
}

fn nodes(count: usize) -> String {
    if count == 1 { "1 node".to_string() } else { format!("{count} nodes") }
}
