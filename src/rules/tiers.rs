//! Rules: tiers and subnets.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[
    &TIER_01, &TIER_02, &TIER_03, &TIER_05, &TIER_06, &TIER_08, &TIER_11, &TIER_09, &PUB_01,
    &PUB_02, &TIER_10, &TIER_07, &SUB_01, &SUB_06, &SUB_08, &SUB_12, &SUB_13, &SUB_14, &SUB_09,
    &SUB_15,
];

pub static TIER_01: Rule = error(
    "TIER-01",
    "tier names must be unique",
    NotBuilt("two resources would have one logical id"),
)
.why("the name is part of every subnet's logical id")
.sources(&[&HOUSE])
.example("tiers: [{ name: a }, { name: a }]", "tiers: [{ name: a }, { name: b }]");

pub static TIER_02: Rule = error(
    "TIER-02",
    "tier names must be lower-case words",
    Refused("CloudFormation CreateChangeSet: ValidationError, logical ids are alphanumeric"),
)
.why("they become logical ids and tags")
.sources(&[&HOUSE])
.example("name: My Tier", "name: my-tier");

pub static TIER_03: Rule =
    error("TIER-03", "`from` must name a CIDR of the VPC", NotBuilt("the CIDR is not in the VPC"))
        .why("subnets lie in a CIDR of their VPC")
        .sources(&[&CREATE_SUBNET])
        .example("from: 100.64.0.0/16", "secondaryCidrs: [100.64.0.0/16]\nfrom: 100.64.0.0/16");

pub static TIER_05: Rule = error(
    "TIER-05",
    "tier names must differ in letters or digits",
    NotBuilt("two resources would have one logical id"),
)
.why("`a-1` and `a1` would be one logical id")
.sources(&[&CFN_LOGICAL_IDS])
.example("tiers: [{ name: a-1 }, { name: a1 }]", "tiers: [{ name: a-1 }, { name: b-1 }]");

pub static TIER_06: Rule = error(
    "TIER-06",
    "the old name of a renamed tier must not be used",
    NotBuilt("nothing was renamed"),
)
.why("a name that is still in use was not given up")
.sources(&[&HOUSE])
.example(
    "tiers: [{ name: a }, { name: b, renamedFrom: a }]",
    "tiers: [{ name: b, renamedFrom: a }]",
);

pub static TIER_08: Rule =
    error("TIER-08", "`renamedFrom` must name an existing tier", NotBuilt("nothing was renamed"))
        .why("with a misspelled name the old tier's subnets are removed and new ones created")
        .sources(&[&HOUSE])
        .example("renamedFrom: noeds", "renamedFrom: nodes");

pub static TIER_11: Rule = warning("TIER-11", "a tier under a new name should say `renamedFrom`")
    .why("without it the tier's subnets are deleted, with what is in them, and others are created")
    .sources(&[&HOUSE])
    .example(
        "tiers: [{ name: workers }]   # was `nodes`",
        "tiers: [{ name: workers, renamedFrom: nodes }]",
    );

pub static TIER_07: Rule = warning("TIER-07", "`growth` should be used with `size: auto`")
    .why("a written size does not grow")
    .sources(&[&HOUSE])
    .example("size: /20\ngrowth: 50", "size: auto\ngrowth: 50");

pub static SUB_01: Rule = error(
    "SUB-01",
    "a subnet must be /16 to /28",
    Refused("EC2 CreateSubnet: InvalidSubnet.Range"),
)
.why("EC2 refuses others with InvalidSubnet.Range")
.sources(&[&CREATE_SUBNET])
.example("size: /29", "size: /28");

pub static SUB_06: Rule = warning("SUB-06", "a VPC should have at most 200 subnets")
    .why("more need a raised quota")
    .sources(&[&VPC_QUOTAS])
    .example("(more than 200 subnets)", "(fewer tiers or zones)");

pub static SUB_08: Rule = warning("SUB-08", "subnets of load balancers should be /27 or larger")
    .why("an Application Load Balancer requires a /27 to scale; EC2 and the controllers only ask for 8 free addresses, which a /28 for Network Load Balancers has")
    .sources(&[&ALB, &NLB])
    .example(
        "serves: [externalLoadBalancers]\nsize: /28",
        "serves: [externalLoadBalancers]\nsize: /27",
    );

pub static SUB_12: Rule = error(
    "SUB-12",
    "a pinned CIDR must be in the VPC",
    Refused("EC2 CreateSubnet: InvalidSubnet.Range"),
)
.why("subnets lie in a CIDR of their VPC")
.sources(&[&CREATE_SUBNET])
.example("cidrs: { euw1-az1: 10.99.0.0/20 }", "cidrs: { euw1-az1: 10.40.64.0/20 }");

pub static SUB_13: Rule = error(
    "SUB-13",
    "pinned CIDRs must not overlap",
    Refused("EC2 CreateSubnet: InvalidSubnet.Conflict"),
)
.why("EC2 answers InvalidSubnet.Conflict")
.sources(&[&CREATE_SUBNET])
.example(
    "cidrs: { euw1-az1: 10.40.0.0/20, euw1-az2: 10.40.0.0/20 }",
    "cidrs: { euw1-az1: 10.40.0.0/20, euw1-az2: 10.40.16.0/20 }",
);

pub static SUB_14: Rule = error(
    "SUB-14",
    "a pinned CIDR must have the size of its tier",
    NotBuilt("a tier has two sizes"),
)
.why("a tier is one size in all zones")
.sources(&[&HOUSE])
.example(
    "size: /20\ncidrs: { euw1-az1: 10.40.0.0/21 }",
    "size: /20\ncidrs: { euw1-az1: 10.40.0.0/20 }",
);

pub static SUB_09: Rule = error(
    "SUB-09",
    "a reservation must be a part of its subnet",
    Refused("EC2 CreateSubnetCidrReservation: InvalidParameterValue"),
)
.why("interfaces need addresses outside it, and a prefix is a /28")
.sources(&[&VPC_RESERVATIONS])
.example("size: /20\nreservation: { prefixes: /20 }", "size: /20\nreservation: { prefixes: /21 }");

pub static SUB_15: Rule = warning("SUB-15", "a reservation should be used")
    .why("without prefix delegation no node uses prefixes, and nothing else may use the part")
    .sources(&[&VPC_RESERVATIONS])
    .example(
        "awsNode: { prefixDelegation: false }\nreservation: { prefixes: /21 }",
        "awsNode: { prefixDelegation: true }\nreservation: { prefixes: /21 }",
    );

pub static TIER_09: Rule = error(
    "TIER-09",
    "a list of pinned CIDRs must have one for each zone",
    NotBuilt("it is not said which zone is left without a CIDR"),
)
.why("the list goes by the order of the tier's zones")
.sources(&[&HOUSE])
.example("zones: 2\ncidrs: [10.40.0.0/20]", "zones: 2\ncidrs: [10.40.0.0/20, 10.40.16.0/20]");

pub static TIER_10: Rule = warning("TIER-10", "a pinned CIDR should be inside its tier's `from`")
    .why("a pin takes precedence over `from`: the subnet is in another range than the tier says")
    .sources(&[&HOUSE])
    .example(
        "{ from: 100.64.0.0/16, cidrs: { euw1-az1: 10.40.0.0/24 } }",
        "{ from: 100.64.0.0/16, cidrs: { euw1-az1: 100.64.0.0/24 } }",
    );

pub static PUB_01: Rule = warning("PUB-01", "public addresses should be given only where packets leave for the internet")
    .why("without a route to the internet gateway the address cannot be reached, and it costs as any public address does")
    .sources(&[&VPC_INTERNET, &CFN_SUBNET])
    .example(
        "{ name: nodes, egress: nat, mapPublicIp: true }",
        "{ name: nodes, egress: internet, mapPublicIp: true }",
    );

pub static PUB_02: Rule = error(
    "PUB-02",
    "nodes that leave through the internet gateway must have public addresses",
    Refused("EKS CreateNodegroup: Ec2SubnetInvalidConfiguration"),
)
.why("the internet gateway passes packets of public addresses only, and EKS creates no managed nodes in a public subnet that assigns none")
.sources(&[&NODEGROUP_ISSUES, &VPC_INTERNET])
.example(
    "{ name: nodes, egress: internet, serves: [nodes], mapPublicIp: false }",
    "{ name: nodes, egress: internet, serves: [nodes] }",
);
