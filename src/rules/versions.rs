//! Rules: versions and idle settings.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[
    &SET_35, &NP_01, &NP_03, &FG_04, &SET_37, &SET_15, &SET_11, &SET_26, &NG_08, &PE_24, &IP6_05,
    &EP_15, &VER_03, &VER_04,
];

pub static SET_35: Rule = error(
    "SET-35",
    "a pinned version of aws-node must support its settings",
    Refused("EKS CreateAddon: InvalidParameterException, ConfigurationValue is not in the add-on's schema"),
)
.why("the add-on's schema is of its version: EKS refuses a key that is younger")
.sources(&[&CNI_CHANGES])
.example(
    "version: v1.17.1-eksbuild.1\nsubnetDiscovery: true",
    "version: v1.18.0-eksbuild.1\nsubnetDiscovery: true",
);

pub static NP_01: Rule = error(
    "NP-01",
    "network policies must have aws-node 1.14 and Kubernetes 1.25",
    Fails("policies are accepted and not enforced"),
)
.why("its agent came with them")
.sources(&[&EKS_NETWORK_POLICY])
.example(
    "version: v1.13.4-eksbuild.1\nnetworkPolicy: {}",
    "version: v1.21.1-eksbuild.1\nnetworkPolicy: {}",
);

pub static NP_03: Rule = error(
    "NP-03",
    "the agent of network policies must have ports of its own",
    Fails("the agent cannot listen: aws-node restarts forever"),
)
.why("it listens on the node, beside the kubelet, kube-proxy and aws-node itself")
.sources(&[&EKS_NETWORK_POLICY, &CNI_CHART])
.example(
    "networkPolicy: { metricsPort: 10250 }",
    "networkPolicy: { metricsPort: 8162, healthPort: 8163 }",
);

pub static FG_04: Rule =
    warning("FG-04", "network policies should not be expected to apply to Fargate pods")
        .why("pods on Fargate stay open to all")
        .sources(&[&EKS_NETWORK_POLICY])
        .example("networkPolicy: {}\nfargate: [{ name: jobs, … }]", "fargate: [{ name: jobs, … }]");

pub static SET_37: Rule = warning("SET-37", "aws-node should get its addresses from EC2")
    .why("without it, it gives out what a node came with, and a managed node comes with its own address alone")
    .sources(&[&CNI_README])
    .example("env: { DISABLE_NETWORK_RESOURCE_PROVISIONING: \"true\" }", "(without it)");

pub static SET_15: Rule =
    warning("SET-15", "every pod should have a network policy in strict mode")
        .why("strict starts every pod closed off, the cluster's DNS included")
        .sources(&[&CNI_README])
        .example("networkPolicy: { mode: strict }", "networkPolicy: { mode: standard }");

pub static SET_11: Rule = warning("SET-11", "IPv6 egress should have IPv6 on the node, and a route")
    .why("without an IPv6 address on the node aws-node logs a warning and switches it off; without a route the packets go nowhere")
    .sources(&[&CNI_README, &CNI_MAIN])
    .example(
        "env: { ENABLE_V6_EGRESS: \"true\" }",
        "vpc: { ipv6: amazon }\nenv: { ENABLE_V6_EGRESS: \"true\" }",
    );

pub static SET_26: Rule = warning("SET-26", "large clusters should set a minimum of addresses")
    .why("spare addresses alone ask EC2 for every pod, which throttles the account")
    .sources(&[&CNI_README])
    .example("warm: { ips: 2 }   # for 60 nodes", "warm: { ips: 2, minimumIps: 20 }");

pub static NG_08: Rule =
    warning("NG-08", "instance types of a node group should support similar numbers of pods")
        .why("the least of them decides `maxPods` for all")
        .sources(&[&AMI_MAX_PODS, &EKS_NODE_GROUPS])
        .example(
            "instanceTypes: [m6i.large, m6i.16xlarge]",
            "instanceTypes: [m6i.large, m6a.large]",
        );

pub static PE_24: Rule = warning("PE-24", "add-ons that call Route 53 should reach it")
    .why("its API has one endpoint for all Regions, `com.amazonaws.route53`, since 2025-11-19: without it or another egress path the calls fail")
    .sources(&[&EKS_PRIVATE, &ROUTE53_ENDPOINT])
    .example("egress: none\naddons: [external-dns]", "egress: nat\naddons: [external-dns]");

pub static IP6_05: Rule = warning("IP6-05", "add-ons should support IPv6")
    .why("the FSx for Lustre driver speaks IPv4 only")
    .sources(&[&EKS_IPV6])
    .example(
        "ipFamily: ipv6\naddons: [aws-fsx-csi-driver]",
        "ipFamily: ipv4\naddons: [aws-fsx-csi-driver]",
    );

pub static EP_15: Rule = warning("EP-15", "aws-node should reach the API inside of the VPC")
    .why("with `CLUSTER_ENDPOINT` it calls that address, and a public one through NAT")
    .sources(&[&CNI_README])
    .example(
        "endpointAccess: { private: false }\nenv: { CLUSTER_ENDPOINT: … }",
        "endpointAccess: { private: true }\nenv: { CLUSTER_ENDPOINT: … }",
    );

pub static VER_03: Rule = error(
    "VER-03",
    "the Kubernetes version must be one that EKS offers",
    Refused("EKS CreateCluster: InvalidParameterException, unsupported Kubernetes version"),
)
.why("EKS creates no clusters of a version some time after its extended support, and upgrades those that exist")
.sources(&[&EKS_VERSIONS, &CDK_PREFLIGHT_VERSION])
.example("version: \"1.21\"", "version: \"1.35\"");

pub static VER_04: Rule = warning("VER-04", "the Kubernetes version should be in standard support")
    .why("in extended support a cluster costs six times as much, and soon after it EKS creates no more of them; whether EKS offers a version that is newer than this eksnet, only EKS knows")
    .sources(&[&EKS_VERSIONS])
    .example("version: \"1.33\"", "version: \"1.35\"");
