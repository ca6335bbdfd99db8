//! A patch held against the schema of CloudFormation's type: properties, their types and the values that they may have.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::blueprint::{nearest, path};
use crate::diagnostic::Diagnostic;
use crate::facts::schemas::{Properties, Schema, Shape};
use crate::intent::Patch;
use crate::rules::{PAT_03, PAT_04, PAT_09};

use super::edit::is_map;

/// Everything of a patch that the type does not have.
pub(super) fn check(patch: &Patch, schema: &Schema, kind: &str) -> Vec<Diagnostic> {
    let mut walk = Walk { schema, kind, unchecked: patch.unchecked, found: Vec::new() };
    let place = format!("{}.set", patch.path);
    walk.map(&schema.properties, &patch.set, &At { property: String::new(), place });
    for (at, property) in patch.remove.iter().enumerate() {
        walk.removed(property, format!("{}.remove[{at}]", patch.path));
    }
    walk.found
}

struct Walk<'s> {
    schema: &'s Schema,
    kind: &'s str,
    unchecked: bool,
    found: Vec<Diagnostic>,
}

/// A property, with `*` for a member of a list, and its place in the blueprint.
struct At {
    property: String,
    place: String,
}

impl At {
    fn key(&self, name: &str) -> At {
        At { property: joined(&self.property, name), place: path::key(&self.place, name) }
    }

    fn member(&self, position: usize) -> At {
        At { property: joined(&self.property, "*"), place: format!("{}[{position}]", self.place) }
    }
}

fn joined(property: &str, name: &str) -> String {
    if property.is_empty() { name.to_string() } else { format!("{property}/{name}") }
}

impl<'s> Walk<'s> {
    fn map(&mut self, known: &'s Properties, map: &Map<String, Value>, at: &At) {
        for (name, value) in map {
            let inner = at.key(name);
            match known.get(name) {
                Some(_) if self.schema.is_read_only(&inner.property) => self.read_only(&inner),
                Some(written) => self.value(self.schema.shape(written), value, &inner),
                None => self.unknown(known, name, &inner),
            }
        }
    }

    fn value(&mut self, shape: Shape<'s>, value: &Value, at: &At) {
        if value.is_object() && !is_map(value) {
            return;
        }
        match (shape, value) {
            (_, Value::Null) => self.wrong("a value", "nothing", at),
            (Shape::Anything, _) => {}
            (Shape::Map(known), Value::Object(map)) => self.map(known, map, at),
            (Shape::List(inner), Value::Array(items)) => {
                for (position, item) in items.iter().enumerate() {
                    self.value(self.schema.shape(inner), item, &at.member(position));
                }
            }
            (Shape::Map(_), other) => self.wrong("a mapping", kind_of(other), at),
            (Shape::List(_), other) => self.wrong("a list", kind_of(other), at),
            (Shape::Scalar(kind), Value::Array(_) | Value::Object(_)) => {
                self.wrong(in_words(kind), kind_of(value), at)
            }
            (Shape::Scalar(kind), scalar) => self.scalar(kind, scalar, at),
        }
    }

    /// CloudFormation reads `"3"` as a number and `3` as a text.
    fn scalar(&mut self, kind: &str, value: &Value, at: &At) {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_string);
        let fits = match kind {
            "boolean" => matches!(text.as_str(), "true" | "false"),
            "integer" => text.parse::<i64>().is_ok(),
            "number" => text.parse::<f64>().is_ok(),
            _ => true,
        };
        if kind == "string" && value.is_f64() {
            let message = format!(
                "expected text for `{}` of {}, got the number {text}",
                at.property, self.kind
            );
            let hint = "put it in quotes: a number loses the zeros at its end, as `1.30` does";
            return self.found.push(PAT_04.at(&at.place, message).hint(hint));
        }
        if !fits {
            return self.wrong(in_words(kind), &format!("`{text}`"), at);
        }
        let Some(values) = self.schema.values(&at.property) else { return };
        if values.contains(&text) {
            return;
        }
        let message = format!("invalid value `{text}` for `{}` of {}", at.property, self.kind);
        let finding = PAT_04.at(&at.place, message);
        self.found.push(match nearest(&text, values.iter().map(String::as_str)) {
            Some(near) => finding.hint(format!("did you mean `{near}`?")),
            None => finding.hint(format!("CloudFormation accepts {}", listed(values.iter()))),
        });
    }

    fn wrong(&mut self, wanted: &str, got: &str, at: &At) {
        let message =
            format!("expected {wanted} for `{}` of {}, got {got}", at.property, self.kind);
        let hint = match got {
            "nothing" => "write the value, or name the property under `remove`".to_string(),
            _ => format!("write {wanted}"),
        };
        self.found.push(PAT_04.at(&at.place, message).hint(hint));
    }

    fn read_only(&mut self, at: &At) {
        let message = format!("AWS sets `{}` of {} itself", at.property, self.kind);
        self.found.push(PAT_03.at(&at.place, message).on_key().hint("remove the line"));
    }

    fn unknown(&mut self, known: &Properties, name: &str, at: &At) {
        let message = format!("{} has no property `{}`", self.kind, at.property);
        if self.unchecked {
            let finding =
                PAT_09.at(&at.place, format!("{message} that this version knows")).on_key();
            self.found
                .push(finding.hint(
                    "compare it with CloudFormation's reference; a newer eksnet may know it",
                ));
            return;
        }
        let finding = PAT_03.at(&at.place, message).on_key();
        if known.is_empty() {
            let hint = "its value has no properties of its own: name the value itself, or a place in a list by its number, as in `Tags/0`";
            return self.found.push(finding.hint(hint));
        }
        self.found.push(match nearest(name, known.keys().map(String::as_str)) {
            Some(near) => finding.hint(format!("did you mean `{near}`?")),
            None => finding.hint(format!(
                "it has {}; a property newer than this version needs `unchecked: true`",
                listed(known.keys())
            )),
        });
    }

    /// A path that is taken out: every step of it is a property.
    fn removed(&mut self, path: &str, place: String) {
        let inside = path.trim_start_matches('/');
        let inside = inside.strip_prefix("Properties/").unwrap_or(inside);
        if inside != path && self.schema.properties.contains_key(first_step(inside)) {
            let message = format!("`{path}` does not begin with a property of {}", self.kind);
            let finding = PAT_03.at(place, message);
            return self.found.push(finding.hint(format!("name it `{inside}`")));
        }
        let mut shape = Shape::Map(&self.schema.properties);
        let mut property = String::new();
        for step in path.split('/') {
            let known = match shape {
                Shape::Map(known) => known,
                Shape::List(inner) if step.parse::<usize>().is_ok() => {
                    property = joined(&property, "*");
                    shape = self.schema.shape(inner);
                    continue;
                }
                Shape::Anything => return,
                Shape::List(_) | Shape::Scalar(_) => &EMPTY,
            };
            property = joined(&property, step);
            let Some(written) = known.get(step) else {
                return self.unknown(known, step, &At { property, place });
            };
            shape = self.schema.shape(written);
        }
    }
}

fn first_step(path: &str) -> &str {
    path.split('/').next().unwrap_or_default()
}

static EMPTY: Properties = Properties::new();

/// Names that a hint lists.
const MOST_LISTED: usize = 12;

fn listed<'n>(names: impl Iterator<Item = &'n String>) -> String {
    let names: BTreeSet<&String> = names.collect();
    let more = names.len().saturating_sub(MOST_LISTED);
    let shown = names.iter().take(MOST_LISTED).map(|name| format!("`{name}`"));
    let shown = shown.collect::<Vec<_>>().join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

fn in_words(kind: &str) -> &'static str {
    match kind {
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        _ => "text",
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
        _ => "one value",
    }
}
