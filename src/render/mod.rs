//! Stage 5, `template`: every resource of the graph is filled into `templates/<kind>.hbs`, parsed at once, and put into one
//! canonical document: YAML for people, compact JSON for the API, the same content.

pub mod aws_node_values;
mod document;
mod eksctl;
pub mod files;
pub mod fill;
pub mod folder;
pub mod keys;
pub mod kubernetes;
pub mod reach;
pub mod sets;
pub mod sizes;

use serde_json::{Map, Value, json};

use crate::diagnostic::Failure;
use crate::graph::Graph;
use crate::ledger::Ledger;
use crate::template::Template;

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
        let mut body = Map::new();
        body.extend(output.description.map(|text| ("Description".to_string(), json!(text))));
        body.insert("Value".to_string(), output.value.clone());
        let export =
            graph.exported_as.as_ref().map(|stack| json!({ "Name": format!("{stack}-{name}") }));
        body.extend(export.map(|export| ("Export".to_string(), export)));
        (name.clone(), Value::Object(body))
    };
    let outputs: Map<String, Value> =
        graph.outputs.iter().map(|(name, one)| output(name, one)).collect();
    let value = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": format!("Network of {stack}, made by eksnet"),
        "Metadata": { "Eksnet": { "Ledger": ledger.held() } },
        "Outputs": outputs,
        "Resources": resources,
    });
    Ok(Template { value })
}
