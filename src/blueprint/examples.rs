//! A value for every key that accepts more than words of a list, for editors and for `explain KEY`.

use serde_json::{Map, Value, json};

/// Value by path: `tiers[].size`. Most are of the example blueprints.
const EXAMPLES: &str = include_str!("examples.json");

/// The table; empty only where it could not be read, which a test would tell.
fn table() -> Map<String, Value> {
    serde_json::from_str(EXAMPLES).unwrap_or_default()
}

/// Puts the examples beside the keys that they are of. One that a key has of its own stays.
pub fn add(schema: &mut Value) {
    for (path, example) in &table() {
        let steps: Vec<&str> = path.split('.').collect();
        for pointer in properties(schema, "", &steps) {
            if let Some(Value::Object(key)) = schema.pointer_mut(&pointer) {
                key.entry("examples").or_insert_with(|| json!([example]));
            }
        }
    }
}

/// Where the schema describes the key that the steps lead to, as JSON pointers.
fn properties(root: &Value, at: &str, steps: &[&str]) -> Vec<String> {
    let Some((step, rest)) = steps.split_first() else { return Vec::new() };
    let name = step.trim_end_matches("[]");
    let key = |node: &String| {
        let pointer = format!("{node}/properties/{name}");
        root.pointer(&pointer).is_some().then_some(pointer)
    };
    let found = choices(root, at).iter().filter_map(key).collect::<Vec<_>>();
    if rest.is_empty() {
        return found;
    }
    let lists = step.ends_with("[]");
    let inside = |pointer: &String| match lists {
        true => choices(root, pointer).iter().map(|node| format!("{node}/items")).collect(),
        false => vec![pointer.clone()],
    };
    let next = found.iter().flat_map(inside).filter(|node| root.pointer(node).is_some());
    next.collect::<Vec<_>>().iter().flat_map(|node| properties(root, node, rest)).collect()
}

/// The nodes that one stands for: itself, what it refers to, and what it offers a choice of.
pub(super) fn choices(root: &Value, at: &str) -> Vec<String> {
    let Some(node) = root.pointer(at) else { return Vec::new() };
    if let Some(to) = node["$ref"].as_str().and_then(|to| to.strip_prefix('#')) {
        return choices(root, to);
    }
    let offered = ["anyOf", "oneOf"].into_iter().flat_map(|word| {
        let count = node[word].as_array().map_or(0, Vec::len);
        (0..count).flat_map(move |number| choices(root, &format!("{at}/{word}/{number}")))
    });
    std::iter::once(at.to_string()).chain(offered).collect()
}
