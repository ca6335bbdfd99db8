//! Settings of aws-node in a cluster that others made: no resource of the stack shows them, so they are compared with what the survey read.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::facts::aws_node::Container;
use crate::facts::eks::VPC_CNI;
use crate::facts::kinds::Replacement;
use crate::facts::kubernetes::ENI_CONFIG;
use crate::intent::Cluster;
use crate::ledger::{KeptSettings, settings};
use crate::line::Compiled;
use crate::observed::{Part, Stack, Survey};
use crate::survey::{found, items};
use crate::template::Template;

use super::aws_node::{self, KEPT};
use super::nodes_of_others;
use super::{
    Action, AddonChange, Change, Differs, KubernetesChanges, Notice, Preview, PropertyChange,
};

/// What a deployment would change of it, without a word of the cluster's own API; nothing where the blueprint sets nothing of it.
pub fn of(compiled: &Compiled, before: &Template) -> KubernetesChanges {
    let set = |cluster: &&Cluster| cluster.sets_aws_node();
    let Some(cluster) = compiled.intent.cluster.as_ref().filter(set) else {
        return KubernetesChanges::default();
    };
    let survey = compiled.observed.survey.as_deref();
    let mut changes = match cluster.aws_node.is_addon() {
        true => addon(compiled, before, survey),
        false => self_managed(cluster, survey),
    };
    changes
        .differs
        .extend(survey.into_iter().flat_map(|survey| configs(compiled, cluster, survey)));
    changes.with_nodes(compiled)
}

fn unknown(why: String) -> KubernetesChanges {
    KubernetesChanges { unread: Some(why), ..KubernetesChanges::default() }
}

fn addon(compiled: &Compiled, before: &Template, survey: Option<&Survey>) -> KubernetesChanges {
    let deployed = Stack::of(before).kept_settings();
    let now = match survey.map(|survey| &survey.eks.addons) {
        Some(Part::Read(addons)) => {
            let addon = addons.iter().find(|addon| addon.name == VPC_CNI);
            let values = addon.and_then(|addon| addon.configuration.as_ref());
            values.map_or(json!({}), |values| settings::value(&values.to_string()))
        }
        Some(Part::Unread(refusal)) => {
            return unknown(format!("the add-on's values were not read ({refusal})"));
        }
        _ => remembered(compiled, deployed.as_ref()),
    };
    let base = deployed.map_or_else(|| now.clone(), |deployed| deployed.without(&now));
    let wanted = compiled.plan.ledger.kept.aws_node.as_ref().map(KeptSettings::wanted);
    let then = wanted.as_ref().map_or_else(|| base.clone(), |own| settings::over(&base, own));
    let kept = foreign("", &then, &wanted.unwrap_or_default());
    let changed = now != then;
    let changes = KubernetesChanges { differs: differing("", &now, &then), ..changes(&now, &then) };
    let addon = AddonChange { name: VPC_CNI.to_string(), before: now, after: then, kept };
    KubernetesChanges { addon: Some(addon).filter(|_| changed), ..changes }
}

/// As the lock remembers it: what others set, and what the last deployment did.
fn remembered(compiled: &Compiled, deployed: Option<&KeptSettings>) -> Value {
    let held = compiled.intent.occupied.as_ref().and_then(|held| held.cluster.as_ref());
    let addon = held.and_then(|held| held.addons.iter().find(|addon| addon.name == VPC_CNI));
    let values = addon.and_then(|addon| addon.configuration.as_deref());
    let theirs = settings::value(values.unwrap_or_default());
    deployed.map_or(theirs.clone(), |own| settings::over(&theirs, &own.wanted()))
}

/// Variables of a DaemonSet that no add-on manages.
fn self_managed(cluster: &Cluster, survey: Option<&Survey>) -> KubernetesChanges {
    let Some(Part::Read(Some(_))) = survey.map(|survey| &survey.kubernetes.aws_node) else {
        return unknown("the DaemonSet aws-node is not in the survey".to_string());
    };
    let now = survey.map(found::settings).unwrap_or_default();
    let wanted = cluster.aws_node.settings.of(Container::Main);
    let wanted: BTreeMap<String, String> =
        wanted.map(|(name, value)| (name.to_string(), value)).collect();
    let now: BTreeMap<&String, &String> =
        now.iter().filter(|(name, _)| wanted.contains_key(*name)).collect();
    let (now, then) = (json!({ "env": now }), json!({ "env": wanted }));
    KubernetesChanges { differs: differing("", &now, &then), ..changes(&now, &then) }
}

/// Of the whole, setting by setting.
pub fn changes(now: &Value, then: &Value) -> KubernetesChanges {
    // One by one, also where there were none.
    let each =
        |values: &Value| settings::over(&json!({ "env": {}, "init": { "env": {} } }), values);
    let found = super::properties::differences(&each(now), &each(then)).into_iter();
    let values = found
        .map(|one| PropertyChange { property: format!("{KEPT}/{}", one.property), ..one })
        .collect();
    KubernetesChanges { values, ..KubernetesChanges::default() }
}

/// Zones of the pods' tier that have no ENIConfig yet.
fn configs(compiled: &Compiled, cluster: &Cluster, survey: &Survey) -> Vec<Differs> {
    let custom = cluster.aws_node.custom_networking.as_ref();
    let tier = custom.and_then(|custom| compiled.intent.tier(&custom.tier));
    let zones = tier.into_iter().flat_map(|tier| &tier.zones).filter_map(|zone| zone.name.as_ref());
    let configs = &survey.kubernetes.eni_configs;
    let is_there = |name: &&String| items(configs).iter().any(|config| config.name == **name);
    let missing = zones.filter(|name| configs.read().is_some() && !is_there(name));
    let made = |name: &String| Differs {
        what: format!("{} {name}", ENI_CONFIG.kind),
        before: None,
        after: Some("created".to_string()),
        setter: None,
        overwritten: false,
    };
    missing.map(made).collect()
}

/// Leaf by leaf: `vpc-cni env.WARM_IP_TARGET: unset → 2`.
pub fn differing(place: &str, now: &Value, then: &Value) -> Vec<Differs> {
    if let (Value::Object(one), Value::Object(other)) = (now, then) {
        let keys: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
        let inner = |key: &String| {
            let place = if place.is_empty() { key.clone() } else { format!("{place}.{key}") };
            differing(&place, &one.get(key).cloned().unwrap_or_default(), &then[key])
        };
        return keys.into_iter().flat_map(inner).collect();
    }
    if let (Value::Null, Value::Object(_)) = (now, then) {
        return differing(place, &Value::Object(Default::default()), then);
    }
    if now == then {
        return Vec::new();
    }
    let text = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let what = format!("{VPC_CNI} {place}");
    let (before, after) = (text(now), text(then));
    vec![Differs { what, before, after, setter: None, overwritten: false }]
}

/// Keys of others, which stay.
pub fn foreign(place: &str, values: &Value, own: &Value) -> Vec<String> {
    let entries = values.as_object().into_iter().flatten();
    let keys = entries.flat_map(|(key, value)| {
        let place = if place.is_empty() { key.clone() } else { format!("{place}.{key}") };
        match own.get(key) {
            None => vec![place],
            Some(inner) if value.is_object() => foreign(&place, value, inner),
            Some(_) => Vec::new(),
        }
    });
    keys.collect()
}

impl KubernetesChanges {
    /// The settings as one change, for what it means for running nodes.
    pub(super) fn change(&self) -> Option<Change> {
        let change = Change {
            id: VPC_CNI.into(),
            kind: "AWS::EKS::Addon".into(),
            action: Action::Modify,
            replacement: Replacement::Never,
            because: self.values.clone(),
            impact: Notice::default(),
            path: String::new(),
        };
        let impact = Some(aws_node::effects(&change)).filter(|effects| !effects.is_empty())?;
        Some(Change { impact: Notice::Settings(impact), ..change })
    }

    /// With the nodes of others that keep the former settings.
    pub fn with_nodes(self, compiled: &Compiled) -> Self {
        let nodes =
            if self.is_for_new_nodes() { nodes_of_others::of(compiled) } else { Vec::new() };
        Self { nodes, ..self }
    }

    /// Whether running nodes keep what they have until they are replaced.
    pub fn is_for_new_nodes(&self) -> bool {
        self.change().is_some_and(|change| aws_node::for_new_nodes(&change))
    }
}

impl Preview {
    /// With what changes beside the stack, and what that means for running nodes.
    pub fn with_beside(mut self, beside: KubernetesChanges) -> Self {
        let own: Vec<Change> = beside.change().into_iter().collect();
        self.impact.extend(super::impact::consequences(&own));
        Self { beside, ..self }
    }
}
