//! What an author edited: where two trees differ, key by key.

use std::collections::BTreeSet;

use serde_json::Value;

use super::path;

/// One key that has another value; `None` is absent.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    pub path: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// What differs from one blueprint to the next, by the paths of the next one; items that have names are the same under the same name.
pub fn between(before: &Value, after: &Value) -> Vec<Edit> {
    let mut found = Vec::new();
    walk("", Some(before), Some(after), &mut found);
    found
}

fn walk(place: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Edit>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Some(Value::Object(_)), Some(Value::Object(_))) => entries(place, before, after, found),
        // What comes or goes with one key in it is that key.
        (None, Some(Value::Object(map))) | (Some(Value::Object(map)), None) if map.len() == 1 => {
            entries(place, before, after, found);
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) if named(old) && named(new) => {
            items(place, old, new, found);
        }
        // A list of things that comes as a whole is the things.
        (None, Some(Value::Array(new))) if !new.is_empty() && new.iter().all(Value::is_object) => {
            items(place, &[], new, found);
        }
        (Some(Value::Array(old)), Some(Value::Array(new)))
            if old.len() == new.len() && old.iter().chain(new).all(Value::is_object) =>
        {
            for (at, (old, new)) in old.iter().zip(new).enumerate() {
                walk(&format!("{place}[{at}]"), Some(old), Some(new), found);
            }
        }
        _ => found.push(Edit {
            path: place.to_string(),
            before: before.cloned(),
            after: after.cloned(),
        }),
    }
}

fn entries(place: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Edit>) {
    let maps = [before, after].map(|side| side.and_then(Value::as_object));
    let keys: BTreeSet<&String> = maps.iter().flatten().flat_map(|map| map.keys()).collect();
    for key in keys {
        let [old, new] = maps.map(|map| map.and_then(|map| map.get(key)));
        walk(&path::key(place, key), old, new, found);
    }
}

fn items(place: &str, old: &[Value], new: &[Value], found: &mut Vec<Edit>) {
    let of = |list: &'_ [Value], item: &Value| {
        list.iter().position(|other| other["name"] == item["name"])
    };
    for (at, item) in new.iter().enumerate() {
        let former = of(old, item).map(|at| &old[at]);
        let own = format!("{place}[{at}]");
        match former {
            Some(former) => walk(&own, Some(former), Some(item), found),
            None => found.push(Edit { path: own, before: None, after: Some(item.clone()) }),
        }
    }
    for (at, item) in old.iter().enumerate().filter(|(_, item)| of(new, item).is_none()) {
        let own = format!("{place}[{}]", at.min(new.len().saturating_sub(1)));
        found.push(Edit { path: own, before: Some(item.clone()), after: None });
    }
}

/// Whether every item has a name of its own.
fn named(list: &[Value]) -> bool {
    let names: BTreeSet<&str> = list.iter().filter_map(|item| item["name"].as_str()).collect();
    names.len() == list.len()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn paths(before: Value, after: Value) -> Vec<String> {
        between(&before, &after).into_iter().map(|edit| edit.path).collect()
    }

    #[test]
    fn an_edit_is_the_key_that_has_another_value() {
        let before = json!({ "metadata": { "name": "a" }, "nodeGroups": [{ "name": "a" }, { "name": "b", "diskSize": 20 }] });
        let mut after = before.clone();
        after["vpc"] = json!({ "ipv6": "amazon" });
        after["nodeGroups"] = json!([{ "name": "b", "diskSize": 64 }, { "name": "c" }]);
        after["metadata"]["tags"] = json!({ "a.b": "1" });
        assert_eq!(
            paths(before.clone(), after),
            [
                "metadata.tags[\"a.b\"]",
                "nodeGroups[0].diskSize",
                "nodeGroups[1]",
                "nodeGroups[0]",
                "vpc.ipv6"
            ]
        );
        assert!(paths(before.clone(), before).is_empty());
    }

    #[test]
    fn an_empty_word_is_an_edit_too() {
        assert_eq!(paths(json!({}), json!({ "karpenter": {} })), ["karpenter"]);
        assert_eq!(paths(json!({ "zones": 2 }), json!({ "zones": 3 })), ["zones"]);
        assert_eq!(paths(json!({ "a": ["x"] }), json!({ "a": ["x", "y"] })), ["a"]);
        assert_eq!(paths(json!({}), json!({ "a": ["x", "y"] })), ["a"]);
        assert_eq!(paths(json!({}), json!({ "a": [{ "b": 1 }, { "b": 2 }] })), ["a[0]", "a[1]"]);
    }
}
