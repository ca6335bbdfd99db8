//! Names of places in a blueprint: `tiers[2].size`, `metadata.tags["a.b"]`.

use super::tree::{Entry, Node, Shape};
use crate::diagnostic::Span;

/// One step into the tree.
#[derive(Debug, PartialEq)]
enum Step<'p> {
    Key(&'p str),
    Position(usize),
}

pub fn key(path: &str, key: &str) -> String {
    let plain = !key.is_empty()
        && key.chars().all(|letter| letter.is_alphanumeric() || letter == '-' || letter == '_');
    match (path.is_empty(), plain) {
        (true, true) => key.to_string(),
        (false, true) => format!("{path}.{key}"),
        (_, false) => format!("{path}[\"{key}\"]"),
    }
}

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

/// The span of `path`, or of its nearest ancestor that is in the file. A value of several lines is shown by its key.
pub fn locate(root: &Node, path: &str) -> Span {
    let (node, named, reached) = walk(root, path);
    let collection = !matches!(node.shape, Shape::Scalar { .. });
    match named {
        Some(entry) if collection || !reached => entry.key_span.clone(),
        _ => first_line(node),
    }
}

/// The span of the key that `path` ends with.
pub fn locate_key(root: &Node, path: &str) -> Span {
    match walk(root, path) {
        (_, Some(entry), _) => entry.key_span.clone(),
        (node, None, _) => first_line(node),
    }
}

/// The node of `path` or its nearest ancestor, the entry that names it, and whether it is the path's own.
fn walk<'n>(root: &'n Node, path: &str) -> (&'n Node, Option<&'n Entry>, bool) {
    let mut node = root;
    let mut named: Option<&Entry> = None;
    let mut reached = true;
    for step in steps(path) {
        match child(node, &step) {
            Some((next, entry)) => (node, named) = (next, entry),
            None => {
                reached = false;
                break;
            }
        }
    }
    (node, named, reached)
}

/// An unnamed collection (a list item, the file) is shown by its first key.
fn first_line(node: &Node) -> Span {
    match &node.shape {
        Shape::Map(entries) => entries
            .first()
            .map_or(node.span.clone(), |entry| entry.key_span.start..entry.value.span.end),
        Shape::Seq(items) => items.first().map_or(node.span.clone(), first_line),
        Shape::Scalar { .. } => node.span.clone(),
    }
}

fn child<'n>(node: &'n Node, step: &Step<'_>) -> Option<(&'n Node, Option<&'n Entry>)> {
    match (step, &node.shape) {
        (Step::Key(key), Shape::Map(_)) => node.entry(key).map(|entry| (&entry.value, Some(entry))),
        (Step::Position(at), Shape::Seq(items)) => items.get(*at).map(|item| (item, None)),
        _ => None,
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
