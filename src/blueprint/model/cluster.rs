//! The EKS cluster, its node groups and its add-ons.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cluster {
    /// Kubernetes version, such as "1.35".
    pub version: Option<String>,
    /// Address family of pods and services. Default: `ipv4`.
    pub ip_family: Option<IpFamily>,
    /// Service CIDR, /12 to /24 of a private range outside the VPC (rules SVC-01, SVC-02).
    pub service_cidr: Option<String>,
    /// Who reaches the Kubernetes API. Default: private and public.
    pub endpoint_access: Option<EndpointAccess>,
    /// Control-plane logs sent to CloudWatch Logs. Default: api, audit and authenticator.
    pub logging: Option<Vec<LogType>>,
    /// EKS refuses to delete the cluster while this is on. Default: true.
    pub deletion_protection: Option<bool>,
    /// KMS key for Kubernetes secrets.
    pub secrets_key: Option<String>,
    /// Who may use the cluster.
    pub access: Option<Vec<Access>>,
    /// How the control plane reaches webhooks and identity providers. Default: `awsManaged`.
    pub control_plane_egress: Option<ControlPlaneEgress>,
    /// Networks of hybrid nodes.
    pub remote_networks: Option<RemoteNetworks>,
    /// EKS Auto Mode: EKS runs the nodes.
    pub auto_mode: Option<AutoMode>,
}

/// EKS Auto Mode: EKS runs nodes with their network, storage and load balancers; aws-node has no settings (rules AUTO-01 to AUTO-08).
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AutoMode {
    /// EKS's own node pools. Default: both; none, where the keys below want a NodeClass of its own, which `render --out` writes.
    pub node_pools: Option<Vec<AutoPool>>,
    /// Tier of the nodes. Default: the first one that serves nodes.
    pub tier: Option<String>,
    /// Tier of the pods, with a subnet in every zone of the nodes (rule AUTO-04).
    pub pod_tier: Option<String>,
    /// Source NAT of pods that leave the VPC.
    pub snat: Option<AutoSnat>,
    /// Network policies of Auto Mode.
    pub network_policy: Option<AutoPolicy>,
    /// Whether nodes take /28 prefixes for pods. Default: true.
    pub prefixes: Option<bool>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum AutoPool {
    GeneralPurpose,
    System,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum AutoSnat {
    /// Pods leave the VPC with their node's address.
    Random,
    /// Pods keep their own: their subnets need a way out.
    Disabled,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum AutoPolicy {
    DefaultAllow,
    DefaultDeny,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum IpFamily {
    Ipv4,
    /// Pods and services have IPv6 addresses only (rules IP6-01 to IP6-05).
    Ipv6,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum ControlPlaneEgress {
    /// Webhooks and OIDC discovery leave through AWS's own network.
    AwsManaged,
    /// They leave through the control plane's subnets; this cannot be taken back (rules CPE-02, CPE-03).
    CustomerRouted,
}

/// Networks of hybrid nodes, outside AWS (rules HYB-01 to HYB-06).
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemoteNetworks {
    /// CIDRs of the nodes, 15 at most.
    pub nodes: Option<Vec<String>>,
    /// CIDRs of their pods, 15 at most.
    pub pods: Option<Vec<String>>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EndpointAccess {
    /// Reachable from inside the VPC. Default: true.
    pub private: Option<bool>,
    /// Reachable from the internet. Default: true.
    pub public: Option<bool>,
    /// Who may reach the public endpoint, 40 CIDRs at most (rule EP-05), of IPv6 too where the cluster is (rule EP-06); `natGateways` stands
    /// for the addresses of the stack's own NAT gateways (rule EP-08).
    pub public_cidrs: Option<Vec<String>>,
}

#[derive(
    Clone, Copy, Debug, Deserialize, serde::Serialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord,
)]
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
    /// ARN of an IAM role or user; of a role, where `type` is another than standard.
    pub principal: String,
    /// Who the principal is. Default: standard. A change replaces the entry.
    pub r#type: Option<AccessType>,
    /// An EKS access policy, such as `AmazonEKSClusterAdminPolicy`, or its ARN. For standard entries.
    pub policy: Option<String>,
    /// The policy holds only in these namespaces. Default: the whole cluster.
    pub namespaces: Option<Vec<String>>,
    /// Groups that bindings inside the cluster name. For standard entries.
    pub kubernetes_groups: Option<Vec<String>>,
    /// The name that the cluster knows the principal by. Default: made by EKS from the ARN. For standard entries.
    pub username: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "camelCase")]
pub enum AccessType {
    /// People, pipelines and controllers.
    #[default]
    Standard,
    /// The role of Linux nodes that are made beside eksnet.
    Ec2Linux,
    /// The role of Windows nodes (rule WIN-01).
    Ec2Windows,
    /// The pod execution role of Fargate profiles that are made beside eksnet.
    FargateLinux,
    /// The role of hybrid nodes (rule HYB-12).
    HybridLinux,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NodeGroup {
    /// Unique in the blueprint: a new name is a new node group.
    pub name: String,
    /// The tier the nodes live in. Default: the one tier that serves nodes.
    pub tier: Option<String>,
    /// Instance types; the least one decides `maxPods`. Default: m6i.large.
    pub instance_types: Option<Vec<String>>,
    /// How many nodes, in all zones together.
    pub scaling: Option<Scaling>,
    /// Pods planned per node. Default: as many as a node takes.
    #[schemars(range(min = 1))]
    pub pods_per_node: Option<u32>,
    /// With custom networking: the tier of this group's pods. Default: `awsNode.customNetworking.tier`.
    pub pod_tier: Option<String>,
    /// `onDemand` or `spot`. Default: `onDemand`.
    pub capacity: Option<CapacityType>,
    /// An EKS AMI type, such as `AL2023_x86_64_STANDARD`. Default: by the instance types' architecture.
    pub ami_type: Option<String>,
    /// Size of the volume with images and pods in GiB. Default: 50.
    #[schemars(range(min = 20, max = 16384))]
    pub disk_size: Option<u32>,
    /// Kubernetes labels of the nodes.
    pub labels: Option<BTreeMap<String, String>>,
    /// Kubernetes taints of the nodes.
    pub taints: Option<Vec<Taint>>,
    /// AWS tags of the node group.
    pub tags: Option<BTreeMap<String, String>>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scaling {
    /// Nodes at least.
    pub min: Option<u32>,
    /// Nodes at the start. Default: `min`.
    pub desired: Option<u32>,
    /// Nodes at most.
    pub max: Option<u32>,
    /// How a zone that comes after the group has its share: `add`, as much as one of the others beside these numbers, or `within` them.
    /// Default: add (rule NG-17).
    pub new_zones: Option<NewZones>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum NewZones {
    /// The numbers grow with the zones.
    #[default]
    Add,
    /// The numbers hold for all zones together: the first group gives up what the new ones get.
    Within,
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
    /// Name of the taint.
    pub key: String,
    /// Value of the taint.
    pub value: Option<String>,
    /// What happens to pods without a toleration.
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
    /// As EKS calls the add-on.
    pub name: String,
    /// `default`, `latest` or an exact version. Default: default, which moves with the Kubernetes version only.
    pub version: Option<String>,
    /// The add-on's own settings, in the words of its schema (`aws eks describe-addon-configuration`).
    pub configuration: Option<serde_json::Map<String, serde_json::Value>>,
    /// Where its pods have their rights from: podIdentity, irsa, none, or the ARN of a role that exists. Default: podIdentity for add-ons
    /// whose policies are known (rule ADD-04), none for others.
    pub role: Option<AddonRole>,
    /// What happens to fields that others changed. Default: overwrite.
    pub resolve_conflicts: Option<ResolveConflicts>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum AddonRole {
    By(AddonRoleBy),
    /// Its ARN.
    Existing(String),
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum AddonRoleBy {
    /// A role of its own through EKS Pod Identity.
    PodIdentity,
    /// A role of its own through the cluster's OIDC provider (IAM roles for service accounts).
    Irsa,
    /// None: its pods have what the instance metadata gives them, which is nothing.
    None,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum ResolveConflicts {
    #[default]
    Overwrite,
    /// Keep what others changed, on updates.
    Preserve,
    /// Fail on what others changed.
    None,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FargateProfile {
    /// Unique in the blueprint.
    pub name: String,
    /// The tier the pods live in. Default: the first tier that serves nodes.
    pub tier: Option<String>,
    /// Pods that run on Fargate, five selectors at most.
    pub selectors: Vec<FargateSelector>,
    /// Pods planned at once, for the capacity: each takes an IPv4 address. Default: 0.
    pub pods: Option<u32>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FargateSelector {
    /// Namespace of the pods; `*` matches any letters.
    pub namespace: String,
    /// Labels that a pod must have.
    pub labels: Option<BTreeMap<String, String>>,
}
