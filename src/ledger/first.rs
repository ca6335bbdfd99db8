//! Schema version 1, as eksnet 0.1.0 wrote it: read for ever.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::digest::digest_of;
use super::{Entry, Kept, KeptGroup, Ledger, SCHEMA_VERSION};

/// In the order in which its digest was taken.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct First {
    schema_version: u32,
    name: String,
    region: String,
    generation: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    vpc_cidr: Option<Ipv4Net>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ipv6: Option<String>,
    subnets: Vec<Entry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    removed: Vec<Entry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    cluster_zones: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    node_group_zones: BTreeMap<String, Vec<String>>,
}

/// Fargate profiles stood among the node groups under such a key.
const FARGATE: &str = "fargate/";

pub fn read(value: &Value) -> Result<Ledger, serde_json::Error> {
    let first: First = serde_json::from_value(value.clone())?;
    let mut kept = Kept { cluster_zones: first.cluster_zones, ..Kept::default() };
    for (name, zones) in first.node_group_zones {
        match name.strip_prefix(FARGATE) {
            Some(profile) => _ = kept.fargate.insert(profile.to_string(), zones),
            None => _ = kept.node_groups.insert(name, KeptGroup { zones, ..KeptGroup::default() }),
        }
    }
    Ok(Ledger {
        schema_version: SCHEMA_VERSION,
        generation: first.generation,
        vpc_cidr: first.vpc_cidr,
        ipv6: first.ipv6,
        subnets: first.subnets,
        removed: first.removed,
        kept,
        ..Ledger::empty(&first.name, &first.region)
    })
}

/// Of a lock's content; empty if it is not of this version.
pub fn digest(value: &Value) -> String {
    serde_json::from_value::<First>(value.clone()).map_or(String::new(), |first| digest_of(&first))
}
