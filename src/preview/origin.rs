//! Which key of the blueprint decides a property: the line that a reviewer wants to see.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::blueprint::edits::Edit;
use crate::blueprint::{Document, path};
use crate::facts::property_words;
use crate::graph::Graph;

use super::{Change, PropertyChange};

/// What a role of several node groups is made by.
const GROUPS: &str = "nodeGroups";

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
    *place = only.path.clone();
}

/// The place of a property in the text: the defaults' for what a group has of them, and of a role of several groups that of the group
/// whose policies come.
pub fn written(because: &PropertyChange, document: &Document) -> String {
    if because.path == GROUPS && because.property == "ManagedPolicyArns" {
        let mut groups = document.blueprint.node_groups.iter().flatten();
        let asks = |arns: &Vec<String>| arns.iter().any(|arn| comes(because, arn));
        let at = groups.position(|one| one.policies.as_ref().is_some_and(asks));
        let place = at.map(|at| document.decided(&format!("{GROUPS}[{at}].policies")));
        return place.unwrap_or_else(|| GROUPS.to_string());
    }
    document.decided(&because.path)
}

/// Tags that no resource has any more were those of all: by the tag, the key that they came from.
pub fn gone_tags(changes: &[Change]) -> BTreeMap<String, String> {
    let because = changes.iter().flat_map(|change| &change.because);
    let shared = because.filter(|one| one.after.is_none() && one.path.starts_with("metadata.tags"));
    let by_tag = |one: &PropertyChange| Some((tag(one)?.to_string(), one.path.clone()));
    shared.filter_map(by_tag).collect()
}

/// The key of the tag that a property is.
pub fn tag(because: &PropertyChange) -> Option<&str> {
    because.property.split_once("Tags/").map(|(_, key)| key)
}

/// Whether a policy is new in a list of them, in whatever partition.
fn comes(because: &PropertyChange, arn: &str) -> bool {
    let name = arn.splitn(3, ':').nth(2).unwrap_or(arn);
    let has = |side: &Option<Value>| {
        let own = side.iter().filter_map(Value::as_array).flatten();
        own.filter_map(|one| one["Fn::Sub"].as_str().or(one.as_str()))
            .any(|one| one.ends_with(name))
    };
    has(&because.after) && !has(&because.before)
}

/// The key of `metadata.tags` that a tag comes from.
fn shared_tag(kind: &str, because: &PropertyChange, graph: &Graph) -> Option<String> {
    let key = tag(because)?;
    let gone = because.after.is_none() && !property_words::OWN_TAGS.contains(&kind);
    (graph.tags.contains(key) || gone && !is_given(key)).then(|| path::key("metadata.tags", key))
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
    let other_gateway = kind == "AWS::EC2::Route"
        && because.property == "NatGatewayId"
        && because.before.is_some()
        && because.after.is_some();
    if other_gateway && made.starts_with("tiers[") {
        return "egress.nat".to_string();
    }
    let word = property_words::place(kind, &because.property, made);
    word.map_or_else(|| made.to_string(), |word| inner(word, &because.property))
}

/// The author's own key in a word that is a map of such; a tag that eksnet gives comes from what is around the word.
fn inner(word: String, property: &str) -> String {
    let map = property_words::MAPS
        .iter()
        .find_map(|(own, begin)| Some((word.strip_suffix(own)?, property.split_once(begin)?.1)));
    match map {
        Some((around, own)) if is_given(own) => around.to_string(),
        Some((_, own)) => path::key(&word, own),
        None => word,
    }
}

fn is_given(tag: &str) -> bool {
    property_words::GIVEN_TAGS.iter().any(|begin| tag.starts_with(begin))
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
