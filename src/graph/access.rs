//! Access entries: who may use the cluster.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::spec::cluster::Access;
use crate::spec::{Cluster, Spec, Tags};

use super::value::{Ref, Sub, Tag, tags};
use super::{Graph, Kind, id};

#[derive(Serialize)]
struct AccessEntry {
    cluster: Ref,
    principal: String,
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

/// EKS keeps one entry per principal, so the policies of a principal are gathered.
pub fn build(cluster: &Cluster, spec: &Spec, graph: &mut Graph) {
    let mut by_principal: BTreeMap<&str, Vec<&Access>> = BTreeMap::new();
    for access in &cluster.access {
        by_principal.entry(&access.principal).or_default().push(access);
    }
    for (principal, entries) in by_principal {
        let entry = AccessEntry {
            cluster: Ref("Cluster".into()),
            principal: principal.to_string(),
            policies: entries.iter().map(|access| policy(access)).collect(),
            tags: tags(spec, "access", &Tags::new()),
        };
        graph.add(logical_id(principal), &entries[0].path, &entry);
    }
}

fn logical_id(principal: &str) -> String {
    let name = principal.rsplit(['/', ':']).next().unwrap_or_default();
    format!("Access{}{}", id::pascal(name), &format!("{:x}", Sha256::digest(principal.as_bytes()))[..6])
}

fn policy(access: &Access) -> Policy {
    let arn = match access.policy.starts_with("arn:") {
        true => access.policy.clone(),
        false => format!("arn:${{AWS::Partition}}:eks::aws:cluster-access-policy/{}", access.policy),
    };
    let scope = if access.namespaces.is_empty() { "cluster" } else { "namespace" };
    Policy { policy_arn: Sub(arn), access_scope: Scope { r#type: scope, namespaces: access.namespaces.clone() } }
}
