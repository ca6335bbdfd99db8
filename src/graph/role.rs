//! IAM roles.

use serde::Serialize;
use serde_json::Value;

use crate::intent::{Intent, Tags};

use super::Kind;
use super::value::{GetAtt, Ref, Sub, Tag, tags};

#[derive(Serialize)]
pub struct ServiceRole {
    pub service: &'static str,
    /// How the service takes it on.
    pub actions: Value,
    pub policies: Vec<Sub>,
    pub own_policies: Option<Vec<OwnPolicy>>,
    pub tags: Vec<Tag>,
}

impl Kind for ServiceRole {
    const TEMPLATE: &'static str = "iam/service-role";
}

#[derive(Serialize)]
pub struct PodRole {
    pub policies: Vec<Sub>,
    pub own_policies: Option<Vec<OwnPolicy>>,
    pub tags: Vec<Tag>,
}

/// A role of a service account's, through the cluster's OIDC provider.
#[derive(Serialize)]
pub struct WebIdentityRole {
    pub trust: Value,
    pub policies: Vec<Sub>,
    pub own_policies: Option<Vec<OwnPolicy>>,
    pub tags: Vec<Tag>,
}

impl Kind for WebIdentityRole {
    const TEMPLATE: &'static str = "iam/web-identity-role";
}

#[derive(Serialize)]
pub struct OidcProvider {
    pub url: GetAtt,
    pub audiences: [&'static str; 1],
    pub tags: Vec<Tag>,
}

impl Kind for OidcProvider {
    const TEMPLATE: &'static str = "iam/oidc-provider";
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct OwnPolicy {
    pub policy_name: &'static str,
    pub policy_document: Value,
}

impl Kind for PodRole {
    const TEMPLATE: &'static str = "iam/pod-role";
}

/// A role for a service account of the namespace kube-system, through EKS Pod Identity.
#[derive(Serialize)]
pub struct PodIdentityAssociation {
    cluster: Ref,
    namespace: &'static str,
    service_account: &'static str,
    role: GetAtt,
    tags: Vec<Tag>,
}

impl Kind for PodIdentityAssociation {
    const TEMPLATE: &'static str = "eks/pod-identity-association";
}

impl PodIdentityAssociation {
    pub fn of(intent: &Intent, service_account: &'static str, role: &str) -> Self {
        Self {
            cluster: Ref("Cluster".into()),
            namespace: "kube-system",
            service_account,
            role: GetAtt(role.into(), "Arn"),
            tags: tags(intent, service_account, &Tags::new()),
        }
    }
}
