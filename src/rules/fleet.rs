//! Rules: a fleet, or several blueprints that are checked together.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[
    &FLT_01, &FLT_02, &FLT_03, &FLT_04, &FLT_05, &FLT_06, &FLT_07, &FLT_08, &FLT_09, &FLT_10,
    &FLT_11, &FLT_12, &FLT_13, &FLT_14, &FLT_15, &FLT_16, &FLT_20, &FLT_21,
];

pub static FLT_01: Rule = error(
    "FLT-01",
    "connected VPCs must not overlap",
    Fails("a network that reaches both has one route for the range: the packets of one VPC arrive in the other; EC2 does not peer the two at all"),
)
.why("no address of a VPC can be changed later, so one of them has to be built again before the two are connected")
.sources(&[&VPC_PEERING, &TRANSIT_GATEWAYS])
.example(
    "# shop.yaml\nvpc: { cidr: 10.40.0.0/16 }\n# pay.yaml\nvpc: { cidr: 10.40.0.0/16 }",
    "# shop.yaml\nvpc: { cidr: 10.40.0.0/16 }\n# pay.yaml\nvpc: { cidr: 10.41.0.0/16 }",
);

pub static FLT_02: Rule = error(
    "FLT-02",
    "a member's VPC must be in a supernet of its Region",
    Fails("firewalls and route tables that name the supernets do not know the VPC"),
)
.why("supernets are what other networks route to and admit; a range outside of them is unreachable, or belongs to another network")
.sources(&[&HOUSE])
.example(
    "supernets: [{ cidr: 10.0.0.0/12, regions: [eu-west-1] }]   # a member in eu-west-1 has 10.40.0.0/16",
    "supernets: [{ cidr: 10.32.0.0/12, regions: [eu-west-1] }]",
);

pub static FLT_03: Rule = error(
    "FLT-03",
    "a member must not be on a reserved range",
    Fails("inside the VPC the range is local, so what the range is reserved for cannot be reached from there"),
)
.why("a VPC never sends packets for its own CIDRs to another network")
.sources(&[&VPC_CIDRS])
.example(
    "reserved: [{ cidr: 10.40.0.0/14, why: data center }]   # a member has 10.40.0.0/16",
    "reserved: [{ cidr: 10.120.0.0/14, why: data center }]",
);

pub static FLT_04: Rule = error(
    "FLT-04",
    "a shared range must not be routed between members",
    Fails("the range is in several VPCs: answers go to one of them, wherever the request came from"),
)
.why("a shared range may repeat only because no packet with such an address crosses from one VPC to another")
.sources(&[&TRANSIT_GATEWAYS])
.example(
    "transitGateway: { id: tgw-00000000000000001, destinations: [100.64.0.0/10] }   # and two members have 100.64.0.0/16",
    "transitGateway: { id: tgw-00000000000000001, destinations: [10.0.0.0/8] }",
);

pub static FLT_05: Rule = warning(
    "FLT-05",
    "service addresses should be in no connected network",
)
.why("pods take the range for services of their own cluster: hosts of the neighbor that have these addresses are out of reach for them")
.sources(&[&HOUSE])
.example(
    "# shop.yaml\ncluster: { serviceCidr: 10.41.0.0/16 }\n# pay.yaml\nvpc: { cidr: 10.41.0.0/16 }",
    "# shop.yaml\ncluster: { serviceCidr: 172.20.0.0/16 }\n# pay.yaml\nvpc: { cidr: 10.41.0.0/16 }",
);

pub static FLT_06: Rule = error(
    "FLT-06",
    "a name must be given once in an account and Region",
    Fails("both are one stack: the second deployment changes the first one's resources into its own"),
)
.why("`metadata.name` is the name of the stack and of the cluster, and CloudFormation and EKS know one of each")
.sources(&[&HOUSE])
.example(
    "# shop.yaml\nmetadata: { name: shop, region: eu-west-1 }\n# copy.yaml\nmetadata: { name: shop, region: eu-west-1 }",
    "# shop.yaml\nmetadata: { name: shop, region: eu-west-1 }\n# copy.yaml\nmetadata: { name: pay, region: eu-west-1 }",
);

pub static FLT_07: Rule = warning("FLT-07", "a supernet should be at most four fifths full")
    .why("the next large member may find no aligned block, and another supernet has to be asked for first")
    .sources(&[&HOUSE])
    .example(
        "supernets: [{ cidr: 10.40.0.0/15 }]   # two members with a /16 each",
        "supernets: [{ cidr: 10.40.0.0/14 }]",
    );

pub static FLT_08: Rule = warning(
    "FLT-08",
    "a member that will grow should not be in 10.0.0.0/15",
)
.why("a VPC there never gets a secondary CIDR from 10.0.0.0/16, which AWS keeps for itself in such VPCs (VPC-21)")
.sources(&[&VPC_CIDRS])
.example("vpc: { cidr: 10.1.0.0/16 }", "vpc: { cidr: 10.2.0.0/16 }");

pub static FLT_09: Rule = warning("FLT-09", "members of a wave should have the same versions")
    .why("what a wave proves for one Kubernetes or aws-node version says little of another")
    .sources(&[&HOUSE])
    .example(
        "# dev-a.yaml\ncluster: { version: \"1.33\" }\n# dev-b.yaml\ncluster: { version: \"1.34\" }",
        "# dev-a.yaml\ncluster: { version: \"1.34\" }\n# dev-b.yaml\ncluster: { version: \"1.34\" }",
    );

pub static FLT_10: Rule = error(
    "FLT-10",
    "the fleet's lock and its members must agree",
    NotBuilt("two ranges for one member, or one range for two: eksnet does not choose between them"),
)
.why("the lock has what was allocated; a VPC that was created with it never changes its range")
.sources(&[&HOUSE])
.example(
    "# fleet.lock.yaml\n- { name: shop, region: eu-west-1, cidr: 10.40.0.0/16 }\n# shop.yaml\nvpc: { cidr: 10.44.0.0/16 }",
    "# fleet.lock.yaml\n- { name: shop, region: eu-west-1, cidr: 10.40.0.0/16 }\n# shop.yaml\nvpc: { cidr: 10.40.0.0/16 }",
);

pub static FLT_11: Rule =
    warning("FLT-11", "every name and pattern of a fleet should name a member")
        .why("a misspelled name connects, deploys or admits nothing, and it goes unnoticed")
        .sources(&[&HOUSE])
        .example(
            "connected: [{ members: [shpo-*] }]   # the members are shop-eu and shop-us",
            "connected: [{ members: [shop-*] }]",
        );

pub static FLT_12: Rule = error(
    "FLT-12",
    "a class must be a size of a VPC, and its supernet must have room for it",
    NotBuilt("there is no range to give to the member"),
)
.why("a VPC CIDR is /16 to /28 (VPC-01), and no block is larger than its supernet")
.sources(&[&VPC_CIDRS])
.example(
    "supernets: [{ cidr: 10.0.0.0/12, classes: { huge: /14 } }]",
    "supernets: [{ cidr: 10.0.0.0/12, classes: { large: /16 } }]",
);

pub static FLT_13: Rule = warning("FLT-13", "every member should be in one wave")
    .why("`fleet deploy` skips a member that no wave names, and deploys one that two waves name with the first")
    .sources(&[&HOUSE])
    .example(
        "waves: [{ name: canary, members: [dev-*] }]   # and a member prod-eu",
        "waves: [{ name: canary, members: [dev-*] }, { name: rest, members: [\"prod-*\"] }]",
    );

pub static FLT_14: Rule = error(
    "FLT-14",
    "supernets of a Region must be apart from each other",
    NotBuilt("one address would be of two supernets, and counted in both"),
)
.why("free space and usage are shown for each supernet")
.sources(&[&HOUSE])
.example(
    "supernets: [{ cidr: 10.0.0.0/9 }, { cidr: 10.64.0.0/10 }]",
    "supernets: [{ cidr: 10.0.0.0/10 }, { cidr: 10.64.0.0/10 }]",
);

pub static FLT_15: Rule = error(
    "FLT-15",
    "a member of a class must have its range from the fleet",
    NotBuilt("the fleet assigns the size and the addresses"),
)
.why("`fleet layout --write-lock` allocates the range and writes it to the member's own lock, so that every command works on the member alone")
.sources(&[&HOUSE])
.example(
    "vpc: { cidr: { class: small } }   # and no lock beside the file",
    "vpc: { cidr: { class: small } }   # after `eksnet fleet layout --write-lock`",
);

pub static FLT_16: Rule = error(
    "FLT-16",
    "accounts and waves must say what can be done",
    NotBuilt("the account id or the time is not valid"),
)
.why("an account's id has twelve digits, and a pause is a number with `s`, `m` or `h`")
.sources(&[&HOUSE])
.example(
    "accounts: { shop: { account: \"1234\" } }",
    "accounts: { shop: { account: \"111122223333\" } }",
);

pub static FLT_20: Rule = warning("FLT-20", "a supernet should hold the members' VPCs alone")
    .why("the range counts as free here: the next member may be given it, and a connected network cannot tell the two apart")
    .sources(&[&DESCRIBE_VPCS, &VPC_PEERING])
    .example(
        "supernets: [{ cidr: 10.0.0.0/12 }]   # and a VPC that no blueprint makes has 10.4.0.0/16",
        "supernets: [{ cidr: 10.0.0.0/12 }]\nreserved: [{ cidr: 10.4.0.0/16, why: the old batch VPC }]",
    );

pub static FLT_21: Rule = warning("FLT-21", "IPAM should find the members' VPCs compliant and apart")
    .why("IPAM sees every account that it monitors: what it calls overlapping has the range a second time, and what it calls noncompliant is outside of its pool's rules")
    .sources(&[&IPAM_RESOURCES])
    .example(
        "vpc: { cidr: 10.4.0.0/16 }   # and IPAM: overlapStatus overlapping",
        "vpc: { cidr: 10.5.0.0/16 }   # before the VPC is deployed; IPAM: nonoverlapping, compliant",
    );
