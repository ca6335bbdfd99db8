//! What an author edited: where two trees differ, key by key.

use std::collections::BTreeSet;

use serde_json::Value;

use super::path;

/// One key that has another value; `None` is absent.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    pub path: String,
    /// The same with the names of items in the place of their positions: `nodeGroups.general.scaling.max`.
    pub key: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// What differs from one blueprint to the next, by the paths of the next one; items that have names are the same under the same name.
pub fn between(before: &Value, after: &Value) -> Vec<Edit> {
    let mut found = Vec::new();
    walk((String::new(), String::new()), Some(before), Some(after), &mut found);
    let renames: Vec<Edit> = found.iter().filter(|one| one.is_rename()).cloned().collect();
    found.retain(|one| !renames.iter().any(|rename| follows(one, rename)));
    found
}

impl Edit {
    /// Whether an item of a list has another name.
    fn is_rename(&self) -> bool {
        self.path.ends_with(RENAMED)
    }
}

/// Whether an edit is what has to be said of a rename elsewhere: another key names the item, or it says its former name.
fn follows(edit: &Edit, rename: &Edit) -> bool {
    !edit.is_rename() && (&edit.before, &edit.after) == (&rename.before, &rename.after)
}

/// The key of an item that was renamed.
const RENAMED: &str = "].name";
const FORMER: &str = "renamedFrom";

/// A path, and how people call it.
type Place = (String, String);

/// An item of a list, by its name where it has one.
fn item((path, called): &Place, at: usize, item: &Value) -> Place {
    let name = item["name"].as_str().map(|name| path::key(called, name));
    (format!("{path}[{at}]"), name.unwrap_or_else(|| format!("{called}[{at}]")))
}

fn walk(place: Place, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Edit>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Some(Value::Object(_)), Some(Value::Object(_))) => entries(&place, before, after, found),
        // What comes or goes with one key in it is that key.
        (None, Some(Value::Object(map))) | (Some(Value::Object(map)), None) if map.len() == 1 => {
            entries(&place, before, after, found);
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) if named(old) && named(new) => {
            items(&place, old, new, found);
        }
        // A list of things that comes as a whole is the things.
        (None, Some(Value::Array(new))) if !new.is_empty() && new.iter().all(Value::is_object) => {
            items(&place, &[], new, found);
        }
        (Some(Value::Array(old)), Some(Value::Array(new)))
            if old.len() == new.len() && old.iter().chain(new).all(Value::is_object) =>
        {
            for (at, (old, new)) in old.iter().zip(new).enumerate() {
                walk(item(&place, at, new), Some(old), Some(new), found);
            }
        }
        _ => found.push(edit(place, before, after)),
    }
}

fn edit((path, key): Place, before: Option<&Value>, after: Option<&Value>) -> Edit {
    Edit { path, key, before: before.cloned(), after: after.cloned() }
}

fn entries(
    (path, called): &Place,
    before: Option<&Value>,
    after: Option<&Value>,
    found: &mut Vec<Edit>,
) {
    let maps = [before, after].map(|side| side.and_then(Value::as_object));
    let keys: BTreeSet<&String> = maps.iter().flatten().flat_map(|map| map.keys()).collect();
    for key in keys {
        let [old, new] = maps.map(|map| map.and_then(|map| map.get(key)));
        walk((path::key(path, key), path::key(called, key)), old, new, found);
    }
}

fn items(place: &Place, old: &[Value], new: &[Value], found: &mut Vec<Edit>) {
    let of = |list: &'_ [Value], item: &Value| {
        list.iter().position(|other| other["name"] == item["name"])
    };
    let gone: Vec<&Value> = old.iter().filter(|one| of(new, one).is_none()).collect();
    let fresh: Vec<&Value> = new.iter().filter(|one| of(old, one).is_none()).collect();
    let former =
        |one: &Value| gone.iter().copied().find(|other| renamed(other, one, &gone, &fresh));
    for (at, one) in new.iter().enumerate() {
        let own = item(place, at, one);
        let same = of(old, one).map(|at| &old[at]);
        match (same, former(one).filter(|_| same.is_none())) {
            (Some(former), _) => walk(own, Some(former), Some(one), found),
            (None, Some(former)) => {
                let name = (format!("{}.name", own.0), place.1.clone());
                found.push(edit(name, former.get("name"), one.get("name")));
                walk(own, Some(&nameless(former)), Some(&nameless(one)), found);
            }
            (None, None) => found.push(edit(own, None, Some(one))),
        }
    }
    let is_renamed = |one: &Value| fresh.iter().any(|other| renamed(one, other, &gone, &fresh));
    let gone = |one: &Value| of(new, one).is_none() && !is_renamed(one);
    for (at, one) in old.iter().enumerate().filter(|(_, one)| gone(one)) {
        let own = item(place, at.min(new.len().saturating_sub(1)), one);
        found.push(edit(own, Some(one), None));
    }
}

/// Whether an item that came is one that went under another name: it says so, or both are alike and no other is.
fn renamed(old: &Value, new: &Value, gone: &[&Value], fresh: &[&Value]) -> bool {
    if let Some(former) = new.get(FORMER) {
        return *former == old["name"];
    }
    let alike = |one: &Value, other: &Value| nameless(one) == nameless(other);
    // What has nothing but a name is like any other of its kind.
    let says_more = nameless(new).as_object().is_some_and(|own| !own.is_empty());
    says_more
        && alike(old, new)
        && gone.iter().filter(|one| alike(one, new)).count() == 1
        && fresh.iter().filter(|one| alike(old, one)).count() == 1
}

/// What an item is beside its name.
fn nameless(item: &Value) -> Value {
    let mut rest = item.clone();
    if let Some(map) = rest.as_object_mut() {
        map.remove("name");
        map.remove(FORMER);
    }
    rest
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
    fn items_are_called_by_their_names() {
        let before = json!({ "nodeGroups": [{ "name": "a", "scaling": { "max": 3 } }] });
        let after =
            json!({ "nodeGroups": [{ "name": "b" }, { "name": "a", "scaling": { "max": 5 } }] });
        let keys: Vec<String> = between(&before, &after).into_iter().map(|edit| edit.key).collect();
        assert_eq!(keys, ["nodeGroups.b", "nodeGroups.a.scaling.max"]);
    }

    #[test]
    fn another_name_is_one_edit_with_whatever_names_the_item() {
        let before = json!({
            "tiers": [{ "name": "a", "size": "/24" }, { "name": "b", "size": "/24" }],
            "nodeGroups": [{ "name": "g", "tier": "a", "scaling": { "max": 3 } }],
        });
        let mut after = before.clone();
        after["nodeGroups"][0]["name"] = json!("h");
        let [one] = between(&before, &after).try_into().unwrap();
        assert_eq!((&*one.path, &*one.key), ("nodeGroups[0].name", "nodeGroups"));
        assert_eq!((one.before, one.after), (Some(json!("g")), Some(json!("h"))));
        after = before.clone();
        after["tiers"][0] = json!({ "name": "c", "size": "/25", "renamedFrom": "a" });
        after["nodeGroups"][0]["tier"] = json!("c");
        assert_eq!(paths(before.clone(), after), ["tiers[0].name", "tiers[0].size"]);
        // Of two that are alike nobody knows which one it was.
        let mut after = before.clone();
        after["tiers"] = json!([{ "name": "c", "size": "/24" }, { "name": "d", "size": "/24" }]);
        assert_eq!(paths(before, after), ["tiers[0]", "tiers[1]", "tiers[0]", "tiers[1]"]);
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
