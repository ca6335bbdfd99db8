//! Texts of the finished template, whoever wrote them: no reference to a secret, and no more user data than EC2 takes.

use serde_json::{Map, Value};

use crate::diagnostic::Diagnostic;
use crate::facts::node_config::USER_DATA;
use crate::graph::{Graph, is_intrinsic};
use crate::rules::{BP_07, NG_34};
use crate::template::{Template, text};

pub(super) fn check(graph: &Graph, template: &Template) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for (id, resource) in template.resources() {
        let Some(properties) = resource["Properties"].as_object() else { continue };
        let mut dynamic = Vec::new();
        inside(properties, "", &mut dynamic);
        dynamic.retain(|property| !is_image(property, properties));
        findings.extend(dynamic.iter().map(|property| refused(&place(graph, id, property))));
        findings.extend(user_data(graph, id, properties));
    }
    findings.dedup_by(|one, other| one.path == other.path && one.rule.id == other.rule.id);
    findings
}

fn refused(place: &str) -> Diagnostic {
    BP_07
        .at(place, "CloudFormation would replace `{{resolve:…}}` by a secret or a parameter")
        .hint("write the value itself; nothing in a blueprint is a secret")
}

/// Images that CloudFormation looks up: `ami.ssmParameter`.
fn is_image(property: &str, properties: &Map<String, Value>) -> bool {
    const IMAGE: &str = "LaunchTemplateData/ImageId";
    let image = properties.get("LaunchTemplateData").map(|data| &data["ImageId"]);
    let name = image.and_then(Value::as_str).and_then(|text| text.strip_prefix("{{resolve:ssm:"));
    property == IMAGE
        && name.is_some_and(|name| name.find('}') == Some(name.len().saturating_sub(2)))
}

/// Paths with slashes of every text with a dynamic reference.
fn inside(map: &Map<String, Value>, at: &str, found: &mut Vec<String>) {
    for (name, value) in map {
        let property = if at.is_empty() { name.clone() } else { format!("{at}/{name}") };
        walk(value, &property, found);
    }
}

fn walk(value: &Value, property: &str, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(at, item)| walk(item, &format!("{property}/{at}"), found));
        }
        Value::Object(map) if !is_intrinsic(value) => inside(map, property, found),
        _ if text::may_be_dynamic(&text::text(value)) => found.push(property.to_string()),
        _ => {}
    }
}

fn user_data(graph: &Graph, id: &str, properties: &Map<String, Value>) -> Option<Diagnostic> {
    let data = &properties.get("LaunchTemplateData")?["UserData"];
    let length = text::known_bytes(&text::text(data));
    let bytes = if data["Fn::Base64"].is_null() { length / 4 * 3 } else { length };
    let place = place(graph, id, "LaunchTemplateData/UserData");
    // What a word adds is judged at the word.
    (USER_DATA < bytes && place.starts_with("patches[")).then(|| {
        let message = format!("the nodes' user data has {bytes} bytes; EC2 accepts {USER_DATA}");
        NG_34.at(place, message).hint("put large files into the image, or fetch them at the start")
    })
}

/// Where the blueprint decides a property: the last patch of it, or what makes the resource.
fn place(graph: &Graph, id: &str, property: &str) -> String {
    let holds = |own: &str| {
        property.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let mut patches = graph.patched.iter().rev();
    let patch = patches.find(|patch| patch.id == id && holds(&patch.property));
    let made = || graph.resources.get(id).map(|resource| resource.path.clone());
    patch.map(|patch| patch.path.clone()).or_else(made).unwrap_or_default()
}
