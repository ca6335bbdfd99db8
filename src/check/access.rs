//! Who may use the cluster.

use crate::blueprint::model::AccessType;
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::intent::access::Access;
use crate::intent::{Cluster, Intent};
use crate::rules::{ACC_01, ACC_02, ACC_03, CLU_21};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let Some(cluster) = &intent.cluster else {
        return Vec::new();
    };
    let mut findings: Vec<Diagnostic> = nobody(cluster).into_iter().collect();
    for (at, entry) in cluster.access.iter().enumerate() {
        findings.extend(principal(intent, entry));
        findings.extend(nameless(entry));
        findings.extend(policy(intent, entry));
        findings.extend(namespaces(entry));
        findings.extend(widened(entry, &cluster.access[..at]));
    }
    findings.extend(crowded(cluster));
    findings
}

/// Entries of nodes let no person in.
fn nobody(cluster: &Cluster) -> Option<Diagnostic> {
    let any = cluster.access.iter().any(|entry| entry.kind == AccessType::Standard);
    (!any).then(|| {
        CLU_21.at("cluster", "the cluster has no access entry: no principal may use it")
            .hint("add `access: [{ principal: arn:aws:iam::…:role/…, policy: AmazonEKSClusterAdminPolicy }]`")
    })
}

/// A name or a group without letters, which no binding inside the cluster can mean.
fn nameless(entry: &Access) -> Option<Diagnostic> {
    let empty = |text: &String| text.trim().is_empty();
    let groups = key(&entry.path, "kubernetesGroups");
    if let Some(at) = entry.kubernetes_groups.iter().position(empty) {
        let finding = ACC_01.at(format!("{groups}[{at}]"), "a group without a name");
        return Some(finding.hint(
            "name the group that bindings inside the cluster have, such as `viewers`, or remove it",
        ));
    }
    entry.username.as_ref().filter(|name| empty(name)).map(|_| {
        ACC_01
            .at(key(&entry.path, "username"), "an empty name")
            .hint("remove `username`: EKS derives the name from the ARN")
    })
}

fn principal(intent: &Intent, entry: &Access) -> Option<Diagnostic> {
    let partition = intent.region.partition();
    let arn: Vec<&str> = entry.principal.split(':').collect();
    let fits = matches!(arn.as_slice(), ["arn", own, "iam", "", account, rest]
        if *own == partition && is_account(account) && is_principal(rest));
    if entry.principal.contains(eks::SERVICE_LINKED) {
        let place = key(&entry.path, "principal");
        let message = format!(
            "`{}` is a service-linked role, and only EKS creates its entry",
            entry.principal
        );
        return Some(ACC_01.at(place, message).hint("name a role or a user of your own"));
    }
    (!fits).then(|| {
        ACC_01
            .at(
                key(&entry.path, "principal"),
                format!(
                    "`{}` is not the ARN of an IAM role or user of the partition {partition}",
                    entry.principal
                ),
            )
            .hint(format!("such as `arn:{partition}:iam::111122223333:role/ops`"))
    })
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `role/path/name`, in IAM's letters; wildcards name nobody.
fn is_principal(text: &str) -> bool {
    let Some(name) = text.strip_prefix("role/").or_else(|| text.strip_prefix("user/")) else {
        return false;
    };
    let last = name.rsplit('/').next().unwrap_or_default();
    let letter = |one: char| one.is_ascii_alphanumeric() || "+=,.@_-/".contains(one);
    !last.is_empty() && last.len() <= eks::ROLE_NAME && name.chars().all(letter)
}

fn policy(intent: &Intent, entry: &Access) -> Option<Diagnostic> {
    let place = key(&entry.path, "policy");
    let own = format!("arn:{}:eks::aws:cluster-access-policy/", intent.region.partition());
    let written = entry.policy.as_ref()?;
    let name = written.strip_prefix(&own).unwrap_or(written);
    let form = (name.starts_with("Amazon") || name.starts_with("AWS"))
        && name.chars().all(|one| one.is_ascii_alphanumeric());
    let names = eks::ACCESS_POLICIES.join(", ");
    if !form {
        let finding = ACC_01.at(place, format!("`{written}` is not an EKS access policy"));
        return Some(finding.hint(format!("one of {names}, or its ARN `{own}…`")));
    }
    (!eks::ACCESS_POLICIES.contains(&name)).then(|| {
        ACC_02
            .at(place, format!("this version of eksnet does not know the access policy `{name}`"))
            .hint(format!("`aws eks list-access-policies` lists all; known here: {names}"))
    })
}

/// Namespaces have Kubernetes' names, in which `*` stands for any part.
fn namespaces(entry: &Access) -> Option<Diagnostic> {
    let names = entry.namespaces.as_ref()?;
    let letter = |one: char| one.is_ascii_lowercase() || one.is_ascii_digit() || "-*".contains(one);
    let fits = |name: &String| {
        (1..=63).contains(&name.len())
            && name.chars().all(letter)
            && !name.starts_with('-')
            && !name.ends_with('-')
    };
    let place = key(&entry.path, "namespaces");
    if names.is_empty() {
        let finding = ACC_01.at(place, "no namespace at all");
        return Some(finding.hint("name one, or leave `namespaces` out for the whole cluster"));
    }
    let (at, wrong) = names.iter().enumerate().find(|(_, name)| !fits(name))?;
    Some(
        ACC_01
            .at(format!("{place}[{at}]"), format!("invalid namespace `{wrong}`"))
            .hint("lower-case letters, digits and `-`; `*` matches any part, as in `dev-*`"),
    )
}

/// EKS keeps one scope for a principal's policy: the whole cluster, where both are written.
fn widened(entry: &Access, earlier: &[Access]) -> Option<Diagnostic> {
    let policy = entry.policy.as_ref()?;
    let same = earlier.iter().find(|other| {
        other.principal == entry.principal
            && other.policy.as_deref().map(last) == Some(last(policy))
            && other.namespaces.is_some() != entry.namespaces.is_some()
    })?;
    let message = format!(
        "`{}` is for the whole cluster and for namespaces: the namespaces have no effect",
        last(policy)
    );
    Some(
        ACC_03
            .at(key(&entry.path, "policy"), message)
            .also(key(&same.path, "policy"), "the other one")
            .hint("keep one of the two"),
    )
}

fn last(policy: &str) -> &str {
    policy.rsplit('/').next().unwrap_or(policy)
}

fn crowded(cluster: &Cluster) -> Option<Diagnostic> {
    let of = |principal: &str| {
        let own = cluster.access.iter().filter(|entry| entry.principal == principal);
        own.filter_map(|entry| entry.policy.as_deref().map(last))
            .collect::<std::collections::BTreeSet<_>>()
            .len()
    };
    let entry =
        cluster.access.iter().find(|entry| eks::POLICIES_PER_ENTRY < of(&entry.principal))?;
    let message = format!(
        "{} policies for one principal; an access entry accepts {}",
        of(&entry.principal),
        eks::POLICIES_PER_ENTRY
    );
    Some(
        ACC_01.at(&entry.path, message).hint("use a policy that includes others, or a second role"),
    )
}
