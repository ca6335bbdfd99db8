//! An aws-node that is no add-on.

use super::rule::{Rule, error, warning};
use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::spec::{Cluster, Spec};

const GUIDE: &str = "EKS user guide, self-managed add-ons";

pub const RULES: &[Rule] = &[
    warning(
        "SELF-01",
        "somebody may set a self-managed aws-node up",
        "eksnet makes clusters without an administrator of their own: the Kubernetes API lets in who stands under `access`",
        "EKS user guide, access policies",
        (
            "awsNode: { management: selfManaged }",
            "cluster: { access: [{ principal: \"arn:aws:iam::111122223333:role/ci\", policy: AmazonEKSClusterAdminPolicy }] }",
        ),
    ),
    error(
        "SELF-02",
        "a self-managed aws-node has the version that it has",
        "EKS chooses versions of add-ons only; eksnet sets settings, and no image",
        GUIDE,
        (
            "awsNode: { management: selfManaged, version: latest }",
            "awsNode: { management: selfManaged }",
        ),
    ),
    error(
        "SELF-04",
        "a self-managed aws-node follows network policies as its own agent is told",
        "the agent's switch is one argument in a list that belongs to whoever installed aws-node; eksnet would have to take over all of them",
        "EKS user guide, network policies; Kubernetes documentation, server-side apply (atomic lists)",
        (
            "awsNode: { management: selfManaged, networkPolicy: {} }",
            "awsNode: { management: addon, networkPolicy: {} }",
        ),
    ),
];

pub fn check(spec: &Spec) -> Vec<Diagnostic> {
    let Some(cluster) = spec
        .cluster
        .as_ref()
        .filter(|cluster| cluster.aws_node.self_managed && cluster.aws_node.runs())
    else {
        return Vec::new();
    };
    nobody(cluster).into_iter().chain(policies(cluster)).collect()
}

fn nobody(cluster: &Cluster) -> Option<Diagnostic> {
    let whole = |access: &crate::spec::cluster::Access| {
        access.policy.rsplit('/').next() == Some(eks::CLUSTER_ADMIN) && access.namespaces.is_none()
    };
    (!cluster.access.iter().any(whole)).then(|| {
        Diagnostic::warning("SELF-01", "awsNode.management", "nobody under `access` may set aws-node up through the Kubernetes API")
            .hint(format!("add who deploys to `cluster.access` with `{}`, or have an access entry for them elsewhere", eks::CLUSTER_ADMIN))
    })
}

fn policies(cluster: &Cluster) -> Option<Diagnostic> {
    cluster.aws_node.network_policy.then(|| {
        Diagnostic::error("SELF-04", "awsNode.networkPolicy", "network policies are switched on in the arguments of aws-node's agent, which are not eksnet's")
            .also("awsNode.management", "self-managed here")
            .hint("write `management: addon`; or switch them on where aws-node was installed from, and take this out")
    })
}
