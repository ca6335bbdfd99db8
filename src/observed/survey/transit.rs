//! Transit gateways that the VPC is attached to, and what they know of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Part, Tags};

/// An attachment of the VPC to a transit gateway.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct TransitAttachment {
    /// `tgw-attach-…`
    pub id: String,
    /// `tgw-…`
    pub gateway: String,
    /// Subnets that hold its interfaces: traffic of a zone without one does not get there.
    pub subnets: Vec<String>,
    /// Such as `available`.
    pub state: String,
    /// By key.
    pub tags: Tags,
}

/// A transit gateway that a route of the VPC leads to.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct TransitGateway {
    /// `tgw-…`
    pub id: String,
    /// Empty where EC2 shows this account none: another one may own the gateway.
    pub route_tables: Part<Vec<TransitRouteTable>>,
}

/// A route table of a transit gateway.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct TransitRouteTable {
    /// `tgw-rtb-…`
    pub id: String,
    /// Active ones, in the order of their destinations.
    pub routes: Vec<TransitRoute>,
}

/// A route of a transit gateway.
#[derive(
    Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord,
)]
#[serde(rename_all = "camelCase", default)]
pub struct TransitRoute {
    /// An IPv4 or IPv6 range, or a prefix list (`pl-…`).
    pub destination: String,
    /// Where it leads (`tgw-attach-…`).
    pub attachments: Vec<String>,
    /// Learned from an attachment, not written.
    pub propagated: bool,
}
