//! Rules: hybrid nodes, the control plane's own ways.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] =
    &[&HYB_01, &HYB_02, &HYB_11, &HYB_03, &HYB_04, &HYB_05, &HYB_06, &EP_11, &CPE_03];

pub static HYB_01: Rule = error(
    "HYB-01",
    "hybrid nodes are for IPv4 clusters",
    Refused("EKS CreateCluster: InvalidParameterException"),
)
.why("EKS refuses remote networks with IPv6")
.sources(&[&EKS_HYBRID])
.example(
    "ipFamily: ipv6\nremoteNetworks: { nodes: [10.80.0.0/16] }",
    "ipFamily: ipv4\nremoteNetworks: { nodes: [10.80.0.0/16] }",
);

pub static HYB_02: Rule = error(
    "HYB-02",
    "15 remote ranges of each kind, /8 to /32",
    Refused("EKS CreateCluster: ResourceLimitExceededException"),
)
.why("EKS takes no more")
.sources(&[&EKS_QUOTAS])
.example("nodes: [ 16 of them ]", "nodes: [ 15 of them ]");

pub static HYB_11: Rule = warning("HYB-11", "remote ranges are RFC 1918")
    .why("the user guide takes 100.64.0.0/10 too, the API reference does not")
    .sources(&[&EKS_HYBRID])
    .example(
        "remoteNetworks: { nodes: [100.64.0.0/16] }",
        "remoteNetworks: { nodes: [10.80.0.0/16] }",
    );

pub static HYB_03: Rule = error(
    "HYB-03",
    "remote ranges are private",
    Refused("EKS CreateCluster: InvalidParameterException"),
)
.why("EKS takes RFC 1918 and 100.64.0.0/10 only")
.sources(&[&EKS_HYBRID])
.example("nodes: [52.10.0.0/16]", "nodes: [10.80.0.0/16]");

pub static HYB_04: Rule = error(
    "HYB-04",
    "remote ranges overlap nothing",
    Refused("EKS CreateCluster: InvalidParameterException"),
)
.why("neither each other, nor the VPC, nor the services")
.sources(&[&EKS_HYBRID])
.example(
    "vpc: { cidr: 10.80.0.0/16 }\nnodes: [10.80.0.0/16]",
    "vpc: { cidr: 10.40.0.0/16 }\nnodes: [10.80.0.0/16]",
);

pub static HYB_05: Rule = error(
    "HYB-05",
    "remote pods have remote nodes",
    Refused("EKS CreateCluster: InvalidParameterException"),
)
.why("pods run on nodes")
.sources(&[&EKS_HYBRID])
.example(
    "remoteNetworks: { pods: [10.85.0.0/16] }",
    "remoteNetworks: { nodes: [10.80.0.0/16], pods: [10.85.0.0/16] }",
);

pub static HYB_06: Rule = error(
    "HYB-06",
    "there is a way to remote nodes",
    Fails("the control plane reaches no kubelet and no webhook there"),
)
.why("the control plane calls kubelets and webhooks there")
.sources(&[&EKS_HYBRID])
.example(
    "remoteNetworks: { nodes: [10.80.0.0/16] }",
    "egress: { transitGateway: { id: tgw-1 } }\nremoteNetworks: { nodes: [10.80.0.0/16] }",
);

pub static EP_11: Rule = error(
    "EP-11",
    "with hybrid nodes the API is either public or private",
    Fails("hybrid nodes resolve the API to its public addresses"),
)
.why("with both its name resolves to public addresses outside the VPC")
.sources(&[&EKS_HYBRID])
.example(
    "endpointAccess: { private: true, public: true }",
    "endpointAccess: { private: true, public: false }",
);

pub static CPE_03: Rule = error(
    "CPE-03",
    "customer-routed egress has a way out",
    Fails("the control plane reaches no webhook and no OIDC issuer outside the VPC"),
)
.why("webhooks and OIDC issuers are called through the control plane's subnets, which an internet gateway does not help: their interfaces have no public address")
.sources(&[&EKS_CONTROL_PLANE_EGRESS])
.example(
    "controlPlaneEgress: customerRouted\negress: none   # on the control plane's tier",
    "controlPlaneEgress: customerRouted\negress: nat",
);
