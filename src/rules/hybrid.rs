//! Rules: hybrid nodes, the control plane's own ways.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[
    &HYB_01, &HYB_02, &HYB_11, &HYB_13, &HYB_03, &HYB_04, &HYB_05, &HYB_06, &HYB_14, &EP_11,
    &CPE_03,
];

pub static HYB_01: Rule = error(
    "HYB-01",
    "a cluster with hybrid nodes must use IPv4",
    Refused("EKS CreateCluster: InvalidParameterException"),
)
.why("EKS refuses remote networks with IPv6")
.sources(&[&EKS_HYBRID])
.example(
    "ipFamily: ipv6\nremoteNetworks: { nodes: [10.80.0.0/16] }",
    "ipFamily: ipv4\nremoteNetworks: { nodes: [10.80.0.0/16] }",
);

pub static HYB_02: Rule =
    warning("HYB-02", "a cluster should have at most 15 remote ranges of each kind")
        .why("EKS accepts more only with raised quotas, L-5C12D558 and L-6AFFD1D8")
        .sources(&[&EKS_QUOTAS])
        .example("nodes: [ 16 of them ]", "nodes: [ 15 of them ]");

pub static HYB_11: Rule = warning("HYB-11", "remote ranges should be RFC 1918")
    .why("the user guide accepts 100.64.0.0/10, too, the API reference does not")
    .sources(&[&EKS_HYBRID])
    .example(
        "remoteNetworks: { nodes: [100.64.0.0/16] }",
        "remoteNetworks: { nodes: [10.80.0.0/16] }",
    );

pub static HYB_13: Rule = error(
    "HYB-13",
    "hybrid nodes must be in Regions that support them",
    Refused("EKS CreateCluster: InvalidParameterException"),
)
.why("they are in all Regions but those of China and GovCloud")
.sources(&[&EKS_HYBRID_OVERVIEW])
.example(
    "region: us-gov-west-1\nremoteNetworks: { … }",
    "region: us-west-2\nremoteNetworks: { … }",
);

pub static HYB_03: Rule = error(
    "HYB-03",
    "remote ranges must be private",
    Refused("EKS CreateCluster: InvalidParameterException"),
)
.why("EKS accepts RFC 1918 and 100.64.0.0/10 only")
.sources(&[&EKS_HYBRID])
.example("nodes: [52.10.0.0/16]", "nodes: [10.80.0.0/16]");

pub static HYB_04: Rule = error(
    "HYB-04",
    "remote ranges must not overlap other ranges",
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
    "remote pods must have remote nodes",
    Refused(
        "EKS CreateCluster: remoteNodeNetworks are required when specifying remoteNetworkConfig",
    ),
)
.why("pods run on nodes")
.sources(&[&CDK_PREFLIGHT_REMOTE, &CDK_CLUSTER, &EKS_HYBRID])
.example(
    "remoteNetworks: { pods: [10.85.0.0/16] }",
    "remoteNetworks: { nodes: [10.80.0.0/16], pods: [10.85.0.0/16] }",
);

pub static HYB_06: Rule = error(
    "HYB-06",
    "hybrid nodes must be reachable through a route",
    Fails("the control plane reaches no kubelet and no webhook there"),
)
.why("a transit gateway, a VPN gateway, or a route of a tier's own leads to each remote range")
.sources(&[&EKS_HYBRID])
.example(
    "remoteNetworks: { nodes: [10.80.0.0/16] }",
    "egress: { transitGateway: { id: tgw-00000000000000001, destinations: [10.80.0.0/16] } }\nremoteNetworks: { nodes: [10.80.0.0/16] }",
);

pub static HYB_14: Rule = error(
    "HYB-14",
    "routes to hybrid nodes must be created by one side",
    Refused("EC2 CreateRoute: RouteAlreadyExists"),
)
.why("a route table has one route to a range: where the stack has it, others cannot add theirs")
.sources(&[&CREATE_ROUTE])
.example(
    "egress: { transitGateway: { id: tgw-00000000000000001, destinations: [10.80.0.0/16] } }\nremoteNetworks: { nodes: [10.80.0.0/16], routes: external }",
    "remoteNetworks: { nodes: [10.80.0.0/16], routes: external }",
);

pub static EP_11: Rule =
    warning("EP-11", "the API of a cluster with hybrid nodes should be either public or private")
        .why("with both its name resolves to public addresses outside the VPC: nodes join only with a route there, and from listed addresses")
        .sources(&[&EKS_ENDPOINT, &EKS_HYBRID])
        .example(
            "endpointAccess: { private: true, public: true }",
            "endpointAccess: { private: true, public: false }",
        );

pub static CPE_03: Rule = warning("CPE-03", "customer-routed egress should have an egress path")
    .why("webhooks and OIDC issuers outside the VPC are called through the control plane's subnets, which an internet gateway does not help: their interfaces have no public address")
    .sources(&[&EKS_CONTROL_PLANE_EGRESS])
    .example(
        "controlPlaneEgress: customerRouted\negress: none   # on the control plane's tier",
        "controlPlaneEgress: customerRouted\negress: nat",
    );
