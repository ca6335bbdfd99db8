//! The EKS cluster and its add-ons.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cluster {
    /// The name of a cluster that exists: it stays as it is, and of the keys here only `access` may be set (rule EXI-11). Default: none.
    pub existing: Option<String>,
    /// Kubernetes version, such as "1.35". Default: one in standard support when this version of eksnet was released.
    pub version: Option<String>,
    /// Address family of pods and services. It can never be changed. Default: `ipv4`.
    pub ip_family: Option<IpFamily>,
    /// Service CIDR, /12 to /24 of a private range outside the VPC (rules SVC-01, SVC-02).
    /// Default: 172.20.0.0/16, or another private range that is free.
    pub service_cidr: Option<String>,
    /// Who reaches the Kubernetes API. Default: private and public.
    pub endpoint_access: Option<EndpointAccess>,
    /// Control-plane logs sent to CloudWatch Logs. Default: api, audit and authenticator.
    pub logging: Option<Vec<LogType>>,
    /// EKS refuses to delete the cluster while this is on. Default: true.
    pub deletion_protection: Option<bool>,
    /// KMS key for Kubernetes secrets: `create` (one of the stack, with rotation), an ARN, or `alias/…`. Default: none.
    pub secrets_key: Option<String>,
    /// Days that CloudWatch Logs keeps the control plane's logs, in a group of the stack that outlives the cluster (rule CLU-24).
    /// Default: for ever, in the group that EKS creates.
    #[schemars(range(max = 3653))]
    pub log_retention_days: Option<u32>,
    /// An IAM OIDC provider for roles of service accounts. Default: where an `irsa` role needs one.
    pub oidc_provider: Option<bool>,
    /// Where EKS looks up who may use the cluster: access entries, the aws-auth ConfigMap, or both. Default: api.
    pub authentication_mode: Option<AuthenticationMode>,
    /// Further security groups on the control plane's interfaces (rule CLU-23). Default: none.
    pub security_groups: Option<Vec<String>>,
    /// EKS access entries: who may use the Kubernetes API, and with which permissions. The creator of the stack has none without one (rule CLU-21).
    /// Default: none.
    pub access: Option<Vec<Access>>,
    /// How the control plane reaches webhooks and identity providers. Default: `awsManaged`.
    pub control_plane_egress: Option<ControlPlaneEgress>,
    /// On-premises networks of EKS Hybrid Nodes and their pods. Default: none.
    pub remote_networks: Option<RemoteNetworks>,
    /// EKS Auto Mode: EKS runs the nodes. Default: none.
    pub auto_mode: Option<AutoMode>,
}

/// EKS Auto Mode: EKS runs nodes with their network, storage and load balancers; aws-node has no settings (rules AUTO-01 to AUTO-08).
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AutoMode {
    /// EKS's own node pools. Default: both; none, where the keys below require a NodeClass of your own, which `render --out` writes.
    pub node_pools: Option<Vec<AutoPool>>,
    /// Name of the tier in which Auto Mode starts nodes. Default: the first one that serves nodes.
    pub tier: Option<String>,
    /// Tier of the pods, with a subnet in every zone of the nodes (rule AUTO-04). Default: none.
    pub pod_tier: Option<String>,
    /// Source NAT of pod traffic that leaves the VPC: on the node, or at a NAT gateway. Default: random.
    pub snat: Option<AutoSnat>,
    /// What holds for pods that no network policy selects: all traffic allowed, or all denied. Default: EKS's own, allowed.
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
    /// Pods keep their own: their subnets need an egress path.
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

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum AuthenticationMode {
    /// Access entries alone.
    #[default]
    Api,
    /// And the ConfigMap `aws-auth` inside the cluster.
    ApiAndConfigMap,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum ControlPlaneEgress {
    /// Webhooks and OIDC discovery leave through AWS's own network.
    AwsManaged,
    /// They leave through the control plane's subnets; this cannot be reverted (rules CPE-02, CPE-03).
    CustomerRouted,
}

/// Networks of hybrid nodes, outside AWS (rules HYB-01 to HYB-06).
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemoteNetworks {
    /// On-premises CIDRs of the hybrid nodes: private IPv4 ranges outside the VPC, 15 at most. Default: none.
    pub nodes: Option<Vec<String>>,
    /// CIDRs of the hybrid nodes' pods, outside the VPC and the service range, 15 at most. Set them where webhooks run on hybrid nodes.
    /// Default: none.
    pub pods: Option<Vec<String>>,
    /// Who makes the routes to them. Default: blueprint (rules HYB-06 and HYB-14).
    pub routes: Option<RouteOwner>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum RouteOwner {
    /// Through `egress` or `tiers[].routes`.
    #[default]
    Blueprint,
    /// Another stack or tool, in the route tables of the stack (outputs `RouteTables<Tier>`).
    External,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EndpointAccess {
    /// Reachable from inside the VPC. Default: true.
    pub private: Option<bool>,
    /// Reachable from the internet. Default: true.
    pub public: Option<bool>,
    /// Who may reach the public endpoint, 40 CIDRs at most (rule EP-05), of IPv6 too where the cluster is (rule EP-06); `natGateways` stands
    /// for the addresses of the stack's own NAT gateways (rule EP-08). Default: 0.0.0.0/0, with a warning (rule EP-07).
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
    /// An EKS access policy, such as `AmazonEKSClusterAdminPolicy`, or its ARN. For standard entries. Default: none.
    pub policy: Option<String>,
    /// The policy holds only in these namespaces. Default: the whole cluster.
    pub namespaces: Option<Vec<String>>,
    /// Groups that bindings inside the cluster name. For standard entries. Default: none.
    pub kubernetes_groups: Option<Vec<String>>,
    /// The name that the cluster knows the principal by. Default: derived by EKS from the ARN. For standard entries.
    pub username: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "camelCase")]
pub enum AccessType {
    /// People, pipelines and controllers.
    #[default]
    Standard,
    /// The role of Linux nodes that are created outside of eksnet.
    Ec2Linux,
    /// The role of Windows nodes (rule WIN-01).
    Ec2Windows,
    /// The pod execution role of Fargate profiles that are created outside of eksnet.
    FargateLinux,
    /// The role of hybrid nodes (rule HYB-12).
    HybridLinux,
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
    /// Name of the add-on in EKS, such as `coredns` or `aws-ebs-csi-driver` (`aws eks describe-addon-versions`).
    pub name: String,
    /// `default`, `latest` or an exact version. Default: default, which moves with the Kubernetes version only.
    pub version: Option<String>,
    /// The add-on's own settings, in the words of its schema (`aws eks describe-addon-configuration`). Default: none.
    pub configuration: Option<serde_json::Map<String, serde_json::Value>>,
    /// Where its pods get their permissions: podIdentity, irsa, none, or the ARN of a role that exists. Default: podIdentity for add-ons
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
    /// Name of the Fargate profile, unique in the blueprint.
    pub name: String,
    /// The tier of the pods. Default: the first tier that serves nodes.
    pub tier: Option<String>,
    /// Pods that run on Fargate, five selectors at most.
    pub selectors: Vec<FargateSelector>,
    /// Pods planned at once, for the capacity: each takes an IPv4 address. Default: 0.
    #[schemars(range(max = 100_000))]
    pub pods: Option<u32>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FargateSelector {
    /// Namespace of the pods; `*` matches any letters.
    pub namespace: String,
    /// Labels that a pod must have, all of them. Default: any pod of the namespace.
    pub labels: Option<BTreeMap<String, String>>,
}
