//! How far a cluster that others made has moved: pods keep their addresses until their nodes are replaced, group by group.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use serde_json::Value;

use crate::aws::Connected;
use crate::aws::port::{Answer, Kubernetes};
use crate::facts::kubernetes::{NODE, NODE_GROUP, POD};
use crate::line::Compiled;

use super::objects;

/// Pods with addresses of their own, and where they have them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The tiers that are named for pods.
    pub tiers: Vec<String>,
    /// In these tiers.
    pub pods: u64,
    /// Everywhere.
    pub of: u64,
    /// By node group, pods that are elsewhere; nodes of no group are under their own name.
    pub left: BTreeMap<String, u64>,
}

/// `None` where the blueprint moves no pods of others, or no pod has an address yet.
pub async fn moved(world: &impl Connected, compiled: &Compiled) -> Answer<Option<Moved>> {
    let intent = &compiled.intent;
    let others = intent.cluster.as_ref().filter(|cluster| cluster.existing.is_some());
    let tiers: Vec<String> =
        others.into_iter().flat_map(|cluster| cluster.pod_tiers()).map(str::to_string).collect();
    if tiers.is_empty() {
        return Ok(None);
    }
    let Some(api) = objects::open(world, intent).await? else { return Ok(None) };
    let groups = groups(&api.list(&NODE).await?);
    let subnets = || compiled.plan.subnets.iter().filter(|one| tiers.contains(&one.tier));
    let mut found = Moved { tiers: tiers.clone(), pods: 0, of: 0, left: BTreeMap::new() };
    for (node, address) in api.list(&POD).await?.iter().filter_map(placed) {
        found.of += 1;
        if subnets().any(|subnet| subnet.cidr.contains(&address)) {
            found.pods += 1;
        } else {
            *found.left.entry(groups.get(&node).cloned().unwrap_or(node)).or_default() += 1;
        }
    }
    Ok(Some(found).filter(|found| 0 < found.of))
}

/// Node groups by node.
fn groups(nodes: &[Value]) -> BTreeMap<String, String> {
    let of = |node: &Value| {
        let group = node["metadata"]["labels"][NODE_GROUP].as_str()?;
        Some((node["metadata"]["name"].as_str()?.to_string(), group.to_string()))
    };
    nodes.iter().filter_map(of).collect()
}

/// The node and the address of a pod that has one of its own.
pub(super) fn placed(pod: &Value) -> Option<(String, Ipv4Addr)> {
    let over = ["Succeeded", "Failed"].iter().any(|phase| pod["status"]["phase"] == *phase);
    let of_its_node = pod["spec"]["hostNetwork"] == true;
    let address = pod["status"]["podIP"].as_str()?.parse().ok()?;
    let node = pod["spec"]["nodeName"].as_str()?.to_string();
    (!over && !of_its_node).then_some((node, address))
}
