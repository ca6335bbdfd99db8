//! Rules: other CNIs.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[&ALT_02, &ALT_05, &ALT_06];

pub static ALT_02: Rule = error(
    "ALT-02",
    "another CNI must not have settings of aws-node, and must have ranges of its own",
    NotBuilt("the settings reach no node: aws-node is not installed"),
)
.why("its pods' addresses are known to its nodes only: a network that has them too could not be reached")
.sources(&[&EKS_OTHER_CNI])
.example(
    "awsNode: { management: none, prefixDelegation: true }",
    "awsNode: { management: none, overlay: { cni: cilium, podCidr: 10.244.0.0/16 } }",
);

pub static ALT_05: Rule = warning("ALT-05", "pods on Fargate and pods of another CNI should reach each other")
    .why("pods on Fargate have addresses of the VPC; pods of an overlay have addresses that only its nodes know, CoreDNS among them")
    .sources(&[&EKS_OTHER_CNI, &EKS_FARGATE])
    .example(
        "awsNode: { management: none }\nfargate: [{ name: jobs, … }]",
        "awsNode: { management: none }\nnodeGroups: [{ name: jobs }]",
    );

pub static ALT_06: Rule = error(
    "ALT-06",
    "another CNI must be used with IPv4",
    NotBuilt("an overlay's range is IPv4, and EKS gives IPv6 addresses through the VPC CNI"),
)
.why("an IPv6 cluster has IPv6 services, which pods with IPv4 addresses alone do not reach")
.sources(&[&EKS_IPV6, &HOUSE])
.example(
    "ipFamily: ipv6\nawsNode: { management: none }",
    "ipFamily: ipv4\nawsNode: { management: none }",
);
