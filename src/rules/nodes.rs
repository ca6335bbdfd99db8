//! Rules: node groups.

use super::{Rule, error, warning};

const CREATE: &str = "EKS API reference, CreateNodegroup";

pub(super) const RULES: &[&Rule] =
    &[&NG_01, &NG_02, &NG_03, &NG_04, &NG_05, &NG_06, &NG_07, &WIN_01, &NODE_04, &NODE_03, &PD_01];

pub static NG_01: Rule = error(
    "NG-01",
    "node group names are unique words",
    "the name is part of a logical id",
    "eksnet",
    ("nodeGroups: [{ name: a }, { name: a }]", "nodeGroups: [{ name: a }, { name: b }]"),
);

pub static NG_02: Rule = error(
    "NG-02",
    "instance types are known",
    "without a type's limits nobody knows how many pods its nodes take",
    "EC2 DescribeInstanceTypes, 2026-08-11",
    ("instanceTypes: [m6i.lrge]", "instanceTypes: [m6i.large]"),
);

pub static NG_03: Rule = error(
    "NG-03",
    "min ≤ desired ≤ max, and max ≥ 1",
    "EKS refuses others",
    CREATE,
    ("scaling: { min: 5, max: 3 }", "scaling: { min: 3, max: 5 }"),
);

pub static NG_04: Rule = error(
    "NG-04",
    "a node group lives in a tier that serves nodes",
    "the tier's tags and routes follow from what it serves",
    "eksnet",
    ("tier: public", "tier: nodes"),
);

pub static NG_05: Rule = error(
    "NG-05",
    "no more pods are planned than a node takes",
    "the others stay pending",
    "amazon-vpc-cni-k8s v1.23.1; EKS user guide, max pods",
    ("instanceTypes: [m6i.large]\npodsPerNode: 500", "instanceTypes: [m6i.large]\npodsPerNode: 80"),
);

pub static NG_06: Rule = error(
    "NG-06",
    "one architecture, and an AMI for it",
    "an AMI boots on one architecture only",
    CREATE,
    ("instanceTypes: [m6i.large, m7g.large]", "instanceTypes: [m6i.large, m7i.large]"),
);

pub static NG_07: Rule = error(
    "NG-07",
    "the AMI type is known",
    "max pods are handed to the node in its AMI's own words",
    CREATE,
    ("amiType: AL2_x86_64", "amiType: AL2023_x86_64_STANDARD"),
);

pub static WIN_01: Rule = error(
    "WIN-01",
    "no Windows nodes",
    "their pods have one interface, addresses through a controller of their own, and none of IPv6, custom networking, security groups for pods and network policies",
    "EKS user guide, Windows; amazon-vpc-resource-controller-k8s",
    ("amiType: WINDOWS_CORE_2022_x86_64", "amiType: AL2023_x86_64_STANDARD"),
);

pub static NODE_04: Rule = error(
    "NODE-04",
    "nodes have a way out",
    "without one they reach neither ECR nor the EKS API, and never join",
    "EKS user guide, network requirements",
    (
        "tiers: [{ name: nodes, serves: [nodes], egress: none }]",
        "tiers: [{ name: nodes, serves: [nodes], egress: nat }]",
    ),
);

pub static NODE_03: Rule = warning(
    "NODE-03",
    "nodes are in private subnets",
    "a node with a public address is one firewall rule away from everybody",
    "EKS best practices, subnets",
    (
        "tiers: [{ name: nodes, serves: [nodes], egress: internet }]",
        "tiers: [{ name: nodes, serves: [nodes], egress: nat }]",
    ),
);

pub static PD_01: Rule = warning(
    "PD-01",
    "prefix delegation on Nitro",
    "other types fall back to single addresses, so fewer pods fit than the rest of the design expects",
    "amazon-vpc-cni-k8s v1.23.1, pkg/ipamd",
    ("instanceTypes: [m4.large]", "instanceTypes: [m6i.large]"),
);
