//! The survey: everything that was read of one VPC, its cluster and the cluster's own API, in one document that can be saved, shared and
//! read back. What others compute of it are pure functions; nothing in it is a secret. Lists are in the order of their ids.

mod account;
mod eks;
mod instances;
mod interfaces;
mod kubernetes;
mod security;
mod transit;
mod vpc;
mod workloads;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use account::{AccountSurvey, Metric, Pool, PoolAllocation, Role, SurveyZone};
pub use eks::{
    AccessEntry, AddonOffer, AddonSurvey, AutoMode, EksCluster, EksSurvey, FargateProfile,
    HealthIssue, Insight, NodeGroupSurvey, Overlays, PodIdentity, Update,
};
pub use instances::{Activity, Instance, InstanceType, ScalingGroup};
pub use interfaces::{Address, Attachment, Interface};
pub use kubernetes::{
    Container, DaemonSet, Deployment, Endpoint, EndpointSlice, EniConfig, Event, KubeNode,
    KubernetesSurvey, OwnerRef, Pod, Port, Service, Taint,
};
pub use security::{
    AclEntry, NetworkAcl, PrefixList, PrefixListEntry, SecurityGroup, SecurityRule,
};
pub use transit::{TransitAttachment, TransitGateway, TransitRoute, TransitRouteTable};
pub use vpc::{
    CidrAssociation, CidrReservation, DhcpOptions, EgressOnlyGateway, Endpoint as VpcEndpoint,
    Exclusion, InternetGateway, Ipv6Association, NatAddress, NatGateway, Peering, PeeringSide,
    PublicAccessBlock, ReservationKind, Route, RouteState, RouteTable, Subnet, Vpc, VpcAttributes,
    VpcSurvey, VpnGateway,
};
pub use workloads::{
    ApiService, CniNode, Condition, Disruption, Ingress, NetworkPolicy, Revision,
    SecurityGroupPolicy, Selector, Webhook,
};

use super::{Part, Unread};

/// Of a survey document.
pub const SURVEY_VERSION: u32 = 1;

/// Tags or labels, by key.
pub type Tags = BTreeMap<String, String>;

/// Everything that was read of one VPC, its cluster and the cluster's own API.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
#[schemars(title = "eksnet survey")]
pub struct Survey {
    /// The version that it is written in: 1.
    pub schema_version: u32,
    /// Where and when it was read.
    pub header: Header,
    /// Zones, quotas, roles and figures of the account.
    pub account: AccountSurvey,
    /// The VPC and what is in it.
    pub vpc: VpcSurvey,
    /// The cluster, as EKS and EC2 tell of it.
    pub eks: EksSurvey,
    /// The cluster, as its own API tells of it.
    pub kubernetes: KubernetesSurvey,
}

/// Where and when a survey was read; the only place for a date.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Header {
    /// The moment of the reading, in UTC, such as `2026-11-28T14:02:11Z`.
    pub read: String,
    /// The version of eksnet that read it.
    pub eksnet: String,
    /// Such as `eu-west-1`.
    pub region: String,
    /// The account's number.
    pub account: String,
    /// The cluster's name, where one was asked for.
    pub cluster: Option<String>,
    /// The VPC's id.
    pub vpc: String,
    /// Whether ids, accounts, names and public addresses were replaced.
    pub redacted: bool,
}

impl Header {
    /// The day of the reading, such as `2026-11-28`.
    pub fn day(&self) -> &str {
        self.read.get(..10).unwrap_or(&self.read)
    }
}

/// The JSON Schema (draft 2020-12) of a survey document.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Survey).to_value()
}

impl Survey {
    /// An empty one of this version.
    pub fn new(header: Header) -> Self {
        Self { schema_version: SURVEY_VERSION, header, ..Self::default() }
    }

    /// What was not read, each once, in order.
    pub fn unread(&self) -> Vec<&Unread> {
        let mut parts = self.account.unread();
        parts.extend(self.vpc.unread());
        parts.extend(self.eks.unread());
        parts.extend(self.kubernetes.unread());
        parts.sort();
        parts.dedup();
        parts
    }
}

/// What was read of a list; nothing where it was not read.
pub(super) fn items<T>(part: &Part<Vec<T>>) -> &[T] {
    part.read().map_or(&[], Vec::as_slice)
}
