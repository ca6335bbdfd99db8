//! EKS's and the nodes' own words: which checks tell the cause behind each, so that none is only repeated.

use crate::observed::Unread;
use crate::observed::survey::{Condition, HealthIssue, KubeNode, Survey};
use crate::survey::{age, items};

use super::cast::{CLUSTER, EVENTS, GROUPS, cluster};
use super::verdict::{Judged, Proof, Sick, known};

/// A word of EKS's, the checks that may tell its cause, and what to do where none of them does.
struct Word {
    code: &'static str,
    checks: &'static [&'static str],
    fix: &'static str,
}

/// A kubelet starts, and a pod gets its address, in fewer seconds.
pub const STARTED: i64 = 300;

/// Checks that may tell why a node does not join.
pub const NODES: &[&str] = &[
    "NJ-01", "NJ-02", "NJ-03", "NJ-04", "NJ-05", "NJ-06", "NJ-07", "NJ-08", "NJ-09", "NJ-10",
    "NJ-11", "NJ-12", "NJ-13", "NJ-15", "NJ-17", "NJ-18", "NJ-19", "IMG-02", "IMG-04",
];
/// The same, with those that only see that it did not.
const JOINING: &[&str] = &[
    "NJ-01", "NJ-02", "NJ-03", "NJ-04", "NJ-05", "NJ-06", "NJ-07", "NJ-08", "NJ-09", "NJ-10",
    "NJ-11", "NJ-12", "NJ-13", "NJ-15", "NJ-17", "NJ-18", "NJ-19", "NJ-24", "NJ-26", "IMG-02",
    "IMG-04",
];
const REACH: &[&str] = &["NJ-01", "NJ-02", "NJ-04", "NJ-10", "NJ-11", "NJ-12", "NJ-13"];
/// Checks that may tell of addresses that are missing.
pub const ROOM: &[&str] = &["NJ-14", "IP-01", "IP-02", "CP-01"];
const WEBHOOKS: &[&str] = &["WH-01", "WH-02", "WH-05"];

const fn word(code: &'static str, checks: &'static [&'static str], fix: &'static str) -> Word {
    Word { code, checks, fix }
}

/// Codes of node groups, clusters, add-ons and updates: EKS API reference, *Issue*, *ClusterIssue*, *AddonIssue*, *ErrorDetail*; read
/// 2026-11-27.
const WORDS: &[Word] = &[
    word(
        "NodeCreationFailure",
        JOINING,
        "read the kubelet's log of an instance (`aws ec2 get-console-output`)",
    ),
    word("ClusterUnreachable", REACH, "let the nodes reach the API at 443"),
    word(
        "AccessDenied",
        &["NJ-15", "NJ-20"],
        "give the node role an access entry of the type EC2_LINUX, and its policies",
    ),
    word("InsufficientFreeAddresses", ROOM, "free addresses in the subnets that EKS names"),
    word(
        "AsgInstanceLaunchFailures",
        &["NJ-14", "IP-01", "NJ-18"],
        "read the activities of its Auto Scaling group: the message names the capacity, quota or right that is missing",
    ),
    word(
        "Ec2SubnetInvalidConfiguration",
        &["NJ-06"],
        "use a private subnet, or assign public addresses in it",
    ),
    word("Ec2SubnetMissingIpv6Assignment", &["NJ-16"], "assign IPv6 addresses in the subnet"),
    word(
        "InstanceLimitExceeded",
        &["NJ-18"],
        "raise the quota of vCPUs (L-1216C47A for standard instances)",
    ),
    word(
        "PodEvictionFailure",
        &[],
        "a PodDisruptionBudget allows no eviction: `kubectl get pdb -A` shows those with ALLOWED DISRUPTIONS 0",
    ),
    word("Ec2SubnetNotFound", &["CP-01"], "name a subnet that exists"),
    word("SubnetNotFound", &["CP-01"], "give the cluster subnets that exist, of the same zones"),
    word(
        "SecurityGroupNotFound",
        &[],
        "give the cluster security groups that exist (aws eks update-cluster-config)",
    ),
    word("Ec2SecurityGroupNotFound", &[], "name security groups that exist"),
    word(
        "EniLimitReached",
        &["IP-06", "IP-12"],
        "raise the quota of interfaces (L-DF5E4CA3), or delete those that are unused",
    ),
    word("IpNotAvailable", ROOM, "free addresses in the cluster's subnets"),
    word(
        "InsufficientNumberOfReplicas",
        &["DNS-01", "DNS-04", "IP-01", "IP-02", "IMG-01", "NJ-19", "NJ-14"],
        "see why the add-on's pods are not ready",
    ),
    word(
        "ConfigurationConflict",
        &["IP-08"],
        "update the add-on with OVERWRITE, or remove the other field manager",
    ),
    word(
        "AdmissionRequestDenied",
        WEBHOOKS,
        "see which webhook or policy denies it: the message names it",
    ),
    word("AddonPermissionFailure", &["NJ-20"], "give the add-on its role"),
    word("AddonSubscriptionNeeded", &[], "subscribe to the add-on in AWS Marketplace"),
    word("NodeTerminationFailure", &[], "allow the node group's role to end instances"),
    word(
        "AutoScalingGroupNotFound",
        &[],
        "create the node group again: its Auto Scaling group was deleted",
    ),
    word(
        "AutoScalingGroupInvalidConfiguration",
        &[],
        "undo what was changed in the Auto Scaling group outside of EKS",
    ),
    word(
        "Ec2LaunchTemplateNotFound",
        &[],
        "create the node group again: its launch template was deleted",
    ),
    word(
        "Ec2LaunchTemplateVersionMismatch",
        &[],
        "set the launch template of the Auto Scaling group back to the version of the node group",
    ),
    word("IamNodeRoleNotFound", &[], "create the node role again, with the same name"),
    word(
        "IamInstanceProfileNotFound",
        &[],
        "create the instance profile again, with the same name",
    ),
    word("IamRoleNotFound", &[], "create the cluster role again, with the same name"),
    word("VpcNotFound", &[], "the VPC was deleted: the cluster cannot be repaired"),
    word(
        "KmsKeyNotFound",
        &[],
        "the key of the cluster's secrets was deleted: cancel its deletion",
    ),
    word("KmsKeyDisabled", &[], "enable the key of the cluster's secrets"),
    word("KmsGrantRevoked", &[], "grant the cluster the use of its key again"),
];

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

/// Reasons of the node monitoring agent, and the checks that tell their cause. aws/eks-node-monitoring-agent, pkg/reasons, read 2026-11-27.
const REASONS: &[Word] = &[
    word(
        "IPAMDNoIPs",
        &["IP-01", "IP-02", "IP-03", "IP-05", "IP-09"],
        "see how many addresses its subnet has (`eksnet rescue`)",
    ),
    word(
        "IPAMDNotReady",
        &["NJ-19", "NJ-20", "NJ-21", "NJ-22", "NJ-12"],
        "kubectl -n kube-system logs ds/aws-node -c aws-node",
    ),
    word(
        "IPAMDNotRunning",
        &["NJ-19", "NJ-20", "NJ-21", "NJ-22", "NJ-12"],
        "kubectl -n kube-system logs ds/aws-node -c aws-node",
    ),
    word(
        "IPAMDRepeatedlyRestart",
        &["NJ-20", "NJ-19", "NJ-12"],
        "kubectl -n kube-system logs ds/aws-node -c aws-node --previous",
    ),
    word("IPAMDInconsistentState", &[], "replace the node: its address store and its pods differ"),
    word("KubeProxyNotReady", &["NJ-12"], "kubectl -n kube-system logs ds/kube-proxy"),
    word(
        "LinkLocalExceeded",
        &["DNS-06"],
        "run NodeLocal DNSCache, or spread pods over more nodes",
    ),
    word("ConntrackExceeded", &[], "use a larger instance type: its connection tracking is full"),
    word("ConntrackExceededKernel", &[], "raise nf_conntrack_max of the node"),
    word("PPSExceeded", &[], "use a larger instance type: its packets per second are limited"),
    word("BandwidthInExceeded", &[], "use a larger instance type: its bandwidth is limited"),
    word("BandwidthOutExceeded", &[], "use a larger instance type: its bandwidth is limited"),
    word(
        "MACAddressPolicyMisconfigured",
        &[],
        "set MACAddressPolicy=none in systemd's .link file of the AMI",
    ),
];

/// What kubelets and the node controller say of `Ready`.
const READY: &[Word] = &[
    word(
        "KubeletNotReady",
        &["NJ-19", "NJ-20", "NJ-21", "NJ-22", "NJ-12", "NJ-10"],
        "see the message: a missing CNI plugin is aws-node's, the rest is the kubelet's and the runtime's",
    ),
    word(
        "NodeStatusUnknown",
        &["NJ-12", "NJ-13", "NJ-04", "NJ-10"],
        "see whether the instance runs and reaches the API: its kubelet has stopped reporting",
    ),
];

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
