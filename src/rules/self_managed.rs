//! Rules: a self-managed aws-node.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[&SELF_01, &SELF_02, &SELF_04];

pub static SELF_01: Rule = warning("SELF-01", "a principal should have permission to configure a self-managed aws-node")
    .why("eksnet creates clusters without an administrator of their own: the Kubernetes API admits the principals under `access`")
    .sources(&[&EKS_ACCESS_POLICIES])
    .example(
        "awsNode: { management: selfManaged }",
        "cluster: { access: [{ principal: \"arn:aws:iam::111122223333:role/ci\", policy: AmazonEKSClusterAdminPolicy }] }",
    );

pub static SELF_02: Rule = error(
    "SELF-02",
    "a self-managed aws-node must not have a version",
    NotBuilt("eksnet sets settings of an aws-node that others install, and neither its image nor its arguments"),
)
.why("EKS chooses versions of add-ons only; eksnet sets settings, and no image")
.sources(&[&EKS_SELF_MANAGED])
.example(
    "awsNode: { management: selfManaged, version: latest }",
    "awsNode: { management: selfManaged }",
);

pub static SELF_04: Rule = error(
    "SELF-04",
    "the agent of network policies must be configured outside of eksnet on a self-managed aws-node",
    NotBuilt("eksnet sets settings of an aws-node that others install, and neither its image nor its arguments"),
)
.why("the agent's switch is one argument in a list that belongs to what installed aws-node; eksnet would have to own all of them")
.sources(&[&EKS_NETWORK_POLICY, &KUBERNETES_APPLY])
.example(
    "awsNode: { management: selfManaged, networkPolicy: {} }",
    "awsNode: { management: addon, networkPolicy: {} }",
);
