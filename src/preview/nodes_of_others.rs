//! Nodes that others made and that keep former settings of aws-node: who has to replace them, and how.

use std::collections::BTreeMap;

use crate::facts::karpenter::POOL_TAG;
use crate::line::Compiled;
use crate::observed::survey::Instance;
use crate::survey::items;

use super::NodesLeft;

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

/// Every node group, pool and Auto Scaling group, and instances of none.
pub fn of(compiled: &Compiled) -> Vec<NodesLeft> {
    let held = compiled.intent.occupied.as_ref().and_then(|held| held.cluster.as_ref());
    let Some(held) = held else { return Vec::new() };
    let survey = compiled.observed.survey.as_deref();
    let instances = survey.map_or(&[][..], |survey| items(&survey.eks.instances));
    let mut makers: BTreeMap<Maker, Vec<&str>> = BTreeMap::new();
    for instance in instances {
        makers.entry(maker(instance)).or_default().push(&instance.id);
    }
    let groups = held.node_groups.iter().map(|group| {
        let running = makers.get(&Maker::Group(group.name.clone())).map(Vec::len);
        let count = running.unwrap_or(group.desired as usize);
        NodesLeft::NodeGroup { name: group.name.clone(), owner: group.owner.to_string(), count }
    });
    let others = makers.iter().filter_map(|(maker, ids)| {
        let count = ids.len();
        match maker {
            Maker::Group(_) => None,
            Maker::Pool(name) => Some(NodesLeft::NodePool { name: name.clone(), count }),
            Maker::Scaling(name) => Some(NodesLeft::AutoScaling { name: name.clone(), count }),
            Maker::Nobody => Some(NodesLeft::Alone {
                cluster: held.name.clone(),
                ids: ids.iter().map(ToString::to_string).collect(),
            }),
        }
    });
    groups.chain(others).collect()
}

fn maker(instance: &Instance) -> Maker {
    let tag = |key: &str| instance.tags.get(key).cloned();
    let group = tag(GROUP_TAG).map(Maker::Group);
    let pool = group.or_else(|| tag(POOL_TAG).map(Maker::Pool));
    pool.or_else(|| tag(SCALING_TAG).map(Maker::Scaling)).unwrap_or(Maker::Nobody)
}
