//! Configuration values for the aws-node of a cluster that others made: what the blueprint sets, over what is there. Keys of others stay,
//! keys that an earlier deployment set and the blueprint gave up go back, and what the blueprint says wins.

use serde_json::{Map, Value};

use crate::address::AddressPlan;
use crate::facts::eks;
use crate::graph;
use crate::intent::{Cluster, Intent};
use crate::ledger::{HeldCluster, KeptSettings, settings};

/// The merged values, for whoever owns the add-on of a cluster that exists.
pub fn merged(intent: &Intent, cluster: &Cluster, plan: &AddressPlan) -> Option<String> {
    let held = cluster.existing.as_ref()?;
    if !cluster.aws_node.is_addon() {
        return None;
    }
    let merged = settings::over(&values(held), &wanted(intent, cluster, plan));
    Some(serde_json::to_string_pretty(&merged).unwrap_or_default() + "\n")
}

/// What the blueprint sets and what was there before, where a deployment sets it.
pub fn kept(intent: &Intent, plan: &AddressPlan) -> Option<KeptSettings> {
    let cluster = intent.cluster.as_ref()?;
    let held = cluster.existing.as_ref().filter(|_| cluster.sets_aws_node())?;
    let set = wanted(intent, cluster, plan);
    Some(KeptSettings::new(&set, (&values(held), &held.aws_node)))
}

/// The add-on's values without the blueprint's.
fn values(held: &HeldCluster) -> Value {
    let addon = held.addons.iter().find(|addon| addon.name == eks::VPC_CNI);
    let configuration = addon.and_then(|addon| addon.configuration.as_deref());
    configuration.map_or_else(|| Value::Object(Map::new()), settings::value)
}

/// What the blueprint asks for and does not run so already.
fn wanted(intent: &Intent, cluster: &Cluster, plan: &AddressPlan) -> Value {
    let mut own = graph::aws_node_of_others(intent, cluster, plan);
    if let Value::Object(values) = &mut own {
        // ENIConfigs are objects of their own here: they are there before the setting is.
        values.remove("eniConfig");
    }
    if cluster.aws_node.custom_networking.is_some() {
        plain(&mut own);
    }
    own
}

/// As the author wrote it, not as `Fn::Sub` reads it.
fn plain(value: &mut Value) {
    match value {
        Value::String(text) => *text = text.replace("${!", "${"),
        Value::Object(map) => map.values_mut().for_each(plain),
        _ => {}
    }
}
