//! Rules: IPv4 ranges from VPC IPAM.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error};

pub(super) const RULES: &[&Rule] = &[&IPAM_02, &IPAM_07, &IPAM_08, &IPAM_09];

pub static IPAM_02: Rule = error(
    "IPAM-02",
    "the netmask of a pool must be a size that a VPC can have",
    Refused("EC2 CreateVpc: InvalidVpc.Range"),
)
.why("IPAM picks the range, not its size, and a VPC's is /16 to /28 (VPC-01)")
.sources(&[&CREATE_VPC, &VPC_CIDRS])
.example(
    "cidr: { ipamPool: ipam-pool-0123456789abcdef0, netmask: 8 }",
    "cidr: { ipamPool: ipam-pool-0123456789abcdef0, netmask: 16 }",
);

pub static IPAM_07: Rule = error(
    "IPAM-07",
    "a range must keep its pool, its size and its allocation",
    Fails("CloudFormation replaces the VPC, or its further range, and everything in it"),
)
.why("CIDR, pool and netmask are create-only properties: a VPC that took its range from a pool keeps all three for good")
.sources(&[&CREATE_VPC])
.example(
    "cidr: { ipamPool: ipam-pool-0fedcba9876543210, netmask: 16 }   # was given by another pool",
    "cidr: { ipamPool: ipam-pool-0123456789abcdef0, netmask: 16 }",
);

pub static IPAM_08: Rule = error(
    "IPAM-08",
    "a secondary range from a pool must have a name of its own",
    NotBuilt("tiers name the range with `from` as long as its address is not known"),
)
.why("the address is IPAM's to choose, and the name is what stays")
.sources(&[&HOUSE])
.example(
    "secondaryCidrs: [{ ipamPool: ipam-pool-0123456789abcdef0, netmask: 16 }]",
    "secondaryCidrs: [{ name: pods, ipamPool: ipam-pool-0123456789abcdef0, netmask: 16 }]",
);

pub static IPAM_09: Rule = error(
    "IPAM-09",
    "a pool must be named by its id",
    Refused("EC2 CreateVpc: InvalidIpamPoolId.Malformed"),
)
.why("EC2 accepts ids such as ipam-pool-0123456789abcdef0 only")
.sources(&[&CREATE_VPC])
.example(
    "cidr: { ipamPool: shared, netmask: 16 }",
    "cidr: { ipamPool: ipam-pool-0123456789abcdef0, netmask: 16 }",
);
