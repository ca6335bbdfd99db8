//! Two values of one resource, property by property.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::graph::is_intrinsic;

use super::PropertyChange;

/// Where `before` and `after` differ, as paths with slashes (`ScalingConfig/MaxSize`, `Tags/team`).
pub fn differences(before: &Value, after: &Value) -> Vec<PropertyChange> {
    let mut found = Vec::new();
    walk("", Some(before), Some(after), &mut found);
    found
}

fn walk(
    path: &str,
    before: Option<&Value>,
    after: Option<&Value>,
    found: &mut Vec<PropertyChange>,
) {
    if before == after {
        return;
    }
    if let (Some(old), Some(new)) = (before.and_then(inside), after.and_then(inside)) {
        return walk(path, Some(&old), Some(&new), found);
    }
    match (before, after) {
        (Some(Value::Object(old)), Some(Value::Object(new)))
            if !opaque(before) && !opaque(after) =>
        {
            let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            keys.into_iter()
                .for_each(|key| walk(&join(path, key), old.get(key), new.get(key), found));
        }
        (Some(Value::Array(old)), Some(Value::Array(new)))
            if by_key(old).is_some() && by_key(new).is_some() =>
        {
            let (old, new) = (by_key(old).unwrap_or_default(), by_key(new).unwrap_or_default());
            let keys: BTreeSet<&str> = old.iter().chain(&new).map(|(key, _)| *key).collect();
            let value = |list: &[(&str, &Value)], key| {
                list.iter().find(|(own, _)| *own == key).map(|(_, value)| (*value).clone())
            };
            for key in keys {
                let (before, after) = (value(&old, key), value(&new, key));
                walk(&join(path, key), before.as_ref(), after.as_ref(), found);
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(new)))
            if old.len() == new.len() && old.iter().chain(new).all(is_plain_map) =>
        {
            old.iter().zip(new).enumerate().for_each(|(at, (old, new))| {
                walk(&join(path, &at.to_string()), Some(old), Some(new), found)
            });
        }
        _ => found.push(PropertyChange {
            property: path.to_string(),
            before: before.cloned(),
            after: after.cloned(),
            ..PropertyChange::default()
        }),
    }
}

fn opaque(value: Option<&Value>) -> bool {
    value.is_some_and(is_intrinsic)
}

fn is_plain_map(value: &Value) -> bool {
    value.is_object() && !is_intrinsic(value)
}

/// The document in a text that is JSON in disguise, as an add-on's configuration is; with what CloudFormation fills in still in braces.
pub fn inside(value: &Value) -> Option<Value> {
    let text = value.as_str().or(value.get("Fn::Sub").and_then(Value::as_str))?;
    serde_json::from_str(text).ok().filter(Value::is_object)
}

/// A list of `{Key, Value}` is a map in disguise.
fn by_key(list: &[Value]) -> Option<Vec<(&str, &Value)>> {
    list.iter().map(|item| Some((item.get("Key")?.as_str()?, item.get("Value")?))).collect()
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_string() } else { format!("{path}/{key}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_tag_is_compared_by_its_key_and_a_reference_as_a_whole() {
        let before = json!({ "Tags": [{ "Key": "a", "Value": "1" }, { "Key": "b", "Value": "2" }], "Id": { "Ref": "A" } });
        let after = json!({ "Tags": [{ "Key": "b", "Value": "3" }], "Id": { "Ref": "B" } });
        let paths: Vec<String> =
            differences(&before, &after).into_iter().map(|because| because.property).collect();
        assert_eq!(paths, ["Id", "Tags/a", "Tags/b"]);
    }

    #[test]
    fn a_document_in_a_text_and_maps_in_a_list_are_compared_inside() {
        let before = json!({ "Values": r#"{"env":{"WARM_IP_TARGET":"5","A":"1"}}"#, "List": [{ "Type": "instance", "Size": 1 }] });
        let after = json!({ "Values": r#"{"env":{"WARM_IP_TARGET":"6","A":"1"}}"#, "List": [{ "Type": "instance", "Size": 2 }] });
        let paths: Vec<String> =
            differences(&before, &after).into_iter().map(|because| because.property).collect();
        assert_eq!(paths, ["List/0/Size", "Values/env/WARM_IP_TARGET"]);
    }
}
