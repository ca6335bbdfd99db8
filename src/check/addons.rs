//! Add-ons.

use super::rule::{Rule, error, warning};
use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::spec::aws_node::{RoleBy, is_addon_version};
use crate::spec::{Cluster, Spec};

pub const RULES: &[Rule] = &[
    error(
        "ADD-02",
        "add-ons are named once, with a version that is one",
        "EKS keeps one add-on of a name, and takes only versions that it offers",
        "EKS API reference, CreateAddon",
        ("addons: [coredns, coredns]", "addons: [coredns]"),
    ),
    error(
        "ADD-01",
        "aws-node gets its role",
        "its role comes through EKS Pod Identity; without the agent aws-node crashes with no log",
        "amazon-vpc-cni-k8s issue 3840",
        ("addons: [coredns]", "addons: [coredns, eks-pod-identity-agent]"),
    ),
    warning(
        "SEC-05",
        "aws-node has a role of its own",
        "whoever reaches the instance metadata of a node could take other nodes' interfaces and addresses",
        "EKS best practices, VPC CNI; EKS user guide, aws-node's role",
        ("awsNode: { role: nodeRole }", "awsNode: { role: podIdentity }"),
    ),
    error(
        "SEC-06",
        "rights held to a cluster are for IPv4 clusters",
        "they go by the interfaces that aws-node makes and tags; with IPv6 it makes none",
        "amazon-vpc-cni-k8s, docs/iam-policy.md",
        (
            "cluster: { ipFamily: ipv6 }\nawsNode: { rights: cluster }",
            "cluster: { ipFamily: ipv4 }\nawsNode: { rights: cluster }",
        ),
    ),
];

pub fn check(spec: &Spec) -> Vec<Diagnostic> {
    let Some(cluster) = &spec.cluster else { return Vec::new() };
    let mut findings: Vec<Diagnostic> = agent(cluster).into_iter().collect();
    findings.extend(addons(cluster));
    if cluster.aws_node.runs() && cluster.aws_node.role == RoleBy::NodeRole {
        let finding = Diagnostic::warning(
            "SEC-05",
            "awsNode.role",
            "aws-node shares the nodes' role, and so does every pod that reaches their metadata",
        );
        findings
            .push(finding.hint("write `role: podIdentity`, or `irsa` where the agent cannot run"));
    }
    if cluster.aws_node.scoped && cluster.ipv6 {
        let finding = Diagnostic::error(
            "SEC-06",
            "awsNode.rights",
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
            Diagnostic::error(
                "ADD-01",
                "addons",
                format!("`{}` is missing: aws-node would have no role", eks::POD_IDENTITY_AGENT),
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
            wrong.or(unversioned).map(|(message, hint)| {
                Diagnostic::error("ADD-02", &addon.path, message).hint(hint)
            }),
        );
    }
    findings
}
