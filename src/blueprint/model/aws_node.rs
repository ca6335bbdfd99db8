//! The node CNI.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::facts::overlays::{Encapsulation, OtherCni};

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AwsNode {
    /// Who runs aws-node. Default: `addon`.
    pub management: Option<Management>,
    /// The CNI that runs instead, and its pods' addresses. With `management: none`.
    pub overlay: Option<Overlay>,
    /// `default`, `latest` or an exact add-on version.
    pub version: Option<String>,
    /// /28 prefixes on the nodes' interfaces: many more pods per node. Default: true.
    pub prefix_delegation: Option<bool>,
    /// Pods in subnets of their own.
    pub custom_networking: Option<CustomNetworking>,
    /// What aws-node keeps ready for new pods.
    pub warm: Option<Warm>,
    /// Source NAT of pods that leave the VPC.
    pub snat: Option<Snat>,
    /// Pods with security groups of their own, on branch interfaces (rules SGP-01 to SGP-08).
    pub security_groups_for_pods: Option<SecurityGroupsForPods>,
    /// Network policies enforced by aws-node's own agent.
    pub network_policy: Option<NetworkPolicy>,
    /// Let aws-node pick subnets by tag.
    pub subnet_discovery: Option<bool>,
    /// Windows nodes, made beside eksnet, get addresses for their pods (rule WIN-01). With the add-on. Default: false.
    pub windows: Option<bool>,
    /// Where aws-node has its rights from. Default: podIdentity.
    pub role: Option<RoleBy>,
    /// How far its rights go. Default: managed.
    pub rights: Option<Rights>,
    /// Any other known aws-node variable.
    pub env: Option<BTreeMap<String, String>>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum Management {
    /// The EKS add-on `vpc-cni`.
    Addon,
    /// Not an add-on: what EKS or a chart put there, and eksnet sets up through the Kubernetes API (rules SELF-01 to SELF-06).
    SelfManaged,
    /// Of a cluster that exists: somebody else's tool owns the add-on, and `render --out` writes the merged values for it (rule EXI-18).
    External,
    /// Another CNI, which eksnet does not install: no aws-node, and subnets for nodes only (rules ALT-02 to ALT-06).
    None,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum RoleBy {
    /// A role of its own through EKS Pod Identity.
    #[default]
    PodIdentity,
    /// A role of its own through the cluster's OIDC provider (IAM roles for service accounts).
    Irsa,
    /// The nodes' role: every pod that reaches the instance metadata has these rights too (rule SEC-05).
    NodeRole,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum Rights {
    /// AWS's own policy: every interface of the account. With IPv6, for which AWS keeps none, the role has one of its own.
    Managed,
    /// The cluster's interfaces, nodes and VPC. Nodes made beside eksnet need the tag `kubernetes.io/cluster/NAME: owned` (rule SEC-06).
    Cluster,
}

/// The other CNI, for its ports, its MTU and its pods' range.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Overlay {
    /// Which CNI it is. Default: cilium.
    pub cni: Option<OtherCni>,
    /// How packets between nodes are wrapped, which decides the MTU. Default: the CNI's own.
    pub encapsulation: Option<Encapsulation>,
    /// Pods' addresses, outside the VPC and whatever is connected. Default: 10.244.0.0/16.
    pub pod_cidr: Option<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CustomNetworking {
    /// The tier with the pods' subnets.
    pub tier: String,
    /// Security groups of the pods' interfaces. Default: those of the node.
    pub security_groups: Option<Vec<String>>,
    /// Node groups are made zone by zone, with the label that `podTier` goes by: a cluster that exists requires this in a deployment of its own
    /// before the first `podTier` (rule CN-12). Default: whether any group has one.
    pub label_groups: Option<bool>,
}

/// How much aws-node keeps ready on each node.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Warm {
    /// Whole interfaces kept ready.
    #[schemars(range(max = 32_767))]
    pub enis: Option<u32>,
    /// /28 prefixes kept ready.
    #[schemars(range(max = 32_767))]
    pub prefixes: Option<u32>,
    /// Addresses kept ready.
    #[schemars(range(max = 32_767))]
    pub ips: Option<u32>,
    /// Addresses a node has at least.
    #[schemars(range(max = 32_767))]
    pub minimum_ips: Option<u32>,
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Snat {
    /// No source NAT on the node: a NAT gateway does it.
    pub external: Option<bool>,
    /// Destinations that see the pod's own address.
    pub exclude_cidrs: Option<Vec<String>>,
    /// How source ports are chosen. Default: `prng`.
    pub randomize: Option<Randomize>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Randomize {
    Prng,
    Hashrandom,
    None,
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecurityGroupsForPods {
    /// Whose security groups decide. Default: standard.
    pub enforcing: Option<Enforcing>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum Enforcing {
    /// Only the pod's own security groups decide; no source NAT for its packets.
    Strict,
    /// The node's security groups have a say outside the VPC; works with IPVS, NodeLocal DNSCache and Calico.
    Standard,
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NetworkPolicy {
    /// Whether network policies are enforced.
    pub enabled: Option<bool>,
    /// What holds for pods without a policy. Default: `standard`, all traffic is allowed.
    pub mode: Option<PolicyMode>,
    /// The agent writes a line on the node for each connection that a policy allows or denies.
    pub event_logs: Option<bool>,
    /// The agent's lines are sent to CloudWatch Logs, under /aws/eks/NAME/cluster.
    pub cloud_watch_logs: Option<bool>,
    /// The agent's metrics, on the node. Default: 8162.
    #[schemars(range(min = 1024))]
    pub metrics_port: Option<u16>,
    /// The agent's health probe, on the node. Default: 8163.
    #[schemars(range(min = 1024))]
    pub health_port: Option<u16>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PolicyMode {
    Standard,
    Strict,
}
