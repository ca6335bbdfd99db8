//! Network interfaces: who holds which addresses.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Tags;

/// A network interface of the VPC.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Interface {
    /// `eni-…`
    pub id: String,
    /// The subnet's id.
    pub subnet: String,
    /// `available` (attached to nothing), `attaching`, `in-use`, `detaching`, `associated`.
    pub status: String,
    /// Such as `interface`, `trunk`, `branch`, `nat_gateway`, `vpc_endpoint`, `network_load_balancer`, `lambda`.
    pub kind: String,
    /// Such as `aws-K8S-i-0…`, `Amazon EKS shop`, `ELB app/…`.
    pub description: String,
    /// Who asked for it: an account, or a service's alias.
    pub requester: String,
    /// AWS manages it for a service.
    pub requester_managed: bool,
    /// The service that operates it.
    pub operator: Option<String>,
    /// What it is attached to.
    pub attachment: Option<Attachment>,
    /// The private addresses, the primary one first.
    pub addresses: Vec<Address>,
    /// /28 prefixes.
    #[schemars(with = "Vec<String>")]
    pub prefixes: Vec<Ipv4Net>,
    /// IPv6 addresses.
    pub ipv6: Vec<Ipv6Addr>,
    /// /80 prefixes.
    #[schemars(with = "Vec<String>")]
    pub ipv6_prefixes: Vec<Ipv6Net>,
    /// Security groups.
    pub groups: Vec<String>,
    /// By key.
    pub tags: Tags,
}

/// A private address of an interface.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Address {
    /// In the subnet.
    pub private: Ipv4Addr,
    /// An Elastic IP or a public address that leads to it.
    #[serde(default)]
    pub public: Option<Ipv4Addr>,
}

/// What an interface is attached to.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Attachment {
    /// `i-…`; none of what a service attached.
    pub instance: Option<String>,
    /// 0 is the primary interface.
    pub device_index: Option<u32>,
    /// The account of the instance.
    pub owner: String,
    /// Such as `attached`.
    pub state: String,
    /// Since when.
    pub since: Option<String>,
}

impl Interface {
    /// Addresses that it holds, those of its prefixes counted.
    pub fn held(&self) -> u64 {
        let prefixes = self.prefixes.iter().map(|prefix| 1u64 << (32 - prefix.prefix_len()));
        self.addresses.len() as u64 + prefixes.sum::<u64>()
    }

    /// The instance it is attached to.
    pub fn instance(&self) -> Option<&str> {
        self.attachment.as_ref()?.instance.as_deref()
    }
}
