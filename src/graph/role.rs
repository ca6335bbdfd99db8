//! IAM roles.

use serde::Serialize;
use serde_json::{Value, json};

use crate::facts::eks;
use crate::intent::iam::RoleSource;
use crate::intent::{Intent, Tags};

use super::value::{GetAtt, Ref, Sub, Tag, tags};
use super::{Graph, Kind, id};

/// What the blueprint prescribes for a role.
#[derive(Serialize)]
pub struct RoleTerms {
    role_name: Option<String>,
    path: Option<String>,
    boundary: Option<String>,
}

impl RoleTerms {
    pub fn of(intent: &Intent, id: &str) -> Self {
        let role_name = match source(intent, id) {
            RoleSource::Named(name) => Some(name.clone()),
            _ => None,
        };
        let iam = &intent.iam;
        Self { role_name, path: iam.path.clone(), boundary: iam.boundary.clone() }
    }
}

/// Where the role of a logical id comes from.
fn source<'i>(intent: &'i Intent, id: &str) -> &'i RoleSource {
    let [cluster, nodes, aws_node] = id::iam_roles();
    let iam = &intent.iam;
    let rows = [
        (cluster, &iam.cluster),
        (nodes, &iam.nodes),
        (aws_node, &iam.aws_node),
        (id::AUTO_NODES, &iam.auto_nodes),
    ];
    rows.into_iter().find(|(own, _)| *own == id).map_or(&RoleSource::Stack, |(_, source)| source)
}

/// The ARN of a role that somebody else makes.
pub fn existing<'i>(intent: &'i Intent, id: &str) -> Option<&'i str> {
    match source(intent, id) {
        RoleSource::Existing(arn) => Some(arn),
        _ => None,
    }
}

/// The name that the author gives a role.
pub fn name<'i>(intent: &'i Intent, id: &str) -> Option<&'i str> {
    match source(intent, id) {
        RoleSource::Named(name) => Some(name),
        _ => None,
    }
}

/// A role's ARN, of the stack's or of one that exists.
pub fn arn(intent: &Intent, id: &str) -> Value {
    existing(intent, id).map_or_else(|| json!(GetAtt(id.to_string(), "Arn")), |arn| json!(arn))
}

/// The same in files, where `${…}` is filled in from the stack.
pub fn in_text(intent: &Intent, id: &str) -> String {
    existing(intent, id).map_or_else(|| format!("${{{id}.Arn}}"), str::to_string)
}

/// Whether a role is the stack's.
pub fn is_made(intent: &Intent, id: &str) -> bool {
    existing(intent, id).is_none()
}

#[derive(Serialize)]
pub struct ServiceRole {
    /// A principal, or several.
    pub service: Value,
    /// How the service takes it on.
    pub actions: Value,
    pub policies: Vec<Sub>,
    pub own_policies: Option<Vec<OwnPolicy>>,
    /// On whose behalf the service may take it on; `None`: anybody's.
    pub condition: Option<Value>,
    pub tags: Vec<Tag>,
    #[serde(flatten)]
    pub terms: RoleTerms,
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
    /// ARNs.
    pub policies: Value,
    pub own_policies: Option<Vec<OwnPolicy>>,
    pub tags: Vec<Tag>,
    #[serde(flatten)]
    pub terms: RoleTerms,
}

/// A role of a service account's, through the cluster's OIDC provider.
#[derive(Serialize)]
pub struct WebIdentityRole {
    pub trust: Value,
    pub policies: Vec<Sub>,
    pub own_policies: Option<Vec<OwnPolicy>>,
    pub tags: Vec<Tag>,
    #[serde(flatten)]
    pub terms: RoleTerms,
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

/// A service account.
pub struct Account {
    pub namespace: String,
    pub name: String,
}

impl Account {
    /// Of the namespace kube-system.
    pub fn system(name: &str) -> Self {
        Self { namespace: eks::SYSTEM_NAMESPACE.to_string(), name: name.to_string() }
    }
}

/// A role for a service account, through EKS Pod Identity.
#[derive(Serialize)]
pub struct PodIdentityAssociation {
    cluster: Ref,
    namespace: String,
    service_account: String,
    role: Value,
    tags: Vec<Tag>,
}

impl Kind for PodIdentityAssociation {
    const TEMPLATE: &'static str = "eks/pod-identity-association";
}

impl PodIdentityAssociation {
    pub fn of(intent: &Intent, account: Account, role: Value) -> Self {
        Self {
            cluster: Ref("Cluster".into()),
            tags: tags(intent, &account.name, &Tags::new()),
            namespace: account.namespace,
            service_account: account.name,
            role,
        }
    }
}
