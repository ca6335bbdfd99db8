//! What EKS and the nodes say themselves, as proof of the checks that tell its cause, so that none is only repeated.

use crate::observed::Unread;
use crate::observed::survey::{Condition, HealthIssue, KubeNode, Survey};
use crate::survey::{age, items};

use super::cast::{CLUSTER, EVENTS, GROUPS, cluster};
use super::codes::{NODES, READY, REASONS, WORDS};
use super::verdict::{Judged, Proof, Sick, known};

/// A kubelet starts, and a pod gets its address, in fewer seconds.
pub const STARTED: i64 = 300;

/// Something that EKS reports, and of what.
struct Told<'s> {
    read: &'static str,
    resource: String,
    field: &'static str,
    issue: &'s HealthIssue,
}

/// Issues of the cluster and what belongs to it.
pub fn told_by_eks(survey: &Survey) -> Judged {
    let sick = told(survey)?.into_iter().map(|told| {
        let HealthIssue { code, message, resources } = told.issue;
        let row = WORDS.iter().find(|row| row.code == code);
        let about = match resources.is_empty() {
            true => told.resource.clone(),
            false => format!("{} ({})", told.resource, resources.join(", ")),
        };
        let proof = Proof {
            read: told.read,
            resource: about,
            field: told.field,
            seen: format!("{code}: {message}"),
            wanted: "none".into(),
        };
        let fix = row.map_or("see EKS's message: no check knows this code", |row| row.fix);
        let one = Sick::proven(format!("EKS reports {code} for {}", told.resource), proof, fix)
            .after(row.map_or(&[], |row| row.checks));
        if code == "PodEvictionFailure" { budgets(survey, one) } else { one }
    });
    Ok(sick.collect())
}

/// Budgets that allow no eviction.
fn budgets(survey: &Survey, sick: Sick) -> Sick {
    let shut = items(&survey.kubernetes.disruption_budgets).iter().filter(|one| one.allowed == 0);
    shut.take(5).fold(sick, |sick, budget| {
        sick.and(Proof {
            read: "k8s:list poddisruptionbudgets",
            resource: format!("{}/{}", budget.namespace, budget.name),
            field: "status.disruptionsAllowed",
            seen: "0".into(),
            wanted: "1 or more".into(),
        })
    })
}

fn told(survey: &Survey) -> Result<Vec<Told<'_>>, Unread> {
    let field = "health.issues";
    let mut all: Vec<Told<'_>> = Vec::new();
    let of = |read: &'static str, resource: String, field: &'static str| {
        move |issue| Told { read, resource: resource.clone(), field, issue }
    };
    if let Some(found) = cluster(survey)? {
        all.extend(found.issues.iter().map(of(CLUSTER, format!("cluster {}", found.name), field)));
    }
    for group in known(&survey.eks.node_groups, GROUPS)? {
        all.extend(group.issues.iter().map(of(
            GROUPS,
            format!("node group {}", group.name),
            field,
        )));
    }
    for addon in known(&survey.eks.addons, "eks:ListAddons")? {
        let of = of("eks:DescribeAddon", format!("add-on {}", addon.name), field);
        all.extend(addon.issues.iter().map(of));
    }
    for profile in known(&survey.eks.fargate_profiles, "eks:DescribeFargateProfile")? {
        let of = of("eks:DescribeFargateProfile", format!("profile {}", profile.name), field);
        all.extend(profile.issues.iter().map(of));
    }
    // Of a kind of update only the last one counts: what failed and was repeated is over.
    let updates = known(&survey.eks.updates, "eks:ListUpdates")?;
    for update in updates.iter().filter(|one| one.status == "Failed") {
        let later =
            updates.iter().any(|other| other.kind == update.kind && update.created < other.created);
        if !later {
            let of = of("eks:DescribeUpdate", format!("update {}", update.kind), "errors");
            all.extend(update.errors.iter().map(of));
        }
    }
    Ok(all)
}

/// NJ-24
pub fn node_reports(survey: &Survey) -> Judged {
    let nodes = known(&survey.kubernetes.nodes, "k8s:list nodes")?;
    let mut sick = Vec::new();
    for node in nodes {
        if !node.conditions.iter().any(|one| one.kind == "Ready") {
            let why = format!("the node {} has no condition `Ready`", node.name);
            return Err(Unread { action: "k8s:list nodes".into(), why });
        }
        let failing = node.conditions.iter().filter(|one| is_failing(one, &survey.header.read));
        sick.extend(failing.map(|condition| reported(node, condition)));
    }
    Ok(sick)
}

fn reported(node: &KubeNode, condition: &Condition) -> Sick {
    let rows = if condition.kind == "Ready" { READY } else { REASONS };
    let row = rows.iter().find(|row| row.code == condition.reason);
    let what = match condition.kind.as_str() {
        "Ready" if condition.status == "Unknown" => "has stopped reporting",
        "Ready" => "is not ready",
        _ => "reports that its network is not ready",
    };
    Sick::proven(
        format!("{} {what}: {}", node.name, condition.reason),
        condition_of(node, condition),
        row.map_or("see the condition's message", |row| row.fix),
    )
    .after(row.map_or(NODES, |row| row.checks))
}

fn is_failing(condition: &Condition, now: &str) -> bool {
    match condition.kind.as_str() {
        "NetworkingReady" => condition.status == "False",
        "NetworkUnavailable" => condition.status == "True",
        // A node that has just started is not ready yet.
        "Ready" => {
            let since = condition.since.as_deref();
            let old = since.and_then(|since| age::is_older(since, now, STARTED));
            condition.status != "True" && old != Some(false)
        }
        _ => false,
    }
}

/// Where a node has stopped reporting, what runs on it is ready nowhere for that reason.
pub fn silent(survey: &Survey) -> &'static [&'static str] {
    let gone = |one: &Condition| one.kind == "Ready" && one.status == "Unknown";
    let any = items(&survey.kubernetes.nodes).iter().any(|node| node.conditions.iter().any(gone));
    if any { &["NJ-24"] } else { &[] }
}

fn condition_of(node: &KubeNode, condition: &Condition) -> Proof {
    let field = match condition.kind.as_str() {
        "Ready" => "status.conditions, Ready",
        "NetworkUnavailable" => "status.conditions, NetworkUnavailable",
        _ => "status.conditions, NetworkingReady",
    };
    Proof {
        read: "k8s:list nodes",
        resource: node.name.clone(),
        field,
        seen: format!("{}, {}: {}", condition.status, condition.reason, condition.message),
        wanted: if condition.kind == "NetworkUnavailable" { "False" } else { "True" }.into(),
    }
}

/// Addresses that aws-node refused.
pub fn sandbox_fails(survey: &Survey) -> Judged {
    let events = known(&survey.kubernetes.events, EVENTS)?;
    let failed: Vec<_> = events
        .iter()
        .filter(|one| one.reason.eq_ignore_ascii_case("FailedCreatePodSandBox"))
        .filter(|one| one.message.contains("assign an IP address"))
        .collect();
    let Some(first) = failed.first() else { return Ok(Vec::new()) };
    let times: u64 = failed.iter().map(|one| one.count.max(1)).sum();
    let since = failed.iter().filter_map(|one| one.first.as_deref()).min();
    let since = since.map_or(String::new(), |since| format!(" since {since}"));
    let proof = Proof {
        read: EVENTS,
        resource: first.about.clone(),
        field: "reason, message",
        seen: format!("{} ×{times}{since}: {}", first.reason, first.message),
        wanted: "no such event".into(),
    };
    let one = Sick::proven(
        "aws-node assigns no address to pods",
        proof,
        "kubectl -n kube-system logs ds/aws-node -c aws-node, on the pod's node",
    );
    Ok(vec![one])
}
