//! Service accounts with roles of the author's, and Karpenter's.

use crate::blueprint::model::ControllerRoleBy;
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::{addons, alarms, eks, karpenter};
use crate::intent::addons::{Addon, AddonRole};
use crate::intent::aws_node::RoleBy;
use crate::intent::iam::{Karpenter, PodIdentity, PodRoleSource};
use crate::intent::{Cluster, Intent};
use crate::rules::{KAR_01, KAR_02, POD_01, POD_02, POD_03, POD_04};

use super::arn::{is_policy, is_role};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let Some(cluster) = &intent.cluster else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for (at, identity) in cluster.pod_identities.iter().enumerate() {
        findings.extend(form(intent, identity));
        findings.extend(twice(intent, identity, &cluster.pod_identities[..at]));
    }
    findings.extend(agent(cluster));
    findings.extend(on_fargate(cluster));
    findings.extend(controller_on_fargate(cluster).or_else(|| selected_controller(cluster)));
    findings.extend(selected_accounts(cluster));
    findings.extend(selected_addons(cluster));
    findings.extend(of_karpenter(intent, cluster));
    findings
}

/// A name of Kubernetes: RFC 1123, a label for namespaces, a subdomain for service accounts.
fn is_name(text: &str, longest: usize, letters: &str) -> bool {
    let inner =
        |one: char| one.is_ascii_lowercase() || one.is_ascii_digit() || letters.contains(one);
    let outer =
        |one: Option<char>| one.is_some_and(|one| one.is_ascii_lowercase() || one.is_ascii_digit());
    text.len() <= longest
        && text.chars().all(inner)
        && outer(text.chars().next())
        && outer(text.chars().last())
}

pub fn is_namespace(text: &str) -> bool {
    is_name(text, 63, "-")
}

fn form(intent: &Intent, identity: &PodIdentity) -> Vec<Diagnostic> {
    let names = [
        ("namespace", &identity.namespace, is_namespace(&identity.namespace), "kube-system"),
        (
            "serviceAccount",
            &identity.service_account,
            is_name(&identity.service_account, 253, "-."),
            "external-secrets",
        ),
    ];
    let mut findings: Vec<Diagnostic> = names
        .into_iter()
        .filter(|(_, _, fits, _)| !fits)
        .map(|(word, text, _, example)| {
            POD_01
                .at(key(&identity.path, word), format!("`{text}` is not a name of Kubernetes"))
                .hint(format!("lower case, digits and `-`, such as `{example}`"))
        })
        .collect();
    findings.extend(role(intent, identity));
    findings
}

fn role(intent: &Intent, identity: &PodIdentity) -> Option<Diagnostic> {
    let partition = intent.region.partition();
    let place = |word: &str| key(&identity.path, word);
    match &identity.role {
        PodRoleSource::Undecided => Some(
            POD_01
                .at(&identity.path, "a service account has either `policies` or a `role`")
                .hint("`policies: […]` for a role of the stack, `role: arn:…` for one that exists"),
        ),
        PodRoleSource::Existing(arn) if !is_role(intent, arn) => Some(
            POD_01
                .at(
                    place("role"),
                    format!("`{arn}` is not the ARN of a role of the partition {partition}"),
                )
                .hint(format!("as in `arn:{partition}:iam::111122223333:role/controller`")),
        ),
        PodRoleSource::Existing(_) => None,
        PodRoleSource::Policies(all) => policies(intent, &place("policies"), all),
    }
}

fn policies(intent: &Intent, place: &str, all: &[String]) -> Option<Diagnostic> {
    let partition = intent.region.partition();
    if all.is_empty() || eks::ROLE_POLICIES < all.len() {
        let message = format!("{} policies; a role has 1 to {}", all.len(), eks::ROLE_POLICIES);
        return Some(POD_01.at(place, message).hint("combine permissions into fewer policies"));
    }
    let (at, text) = all.iter().enumerate().find(|(_, text)| !is_policy(intent, text))?;
    Some(
        POD_01
            .at(
                format!("{place}[{at}]"),
                format!("`{text}` is not the ARN of a policy of the partition {partition}"),
            )
            .hint(format!(
                "as in `arn:{partition}:iam::111122223333:policy/own`, or `arn:{partition}:iam::aws:policy/…` for AWS's",
            )),
    )
}

/// EKS keeps one role for a service account.
fn twice(intent: &Intent, identity: &PodIdentity, earlier: &[PodIdentity]) -> Option<Diagnostic> {
    let own = (identity.namespace.as_str(), identity.service_account.as_str());
    let first = earlier
        .iter()
        .find(|other| (other.namespace.as_str(), other.service_account.as_str()) == own);
    let (path, whose) = match first {
        Some(first) => (first.path.clone(), "the first one"),
        None => taken(intent).into_iter().find_map(|(place, namespace, account)| {
            ((namespace.as_str(), account) == own).then_some((place, "has it already"))
        })?,
    };
    Some(
        POD_02
            .at(&identity.path, format!("`{}/{}` has a role already", own.0, own.1))
            .also(path, whose)
            .hint("keep one of the two"),
    )
}

/// Service accounts that eksnet gives roles itself: (place, namespace, name).
fn taken(intent: &Intent) -> Vec<(String, String, &'static str)> {
    let Some(cluster) = &intent.cluster else {
        return Vec::new();
    };
    let system = || eks::SYSTEM_NAMESPACE.to_string();
    let node = &cluster.aws_node;
    let mut taken = Vec::new();
    if node.runs() && node.role == RoleBy::PodIdentity {
        taken.push(("cluster".to_string(), system(), eks::AWS_NODE));
    }
    if intent.security.alarms.as_ref().is_some_and(|alarms| alarms.metrics_helper) {
        taken.push(("alarms".to_string(), system(), alarms::CNI_HELPER));
    }
    if let Some(own) = &cluster.karpenter {
        taken.push(("karpenter".to_string(), own.namespace.clone(), karpenter::SERVICE_ACCOUNT));
    }
    for addon in &cluster.addons {
        let known = match &addon.role {
            AddonRole::PodIdentity(known) | AddonRole::Existing(_, known) => *known,
            _ => &[],
        };
        taken.extend(known.iter().map(|one: &addons::Identity| {
            (addon.path.clone(), one.namespace.to_string(), one.service_account)
        }));
    }
    taken
}

/// Who hands roles out.
fn agent(cluster: &Cluster) -> Option<Diagnostic> {
    let there = cluster.auto.is_some()
        || cluster.addons.iter().any(|addon| addon.name == eks::POD_IDENTITY_AGENT);
    let place = match (cluster.pod_identities.is_empty(), by_association(cluster)) {
        (false, _) => "podIdentities",
        (true, Some(_)) => "karpenter",
        (true, None) => return None,
    };
    (!there).then(|| {
        let agent = eks::POD_IDENTITY_AGENT;
        POD_03
            .at(place, format!("`{agent}` is missing: no pod would get its role"))
            .hint(format!("add `{agent}` to `addons`"))
    })
}

/// The agent is a DaemonSet, which Fargate does not run.
fn on_fargate(cluster: &Cluster) -> Option<Diagnostic> {
    let alone = !has_nodes(cluster) && cluster.karpenter.is_none() && !cluster.fargate.is_empty();
    (alone && !cluster.pod_identities.is_empty()).then(|| {
        POD_04
            .at("podIdentities", "pods on Fargate get no role by EKS Pod Identity")
            .also("fargate", "all pods run here")
            .hint("add a node group for them, or use roles by the OIDC provider: `cluster: { oidcProvider: true }`")
    })
}

/// Karpenter starts the first node, so its own pods run where there is none yet.
fn controller_on_fargate(cluster: &Cluster) -> Option<Diagnostic> {
    let alone = !has_nodes(cluster) && !cluster.fargate.is_empty();
    by_association(cluster).filter(|_| alone)?;
    Some(
        POD_04
            .at("karpenter", "Karpenter's controller gets no role by EKS Pod Identity on Fargate, and there is no node before it runs")
            .also("fargate", "all pods run here at first")
            .hint("set `role: irsa` and annotate its service account with the role (output `KarpenterControllerRoleArn`); or add a small node group for it: `nodeGroups: [{ name: controllers, scaling: { min: 2, max: 3 } }]`"),
    )
}

/// Karpenter whose controller has its role by EKS Pod Identity.
fn by_association(cluster: &Cluster) -> Option<&Karpenter> {
    let own = cluster.karpenter.as_ref();
    own.filter(|own| own.role == ControllerRoleBy::PodIdentity)
}

/// The selector by which Fargate runs pods of a namespace with these labels: it takes them from the nodes, too.
fn selector(cluster: &Cluster, namespace: &str, labels: &[(&str, &str)]) -> Option<String> {
    let selectors = cluster.fargate.iter().flat_map(|profile| {
        let place = |at| format!("{}[{at}]", key(&profile.path, "selectors"));
        profile.selectors.iter().enumerate().map(move |(at, one)| (place(at), one))
    });
    selectors.into_iter().find(|(_, one)| one.takes(namespace, labels)).map(|(place, _)| place)
}

fn on_fargate_by(place: &str, pods: &str, selector: String) -> Diagnostic {
    POD_04
        .at(place, format!("{pods} run on Fargate, where EKS Pod Identity gives them no role"))
        .also(selector, "it selects them")
}

fn selected_controller(cluster: &Cluster) -> Option<Diagnostic> {
    let own = by_association(cluster)?;
    let selector = selector(cluster, &own.namespace, karpenter::LABELS)?;
    let finding = on_fargate_by("karpenter", "Karpenter's pods", selector);
    Some(finding.hint("set `role: irsa` and annotate its service account with the role (output `KarpenterControllerRoleArn`); or select other pods"))
}

/// Which labels such pods have, only their author knows: a selector without labels takes them all.
fn selected_accounts(cluster: &Cluster) -> Vec<Diagnostic> {
    let finding = |one: &PodIdentity| {
        let selector = selector(cluster, &one.namespace, &[])?;
        let pods = format!("pods of `{}`", one.namespace);
        let finding = on_fargate_by(&one.path, &pods, selector);
        Some(finding.hint("give the selector labels that these pods do not have; or use a role by the OIDC provider: `cluster: { oidcProvider: true }`"))
    };
    // Where all pods run on Fargate one finding says so.
    let beside = has_nodes(cluster) || cluster.karpenter.is_some();
    let identities = cluster.pod_identities.iter().filter(|_| beside);
    identities.filter_map(finding).collect()
}

/// Deployments alone: what runs on each node does not run on Fargate.
fn selected_addons(cluster: &Cluster) -> Vec<Diagnostic> {
    let finding = |addon: &Addon| {
        let identities = match &addon.role {
            AddonRole::PodIdentity(identities) | AddonRole::Existing(_, identities) => identities,
            _ => return None,
        };
        addons::find(&addon.name).filter(|row| row.deployed)?;
        let selectors = identities.iter().map(|one| selector(cluster, one.namespace, &[]));
        let pods = format!("pods of `{}`", addon.name);
        let finding = on_fargate_by(&addon.path, &pods, selectors.flatten().next()?);
        Some(finding.hint("set `role: irsa` on the add-on; or give the selector labels that these pods do not have"))
    };
    cluster.addons.iter().filter_map(finding).collect()
}

fn has_nodes(cluster: &Cluster) -> bool {
    !cluster.node_groups.is_empty() || cluster.auto.is_some()
}

fn of_karpenter(intent: &Intent, cluster: &Cluster) -> Vec<Diagnostic> {
    let Some(own) = &cluster.karpenter else {
        return Vec::new();
    };
    let namespace = (!is_namespace(&own.namespace)).then(|| {
        KAR_01
            .at("karpenter.namespace", format!("`{}` is not a name of Kubernetes", own.namespace))
            .hint("such as `kube-system`")
    });
    let queue = (karpenter::QUEUE_NAME < intent.cluster_name().len()).then(|| {
        KAR_01
            .at(
                "karpenter",
                format!("a queue named `{}` is longer than SQS allows", intent.cluster_name()),
            )
            .also("metadata.name", "its name")
            .hint(format!("{} letters at most", karpenter::QUEUE_NAME))
    });
    let twice = cluster.auto.is_some().then(|| {
        KAR_02
            .at("karpenter", "EKS Auto Mode runs a Karpenter of its own")
            .also("cluster.autoMode", "here")
            .hint("keep one of the two, unless node pools move from one to the other")
    });
    namespace.into_iter().chain(queue).chain(twice).collect()
}
