//! Who may use the cluster, with every default filled in.

use crate::blueprint::model::{self, AccessType};

/// An access entry of the cluster, as the author wrote it.
#[derive(Clone, Debug)]
pub struct Access {
    pub principal: String,
    pub kind: AccessType,
    /// Standard entries only.
    pub policy: Option<String>,
    /// `None`: the whole cluster.
    pub namespaces: Option<Vec<String>>,
    pub kubernetes_groups: Vec<String>,
    pub username: Option<String>,
    pub path: String,
}

/// Entries in the blueprint's order; without a written type an entry is a standard one.
pub fn resolve(written: Option<&Vec<model::Access>>) -> Vec<Access> {
    let entries = written.into_iter().flatten().enumerate();
    let resolved = entries.map(|(at, entry)| Access {
        principal: entry.principal.clone(),
        kind: entry.r#type.unwrap_or_default(),
        policy: entry.policy.clone(),
        namespaces: entry.namespaces.clone(),
        kubernetes_groups: entry.kubernetes_groups.clone().unwrap_or_default(),
        username: entry.username.clone(),
        path: format!("cluster.access[{at}]"),
    });
    resolved.collect()
}
