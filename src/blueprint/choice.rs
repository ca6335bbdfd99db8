//! What one alternative of the JSON Schema takes.

use serde_json::Value;

use super::node::{Kind, real, whole};

pub fn required(schema: &Value) -> Vec<&str> {
    schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

pub fn allows(schema: &Value, kind: &str) -> bool {
    match &schema["type"] {
        Value::String(only) => only == kind,
        Value::Array(several) => several.iter().any(|one| one == kind),
        _ => false,
    }
}

/// `true`, or nothing but a description.
pub fn is_anything(schema: &Value) -> bool {
    let silent = ["type", "enum", "const", "$ref", "anyOf", "oneOf"];
    schema == &Value::Bool(true)
        || schema.is_object() && silent.iter().all(|word| schema[word].is_null())
}

/// The fixed words a value may be.
pub fn words<'s>(choices: &[&'s Value]) -> Vec<&'s str> {
    let listed = choices.iter().flat_map(|choice| choice["enum"].as_array().into_iter().flatten());
    let single = choices.iter().map(|choice| &choice["const"]);
    listed.chain(single).filter_map(Value::as_str).collect()
}

/// What a scalar is to one of the alternatives; `None`: it is not one of its values.
pub fn kind(schema: &Value, text: &str, plain: bool) -> Option<Kind> {
    let free_text =
        allows(schema, "string") && schema["enum"].is_null() && schema["const"].is_null();
    if free_text {
        return Some(Kind::Text);
    }
    if !plain {
        return None;
    }
    if allows(schema, "boolean") && matches!(text, "true" | "false") {
        return Some(Kind::Truth);
    }
    if (allows(schema, "integer") || allows(schema, "number")) && whole(text).is_some() {
        return Some(Kind::Whole);
    }
    (allows(schema, "number") && real(text).is_some()).then_some(Kind::Real)
}

pub fn within(schema: &Value, text: &str) -> bool {
    let (low, high) = bounds(schema);
    whole(text).is_some_and(|number| low <= number && number <= high)
}

pub fn bounds(schema: &Value) -> (i64, i64) {
    let most = if schema["format"] == "uint32" { i64::from(u32::MAX) } else { i64::MAX };
    (schema["minimum"].as_i64().unwrap_or(i64::MIN), schema["maximum"].as_i64().unwrap_or(most))
}
