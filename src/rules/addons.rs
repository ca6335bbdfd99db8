//! Rules: add-ons.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[&ADD_02, &ADD_01, &SEC_05, &SEC_06];

pub static ADD_02: Rule = error(
    "ADD-02",
    "add-ons are named once, with a version that is one",
    Refused("EKS CreateAddon: ResourceInUseException, InvalidParameterException"),
)
.why("EKS keeps one add-on of a name, and takes only versions that it offers")
.sources(&[&CREATE_ADDON])
.example("addons: [coredns, coredns]", "addons: [coredns]");

pub static ADD_01: Rule = error(
    "ADD-01",
    "aws-node gets its role",
    Fails("aws-node has no credentials and crashes: nodes never become ready"),
)
.why("its role comes through EKS Pod Identity; without the agent aws-node crashes with no log")
.sources(&[&CNI_3840])
.example("addons: [coredns]", "addons: [coredns, eks-pod-identity-agent]");

pub static SEC_05: Rule = warning("SEC-05", "aws-node has a role of its own")
    .why("whoever reaches the instance metadata of a node could take other nodes' interfaces and addresses")
    .sources(&[&BEST_VPC_CNI, &EKS_CNI_ROLE])
    .example("awsNode: { role: nodeRole }", "awsNode: { role: podIdentity }");

pub static SEC_06: Rule = error(
    "SEC-06",
    "rights held to a cluster are for IPv4 clusters",
    Fails("EC2 denies aws-node its prefixes: nodes never become ready"),
)
.why("they go by the interfaces that aws-node makes and tags; with IPv6 it makes none")
.sources(&[&CNI_RIGHTS])
.example(
    "cluster: { ipFamily: ipv6 }\nawsNode: { rights: cluster }",
    "cluster: { ipFamily: ipv4 }\nawsNode: { rights: cluster }",
);
