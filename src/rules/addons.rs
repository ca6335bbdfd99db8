//! Rules: add-ons.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[
    &ADD_02, &ADD_01, &ADD_07, &ADD_08, &ADD_09, &ADD_10, &SEC_05, &SEC_06, &ADD_04, &ADD_05,
    &ADD_06, &VER_05,
];

pub static ADD_02: Rule = error(
    "ADD-02",
    "add-ons must be named once, with a valid version",
    Refused("EKS CreateAddon: ResourceInUseException, InvalidParameterException"),
)
.why("EKS keeps one add-on of a name, and accepts only versions that it offers")
.sources(&[&CREATE_ADDON])
.example("addons: [coredns, coredns]", "addons: [coredns]");

pub static ADD_01: Rule = error(
    "ADD-01",
    "aws-node must get its role",
    Fails("aws-node has no credentials and crashes: nodes never become ready"),
)
.why("its role comes through EKS Pod Identity; without the agent aws-node crashes with no log")
.sources(&[&CNI_3840])
.example("addons: [coredns]", "addons: [coredns, eks-pod-identity-agent]");

pub static ADD_07: Rule = error(
    "ADD-07",
    "kube-proxy must run where other add-ons wait for it",
    Fails("nothing answers at the service addresses: CoreDNS stays unready and its add-on DEGRADED, or aws-node waits for the API forever"),
)
.why("the cluster is created without EKS's own kube-proxy; CoreDNS, and aws-node with custom networking, security groups for pods or pod annotations, call the API at its service address")
.sources(&[&CNI_README, &CNI_AGENT])
.example("addons: [coredns, eks-pod-identity-agent]", "addons: [coredns, kube-proxy, eks-pod-identity-agent]");

pub static ADD_08: Rule = warning("ADD-08", "kube-proxy should be among the add-ons")
    .why("without it nothing answers at the addresses of services until you install kube-proxy, or what replaces it")
    .sources(&[&CNI_README])
    .example("addons: [eks-pod-identity-agent]", "addons: [kube-proxy, eks-pod-identity-agent]");

pub static ADD_09: Rule = warning("ADD-09", "add-ons should have names that EKS knows")
    .why("EKS refuses others: Addon specified is not supported; the AWS Load Balancer Controller and Cluster Autoscaler are installed by Helm")
    .sources(&[&EKS_ADDONS])
    .example("addons: [cluster-autoscaler]", "addons: [metrics-server]");

pub static ADD_10: Rule = warning("ADD-10", "pods of add-ons should tolerate the taints of the node groups")
    .why("where every node group has a taint that they do not tolerate they stay pending, and the add-on fails after 20 minutes; CoreDNS is given the tolerations")
    .sources(&[&ROADMAP_1389, &ROADMAP_1706])
    .example(
        "taints: [{ key: team, value: a, effect: NoSchedule }]   # on every group, with metrics-server",
        "addons: [{ name: metrics-server, configuration: { tolerations: [{ operator: Exists }] } }]",
    );

pub static SEC_05: Rule = warning("SEC-05", "aws-node should have a role of its own")
    .why("a process that reaches the instance metadata of a node could detach other nodes' interfaces and addresses")
    .sources(&[&BEST_VPC_CNI, &EKS_CNI_ROLE])
    .example("awsNode: { role: nodeRole }", "awsNode: { role: podIdentity }");

pub static SEC_06: Rule = error(
    "SEC-06",
    "permissions that are limited to a cluster must be used with IPv4",
    Fails("EC2 denies aws-node its prefixes: nodes never become ready"),
)
.why("they are limited by the tags of the interfaces that aws-node creates; with IPv6 it creates none")
.sources(&[&CNI_RIGHTS])
.example(
    "cluster: { ipFamily: ipv6 }\nawsNode: { rights: cluster }",
    "cluster: { ipFamily: ipv4 }\nawsNode: { rights: cluster }",
);

pub static ADD_04: Rule = error(
    "ADD-04",
    "roles must be created only for add-ons whose policies are known",
    NotBuilt("no managed policy of AWS's is known for the add-on's service accounts"),
)
.why("what it may do, only you can say")
.sources(&[&EKS_ADDONS, &ADDON_CONFIGURATION])
.example(
    "{ name: aws-mountpoint-s3-csi-driver, role: podIdentity }",
    "{ name: aws-mountpoint-s3-csi-driver, role: \"arn:aws:iam::111122223333:role/buckets\" }",
);

pub static ADD_05: Rule = warning("ADD-05", "an add-on that calls AWS should have a role")
    .why("the instance metadata of nodes is closed to pods, so it has no permissions: volumes fail to mount, records are not written")
    .sources(&[&EKS_ADDONS])
    .example(
        "addons: [aws-mountpoint-s3-csi-driver]",
        "addons: [{ name: aws-mountpoint-s3-csi-driver, role: \"arn:aws:iam::111122223333:role/buckets\" }]",
    );

pub static ADD_06: Rule = error(
    "ADD-06",
    "add-ons with a Pod Identity role must have the Pod Identity agent",
    Fails("the add-on's pods ask the agent of their node for credentials, and nothing answers"),
)
.why("EKS accepts the association without it")
.sources(&[&EKS_ADDON_ROLES])
.example("addons: [aws-ebs-csi-driver]", "addons: [aws-ebs-csi-driver, eks-pod-identity-agent]");

pub static VER_05: Rule = error(
    "VER-05",
    "kube-proxy must be of the cluster's minor version, or at most three behind",
    Fails("kube-proxy meets API objects of a version that it does not know: services lose their rules"),
)
.why("Kubernetes supports no other skew, and none ahead of the control plane")
.sources(&[&VERSION_SKEW])
.example(
    "cluster: { version: \"1.35\" }\naddons: [{ name: kube-proxy, version: v1.31.0-eksbuild.1 }]",
    "cluster: { version: \"1.35\" }\naddons: [{ name: kube-proxy, version: v1.33.0-eksbuild.1 }]",
);
