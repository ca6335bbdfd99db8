//! The configuration values of an add-on that exists, with what the blueprint asks for: a three-way merge. Keys of others stay, keys that
//! an earlier deployment set and the blueprint gave up go, and what the blueprint says wins.

use serde_json::{Map, Value};

use crate::address::AddressPlan;
use crate::facts::eks;
use crate::graph;
use crate::intent::{Cluster, Intent};

/// The merged values, for whoever owns the add-on of a cluster that exists.
pub fn merged(intent: &Intent, cluster: &Cluster, plan: &AddressPlan) -> Option<String> {
    let held = cluster.existing.as_ref()?;
    if !cluster.aws_node.is_addon() {
        return None;
    }
    let addon = held.addons.iter().find(|addon| addon.name == eks::VPC_CNI);
    let current = addon.and_then(|addon| addon.configuration.as_ref());
    let current: Value = current
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_else(|| Value::Object(Map::new()));
    let mut own = graph::aws_node_values(intent, cluster, plan);
    // ENIConfigs are objects of their own here: they are there before the setting is.
    if let Value::Object(values) = &mut own {
        values.remove("eniConfig");
    }
    let merged = merge(&current, &Value::Null, &own);
    Some(serde_json::to_string_pretty(&merged).unwrap_or_default() + "\n")
}

/// `theirs` as it is now, `before` as an earlier deployment left it, `own` as it is wanted.
pub fn merge(theirs: &Value, before: &Value, own: &Value) -> Value {
    let (Value::Object(theirs), Value::Object(own)) = (theirs, own) else { return own.clone() };
    let mut merged = theirs.clone();
    if let Value::Object(before) = before {
        merged.retain(|key, _| own.contains_key(key) || !before.contains_key(key));
    }
    for (key, value) in own {
        let there = theirs.get(key).cloned().unwrap_or_else(|| Value::Object(Map::new()));
        merged.insert(key.clone(), merge(&there, &before[key], value));
    }
    Value::Object(merged)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_of_others_stay_and_own_ones_that_were_given_up_go() {
        let theirs = json!({ "env": { "A": "1", "B": "2", "C": "3" }, "tolerations": [1] });
        let before = json!({ "env": { "B": "2", "C": "3" } });
        let own = json!({ "env": { "C": "4", "D": "5" } });
        let merged = merge(&theirs, &before, &own);
        assert_eq!(merged, json!({ "env": { "A": "1", "C": "4", "D": "5" }, "tolerations": [1] }));
    }
}
