//! What node groups have unless they say otherwise, put into each of them: every word keeps the place where it was written, so that
//! findings show what decided.

use super::node::{Entry, Node, Shape};
use crate::diagnostic::Diagnostic;
use crate::rules::YAML_07;

pub const DEFAULTS: &str = "nodeGroupDefaults";
pub const GROUPS: &str = "nodeGroups";

/// Nodes that all groups may have of the defaults; a thousand groups with ten words each have fewer.
const MOST_NODES: usize = 200_000;

/// (short form, the mapping that it stands for, its key)
pub const SHORT: [(&str, &str, &str); 2] =
    [("amiType", "ami", "type"), ("diskSize", "volume", "size")];

/// Of these a group's image is one: a group that says one of them has none of the defaults' others.
const IMAGES: [&str; 3] = ["id", "ssmParameter", "releaseVersion"];

/// The tree with the defaults in every group.
pub fn spread(mut root: Node) -> (Node, Option<Diagnostic>) {
    let Some(defaults) = root.entry(DEFAULTS).map(|entry| entry.value.clone()) else {
        return (root, None);
    };
    let Shape::Map(defaults_of) = &defaults.shape else { return (root, None) };
    let Shape::Map(entries) = &mut root.shape else { return (root, None) };
    let groups = entries.iter_mut().find(|entry| entry.key == GROUPS && !entry.value.is_gone());
    let Some(Shape::Seq(groups)) = groups.map(|entry| &mut entry.value.shape) else {
        return (root, None);
    };
    if MOST_NODES / defaults.size().0.max(1) < groups.len() {
        let message =
            format!("{} node groups with all of these defaults are too many", groups.len());
        let finding = YAML_07.at(DEFAULTS, message).hint("make fewer groups, or fewer defaults");
        return (root, Some(finding.at(defaults.span.start..defaults.span.start)));
    }
    for group in groups {
        if let Shape::Map(own) = &mut group.shape {
            fill(own, defaults_of);
        }
    }
    (root, None)
}

fn fill(own: &mut Vec<Entry>, defaults: &[Entry]) {
    let mut defaults: Vec<Entry> =
        defaults.iter().filter(|entry| !entry.value.is_gone()).cloned().collect();
    for (short, long, inner) in SHORT {
        if has(own, long) && !has(own, short) {
            lengthen(&mut defaults, (short, long, inner));
        }
        if has(own, short) && has(&defaults, long) {
            lengthen(own, (short, long, inner));
        }
        if has(own, short) && has(&defaults, short) {
            defaults.retain(|entry| entry.key != short);
        }
    }
    merge(own, defaults, Depth::Group);
}

fn has(entries: &[Entry], key: &str) -> bool {
    entries.iter().any(|entry| entry.key == key)
}

/// `amiType: X` as `ami: { type: X }`.
fn lengthen(entries: &mut [Entry], (short, long, inner): (&str, &str, &str)) {
    if has(entries, long) {
        return;
    }
    for entry in entries.iter_mut().filter(|entry| entry.key == short) {
        let span = entry.value.span.clone();
        let value = Entry { key: inner.to_string(), ..entry.clone() };
        entry.key = long.to_string();
        entry.value = Node { span, shape: Shape::Map(vec![value]), tagged: false };
    }
}

/// How deep in a group two mappings meet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    Group,
    Image,
    Below,
}

fn merge(own: &mut Vec<Entry>, defaults: Vec<Entry>, depth: Depth) {
    let image = depth == Depth::Image && IMAGES.iter().any(|key| has(own, key));
    for default in defaults {
        let Some(written) = own.iter_mut().find(|entry| entry.key == default.key) else {
            if !(image && IMAGES.contains(&default.key.as_str())) {
                own.push(default);
            }
            continue;
        };
        let below = match (depth, default.key.as_str()) {
            // Kinds of capacity exclude each other.
            (Depth::Group, "capacity") => continue,
            (Depth::Group, "ami") => Depth::Image,
            _ => Depth::Below,
        };
        if let (Shape::Map(inner), Shape::Map(more)) =
            (&mut written.value.shape, default.value.shape)
        {
            merge(inner, more, below);
        }
    }
}
