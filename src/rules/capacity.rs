//! Rules: capacity.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[&CAP_01, &CAP_02, &CAP_03, &SIZ_02, &QUO_01, &QUO_02];

pub static CAP_01: Rule = warning("CAP-01", "the node groups' maximum should fit")
    .why("aws-node leaves pods in ContainerCreating when their subnet is full; an update of all nodes starts new ones beside the old")
    .sources(&[&CNI_IPAMD])
    .example("size: /26\nscaling: { max: 60 }", "size: /20\nscaling: { max: 60 }");

pub static CAP_02: Rule = error(
    "CAP-02",
    "the nodes that start first must fit",
    Fails("EC2 starts no further instance (InsufficientFreeAddressesInSubnet): the node group stops with AsgInstanceLaunchFailures"),
)
.why("the node group would wait for them until it fails with AsgInstanceLaunchFailures")
.sources(&[&NODEGROUP_ISSUES])
.example(
    "awsNode: { prefixDelegation: false }\nsize: /28\nscaling: { desired: 60, max: 60 }",
    "size: /20\nscaling: { desired: 60, max: 60 }",
);

pub static CAP_03: Rule = warning("CAP-03", "prefixes should fit in fragmented subnets, too")
    .why("a prefix is a whole /28: single addresses scattered over a subnet spoil blocks that the sum of free addresses still counts")
    .sources(&[&CNI_2749, &EC2_ERRORS])
    .example(
        "(nodes and prefixes in one subnet, nearly full)",
        "(a tier for pods only, or a larger one)",
    );

pub static SIZ_02: Rule = warning("SIZ-02", "subnets should have spare addresses")
    .why("above four fifths, or with no room for the nodes of a zone that fails, the first surprise fills the subnet")
    .sources(&[&BEST_ADDRESSES])
    .example("(84 % planned)", "(60 % planned)");

pub static QUO_01: Rule = warning("QUO-01", "node groups should be within EKS's quotas")
    .why("450 nodes in a group, 30 groups in a cluster, unless the quota was raised")
    .sources(&[&EKS_QUOTAS])
    .example("scaling: { max: 500 }", "scaling: { max: 400 }");

pub static QUO_02: Rule = warning(
    "QUO-02",
    "a VPC should be within 64,000 Network Address Usage (NAU) units",
)
.why("AWS refuses further addresses beyond them unless the quota is raised (256,000 at most)")
.sources(&[&VPC_QUOTAS])
.example(
    "prefixDelegation: false\nscaling: { max: 1500 }",
    "prefixDelegation: true\nscaling: { max: 1500 }",
);
