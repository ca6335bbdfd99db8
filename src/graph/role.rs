//! IAM roles.

use serde::Serialize;
use serde_json::{Value, json};

use crate::facts::eks;
use crate::intent::{Intent, Tags};

use super::value::{GetAtt, Ref, Sub, Tag, tags};
use super::{Graph, Kind};

#[derive(Serialize)]
pub struct ServiceRole {
    /// A principal, or several.
    pub service: Value,
    /// How the service takes it on.
    pub actions: Value,
    pub policies: Vec<Sub>,
    pub own_policies: Option<Vec<OwnPolicy>>,
    pub tags: Vec<Tag>,
}

impl Kind for ServiceRole {
    const TEMPLATE: &'static str = "iam/service-role";
}

/// Adds managed policies by their ARNs, each once, in the partition of the stack.
pub fn add_policies<'p>(policies: &mut Vec<Sub>, arns: impl IntoIterator<Item = &'p String>) {
    for arn in arns {
        let rest = arn.splitn(3, ':').nth(2).unwrap_or(arn);
        let policy = Sub(format!("arn:${{AWS::Partition}}:{rest}"));
        if policies.iter().all(|own| own.0 != policy.0) {
            policies.push(policy);
        }
    }
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

/// Logical id of the cluster's OIDC provider.
pub const OIDC: &str = "OidcProvider";

/// Once for the cluster, whoever needs it first.
pub fn oidc_provider(intent: &Intent, path: &str, graph: &mut Graph) {
    if graph.resources.contains_key(OIDC) {
        return;
    }
    let facts = OidcProvider {
        url: GetAtt("Cluster".into(), "OpenIdConnectIssuerUrl"),
        audiences: [eks::TOKEN_AUDIENCE],
        tags: tags(intent, "oidc", &Tags::new()),
    };
    graph.add(OIDC, path, &facts);
}

/// Who may take a role on: these service accounts (namespace, name) and nobody else. The issuer stands in keys, which no function of
/// CloudFormation's fills in, so the document is a text.
pub fn trust(accounts: &[(&str, &str)]) -> Value {
    let names: Vec<String> = accounts
        .iter()
        .map(|(namespace, name)| format!("system:serviceaccount:{namespace}:{name}"))
        .collect();
    let subject = if let [only] = names.as_slice() { json!(only) } else { json!(names) };
    let only = json!({ "StringEquals": { "${Issuer}:aud": eks::TOKEN_AUDIENCE, "${Issuer}:sub": subject } });
    let statement = json!({ "Effect": "Allow", "Principal": { "Federated": format!("${{{OIDC}}}") }, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": only });
    let document = json!({ "Version": "2012-10-17", "Statement": [statement] });
    let url = json!({ "Fn::GetAtt": ["Cluster", "OpenIdConnectIssuerUrl"] });
    json!({ "Fn::Sub": [document.to_string(), { "Issuer": { "Fn::Select": [1, { "Fn::Split": ["//", url] }] } }] })
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
