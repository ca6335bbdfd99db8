//! Types of access entries: what each accepts, and who is missing.

use crate::blueprint::model::AccessType;
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::intent::access::Access;
use crate::intent::iam::RoleSource;
use crate::intent::{Cluster, Intent};
use crate::rules::{ACC_04, ACC_05, ACC_06, ACC_07, HYB_12};

use super::iam;

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let Some(cluster) = &intent.cluster else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for (at, entry) in cluster.access.iter().enumerate() {
        findings.extend(of_nodes(entry));
        findings.extend(reserved(entry));
        findings.extend(contradiction(entry, &cluster.access[..at]));
        findings.extend(idle(entry, &cluster.access));
        findings.extend(of_own_nodes(intent, cluster, entry));
    }
    findings.extend(of_another_account(intent, cluster));
    findings.extend(hybrid(cluster));
    findings
}

/// Nodes have the groups and the name that EKS gives them.
fn of_nodes(entry: &Access) -> Option<Diagnostic> {
    if entry.kind == AccessType::Standard {
        return None;
    }
    let written = [
        ("policy", entry.policy.is_some()),
        ("namespaces", entry.namespaces.is_some()),
        ("kubernetesGroups", !entry.kubernetes_groups.is_empty()),
        ("username", entry.username.is_some()),
    ];
    if let Some((word, _)) = written.into_iter().find(|(_, there)| *there) {
        let finding = ACC_04.at(key(&entry.path, word), format!("`{word}` in an entry of nodes"));
        return Some(
            finding
                .also(key(&entry.path, "type"), "nodes here")
                .hint(format!("remove `{word}`: EKS gives nodes their groups and name")),
        );
    }
    entry.principal.contains(":user/").then(|| {
        ACC_04
            .at(key(&entry.path, "principal"), "nodes have a role, and this is a user")
            .also(key(&entry.path, "type"), "nodes here")
            .hint("name the role of the nodes")
    })
}

fn reserved(entry: &Access) -> Option<Diagnostic> {
    let taken = |name: &str| {
        eks::RESERVED_SUBJECTS.iter().find(|word| name.to_lowercase().starts_with(*word))
    };
    let groups = entry
        .kubernetes_groups
        .iter()
        .enumerate()
        .map(|(at, name)| (format!("{}[{at}]", key(&entry.path, "kubernetesGroups")), name));
    let mut names =
        groups.chain(entry.username.iter().map(|name| (key(&entry.path, "username"), name)));
    let (place, name, word) =
        names.find_map(|(place, name)| Some((place, name.clone(), *taken(name)?)))?;
    let finding =
        ACC_04.at(place, format!("`{name}`: names with `{word}` are Kubernetes' or AWS's own"));
    Some(finding.hint("bind a group of another name to the permissions inside the cluster"))
}

/// EKS keeps one entry for a principal.
fn contradiction(entry: &Access, earlier: &[Access]) -> Option<Diagnostic> {
    let first = earlier.iter().find(|other| other.principal == entry.principal)?;
    let names = |entry: &Access| entry.username.clone();
    let what = match () {
        () if first.kind != entry.kind => "type",
        () if names(first).is_some() && names(entry).is_some() && names(first) != names(entry) => {
            "username"
        }
        () => return None,
    };
    let message = format!("`{}` has an entry with another `{what}`", entry.principal);
    Some(
        ACC_04
            .at(key(&entry.path, what), message)
            .also(&first.path, "the first one")
            .hint("keep one of the two"),
    )
}

fn idle(entry: &Access, all: &[Access]) -> Option<Diagnostic> {
    let gives = |one: &Access| one.policy.is_some() || !one.kubernetes_groups.is_empty();
    let any = all.iter().any(|other| other.principal == entry.principal && gives(other));
    (entry.kind == AccessType::Standard && !any).then(|| {
        ACC_05
            .at(&entry.path, format!("`{}` has no permissions in the cluster", entry.principal))
            .hint("add a `policy`, or `kubernetesGroups` that bindings inside the cluster name")
    })
}

/// The role of managed node groups has an entry already, of EKS's making.
fn of_own_nodes(intent: &Intent, cluster: &Cluster, entry: &Access) -> Option<Diagnostic> {
    let name = entry.principal.rsplit('/').next();
    let own = match &intent.iam.nodes {
        RoleSource::Existing(arn) => *arn == entry.principal,
        RoleSource::Named(role) => {
            name == Some(role.as_str()) && entry.principal.contains(":role/")
        }
        _ => false,
    };
    (own && !cluster.node_groups.is_empty()).then(|| {
        ACC_06
            .at(
                key(&entry.path, "principal"),
                "the role of the node groups, whose entry EKS creates",
            )
            .also("iam.roles.nodes", "the role")
            .hint("remove the entry; people and pipelines have roles of their own")
    })
}

/// Roles of nodes are of the cluster's account, which the roles of the stack tell, or else the first of these entries.
fn of_another_account(intent: &Intent, cluster: &Cluster) -> Option<Diagnostic> {
    let nodes = cluster.access.iter().filter(|entry| entry.kind != AccessType::Standard);
    let accounts = nodes
        .filter_map(|entry| Some((key(&entry.path, "principal"), iam::account(&entry.principal)?)));
    let accounts: Vec<(String, String)> = accounts.collect();
    let (whose, own) = iam::own_account(intent).or_else(|| accounts.first().cloned())?;
    let (place, other) = accounts.into_iter().find(|(_, other)| *other != own)?;
    let message = format!("nodes of the account {other}, and the cluster is of {own}");
    Some(
        ACC_07
            .at(place, message)
            .also(whose, "of the other account")
            .hint("name a role of the cluster's account: nodes of another one cannot join"),
    )
}

/// Hybrid nodes join with a role that only an entry of theirs lets in.
fn hybrid(cluster: &Cluster) -> Option<Diagnostic> {
    let there = cluster.access.iter().any(|entry| entry.kind == AccessType::HybridLinux);
    (!cluster.remote.nodes.is_empty() && !there).then(|| {
        HYB_12.at("cluster.remoteNetworks", "hybrid nodes cannot join: their role has no access entry")
            .hint("add `{ principal: arn:aws:iam::…:role/…, type: hybridLinux }` to `cluster.access`, unless it is created elsewhere")
    })
}
