//! What the account offers and allows, beside the VPC.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Part, Unread, items};

/// Zones, quotas, roles and figures of the account.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct AccountSurvey {
    /// Availability zones of the Region (`ec2:DescribeAvailabilityZones`).
    pub zones: Part<Vec<SurveyZone>>,
    /// Those that something in the VPC comes near, by code such as `L-0EA8095F` (`servicequotas:GetServiceQuota`).
    pub quotas: BTreeMap<String, Part<u64>>,
    /// What counts against them in the Region, by quota code.
    pub counts: BTreeMap<String, Part<u64>>,
    /// Roles of the cluster, its nodes and aws-node, by ARN (`iam:GetRole`, `iam:ListAttachedRolePolicies`).
    pub roles: BTreeMap<String, Part<Role>>,
    /// Figures of CloudWatch: NAT ports, address units (`cloudwatch:GetMetricData`).
    pub metrics: Part<Vec<Metric>>,
    /// IPAM pools that the blueprint names (`ec2:DescribeIpamPools`, `ec2:GetIpamPoolCidrs`, `ec2:GetIpamPoolAllocations`).
    pub pools: Part<Vec<Pool>>,
}

/// An availability zone of the Region.
#[derive(
    Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord,
)]
#[serde(rename_all = "camelCase", default)]
pub struct SurveyZone {
    /// Such as `euw1-az1`.
    pub id: String,
    /// Such as `eu-west-1a`.
    pub name: String,
}

/// An IAM role.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// ARNs of the managed policies attached to it.
    pub policies: Vec<String>,
    /// Names of its inline policies.
    pub inline: Vec<String>,
    /// Who may assume it: principals of its trust policy.
    pub trusts: Vec<String>,
}

/// One figure of CloudWatch, over the hour before the reading.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Metric {
    /// Such as `ErrorPortAllocation`.
    pub name: String,
    /// Of a NAT gateway or a VPC, by id.
    pub resource: String,
    /// Sum or maximum, as the metric asks.
    pub value: f64,
}

/// An IPAM pool.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Pool {
    /// `ipam-pool-…`
    pub id: String,
    /// The Region it gives addresses in.
    pub locale: Option<String>,
    /// Ranges that were provisioned to it.
    #[schemars(with = "Vec<String>")]
    pub cidrs: Vec<Ipv4Net>,
    /// What was given out.
    pub allocations: Part<Vec<PoolAllocation>>,
}

/// What an IPAM pool has given out.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct PoolAllocation {
    /// The range.
    #[schemars(with = "String")]
    pub cidr: Ipv4Net,
    /// To which resource, such as `vpc-…`.
    pub resource: String,
}

impl AccountSurvey {
    pub(super) fn unread(&self) -> Vec<&Unread> {
        let single = [self.zones.unread(), self.metrics.unread(), self.pools.unread()];
        let numbers = self.quotas.values().chain(self.counts.values()).map(Part::unread);
        let roles = self.roles.values().map(Part::unread);
        let pools = items(&self.pools).iter().map(|pool| pool.allocations.unread());
        single.into_iter().chain(numbers).chain(roles).chain(pools).flatten().collect()
    }
}
