//! Stage 5, `template`: every resource of the graph is filled into `templates/<kind>.hbs`, parsed at once, and put into one
//! canonical document: YAML for people, compact JSON for the API, the same content.

mod eksctl;
pub mod files;
pub mod fill;
pub mod kubernetes;
mod parse;
pub mod reach;
mod yaml;

use serde_json::{Map, Value, json};

use crate::address::Ledger;
use crate::diagnostic::Failure;
use crate::graph::Graph;

pub use yaml::to_yaml;

/// A CloudFormation template in canonical order.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
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

    pub fn resources(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.value["Resources"].as_object().into_iter().flatten()
    }

    pub fn resource(&self, id: &str) -> Option<&Value> {
        self.value["Resources"].get(id)
    }

    /// The ledger of the addresses in it, if eksnet wrote it.
    pub fn ledger(&self) -> Option<Ledger> {
        serde_json::from_value(self.value["Metadata"]["Eksnet"]["Ledger"].clone()).ok()
    }

    pub fn to_json(&self) -> String {
        self.value.to_string()
    }

    pub fn to_yaml(&self) -> String {
        to_yaml(&self.value)
    }
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

/// A failure is a fault of a template file: it names resource, template and what is wrong.
pub fn template(graph: &Graph, ledger: &Ledger, stack: &str) -> Result<Template, Failure> {
    let mut resources = Map::new();
    for (id, resource) in &graph.resources {
        let filled = fill::fill(resource.template, &resource.facts);
        let body = filled.map_err(|cause| {
            Failure::new(format!("cannot render `{id}` with templates/{}.hbs", resource.template))
                .because(cause)
        })?;
        resources.insert(id.clone(), body);
    }
    let output = |name: &String, output: &crate::graph::Output| {
        (name.clone(), json!({ "Description": output.description, "Value": output.value }))
    };
    let outputs: Map<String, Value> =
        graph.outputs.iter().map(|(name, one)| output(name, one)).collect();
    let value = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": format!("Network of {stack}, made by eksnet"),
        "Metadata": { "Eksnet": { "Ledger": ledger.settled() } },
        "Outputs": outputs,
        "Resources": resources,
    });
    Ok(Template { value })
}
