//! Add-ons.

use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::intent::aws_node::{RoleBy, is_addon_version};
use crate::intent::{Cluster, Intent};
use crate::rules::{ADD_01, ADD_02, SEC_05, SEC_06};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let Some(cluster) = &intent.cluster else {
        return Vec::new();
    };
    let mut findings: Vec<Diagnostic> = agent(cluster).into_iter().collect();
    findings.extend(addons(cluster));
    if cluster.aws_node.runs() && cluster.aws_node.role == RoleBy::NodeRole {
        let finding = SEC_05.at(
            "awsNode.role",
            "aws-node shares the nodes' role, and so does every pod that reaches their metadata",
        );
        findings
            .push(finding.hint("write `role: podIdentity`, or `irsa` where the agent cannot run"));
    }
    if cluster.aws_node.scoped && cluster.ipv6 {
        let finding = SEC_06.at("awsNode.rights",
            "`cluster` is for IPv4: with IPv6 aws-node has a policy of its own, and makes no interfaces",
        );
        findings.push(finding.also("cluster.ipFamily", "IPv6 here").hint("take `rights` out"));
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
                    "add `{}`, or write `awsNode: {{ role: irsa }}`",
                    eks::POD_IDENTITY_AGENT
                ))
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
                "`vpc-cni` is there already".to_string(),
                "its settings and version are under `awsNode`",
            )),
            name if !name.starts_with(|letter: char| letter.is_ascii_lowercase())
                || !name.chars().all(letters) =>
            {
                Some((format!("`{name}` is no add-on name"), "such as `coredns`"))
            }
            name if cluster.addons[..at].iter().any(|other| other.name == name) => {
                Some((format!("`{name}` is named twice"), "keep one of the two"))
            }
            _ => None,
        };
        let version = addon.version.as_ref().filter(|version| !is_addon_version(version));
        let unversioned = version.map(|version| {
            (
                format!("`{version}` is no add-on version"),
                "write an exact version, such as `v1.11.4-eksbuild.2`, or leave it out",
            )
        });
        findings.extend(
            wrong.or(unversioned).map(|(message, hint)| ADD_02.at(&addon.path, message).hint(hint)),
        );
    }
    findings
}
