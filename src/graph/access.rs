//! Access entries: who may use the cluster.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::facts::eks;
use crate::intent::cluster::Access;
use crate::intent::{Cluster, Intent, Tags};

use super::value::{GetAtt, Ref, Sub, Tag, tags};
use super::{Graph, Kind, id};

#[derive(Serialize)]
struct AccessEntry {
    cluster: Ref,
    principal: Value,
    r#type: Option<&'static str>,
    policies: Vec<Policy>,
    tags: Vec<Tag>,
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
pub fn auto_nodes(role: &str, graph: &mut Graph) {
    let policy_arn = Sub(format!(
        "arn:${{AWS::Partition}}:eks::aws:cluster-access-policy/{}",
        eks::AUTO_NODE_ACCESS
    ));
    let entry = AccessEntry {
        cluster: Ref("Cluster".into()),
        principal: json!(GetAtt(role.into(), "Arn")),
        r#type: Some("EC2"),
        policies: vec![Policy {
            policy_arn,
            access_scope: Scope { r#type: "cluster", namespaces: Vec::new() },
        }],
        // EKS updates entries of type STANDARD only, and a tag is an update.
        tags: Vec::new(),
    };
    graph.add("AccessAutoNodes", "cluster.autoMode", &entry);
}

/// EKS keeps one entry per principal, so the policies of a principal are gathered.
pub fn build(cluster: &Cluster, intent: &Intent, graph: &mut Graph) {
    let mut by_principal: BTreeMap<&str, Vec<&Access>> = BTreeMap::new();
    for access in &cluster.access {
        by_principal.entry(&access.principal).or_default().push(access);
    }
    for (principal, entries) in by_principal {
        let entry = AccessEntry {
            cluster: Ref("Cluster".into()),
            principal: json!(principal),
            r#type: None,
            policies: policies(&entries),
            tags: tags(intent, "access", &Tags::new()),
        };
        graph.add(logical_id(principal), &entries[0].path, &entry);
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
fn policies(entries: &[&Access]) -> Vec<Policy> {
    let mut scopes: BTreeMap<String, Option<BTreeSet<String>>> = BTreeMap::new();
    for access in entries {
        let scope = scopes.entry(arn(&access.policy)).or_insert_with(|| Some(BTreeSet::new()));
        match (&mut *scope, &access.namespaces) {
            (Some(names), Some(more)) => names.extend(more.iter().cloned()),
            (scope, _) => *scope = None,
        }
    }
    scopes.into_iter().map(|(arn, names)| policy(arn, names)).collect()
}

fn arn(policy: &str) -> String {
    match policy.starts_with("arn:") {
        true => policy.to_string(),
        false => format!("arn:${{AWS::Partition}}:eks::aws:cluster-access-policy/{policy}"),
    }
}

fn policy(arn: String, namespaces: Option<BTreeSet<String>>) -> Policy {
    let r#type = if namespaces.is_none() { "cluster" } else { "namespace" };
    Policy {
        policy_arn: Sub(arn),
        access_scope: Scope {
            r#type,
            namespaces: namespaces.unwrap_or_default().into_iter().collect(),
        },
    }
}
