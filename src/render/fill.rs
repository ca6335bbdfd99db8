//! One template, one set of facts, one value. The escape function writes every value as JSON on one line, so that no value can
//! break, indent or inject into a document; a null is a property that is not there.

use std::sync::OnceLock;

use handlebars::Handlebars;
use include_dir::{Dir, include_dir};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::diagnostic::Failure;

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// What is wrong with a template file.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("{0}")]
    Fill(#[from] Box<handlebars::RenderError>),
    #[error("it does not become YAML: {0}")]
    Parse(#[from] serde_yaml::Error),
}

/// Fills `templates/<name>.hbs` and reads the result.
pub fn fill(name: &str, facts: &Value) -> Result<Value, Fault> {
    let text = registry().render(name, &prepared(facts)).map_err(Box::new)?;
    let value: Value = serde_yaml::from_str(&text)?;
    Ok(pruned(value).unwrap_or(Value::Object(Map::new())))
}

/// The same with facts of any kind; a failure names the template.
pub fn filled(name: &str, facts: &impl Serialize) -> Result<Value, Failure> {
    let attempt = || Failure::new(format!("cannot render templates/{name}.hbs"));
    let facts = serde_json::to_value(facts).map_err(|cause| attempt().because(cause))?;
    fill(name, &facts).map_err(|cause| attempt().because(cause))
}

/// Names of all templates, by path without the ending.
pub fn names() -> Vec<String> {
    let mut names: Vec<String> = registry().get_templates().keys().cloned().collect();
    names.sort();
    names
}

/// The text of `templates/<name>.hbs`.
pub fn text(name: &str) -> Option<&'static str> {
    TEMPLATES.get_file(format!("{name}.hbs"))?.contents_utf8()
}

fn registry() -> &'static Handlebars<'static> {
    static REGISTRY: OnceLock<Handlebars<'static>> = OnceLock::new();
    REGISTRY.get_or_init(|| {
        let mut registry = Handlebars::new();
        registry.set_strict_mode(true);
        registry.register_escape_fn(one_line_of_json);
        for file in files(&TEMPLATES) {
            let name = file.path().with_extension("").to_string_lossy().replace('\\', "/");
            let text = file.contents_utf8().unwrap_or_default();
            registry
                .register_template_string(&name, text)
                .expect("the templates are Handlebars, as a test holds");
        }
        registry
    })
}

fn files<'d>(dir: &'d Dir<'static>) -> Vec<&'d include_dir::File<'static>> {
    let inner = dir.dirs().flat_map(files);
    dir.files()
        .filter(|file| file.path().extension().is_some_and(|ending| ending == "hbs"))
        .chain(inner)
        .collect()
}

/// What arrives here is JSON already (see [`prepared`]); anything else becomes a JSON string.
fn one_line_of_json(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(value) => value.to_string(),
        Err(_) => Value::String(text.to_string()).to_string(),
    }
}

/// Each value as its JSON text: a string `5` stays apart from the number, and a line break is `\n`.
fn prepared(facts: &Value) -> Value {
    let fields = facts.as_object().into_iter().flatten();
    Value::Object(
        fields.map(|(name, value)| (name.clone(), Value::String(value.to_string()))).collect(),
    )
}

/// Without nulls, and without what holds nothing but nulls. Lists and maps that were written empty stay.
fn pruned(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Object(map) if !map.is_empty() => {
            let kept: Map<String, Value> = map
                .into_iter()
                .filter_map(|(key, inner)| pruned(inner).map(|inner| (key, inner)))
                .collect();
            let waits_for_nothing = |key: &String, value: &Value| {
                key == "DependsOn" && value.as_array().is_some_and(Vec::is_empty)
            };
            let kept: Map<String, Value> =
                kept.into_iter().filter(|(key, value)| !waits_for_nothing(key, value)).collect();
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        Value::Array(items) => Some(Value::Array(items.into_iter().filter_map(pruned).collect())),
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn no_value_breaks_out_of_its_place() {
        for wild in [
            "x\nType: AWS::IAM::User",
            "\"}, {\"Ref\": \"Secret\"",
            "{{cidr}}",
            "# no",
            "- a",
            "'",
            "\\",
            "\u{2028}",
            "!Ref X",
            "*a",
            "&b",
            "no",
            "5",
        ] {
            let facts = json!({ "cidr": wild, "ipam_pool": null, "netmask": null, "tags": [{ "Key": wild, "Value": wild }] });
            let vpc = fill("ec2/vpc", &facts).unwrap();
            assert_eq!(vpc["Type"], "AWS::EC2::VPC");
            assert_eq!(vpc["Properties"]["CidrBlock"], wild);
            assert_eq!(vpc["Properties"]["Tags"][0]["Key"], wild);
            let keys: Vec<&String> = vpc.as_object().unwrap().keys().collect();
            assert_eq!(
                keys,
                ["DeletionPolicy", "Properties", "Type", "UpdateReplacePolicy"],
                "{wild}"
            );
        }
    }

    #[test]
    fn a_missing_variable_is_a_fault_and_not_an_empty_property() {
        assert!(fill("ec2/vpc", &json!({ "tags": [] })).is_err());
    }

    #[test]
    fn a_null_is_a_property_that_is_not_there() {
        let facts = json!({ "reservation": null, "vpc": 1, "cidr": "c", "zone_id": "z", "zone_name": null, "ipv6_cidr": null, "ipv6_addresses": null, "public_addresses": false, "tags": [], "depends_on": [] });
        let subnet = fill("ec2/subnet", &facts).unwrap();
        assert!(subnet["Properties"].get("AvailabilityZone").is_none());
        assert_eq!(subnet["Properties"]["Tags"], json!([]));
        assert!(subnet.get("DependsOn").is_none());
    }
}
