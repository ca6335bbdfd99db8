//! The words of `fleet.yaml`. Read by the reader of blueprints, with the same places and the same strictness.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::blueprint::Words;
use crate::blueprint::model::ApiVersion;

/// Many blueprints with one address plan, and the order in which they are deployed.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fleet {
    /// The language this file is written in.
    pub api_version: ApiVersion,
    pub kind: Kind,
    pub metadata: Option<Metadata>,
    /// Ranges that the members' VPCs are part of (rule FLT-02).
    pub supernets: Option<Vec<Supernet>>,
    /// Ranges that no member may have: data centers, VPNs, other networks (rule FLT-03).
    pub reserved: Option<Vec<Reserved>>,
    /// Ranges that may repeat from VPC to VPC and are never routed between them (rule FLT-04). Default: 100.64.0.0/10.
    pub shared: Option<Vec<String>>,
    /// Which members reach each other, by peering or transit gateways, and must not overlap (rule FLT-01). Default: all of a Region.
    pub connected: Option<Vec<Connected>>,
    /// Files of the members: a pattern, or several, relative to this file. Default: every blueprint beside it and below.
    pub members: Option<Members>,
    /// Accounts and roles by member, or by a pattern of members' names.
    pub accounts: Option<BTreeMap<String, Account>>,
    /// The order of deployment. A member belongs to the first wave that names it (rule FLT-13).
    pub waves: Option<Vec<Wave>>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub enum Kind {
    Fleet,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Metadata {
    /// Name of the fleet.
    pub name: Option<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Supernet {
    /// The range, of any size.
    pub cidr: String,
    /// Default: every Region.
    pub regions: Option<Vec<String>>,
    /// Sizes that members may ask for by name, such as `small: /19` (rule FLT-12).
    pub classes: Option<BTreeMap<String, String>>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Reserved {
    Range(String),
    For(ReservedFor),
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReservedFor {
    pub cidr: String,
    /// What the range is for; it stands in the finding.
    pub why: Option<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Connected {
    /// Names of members, or patterns such as `shop-*`.
    pub members: Vec<String>,
    /// What they are connected with beside each other: `onPrem` is everything under `reserved`.
    pub with: Option<With>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum With {
    OnPrem,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Members {
    One(String),
    Several(Vec<String>),
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Account {
    /// The account's id: twelve digits, quoted.
    pub account: String,
    /// The role that is assumed in it, by `fleet` commands and by a pipeline's jobs: a name, or an ARN.
    pub role: Option<String>,
    /// Profile of the AWS configuration with the credentials for it, such as one with `role_arn`; `fleet` commands then assume no role.
    pub profile: Option<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Wave {
    pub name: String,
    /// Names of members, or patterns such as `dev-*`.
    pub members: Vec<String>,
    /// How many are deployed at once in one account and Region. Default: 1.
    #[schemars(range(min = 1, max = 100))]
    pub parallel: Option<u32>,
    /// How many may fail before the wave stops. Default: 0.
    pub tolerate: Option<u32>,
    /// How long to wait before the wave begins, such as `30m`.
    pub after: Option<String>,
}

impl Words for Fleet {
    fn known_schema() -> &'static Value {
        static SCHEMA: OnceLock<Value> = OnceLock::new();
        SCHEMA.get_or_init(schema)
    }
}

/// The JSON Schema (draft 2020-12) of a fleet.
pub fn schema() -> Value {
    schemars::schema_for!(Fleet).to_value()
}
