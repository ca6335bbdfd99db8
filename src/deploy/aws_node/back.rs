//! The way back, where the stack of a cluster that others made goes: who still lives in its subnets, and the former settings.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::aws::Connected;
use crate::aws::port::{Answer, Apply, Kubernetes};
use crate::diagnostic::Failure;
use crate::facts::aws_node;
use crate::facts::eks;
use crate::facts::kubernetes::{
    AWS_NODE, DAEMON_SET, ENI_CONFIG, MANAGED_BY, NODE, NODE_GROUP, POD,
};
use crate::intent::Intent;
use crate::ledger::KeptSettings;
use crate::observed::Stack;
use crate::template::Template;

use super::super::{Clock, Decide, Event, Note, Stage};
use super::{addon, objects};

/// Pods that have their addresses in the stack's subnets and run on nodes that are not the stack's: `namespace/name on node`.
pub async fn pods_inside(
    world: &impl Connected,
    intent: &Intent,
    (before, is_own): (&Template, &dyn Fn(&str) -> bool),
) -> Answer<Vec<String>> {
    let subnets = Stack::of(before).subnets;
    let Some(api) = objects::open(world, intent).await? else { return Ok(Vec::new()) };
    let nodes = api.list(&NODE).await?;
    let own: BTreeSet<&str> = nodes
        .iter()
        .filter(|node| node["metadata"]["labels"][NODE_GROUP].as_str().is_some_and(is_own))
        .filter_map(|node| node["metadata"]["name"].as_str())
        .collect();
    let inside = |pod: &&Value| {
        let address = pod["status"]["podIP"].as_str().and_then(|text| text.parse().ok());
        let node = pod["spec"]["nodeName"].as_str().unwrap_or_default();
        let over = ["Succeeded", "Failed"].iter().any(|phase| pod["status"]["phase"] == *phase);
        let there = |address: std::net::Ipv4Addr| {
            subnets.iter().any(|subnet| subnet.cidr.contains(&address))
        };
        !over && !own.contains(node) && address.is_some_and(there)
    };
    let words = |pod: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
        let meta = &pod["metadata"];
        let node = text(&pod["spec"]["nodeName"]);
        format!("{}/{} on {node}", text(&meta["namespace"]), text(&meta["name"]))
    };
    let pods = api.list(&POD).await?;
    Ok(pods.iter().filter(inside).map(words).collect())
}

/// Gives aws-node its former settings and removes eksnet's ENIConfigs. What others changed since stays.
pub async fn give_back<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    intent: &Intent,
    (before, nonce): (&Template, &str),
) -> Result<(), Failure> {
    let existing = intent.cluster.as_ref().filter(|cluster| cluster.existing.is_some());
    let (Some(cluster), Some(former)) = (existing, addon::deployed(before)) else {
        return Ok(());
    };
    let name = intent.cluster_name();
    let refused = |refusal| {
        Failure::new(format!("aws-node of `{name}` was not restored to its former settings"))
            .because(refusal)
            .hint(super::REACH)
    };
    let Some(api) = objects::open(stage.world, intent).await.map_err(refused)? else {
        return Ok(());
    };
    if cluster.aws_node.is_self_managed() {
        let applied = Apply { force: true, dry_run: false };
        api.apply(&DAEMON_SET, &daemon_set(&former), applied).await.map_err(refused)?;
    } else {
        let changed = addon::give_back(stage, (name, nonce), former).await?;
        changed.into_iter().for_each(|one| stage.tell(Event::Note(Note::AddonValue(one))));
    }
    remove_configs(&api).await.map_err(refused)?;
    stage.tell(Event::Note(Note::GivenBack { cluster: name.to_string() }));
    Ok(())
}

/// The variables that were set, with their former values; aws-node's default where they had none.
fn daemon_set(former: &KeptSettings) -> Value {
    let wanted = former.wanted();
    let names = wanted["env"].as_object().into_iter().flatten().map(|(name, _)| name);
    let default = |name: &str| aws_node::find(name).map(|row| row.default.to_string());
    let value = |name: &String| former.ran.get(name).cloned().or_else(|| default(name));
    let env: Vec<Value> = names
        .map(|name| json!({ "name": name, "value": value(name).unwrap_or_default() }))
        .collect();
    let containers = json!([{ "name": AWS_NODE, "env": env }]);
    json!({
        "apiVersion": "apps/v1",
        "kind": DAEMON_SET.kind,
        "metadata": { "name": eks::AWS_NODE, "namespace": "kube-system" },
        "spec": { "template": { "spec": { "containers": containers } } },
    })
}

async fn remove_configs(api: &impl Kubernetes) -> Answer<()> {
    let configs = api.list(&ENI_CONFIG).await?;
    let own = configs.iter().filter(|one| one["metadata"]["labels"][MANAGED_BY.0] == MANAGED_BY.1);
    for name in own.filter_map(|one| one["metadata"]["name"].as_str()) {
        api.delete(&ENI_CONFIG, name).await?;
    }
    Ok(())
}
