//! Reading on behind what was refused, so that one wrong word hides nothing else.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::defaults;
use super::node::{Entry, Node, Shape};
use super::shape::{self, Fit, Meant};
use super::typed;
use crate::diagnostic::Diagnostic;

/// A document's tree and its values.
pub struct Mended<W> {
    pub root: Node,
    pub blueprint: W,
    /// The values as the refused words were most likely meant: a finding that they do not have is only a consequence of the refusal.
    pub meant: Option<Box<W>>,
    /// Places that nothing more is to be said of.
    pub refused: Vec<String>,
}

/// The values, if any can be had, and what does not fit the schema.
pub fn read<W: DeserializeOwned>(
    schema: &Value,
    root: Node,
) -> (Option<Mended<W>>, Vec<Diagnostic>) {
    let mut first = root.clone();
    let Fit { mut findings, refused, meant } = shape::fit(schema, &mut first);
    let whole = refused.is_empty() && !meant.again;
    // Where nothing that is required was meant otherwise, what is refused is simply gone.
    let tree = match meant.required.is_empty() {
        true => first,
        false => again(schema, root.clone(), &meant.only_required()),
    };
    let (tree, too_many) = defaults::spread(tree);
    findings.extend(too_many);
    let blueprint = match typed::read(&tree) {
        Ok(blueprint) if !tree.is_gone() => blueprint,
        Err(gap) if whole => {
            findings.push(gap);
            return (None, findings);
        }
        _ => return (None, findings),
    };
    let otherwise = || defaults::spread(again(schema, root, &meant)).0;
    let meant = if whole { None } else { typed::read(&otherwise()).ok() };
    (Some(Mended { root: tree, blueprint, meant: meant.map(Box::new), refused }), findings)
}

/// The tree with other words in it, held against the schema once more.
fn again(schema: &Value, mut root: Node, meant: &Meant) -> Node {
    apply(&mut root, meant);
    shape::fit(schema, &mut root);
    root
}

impl Meant {
    fn only_required(&self) -> Self {
        let needed = |at: &usize| self.required.contains(at);
        Self {
            keys: self
                .keys
                .iter()
                .filter(|(at, _)| needed(at))
                .map(|(at, key)| (*at, key.clone()))
                .collect(),
            values: self
                .values
                .iter()
                .filter(|(at, _)| needed(at))
                .map(|(at, value)| (*at, value.clone()))
                .collect(),
            ..Self::default()
        }
    }
}

fn apply(node: &mut Node, meant: &Meant) {
    if let Some(shape) = meant.values.get(&node.span.start)
        && !matches!(node.shape, Shape::Map(_))
    {
        node.shape = shape.clone();
        node.tagged = false;
        return;
    }
    match &mut node.shape {
        Shape::Map(entries) => {
            for entry in entries.iter_mut() {
                if let Some(key) = meant.keys.get(&entry.key_span.start) {
                    entry.key.clone_from(key);
                }
                apply(&mut entry.value, meant);
            }
            if meant.again {
                last_wins(entries);
            }
        }
        Shape::Seq(items) => items.iter_mut().for_each(|item| apply(item, meant)),
        Shape::Scalar { .. } | Shape::Gone => {}
    }
}

/// As readers do that keep the second of two equal keys, and read `<<`.
fn last_wins(entries: &mut Vec<Entry>) {
    let merged = entries
        .iter()
        .position(|entry| entry.plain && entry.key == "<<")
        .map(|at| entries.remove(at));
    let mut seen = std::collections::BTreeSet::new();
    entries.reverse();
    entries.retain(|entry| seen.insert(entry.key.clone()));
    entries.reverse();
    entries.iter_mut().for_each(|entry| entry.again = false);
    if let Some(Entry { value: Node { shape: Shape::Map(more), .. }, .. }) = merged {
        entries.extend(more.into_iter().filter(|entry| !seen.contains(&entry.key)));
    }
}
