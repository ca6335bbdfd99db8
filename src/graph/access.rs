//! Access entries: who may use the cluster.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::blueprint::model::AccessType;
use crate::facts::eks;
use crate::intent::access::Access;
use crate::intent::{Cluster, Intent, NodeGroup, Tags};

use super::value::{GetAtt, Ref, Sub, Tag, tags};
use super::{Graph, Kind, id};

#[derive(Serialize)]
struct AccessEntry {
    cluster: Ref,
    principal: Value,
    r#type: Option<&'static str>,
    policies: Option<Vec<Policy>>,
    kubernetes_groups: Option<Vec<String>>,
    username: Option<String>,
    tags: Option<Vec<Tag>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    policy_arn: Sub,
    access_scope: Scope,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Scope {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    namespaces: Vec<String>,
}

impl Kind for AccessEntry {
    const TEMPLATE: &'static str = "eks/access-entry";
}

/// Nodes of a NodeClass of one's own join with their role: EKS makes an entry for its own pools' only.
pub fn auto_nodes(principal: Value, graph: &mut Graph) {
    let policy_arn = Sub(format!(
        "arn:${{AWS::Partition}}:eks::aws:cluster-access-policy/{}",
        eks::AUTO_NODE_ACCESS
    ));
    let entry = AccessEntry {
        cluster: Ref("Cluster".into()),
        principal,
        r#type: Some("EC2"),
        policies: Some(vec![Policy {
            policy_arn,
            access_scope: Scope { r#type: "cluster", namespaces: Vec::new() },
        }]),
        kubernetes_groups: None,
        username: None,
        // EKS updates entries of type STANDARD only, and a tag is an update.
        tags: None,
    };
    graph.add("AccessAutoNodes", "cluster.autoMode", &entry);
}

/// EKS makes an entry for the role of a managed group by itself; for Windows nodes of a custom AMI it would be one of Linux
/// nodes. Source: terraform-aws-eks issue 2994, read 2026-11-28.
pub fn windows_nodes(cluster: &Cluster, graph: &mut Graph) {
    let groups = cluster.node_groups.iter().filter(|group| has_windows_entry(group));
    let roles: BTreeMap<String, &str> =
        groups.map(|group| (id::role_of(group), group.path.as_str())).collect();
    for (role, path) in roles {
        let entry = AccessEntry {
            cluster: Ref("Cluster".into()),
            principal: json!(GetAtt(role.clone(), "Arn")),
            r#type: word(AccessType::Ec2Windows),
            policies: None,
            kubernetes_groups: None,
            username: None,
            tags: None,
        };
        graph.add(windows_entry(&role), path, &entry);
    }
}

/// Whether nodes of a group join by an entry of the stack's.
pub fn has_windows_entry(group: &NodeGroup) -> bool {
    group.ami.is_windows() && group.ami.image.is_some()
}

pub fn windows_entry(role: &str) -> String {
    format!("Access{role}")
}

/// Nodes that Karpenter starts join with their role.
pub fn karpenter_nodes(principal: Value, graph: &mut Graph) {
    let entry = AccessEntry {
        cluster: Ref("Cluster".into()),
        principal,
        r#type: word(AccessType::Ec2Linux),
        policies: None,
        kubernetes_groups: None,
        username: None,
        tags: None,
    };
    graph.add("AccessKarpenterNodes", "karpenter", &entry);
}

/// One principal's entry.
pub struct Entry {
    pub principal: String,
    /// EKS's word for its type; `None`: standard.
    pub word: Option<&'static str>,
    /// (ARN, with `${AWS::Partition}`; namespaces, or the whole cluster)
    pub policies: Vec<(String, Option<Vec<String>>)>,
    pub groups: Vec<String>,
    pub username: Option<String>,
    path: String,
}

/// EKS keeps one entry per principal, so what is written of a principal is gathered.
pub fn entries(cluster: &Cluster) -> Vec<Entry> {
    let mut by_principal: BTreeMap<&str, Vec<&Access>> = BTreeMap::new();
    for access in &cluster.access {
        by_principal.entry(&access.principal).or_default().push(access);
    }
    let one = |(principal, written): (&str, Vec<&Access>)| {
        let groups: BTreeSet<&String> =
            written.iter().flat_map(|entry| &entry.kubernetes_groups).collect();
        Entry {
            principal: principal.to_string(),
            word: word(written[0].kind),
            policies: policies(&written),
            groups: groups.into_iter().cloned().collect(),
            username: written.iter().find_map(|entry| entry.username.clone()),
            path: written[0].path.clone(),
        }
    };
    by_principal.into_iter().map(one).collect()
}

pub fn build(cluster: &Cluster, intent: &Intent, graph: &mut Graph) {
    for entry in entries(cluster) {
        let policies = entry.policies.into_iter().map(|(arn, names)| policy(arn, names)).collect();
        let facts = AccessEntry {
            cluster: Ref("Cluster".into()),
            principal: json!(entry.principal),
            r#type: entry.word,
            // Nodes have what EKS gives them.
            policies: entry.word.is_none().then_some(policies),
            kubernetes_groups: Some(entry.groups).filter(|groups| !groups.is_empty()),
            username: entry.username,
            // An update of a tag would fail on an entry of nodes.
            tags: entry.word.is_none().then(|| tags(intent, "access", &Tags::new())),
        };
        graph.add(logical_id(&entry.principal), &entry.path, &facts);
    }
}

/// EKS's word; standard is what it takes without one.
fn word(kind: AccessType) -> Option<&'static str> {
    match kind {
        AccessType::Standard => None,
        AccessType::Ec2Linux => Some("EC2_LINUX"),
        AccessType::Ec2Windows => Some("EC2_WINDOWS"),
        AccessType::FargateLinux => Some("FARGATE_LINUX"),
        AccessType::HybridLinux => Some("HYBRID_LINUX"),
    }
}

fn logical_id(principal: &str) -> String {
    let name = principal.rsplit(['/', ':']).next().unwrap_or_default();
    format!(
        "Access{}{}",
        id::pascal(name),
        &format!("{:x}", Sha256::digest(principal.as_bytes()))[..6]
    )
}

/// EKS keeps one scope per policy: namespaces are gathered, and the whole cluster holds them all.
fn policies(entries: &[&Access]) -> Vec<(String, Option<Vec<String>>)> {
    let mut scopes: BTreeMap<String, Option<BTreeSet<String>>> = BTreeMap::new();
    for (access, policy) in
        entries.iter().filter_map(|access| Some((access, access.policy.as_ref()?)))
    {
        let scope = scopes.entry(arn(policy)).or_insert_with(|| Some(BTreeSet::new()));
        match (&mut *scope, &access.namespaces) {
            (Some(names), Some(more)) => names.extend(more.iter().cloned()),
            (scope, _) => *scope = None,
        }
    }
    scopes
        .into_iter()
        .map(|(arn, names)| (arn, names.map(|names| names.into_iter().collect())))
        .collect()
}

fn arn(policy: &str) -> String {
    match policy.starts_with("arn:") {
        true => policy.to_string(),
        false => format!("arn:${{AWS::Partition}}:eks::aws:cluster-access-policy/{policy}"),
    }
}

fn policy(arn: String, namespaces: Option<Vec<String>>) -> Policy {
    let r#type = if namespaces.is_none() { "cluster" } else { "namespace" };
    Policy {
        policy_arn: Sub(arn),
        access_scope: Scope { r#type, namespaces: namespaces.unwrap_or_default() },
    }
}
