//! Rules: node groups.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[
    &NG_01, &NG_02, &NG_03, &NG_04, &NG_05, &NG_06, &NG_07, &NG_10, &NG_11, &NG_12, &NG_13, &NG_14,
    &NG_15, &NODE_04, &NODE_09, &NODE_03, &PD_01, &NG_16, &NG_17,
];

pub static NG_01: Rule = error(
    "NG-01",
    "node group names must be unique words",
    NotBuilt("two resources would have one logical id"),
)
.why("the name is part of a logical id")
.sources(&[&HOUSE])
.example("nodeGroups: [{ name: a }, { name: a }]", "nodeGroups: [{ name: a }, { name: b }]");

pub static NG_02: Rule = error(
    "NG-02",
    "instance types must have the form of an instance type",
    Refused("EKS CreateNodegroup: InvalidParameterException, not a valid instance type"),
)
.why("a family, its generation, and a size that types have")
.sources(&[&INSTANCE_TYPES])
.example("instanceTypes: [m6i.lrge]", "instanceTypes: [m6i.large]");

pub static NG_03: Rule = error(
    "NG-03",
    "min ≤ desired ≤ max must hold, and max must be at least 1",
    Refused("EKS CreateNodegroup: InvalidParameterException"),
)
.why("EKS refuses others")
.sources(&[&CREATE_NODEGROUP])
.example("scaling: { min: 5, max: 3 }", "scaling: { min: 3, max: 5 }");

pub static NG_04: Rule = error(
    "NG-04",
    "a node group must be in a tier that serves nodes",
    NotBuilt("a tier's tags, routes and groups follow from what it serves"),
)
.why("the tier's tags and routes follow from what it serves")
.sources(&[&HOUSE])
.example("tier: public", "tier: nodes");

pub static NG_05: Rule = error(
    "NG-05",
    "`podsPerNode` must not exceed what a node supports",
    Fails("the pods above the limit stay pending"),
)
.why("the others stay pending")
.sources(&[&CNI_README, &EKS_INSTANCE_TYPES])
.example(
    "instanceTypes: [m6i.large]\npodsPerNode: 500",
    "instanceTypes: [m6i.large]\npodsPerNode: 80",
);

pub static NG_06: Rule = error(
    "NG-06",
    "a node group must have one architecture, and an AMI for it",
    Refused("EKS CreateNodegroup: InvalidParameterException, not a valid instance type for requested amiType"),
)
.why("an AMI boots on one architecture only; accelerated AMIs are not for a, c, hpc, m and t types, others not for g3, g4, g5g, inf and p, and none is for Mac")
.sources(&[&EKS_INSTANCE_TYPES, &EKSCTL_4973])
.example("instanceTypes: [m6i.large, m7g.large]", "instanceTypes: [m6i.large, m7i.large]");

pub static NG_07: Rule = error(
    "NG-07",
    "the AMI type must be known",
    NotBuilt("max pods are set in the AMI's own format"),
)
.why("max pods are handed to the node in its AMI's own words")
.sources(&[&CREATE_NODEGROUP])
.example("amiType: AL2_x86_64", "amiType: AL2023_x86_64_STANDARD");

pub static NG_10: Rule = warning("NG-10", "instance types should have known limits")
    .why("a type that is newer than eksnet's table is planned with the limits of its nearest relative: how many pods its nodes support may differ")
    .sources(&[&INSTANCE_TYPES])
    .example("instanceTypes: [r9g.large]", "instanceTypes: [r8g.large]");

pub static NG_11: Rule = error(
    "NG-11",
    "labels and taints must be within EKS's bounds",
    Refused("EKS CreateNodegroup: InvalidParameterException, Label cannot contain reserved prefixes"),
)
.why("keys of 63 characters with their prefix, label values of 1 to 63, 50 taints; prefixes of Kubernetes and EKS are theirs, and a kubelet that is given one does not start; a node has one taint of a key and an effect, and does not register with two")
.sources(&[&CREATE_NODEGROUP, &EKSCTL_4007, &KOPS_5177])
.example("labels: { node-role.kubernetes.io/worker: ok }", "labels: { example.com/role: worker }");

pub static NG_12: Rule =
    warning("NG-12", "instance types with accelerators should have an AMI with their drivers")
        .why("without drivers no pod sees the accelerator, unless an operator installs them")
        .sources(&[&EKS_INSTANCE_TYPES])
        .example(
            "instanceTypes: [g5.xlarge]\namiType: AL2023_x86_64_STANDARD",
            "instanceTypes: [g5.xlarge]\namiType: AL2023_x86_64_NVIDIA",
        );

pub static NG_13: Rule = error(
    "NG-13",
    "a node group must have at most 20 instance types",
    Refused("EKS CreateNodegroup: InvalidParameterException"),
)
.why("EKS accepts 0 to 20")
.sources(&[&CREATE_NODEGROUP])
.example("instanceTypes: [ 21 of them ]", "instanceTypes: [ 20 of them ]");

pub static NG_14: Rule = warning("NG-14", "nodes should have memory left for their pods")
    .why("Bottlerocket's kubelet reserves 255 MiB and 11 more for each pod that the node supports: on small types that is most of what they have")
    .sources(&[&BOTTLEROCKET_4472])
    .example(
        "instanceTypes: [t3.small]\namiType: BOTTLEROCKET_x86_64",
        "instanceTypes: [t3.small]\namiType: AL2023_x86_64_STANDARD",
    );

pub static NG_15: Rule = error(
    "NG-15",
    "nodes must have more memory than the kubelet reserves",
    Fails("nothing is allocatable: pods stay pending"),
)
.why("Bottlerocket's kubelet reserves 255 MiB and 11 more for each pod that the node supports")
.sources(&[&BOTTLEROCKET_4472])
.example(
    "instanceTypes: [t3.nano]\namiType: BOTTLEROCKET_x86_64",
    "instanceTypes: [t3.medium]\namiType: BOTTLEROCKET_x86_64",
);

pub static NODE_04: Rule = error(
    "NODE-04",
    "nodes must have an egress path",
    Fails("nodes never join: the node group stops with NodeCreationFailure"),
)
.why("without any route out of the VPC and without endpoints nodes reach neither ECR nor EC2 nor the EKS API")
.sources(&[&EKS_NETWORK])
.example(
    "tiers: [{ name: nodes, serves: [nodes], egress: none }]",
    "tiers: [{ name: nodes, serves: [nodes], egress: nat }]",
);

pub static NODE_09: Rule =
    warning("NODE-09", "nodes should reach AWS's services through their routes")
        .why("central endpoints in a hub VPC, a proxy, or a default route that a gateway learns serve nodes without endpoints of their own; nothing here tells whether they are there")
        .sources(&[&CENTRAL_ENDPOINTS])
        .example(
            "tiers: [{ name: nodes, serves: [nodes], egress: none }]\negress: { transitGateway: { id: tgw-…, destinations: [10.0.0.0/8] } }",
            "tiers: [{ name: nodes, serves: [nodes], egress: none }]\nendpoints: auto",
        );

pub static NODE_03: Rule = warning("NODE-03", "nodes should be in private subnets")
    .why("a node with a public address is one firewall rule away from everybody")
    .sources(&[&BEST_SUBNETS])
    .example(
        "tiers: [{ name: nodes, serves: [nodes], egress: internet }]",
        "tiers: [{ name: nodes, serves: [nodes], egress: nat }]",
    );

pub static PD_01: Rule = warning("PD-01", "prefix delegation should be used with Nitro instances")
    .why("other types fall back to single addresses, so fewer pods fit than the rest of the design expects")
    .sources(&[&CNI_IPAMD])
    .example("instanceTypes: [m4.large]", "instanceTypes: [m6i.large]");

pub static NG_16: Rule = warning("NG-16", "nodes should support as many pods as are planned")
    .why("EKS computes a figure of its own for nodes of its AMIs, and documents that it beats the launch template's; for another CNI it counts the VPC's addresses all the same")
    .sources(&[&EKS_INSTANCE_TYPES, &AMI_MAX_PODS])
    .example(
        "awsNode: { management: none }\nnodeGroups: [{ name: a, podsPerNode: 100 }]",
        "awsNode: { management: none }\nnodeGroups: [{ name: a, podsPerNode: 29 }]",
    );

pub static NG_17: Rule = warning("NG-17", "a node group should not grow beyond its written maximum")
    .why("a zone that came after the group has a group of its own, beside the first one: EKS never changes a group's subnets")
    .sources(&[&CREATE_NODEGROUP])
    .example(
        "zones: 4   # three until now\nscaling: { max: 60 }",
        "zones: 4   # three until now\nscaling: { max: 60, newZones: within }",
    );
