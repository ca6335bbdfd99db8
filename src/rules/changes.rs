//! Rules: changes of what stands.

use super::{Rule, error, warning};

const UPDATE: &str = "EKS API reference, UpdateClusterConfig; CloudFormation, AWS::EKS::Cluster";

pub(super) const RULES: &[&Rule] = &[
    &SVC_05, &CLU_10, &CPE_02, &VER_01, &SET_32, &CN_06, &PD_03, &SG_06, &VPC_23, &NAT_04,
    &SELF_03, &CN_12, &SELF_05, &SELF_06,
];

pub static SVC_05: Rule = error(
    "SVC-05",
    "a cluster keeps its service CIDR",
    "every service has an address of it; EKS takes it once",
    UPDATE,
    ("serviceCidr: 10.100.0.0/16   # was 172.20.0.0/16", "serviceCidr: 172.20.0.0/16"),
);

pub static CLU_10: Rule = error(
    "CLU-10",
    "a cluster keeps its address family, its role and its key",
    "EKS takes them once",
    UPDATE,
    ("ipFamily: ipv6   # was ipv4", "ipFamily: ipv4"),
);

pub static CPE_02: Rule = error(
    "CPE-02",
    "customer-routed egress stays",
    "EKS knows no way back from it",
    "EKS user guide, control plane egress",
    ("controlPlaneEgress: awsManaged   # was customerRouted", "controlPlaneEgress: customerRouted"),
);

pub static VER_01: Rule = error(
    "VER-01",
    "Kubernetes goes up one minor version at a time",
    "EKS refuses two at once, and none back",
    "EKS user guide, update cluster",
    ("version: \"1.35\"   # was 1.33", "version: \"1.34\"   # was 1.33"),
);

pub static SET_32: Rule = warning(
    "SET-32",
    "vpc-cni goes one minor version at a time",
    "AWS tests no other upgrade",
    "EKS user guide, managing the VPC CNI",
    ("version: v1.21.1-eksbuild.1   # was v1.18", "version: v1.19.6-eksbuild.1   # was v1.18"),
);

pub static CN_06: Rule = error(
    "CN-06",
    "pods' subnets stay while pods are in them",
    "running nodes keep their interfaces where they are; a subnet with interfaces is not deleted, and pods in it lose their way",
    "vpc-cni: ipamd reads an ENIConfig when it attaches an interface; EKS best practices, custom networking",
    (
        "customNetworking: { tier: pods-2 }   # and the tier `pods` is taken away with it",
        "customNetworking: { tier: pods-2 }   # `pods` goes in a later deployment",
    ),
);

pub static PD_03: Rule = error(
    "PD-03",
    "prefixes are taken back with the nodes",
    "the kubelet of a running node still takes as many pods as prefixes would have room for",
    "EKS best practices, prefix mode: change it with new node groups",
    (
        "prefixDelegation: false   # and the node groups stay",
        "prefixDelegation: false   # with node groups under other names",
    ),
);

pub static SG_06: Rule = warning(
    "SG-06",
    "nodes are exchanged between groups that hear each other",
    "old nodes wear EKS's security group and new ones their own, or the other way round",
    "EKS user guide, security group requirements",
    (
        "mode: leastPrivilege   # was shared",
        "mode: joining   # and leastPrivilege in the next deployment",
    ),
);

pub static VPC_23: Rule = warning(
    "VPC-23",
    "private ranges come before shared and public ones",
    "after 100.64.0.0/10 or a public range AWS may add no private one to a VPC that stands",
    "VPC user guide, IPv4 CIDR block association restrictions",
    (
        "secondaryCidrs: [100.64.0.0/16, 10.41.0.0/16]   # the first stands",
        "secondaryCidrs: [100.64.0.0/16, 100.65.0.0/16]",
    ),
);

pub static NAT_04: Rule = error(
    "NAT-04",
    "an address of one's own is free when it is wanted",
    "CloudFormation makes the new gateway before it deletes the old one, and AWS attaches an address once",
    "VPC user guide, NAT gateways; CloudFormation, AWS::EC2::NatGateway",
    (
        "nat: { single: { elasticIps: [eipalloc-1] } }   # was perZone with the same",
        "nat: { single: { elasticIps: [eipalloc-2] } }",
    ),
);

pub static SELF_03: Rule = error(
    "SELF-03",
    "the add-on leaves aws-node behind for nodes that run",
    "without it new pods have no network",
    "EKS API reference, DeleteAddon (preserve)",
    (
        "(management: selfManaged over an add-on that takes its software with it)",
        "(management: addon once, then selfManaged)",
    ),
);

pub static CN_12: Rule = error(
    "CN-12",
    "nodes have the label that names their ENIConfig before aws-node reads it",
    "aws-node restarts on every node when its settings change: one that finds no ENIConfig makes its node not ready",
    "amazon-vpc-cni-k8s v1.23.1, pkg/eniconfig and pkg/ipamd; issue 884",
    (
        "nodeGroups: [{ name: batch, podTier: batch-pods }]   # the first podTier of a cluster that stands",
        "awsNode: { customNetworking: { tier: pods, labelGroups: true } }   # and podTier in the next deployment",
    ),
);

pub static SELF_05: Rule = error(
    "SELF-05",
    "aws-node's service account has one association",
    "EKS takes one role for a service account, and CloudFormation makes the new association before the old one goes",
    "EKS API reference, CreatePodIdentityAssociation",
    (
        "management: selfManaged   # was addon, both with role: podIdentity",
        "role: irsa   # and management: selfManaged in the next deployment",
    ),
);

pub static SELF_06: Rule = warning(
    "SELF-06",
    "one CNI looks after a node",
    "aws-node stays in a cluster that goes over to another CNI: on its nodes both would set pods up",
    "EKS user guide, alternate CNI plugins",
    (
        "awsNode: { management: none }   # was addon",
        "kubectl -n kube-system delete daemonset aws-node",
    ),
);
