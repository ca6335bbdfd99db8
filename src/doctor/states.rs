//! States of what the cluster consists of: one that means harm is sick also where nobody says why, and a word that is not known is never
//! fine.

use std::collections::BTreeSet;

use crate::facts::states::{self, Health, States};
use crate::observed::Unread;
use crate::observed::survey::{DaemonSet, HealthIssue, Instance, Pod, Survey};
use crate::survey::age;

use super::addresses::runs_daemon_sets;
use super::cast::{CLUSTER, GROUPS, PODS, cluster};
use super::codes::{NODES, ROOM};
use super::verdict::{Judged, Proof, Sick, known};
use super::words::{self, STARTED};

pub const INSTANCES: &str = "ec2:DescribeInstances";
const ADDONS: &str = "eks:DescribeAddon";
const PROFILES: &str = "eks:DescribeFargateProfile";

/// A node joins within a minute or two; EKS itself gives up after a quarter of an hour.
const JOINED: i64 = 600;

/// Further instances that are named.
const SHOWN: usize = 4;

/// Checks that may tell why a node group fails.
const OF_GROUPS: &[&str] = &[
    "NJ-01", "NJ-02", "NJ-03", "NJ-04", "NJ-05", "NJ-06", "NJ-07", "NJ-08", "NJ-09", "NJ-10",
    "NJ-11", "NJ-12", "NJ-13", "NJ-14", "NJ-15", "NJ-16", "NJ-17", "NJ-18", "NJ-19", "NJ-26",
    "NJ-28", "NJ-29",
];
/// Checks that may tell why an add-on fails.
const OF_ADDONS: &[&str] = &[
    "DNS-01", "IP-01", "IP-02", "IP-08", "IMG-01", "NJ-14", "NJ-15", "NJ-19", "NJ-20", "NJ-24",
    "NJ-26", "NJ-27",
];

/// Something that EKS gives a state to.
struct Thing<'s> {
    read: &'static str,
    states: States,
    /// Such as `node group`.
    kind: &'static str,
    name: &'s str,
    state: &'s str,
    issues: &'s [HealthIssue],
    after: &'static [&'static str],
    /// What shows more.
    fix: String,
}

/// CP-05
pub fn told_by_eks(survey: &Survey) -> Judged {
    let mut sick = words::told_by_eks(survey)?;
    sick.extend(of_cluster(survey)?);
    sick.extend(of_eks(survey)?);
    Ok(sick)
}

/// A cluster that failed, that goes, or that is not there.
fn of_cluster(survey: &Survey) -> Result<Option<Sick>, Unread> {
    let Some(found) = cluster(survey)? else { return Ok(missing(survey)) };
    ill(&Thing {
        read: CLUSTER,
        states: states::CLUSTER,
        kind: "cluster",
        name: &found.name,
        state: &found.status,
        issues: &found.issues,
        after: ROOM,
        fix: format!("aws eks describe-cluster --name {}", found.name),
    })
}

/// What else of the cluster EKS calls failed without a reason.
fn of_eks(survey: &Survey) -> Judged {
    let name = survey.header.cluster.as_deref().unwrap_or("…");
    let mut sick = Vec::new();
    for group in known(&survey.eks.node_groups, GROUPS)? {
        sick.extend(ill(&Thing {
            read: GROUPS,
            states: states::NODE_GROUP,
            kind: "node group",
            name: &group.name,
            state: &group.status,
            issues: &group.issues,
            after: OF_GROUPS,
            fix: format!(
                "aws autoscaling describe-scaling-activities, of the groups of {}",
                group.name
            ),
        })?);
    }
    for addon in known(&survey.eks.addons, "eks:ListAddons")? {
        sick.extend(ill(&Thing {
            read: ADDONS,
            states: states::ADDON,
            kind: "add-on",
            name: &addon.name,
            state: &addon.status,
            issues: &addon.issues,
            after: OF_ADDONS,
            fix: format!(
                "aws eks describe-addon --cluster-name {name} --addon-name {}, and see its pods",
                addon.name
            ),
        })?);
    }
    for profile in known(&survey.eks.fargate_profiles, PROFILES)? {
        sick.extend(ill(&Thing {
            read: PROFILES,
            states: states::FARGATE_PROFILE,
            kind: "Fargate profile",
            name: &profile.name,
            state: &profile.status,
            issues: &profile.issues,
            after: &["FA-01"],
            fix: format!(
                "aws eks describe-fargate-profile --cluster-name {name} --fargate-profile-name {}",
                profile.name
            ),
        })?);
    }
    Ok(sick)
}

/// A cluster that was asked for and is not there.
fn missing(survey: &Survey) -> Option<Sick> {
    let name = survey.header.cluster.as_deref()?;
    let proof = Proof {
        read: CLUSTER,
        resource: format!("cluster {name}"),
        field: "status",
        seen: "EKS has no cluster of this name in the account and Region".into(),
        wanted: "ACTIVE".into(),
    };
    let fix = "name the cluster's account and Region, or create it (`eksnet deploy`)";
    Some(Sick::proven(format!("the cluster {name} does not exist"), proof, fix))
}

/// With issues it is those that are told.
fn ill(thing: &Thing) -> Result<Option<Sick>, Unread> {
    let Thing { kind, name, state, .. } = thing;
    let health = states::health(thing.states, state).ok_or_else(|| Unread {
        action: thing.read.to_string(),
        why: format!("the {kind} {name} has a status that is not known: `{state}`"),
    })?;
    if health != Health::Ill || !thing.issues.is_empty() {
        return Ok(None);
    }
    let proof = Proof {
        read: thing.read,
        resource: format!("{kind} {name}"),
        field: "status",
        seen: format!("{state}, and no issue that says why"),
        wanted: "ACTIVE".into(),
    };
    let cause = format!("the {kind} {name} is {state}");
    Ok(Some(Sick::proven(cause, proof, thing.fix.clone()).after(thing.after)))
}

/// NJ-26
pub fn instance_is_no_node(survey: &Survey) -> Judged {
    let instances = known(&survey.eks.instances, INSTANCES)?;
    let nodes = known(&survey.kubernetes.nodes, "k8s:list nodes")?;
    let joined: BTreeSet<&String> = nodes.iter().filter_map(|one| one.instance.as_ref()).collect();
    let running = instances.iter().filter(|one| one.state == "running");
    let young = |launched: &Option<String>| {
        let older = launched.as_deref().map(|one| age::is_older(one, &survey.header.read, JOINED));
        older.flatten() == Some(false)
    };
    let lost: Vec<&Instance> =
        running.filter(|one| !joined.contains(&one.id) && !young(&one.launched)).collect();
    let Some(first) = lost.first() else { return Ok(Vec::new()) };
    let proof = |instance: &&Instance| Proof {
        read: INSTANCES,
        resource: instance.id.clone(),
        field: "State",
        seen: match &instance.launched {
            Some(launched) => format!("running since {launched}, and no node has this instance"),
            None => "running, and no node has this instance".into(),
        },
        wanted: "a node of the cluster".into(),
    };
    let fix = format!(
        "aws ec2 get-console-output --latest --instance-id {}: nodeadm and the kubelet log what they wait for",
        first.id
    );
    let cause = match lost.len() {
        1 => format!("{} runs and is not a node of the cluster", first.id),
        count => format!("{count} instances run and are not nodes of the cluster"),
    };
    let one = Sick::proven(cause, proof(first), fix).after(NODES);
    Ok(vec![lost[1..].iter().take(SHOWN).map(proof).fold(one, Sick::and)])
}

/// Why a DaemonSet's pods are not ready on some nodes: the kubelet there may be gone.
pub fn not_ready(read: &'static str, set: &DaemonSet) -> Option<Proof> {
    (set.ready < set.desired).then(|| Proof {
        read,
        resource: format!("kube-system/{}", set.name),
        field: "status.numberReady",
        seen: set.ready.to_string(),
        wanted: set.desired.to_string(),
    })
}

/// A DaemonSet or Deployment that its add-on should have made, where nodes are that need it: read, its name, the add-on's name.
/// Without the add-on, something else may do its work.
pub fn absent(
    survey: &Survey,
    (read, resource, addon): (&'static str, &str, &str),
) -> Result<Option<Proof>, Unread> {
    let nodes = known(&survey.kubernetes.nodes, "k8s:list nodes")?;
    if !nodes.iter().any(runs_daemon_sets) {
        return Ok(None);
    }
    let addons = known(&survey.eks.addons, "eks:ListAddons")?;
    Ok(addons.iter().find(|one| one.name == addon).map(|one| Proof {
        read,
        resource: resource.to_string(),
        field: "metadata",
        seen: "missing".into(),
        wanted: format!("what the add-on {addon} creates: it is {}", one.status),
    }))
}

/// EKS makes what its add-on consists of again.
pub fn recreate(survey: &Survey, addon: &str) -> String {
    format!(
        "aws eks update-addon --cluster-name {} --addon-name {addon} --resolve-conflicts OVERWRITE",
        survey.header.cluster.as_deref().unwrap_or("…")
    )
}

/// NJ-27
pub fn kube_proxy_not_ready(survey: &Survey) -> Judged {
    let read = "k8s:get daemonsets kube-system/kube-proxy";
    let Some(set) = known(&survey.kubernetes.kube_proxy, read)? else {
        let fix = recreate(survey, "kube-proxy");
        let cause =
            "kube-proxy does not exist: on new nodes no address of a service leads to its pods";
        let gone = absent(survey, (read, "kube-system/kube-proxy", "kube-proxy"))?;
        return Ok(gone.map(|proof| Sick::proven(cause, proof, fix)).into_iter().collect());
    };
    let sick = not_ready(read, set).map(|proof| {
        let cause = format!("kube-proxy is ready on {} of {} nodes", set.ready, set.desired);
        Sick::proven(
            cause,
            proof,
            "kubectl -n kube-system logs ds/kube-proxy, on a node that is not ready",
        )
    });
    Ok(sick.into_iter().collect())
}

/// LB-09
pub fn controller_not_ready(survey: &Survey) -> Judged {
    let read = "k8s:get deployments kube-system/aws-load-balancer-controller";
    let found = known(&survey.kubernetes.load_balancer_controller, read)?;
    let none = found.as_ref().filter(|one| 0 < one.replicas && one.ready == 0);
    let sick = none.map(|one| {
        let proof = Proof {
            read,
            resource: format!("kube-system/{}", one.name),
            field: "status.readyReplicas",
            seen: "0".into(),
            wanted: one.replicas.to_string(),
        };
        Sick::proven(
            "no pod of the load-balancer controller is ready: no load balancer is created",
            proof,
            "kubectl -n kube-system describe pods -l app.kubernetes.io/name=aws-load-balancer-controller",
        )
    });
    Ok(sick.into_iter().collect())
}

/// IP-14
pub fn without_address(survey: &Survey) -> Judged {
    let refused = words::sandbox_fails(survey)?;
    if refused.is_empty() { waiting(survey) } else { Ok(refused) }
}

/// Pods that wait for an address on a node.
fn waiting(survey: &Survey) -> Judged {
    let pods = known(&survey.kubernetes.pods, PODS)?;
    let waits = |pod: &&Pod| {
        let made = pod.created.as_deref();
        let old = made.and_then(|made| age::is_older(made, &survey.header.read, STARTED));
        pod.phase == "Pending" && pod.ip.is_none() && !pod.host_network && old == Some(true)
    };
    let mut waiting = pods.iter().filter(|pod| pod.node.is_some()).filter(waits);
    let Some(first) = waiting.next() else { return Ok(Vec::new()) };
    let (count, node) = (1 + waiting.count(), first.node.as_deref().unwrap_or_default());
    let seen = first.waiting.as_deref().unwrap_or("no container has started");
    let proof = Proof {
        read: PODS,
        resource: format!("{}/{}", first.namespace, first.name),
        field: "status.podIP",
        seen: format!("none on {node} since {} ({seen})", first.created.as_deref().unwrap_or("…")),
        wanted: "an address within seconds".into(),
    };
    let cause = match count {
        1 => format!("{} has no address on {node}", proof.resource),
        _ => format!("{count} pods have no address on their nodes"),
    };
    let fix = format!(
        "kubectl -n {} describe pod {}: its events name aws-node, a volume or an image",
        first.namespace, first.name
    );
    Ok(vec![Sick::proven(cause, proof, fix)])
}
