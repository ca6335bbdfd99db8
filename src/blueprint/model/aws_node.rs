//! The node CNI.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::facts::overlays::{Encapsulation, OtherCni};

#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AwsNode {
    /// Who installs and updates aws-node: the EKS add-on, you, another tool, or no one because the cluster has another CNI. Default: `addon`.
    pub management: Option<Management>,
    /// The CNI that you install instead of aws-node, with `management: none`. Default: none.
    pub overlay: Option<Overlay>,
    /// Version of the add-on: `default` (EKS's choice for the Kubernetes version), `latest`, or an exact one such as `v1.20.4-eksbuild.1`. Default: `default`.
    pub version: Option<String>,
    /// /28 prefixes on the nodes' interfaces: many more pods per node. Default: true.
    pub prefix_delegation: Option<bool>,
    /// Custom networking: pods get addresses from the subnets of another tier, nodes keep theirs. A change reaches new nodes only.
    /// Default: none.
    pub custom_networking: Option<CustomNetworking>,
    /// How many unused addresses, prefixes or interfaces aws-node keeps on each node, so that pods start without waiting for EC2.
    /// Default: `enis: 1`, and `prefixes: 1` with prefix delegation.
    pub warm: Option<Warm>,
    /// Source NAT of pod traffic that leaves the VPC: on the node, or at a NAT gateway. Default: on the node.
    pub snat: Option<Snat>,
    /// Pods with security groups of their own, on branch interfaces (rules SGP-01 to SGP-08). Default: none.
    pub security_groups_for_pods: Option<SecurityGroupsForPods>,
    /// Kubernetes network policies, enforced by the agent that comes with aws-node. Default: none.
    pub network_policy: Option<NetworkPolicy>,
    /// aws-node also takes addresses from other subnets of the node's zone, those tagged `kubernetes.io/role/cni`. Default: true without custom networking.
    pub subnet_discovery: Option<bool>,
    /// Windows nodes, of the blueprint or made beside it, get addresses for their pods (rule WIN-01). With the add-on. Default: false.
    pub windows: Option<bool>,
    /// How aws-node gets its IAM permissions: EKS Pod Identity, the cluster's OIDC provider, or the nodes' role. Default: podIdentity.
    pub role: Option<RoleBy>,
    /// Permissions of aws-node's role: the AWS managed policy, or a policy for this cluster alone. Default: managed.
    pub rights: Option<Rights>,
    /// Any other variable of aws-node, by its name; `eksnet explain settings` lists them with what they accept. Default: none.
    pub env: Option<BTreeMap<String, String>>,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum Management {
    /// The EKS add-on `vpc-cni`.
    Addon,
    /// Not an add-on: what EKS or a chart put there, and eksnet sets up through the Kubernetes API (rules SELF-01 to SELF-06).
    SelfManaged,
    /// Of a cluster that exists: another tool owns the add-on, and `render --out` writes the merged values for it (rule EXI-18).
    External,
    /// Another CNI, which eksnet does not install: no aws-node, and subnets for nodes only (rules ALT-02 to ALT-06).
    None,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum RoleBy {
    /// A role of its own through EKS Pod Identity.
    #[default]
    PodIdentity,
    /// A role of its own through the cluster's OIDC provider (IAM roles for service accounts).
    Irsa,
    /// The nodes' role: every pod that reaches the instance metadata has these permissions too (rule SEC-05).
    NodeRole,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum Rights {
    /// AWS's own policy: every interface of the account. With IPv6, for which AWS keeps none, the role has one of its own.
    Managed,
    /// The cluster's interfaces, nodes and VPC. Nodes made beside eksnet need the tag `kubernetes.io/cluster/NAME: owned` (rule SEC-06).
    Cluster,
}

/// The other CNI, for its ports, its MTU and its pods' range.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Overlay {
    /// Which CNI you install: it decides the ports, the MTU and the pods per node that are planned. Default: cilium.
    pub cni: Option<OtherCni>,
    /// How packets between nodes are wrapped: it decides MTU and ports. Default: what the CNI does by itself.
    pub encapsulation: Option<Encapsulation>,
    /// Pods' addresses, outside the VPC and whatever is connected. Default: `10.244.0.0/16`.
    pub pod_cidr: Option<String>,
}

#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CustomNetworking {
    /// Name of the tier with the pods' subnets: it serves `pods` and has a subnet in every zone of the nodes.
    pub tier: String,
    /// Security groups of the pods' interfaces. Default: those of the node.
    pub security_groups: Option<Vec<String>>,
    /// Node groups are created zone by zone, with the label that `podTier` goes by: a cluster that exists requires this in a deployment of its own
    /// before the first `podTier` (rule CN-12). Default: whether any group has one.
    pub label_groups: Option<bool>,
}

/// How much aws-node keeps ready on each node.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Warm {
    /// Network interfaces with unused addresses that each node keeps attached (WARM_ENI_TARGET). Default: 1, where nothing else is set.
    #[schemars(range(max = 32_767))]
    pub enis: Option<u32>,
    /// Unused /28 prefixes that each node keeps, 16 addresses each (WARM_PREFIX_TARGET). Default: 1.
    #[schemars(range(max = 32_767))]
    pub prefixes: Option<u32>,
    /// Unused addresses that each node keeps ready for new pods (WARM_IP_TARGET). Smaller saves addresses, larger saves EC2 calls.
    /// Default: none.
    #[schemars(range(max = 32_767))]
    pub ips: Option<u32>,
    /// Addresses that each node has from its start, used or not (MINIMUM_IP_TARGET): about the pods that every node runs. Default: none.
    #[schemars(range(max = 32_767))]
    pub minimum_ips: Option<u32>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Snat {
    /// Disables source NAT on the node, so that networks outside the VPC see pods' addresses and a NAT gateway translates for the internet. Default: false.
    pub external: Option<bool>,
    /// CIDRs outside the VPC that see the pod's own address, without source NAT on the node. Default: none.
    pub exclude_cidrs: Option<Vec<String>>,
    /// How source NAT chooses ports: at random by a fast generator (`prng`), by a hash (`hashrandom`), or in order (`none`). Default: `prng`.
    pub randomize: Option<Randomize>,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Randomize {
    Prng,
    Hashrandom,
    None,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecurityGroupsForPods {
    /// What the pods' security groups apply to. `strict`: to all traffic of the pod, and it leaves without source NAT; `standard`: not to
    /// traffic within the node, and source NAT works as for other pods. Default: standard.
    pub enforcing: Option<Enforcing>,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum Enforcing {
    /// Only the pod's own security groups decide; no source NAT for its packets.
    Strict,
    /// The node's security groups have a say outside the VPC; works with IPVS, NodeLocal DNSCache and Calico.
    Standard,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NetworkPolicy {
    /// Whether the agent in aws-node enforces Kubernetes NetworkPolicy objects. Default: true where this map is given.
    pub enabled: Option<bool>,
    /// What holds for pods without a policy. Default: `standard`, all traffic is allowed.
    pub mode: Option<PolicyMode>,
    /// The agent writes a line on the node for each connection that a policy allows or denies. Default: false.
    pub event_logs: Option<bool>,
    /// Also send the decisions of the agent to CloudWatch Logs, under /aws/eks/NAME/cluster. Default: false.
    pub cloud_watch_logs: Option<bool>,
    /// The agent's metrics, on the node. Default: 8162.
    #[schemars(range(min = 1024))]
    pub metrics_port: Option<u16>,
    /// The agent's health probe, on the node. Default: 8163.
    #[schemars(range(min = 1024))]
    pub health_port: Option<u16>,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PolicyMode {
    Standard,
    Strict,
}
