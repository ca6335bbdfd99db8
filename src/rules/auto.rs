//! Rules: EKS Auto Mode.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] =
    &[&AUTO_01, &AUTO_03, &AUTO_04, &AUTO_07, &AUTO_08, &AUTO_09, &AUTO_10, &AUTO_11];

pub static AUTO_01: Rule = error(
    "AUTO-01",
    "Auto Mode must not have settings of aws-node",
    Fails("the settings reach no node: Auto Mode's CNI reads none of them"),
)
.why("its nodes have a CNI of their own, which reads none of them")
.sources(&[&EKS_AUTO])
.example(
    "cluster: { autoMode: {} }\nawsNode: { warm: { ips: 5 } }",
    "cluster: { autoMode: { prefixes: true } }",
);

pub static AUTO_03: Rule = error(
    "AUTO-03",
    "nodes of Auto Mode must be in a tier that serves nodes and has an egress path",
    Fails("node claims never become nodes"),
)
.why("nodes that cannot reach EKS and ECR never join")
.sources(&[&EKS_AUTO])
.example("cluster: { autoMode: { tier: databases } }", "cluster: { autoMode: { tier: nodes } }");

pub static AUTO_04: Rule = error(
    "AUTO-04",
    "pods of Auto Mode must have a subnet in every zone of the nodes",
    Fails("nodes without a pod subnet in their zone give no pod an address"),
)
.why("a node without a pod subnet in its zone gets no interface for pods")
.sources(&[&EKS_AUTO])
.example(
    "autoMode: { podTier: pods }   # which has no subnet in a zone of the nodes",
    "tiers: [{ name: pods, serves: [pods] }]   # in all zones",
);

pub static AUTO_07: Rule =
    error("AUTO-07", "Auto Mode must use its own CNI", Fails("two CNIs configure the same pods"))
        .why("another one beside it is not supported")
        .sources(&[&EKS_AUTO])
        .example(
            "cluster: { autoMode: {} }\nawsNode: { management: none }",
            "cluster: { autoMode: {} }",
        );

pub static AUTO_08: Rule = warning("AUTO-08", "EKS's own node pools should not be expected to follow a NodeClass")
    .why("their nodes keep the default NodeClass: the cluster's subnets, source NAT, and policies that allow")
    .sources(&[&EKS_AUTO])
    .example(
        "autoMode: { nodePools: [general-purpose], podTier: pods }",
        "autoMode: { podTier: pods }   # and apply the NodeClass and NodePool",
    );

pub static AUTO_09: Rule =
    warning("AUTO-09", "subnets of Auto Mode should have room for prefixes")
        .why("nodes use /28 prefixes, and fall back to single addresses where there is none: few nodes and pods fit into a /27")
        .sources(&[&EKS_AUTO])
        .example("size: /27   # of the tier for nodes", "size: /24");

pub static AUTO_10: Rule = error(
    "AUTO-10",
    "Auto Mode must have Kubernetes 1.29 or later",
    Refused("EKS CreateCluster: InvalidParameterException, EKS Auto Mode requires Kubernetes version 1.29 or greater"),
)
.why("EKS offers it since then")
.sources(&[&EKS_AUTO_CREATE])
.example("version: \"1.28\"\nautoMode: {}", "version: \"1.35\"\nautoMode: {}");

pub static AUTO_11: Rule = error(
    "AUTO-11",
    "nodes of Auto Mode with security groups of their own must have a NodeClass of their own",
    Fails("nodes of EKS's own pools use the cluster security group: the stack's groups are on no interface, and their rules apply to nothing"),
)
.why("only a NodeClass says which groups nodes and pods have")
.sources(&[&EKS_NODE_CLASS])
.example(
    "cluster: { autoMode: {} }\nsecurityGroups: { mode: leastPrivilege }",
    "cluster: { autoMode: { nodePools: [] } }\nsecurityGroups: { mode: leastPrivilege }",
);
