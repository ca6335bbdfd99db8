//! Objects of the cluster that let traffic pass, refuse it, or hold on to nodes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Tags;

/// A condition of a node, a pod or an API.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Condition {
    /// Such as `Ready`, `NetworkingReady`.
    pub kind: String,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    /// Such as `IPAMDNoIPs`.
    pub reason: String,
    /// In the reporter's words.
    pub message: String,
    /// Since when.
    pub since: Option<String>,
}

/// One template of a DaemonSet.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Revision {
    /// Its number; one that comes again gets a new number.
    pub number: u64,
    /// When it came for the first time.
    pub created: Option<String>,
    /// Plain values of the container that is named as the DaemonSet.
    pub env: Tags,
}

/// A CNINode of the VPC resource controller.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct CniNode {
    /// The node's name.
    pub name: String,
    /// Such as `SecurityGroupsForPods`, `CustomNetworking`.
    pub features: Tags,
}

/// Which pods an object is about.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Selector {
    /// `matchLabels`
    pub labels: Tags,
    /// `matchExpressions`, as they are.
    pub expressions: Vec<Value>,
}

/// A SecurityGroupPolicy.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct SecurityGroupPolicy {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// `sg-…`
    pub groups: Vec<String>,
    /// The pods.
    pub pods: Option<Selector>,
    /// The service accounts.
    pub service_accounts: Option<Selector>,
}

/// A NetworkPolicy.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkPolicy {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The pods it is about; empty: all of the namespace.
    pub pods: Selector,
    /// `Ingress`, `Egress`.
    pub types: Vec<String>,
    /// `spec.ingress`, as it is.
    pub ingress: Vec<Value>,
    /// `spec.egress`, as it is.
    pub egress: Vec<Value>,
}

/// A PodDisruptionBudget.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Disruption {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// How many pods may be evicted now.
    pub allowed: i64,
    /// Pods that are healthy.
    pub healthy: i64,
    /// Pods that have to be.
    pub desired: i64,
    /// Pods that it counts.
    pub expected: i64,
}

/// One webhook of a configuration.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Webhook {
    /// Of the configuration.
    pub configuration: String,
    /// Of the webhook.
    pub name: String,
    /// Mutating, not validating.
    pub mutating: bool,
    /// `Fail` or `Ignore`.
    pub failure_policy: String,
    /// `namespace/name` of its service.
    pub service: Option<String>,
    /// Of the service.
    pub port: Option<u16>,
    /// Where it is not a service.
    pub url: Option<String>,
    /// Seconds the API server waits.
    pub timeout: Option<u32>,
}

/// An Ingress.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct Ingress {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// `spec.ingressClassName`, or the annotation that came before it.
    pub class: Option<String>,
    /// Of its load balancer: names or addresses.
    pub ingress: Vec<String>,
    /// Annotations of load-balancer controllers.
    pub annotations: Tags,
}

/// An aggregated API.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub struct ApiService {
    /// Such as `v1beta1.metrics.k8s.io`.
    pub name: String,
    /// `namespace/name` of its service.
    pub service: Option<String>,
    /// Of the service.
    pub port: Option<u16>,
    /// `Available`, as the API server says.
    pub available: Option<Condition>,
}
