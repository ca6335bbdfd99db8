//! Rules: the account (`check --online`, `deploy`).

use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[
    &ZON_06, &NG_09, &QUO_03, &BPA_01, &BPA_02, &ADD_03, &SET_36, &NAT_13, &VPC_25, &VPC_26,
    &CLU_03, &QUO_04,
];

pub static ZON_06: Rule = error(
    "ZON-06",
    "the account has the zones",
    "a zone that another account has may be missing here",
    "EC2 DescribeAvailabilityZones",
    ("zones: [use1-az7]   # the account has six", "zones: [use1-az6]"),
);

pub static NG_09: Rule = error(
    "NG-09",
    "zones offer the instance types",
    "EC2 starts no instance of a type in a zone that lacks it",
    "EC2 DescribeInstanceTypeOfferings",
    (
        "instanceTypes: [p5.48xlarge]   # in one zone of three",
        "instanceTypes: [p5.48xlarge]\ntier: gpu   # in that zone",
    ),
);

pub static QUO_03: Rule = error(
    "QUO-03",
    "quotas have room",
    "CloudFormation fails on the first resource that is one too many, and rolls everything back",
    "Service Quotas GetServiceQuota",
    ("(three Elastic IPs wanted, three of five in use)", "nat: single"),
);

pub static BPA_01: Rule = error(
    "BPA-01",
    "the account lets traffic through",
    "VPC Block Public Access stops internet gateways, NAT and load balancers whatever the routes say",
    "EC2 DescribeVpcBlockPublicAccessOptions",
    ("egress: internet   # and the account blocks it", "egress: none\nendpoints: auto"),
);

pub static BPA_02: Rule = warning(
    "BPA-02",
    "the new VPC is excluded from the account's block of public access",
    "nothing can exclude a VPC that does not exist yet: its public tiers work once an exclusion is made",
    "EC2 DescribeVpcBlockPublicAccessOptions",
    ("(the account blocks, and the VPC does not exist yet)", "(an exclusion, or no public tiers)"),
);

pub static ADD_03: Rule = error(
    "ADD-03",
    "add-ons have the versions",
    "EKS refuses a version that is not for the cluster's Kubernetes",
    "EKS DescribeAddonVersions",
    ("addons: [{ name: coredns, version: v1.8.0-eksbuild.1 }]", "addons: [coredns]"),
);

pub static SET_36: Rule = error(
    "SET-36",
    "the add-on's own schema takes the settings",
    "EKS refuses the whole configuration for one key that this version does not know",
    "EKS DescribeAddonConfiguration",
    (
        "version: v1.15.1-eksbuild.1\nenv: { POD_MTU: \"1500\" }",
        "version: v1.21.1-eksbuild.1\nenv: { POD_MTU: \"1500\" }",
    ),
);

pub static NAT_13: Rule = error(
    "NAT-13",
    "addresses of one's own are there and free",
    "EC2 refuses one that is attached elsewhere, or is not the account's",
    "EC2 DescribeAddresses",
    ("elasticIps: [eipalloc-…]   # of another account", "elasticIps: [eipalloc-…]"),
);

pub static VPC_25: Rule = error(
    "VPC-25",
    "a new CIDR is no route's destination",
    "a route to the same range or a smaller one inside it keeps it out of the VPC",
    "VPC user guide, VPC CIDR blocks; EC2 DescribeRouteTables",
    (
        "secondaryCidrs: [10.41.0.0/16]   # and a route to 10.41.8.0/24",
        "secondaryCidrs: [10.42.0.0/16]",
    ),
);

pub static VPC_26: Rule = error(
    "VPC-26",
    "a new CIDR is on no peer's side",
    "a peering connection allows no overlap",
    "VPC user guide, VPC CIDR blocks; EC2 DescribeVpcPeeringConnections",
    ("secondaryCidrs: [10.41.0.0/16]   # a peer's", "secondaryCidrs: [10.42.0.0/16]"),
);

pub static CLU_03: Rule = error(
    "CLU-03",
    "an upgrade has addresses",
    "EKS makes new interfaces for the control plane before it takes the old ones away: five addresses in its subnets",
    "EKS user guide, update cluster; EC2 DescribeSubnets",
    ("version: \"1.35\"   # two addresses left", "version: \"1.35\"   # five or more"),
);

pub static QUO_04: Rule = warning(
    "QUO-04",
    "quotas have room for the next time",
    "a raise takes days",
    "Service Quotas GetServiceQuota",
    ("(the last Elastic IP is taken)", "(one is left)"),
);
