//! Rules: other CNIs.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error};

pub(super) const RULES: &[&Rule] = &[&ALT_02, &ALT_05];

pub static ALT_02: Rule = error(
    "ALT-02",
    "another CNI has no settings of aws-node's, and ranges of its own",
    NotBuilt("the settings reach no node: aws-node is not installed"),
)
.why("its pods' addresses are known to its nodes only: a network that has them too could not be reached")
.sources(&[&EKS_OTHER_CNI])
.example(
    "awsNode: { management: none, prefixDelegation: true }",
    "awsNode: { management: none, overlay: { cni: cilium, podCidr: 10.244.0.0/16 } }",
);

pub static ALT_05: Rule = error(
    "ALT-05",
    "another CNI is for IPv4 clusters on nodes",
    Fails("pods of another CNI reach no pod that has an address of the VPC CNI"),
)
.why("EKS gives IPv6 addresses through aws-node alone, and pods on Fargate have no other CNI")
.sources(&[&EKS_OTHER_CNI, &EKS_FARGATE])
.example(
    "ipFamily: ipv6\nawsNode: { management: none }",
    "ipFamily: ipv4\nawsNode: { management: none }",
);
