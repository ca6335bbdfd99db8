//! Rules: IPv4 ranges from VPC IPAM.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error};

pub(super) const RULES: &[&Rule] =
    &[&IPAM_01, &IPAM_02, &IPAM_03, &IPAM_04, &IPAM_05, &IPAM_06, &IPAM_07, &IPAM_08, &IPAM_09];

pub static IPAM_01: Rule = error(
    "IPAM-01",
    "a pool must be for the VPC's Region",
    Refused("EC2 CreateVpc and AllocateIpamPoolCidr"),
)
.why("a pool has a locale, chosen once, and only VPCs of that Region take ranges from it")
.sources(&[&IPAM_POOLS])
.example(
    "region: eu-central-1\ncidr: { ipamPool: ipam-pool-0123456789abcdef0, netmask: 16 }   # its locale is eu-west-1",
    "region: eu-west-1\ncidr: { ipamPool: ipam-pool-0123456789abcdef0, netmask: 16 }",
);

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

pub static IPAM_03: Rule = error(
    "IPAM-03",
    "the VPC must have the tags that its pool requires",
    Refused("EC2 CreateVpc"),
)
.why("a pool with resource tags allocates ranges to VPCs that have these tags, and reports others as noncompliant; an allocation made before the VPC (`allocation: custom`) has none")
.sources(&[&IPAM_POOLS])
.example(
    "metadata: { name: shop, region: eu-west-1 }   # the pool requires `environment: prod`",
    "metadata: { name: shop, region: eu-west-1, tags: { environment: prod } }",
);

pub static IPAM_04: Rule = error(
    "IPAM-04",
    "a pool must have a free range of the size that is asked for",
    Refused("EC2 CreateVpc and AllocateIpamPoolCidr: InsufficientCidrBlocks"),
)
.why("a pool allocates whole aligned blocks of what is provisioned to it and not allocated yet")
.sources(&[&IPAM_ALLOCATE])
.example(
    "cidr: { ipamPool: ipam-pool-0123456789abcdef0, netmask: 16 }   # its largest free range is a /18",
    "cidr: { ipamPool: ipam-pool-0123456789abcdef0, netmask: 18 }",
);

pub static IPAM_05: Rule = error(
    "IPAM-05",
    "a pool must be available in the account",
    Refused("EC2 CreateVpc: InvalidIpamPoolId.NotFound"),
)
.why("pools usually belong to a network account, and others see them once they are shared through AWS RAM")
.sources(&[&IPAM_SHARE])
.example(
    "cidr: { ipamPool: ipam-pool-0fedcba9876543210, netmask: 16 }   # not shared with this account",
    "cidr: { ipamPool: ipam-pool-0123456789abcdef0, netmask: 16 }",
);

pub static IPAM_06: Rule = error(
    "IPAM-06",
    "the lock must have the range that IPAM allocated to the VPC",
    Refused("EC2 CreateSubnet: InvalidSubnet.Range"),
)
.why("subnets are planned in the range that the lock keeps, and EC2 accepts them only inside of the VPC's own")
.sources(&[&CREATE_VPC])
.example(
    "ranges: { vpc: { cidr: 10.52.0.0/16 } }   # the VPC has 10.53.0.0/16",
    "ranges: { vpc: { cidr: 10.53.0.0/16 } }",
);

pub static IPAM_07: Rule = error(
    "IPAM-07",
    "a range must keep its pool, its size and its allocation",
    Fails("CloudFormation replaces the VPC, or its further range, and everything in it"),
)
.why("CIDR, pool and netmask are create-only properties: a VPC whose range is from a pool never changes them")
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
.why("IPAM chooses the address, and the name stays the same")
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
