//! A VPC that exists, and what is around it.

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use super::Unread;

#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Network {
    /// Such as `vpc-0123456789abcdef0`.
    pub vpc: String,
    /// Associated now, the primary one first.
    pub cidrs: Vec<Ipv4Net>,
    /// Local routes left out.
    pub routes: Vec<RouteEntry>,
    pub peers: Vec<Peer>,
    pub subnets: Vec<LiveSubnet>,
    /// From VPC Block Public Access.
    pub excluded: bool,
    /// What of it could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
}

#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "camelCase")]
pub struct RouteEntry {
    /// Id of the route table.
    pub table: String,
    pub destination: Ipv4Net,
}

#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "camelCase")]
pub struct Peer {
    /// Id of the peering connection.
    pub connection: String,
    /// On its other side.
    pub cidr: Ipv4Net,
}

/// A subnet as it exists.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct LiveSubnet {
    pub id: String,
    pub cidr: String,
    pub zone_id: String,
    pub zone_name: String,
    /// EC2's count of unused addresses.
    pub free: u64,
}

/// A part of a subnet that is kept for prefixes.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Reservation {
    pub id: String,
    pub subnet: String,
    pub cidr: String,
}
