//! The default that a key's description names, as a value of the schema: editors show and insert it.

use serde_json::Value;

use super::examples::choices;

/// Puts each default beside its key. One that depends on other keys stays a sentence.
pub fn add(schema: &mut Value) {
    let mut found = Vec::new();
    collect(schema, schema, "", &mut found);
    for (pointer, value) in found {
        if let Some(Value::Object(key)) = schema.pointer_mut(&pointer) {
            key.insert("default".to_string(), value);
        }
    }
}

fn collect(root: &Value, node: &Value, at: &str, found: &mut Vec<(String, Value)>) {
    for (name, key) in node["properties"].as_object().into_iter().flatten() {
        let pointer = format!("{at}/properties/{name}");
        let word = key["description"].as_str().and_then(Word::of);
        found
            .extend(word.and_then(|word| word.value(root, &pointer)).map(|value| (pointer, value)));
    }
    for (name, inner) in node.as_object().into_iter().flatten() {
        collect(root, inner, &format!("{at}/{name}"), found);
    }
    for (position, inner) in node.as_array().into_iter().flatten().enumerate() {
        collect(root, inner, &format!("{at}/{position}"), found);
    }
}

/// What a description names as default.
struct Word<'d> {
    text: &'d str,
    /// It is between backticks: any text may be.
    quoted: bool,
}

impl<'d> Word<'d> {
    fn of(description: &'d str) -> Option<Self> {
        let (_, rest) = description.split_once("Default: ")?;
        if let Some(quoted) = rest.strip_prefix('`') {
            let (text, after) = quoted.split_once('`')?;
            return ends(after).then_some(Self { text, quoted: true });
        }
        let end = rest.find([' ', '\n', ',']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let text = word.trim_end_matches('.');
        (text != word || ends(after)).then_some(Self { text, quoted: false })
    }

    /// As a value that the key accepts.
    fn value(&self, root: &Value, pointer: &str) -> Option<Value> {
        choices(root, pointer)
            .iter()
            .filter_map(|at| root.pointer(at))
            .find_map(|one| self.accepted(one))
    }

    fn accepted(&self, one: &Value) -> Option<Value> {
        let word = Value::from(self.text);
        let listed = one["enum"].as_array().is_some_and(|words| words.contains(&word));
        if listed || one["const"] == word {
            return Some(word);
        }
        let kinds = one["type"].as_array().cloned().unwrap_or_else(|| vec![one["type"].clone()]);
        let is = |kind: &str| kinds.iter().any(|own| own == kind);
        let read = serde_json::from_str::<Value>(self.text).ok();
        let fits =
            |value: &Value| value.is_boolean() && is("boolean") || value.is_u64() && is("integer");
        let free = one["enum"].is_null() && self.quoted && is("string");
        read.filter(fits).or(free.then_some(word))
    }
}

/// Whether the default holds as it is, whatever other keys say.
fn ends(after: &str) -> bool {
    let plain = after.is_empty() || [".", " (", ","].iter().any(|mark| after.starts_with(mark));
    plain && !after.starts_with(", where") && !after.starts_with(", and `")
}
