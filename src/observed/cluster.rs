//! A cluster that exists, as EKS and its own API tell of it.

use serde::{Deserialize, Serialize};

/// A cluster as EKS describes it.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct LiveCluster {
    /// EKS's word, such as `ACTIVE`.
    pub status: String,
    /// Of Kubernetes, such as `1.34`.
    pub version: String,
    /// URL of its API.
    pub endpoint: String,
    /// Certificates of its authority, PEM in base64.
    pub authority: String,
    /// Whether EKS refuses to delete it.
    pub deletion_protection: bool,
    /// What EKS reports as its health, in EKS's words.
    pub issues: Vec<String>,
}

/// An add-on as EKS describes it.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct LiveAddon {
    /// Such as `vpc-cni`.
    pub name: String,
    /// Such as `ACTIVE`.
    pub status: String,
    /// Such as `v1.21.1-eksbuild.1`.
    pub version: String,
    /// What EKS reports as its health, in EKS's words.
    pub issues: Vec<String>,
}

/// A node group as EKS describes it.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct LiveNodeGroup {
    /// EKS's own name.
    pub name: String,
    /// Such as `ACTIVE`.
    pub status: String,
    /// Of Kubernetes.
    pub version: String,
    /// Of the AMI, such as `1.34.1-20251112`.
    pub release: String,
    /// Nodes that are wanted now.
    pub desired: i32,
    /// Of the scaling.
    pub min: i32,
    /// Of the scaling.
    pub max: i32,
    /// What EKS reports as its health, in EKS's words.
    pub issues: Vec<String>,
}

/// aws-node as it runs.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct AwsNode {
    /// From its image; `None` where the image says none.
    pub version: Option<String>,
}
