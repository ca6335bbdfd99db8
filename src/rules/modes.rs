//! Rules: modes of the pod network.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[
    &V6_01, &V6_02, &V6_03, &V6_04, &V6_07, &IP6_01, &IP6_02, &IP6_03, &SGP_01, &SGP_08, &SGP_03,
    &SD_05, &SD_03,
];

pub static V6_01: Rule = error(
    "V6-01",
    "the IPv6 block of a VPC must be /44 to /60 in steps of four",
    Refused("EC2 AssociateVpcCidrBlock: InvalidParameterValue, InvalidParameterCombination"),
)
.why("EC2 accepts no other")
.sources(&[&VPC_CIDRS])
.example(
    "ipv6: { ipamPool: ipam-pool-00000000000000001, netmask: 58 }",
    "ipv6: { ipamPool: ipam-pool-00000000000000001, netmask: 56 }",
);

pub static V6_02: Rule = error(
    "V6-02",
    "every subnet must get a /64",
    Refused("EC2 AssociateSubnetCidrBlock: InvalidSubnet.Range"),
)
.why("a subnet has one IPv6 CIDR, and a /60 holds only 16 of them")
.sources(&[&ASSOCIATE_SUBNET_CIDR])
.example(
    "ipv6: { ipamPool: ipam-pool-00000000000000001, netmask: 60 }   # 18 subnets",
    "ipv6: { ipamPool: ipam-pool-00000000000000001, netmask: 56 }",
);

pub static V6_03: Rule = error(
    "V6-03",
    "the IPv6 block must come from one source",
    NotBuilt("the block of the subnets is not known"),
)
.why("Amazon chooses its own block; from a pool of your own eksnet requests a specific block, so that subnets are known before the deployment; IPAM accepts a length")
.sources(&[&ASSOCIATE_CIDR])
.example(
    "ipv6: { cidr: 2001:db8::/56 }",
    "ipv6: { pool: ipv6pool-ec2-0123456789abcdef0, cidr: 2001:db8::/56 }",
);

pub static V6_04: Rule = error(
    "V6-04",
    "the IPv6 block of a pool must be public",
    Refused("EC2 AssociateVpcCidrBlock: InvalidParameterValue, InvalidParameterCombination"),
)
.why("private IPv6 (fc00::/7) passes no internet gateway and no egress-only one")
.sources(&[&VPC_ADDRESSING])
.example(
    "ipv6: { pool: ipv6pool-ec2-00000000000000001, cidr: fd00:1200::/56 }",
    "ipv6: { pool: ipv6pool-ec2-00000000000000001, cidr: 2001:db8:1200::/56 }",
);

pub static V6_07: Rule = error(
    "V6-07",
    "the IPv6 block must not change",
    Refused("EC2 DisassociateVpcCidrBlock: the CIDR is in use"),
)
.why("subnets keep their /64s, and a VPC's block is not removed or replaced while they do")
.sources(&[&DISASSOCIATE_CIDR])
.example("(ipv6: amazon, removed from an existing network)", "ipv6: amazon");

pub static IP6_01: Rule = error(
    "IP6-01",
    "an IPv6 cluster must have what IPv6 requires",
    Fails("EKS refuses the cluster, or aws-node does not start and nodes never become ready"),
)
.why("a dual-stack VPC, prefix delegation and Nitro types: without them nodes do not join, or aws-node does not start")
.sources(&[&EKS_IPV6])
.example("cluster: { ipFamily: ipv6 }", "vpc: { ipv6: amazon }\ncluster: { ipFamily: ipv6 }");

pub static IP6_02: Rule = error(
    "IP6-02",
    "an IPv6 cluster must not have IPv4-only settings",
    Refused("EKS CreateCluster: InvalidParameterException"),
)
.why("custom networking and a service CIDR are refused, subnet discovery is for IPv4 pods, and China has no IPv6 clusters")
.sources(&[&EKS_IPV6])
.example("cluster: { ipFamily: ipv6, serviceCidr: 172.20.0.0/16 }", "cluster: { ipFamily: ipv6 }");

pub static IP6_03: Rule = warning("IP6-03", "security groups for pods should be tested with IPv6")
    .why("the user guide supports them from aws-node 1.16 on, and the table in aws-node's README says no")
    .sources(&[&EKS_POD_GROUPS, &CNI_README, &CNI_IPAMD])
    .example(
        "vpc: { ipv6: amazon }\ncluster: { ipFamily: ipv6 }\nawsNode: { securityGroupsForPods: {} }",
        "awsNode: { networkPolicy: {} }",
    );

pub static SGP_01: Rule = error(
    "SGP-01",
    "pods with security groups of their own must have nodes that support them",
    Fails("pods with security groups of their own stay pending"),
)
.why("they need a type with a trunk, which no t type is, or Fargate")
.sources(&[&EKS_POD_GROUPS])
.example(
    "securityGroupsForPods: {}\ninstanceTypes: [t3.large]",
    "securityGroupsForPods: {}\ninstanceTypes: [m6i.large]",
);

pub static SGP_08: Rule =
    warning("SGP-08", "every node should support pods with security groups of their own")
        .why(
            "such pods cannot run on types without a trunk; other types, and Fargate, support them",
        )
        .sources(&[&EKS_POD_GROUPS])
        .example(
            "securityGroupsForPods: {}\ninstanceTypes: [t3.large]   # beside a group of m6i.large",
            "securityGroupsForPods: {}\ninstanceTypes: [m6i.large]",
        );

pub static SGP_03: Rule =
    warning("SGP-03", "pods with security groups in strict mode should be in private subnets")
        .why("a branch interface has no public address, and with `strict` nothing is translated on the node: such pods do not reach the internet from a public subnet")
        .sources(&[&EKS_POD_GROUPS, &CNI_README])
        .example(
            "securityGroupsForPods: { enforcing: strict }\ntiers: [{ name: nodes, egress: internet }]",
            "securityGroupsForPods: { enforcing: strict }\ntiers: [{ name: nodes, egress: nat }]",
        );

pub static SD_05: Rule = error(
    "SD-05",
    "a tier that serves pods must be open to pods",
    Fails("aws-node finds no subnet for its interfaces: pods get no address"),
)
.why("aws-node reads the tag even with custom networking: an ENIConfig's subnet tagged `0` leaves nodes without a pool, never ready")
.sources(&[&CNI_IPAMD])
.example(
    "customNetworking: { tier: pods }\ntags: { kubernetes.io/role/cni: \"0\" }   # on the tier pods",
    "customNetworking: { tier: pods }",
);

pub static SD_03: Rule = error(
    "SD-03",
    "a node subnet that is closed to pods must have an open one beside it",
    Fails("aws-node finds no subnet for its interfaces: pods get no address"),
)
.why("aws-node finds no valid subnet, and the node's pods never get an address")
.sources(&[&CNI_AWSUTILS])
.example(
    "tags: { kubernetes.io/role/cni: \"0\" }   # and no tier with \"1\"",
    "(a tier with `serves: [pods]`, and `subnetDiscovery: true`)",
);
