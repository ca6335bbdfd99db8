//! The cluster: its name and version, its subnets, its service range, its key.

use std::collections::BTreeSet;

use super::arn;
use crate::blueprint::model::ControllerRoleBy;
use crate::diagnostic::Diagnostic;
use crate::facts::eks::Support;
use crate::facts::{eks, ids, logs, subnets, vpc};
use crate::intent::addons::AddonRole;
use crate::intent::aws_node::RoleBy;
use crate::intent::iam::Karpenter;
use crate::intent::services;
use crate::intent::{Cluster, Intent};
use crate::rules::{
    CLU_01, CLU_02, CLU_09, CLU_22, CLU_23, CLU_24, CLU_25, CLU_27, SVC_01, SVC_02, VER_03, VER_04,
};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let mut findings: Vec<Diagnostic> = name(intent).into_iter().collect();
    let Some(cluster) = &intent.cluster else {
        return findings;
    };
    findings.extend(placement(intent));
    findings.extend(version(cluster));
    findings.extend(service(intent, cluster));
    findings.extend(secrets(intent, cluster));
    findings.extend(groups(cluster));
    findings.extend(retention(cluster));
    findings.extend(provider(cluster));
    findings
}

fn name(intent: &Intent) -> Option<Diagnostic> {
    let name = &intent.name;
    (!eks::is_name(name)).then(|| {
        CLU_09
            .at("metadata.name", format!("`{name}` cannot be the name of a cluster and of a stack"))
            .hint(format!(
                "letters, digits and `-`, a letter or digit first, {} at most",
                eks::LONGEST_NAME
            ))
    })
}

fn placement(intent: &Intent) -> Vec<Diagnostic> {
    let tiers = intent.control_plane_tiers();
    let zones: BTreeSet<&str> =
        tiers.iter().flat_map(|tier| &tier.zones).map(|zone| zone.id.as_str()).collect();
    let mut findings = Vec::new();
    if zones.len() < 2 {
        let message = format!(
            "the cluster would be given subnets in {} zone{}",
            zones.len(),
            if zones.len() == 1 { "" } else { "s" }
        );
        let place = tiers
            .first()
            .filter(|_| 1 < intent.zones.len())
            .map_or("zones".to_string(), |tier| tier.path.clone());
        let hint = if tiers.is_empty() {
            "add a tier `{ name: control-plane, size: /28, egress: none, serves: [controlPlane] }`"
        } else {
            "two zones at least, three for production"
        };
        findings
            .push(CLU_01.at(if tiers.is_empty() { "tiers" } else { &place }, message).hint(hint));
    }
    let sized = tiers
        .iter()
        .filter_map(|tier| tier.size.fixed().filter(|len| *len <= 32).map(|len| (tier, len)));
    let small = sized.filter(|(_, len)| subnets::usable(*len) < subnets::CONTROL_PLANE_ADDRESSES);
    findings.extend(small.map(|(tier, len)| {
        let message = format!(
            "a /{len} holds {} addresses, the control plane requires {}",
            subnets::usable(len),
            subnets::CONTROL_PLANE_ADDRESSES
        );
        CLU_02.at(tier.size_path(), message).hint("set `size: /28`")
    }));
    findings
}

fn version(cluster: &Cluster) -> Option<Diagnostic> {
    let minor = cluster
        .version
        .strip_prefix("1.")
        .filter(|minor| minor.len() == 2 && minor.bytes().all(|byte| byte.is_ascii_digit()));
    let Some(minor) = minor.and_then(|minor| minor.parse().ok()) else {
        let message = format!("`{}` is not a Kubernetes version of EKS", cluster.version);
        return Some(
            CLU_09
                .at("cluster.version", message)
                .hint(format!("set major and minor, such as \"{}\"", eks::KUBERNETES)),
        );
    };
    let (rule, message) = match eks::support(minor) {
        Support::Standard => return None,
        Support::Gone => (&VER_03, format!("EKS does not offer Kubernetes 1.{minor} any more")),
        Support::Ended(day) => (
            &VER_04,
            format!("extended support of Kubernetes 1.{minor} ended on {day}: EKS may refuse it"),
        ),
        Support::NotYet => (&VER_03, format!("EKS does not offer Kubernetes 1.{minor} yet")),
        Support::Extended(until) => (
            &VER_04,
            format!(
                "Kubernetes 1.{minor} is in extended support, until {until}, at six times the price"
            ),
        ),
        Support::Next => {
            (&VER_04, format!("EKS did not offer Kubernetes 1.{minor} on {}", eks::VERSIONS_READ))
        }
    };
    Some(rule.at("cluster.version", message).hint(format!(
        "such as \"{}\"; an existing cluster is upgraded one minor version at a time",
        eks::KUBERNETES
    )))
}

fn service(intent: &Intent, cluster: &Cluster) -> Option<Diagnostic> {
    let (cidr, len) = (cluster.service_cidr, cluster.service_cidr.prefix_len());
    let inside = eks::SERVICE_RANGES.iter().any(|range| vpc::net(range).contains(&cidr));
    let place = "cluster.serviceCidr";
    if !inside || len < eks::SERVICE_LARGEST || eks::SERVICE_SMALLEST < len {
        return Some(
            SVC_01
                .at(place, format!("`{cidr}` cannot be the service range"))
                .hint("a private range of /12 to /24, such as `172.20.0.0/16`"),
        );
    }
    let mut own = intent.vpc.secondary.iter().map(|written| (written.cidr, written.path.as_str()));
    let clash = std::iter::once((intent.vpc.cidr, "vpc.cidr"))
        .chain(own.by_ref())
        .find(|(own, _)| vpc::overlap(*own, cidr));
    let (other, path) = clash?;
    let connected = intent.connected().into_iter().map(|one| one.range);
    let free = services::free(&intent.vpc.cidrs().chain(connected).collect::<Vec<_>>());
    let finding = SVC_02
        .at(place, format!("service range `{cidr}` overlaps `{other}` of the VPC"))
        .also(path, "the VPC's");
    Some(match free {
        Some(free) => finding.hint(format!("`{free}` is free")),
        None => finding.hint("use a private range outside the VPC"),
    })
}

fn secrets(intent: &Intent, cluster: &Cluster) -> Option<Diagnostic> {
    let text = cluster.secrets_key.as_ref()?.existing()?;
    let alias = text.strip_prefix("alias/").is_some_and(|name| {
        !name.is_empty()
            && name.chars().all(|one| one.is_ascii_alphanumeric() || "/_-".contains(one))
    });
    if text.starts_with(eks::KEYS_OF_SERVICES) {
        return Some(
            CLU_22.at("cluster.secretsKey", format!("`{text}` is a key of an AWS service")).hint(
                "`create`, or a key of your own: the policy of AWS's keys allows no other service",
            ),
        );
    }
    if alias {
        return None;
    }
    arn::misfit(
        intent,
        (&CLU_22, "cluster.secretsKey"),
        text,
        ("kms", "111122223333:key/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"),
    )
}

fn groups(cluster: &Cluster) -> Vec<Diagnostic> {
    const PLACE: &str = "cluster.securityGroups";
    let all = &cluster.security_groups;
    let one = |(at, id): (usize, &String)| {
        let wrong = match () {
            () if !ids::is("sg-", id) => format!("invalid id of a security group: `{id}`"),
            () if all[..at].contains(id) => format!("`{id}` is named twice"),
            () => return None,
        };
        let finding = CLU_23.at(format!("{PLACE}[{at}]"), wrong);
        Some(finding.hint("an id such as `sg-0123456789abcdef0`, each once"))
    };
    let many = (eks::CLUSTER_GROUPS < all.len()).then(|| {
        CLU_23
            .at(PLACE, format!("{} groups; EKS accepts {}", all.len(), eks::CLUSTER_GROUPS))
            .hint("put rules together into fewer groups")
    });
    all.iter().enumerate().filter_map(one).chain(many).collect()
}

fn retention(cluster: &Cluster) -> Option<Diagnostic> {
    const PLACE: &str = "cluster.logRetentionDays";
    let days = cluster.log_retention_days?;
    let near = logs::nearest_retention(days);
    if near != days {
        return Some(
            CLU_24
                .at(PLACE, format!("CloudWatch Logs has no retention of {days} days"))
                .hint(format!("set `{near}`")),
        );
    }
    cluster.logging.is_empty().then(|| {
        CLU_27
            .at(PLACE, "no effect: the control plane writes no logs")
            .also("cluster.logging", "none here")
            .hint("remove it, or set `logging: [api, audit, authenticator]`")
    })
}

fn provider(cluster: &Cluster) -> Option<Diagnostic> {
    let needed = by_token(cluster).filter(|_| cluster.oidc_provider == Some(false))?;
    Some(
        CLU_25
            .at("cluster.oidcProvider", "`role: irsa` needs the OIDC provider")
            .also(needed, "here")
            .hint("set `oidcProvider: true`, or `role: podIdentity`"),
    )
}

/// Where a role by the OIDC provider is asked for.
pub fn by_token(cluster: &Cluster) -> Option<String> {
    let node = &cluster.aws_node;
    let of_addon = cluster
        .addons
        .iter()
        .find(|addon| matches!(addon.role, AddonRole::WebIdentity(_)))
        .map(|addon| addon.path.clone());
    let of_node = (node.runs() && node.role == RoleBy::Irsa).then(|| "awsNode.role".to_string());
    let irsa = |own: &&Karpenter| own.role == ControllerRoleBy::Irsa;
    let of_karpenter = cluster.karpenter.as_ref().filter(irsa);
    of_node.or(of_addon).or(of_karpenter.map(|_| "karpenter.role".to_string()))
}
