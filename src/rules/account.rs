//! Rules: the account (`check --online`, `deploy`).

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[
    &ZON_06, &NG_09, &QUO_03, &BPA_01, &BPA_02, &ADD_03, &SET_36, &NAT_13, &VPC_25, &VPC_26,
    &EXT_01, &EXT_02, &DOC_01, &DOC_02, &CLU_03, &QUO_04,
];

pub static ZON_06: Rule = error(
    "ZON-06",
    "the account must have the zones",
    Refused("EC2 CreateSubnet: InvalidParameterValue"),
)
.why("a zone that another account has may be missing here")
.sources(&[&ZONES])
.example("zones: [use1-az7]   # the account has six", "zones: [use1-az6]");

pub static NG_09: Rule = error(
    "NG-09",
    "zones must offer the instance types",
    Fails("the node group stops with AsgInstanceLaunchFailures"),
)
.why("EC2 starts no instance of a type in a zone that does not offer it")
.sources(&[&OFFERINGS])
.example(
    "instanceTypes: [p5.48xlarge]   # in one zone of three",
    "instanceTypes: [p5.48xlarge]\ntier: gpu   # in that zone",
);

pub static QUO_03: Rule = error(
    "QUO-03",
    "quotas must have room",
    Refused("the service whose quota is full, with its LimitExceeded code; CloudFormation rolls the stack back"),
)
.why("CloudFormation fails on the first resource that is one too many, and rolls everything back")
.sources(&[&SERVICE_QUOTAS])
.example("(three Elastic IPs required, three of five in use)", "nat: single");

pub static BPA_01: Rule = error(
    "BPA-01",
    "the account must not block the VPC's traffic",
    Fails("EC2 drops the packets that come in, or all of them"),
)
.why("VPC Block Public Access stops packets whatever the routes say: in both directions everything, or inbound what comes to load balancers and nodes, while NAT and egress-only gateways go on")
.sources(&[&PUBLIC_ACCESS])
.example("egress: internet   # and the account blocks it", "egress: none\nendpoints: auto");

pub static BPA_02: Rule = warning(
    "BPA-02",
    "the new VPC should be excluded from the account's block of public access",
)
.why("nothing can exclude a VPC that does not exist yet: its public tiers work once an exclusion is made")
.sources(&[&PUBLIC_ACCESS])
.example(
    "(the account blocks, and the VPC does not exist yet)",
    "(an exclusion, or no public tiers)",
);

pub static ADD_03: Rule = error(
    "ADD-03",
    "add-on versions must exist",
    Refused("EKS CreateAddon: InvalidParameterException, Addon version specified is not supported"),
)
.why("EKS refuses a version that is not for the cluster's Kubernetes")
.sources(&[&ADDON_VERSIONS])
.example("addons: [{ name: coredns, version: v1.8.0-eksbuild.1 }]", "addons: [coredns]");

pub static SET_36: Rule = error(
    "SET-36",
    "the settings must be valid in the add-on's schema",
    Refused("EKS CreateAddon: InvalidParameterException, ConfigurationValue is not in the add-on's schema"),
)
.why("EKS refuses the whole configuration for one key that this version does not know")
.sources(&[&ADDON_CONFIGURATION])
.example(
    "version: v1.15.1-eksbuild.1\nenv: { POD_MTU: \"1500\" }",
    "version: v1.21.1-eksbuild.1\nenv: { POD_MTU: \"1500\" }",
);

pub static NAT_13: Rule = error(
    "NAT-13",
    "Elastic IPs of your own must exist and be free",
    Refused("EC2 CreateNatGateway: InvalidAllocationID.NotFound, Resource.AlreadyAssociated"),
)
.why("EC2 refuses one that is attached elsewhere, or is not the account's")
.sources(&[&ADDRESSES])
.example("elasticIps: [eipalloc-…]   # of another account", "elasticIps: [eipalloc-…]");

pub static VPC_25: Rule = error(
    "VPC-25",
    "a new CIDR must not be the destination of an existing route",
    Refused("EC2 AssociateVpcCidrBlock: InvalidVpc.Range, CidrConflict"),
)
.why("a route to the same range or a smaller one inside it keeps it out of the VPC")
.sources(&[&VPC_CIDRS, &ROUTE_TABLES])
.example(
    "secondaryCidrs: [10.41.0.0/16]   # and a route to 10.41.8.0/24",
    "secondaryCidrs: [10.42.0.0/16]",
);

pub static VPC_26: Rule = error(
    "VPC-26",
    "a new CIDR must not overlap a peer's CIDR",
    Refused("EC2 AssociateVpcCidrBlock: InvalidVpc.Range, CidrConflict"),
)
.why("a peering connection allows no overlap")
.sources(&[&VPC_CIDRS, &PEERINGS])
.example("secondaryCidrs: [10.41.0.0/16]   # a peer's", "secondaryCidrs: [10.42.0.0/16]");

pub static EXT_01: Rule = warning("EXT-01", "resources inside of a VPC should be named only once that VPC exists")
    .why("a peering connection, an interface, a NAT gateway, an endpoint or a security group that exists already is of another VPC while this one does not exist yet: EC2 answers \"route table and network gateway belong to different networks\" or InvalidGroup.NotFound, and the stack is rolled back")
    .sources(&[&CREATE_ROUTE, &EKSCTL_2047, &AUTHORIZE_INGRESS])
    .example(
        "routes: [{ to: 10.99.0.0/16, via: pcx-0123456789abcdef0 }]   # on the first deployment",
        "(the same on a later one)",
    );

pub static EXT_02: Rule = error(
    "EXT-02",
    "a first deployment must not name resources inside of its own VPC",
    Refused("EC2 CreateRoute: InvalidParameterValue, belong to different networks; EC2 AuthorizeSecurityGroupIngress: InvalidGroup.NotFound"),
)
.why("what exists before the VPC does is of another one, and the whole stack is rolled back over it")
.sources(&[&CREATE_ROUTE, &EKSCTL_2047])
.example(
    "routes: [{ to: 10.99.0.0/16, via: pcx-0123456789abcdef0 }]",
    "(the same once the VPC exists)",
);

pub static DOC_01: Rule = warning("DOC-01", "documentation ranges and accounts should be replaced before a deployment")
    .why("192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 and 2001:db8::/32 are for examples: no caller has an address of them")
    .sources(&[&RFC_6890])
    .example(
        "publicCidrs: [203.0.113.0/24]   # as in the starter",
        "(the ranges that people call from)",
    );

pub static DOC_02: Rule = warning(
    "DOC-02",
    "principals should be of the account that is deployed to",
)
.why("the principals of the starter and of examples are of example accounts; EKS accepts them")
.sources(&[&EKS_ACCESS_ENTRIES])
.example(
    "access: [{ principal: arn:aws:iam::111122223333:role/ops }]   # as in the starter",
    "(a role of the account)",
);

pub static CLU_03: Rule = error(
    "CLU-03",
    "an upgrade must have free addresses",
    Refused("EKS UpdateClusterVersion: the update fails with InsufficientFreeAddresses"),
)
.why("EKS creates new interfaces for the control plane before it removes the old ones: five addresses in its subnets")
.sources(&[&EKS_UPDATE, &SUBNETS])
.example("version: \"1.35\"   # two addresses left", "version: \"1.35\"   # five or more");

pub static QUO_04: Rule = warning("QUO-04", "quotas should have room for the next deployment")
    .why("a raise takes days")
    .sources(&[&SERVICE_QUOTAS])
    .example("(the last Elastic IP is in use)", "(one is left)");
