//! Patches, as they are applied to the finished template.

use serde_json::{Map, Value, json};

use crate::blueprint::{Blueprint, model};
use crate::diagnostic::Diagnostic;
use crate::rules::PAT_01;

/// Which resources a patch is for.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// All of a type.
    Type(String),
    /// The one with this logical id.
    Resource(String),
}

/// Properties of resources, to be set and taken out.
#[derive(Clone, Debug, PartialEq)]
pub struct Patch {
    /// `patches[2]`
    pub path: String,
    pub target: Target,
    /// References are in their long form, `{"Fn::GetAtt": [id, attribute]}`.
    pub set: Map<String, Value>,
    /// Paths with slashes.
    pub remove: Vec<String>,
    /// Properties that nobody knows are accepted.
    pub unchecked: bool,
}

/// In the blueprint's order; a patch without one target, or without a change, is a finding and left out (rule PAT-01).
pub fn resolve(blueprint: &Blueprint, findings: &mut Vec<Diagnostic>) -> Vec<Patch> {
    let written = blueprint.patches.iter().flatten().enumerate();
    written.filter_map(|(at, one)| patch(one, format!("patches[{at}]"), findings)).collect()
}

fn patch(written: &model::Patch, path: String, findings: &mut Vec<Diagnostic>) -> Option<Patch> {
    let set = written.set.clone().unwrap_or_default();
    let remove = written.remove.clone().unwrap_or_default();
    let target = match (written.kind.clone(), written.resource.clone()) {
        (Some(kind), None) => Target::Type(kind),
        (None, Some(id)) => Target::Resource(id),
        (Some(_), Some(_)) => {
            let finding = PAT_01.at(&path, "the patch names both a `type` and a `resource`");
            findings.push(finding.hint("keep one of the two"));
            return None;
        }
        (None, None) => {
            let finding = PAT_01.at(&path, "the patch does not say what it is for");
            findings
                .push(finding.hint("set `type: AWS::EKS::Cluster`, or `resource` to a logical id"));
            return None;
        }
    };
    if set.is_empty() && remove.is_empty() {
        let finding = PAT_01.at(&path, "the patch changes nothing");
        findings.push(finding.hint("set properties with `set`, or remove them with `remove`"));
        return None;
    }
    let set = set.iter().map(|(name, value)| (name.clone(), spelled_out(value))).collect();
    Some(Patch { path, target, set, remove, unchecked: written.unchecked.unwrap_or(false) })
}

/// `{"Fn::GetAtt": "Cluster.Arn"}` is YAML's form; the template is JSON for the API.
fn spelled_out(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(spelled_out).collect(),
        Value::Object(map) => {
            let one = |(name, inner): (&String, &Value)| match (name.as_str(), inner) {
                ("Fn::GetAtt", Value::String(text)) => {
                    let (id, attribute) = text.split_once('.').unwrap_or((text, ""));
                    (name.clone(), json!([id, attribute]))
                }
                _ => (name.clone(), spelled_out(inner)),
            };
            Value::Object(map.iter().map(one).collect())
        }
        value => value.clone(),
    }
}
