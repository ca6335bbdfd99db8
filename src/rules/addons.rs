//! Rules: add-ons.

use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[&ADD_02, &ADD_01, &SEC_05, &SEC_06];

pub static ADD_02: Rule = error(
    "ADD-02",
    "add-ons are named once, with a version that is one",
    "EKS keeps one add-on of a name, and takes only versions that it offers",
    "EKS API reference, CreateAddon",
    ("addons: [coredns, coredns]", "addons: [coredns]"),
);

pub static ADD_01: Rule = error(
    "ADD-01",
    "aws-node gets its role",
    "its role comes through EKS Pod Identity; without the agent aws-node crashes with no log",
    "amazon-vpc-cni-k8s issue 3840",
    ("addons: [coredns]", "addons: [coredns, eks-pod-identity-agent]"),
);

pub static SEC_05: Rule = warning(
    "SEC-05",
    "aws-node has a role of its own",
    "whoever reaches the instance metadata of a node could take other nodes' interfaces and addresses",
    "EKS best practices, VPC CNI; EKS user guide, aws-node's role",
    ("awsNode: { role: nodeRole }", "awsNode: { role: podIdentity }"),
);

pub static SEC_06: Rule = error(
    "SEC-06",
    "rights held to a cluster are for IPv4 clusters",
    "they go by the interfaces that aws-node makes and tags; with IPv6 it makes none",
    "amazon-vpc-cni-k8s, docs/iam-policy.md",
    (
        "cluster: { ipFamily: ipv6 }\nawsNode: { rights: cluster }",
        "cluster: { ipFamily: ipv4 }\nawsNode: { rights: cluster }",
    ),
);
