//! Rules: modes of the pod network.

use super::{Rule, error, warning};

const BRANCHES: &str = "EKS user guide, security groups for pods";
const IPV6: &str = "EKS user guide, IPv6 addresses for clusters, pods and services";

pub(super) const RULES: &[&Rule] = &[
    &V6_01, &V6_02, &V6_03, &V6_04, &V6_07, &IP6_01, &IP6_02, &IP6_03, &SGP_01, &SGP_08, &SGP_03,
    &SD_05, &SD_03,
];

pub static V6_01: Rule = error(
    "V6-01",
    "a VPC's IPv6 block is /44 to /60 in steps of four",
    "EC2 takes no other",
    "VPC user guide, IPv6 CIDR blocks",
    (
        "ipv6: { ipamPool: ipam-pool-1, netmask: 58 }",
        "ipv6: { ipamPool: ipam-pool-1, netmask: 56 }",
    ),
);

pub static V6_02: Rule = error(
    "V6-02",
    "every subnet gets a /64",
    "a subnet has one IPv6 CIDR, and a /60 holds only 16 of them",
    "EC2 API reference, AssociateSubnetCidrBlock",
    (
        "ipv6: { ipamPool: ipam-pool-1, netmask: 60 }   # 18 subnets",
        "ipv6: { ipamPool: ipam-pool-1, netmask: 56 }",
    ),
);

pub static V6_03: Rule = error(
    "V6-03",
    "IPv6 comes from one place",
    "Amazon's block cannot be chosen, a pool's must be, and IPAM wants a length",
    "EC2 API reference, AssociateVpcCidrBlock",
    ("ipv6: { cidr: 2001:db8::/56 }", "ipv6: { pool: ipv6pool-ec2-1, cidr: 2001:db8::/56 }"),
);

pub static V6_04: Rule = error(
    "V6-04",
    "a pool's IPv6 block is public",
    "private IPv6 (fc00::/7) passes no internet gateway and no egress-only one",
    "VPC user guide, private IPv6 addresses",
    (
        "ipv6: { pool: ipv6pool-ec2-1, cidr: fd00:1200::/56 }",
        "ipv6: { pool: ipv6pool-ec2-1, cidr: 2001:db8:1200::/56 }",
    ),
);

pub static V6_07: Rule = error(
    "V6-07",
    "the IPv6 block stays",
    "subnets hold on to their /64s, and a VPC's block is not taken or exchanged while they do",
    "EC2 API reference, DisassociateVpcCidrBlock",
    ("(ipv6: amazon, removed from a standing network)", "ipv6: amazon"),
);

pub static IP6_01: Rule = error(
    "IP6-01",
    "an IPv6 cluster has what IPv6 needs",
    "a dual-stack VPC, prefix delegation and Nitro types: without them nodes do not join, or aws-node does not start",
    IPV6,
    ("cluster: { ipFamily: ipv6 }", "vpc: { ipv6: amazon }\ncluster: { ipFamily: ipv6 }"),
);

pub static IP6_02: Rule = error(
    "IP6-02",
    "an IPv6 cluster has nothing that is IPv4's alone",
    "custom networking and a service CIDR are refused, subnet discovery is for IPv4 pods, and China has no IPv6 clusters",
    IPV6,
    ("cluster: { ipFamily: ipv6, serviceCidr: 172.20.0.0/16 }", "cluster: { ipFamily: ipv6 }"),
);

pub static IP6_03: Rule = warning(
    "IP6-03",
    "security groups for pods with IPv6 were tried",
    "the user guide supports them from aws-node 1.16 on, and the table in aws-node's README says no",
    "EKS user guide, security groups for pods; amazon-vpc-cni-k8s v1.23.1, README and pkg/ipamd",
    (
        "vpc: { ipv6: amazon }\ncluster: { ipFamily: ipv6 }\nawsNode: { securityGroupsForPods: {} }",
        "awsNode: { networkPolicy: {} }",
    ),
);

pub static SGP_01: Rule = error(
    "SGP-01",
    "security groups for pods want types with a trunk",
    "on others, all t types among them, such pods stay pending",
    BRANCHES,
    (
        "securityGroupsForPods: {}\ninstanceTypes: [t3.large]",
        "securityGroupsForPods: {}\ninstanceTypes: [m6i.large]",
    ),
);

pub static SGP_08: Rule = warning(
    "SGP-08",
    "pods with security groups of their own have nodes with a trunk to go to",
    "such pods stay off types without a trunk; other node groups take them",
    BRANCHES,
    (
        "securityGroupsForPods: {}\ninstanceTypes: [t3.large]   # beside a group of m6i.large",
        "securityGroupsForPods: {}\ninstanceTypes: [m6i.large]",
    ),
);

pub static SGP_03: Rule = error(
    "SGP-03",
    "security groups for pods want private subnets",
    "a branch interface has no public address, so its pods never reach the internet from a public subnet",
    BRANCHES,
    (
        "securityGroupsForPods: {}\ntiers: [{ name: nodes, egress: internet }]",
        "securityGroupsForPods: {}\ntiers: [{ name: nodes, egress: nat }]",
    ),
);

pub static SD_05: Rule = error(
    "SD-05",
    "the pods' own tier is open to pods",
    "aws-node reads the tag even with custom networking: an ENIConfig's subnet tagged `0` leaves nodes without a pool, never ready",
    "amazon-vpc-cni-k8s v1.23.1, pkg/ipamd, setupENI",
    (
        "customNetworking: { tier: pods }\ntags: { kubernetes.io/role/cni: \"0\" }   # on the tier pods",
        "customNetworking: { tier: pods }",
    ),
);

pub static SD_03: Rule = error(
    "SD-03",
    "a node subnet closed to pods has an open one beside it",
    "aws-node finds no valid subnet, and the node's pods never get an address",
    "amazon-vpc-cni-k8s v1.23.1, pkg/awsutils",
    (
        "tags: { kubernetes.io/role/cni: \"0\" }   # and no tier with \"1\"",
        "(a tier with `serves: [pods]`, and `subnetDiscovery: true`)",
    ),
);
