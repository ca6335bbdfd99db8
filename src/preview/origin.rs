//! Which key of the blueprint decides a property: the line that a reviewer wants to see.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::blueprint::edits::Edit;
use crate::blueprint::path;
use crate::facts::property_words;
use crate::graph::Graph;

use super::PropertyChange;

/// Leads a place to the edit that it is of, where that can be told.
pub fn lead(place: &mut String, edits: &[Edit]) {
    let within = |outer: &str, inner: &str| {
        let rest = inner.strip_prefix(outer);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let own = place.as_str();
    let mut near = edits.iter().filter(|edit| within(own, &edit.path) || within(&edit.path, own));
    let only = match (near.next(), near.next(), edits) {
        (Some(one), None, _) | (_, _, [one]) => one,
        _ => return,
    };
    // Of a list that comes as a whole, the item is nearer.
    let rest = own.strip_prefix(only.path.as_str());
    let is_item = only.before.is_none() && rest.is_some_and(|rest| rest.starts_with('['));
    if !is_item {
        *place = only.path.clone();
    }
}

/// Types that have tags of their own in the blueprint; all others have those of `metadata` alone.
const OWN_TAGS: &[&str] = &[
    "AWS::EC2::Subnet",
    "AWS::EC2::SecurityGroup",
    "AWS::EKS::Nodegroup",
    "AWS::EC2::LaunchTemplate",
];
/// Tags that eksnet gives by itself.
const GIVEN: &[&str] = &["Name", "kubernetes.io/", "karpenter.sh/", "eks:"];

/// The key of `metadata.tags` that a tag comes from.
fn shared_tag(kind: &str, because: &PropertyChange, graph: &Graph) -> Option<String> {
    let (_, key) = because.property.split_once("Tags/")?;
    let gone = because.after.is_none() && !OWN_TAGS.contains(&kind);
    let given = GIVEN.iter().any(|begin| key.starts_with(begin));
    (graph.tags.contains(key) || gone && !given).then(|| path::key("metadata.tags", key))
}

/// The place of a property of a resource that the blueprint's `made` makes.
pub fn of(kind: &str, made: &str, because: &PropertyChange, graph: &Graph) -> String {
    if let Some(place) = shared_tag(kind, because, graph) {
        return place;
    }
    let below = |key: &str| {
        if made.is_empty() { String::new() } else { format!("{made}.{key}") }
    };
    if kind == "AWS::EC2::Subnet" && because.property == "CidrBlock" {
        return below(if same_size(because) { "cidrs" } else { "size" });
    }
    if kind == "AWS::EKS::Nodegroup" && because.property == "Subnets" {
        return below(if same_tier(because) { "zones" } else { "tier" });
    }
    property_words::place(kind, &because.property, made).unwrap_or(made.to_string())
}

/// Whether subnets differ in their zones alone: an id ends with its zone, as in `SubnetNodesEuw1Az1`.
fn same_tier(because: &PropertyChange) -> bool {
    let tiers = |side: &Option<Value>| -> BTreeSet<String> {
        let ids = side.iter().filter_map(Value::as_array).flatten();
        ids.filter_map(|one| one["Ref"].as_str()).map(|id| tier(id).to_string()).collect()
    };
    tiers(&because.before) == tiers(&because.after)
}

fn tier(subnet: &str) -> &str {
    let (rest, _) = subnet.rsplit_once("Az").unwrap_or((subnet, ""));
    let rest = rest.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let rest = rest.trim_end_matches(|letter: char| letter.is_ascii_lowercase());
    rest.strip_suffix(|letter: char| letter.is_ascii_uppercase()).unwrap_or(rest)
}

fn same_size(because: &PropertyChange) -> bool {
    let length = |side: &Option<Value>| {
        side.as_ref()
            .and_then(Value::as_str)
            .and_then(|cidr| cidr.split('/').nth(1))
            .map(str::to_string)
    };
    length(&because.before) == length(&because.after)
}
