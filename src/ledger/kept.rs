//! What eksnet once chose and AWS does not let change, or what must not change unasked: a default is taken from here first, so that
//! `render` prints what `deploy` sends.

use std::collections::BTreeMap;

use ipnet::{IpNet, Ipv4Net};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{AclRules, KeptSettings};

/// Earlier choices of one blueprint. Empty for a stack that does not exist.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Kept {
    /// Of Kubernetes, where eksnet chose it: an upgrade is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubernetes_version: Option<String>,
    /// Of the cluster; EKS never changes it (rule SVC-05).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_cidr: Option<Ipv4Net>,
    /// EKS is told once, and CloudFormation would recreate the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bootstrap_self_managed_addons: Option<bool>,
    /// The cluster has Auto Mode, or had it: EKS wants to be told that it is off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_mode: Option<bool>,
    /// The list of a public endpoint that was closed since: EKS keeps it for the day that it is opened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub public_cidrs: Vec<IpNet>,
    /// Zones in which the cluster was given subnets when it was created: EKS keeps that set (rule CLU-06).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cluster_zones: Vec<String>,
    /// Versions of add-ons that the blueprint leaves to EKS; they move with the Kubernetes version.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub addons: BTreeMap<String, KeptAddon>,
    /// Create-only properties of node groups.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub node_groups: BTreeMap<String, KeptGroup>,
    /// Zones of Fargate profiles: EKS replaces a profile whose subnets change.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fargate: BTreeMap<String, Vec<String>>,
    /// Services that an earlier eksnet derived endpoints for, and this one does not any more: those that exist stay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub endpoints: Vec<String>,
    /// Logical ids by physical key: what exists keeps the id it has.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub logical_ids: BTreeMap<String, String>,
    /// Numbers of network ACL rules: what exists keeps the number it has.
    #[serde(default, skip_serializing_if = "AclRules::is_empty")]
    pub acl_rules: AclRules,
    /// Ranges that a fleet or IPAM gave, by `vpc` or the name of the secondary one: a VPC keeps them for good.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ranges: BTreeMap<String, KeptRange>,
    /// Settings of an aws-node that others run, for the way back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aws_node: Option<KeptSettings>,
    /// What patches say of a VPC, a subnet or a cluster and no update changes, such as `Vpc/InstanceTenancy`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub patched: BTreeMap<String, Value>,
}

/// A range that the blueprint does not write.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeptRange {
    /// The range.
    pub cidr: Ipv4Net,
    /// Who gave it: `class small`, or `ipam-pool-0123/16`.
    pub from: String,
    /// IPAM's allocation, where eksnet made it: released when the VPC is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocation: Option<String>,
}

impl KeptRange {
    /// The pool of IPAM that gave it; `None`: a fleet did.
    pub fn pool(&self) -> Option<&str> {
        self.from.rsplit_once('/').map(|(pool, _)| pool)
    }
}

/// The version of an add-on, and what it was chosen for.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeptAddon {
    /// `None`: left to EKS when it was installed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The Kubernetes version it was chosen for.
    pub kubernetes: String,
}

/// What EKS does not change of a node group: another value is another group.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeptGroup {
    /// Ids of the zones that it was created in.
    pub zones: Vec<String>,
    /// Such as `AL2023_x86_64_STANDARD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ami_type: Option<String>,
    /// Logical id of a role of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

impl Kept {
    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The zones of a node group when it was created.
    pub fn group_zones(&self, name: &str) -> Option<&Vec<String>> {
        self.node_groups.get(name).map(|group| &group.zones)
    }

    /// The zones of all node groups, by their names.
    pub fn zones_of_groups(&self) -> BTreeMap<String, Vec<String>> {
        let zones = |(name, group): (&String, &KeptGroup)| (name.clone(), group.zones.clone());
        self.node_groups.iter().map(zones).collect()
    }

    /// Without a stack: only what was given out before there was one.
    pub fn unplaced(&self) -> Self {
        let given =
            |range: &KeptRange| range.allocation.is_some() || range.from.starts_with("class ");
        let ranges = self.ranges.iter().filter(|(_, range)| given(range));
        Self {
            ranges: ranges.map(|(name, range)| (name.clone(), range.clone())).collect(),
            ..Self::default()
        }
    }

    /// The same, with what the deployed stack says in the place of what the lock says: the stack is what exists.
    pub fn under(&self, stack: &Kept) -> Self {
        let mut logical_ids = self.logical_ids.clone();
        logical_ids.extend(stack.logical_ids.clone());
        let mut ranges = self.ranges.clone();
        ranges.extend(stack.ranges.clone());
        Self {
            kubernetes_version: stack.kubernetes_version.clone(),
            service_cidr: stack.service_cidr,
            bootstrap_self_managed_addons: stack.bootstrap_self_managed_addons,
            auto_mode: stack.auto_mode,
            public_cidrs: stack.public_cidrs.clone(),
            cluster_zones: stack.cluster_zones.clone(),
            addons: stack.addons.clone(),
            node_groups: stack.node_groups.clone(),
            fargate: stack.fargate.clone(),
            endpoints: stack.endpoints.clone(),
            logical_ids,
            // The template says it, and whoever builds over it reads it there.
            acl_rules: self.acl_rules.clone(),
            ranges,
            aws_node: stack.aws_node.clone(),
            // Metadata are written before patches: the template itself says it, and whoever builds over it compares that.
            patched: self.patched.clone(),
        }
    }

    /// Whether this says the same as an earlier one of what both know: an earlier eksnet wrote down less.
    pub fn agrees_with(&self, other: &Kept) -> bool {
        let ami = self.node_groups.iter().all(|(name, group)| {
            let theirs = other.node_groups.get(name).and_then(|group| group.ami_type.as_ref());
            unsaid_or_equal(group.ami_type.as_ref(), theirs)
        });
        // A role of its own is another one once it is given up; an earlier eksnet did not keep it.
        let roles = self.node_groups.iter().all(|(name, group)| {
            let theirs = other.node_groups.get(name).and_then(|group| group.role.as_ref());
            theirs.is_none() || theirs == group.role.as_ref()
        });
        ami && roles
            && self.zones_of_groups() == other.zones_of_groups()
            && self.cluster_zones == other.cluster_zones
            && self.fargate == other.fargate
            && self.ranges == other.ranges
            && self.patched == other.patched
            && unsaid_or_equal(self.service_cidr, other.service_cidr)
            && unsaid_or_equal(self.kubernetes_version.as_ref(), other.kubernetes_version.as_ref())
            && unsaid_or_equal(self.auto_mode, other.auto_mode)
            && unsaid_or_equal(
                self.bootstrap_self_managed_addons,
                other.bootstrap_self_managed_addons,
            )
            && self
                .addons
                .iter()
                .all(|(name, addon)| unsaid_or_equal(Some(addon), other.addons.get(name)))
    }
}

fn unsaid_or_equal<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
    one.is_none() || other.is_none() || one == other
}
