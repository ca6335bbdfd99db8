//! Pods get no address: rows only.

use super::super::addresses;
use super::super::check::{Check, Symptom};

pub const ROWS: &[Check] = &[
    Check {
        id: "IP-01",
        symptom: Symptom::Addresses,
        title: "pod subnets need free addresses",
        proves: "EC2 counts nothing as free, and the reservations for prefixes are used up.",
        reads: &[
            "ec2:DescribeSubnets",
            "ec2:GetSubnetCidrReservations",
            "ec2:DescribeNetworkInterfaces",
        ],
        follows: &["IP-06"],
        judge: addresses::exhausted,
    },
    Check {
        id: "IP-02",
        symptom: Symptom::Addresses,
        title: "prefixes need whole free blocks",
        proves: "A prefix is a whole aligned /28; single addresses in each block leave none.",
        reads: &[
            "ec2:DescribeNetworkInterfaces",
            "ec2:GetSubnetCidrReservations",
            "k8s:get daemonsets kube-system/aws-node",
        ],
        follows: &["IP-06"],
        judge: addresses::fragmented,
    },
    Check {
        id: "IP-03",
        symptom: Symptom::Addresses,
        title: "nodes must not promise more pods than they have addresses for",
        proves: "Kubernetes schedules by `allocatable.pods`, whatever aws-node can assign.",
        reads: &[
            "k8s:list nodes",
            "ec2:DescribeInstanceTypes",
            "k8s:get daemonsets kube-system/aws-node",
        ],
        follows: &[],
        judge: addresses::too_many_pods,
    },
    Check {
        id: "IP-05",
        symptom: Symptom::Addresses,
        title: "a minimum of addresses needs a warm target beside it",
        proves: "With MINIMUM_IP_TARGET alone the pool does not grow beyond it in time.",
        reads: &["k8s:get daemonsets kube-system/aws-node"],
        follows: &[],
        judge: addresses::frozen_pool,
    },
    Check {
        id: "IP-06",
        symptom: Symptom::Addresses,
        title: "interfaces that nothing uses must be deleted",
        proves: "Interfaces of aws-node that are attached to nothing keep their addresses.",
        reads: &["ec2:DescribeNetworkInterfaces"],
        follows: &[],
        judge: addresses::leaked,
    },
    Check {
        id: "IP-08",
        symptom: Symptom::Addresses,
        title: "aws-node must run with the add-on's settings",
        proves: "EKS accepts values for fields that another field manager owns, and leaves those as they are.",
        reads: &["eks:ListAddons", "k8s:get daemonsets kube-system/aws-node"],
        follows: &[],
        judge: addresses::settings_differ,
    },
];
