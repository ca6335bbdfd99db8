//! Names of places in a blueprint: `tiers[2].size`, `metadata.tags["a.b"]`.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value;

use super::defaults::{DEFAULTS, GROUPS, SHORT};
use super::node::{Entry, Node, Shape};
use crate::diagnostic::Span;

/// One step into the tree.
#[derive(Debug, PartialEq)]
enum Step<'p> {
    Key(&'p str),
    Position(usize),
}

/// The path of a key below `path`; a key that is not plain is quoted, as in `metadata.tags["a.b"]`.
pub fn key(path: &str, key: &str) -> String {
    let plain = !key.is_empty()
        && key.chars().all(|letter| letter.is_alphanumeric() || letter == '-' || letter == '_');
    match (path.is_empty(), plain) {
        (true, true) => key.to_string(),
        (false, true) => format!("{path}.{key}"),
        (_, false) => format!("{path}[\"{key}\"]"),
    }
}

/// The path with `[]` for each position, as `explain` names keys: `tiers[].size`.
pub fn without_positions(path: &str) -> String {
    let mut out = String::new();
    for step in steps(path) {
        match step {
            Step::Key(_) if out.is_empty() => {}
            Step::Key(_) => out.push('.'),
            Step::Position(_) => out.push_str("[]"),
        }
        if let Step::Key(name) = step {
            out.push_str(name);
        }
    }
    out
}

/// How people call a place, by the names of items (`tiers.nodes.egress`; of a place without an item its last key), and what is there.
pub fn called<'v>(path: &str, document: &'v Value) -> (String, &'v Value) {
    let (mut called, mut value, mut has_items) = (String::new(), document, false);
    for step in steps(path) {
        value = match step {
            Step::Key(name) => {
                called = if called.is_empty() { name.to_string() } else { key(&called, name) };
                &value[name]
            }
            Step::Position(at) => {
                has_items = true;
                let item = &value[at];
                let name = item["name"].as_str();
                called = name.map_or_else(|| format!("{called}[{at}]"), |name| key(&called, name));
                item
            }
        };
    }
    let last = steps(path).pop();
    match last {
        Some(Step::Key(name)) if !has_items || document.is_null() => (name.to_string(), value),
        _ => (called, value),
    }
}

/// The span of `path`, or of its nearest ancestor that is in the file. A value of several lines is shown by its key.
pub fn locate(root: &Node, path: &str) -> Span {
    Map::of(root).locate(path)
}

/// The places of a tree, for many look-ups.
pub struct Map<'n> {
    root: &'n Node,
    /// Entries of large mappings by key; by the address of the node.
    large: RefCell<BTreeMap<*const Node, BTreeMap<&'n str, &'n Entry>>>,
}

/// Entries from which a mapping is looked up by an index.
const LARGE: usize = 32;

struct Child<'n> {
    node: &'n Node,
    entry: Option<&'n Entry>,
    /// In the text.
    position: usize,
}

struct Reached<'n> {
    /// Of the path, or its nearest ancestor that is there.
    node: &'n Node,
    /// The entry that names it.
    named: Option<&'n Entry>,
    whole: bool,
}

impl<'n> Map<'n> {
    /// Nothing is indexed yet: a large mapping is when it is first asked for.
    pub fn of(root: &'n Node) -> Self {
        Self { root, large: RefCell::default() }
    }

    /// The span of `path`, or of its nearest ancestor that is in the file. A value of several lines is shown by its key.
    pub fn locate(&self, path: &str) -> Span {
        let Reached { node, named, whole } = self.walk(path);
        let collection = !matches!(node.shape, Shape::Scalar { .. });
        match named {
            Some(entry) if collection || !whole => entry.key_span.clone(),
            _ => first_line(node),
        }
    }

    /// The span of the key that `path` ends with.
    pub fn locate_key(&self, path: &str) -> Span {
        match self.walk(path) {
            Reached { named: Some(entry), .. } => entry.key_span.clone(),
            Reached { node, .. } => first_line(node),
        }
    }

    /// `path` with the positions that list items have in the text, where some were refused.
    pub fn as_written(&self, path: &str) -> String {
        let mut node = Some(self.root);
        let mut out = String::new();
        for step in steps(path) {
            let child = node.and_then(|node| self.child(node, &step));
            match step {
                Step::Key(name) => out = key(&out, name),
                Step::Position(at) => {
                    let at = child.as_ref().map_or(at, |child| child.position);
                    out.push_str(&format!("[{at}]"));
                }
            }
            node = child.map(|child| child.node);
        }
        out
    }

    /// The place in the node groups' defaults, where that is what a group's word at `at` comes from.
    pub fn decided(&self, path: String, at: &Span) -> String {
        let of_group = path.strip_prefix(GROUPS).and_then(|rest| rest.split_once(']'));
        match (of_group, self.root.entry(DEFAULTS)) {
            (Some((_, word)), Some(defaults)) if self.is_within(defaults, at) => {
                format!("{DEFAULTS}{word}")
            }
            _ => path,
        }
    }

    /// `path` by the short form, where that is what was written.
    pub fn shortened(&self, path: &str) -> String {
        let short = SHORT.iter().find_map(|(short, long, inner)| {
            let group = path.strip_suffix(inner)?.strip_suffix('.')?.strip_suffix(long)?;
            Some(format!("{group}{short}"))
        });
        short.filter(|short| self.walk(short).whole).unwrap_or_else(|| path.to_string())
    }

    /// Whether a place lies between a key of the file and the next one.
    fn is_within(&self, entry: &Entry, at: &Span) -> bool {
        let Shape::Map(entries) = &self.root.shape else { return false };
        let starts = entries.iter().map(|entry| entry.key_span.start);
        let end = starts.filter(|start| entry.key_span.start < *start).min();
        entry.key_span.start <= at.start && end.is_none_or(|end| at.start < end)
    }

    fn walk(&self, path: &str) -> Reached<'n> {
        let mut reached = Reached { node: self.root, named: None, whole: true };
        for step in steps(path) {
            let Some(child) = self.child(reached.node, &step) else {
                return Reached { whole: false, ..reached };
            };
            reached = Reached { node: child.node, named: child.entry, whole: true };
        }
        reached
    }

    fn child(&self, node: &'n Node, step: &Step<'_>) -> Option<Child<'n>> {
        match (step, &node.shape) {
            (Step::Key(key), Shape::Map(entries)) => {
                let find = |key: &str| match entries.len() < LARGE {
                    true => node.entry(key),
                    false => self.indexed(node, entries, key),
                };
                let entry = find(key).or_else(|| find(short_of(key)?))?;
                Some(Child { node: &entry.value, entry: Some(entry), position: 0 })
            }
            (Step::Position(at), Shape::Seq(items)) => {
                // Nearly always nothing was refused before it.
                let all = items
                    .get(..=*at)
                    .is_some_and(|before| before.iter().all(|item| !item.is_gone()));
                let (position, node) =
                    if all { (*at, &items[*at]) } else { node.items().nth(*at)? };
                Some(Child { node, entry: None, position })
            }
            _ => None,
        }
    }

    fn indexed(&self, node: &'n Node, entries: &'n [Entry], key: &str) -> Option<&'n Entry> {
        let mut large = self.large.borrow_mut();
        let index = large.entry(std::ptr::from_ref(node)).or_insert_with(|| {
            let there = entries.iter().rev().filter(|entry| !entry.value.is_gone());
            there.map(|entry| (entry.key.as_str(), entry)).collect()
        });
        index.get(key).copied()
    }
}

/// A mapping may have been written by its short form alone.
fn short_of(key: &str) -> Option<&'static str> {
    SHORT.iter().find(|(_, long, _)| *long == key).map(|(short, ..)| *short)
}

/// An unnamed collection (a list item, the file) is shown by its first key.
fn first_line(node: &Node) -> Span {
    match &node.shape {
        Shape::Map(entries) => entries
            .first()
            .map_or(node.span.clone(), |entry| entry.key_span.start..entry.value.span.end),
        Shape::Seq(items) => items.first().map_or(node.span.clone(), first_line),
        Shape::Scalar { .. } | Shape::Gone => node.span.clone(),
    }
}

fn steps(path: &str) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let (step, after) = if let Some(quoted) = rest.strip_prefix("[\"") {
            let (name, after) = quoted.split_once("\"]").unwrap_or((quoted, ""));
            (Step::Key(name), after)
        } else if let Some(position) = rest.strip_prefix('[') {
            let (digits, after) = position.split_once(']').unwrap_or((position, ""));
            (Step::Position(digits.parse().unwrap_or(usize::MAX)), after)
        } else {
            let rest = rest.strip_prefix('.').unwrap_or(rest);
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            (Step::Key(&rest[..end]), &rest[end..])
        };
        steps.push(step);
        rest = after;
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_back_as_it_was_built() {
        let path = key(&key("tiers[2]", "tags"), "a.b/c");
        assert_eq!(path, "tiers[2].tags[\"a.b/c\"]");
        assert_eq!(
            steps(&path),
            [Step::Key("tiers"), Step::Position(2), Step::Key("tags"), Step::Key("a.b/c")]
        );
        assert_eq!(without_positions("tiers[2].size"), "tiers[].size");
    }
}
