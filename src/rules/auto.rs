//! Rules: EKS Auto Mode.

use super::{Rule, error, warning};

const GUIDE: &str = "EKS user guide, Auto Mode networking";

pub(super) const RULES: &[&Rule] = &[&AUTO_01, &AUTO_03, &AUTO_04, &AUTO_07, &AUTO_08];

pub static AUTO_01: Rule = error(
    "AUTO-01",
    "Auto Mode has no settings of aws-node",
    "its nodes have a CNI of their own, which reads none of them",
    GUIDE,
    (
        "cluster: { autoMode: {} }\nawsNode: { warm: { ips: 5 } }",
        "cluster: { autoMode: { prefixes: true } }",
    ),
);

pub static AUTO_03: Rule = error(
    "AUTO-03",
    "nodes of Auto Mode are in a tier that serves nodes, with a way out",
    "nodes without a way to EKS and ECR never join",
    GUIDE,
    ("cluster: { autoMode: { tier: databases } }", "cluster: { autoMode: { tier: nodes } }"),
);

pub static AUTO_04: Rule = error(
    "AUTO-04",
    "pods of Auto Mode have a subnet in every zone of the nodes",
    "a node without a pod subnet in its zone gets no interface for pods",
    GUIDE,
    (
        "autoMode: { podTier: pods }   # which lacks a zone of the nodes",
        "tiers: [{ name: pods, serves: [pods] }]   # in all zones",
    ),
);

pub static AUTO_07: Rule = error(
    "AUTO-07",
    "Auto Mode has its own CNI",
    "another one beside it is not supported",
    GUIDE,
    ("cluster: { autoMode: {} }\nawsNode: { management: none }", "cluster: { autoMode: {} }"),
);

pub static AUTO_08: Rule = warning(
    "AUTO-08",
    "EKS's own node pools follow no NodeClass of yours",
    "their nodes keep the default NodeClass: the cluster's subnets, source NAT, and policies that allow",
    GUIDE,
    (
        "autoMode: { nodePools: [general-purpose], podTier: pods }",
        "autoMode: { podTier: pods }   # and apply the NodeClass and NodePool",
    ),
);
