//! A CloudFormation template as a value in canonical order: rendered, read from a stack, or from a file.

#![warn(missing_docs)]

mod parse;
pub mod text;
mod yaml;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::diagnostic::Failure;

pub use yaml::{to_yaml, word};

/// A CloudFormation template in canonical order.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(transparent)]
pub struct Template {
    /// The document itself, its keys in canonical order.
    pub value: Value,
}

impl Template {
    /// Reads a template in JSON or YAML, CloudFormation's short forms (`!Ref`) included.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        parse::parse(text).map(|value| Self { value })
    }

    /// The template of a stack that does not exist.
    pub fn nothing() -> Self {
        Self { value: json!({ "Resources": {} }) }
    }

    /// Whether it has no resource.
    pub fn is_empty(&self) -> bool {
        self.resources().next().is_none()
    }

    /// Its resources, by logical id.
    pub fn resources(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.value["Resources"].as_object().into_iter().flatten()
    }

    /// One of its resources, with `Type`, `Properties` and the attributes beside them.
    pub fn resource(&self, id: &str) -> Option<&Value> {
        self.value["Resources"].get(id)
    }

    /// Compact JSON, as the API is sent it.
    pub fn to_json(&self) -> String {
        self.value.to_string()
    }

    /// YAML for people, the same content.
    pub fn to_yaml(&self) -> String {
        to_yaml(&self.value)
    }
}

/// Whether CloudFormation leaves a resource alone once its template no longer has it, or deletes its stack.
pub fn outlives_its_stack(resource: &Value) -> bool {
    is_retained(resource, "DeletionPolicy")
}

/// Whether CloudFormation leaves what a replaced resource was.
pub fn outlives_its_replacement(resource: &Value) -> bool {
    is_retained(resource, "UpdateReplacePolicy")
}

/// `RetainExceptOnCreate` retains whatever once stood.
fn is_retained(resource: &Value, policy: &str) -> bool {
    resource[policy].as_str().is_some_and(|policy| policy.starts_with("Retain"))
}

/// Every text in a value, however deep.
pub fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(map) => map.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}
