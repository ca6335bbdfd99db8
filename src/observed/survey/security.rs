//! Who may talk to whom: security groups, network ACLs and prefix lists.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Part, Tags};

/// A network ACL.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkAcl {
    /// `acl-…`
    pub id: String,
    /// Whether it is the VPC's default one.
    pub is_default: bool,
    /// Subnets that it rules.
    pub subnets: Vec<String>,
    /// Ingress first, each direction in the order in which EC2 asks them.
    pub entries: Vec<AclEntry>,
    /// By key.
    pub tags: Tags,
}

/// One entry of a network ACL.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct AclEntry {
    /// The lowest number that matches decides; 32767 is AWS's own refusal at the end.
    pub number: u32,
    /// Of packets that leave.
    pub egress: bool,
    /// `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `-1` for all.
    pub protocol: String,
    /// Whether it lets packets pass.
    pub allow: bool,
    /// The other side's IPv4 addresses.
    #[schemars(with = "Option<String>")]
    pub cidr: Option<Ipv4Net>,
    /// The other side's IPv6 addresses.
    #[schemars(with = "Option<String>")]
    pub ipv6_cidr: Option<Ipv6Net>,
    /// First and last port; none: all.
    pub ports: Option<(u16, u16)>,
}

/// A security group with its rules.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct SecurityGroup {
    /// `sg-…`
    pub id: String,
    /// Its name.
    pub name: String,
    /// As its owner wrote it.
    pub description: String,
    /// Ingress first.
    pub rules: Vec<SecurityRule>,
    /// By key.
    pub tags: Tags,
}

/// One rule of a security group: it names one range, one list or one group.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct SecurityRule {
    /// `sgr-…`; empty where EC2 was only asked for the group.
    pub id: String,
    /// Of packets that leave.
    pub egress: bool,
    /// `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `-1` for all.
    pub protocol: String,
    /// First and last port; none: all.
    pub ports: Option<(u16, u16)>,
    /// The other side's IPv4 addresses.
    #[schemars(with = "Option<String>")]
    pub cidr: Option<Ipv4Net>,
    /// The other side's IPv6 addresses.
    #[schemars(with = "Option<String>")]
    pub ipv6_cidr: Option<Ipv6Net>,
    /// `pl-…`
    pub prefix_list: Option<String>,
    /// Members of this group.
    pub group: Option<String>,
    /// As its owner wrote it.
    pub description: String,
}

/// A managed prefix list.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct PrefixList {
    /// `pl-…`
    pub id: String,
    /// Such as `com.amazonaws.eu-west-1.s3`.
    pub name: String,
    /// The account that owns it, or `AWS`.
    pub owner: String,
    /// How many rules it counts as.
    pub max_entries: Option<u32>,
    /// Not read of AWS's own lists.
    pub entries: Part<Vec<PrefixListEntry>>,
}

/// A range of a prefix list.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct PrefixListEntry {
    /// The range.
    #[schemars(with = "String")]
    pub cidr: IpNet,
    /// As its owner wrote it.
    #[serde(default)]
    pub description: String,
}
