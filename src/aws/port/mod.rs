//! What eksnet asks of AWS: a handful of verbs.
#![allow(
    async_fn_in_trait,
    reason = "the ports are used by this crate's own single-threaded runtime"
)]

mod kubernetes;
mod networks;
mod pools;
mod stacks;
mod vpcs;

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;

use crate::facts::quotas::Counted;
use crate::observed::{
    AddonVersions, EndpointService, LiveAddon, LiveCluster, LiveNodeGroup, LiveTransitGateway,
    LiveVpnGateway, Offer, OwnAddress, Peer, PublicAccess, RouteEntry,
};

pub use kubernetes::{Applied, Apply, Conflict, Kubernetes, Probe, Probed};
pub use networks::{Networks, Orphan, Orphans};
pub use pools::{Allocated, AllocationRequest, Associated, Pools};
pub use stacks::{
    Body, ChangeSet, ChangeSetRequest, ChangeSetType, Detail, Detection, Failed, Listed, OnFailure,
    ResourceChange, StackEvent, StackResource, Stacks,
};
pub use vpcs::{AnyVpc, Monitored, Vpcs};

/// Why AWS could not be asked where no provider of credentials has any.
pub const NO_CREDENTIALS: &str = "no credentials were found";

/// AWS said no, or could not be asked.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", self.words())]
pub struct Refusal {
    /// AWS's error code, such as `ValidationError`; empty where no answer came.
    pub code: String,
    pub message: String,
    /// The IAM action of the call that was refused, such as `eks:ListAddons`; empty where it is not known.
    pub action: String,
}

impl Refusal {
    /// Of no known action: whoever knows the call adds it.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), action: String::new() }
    }

    fn words(&self) -> String {
        if self.code.is_empty() {
            self.message.clone()
        } else {
            format!("{} ({})", self.message, self.code)
        }
    }
}

/// What every port returns: a refusal says by its code whether AWS answered at all.
pub type Answer<T> = Result<T, Refusal>;

/// What an account has and allows, beside its stacks.
pub trait Accounts {
    /// Those of `types` that are offered, and where.
    async fn offered(&self, types: &[String]) -> Answer<BTreeSet<Offer>>;
    /// The account's own value of a quota, by service code and quota code, and not AWS's default.
    async fn quota(&self, service: &str, code: &str) -> Answer<u64>;
    /// How many the account has in the Region, whoever made them.
    async fn count(&self, what: Counted) -> Answer<u64>;
    /// vCPUs of instances that run or start, by the code of their quota.
    async fn vcpus(&self) -> Answer<BTreeMap<String, u64>>;
    /// NAT gateways of the Region that are there or come, by zone id.
    async fn nat_gateways(&self) -> Answer<BTreeMap<String, u64>>;
    /// Most entries of these prefix lists.
    async fn prefix_lists(&self, ids: &[String]) -> Answer<BTreeMap<String, u64>>;
    /// Those of AWS's endpoint services that the Region has, by their whole names.
    async fn endpoint_services(&self, names: &[String]) -> Answer<BTreeSet<EndpointService>>;
    /// VPC Block Public Access of the Region; `Open` as well where it was never set.
    async fn public_access(&self) -> Answer<PublicAccess>;
    /// Whether a VPC is excluded from it.
    async fn excluded(&self, vpc: &str) -> Answer<bool>;
    /// Versions of an add-on for a Kubernetes version.
    async fn addon_versions(&self, addon: &str, kubernetes: &str) -> Answer<AddonVersions>;
    /// The JSON Schema of an add-on's configuration values.
    async fn addon_schema(&self, addon: &str, version: &str) -> Answer<String>;
    /// Elastic IPs of the account in the Region.
    async fn addresses(&self) -> Answer<Vec<OwnAddress>>;
    /// The account's number, and proof that the credentials work.
    async fn identity(&self) -> Answer<String>;
    /// `None` where this account sees no such gateway.
    async fn transit_gateway(&self, id: &str) -> Answer<Option<LiveTransitGateway>>;
    /// `None` where this account has no such gateway in the Region.
    async fn vpn_gateway(&self, id: &str) -> Answer<Option<LiveVpnGateway>>;
    /// Routes of a VPC's tables, local ones left out.
    async fn routes(&self, vpc: &str) -> Answer<Vec<RouteEntry>>;
    /// What is peered with a VPC.
    async fn peers(&self, vpc: &str) -> Answer<Vec<Peer>>;
    /// IPv4 CIDRs of a VPC, those left out that are gone, going or failed.
    async fn cidrs(&self, vpc: &str) -> Answer<Vec<Ipv4Net>>;
}

/// An account in one Region, and the way into its clusters.
pub trait Connected: Accounts + Clusters + Networks + Pools + Stacks {
    type Api: Kubernetes;
    /// A cluster's own API.
    async fn kubernetes(&self, name: &str, cluster: &LiveCluster) -> Answer<Self::Api>;
}

/// An add-on as EKS has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddonState {
    /// `ACTIVE`, `UPDATING`, `DEGRADED`, `UPDATE_FAILED` …
    pub status: String,
    /// Its configuration values, JSON or YAML.
    pub values: Option<String>,
    /// What EKS reports as its health.
    pub issues: Vec<String>,
}

/// Other values for an add-on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddonUpdate {
    pub addon: String,
    /// All of them, as JSON: what is left out goes back to the add-on's defaults.
    pub values: String,
    /// Fields that others changed in the cluster are overwritten.
    pub overwrite: bool,
    pub token: String,
}

/// A change of a cluster's Kubernetes version that EKS made.
#[derive(Clone, Debug, PartialEq)]
pub struct Upgrade {
    /// The version that the cluster got.
    pub to: String,
    /// Whole days since it began.
    pub days: u64,
    /// To the version before, and not to the next.
    pub is_back: bool,
}

/// Clusters of the account in the Region, by name, as EKS's own API describes them.
pub trait Clusters {
    /// Changes of the Kubernetes version, the last one first.
    async fn upgrades(&self, cluster: &str) -> Answer<Vec<Upgrade>>;
    /// `None`: EKS has no cluster of this name in the Region.
    async fn cluster(&self, name: &str) -> Answer<Option<LiveCluster>>;
    /// The add-ons that EKS manages in a cluster; software installed in another way is not among them.
    async fn addons(&self, cluster: &str) -> Answer<Vec<LiveAddon>>;
    /// Managed node groups, whoever made them.
    async fn node_groups(&self, cluster: &str) -> Answer<Vec<LiveNodeGroup>>;
    /// Names of Fargate profiles, whoever made them.
    async fn profiles(&self, cluster: &str) -> Answer<Vec<String>>;
    /// Switches EKS's own protection against deletion on or off.
    async fn protect_cluster(&self, cluster: &str, on: bool) -> Answer<()>;
    /// `None`: the cluster has no such add-on.
    async fn addon(&self, cluster: &str, name: &str) -> Answer<Option<AddonState>>;
    /// Gives an add-on other values, and nothing else; EKS goes on by itself.
    async fn configure_addon(&self, cluster: &str, update: &AddonUpdate) -> Answer<()>;
}
