//! The cluster, as EKS and EC2 tell of it.

use ipnet::Ipv4Net;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Instance, InstanceType, Part, ScalingGroup, Tags, Unread};

/// The cluster, as EKS and EC2 tell of it.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct EksSurvey {
    /// `Read(None)` where it does not exist (`eks:DescribeCluster`).
    pub cluster: Part<Option<EksCluster>>,
    /// `eks:ListNodegroups`, `eks:DescribeNodegroup`
    pub node_groups: Part<Vec<NodeGroupSurvey>>,
    /// `eks:ListFargateProfiles`, `eks:DescribeFargateProfile`
    pub fargate_profiles: Part<Vec<FargateProfile>>,
    /// `eks:ListAddons`, `eks:DescribeAddon`
    pub addons: Part<Vec<AddonSurvey>>,
    /// What EKS offers of those add-ons for the cluster's version (`eks:DescribeAddonVersions`).
    pub addon_versions: Part<Vec<AddonOffer>>,
    /// `eks:ListAccessEntries`, `eks:DescribeAccessEntry`
    pub access_entries: Part<Vec<AccessEntry>>,
    /// `eks:ListPodIdentityAssociations`
    pub pod_identities: Part<Vec<PodIdentity>>,
    /// The last five (`eks:ListUpdates`, `eks:DescribeUpdate`).
    pub updates: Part<Vec<Update>>,
    /// `eks:ListInsights`
    pub insights: Part<Vec<Insight>>,
    /// Of the cluster (`ec2:DescribeInstances`).
    pub instances: Part<Vec<Instance>>,
    /// Of those instances and of the node groups (`ec2:DescribeInstanceTypes`).
    pub instance_types: Part<Vec<InstanceType>>,
    /// Of the node groups (`autoscaling:DescribeAutoScalingGroups`, `autoscaling:DescribeScalingActivities`).
    pub scaling_groups: Part<Vec<ScalingGroup>>,
}

/// The cluster itself.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct EksCluster {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Such as `ACTIVE`.
    pub status: String,
    /// Of Kubernetes, such as `1.34`.
    pub version: String,
    /// Such as `eks.12`.
    pub platform_version: String,
    /// URL of its API.
    pub endpoint: String,
    /// Certificates of its authority, PEM in base64.
    pub authority: String,
    /// ARN of its role.
    pub role: String,
    /// The VPC's id.
    pub vpc: String,
    /// Where its interfaces are.
    pub subnets: Vec<String>,
    /// Further groups of its interfaces.
    pub security_groups: Vec<String>,
    /// The group that EKS made.
    pub cluster_security_group: Option<String>,
    /// Its API is reachable inside the VPC.
    pub endpoint_private: bool,
    /// Its API is reachable from the internet.
    pub endpoint_public: bool,
    /// Who may reach it from the internet.
    pub public_cidrs: Vec<String>,
    /// `ipv4` or `ipv6`.
    pub ip_family: String,
    /// Of IPv4 services.
    #[schemars(with = "Option<String>")]
    pub service_cidr: Option<Ipv4Net>,
    /// Of IPv6 services.
    pub service_ipv6_cidr: Option<String>,
    /// `API`, `API_AND_CONFIG_MAP` or `CONFIG_MAP`.
    pub authentication_mode: String,
    /// Logs that are turned on.
    pub logging: Vec<String>,
    /// EKS Auto Mode; none where it is off.
    pub auto_mode: Option<AutoMode>,
    /// Networks of hybrid nodes.
    pub remote_networks: Overlays,
    /// `AWS_MANAGED` or `CUSTOMER_ROUTED`.
    pub control_plane_egress: Option<String>,
    /// EKS refuses to delete it.
    pub deletion_protection: bool,
    /// Of its OIDC provider.
    pub oidc_issuer: Option<String>,
    /// ARN of the KMS key for secrets.
    pub secrets_key: Option<String>,
    /// What EKS reports as its health.
    pub issues: Vec<HealthIssue>,
    /// When it was created.
    pub created: Option<String>,
    /// By key.
    pub tags: Tags,
}

/// EKS Auto Mode.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct AutoMode {
    /// Of EKS's own, such as `general-purpose`.
    pub node_pools: Vec<String>,
    /// ARN of the nodes' role.
    pub node_role: Option<String>,
}

/// Networks of hybrid nodes.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Overlays {
    /// Of the nodes.
    #[schemars(with = "Vec<String>")]
    pub nodes: Vec<Ipv4Net>,
    /// Of their pods.
    #[schemars(with = "Vec<String>")]
    pub pods: Vec<Ipv4Net>,
}

/// What EKS reports as wrong.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct HealthIssue {
    /// EKS's code, such as `Ec2SubnetNotFound`.
    pub code: String,
    /// In EKS's words.
    pub message: String,
    /// Ids of what it is about.
    pub resources: Vec<String>,
}

/// A managed node group.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeGroupSurvey {
    /// Its name.
    pub name: String,
    /// Such as `ACTIVE`, `CREATE_FAILED`, `DEGRADED`.
    pub status: String,
    /// Of Kubernetes.
    pub version: String,
    /// Of its AMI.
    pub release_version: String,
    /// Such as `AL2023_x86_64_STANDARD`, `CUSTOM`.
    pub ami_type: String,
    /// `ON_DEMAND`, `SPOT` or `CAPACITY_BLOCK`.
    pub capacity_type: String,
    /// Such as `m6i.xlarge`; those of its launch template, where that names one.
    pub instance_types: Vec<String>,
    /// Where it starts nodes.
    pub subnets: Vec<String>,
    /// Least nodes.
    pub min: u32,
    /// Wanted nodes.
    pub desired: u32,
    /// Most nodes.
    pub max: u32,
    /// ARN of the nodes' role.
    pub node_role: String,
    /// `lt-…` and its version.
    pub launch_template: Option<String>,
    /// Names of its Auto Scaling groups.
    pub scaling_groups: Vec<String>,
    /// Nodes that may be replaced at once: a number, or per cent.
    pub max_unavailable: Option<String>,
    /// `DEFAULT` or `MINIMAL`.
    pub update_strategy: Option<String>,
    /// Of its nodes.
    pub labels: Tags,
    /// What EKS reports as its health.
    pub issues: Vec<HealthIssue>,
    /// By key.
    pub tags: Tags,
}

/// A Fargate profile.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct FargateProfile {
    /// Its name.
    pub name: String,
    /// Such as `ACTIVE`.
    pub status: String,
    /// Where its pods run.
    pub subnets: Vec<String>,
    /// Namespaces of its selectors.
    pub namespaces: Vec<String>,
    /// ARN of the pods' role.
    pub role: String,
    /// What EKS reports as its health.
    pub issues: Vec<HealthIssue>,
    /// By key.
    pub tags: Tags,
}

/// An add-on.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct AddonSurvey {
    /// Such as `vpc-cni`.
    pub name: String,
    /// Such as `ACTIVE`, `DEGRADED`, `UPDATING`.
    pub status: String,
    /// Such as `v1.21.1-eksbuild.1`.
    pub version: String,
    /// Its configuration values, as JSON; text that is not JSON stands here as text.
    pub configuration: Option<Value>,
    /// ARN of its role for service accounts.
    pub service_account_role: Option<String>,
    /// ARNs of its Pod Identity associations.
    pub pod_identities: Vec<String>,
    /// What EKS reports as its health.
    pub issues: Vec<HealthIssue>,
    /// By key.
    pub tags: Tags,
}

/// What EKS offers of an add-on for the cluster's version of Kubernetes.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct AddonOffer {
    /// Such as `vpc-cni`.
    pub name: String,
    /// Newest first, such as `v1.21.1-eksbuild.1`.
    pub versions: Vec<String>,
    /// EKS's own choice.
    pub preferred: Option<String>,
}

/// An access entry.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct AccessEntry {
    /// ARN of the principal.
    pub principal: String,
    /// Such as `STANDARD`, `EC2_LINUX`.
    pub kind: String,
    /// As Kubernetes knows it.
    pub username: String,
    /// Groups of Kubernetes.
    pub groups: Vec<String>,
    /// By key.
    pub tags: Tags,
}

/// A Pod Identity association.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct PodIdentity {
    /// `a-…`
    pub id: String,
    /// Of the service account.
    pub namespace: String,
    /// Its name.
    pub service_account: String,
    /// ARN of the role; empty where it was not described.
    pub role: String,
    /// ARN of the add-on that owns it.
    pub owner: Option<String>,
}

/// An update of the cluster.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Update {
    /// Its id.
    pub id: String,
    /// Such as `VersionUpdate`.
    pub kind: String,
    /// `InProgress`, `Failed`, `Cancelled` or `Successful`.
    pub status: String,
    /// When it was asked for.
    pub created: Option<String>,
    /// Why it failed.
    pub errors: Vec<HealthIssue>,
}

/// An insight of EKS.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Insight {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `UPGRADE_READINESS`, `MISCONFIGURATION` …
    pub category: String,
    /// `PASSING`, `WARNING`, `ERROR` or `UNKNOWN`.
    pub status: String,
    /// In EKS's words.
    pub reason: String,
}

impl EksSurvey {
    pub(super) fn unread(&self) -> Vec<&Unread> {
        let parts = [
            self.cluster.unread(),
            self.node_groups.unread(),
            self.fargate_profiles.unread(),
            self.addons.unread(),
            self.addon_versions.unread(),
            self.access_entries.unread(),
            self.pod_identities.unread(),
            self.updates.unread(),
            self.insights.unread(),
            self.instances.unread(),
            self.instance_types.unread(),
            self.scaling_groups.unread(),
        ];
        parts.into_iter().flatten().collect()
    }

    /// The cluster, where it exists.
    pub fn found(&self) -> Option<&EksCluster> {
        self.cluster.read().and_then(Option::as_ref)
    }
}
