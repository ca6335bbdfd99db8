//! Add-ons.

use serde_json::{Map, Value};

use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::aws_node::names as variables;
use crate::facts::{addons, eks};
use crate::intent::addons::AddonRole;
use crate::intent::aws_node::Version;
use crate::intent::aws_node::{RoleBy, is_addon_version};
use crate::intent::{Addon, AwsNode, Cluster, Intent};
use crate::rules::{
    ADD_01, ADD_02, ADD_04, ADD_05, ADD_06, ADD_07, ADD_08, ADD_09, SEC_05, SEC_06, VER_05,
};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let Some(cluster) = &intent.cluster else {
        return Vec::new();
    };
    let mut findings: Vec<Diagnostic> = agent(cluster).into_iter().collect();
    findings.extend(service_addresses(cluster));
    findings.extend(addons(cluster));
    findings.extend(roles(intent, cluster));
    findings.extend(kube_proxy(cluster));
    let shares = cluster.aws_node.runs() && cluster.aws_node.role == RoleBy::NodeRole;
    // Of a cluster that exists its owner says whose role aws-node has.
    if shares && cluster.existing.is_none() {
        let finding = SEC_05.at(
            "awsNode.role",
            "aws-node shares the nodes' role, and so does every pod that reaches their metadata",
        );
        findings
            .push(finding.hint("set `role: podIdentity`, or `irsa` where the agent cannot run"));
    }
    if cluster.aws_node.scoped && cluster.ipv6 {
        let finding = SEC_06.at("awsNode.rights",
            "`cluster` is for IPv4: with IPv6 aws-node has a policy of its own, and creates no interfaces",
        );
        findings.push(finding.also("cluster.ipFamily", "IPv6 here").hint("remove `rights`"));
    }
    findings
}

fn agent(cluster: &Cluster) -> Option<Diagnostic> {
    let there = cluster.addons.iter().any(|addon| addon.name == eks::POD_IDENTITY_AGENT);
    let nodes = !cluster.node_groups.is_empty() || cluster.fargate.is_empty();
    (!there && nodes && cluster.aws_node.runs() && cluster.aws_node.role == RoleBy::PodIdentity)
        .then(|| {
            ADD_01
                .at(
                    "addons",
                    format!(
                        "`{}` is missing: aws-node would have no role",
                        eks::POD_IDENTITY_AGENT
                    ),
                )
                .hint(format!(
                    "add `{}`, or set `awsNode: {{ role: irsa }}`",
                    eks::POD_IDENTITY_AGENT
                ))
        })
}

/// Whoever calls a service's address waits for kube-proxy.
fn service_addresses(cluster: &Cluster) -> Option<Diagnostic> {
    let has = |name: &str| cluster.addons.iter().any(|addon| addon.name == name);
    // EKS brings kube-proxy with a cluster that it bootstraps; on Fargate and in Auto Mode it is a part of the node.
    let wanted =
        cluster.aws_node.is_addon() && !cluster.bootstrap && !cluster.node_groups.is_empty();
    if !wanted || has(eks::KUBE_PROXY) {
        return None;
    }
    let hint = format!("add `{}`", eks::KUBE_PROXY);
    let waiting = if waits_for_the_api(&cluster.aws_node) {
        Some("aws-node waits for the API at its service address")
    } else if has(eks::COREDNS) {
        Some("CoreDNS finds no API at its service address")
    } else {
        None
    };
    Some(match waiting {
        Some(waiting) => {
            ADD_07.at("addons", format!("`{}` is missing: {waiting}", eks::KUBE_PROXY)).hint(hint)
        }
        None => ADD_08
            .at("addons", format!("`{}` is missing: services have no addresses", eks::KUBE_PROXY))
            .hint(format!("{hint}, unless you install what replaces it")),
    })
}

/// What aws-node asks the API for before it is ready.
fn waits_for_the_api(node: &AwsNode) -> bool {
    let annotates = node.settings.is_on(variables::ANNOTATE_POD_IP);
    node.custom_networking.is_some() || node.pod_security_groups.is_some() || annotates
}

/// A name that EKS does not list; those of the Marketplace have their vendor's before them.
fn unlisted(addon: &Addon) -> Option<Diagnostic> {
    let name = addon.name.as_str();
    if name.contains('_') || eks::KNOWN_ADDONS.contains(&name) {
        return None;
    }
    let finding = ADD_09
        .at(&addon.path, format!("EKS has no add-on `{name}` that this version of eksnet knows"));
    if eks::NO_ADDONS.contains(&name) {
        return Some(finding.hint("install it by Helm, and remove it here"));
    }
    Some(match crate::blueprint::nearest(name, eks::KNOWN_ADDONS.iter().copied()) {
        Some(near) => finding.hint(format!("did you mean `{near}`?")),
        None => finding.hint("`aws eks describe-addon-versions` lists all"),
    })
}

/// Add-ons are named once, in EKS's form, with a version that is one.
fn addons(cluster: &Cluster) -> Vec<Diagnostic> {
    let letters = |letter: char| {
        letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-' || letter == '_'
    };
    let mut findings = Vec::new();
    for (at, addon) in cluster.addons.iter().enumerate() {
        let wrong = match addon.name.as_str() {
            eks::VPC_CNI => Some((
                "`vpc-cni` is always among them".to_string(),
                "its settings and version are under `awsNode`",
            )),
            name if !name.starts_with(|letter: char| letter.is_ascii_lowercase())
                || !name.chars().all(letters) =>
            {
                Some((format!("invalid add-on name `{name}`"), "such as `coredns`"))
            }
            name if cluster.addons[..at].iter().any(|other| other.name == name) => {
                Some((format!("`{name}` is named twice"), "keep one of the two"))
            }
            _ => None,
        };
        let version = addon.version.known().filter(|version| !is_addon_version(version));
        let unversioned = version.map(|version| {
            (
                format!("invalid add-on version `{version}`"),
                "set an exact version, such as `v1.11.4-eksbuild.2`, or leave it out",
            )
        });
        match wrong.or(unversioned) {
            Some((message, hint)) => findings.push(ADD_02.at(&addon.path, message).hint(hint)),
            None => findings.extend(unlisted(addon)),
        }
    }
    findings
}

/// Roles that cannot be made, that are missing, and that nothing hands out.
fn roles(intent: &Intent, cluster: &Cluster) -> Vec<Diagnostic> {
    let agent = cluster.auto.is_some()
        || cluster.addons.iter().any(|addon| addon.name == eks::POD_IDENTITY_AGENT);
    let finding = |addon: &Addon| {
        match &addon.role {
        AddonRole::Unknown => Some(
            ADD_04
                .at(key(&addon.path, "role"), format!("no policy is known for `{}`", addon.name))
                .hint("name a role that exists: `role: arn:aws:iam::…:role/…`"),
        ),
        AddonRole::Undecided if !has_one_elsewhere(cluster, addon) => Some(
            ADD_05
                .at(&addon.path, format!("`{}` has no role, and its permissions depend on what it may reach", addon.name))
                .hint(format!(
                    "set `{{ name: {}, role: arn:aws:iam::…:role/… }}`, or `role: none` if its pods have theirs elsewhere",
                    addon.name
                )),
        ),
        AddonRole::PodIdentity(_) | AddonRole::Existing(_, [_, ..]) if !agent => Some(
            ADD_06
                .at(&addon.path, format!("`{}` has its role through `{}`, which is missing", addon.name, eks::POD_IDENTITY_AGENT))
                .hint(format!("add `{}`, or set `role: irsa`", eks::POD_IDENTITY_AGENT)),
        ),
        AddonRole::Existing(arn, _) => foreign(intent, addon, arn),
        _ => None,
    }
    };
    cluster.addons.iter().filter_map(finding).collect()
}

/// By an association that is written beside it, or by the annotation of its service account.
fn has_one_elsewhere(cluster: &Cluster, addon: &Addon) -> bool {
    let known = addons::find(&addon.name).map_or(&[][..], |row| row.identities);
    let bound = |one: &addons::Identity| {
        cluster
            .pod_identities
            .iter()
            .any(|own| own.namespace == one.namespace && own.service_account == one.service_account)
    };
    known.iter().all(bound) || names(&addon.configuration, addons::ROLE_ANNOTATION)
}

/// Whether a key of that name is anywhere in what an add-on is told.
pub(super) fn names(settings: &Map<String, Value>, name: &str) -> bool {
    settings.iter().any(|(key, value)| {
        key == name || value.as_object().is_some_and(|inner| names(inner, name))
    })
}

fn foreign(intent: &Intent, addon: &Addon, arn: &str) -> Option<Diagnostic> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let role = matches!(parts.as_slice(), ["arn", partition, "iam", "", account, name]
        if *partition == intent.region.partition() && account.len() == 12 && name.starts_with("role/"));
    (!role).then(|| {
        ADD_04
            .at(key(&addon.path, "role"), format!("`{arn}` is neither a word nor the ARN of a role"))
            .hint(format!(
                "`podIdentity`, `irsa`, `none`, or an ARN such as `arn:{}:iam::111122223333:role/volumes`",
                intent.region.partition()
            ))
    })
}

/// At most three minor versions behind the control plane, and never ahead.
fn kube_proxy(cluster: &Cluster) -> Option<Diagnostic> {
    let addon = cluster.addons.iter().find(|addon| addon.name == addons::KUBE_PROXY)?;
    let minor = |text: &str| text.split('.').nth(1)?.parse::<u32>().ok();
    // What EKS itself offers for a Kubernetes version serves it.
    let Version::Exact(text) = &addon.version else { return None };
    let (own, cluster) = (minor(text)?, minor(&cluster.version)?);
    (cluster < own || own + addons::KUBE_PROXY_BEHIND < cluster).then(|| {
        VER_05
            .at(&addon.path, format!("`{text}` does not support Kubernetes 1.{cluster}"))
            .also("cluster.version", "here")
            .hint("leave `version` out: it follows the cluster's")
    })
}
