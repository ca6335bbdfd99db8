//! Rules: load balancers, the control plane's subnets.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] =
    &[&TAG_03, &TAG_12, &TAG_14, &CLU_08, &CLU_28, &SIZ_01, &SD_06, &SD_07, &TAG_18];

pub static TAG_03: Rule = warning("TAG-03", "cluster tags should name this cluster")
    .why("the controller skips subnets whose cluster tags all name others")
    .sources(&[&LBC])
    .example(
        "tags: { kubernetes.io/cluster/old: shared }",
        "tags: { kubernetes.io/cluster/shop: shared }",
    );

pub static TAG_12: Rule = warning("TAG-12", "one tier should serve each kind of load balancer in a zone")
    .why("of several subnets the controller picks the one with the lowest id, which is not predictable")
    .sources(&[&LBC])
    .example(
        "tiers: [{ name: edge, serves: [externalLoadBalancers] }, { name: public, serves: [externalLoadBalancers] }]",
        "tiers: [{ name: edge }, { name: public, serves: [externalLoadBalancers] }]",
    );

pub static TAG_14: Rule = warning("TAG-14", "load balancers should have subnets in two zones")
    .why("an Application Load Balancer requires subnets in two")
    .sources(&[&ALB])
    .example(
        "tiers: [{ name: internal, zones: [euw1-az1], serves: [internalLoadBalancers] }]",
        "tiers: [{ name: internal, serves: [internalLoadBalancers] }]",
    );

pub static CLU_08: Rule = warning("CLU-08", "control-plane subnets should be private")
    .why("its interfaces have no public address, and need none")
    .sources(&[&BEST_SUBNETS])
    .example("egress: internet\nserves: [controlPlane]", "egress: none\nserves: [controlPlane]");

pub static CLU_28: Rule = error(
    "CLU-28",
    "the control plane must not be in a tier of pods",
    Fails("pods use up the addresses that the control plane requires: EKS UpdateClusterVersion fails with Ec2SubnetInvalidConfiguration"),
)
.why("pod tiers are never given to the cluster as its subnets: an upgrade requires up to five free addresses there")
.sources(&[&EKS_UPDATE, &BEST_SUBNETS])
.example("serves: [pods, controlPlane]", "serves: [pods]");

pub static SIZ_01: Rule =
    warning("SIZ-01", "small control-plane subnets should serve the control plane alone")
        .why("an upgrade requires five addresses at once, and EKS recommends 16 free ones")
        .sources(&[&EKS_NETWORK])
        .example("size: /28\nserves: [controlPlane, transit]", "size: /28\nserves: [controlPlane]");

pub static SD_06: Rule = warning("SD-06", "subnet discovery tags should be valid and name this cluster")
    .why("an empty value counts as no tag, and a subnet of another cluster's is closed to this one's pods")
    .sources(&[&CNI_AWSUTILS])
    .example("tags: { kubernetes.io/role/cni: \"\" }", "tags: { kubernetes.io/role/cni: \"1\" }");

pub static SD_07: Rule =
    warning("SD-07", "subnets that discovery opens to pods should be private and not reserved for other uses")
        .why("aws-node takes addresses from the open subnet that has most free ones, whatever its routes: pods in a public subnet have no egress path, and load balancers and upgrades lose their addresses")
        .sources(&[&CNI_AWSUTILS])
        .example(
            "egress: internet\nserves: [externalLoadBalancers]\ntags: { kubernetes.io/role/cni: \"1\" }",
            "serves: [pods]\ntags: { kubernetes.io/role/cni: \"1\" }",
        );

pub static TAG_18: Rule = error(
    "TAG-18",
    "tags must be within their limits after merging",
    Refused("EC2 CreateTags: InvalidParameterValue, TagLimitExceeded"),
)
.why("a subnet has its tier's tags, the blueprint's and eksnet's own, 50 in all")
.sources(&[&EC2_TAGS])
.example("(30 in `metadata.tags`, 30 on a tier)", "(20 and 20)");
