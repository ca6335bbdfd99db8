//! Rules: the VPC.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[
    &VPC_01, &VPC_02, &VPC_03, &VPC_04, &VPC_05, &VPC_06, &VPC_08, &VPC_20, &VPC_21, &VPC_22,
    &VPC_28, &VPC_32, &VPC_30, &VPC_31, &VPC_33, &VPC_34, &VPC_35, &VPC_38, &VPC_39,
];

pub static VPC_01: Rule =
    error("VPC-01", "a VPC CIDR must be /16 to /28", Refused("EC2 CreateVpc: InvalidVpc.Range"))
        .why("EC2 refuses others with InvalidVpc.Range")
        .sources(&[&VPC_CIDRS])
        .example("cidr: 10.0.0.0/8", "cidr: 10.40.0.0/16");

pub static VPC_02: Rule = error(
    "VPC-02",
    "a CIDR must not have host bits",
    NotBuilt("it names another range than the one it is written as"),
)
.why("AWS zeroes them silently, which hides overlaps")
.sources(&[&VPC_CIDRS])
.example("cidr: 100.68.0.18/18", "cidr: 100.68.0.0/18");

pub static VPC_03: Rule = warning("VPC-03", "every CIDR of a VPC should be private or shared address space")
    .why("hosts with those addresses on the internet are out of reach from inside; ranges for documentation, benchmarks, protocols and future use belong to no network (RFC 6890)")
    .sources(&[&VPC_CIDRS, &RFC_6890])
    .example("cidr: 52.10.0.0/16", "cidr: 10.40.0.0/16");

pub static VPC_04: Rule = error(
    "VPC-04",
    "a VPC CIDR must not be link-local",
    Refused("EC2 CreateVpc: InvalidVpc.Range"),
)
.why("169.254.0.0/16 is every host's own: metadata, DNS and time answer there")
.sources(&[&VPC_CIDRS])
.example("cidr: 169.254.0.0/16", "cidr: 10.40.0.0/16");

pub static VPC_05: Rule =
    error("VPC-05", "a VPC CIDR must be routable", Refused("EC2 CreateVpc: InvalidVpc.Range"))
        .why("0.0.0.0/8, loopback and multicast addresses belong to no host of a network")
        .sources(&[&RFC_6890, &RFC_5771, &CDK_PREFLIGHT_VPC])
        .example("cidr: 127.0.0.0/16", "cidr: 10.40.0.0/16");

pub static VPC_06: Rule = warning(
    "VPC-06",
    "a VPC CIDR should not overlap the Docker bridge's range",
)
.why("172.17.0.0/16 is used by Docker on Cloud9, SageMaker and older nodes: `no route to host`")
.sources(&[&VPC_CIDRS, &EKS_TROUBLESHOOTING])
.example("cidr: 172.17.0.0/16", "cidr: 172.18.0.0/16");

pub static VPC_08: Rule = error(
    "VPC-08",
    "the primary CIDR must not change",
    Fails("CloudFormation replaces the VPC, and everything in it"),
)
.why("AWS never changes it: another one is another VPC, with everything in it recreated")
.sources(&[&VPC_CIDRS])
.example(
    "cidr: 10.40.0.0/20   # deployed with 10.40.0.0/16",
    "cidr: 10.40.0.0/16\nsecondaryCidrs: [10.41.0.0/16]",
);

pub static VPC_20: Rule = error(
    "VPC-20",
    "a secondary CIDR must be from a range that AWS accepts beside the primary CIDR",
    Refused("EC2 AssociateVpcCidrBlock: InvalidVpc.Range, CidrConflict"),
)
.why("AWS never mixes two of 10/8, 172.16/12 and 192.168/16 in one VPC")
.sources(&[&VPC_CIDRS])
.example(
    "cidr: 10.40.0.0/16\nsecondaryCidrs: [192.168.0.0/16]",
    "cidr: 10.40.0.0/16\nsecondaryCidrs: [100.64.0.0/16]",
);

pub static VPC_21: Rule = error(
    "VPC-21",
    "a VPC with a CIDR in 10.0.0.0/15 must not add one from 10.0.0.0/16",
    Refused("EC2 AssociateVpcCidrBlock: InvalidVpc.Range, CidrConflict"),
)
.why("AWS keeps that range for itself in such VPCs")
.sources(&[&VPC_CIDRS])
.example(
    "cidr: 10.1.0.0/16\nsecondaryCidrs: [10.0.0.0/20]",
    "cidr: 10.1.0.0/16\nsecondaryCidrs: [10.2.0.0/20]",
);

pub static VPC_22: Rule = error(
    "VPC-22",
    "198.19.0.0/16 must not be added to a VPC of another range",
    Refused("EC2 AssociateVpcCidrBlock: CidrBlock not valid, restricted"),
)
.why(
    "AWS's association table forbids it beside private, shared and publicly routable primary CIDRs",
)
.sources(&[&VPC_CIDR_RESTRICTIONS, &PRACTICES_633])
.example("secondaryCidrs: [198.19.0.0/16]", "secondaryCidrs: [100.64.0.0/16]");

pub static VPC_28: Rule =
    warning("VPC-28", "a VPC should have at most 5 CIDRs, or 50 with a raised quota")
        .why("the next association fails")
        .sources(&[&VPC_QUOTAS])
        .example("secondaryCidrs: [ 5 of them ]", "secondaryCidrs: [ 4 of them ]");

pub static VPC_32: Rule = error(
    "VPC-32",
    "a VPC must have at most 50 IPv4 CIDRs",
    Refused("EC2 AssociateVpcCidrBlock: VpcCidrBlockLimitExceeded"),
)
.why("no raised quota goes beyond")
.sources(&[&VPC_QUOTAS])
.example("secondaryCidrs: [ 50 of them ]", "secondaryCidrs: [ 4 of them ]");

pub static VPC_35: Rule = error(
    "VPC-35",
    "the VPC must be large enough for the default tiers",
    Refused("EC2 CreateSubnet: InvalidSubnet.Range"),
)
.why("each tier has a subnet of /28 or larger in every zone")
.sources(&[&CREATE_SUBNET])
.example("vpc: { cidr: 10.40.0.0/26 }", "vpc: { cidr: 10.40.0.0/24 }");

pub static VPC_30: Rule = error(
    "VPC-30",
    "CIDRs of a VPC must not overlap",
    Refused("EC2 AssociateVpcCidrBlock: InvalidVpc.Range, CidrConflict"),
)
.why("EC2 refuses the second")
.sources(&[&VPC_CIDRS])
.example(
    "cidr: 10.40.0.0/16\nsecondaryCidrs: [10.40.16.0/20]",
    "cidr: 10.40.0.0/16\nsecondaryCidrs: [10.41.0.0/20]",
);

pub static VPC_31: Rule = warning("VPC-31", "ranges in `keepFree` should be in the VPC")
    .why("a range outside keeps nothing free")
    .sources(&[&HOUSE])
    .example(
        "cidr: 10.40.0.0/16\nkeepFree: [10.41.0.0/20]",
        "cidr: 10.40.0.0/16\nkeepFree: [10.40.240.0/20]",
    );

pub static VPC_33: Rule = error(
    "VPC-33",
    "`keepFree` must leave room for subnets",
    NotBuilt("there is no address to give to the tier"),
)
.why("`keepFree` over the whole of a CIDR leaves no subnet of it")
.sources(&[&HOUSE])
.example(
    "cidr: 10.40.0.0/16\nkeepFree: [10.40.0.0/16]",
    "cidr: 10.40.0.0/16\nkeepFree: [10.40.240.0/20]",
);

pub static VPC_39: Rule = warning("VPC-39", "`keepFree` should not contain allocated subnets")
    .why("a subnet never moves: it goes on using the range")
    .sources(&[&HOUSE])
    .example(
        "keepFree: [10.40.0.0/20]   # and a subnet exists in it",
        "keepFree: [10.40.240.0/20]",
    );

pub static VPC_34: Rule = warning("VPC-34", "every secondary CIDR should be used")
    .why("an associated CIDR without subnets only keeps the range from other networks")
    .sources(&[&HOUSE])
    .example(
        "secondaryCidrs: [100.64.0.0/16]   # and no tier from it",
        "secondaryCidrs: [100.64.0.0/16]\ntiers: [{ name: pods, from: 100.64.0.0/16 }]",
    );

pub static VPC_38: Rule = error(
    "VPC-38",
    "a range must be written, of a class, or of a pool",
    NotBuilt("the range has two sources, or none"),
)
.why("the fleet gives a class its range, IPAM a pool's; a written range is the author's own")
.sources(&[&HOUSE])
.example("cidr: { class: small, ipamPool: ipam-pool-0123456789abcdef0 }", "cidr: { class: small }");
