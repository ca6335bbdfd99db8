//! Holds the tree against the JSON Schema that the model's types give, says everything that does not fit at once, and writes into the
//! tree what each scalar is taken for: the typed values are read from the tree as it is left here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::choice::{allows, bounds, is_anything, kind, required, within, words};
use super::node::{Entry, Kind, Node, Shape, real, whole};
use super::{foreign, path, traps, twice, wording};
use crate::diagnostic::Diagnostic;

/// What came of holding a tree against the schema.
#[derive(Default)]
pub struct Fit {
    pub findings: Vec<Diagnostic>,
    /// Places where something was refused, and those where it was most likely meant to be.
    pub refused: Vec<String>,
    pub meant: Meant,
}

/// What was most likely meant by the words that were refused, by the offset of each.
#[derive(Default)]
pub struct Meant {
    pub keys: BTreeMap<usize, String>,
    pub values: BTreeMap<usize, Shape>,
    /// Offsets of those that nothing can be read without.
    pub required: BTreeSet<usize>,
    /// A key is given twice: the second one may be the one that counts.
    pub again: bool,
}

/// Stands in for a required text that is not there.
pub const STAND_IN: &str = "eksnet-stand-in";

/// Every place where `root` does not have the shape that `schema` asks for. What is refused is gone from the tree afterwards, or, where
/// nothing can be read without it, replaced by a value of the right type.
pub fn fit(schema: &Value, root: &mut Node) -> Fit {
    let mut walk = Walk { defs: &schema["$defs"], fit: Fit::default() };
    walk.node(schema, root, &At { path: "", required: false });
    walk.fit
}

/// A place, and whether its mapping requires it.
struct At<'p> {
    path: &'p str,
    required: bool,
}

/// A mapping's keys: those that it may have, must have, and has.
struct Keys<'s, 'p> {
    schema: &'s Value,
    path: &'p str,
    required: Vec<&'s str>,
    given: BTreeSet<String>,
}

struct Walk<'s> {
    defs: &'s Value,
    fit: Fit,
}

impl<'s> Walk<'s> {
    fn node(&mut self, schema: &'s Value, node: &mut Node, at: &At<'_>) {
        let choices = self.choices(schema);
        if node.tagged {
            return self.refuse(&choices, node, at);
        }
        if choices.iter().any(|choice| is_anything(choice)) {
            return self.anything(node, at.path);
        }
        if node.is_null() && choices.iter().any(|choice| allows(choice, "null")) {
            return take_for(node, Kind::Nothing);
        }
        let of = |kind: &str| choices.iter().find(|choice| allows(choice, kind)).copied();
        match (&mut node.shape, of("object"), of("array")) {
            (Shape::Map(_), Some(schema), _) => self.map(schema, node, at.path),
            (Shape::Seq(items), _, Some(schema)) => {
                for (position, item) in items.iter_mut().enumerate() {
                    let path = format!("{}[{position}]", at.path);
                    self.node(&schema["items"], item, &At { path: &path, required: false });
                }
                self.fit.findings.extend(twice::of(items, at.path));
            }
            (Shape::Map(_), ..) => self.wrong_type(&choices, "a mapping", node, at),
            (Shape::Seq(_), ..) => self.wrong_type(&choices, "a list", node, at),
            (Shape::Scalar { .. }, ..) => self.scalar(&choices, node, at),
            (Shape::Gone, ..) => {}
        }
    }

    /// The schema's alternatives, references followed.
    fn choices(&self, schema: &'s Value) -> Vec<&'s Value> {
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.rsplit('/').next().unwrap_or_default();
            return self.choices(&self.defs[name]);
        }
        let alternatives = schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array());
        match alternatives {
            Some(alternatives) => {
                alternatives.iter().flat_map(|choice| self.choices(choice)).collect()
            }
            None => vec![schema],
        }
    }

    fn map(&mut self, schema: &'s Value, node: &mut Node, path: &str) {
        let Shape::Map(entries) = &mut node.shape else { return };
        let given = entries.iter().map(|entry| entry.key.clone()).collect();
        let keys = Keys { schema, path, required: required(schema), given };
        let mut misspelled = Vec::new();
        for entry in entries {
            misspelled.extend(self.entry(&keys, entry));
        }
        for key in &keys.required {
            if node.entry(key).is_none() {
                self.need(&keys, node, key, misspelled.contains(key));
            }
        }
    }

    /// The known key that was meant, where this one is not known.
    fn entry(&mut self, keys: &Keys<'s, '_>, entry: &mut Entry) -> Option<&'s str> {
        let place = path::key(keys.path, &entry.key);
        let required = keys.required.contains(&entry.key.as_str());
        let free = &keys.schema["additionalProperties"];
        if entry.again || required && entry.value.is_null() {
            self.fit.meant.again |= entry.again;
            entry.value.shape = Shape::Gone;
        } else if entry.plain && entry.key == "<<" {
            self.fit.meant.again = true;
            entry.value.shape = Shape::Gone;
        } else if let Some(inner) = keys.schema["properties"].get(&entry.key) {
            self.node(inner, &mut entry.value, &At { path: &place, required });
        } else if free.is_object() || free == true {
            self.fit.findings.extend(traps::of_key(entry, &place));
            self.node(free, &mut entry.value, &At { path: &place, required: false });
        } else {
            return self.unknown(keys, entry, place);
        }
        None
    }

    fn unknown(
        &mut self,
        keys: &Keys<'s, '_>,
        entry: &mut Entry,
        place: String,
    ) -> Option<&'s str> {
        let nothing = Map::new();
        let known = keys.schema["properties"].as_object().unwrap_or(&nothing);
        self.fit.findings.push(wording::unknown_key(entry, known, &place));
        entry.value.shape = Shape::Gone;
        let word = match foreign::find(&entry.key) {
            Some(foreign) => foreign.same,
            None => wording::nearest(&entry.key, known.keys().map(String::as_str)),
        };
        self.fit.refused.push(place);
        let (word, _) = keys.schema["properties"].as_object()?.get_key_value(word?)?;
        if keys.given.contains(word) {
            return None;
        }
        let at = entry.key_span.start;
        self.fit.refused.push(path::key(keys.path, word));
        if keys.required.contains(&word.as_str()) {
            self.fit.meant.required.insert(at);
        }
        self.fit.meant.keys.insert(at, word.clone());
        Some(word)
    }

    /// A required key that is not there is said, unless its misspelling was, and something stands in for it.
    fn need(&mut self, keys: &Keys<'s, '_>, node: &mut Node, key: &str, misspelled: bool) {
        if !misspelled {
            self.fit.findings.push(wording::missing_key(key, node, keys.path));
        }
        self.fit.refused.push(path::key(keys.path, key));
        let shape = self.stand_in(&keys.schema["properties"][key]);
        let span = node.span.clone();
        let Shape::Map(entries) = &mut node.shape else { return };
        let key_span = entries.first().map_or(span, |entry| entry.key_span.clone());
        let value = Node { span: key_span.clone(), shape, tagged: false };
        entries.push(Entry { key: key.to_string(), key_span, plain: true, again: false, value });
    }

    fn scalar(&mut self, choices: &[&'s Value], node: &mut Node, at: &At<'_>) {
        let Shape::Scalar { text, plain, .. } = &node.shape else { return };
        let (text, plain) = (text.clone(), *plain);
        let words = words(choices);
        if words.contains(&text.as_str()) {
            return take_for(node, Kind::Text);
        }
        let fits = choices.iter().find_map(|choice| Some((choice, kind(choice, &text, plain)?)));
        match fits {
            Some((_, Kind::Text)) => {
                self.fit.findings.extend(traps::of_text(node, at.path));
                take_for(node, Kind::Text);
            }
            Some((choice, Kind::Whole)) if !within(choice, &text) => {
                let number = whole(&text).unwrap_or_default();
                self.fit.findings.push(wording::out_of_range(choice, number, node, at.path));
                self.refuse(choices, node, at);
            }
            Some((_, kind)) => take_for(node, kind),
            None if !words.is_empty() => {
                self.fit.findings.push(wording::unknown_word(&text, &words, node, at.path));
                let near = wording::nearest(&text, words.iter().copied());
                self.means(near.map(wording::plain), node, at);
                self.refuse(choices, node, at);
            }
            None => self.wrong_type(choices, &wording::in_words(&text, plain), node, at),
        }
    }

    /// A part that the language takes as it is: by YAML's own rules.
    fn anything(&mut self, node: &mut Node, path: &str) {
        match &mut node.shape {
            Shape::Scalar { .. } => {
                self.fit.findings.extend(traps::of_value(node, path));
                let kind = core(node);
                take_for(node, kind);
            }
            Shape::Seq(items) => items.iter_mut().enumerate().for_each(|(position, item)| {
                self.anything(item, &format!("{path}[{position}]"));
            }),
            Shape::Map(entries) => {
                for entry in entries {
                    let merge = entry.plain && entry.key == "<<";
                    if entry.again || entry.value.tagged || merge {
                        entry.value.shape = Shape::Gone;
                    }
                    self.anything(&mut entry.value, &path::key(path, &entry.key));
                }
            }
            Shape::Gone => {}
        }
    }

    fn wrong_type(&mut self, choices: &[&Value], found: &str, node: &mut Node, at: &At<'_>) {
        self.fit.findings.push(wording::wrong_type(choices, found, node, at.path));
        let meant = wording::meant(choices, node);
        self.means(meant, node, at);
        self.refuse(choices, node, at);
    }

    fn means(&mut self, meant: Option<Shape>, node: &Node, at: &At<'_>) {
        if let Some(shape) = meant {
            self.fit.meant.values.insert(node.span.start, shape);
            if at.required {
                self.fit.meant.required.insert(node.span.start);
            }
        }
    }

    fn refuse(&mut self, choices: &[&Value], node: &mut Node, at: &At<'_>) {
        self.fit.refused.push(at.path.to_string());
        node.tagged = false;
        node.shape = match at.required {
            true => choices.first().map_or(Shape::Gone, |choice| self.stand_in(choice)),
            false => Shape::Gone,
        };
    }

    /// A value of the right type.
    fn stand_in(&self, schema: &Value) -> Shape {
        let walk = Walk { defs: self.defs, fit: Fit::default() };
        let choices = walk.choices(schema);
        let Some(choice) = choices.first() else { return Shape::Gone };
        let of =
            |text: &str, kind: Kind| Shape::Scalar { text: text.to_string(), plain: true, kind };
        if allows(choice, "object") {
            let entry = |key: &&str| Entry {
                key: (*key).to_string(),
                key_span: 0..0,
                plain: true,
                again: false,
                value: Node {
                    span: 0..0,
                    shape: walk.stand_in(&choice["properties"][*key]),
                    tagged: false,
                },
            };
            return Shape::Map(required(choice).iter().map(entry).collect());
        }
        match () {
            () if allows(choice, "array") => Shape::Seq(Vec::new()),
            () if allows(choice, "boolean") => of("false", Kind::Truth),
            () if allows(choice, "integer") => {
                of(&bounds(choice).0.max(0).to_string(), Kind::Whole)
            }
            () => of(words(&choices).first().unwrap_or(&STAND_IN), Kind::Text),
        }
    }
}

fn take_for(node: &mut Node, as_kind: Kind) {
    if let Shape::Scalar { kind, .. } = &mut node.shape {
        *kind = as_kind;
    }
}

/// YAML 1.2's core schema.
fn core(node: &Node) -> Kind {
    let Shape::Scalar { text, plain: true, .. } = &node.shape else { return Kind::Text };
    match text.as_str() {
        _ if node.is_null() => Kind::Nothing,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Kind::Truth,
        text if whole(text).is_some() => Kind::Whole,
        text if real(text).is_some() => Kind::Real,
        _ => Kind::Text,
    }
}
