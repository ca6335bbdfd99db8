//! Rules: access entries.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[&ACC_04, &ACC_05, &ACC_06, &ACC_07, &HYB_12];

pub static ACC_04: Rule = error(
    "ACC-04",
    "an access entry must have only the keys that its type accepts, once per principal",
    Refused("EKS CreateAccessEntry: InvalidParameterException"),
)
.why("nodes have the groups and the name that EKS gives them, policies are for standard entries, and a principal has one entry; names and groups of Kubernetes and of AWS are reserved")
.sources(&[&CREATE_ACCESS_ENTRY, &EKS_CREATE_ACCESS_ENTRY])
.example(
    "{ principal: …role/hybrid, type: hybridLinux, policy: AmazonEKSViewPolicy }",
    "{ principal: …role/hybrid, type: hybridLinux }",
);

pub static ACC_05: Rule = warning("ACC-05", "a standard access entry should grant permissions")
    .why("without a policy, and without groups that bindings inside the cluster name, its principal can do nothing")
    .sources(&[&EKS_ACCESS_ENTRIES])
    .example("{ principal: …role/ops }", "{ principal: …role/ops, policy: AmazonEKSViewPolicy }");

pub static ACC_06: Rule = warning("ACC-06", "the role of EKS's own nodes should be left without an entry")
    .why("EKS creates the entry itself with the first managed node group of a role, and a principal has one: with a standard entry the role's nodes do not join")
    .sources(&[&EKS_ACCESS_ENTRIES, &CREATE_ACCESS_ENTRY])
    .example(
        "iam: { roles: { nodes: { arn: …role/nodes } } }\naccess: [{ principal: …role/nodes, policy: AmazonEKSViewPolicy }]",
        "iam: { roles: { nodes: { arn: …role/nodes } } }\naccess: [{ principal: …role/ops, policy: AmazonEKSViewPolicy }]",
    );

pub static ACC_07: Rule = error(
    "ACC-07",
    "access entries of nodes must be of the cluster's account",
    Refused("EKS CreateAccessEntry: InvalidParameterException"),
)
.why("only a standard entry may name a principal of another account; which one is the cluster's, its roles and the other entries of nodes tell")
.sources(&[&EKS_CREATE_ACCESS_ENTRY])
.example(
    "iam: { roles: { cluster: { arn: arn:aws:iam::111122223333:role/a } } }\naccess: [{ principal: arn:aws:iam::444455556666:role/nodes, type: ec2Linux }]",
    "iam: { roles: { cluster: { arn: arn:aws:iam::111122223333:role/a } } }\naccess: [{ principal: arn:aws:iam::111122223333:role/nodes, type: ec2Linux }]",
);

pub static HYB_12: Rule = warning("HYB-12", "hybrid nodes should have an access entry")
    .why("they join with a role of their own, and without an entry of the type `hybridLinux` the cluster turns it away")
    .sources(&[&EKS_HYBRID_JOIN])
    .example(
        "remoteNetworks: { nodes: [10.80.0.0/16] }",
        "remoteNetworks: { nodes: [10.80.0.0/16] }\naccess: [{ principal: …role/hybrid, type: hybridLinux }]",
    );
