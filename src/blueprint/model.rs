//! The author's words: what a blueprint file may say. A field is optional where the author may leave it out;
//! nothing is defaulted, looked up or judged here. The doc comments become the JSON Schema's descriptions.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

pub use crate::facts::subnets::{TierEgress, Use};

/// What network an Amazon EKS cluster needs.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Blueprint {
    /// The language this file is written in.
    pub api_version: ApiVersion,
    pub kind: Kind,
    pub metadata: Metadata,
    /// How many availability zones, or which: a count, zone names (`eu-west-1a`) or zone ids (`euw1-az1`). Default: 3.
    pub zones: Option<Zones>,
    pub vpc: Option<Vpc>,
    /// One subnet per zone in each tier. Default: `public`, `nodes` and `control-plane`.
    pub tiers: Option<Vec<Tier>>,
    pub egress: Option<Egress>,
    /// VPC endpoints for AWS services.
    pub endpoints: Option<Endpoints>,
    /// The EKS cluster. Absent: a network without a cluster.
    pub cluster: Option<Cluster>,
    pub aws_node: Option<AwsNode>,
    /// EKS managed node groups.
    pub node_groups: Option<Vec<NodeGroup>>,
    /// EKS add-ons beside `vpc-cni`. Default: `coredns`, `kube-proxy` and `eks-pod-identity-agent`.
    pub addons: Option<Vec<Addon>>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub enum ApiVersion {
    #[serde(rename = "eksnet/v1")]
    V1,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub enum Kind {
    Blueprint,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Metadata {
    /// Name of the cluster; the stack is `eksnet-<name>` (rule CLU-09).
    pub name: String,
    /// AWS Region, such as `eu-west-1`.
    pub region: String,
    /// Tags on every resource that can carry them (rule TAG-15).
    pub tags: Option<BTreeMap<String, String>>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Zones {
    Count(u8),
    These(Vec<String>),
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Vpc {
    /// Primary IPv4 CIDR, /16 to /28 (rule VPC-01).
    pub cidr: Option<String>,
    /// Further IPv4 CIDRs, such as 100.64.0.0/16 for pods (rules VPC-20 to VPC-28).
    pub secondary_cidrs: Option<Vec<String>>,
    /// Ranges nothing is ever allocated from.
    pub keep_free: Option<Vec<String>>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tier {
    /// Part of every subnet's logical id: a new name is a new tier, unless `renamedFrom` says otherwise.
    pub name: String,
    /// Prefix length of each subnet, /16 to /28 (rule SUB-01).
    pub size: Option<String>,
    /// How packets leave for the internet.
    pub egress: Option<TierEgress>,
    /// What lives in the subnets; decides their tags.
    pub serves: Option<Vec<Use>>,
    /// The VPC CIDR to allocate from. Default: the primary one.
    pub from: Option<String>,
    /// Only in these zones, by name or id.
    pub zones: Option<Vec<String>>,
    /// Pinned subnet CIDRs by zone name or id.
    pub cidrs: Option<BTreeMap<String, String>>,
    pub tags: Option<BTreeMap<String, String>>,
    /// The tier's former name: its subnets keep their addresses and their place in the stack.
    pub renamed_from: Option<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Egress {
    /// NAT gateways for tiers with `egress: nat`.
    pub nat: Option<Nat>,
}

/// `none`, `single`, `perZone`, or `{ perZone: { elasticIps: [eipalloc-…] } }` with addresses of your own.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Nat {
    Mode(NatMode),
    Own(OwnNat),
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum NatMode {
    None,
    Single,
    PerZone,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OwnNat {
    pub per_zone: ElasticIps,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ElasticIps {
    /// Allocation ids, one per zone, in the order of the zones.
    pub elastic_ips: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Endpoints {
    None,
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cluster {
    /// Kubernetes version, such as "1.35".
    pub version: Option<String>,
    pub ip_family: Option<IpFamily>,
    /// Service CIDR, /12 to /24 of a private range outside the VPC (rules SVC-01, SVC-02).
    pub service_cidr: Option<String>,
    pub endpoint_access: Option<EndpointAccess>,
    /// Control-plane logs sent to CloudWatch Logs. Default: api, audit and authenticator.
    pub logging: Option<Vec<LogType>>,
    /// EKS refuses to delete the cluster while this is on. Default: true.
    pub deletion_protection: Option<bool>,
    /// KMS key for Kubernetes secrets.
    pub secrets_key: Option<String>,
    /// Who may use the cluster.
    pub access: Option<Vec<Access>>,
    pub control_plane_egress: Option<ControlPlaneEgress>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum IpFamily {
    Ipv4,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ControlPlaneEgress {
    AwsManaged,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EndpointAccess {
    /// Reachable from inside the VPC. Default: true.
    pub private: Option<bool>,
    /// Reachable from the internet. Default: true.
    pub public: Option<bool>,
    /// Who may reach the public endpoint, 40 CIDRs at most (rule EP-05).
    pub public_cidrs: Option<Vec<String>>,
}

#[derive(Clone, Copy, Debug, Deserialize, serde::Serialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "camelCase")]
pub enum LogType {
    Api,
    Audit,
    Authenticator,
    ControllerManager,
    Scheduler,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Access {
    /// ARN of an IAM role or user.
    pub principal: String,
    /// An EKS access policy, such as `AmazonEKSClusterAdminPolicy`, or its ARN.
    pub policy: String,
    /// Only in these namespaces. Default: the whole cluster.
    pub namespaces: Option<Vec<String>>,
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AwsNode {
    pub management: Option<Management>,
    /// `default`, `latest` or an exact add-on version.
    pub version: Option<String>,
    /// /28 prefixes on the nodes' interfaces: many more pods per node. Default: true.
    pub prefix_delegation: Option<bool>,
    /// Pods in subnets of their own.
    pub custom_networking: Option<CustomNetworking>,
    pub warm: Option<Warm>,
    pub snat: Option<Snat>,
    pub network_policy: Option<NetworkPolicy>,
    /// Let aws-node pick subnets by tag.
    pub subnet_discovery: Option<bool>,
    /// Any other known aws-node variable.
    pub env: Option<BTreeMap<String, String>>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Management {
    /// The EKS add-on `vpc-cni`.
    Addon,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CustomNetworking {
    /// The tier with the pods' subnets.
    pub tier: String,
    /// Security groups of the pods' interfaces. Default: those of the node.
    pub security_groups: Option<Vec<String>>,
}

/// How much aws-node keeps ready on each node.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Warm {
    pub enis: Option<u32>,
    pub prefixes: Option<u32>,
    pub ips: Option<u32>,
    pub minimum_ips: Option<u32>,
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Snat {
    /// No source NAT on the node: a NAT gateway does it.
    pub external: Option<bool>,
    /// Destinations that see the pod's own address.
    pub exclude_cidrs: Option<Vec<String>>,
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
pub struct NetworkPolicy {
    pub enabled: Option<bool>,
    pub mode: Option<PolicyMode>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PolicyMode {
    Standard,
    Strict,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NodeGroup {
    pub name: String,
    /// The tier the nodes live in. Default: the one tier that serves nodes.
    pub tier: Option<String>,
    /// Instance types; the least one decides `maxPods`. Default: m6i.large.
    pub instance_types: Option<Vec<String>>,
    pub scaling: Option<Scaling>,
    /// Pods planned per node. Default: as many as a node takes.
    #[schemars(range(min = 1))]
    pub pods_per_node: Option<u32>,
    pub capacity: Option<CapacityType>,
    /// An EKS AMI type, such as `AL2023_x86_64_STANDARD`. Default: by the instance types' architecture.
    pub ami_type: Option<String>,
    /// Size of the volume with images and pods in GiB. Default: 50.
    #[schemars(range(min = 20, max = 16384))]
    pub disk_size: Option<u32>,
    pub labels: Option<BTreeMap<String, String>>,
    pub taints: Option<Vec<Taint>>,
    pub tags: Option<BTreeMap<String, String>>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scaling {
    pub min: Option<u32>,
    pub desired: Option<u32>,
    pub max: Option<u32>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum CapacityType {
    OnDemand,
    Spot,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Taint {
    pub key: String,
    pub value: Option<String>,
    pub effect: TaintEffect,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub enum TaintEffect {
    NoSchedule,
    PreferNoSchedule,
    NoExecute,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Addon {
    Name(String),
    Pinned(PinnedAddon),
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PinnedAddon {
    pub name: String,
    pub version: Option<String>,
}
