//! Load balancers and webhooks: rows only.

use super::super::check::{Check, Symptom};
use super::super::{passages, services};

pub const ROWS: &[Check] = &[
    Check {
        id: "LB-01",
        symptom: Symptom::Balancers,
        title: "load balancers need subnets with role tags",
        proves: "The controller found no candidate and said so.",
        reads: &["k8s:list events", "ec2:DescribeSubnets"],
        follows: &[],
        judge: services::no_subnet,
    },
    Check {
        id: "LB-02",
        symptom: Symptom::Balancers,
        title: "load-balancer subnets need eight free addresses",
        proves: "Elastic Load Balancing requires eight free addresses in each subnet.",
        reads: &["ec2:DescribeSubnets"],
        follows: &["NJ-14", "IP-01"],
        judge: services::too_full,
    },
    Check {
        id: "LB-04",
        symptom: Symptom::Balancers,
        title: "one group of the nodes must have the cluster's tag",
        proves: "With several groups on an interface the controller opens the one that is tagged, and refuses none or two.",
        reads: &["ec2:DescribeSecurityGroups", "ec2:DescribeInstances"],
        follows: &[],
        judge: services::tagged_groups,
    },
    Check {
        id: "WH-01",
        symptom: Symptom::Webhooks,
        title: "the API must reach webhooks",
        proves: "The API calls the pod's own port, not the service's, from the cluster's groups.",
        reads: &[
            "k8s:list webhookconfigurations",
            "k8s:list endpointslices",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroupRules",
        ],
        follows: &[],
        judge: passages::api_refused,
    },
    Check {
        id: "WH-02",
        symptom: Symptom::Webhooks,
        title: "webhooks that may not fail need ready pods",
        proves: "failurePolicy is Fail, and the service has no ready endpoint.",
        reads: &["k8s:list webhookconfigurations", "k8s:list endpointslices"],
        follows: &["IP-01", "IP-02", "NJ-14", "NJ-19", "IMG-01", "NJ-15"],
        judge: services::nobody_behind,
    },
];
