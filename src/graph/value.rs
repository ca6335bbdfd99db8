//! References and tags as CloudFormation writes them.

use std::collections::BTreeSet;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::intent::{Intent, Tags};

/// `{"Ref": id}`; of what exists its id in EC2, as it is: logical ids have no `-`.
#[derive(Clone, Debug)]
pub struct Ref(pub String);

/// `{"Fn::GetAtt": [id, attribute]}`
#[derive(Clone, Debug)]
pub struct GetAtt(pub String, pub &'static str);

impl Serialize for Ref {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.contains('-') {
            return serializer.serialize_str(&self.0);
        }
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("Ref", &self.0)?;
        map.end()
    }
}

impl Serialize for GetAtt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("Fn::GetAtt", &[&self.0, self.1])?;
        map.end()
    }
}

/// `{"Fn::Sub": text}`
#[derive(Clone, Debug)]
pub struct Sub(pub String);

impl Serialize for Sub {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("Fn::Sub", &self.0)?;
        map.end()
    }
}

/// A tag as most types of CloudFormation take it: `Key` and `Value`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tag {
    pub key: String,
    pub value: String,
}

/// The blueprint's tags, then those of the resource's own kind, then its name.
pub fn tags(intent: &Intent, name: &str, own: &Tags) -> Vec<Tag> {
    let mut all = intent.tags.clone();
    all.extend(own.clone());
    all.entry("Name".to_string()).or_insert_with(|| format!("{}-{name}", intent.name));
    list(all)
}

pub fn list(tags: Tags) -> Vec<Tag> {
    tags.into_iter().map(|(key, value)| Tag { key, value }).collect()
}

/// An AWS managed policy of the stack's partition.
pub fn managed_policies(names: &[&str]) -> Vec<Sub> {
    names
        .iter()
        .map(|name| Sub(format!("arn:${{AWS::Partition}}:iam::aws:policy/{name}")))
        .collect()
}

/// Whether a JSON object is one of CloudFormation's functions rather than a structure.
pub fn is_intrinsic(value: &Value) -> bool {
    let single = value.as_object().filter(|map| map.len() == 1).and_then(|map| map.keys().next());
    single.is_some_and(|key| key == "Ref" || key.starts_with("Fn::"))
}

/// The logical ids that a value refers to, and those named in a list of waits (`depends_on`, `DependsOn`).
pub fn references(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(value, &mut found);
    found
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(map) => {
            for (key, inner) in map {
                match (key.as_str(), inner) {
                    ("Ref", Value::String(id)) => _ = found.insert(id.clone()),
                    ("Fn::GetAtt", Value::Array(parts)) => {
                        found.extend(parts.first().and_then(Value::as_str).map(str::to_string))
                    }
                    ("Fn::Sub", Value::String(text)) => found.extend(substituted(text)),
                    ("Fn::Sub", Value::Array(parts)) => in_parts(parts, found),
                    ("depends_on" | "DependsOn", Value::Array(ids)) => {
                        found.extend(ids.iter().filter_map(Value::as_str).map(str::to_string))
                    }
                    _ => collect(inner, found),
                }
            }
        }
        _ => {}
    }
    found.retain(|id| !id.starts_with("AWS::"));
}

/// A text with names of its own: what these stand for, and the ids that it names beside them.
fn in_parts(parts: &[Value], found: &mut BTreeSet<String>) {
    let own = parts.get(1).unwrap_or(&Value::Null);
    let named = parts.first().and_then(Value::as_str).into_iter().flat_map(substituted);
    found.extend(named.filter(|name| own.get(name).is_none()));
    collect(own, found);
}

/// The ids in `${Id}` and `${Id.Attribute}`; `${!Text}` stays as it is.
fn substituted(text: &str) -> impl Iterator<Item = String> {
    placeholders(text).map(|name| name.split('.').next().unwrap_or(name).to_string())
}

/// What stands in the braces of a text that CloudFormation fills in.
pub fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    let pieces = text.split("${").skip(1).filter_map(|piece| piece.split_once('}'));
    pieces.map(|(name, _)| name).filter(|name| !name.starts_with('!'))
}
