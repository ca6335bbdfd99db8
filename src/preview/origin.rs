//! Which key of the blueprint decides a property: the line that a reviewer wants to see.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::facts::property_words;

use super::PropertyChange;

/// The place of a property of a resource that the blueprint's `made` makes.
pub fn of(kind: &str, made: &str, because: &PropertyChange) -> String {
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
