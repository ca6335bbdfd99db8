//! A VPC that exists, and what is around it.

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use super::Unread;

/// A VPC and what is in it.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Network {
    /// Such as `vpc-0123456789abcdef0`.
    pub vpc: String,
    /// Associated now, the primary one first.
    pub cidrs: Vec<Ipv4Net>,
    /// Local routes left out.
    pub routes: Vec<RouteEntry>,
    /// Peerings of the VPC.
    pub peers: Vec<Peer>,
    /// All of its subnets, whoever made them.
    pub subnets: Vec<LiveSubnet>,
    /// From VPC Block Public Access.
    pub excluded: bool,
    /// What of it could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
}

/// The read that a VPC's subnets come from.
pub const SUBNETS: &str = "ec2:DescribeSubnets";

impl Network {
    /// Whether its subnets could be read.
    pub fn knows_subnets(&self) -> bool {
        self.unread.iter().all(|unread| unread.action != SUBNETS)
    }

    /// Whether a subnet has exactly this range.
    pub fn has_subnet(&self, cidr: Ipv4Net) -> bool {
        self.subnets.iter().any(|subnet| subnet.cidr.parse() == Ok(cidr))
    }
}

/// One row of a route table.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "camelCase")]
pub struct RouteEntry {
    /// Id of the route table.
    pub table: String,
    /// Where to.
    pub destination: Ipv4Net,
}

/// The other side of a peering.
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
    /// `subnet-…`
    pub id: String,
    /// Its IPv4 range.
    pub cidr: String,
    /// Such as `euw1-az1`.
    pub zone_id: String,
    /// Such as `eu-west-1a`.
    pub zone_name: String,
    /// EC2's count of unused addresses.
    pub free: u64,
}

/// A part of a subnet that is kept for prefixes.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Reservation {
    /// `scr-…`
    pub id: String,
    /// The subnet's id.
    pub subnet: String,
    /// The part of the subnet that is reserved.
    pub cidr: String,
}
