//! What an account has and allows, beside its stacks.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::facts::quotas::Counted;

use super::{Part, Unread};

/// What the account offers and allows in the Region.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Account {
    /// (zone id, zone name) of the Region's availability zones.
    pub zones: Part<Vec<(String, String)>>,
    /// Of the instance types that a blueprint names.
    pub offered: Part<BTreeSet<Offer>>,
    /// Values by quota code.
    pub quotas: BTreeMap<String, Part<u64>>,
    /// What counts against them in the Region.
    pub counts: BTreeMap<Counted, Part<u64>>,
    /// vCPUs that run in the Region, by the code of their quota.
    pub vcpus: Part<BTreeMap<String, u64>>,
    /// NAT gateways of the Region, by zone id.
    pub nat_gateways: Part<BTreeMap<String, u64>>,
    /// Most entries of the prefix lists that a blueprint names.
    pub prefix_lists: Part<BTreeMap<String, u64>>,
    /// Of AWS's endpoint services that a blueprint names, those that the Region has.
    pub endpoint_services: Part<BTreeSet<EndpointService>>,
    /// VPC Block Public Access of the account.
    pub public_access: Part<PublicAccess>,
    /// Versions by add-on, for one Kubernetes version.
    pub addons: BTreeMap<String, Part<AddonVersions>>,
    /// JSON Schemas of add-ons' configuration values, of the versions that would run, by add-on.
    pub schemas: BTreeMap<String, Part<Value>>,
    /// Elastic IP addresses of the author's own.
    pub addresses: Part<Vec<OwnAddress>>,
    /// The account's number.
    pub owner: Part<String>,
    /// The one that the blueprint attaches to; `Read(None)` where this account sees none.
    pub transit_gateway: Part<Option<LiveTransitGateway>>,
    /// The same of a virtual private gateway.
    pub vpn_gateway: Part<Option<LiveVpnGateway>>,
    /// IPAM pools that the blueprint names, by id; `Read(None)` where this account sees none.
    pub pools: BTreeMap<String, Part<Option<LivePool>>>,
}

/// An instance type in a zone that offers it.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "camelCase")]
pub struct Offer {
    /// Such as `m6i.large`.
    pub instance_type: String,
    /// Such as `euw1-az1`.
    pub zone_id: String,
}

/// A service that a Region has endpoints for.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "camelCase")]
pub struct EndpointService {
    /// Such as `com.amazonaws.eu-west-1.ecr.api`.
    pub name: String,
    /// A gateway may have the name of an interface.
    pub is_gateway: bool,
    /// Names of the zones that it can be reached from.
    pub zones: BTreeSet<String>,
}

/// VPC Block Public Access of the account.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum PublicAccess {
    /// Nothing is blocked.
    Open,
    /// Nothing comes in; NAT and egress-only gateways work.
    BlockIngress,
    /// Connections in both directions.
    BlockBoth,
}

/// An Elastic IP of the account.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct OwnAddress {
    /// Allocation id, `eipalloc-…`.
    pub allocation: String,
    /// The interface it is attached to.
    pub interface: Option<String>,
}

/// A transit gateway as EC2 describes it.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct LiveTransitGateway {
    /// Such as `available`.
    pub state: String,
    /// The account that it belongs to.
    pub owner: String,
    /// The table that it associates new attachments with by itself.
    pub default_table: Option<String>,
    /// Whether attachments of other accounts are accepted by themselves.
    pub accepts: bool,
}

/// A virtual private gateway as EC2 describes it.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct LiveVpnGateway {
    /// Such as `available`.
    pub state: String,
    /// The VPC that it is attached to.
    pub vpc: Option<String>,
}

/// An IPAM pool as EC2 describes it.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct LivePool {
    /// Such as `create-complete`.
    pub state: String,
    /// The Region whose VPCs it serves; `None` in words where it serves none.
    pub locale: String,
    /// Bounds of the prefix lengths that it gives.
    pub shortest: Option<u8>,
    /// The smallest range.
    pub longest: Option<u8>,
    /// Tags that a VPC must have.
    pub tags: BTreeMap<String, String>,
    /// Its ranges.
    pub cidrs: Vec<Ipv4Net>,
    /// What it gave already; `None` where that may not be read.
    pub taken: Option<Vec<Ipv4Net>>,
}

/// What EKS offers of an add-on for one Kubernetes version.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct AddonVersions {
    /// None where there is no such add-on.
    pub newest_first: Vec<String>,
    /// EKS's own choice.
    pub default: Option<String>,
}

impl Account {
    pub(super) fn unread(&self) -> Vec<&Unread> {
        let single = [
            self.zones.unread(),
            self.offered.unread(),
            self.public_access.unread(),
            self.addresses.unread(),
            self.vcpus.unread(),
            self.nat_gateways.unread(),
            self.prefix_lists.unread(),
            self.endpoint_services.unread(),
            self.owner.unread(),
            self.transit_gateway.unread(),
            self.vpn_gateway.unread(),
        ];
        let numbers = self.quotas.values().chain(self.counts.values()).map(Part::unread);
        let addons = self.addons.values().map(Part::unread);
        let schemas = self.schemas.values().map(Part::unread);
        let pools = self.pools.values().map(Part::unread);
        single
            .into_iter()
            .chain(numbers)
            .chain(addons)
            .chain(schemas)
            .chain(pools)
            .flatten()
            .collect()
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self {
            zones: self.zones.or(other.zones),
            offered: self.offered.or(other.offered),
            quotas: both(self.quotas, other.quotas),
            counts: both(self.counts, other.counts),
            vcpus: self.vcpus.or(other.vcpus),
            nat_gateways: self.nat_gateways.or(other.nat_gateways),
            prefix_lists: self.prefix_lists.or(other.prefix_lists),
            endpoint_services: self.endpoint_services.or(other.endpoint_services),
            pools: both(self.pools, other.pools),
            public_access: self.public_access.or(other.public_access),
            addons: both(self.addons, other.addons),
            schemas: both(self.schemas, other.schemas),
            addresses: self.addresses.or(other.addresses),
            owner: self.owner.or(other.owner),
            transit_gateway: self.transit_gateway.or(other.transit_gateway),
            vpn_gateway: self.vpn_gateway.or(other.vpn_gateway),
        }
    }
}

fn both<K: Ord, V>(own: BTreeMap<K, V>, mut other: BTreeMap<K, V>) -> BTreeMap<K, V> {
    other.extend(own);
    other
}
