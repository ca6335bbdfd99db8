//! Rules: other CNIs.

use super::{Rule, error};

pub(super) const RULES: &[&Rule] = &[&ALT_02, &ALT_05];

pub static ALT_02: Rule = error(
    "ALT-02",
    "another CNI has no settings of aws-node's, and ranges of its own",
    "its pods' addresses are known to its nodes only: a network that has them too could not be reached",
    "EKS user guide, alternate CNI plugins",
    (
        "awsNode: { management: none, prefixDelegation: true }",
        "awsNode: { management: none, overlay: { cni: cilium, podCidr: 10.244.0.0/16 } }",
    ),
);

pub static ALT_05: Rule = error(
    "ALT-05",
    "another CNI is for IPv4 clusters on nodes",
    "EKS gives IPv6 addresses through aws-node alone, and pods on Fargate have no other CNI",
    "EKS user guide, alternate CNI plugins; Fargate",
    (
        "ipFamily: ipv6\nawsNode: { management: none }",
        "ipFamily: ipv4\nawsNode: { management: none }",
    ),
);
