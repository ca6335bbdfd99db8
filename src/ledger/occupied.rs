//! What others hold in the network, as a survey saw it last: kept in the lock, so that later offline runs fit around it.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use super::{KeptSettings, settings};
use crate::facts::subnets;

/// Ranges of a VPC that others hold, and what of theirs the blueprint names.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Occupied {
    /// The day it was read, such as `2026-11-28`.
    pub read: String,
    /// In address order.
    pub ranges: Vec<Occupant>,
    /// The VPC that the blueprint names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc: Option<HeldVpc>,
    /// Subnets of tiers that exist, in the order of tiers, then of zones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subnets: Vec<HeldSubnet>,
    /// The cluster that the blueprint names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<HeldCluster>,
    /// Parts of it that plans depend on and that were not read: nobody knows what is there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<HeldUnread>,
}

/// A part of a survey that was not read.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HeldUnread {
    /// Its place in the survey, such as `vpc.subnets`.
    pub part: String,
    /// The IAM action or the Kubernetes verb that it takes, such as `ec2:DescribeSubnets`.
    pub action: String,
    /// In AWS's or Kubernetes' words.
    pub why: String,
}

/// One range that others hold.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Occupant {
    /// The range.
    pub cidr: Ipv4Net,
    /// Who holds it: a subnet's id, a peer, a reservation.
    pub holder: String,
}

/// A VPC that others made.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HeldVpc {
    /// `vpc-…`
    pub id: String,
    /// Its ranges, the primary one first, without those of eksnet's own stack.
    pub cidrs: Vec<Ipv4Net>,
    /// Ranges that are being taken off it: no subnet is created in them any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leaving: Vec<Ipv4Net>,
    /// `igw-…`; a VPC has one at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internet_gateway: Option<String>,
    /// Destinations of its routes, local ones left out: a new range must not hold one (rule VPC-25).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Beyond>,
    /// Ranges of its peers: a new range must not overlap one (rule VPC-26).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub peers: Vec<Beyond>,
    /// Services that have an endpoint already: its private name is taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub endpoints: Vec<String>,
    /// Transit gateways that it is attached to: it has one attachment to each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attached: Vec<String>,
    /// The account that owns it, where that is not the one that reads it: a participant makes no subnets in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What is missing where the nodes' range is let in and a new one is not, such as `sg-1 (orders-db, Terraform): tcp 5432 from 100.64.0.0/16`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub admit_old: Vec<String>,
}

/// A range outside the VPC, and what leads there.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Beyond {
    /// The range.
    pub cidr: Ipv4Net,
    /// A route table, or a peering connection.
    pub by: String,
}

/// A subnet that others made and a tier names.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HeldSubnet {
    /// The tier's name in the blueprint.
    pub tier: String,
    /// `subnet-…`
    pub id: String,
    /// Zone id.
    pub zone: String,
    /// The zone's name in the account it was read from.
    pub zone_name: String,
    /// Its range.
    pub cidr: Ipv4Net,
    /// Free addresses on the day of the reading, the unused part of prefix reservations counted.
    pub free: u64,
    /// Addresses that the cluster's own nodes and their pods held then.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub nodes: u64,
    /// Who made it, where its tags tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Instances get a public address.
    #[serde(default, skip_serializing_if = "is_false")]
    pub public: bool,
    /// Its routes, local and learned ones left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<HeldRoute>,
}

impl HeldSubnet {
    /// Addresses that are not free: interfaces and explicit reservations hold them.
    pub fn held(&self) -> u64 {
        subnets::usable(self.cidr.prefix_len()).saturating_sub(self.free)
    }
}

/// One route of a subnet that others made.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HeldRoute {
    /// A range or a prefix list.
    pub to: String,
    /// `igw-…`, `nat-…`, `tgw-…` …
    pub via: String,
}

/// A cluster that others made.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HeldCluster {
    /// Its name in EKS.
    pub name: String,
    /// Of Kubernetes.
    pub version: String,
    /// `ipv6`, where it is; `ipv4` otherwise.
    pub ip_family: String,
    /// Of its services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_cidr: Option<Ipv4Net>,
    /// URL of its API.
    pub endpoint: String,
    /// Certificates of its authority, PEM in base64.
    pub authority: String,
    /// The group that EKS made.
    pub security_group: String,
    /// `API`, `API_AND_CONFIG_MAP` or `CONFIG_MAP`.
    pub authentication_mode: String,
    /// Its API is reachable inside the VPC.
    pub endpoint_private: bool,
    /// Of its OIDC provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oidc_issuer: Option<String>,
    /// Its node groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub node_groups: Vec<HeldGroup>,
    /// Names of its Fargate profiles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fargate: Vec<String>,
    /// Its add-ons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addons: Vec<HeldAddon>,
    /// `namespace/serviceAccount` of its Pod Identity associations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pod_identities: Vec<String>,
    /// Principals of its access entries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub access: Vec<String>,
    /// Zones that have nodes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub node_zones: Vec<HeldZone>,
    /// Variables of aws-node that decide how many addresses nodes take, and what is not as aws-node has it by itself; without what this
    /// blueprint sets.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub aws_node: BTreeMap<String, String>,
    /// aws-node has a role of its own: nodes need no rights for it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub aws_node_role: bool,
    /// EKS Auto Mode is on.
    #[serde(default, skip_serializing_if = "is_false")]
    pub auto_mode: bool,
}

/// A zone, in the account it was read from.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HeldZone {
    /// Such as `euw1-az1`.
    pub id: String,
    /// Such as `eu-west-1a`.
    pub name: String,
}

/// A node group that others made.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HeldGroup {
    /// Its name in EKS.
    pub name: String,
    /// Who made it, as its tags tell.
    pub owner: String,
    /// Such as `m6i.xlarge`.
    pub instance_types: Vec<String>,
    /// Where it starts nodes.
    pub subnets: Vec<String>,
    /// Least nodes.
    pub min: u32,
    /// Wanted nodes.
    pub desired: u32,
    /// Most nodes.
    pub max: u32,
}

/// An add-on that the cluster has.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HeldAddon {
    /// Such as `vpc-cni`.
    pub name: String,
    /// Who made it, as its tags tell.
    pub owner: String,
    /// Its version.
    pub version: String,
    /// Its configuration values, as JSON, without what this blueprint sets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<String>,
}

fn is_zero(value: &u64) -> bool {
    *value == 0
}

fn is_false(value: &bool) -> bool {
    !value
}

impl HeldCluster {
    /// Without what a blueprint sets of its aws-node.
    pub fn without(&mut self, own: &KeptSettings, addon: &str) {
        self.aws_node = own.running_without(&self.aws_node);
        let addon = self.addons.iter_mut().find(|one| one.name == addon);
        if let Some(values) = addon.and_then(|addon| addon.configuration.as_mut()) {
            *values = own.without(&settings::value(values)).to_string();
        }
    }
}

impl Occupied {
    /// Whether two readings say the same of what plans depend on: the day and the free addresses are not it.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let plain = |one: &Self| {
            let mut one = Self { read: String::new(), ..one.clone() };
            one.subnets.iter_mut().for_each(|subnet| (subnet.free, subnet.nodes) = (0, 0));
            // Scaling groups move them by themselves.
            let groups = one.cluster.iter_mut().flat_map(|cluster| &mut cluster.node_groups);
            groups.for_each(|group| group.desired = 0);
            one
        };
        plain(self) == plain(other)
    }

    /// What of others counts against a quota of the VPC, by the template of such resources; as far as it is known.
    pub fn counted(&self, template: &str) -> u64 {
        let vpc = self.vpc.as_ref();
        let count = match template {
            "ec2/subnet" => {
                self.ranges.iter().filter(|one| one.holder.starts_with("subnet-")).count()
            }
            "ec2/vpc-endpoint-interface" => vpc.map_or(0, |vpc| vpc.endpoints.len()),
            // The primary one is counted with the quota.
            "ec2/vpc-cidr-block" => vpc.map_or(0, |vpc| vpc.cidrs.len().saturating_sub(1)),
            _ => 0,
        };
        count as u64
    }

    /// The part of this name, where it was not read.
    pub fn unread(&self, part: &str) -> Option<&HeldUnread> {
        self.unread.iter().find(|one| one.part == part)
    }

    /// Who holds a part of a range.
    pub fn holder(&self, range: Ipv4Net) -> Option<&Occupant> {
        let overlap = |one: &&Occupant| one.cidr.contains(&range) || range.contains(&one.cidr);
        self.ranges.iter().find(overlap)
    }
}
