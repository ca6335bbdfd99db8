//! Pods of add-ons that the author sends to nodes which no node group has.

use serde_json::Value;

use crate::blueprint::model::{Taint, TaintEffect};
use crate::diagnostic::Diagnostic;
use crate::facts::addons as facts;
use crate::intent::{Addon, Cluster, NodeGroup};
use crate::rules::ADD_10;

/// Rule ADD-10, where the configuration of an add-on names tolerations or a node selector: every node group that has nodes fails one of
/// them. Nodes of Auto Mode, Karpenter and Fargate may come with what the pods want.
pub(super) fn check(cluster: &Cluster) -> Vec<Diagnostic> {
    let others = cluster.auto.is_some() || cluster.karpenter.is_some();
    if others || !cluster.fargate.is_empty() {
        return Vec::new();
    }
    let groups =
        || cluster.node_groups.iter().filter(|group| 0 < group.desired && !group.ami.is_windows());
    let waits = |addon: &&Addon| facts::find(&addon.name).is_some_and(|row| row.deployed);
    let lost = |addon: &&Addon| {
        let wishes = Wishes::of(addon);
        wishes.are_told() && groups().next().is_some() && !groups().any(|group| wishes.fit(group))
    };
    cluster.addons.iter().filter(waits).filter(lost).map(finding).collect()
}

fn finding(addon: &Addon) -> Diagnostic {
    let message = format!(
        "no node group has nodes for what `configuration` says of the pods of `{}`: they stay pending, and the add-on fails after 20 minutes",
        addon.name
    );
    ADD_10.at(&addon.path, message).hint(
        "tolerate the taints of a node group, and select by labels that it has; or remove `tolerations` and `nodeSelector`",
    )
}

struct Wishes<'a> {
    tolerations: Option<&'a Vec<Value>>,
    selector: Option<&'a serde_json::Map<String, Value>>,
}

impl<'a> Wishes<'a> {
    fn of(addon: &'a Addon) -> Self {
        Self {
            tolerations: addon.configuration.get("tolerations").and_then(Value::as_array),
            selector: addon.configuration.get("nodeSelector").and_then(Value::as_object),
        }
    }

    fn are_told(&self) -> bool {
        self.tolerations.is_some() || self.selector.is_some()
    }

    fn fit(&self, group: &NodeGroup) -> bool {
        let keeps_off = |taint: &&Taint| !matches!(taint.effect, TaintEffect::PreferNoSchedule);
        let tolerated = |taint: &Taint| {
            // Which of them an add-on has by itself is its own matter.
            self.tolerations.is_none_or(|all| all.iter().any(|one| tolerates(one, taint)))
        };
        let selected = |(key, value): (&String, &Value)| has_label(group, key, value);
        group.taints.iter().filter(keeps_off).all(tolerated)
            && self.selector.is_none_or(|labels| labels.iter().all(selected))
    }
}

/// Source: Kubernetes, taints and tolerations, read 2026-11-29.
fn tolerates(toleration: &Value, taint: &Taint) -> bool {
    let word = |key: &str| toleration[key].as_str().unwrap_or_default();
    let effect = match taint.effect {
        TaintEffect::NoSchedule => "NoSchedule",
        TaintEffect::PreferNoSchedule => "PreferNoSchedule",
        TaintEffect::NoExecute => "NoExecute",
    };
    let same = word("key") == taint.key;
    let held = match word("operator") {
        "Exists" => word("key").is_empty() || same,
        _ => same && word("value") == taint.value.as_deref().unwrap_or_default(),
    };
    held && (word("effect").is_empty() || word("effect") == effect)
}

/// Labels that Kubernetes and EKS give are taken to be there, but for the name of the node group.
fn has_label(group: &NodeGroup, key: &str, value: &Value) -> bool {
    if key == "eks.amazonaws.com/nodegroup" && !group.per_zone {
        return value.as_str() == Some(group.name.as_str());
    }
    let given = ["kubernetes.io/", "k8s.io/", "eks.amazonaws.com/", "k8s.aws/"];
    given.iter().any(|domain| key.contains(domain))
        || group.labels.get(key).is_some_and(|own| value.as_str() == Some(own.as_str()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_toleration_holds_as_the_scheduler_says() {
        let taint = |value: Option<&str>| Taint {
            key: "team".into(),
            value: value.map(str::to_string),
            effect: TaintEffect::NoSchedule,
        };
        for (toleration, value, held) in [
            (json!({ "operator": "Exists" }), Some("a"), true),
            (json!({ "key": "team", "operator": "Exists" }), Some("a"), true),
            (json!({ "key": "other", "operator": "Exists" }), Some("a"), false),
            (json!({ "key": "team", "value": "a" }), Some("a"), true),
            (json!({ "key": "team", "operator": "Equal", "value": "b" }), Some("a"), false),
            (json!({ "key": "team", "value": "a", "effect": "NoExecute" }), Some("a"), false),
            (json!({ "key": "team" }), None, true),
        ] {
            assert_eq!(tolerates(&toleration, &taint(value)), held, "{toleration} {value:?}");
        }
    }
}
