//! The template of a part.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::graph::references;
use crate::template::Template;

use super::draft::{Course, Draft};
use super::order::Levels;

/// The stack after all steps up to part `level`. The ledger is that of the target from the first part on: it knows every subnet of either
/// side.
pub fn template(draft: &Draft<'_>, levels: &Levels, level: usize) -> Template {
    let mut resources = Map::new();
    let ids = draft.before.resources().chain(draft.after.resources()).map(|(id, _)| id);
    for id in ids {
        let own = match draft.courses.get(id) {
            Some(course) => state(course, levels, level).cloned(),
            None => draft.after.resource(id).cloned(),
        };
        _ = own.map(|own| resources.insert(id.clone(), own));
    }
    let there: BTreeSet<String> = resources.keys().cloned().collect();
    for (_, resource) in &mut resources {
        if let Some(waits) = resource.get_mut("DependsOn").and_then(Value::as_array_mut) {
            waits.retain(|id| id.as_str().is_some_and(|id| there.contains(id)));
        }
    }
    let mut value = draft.after.value.clone();
    let outputs = outputs(draft, &resources);
    value["Resources"] = Value::Object(resources);
    if let Some(map) = value.as_object_mut() {
        match outputs.is_empty() {
            true => _ = map.remove("Outputs"),
            false => _ = map.insert("Outputs".to_string(), Value::Object(outputs)),
        }
    }
    if let Some(version) = addons_for(draft, &value["Resources"]) {
        value["Metadata"]["Eksnet"]["AddonsFor"] = version;
    }
    Template { value }
}

/// The Kubernetes version that add-ons were chosen for, while the control plane has another one: it is upgraded before them, and goes
/// back after them.
fn addons_for(draft: &Draft<'_>, resources: &Value) -> Option<Value> {
    let mut all = draft.before.resources();
    let (id, old) = all.find(|(_, own)| own["Type"] == "AWS::EKS::Cluster")?;
    let version = |own: &Value| own["Properties"]["Version"].clone();
    let (was, is, wanted) =
        (version(old), version(&resources[id]), version(draft.after.resource(id)?));
    if was == wanted {
        return None;
    }
    // What the other version of the control plane would have chosen.
    let (other, chosen) = if is == wanted { (draft.before, was) } else { (draft.after, wanted) };
    let of = |template: &Template, id: &String| {
        template.resource(id).map(|own| own["Properties"]["AddonVersion"].clone())
    };
    let apart = |id: &String| of(draft.before, id) != of(draft.after, id);
    let stands = |(id, own): (&String, &Value)| {
        own["Type"] == "AWS::EKS::Addon" && apart(id) && resources.get(id) == Some(own)
    };
    other.resources().any(stands).then_some(chosen)
}

fn state<'c>(course: &'c Course, levels: &Levels, level: usize) -> Option<&'c Value> {
    let done = course.steps.iter().filter(|step| levels[*step] <= level).count();
    course.states[done].as_ref()
}

/// Outputs stay as they are as long as what they are of exists.
fn outputs(draft: &Draft<'_>, resources: &Map<String, Value>) -> Map<String, Value> {
    let there = |output: &Value| references(output).iter().all(|id| resources.contains_key(id));
    let all = |template: &Template| -> Map<String, Value> {
        template.value["Outputs"].as_object().cloned().unwrap_or_default()
    };
    let (old, new) = (all(draft.before), all(draft.after));
    let kept = old.iter().filter_map(|(name, output)| {
        let changed = new.get(name).filter(|output| there(output));
        let output = Some(output).filter(|output| there(output)).or(changed)?;
        Some((name.clone(), output.clone()))
    });
    kept.collect()
}
