//! Rules: load balancers, the control plane's subnets.

use super::{Rule, error, warning};

const LBC: &str = "AWS Load Balancer Controller, subnet discovery";

pub(super) const RULES: &[&Rule] = &[&TAG_03, &TAG_12, &TAG_14, &CLU_08, &SIZ_01, &SD_06, &TAG_18];

pub static TAG_03: Rule = warning(
    "TAG-03",
    "cluster tags name this cluster",
    "the controller passes by subnets whose cluster tags all name others",
    LBC,
    ("tags: { kubernetes.io/cluster/old: shared }", "tags: { kubernetes.io/cluster/shop: shared }"),
);

pub static TAG_12: Rule = warning(
    "TAG-12",
    "one tier for a kind of load balancers in a zone",
    "of several subnets the controller takes the one with the lowest id: nobody knows which",
    LBC,
    (
        "tiers: [{ name: edge, serves: [externalLoadBalancers] }, { name: public, serves: [externalLoadBalancers] }]",
        "tiers: [{ name: edge }, { name: public, serves: [externalLoadBalancers] }]",
    ),
);

pub static TAG_14: Rule = warning(
    "TAG-14",
    "load balancers have two zones",
    "an Application Load Balancer wants subnets in two",
    "Elastic Load Balancing user guide",
    (
        "tiers: [{ name: internal, zones: [euw1-az1], serves: [internalLoadBalancers] }]",
        "tiers: [{ name: internal, serves: [internalLoadBalancers] }]",
    ),
);

pub static CLU_08: Rule = warning(
    "CLU-08",
    "the control plane's subnets are private",
    "its interfaces have no public address, and need none",
    "EKS best practices, subnets",
    ("egress: internet\nserves: [controlPlane]", "egress: none\nserves: [controlPlane]"),
);

pub static SIZ_01: Rule = warning(
    "SIZ-01",
    "small control-plane subnets are the control plane's alone",
    "an upgrade wants five addresses at once, and EKS recommends 16 free ones",
    "EKS user guide, network requirements",
    ("size: /28\nserves: [controlPlane, transit]", "size: /28\nserves: [controlPlane]"),
);

pub static SD_06: Rule = warning(
    "SD-06",
    "discovery tags mean something, and mean this cluster",
    "an empty value counts as no tag, and a subnet of another cluster's is closed to this one's pods",
    "amazon-vpc-cni-k8s v1.23.1, pkg/awsutils",
    ("tags: { kubernetes.io/role/cni: \"\" }", "tags: { kubernetes.io/role/cni: \"1\" }"),
);

pub static TAG_18: Rule = error(
    "TAG-18",
    "tags fit where they are merged",
    "a subnet has its tier's tags, the blueprint's and eksnet's own, 50 in all",
    "EC2 user guide, tag restrictions",
    ("(30 in `metadata.tags`, 30 on a tier)", "(20 and 20)"),
);
