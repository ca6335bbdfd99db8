//! A cluster that exists, as EKS and its own API tell of it.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct LiveCluster {
    /// EKS's word, such as `ACTIVE`.
    pub status: String,
    pub version: String,
    pub endpoint: String,
    /// Certificates of its authority, PEM in base64.
    pub authority: String,
    pub deletion_protection: bool,
    pub issues: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct LiveAddon {
    pub name: String,
    pub status: String,
    pub version: String,
    pub issues: Vec<String>,
}

/// aws-node as it runs.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct AwsNode {
    /// From its image; `None` where the image says none.
    pub version: Option<String>,
}
