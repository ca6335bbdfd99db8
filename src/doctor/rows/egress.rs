//! Images, egress, the control plane, Fargate: rows only.

use super::super::check::{Check, Symptom};
use super::super::egress;

pub const ROWS: &[Check] = &[
    Check {
        id: "IMG-01",
        symptom: Symptom::Images,
        title: "nodes without egress need their images inside",
        proves: "Pods wait for images on nodes whose subnet has no route out.",
        reads: &[
            "k8s:list pods",
            "k8s:list nodes",
            "ec2:DescribeInstances",
            "ec2:DescribeRouteTables",
        ],
        follows: &["NJ-03", "NJ-04", "NJ-07", "NJ-08", "NJ-09", "NJ-10"],
        judge: egress::images_wait,
    },
    Check {
        id: "SN-01",
        symptom: Symptom::Egress,
        title: "pods that keep their address need NAT",
        proves: "An internet gateway translates public addresses only, and pods have none.",
        reads: &["k8s:get daemonsets kube-system/aws-node", "ec2:DescribeRouteTables"],
        follows: &[],
        judge: egress::unmasked_to_the_gateway,
    },
    Check {
        id: "SN-02",
        symptom: Symptom::Egress,
        title: "pods that keep their address need an egress path of their own",
        proves: "With external SNAT packets of pods follow the route table of the pod subnet.",
        reads: &["k8s:get daemonsets kube-system/aws-node", "ec2:DescribeRouteTables"],
        follows: &["NJ-03", "NJ-04"],
        judge: egress::unmasked_to_nowhere,
    },
    Check {
        id: "SN-04",
        symptom: Symptom::Egress,
        title: "SNAT must not exclude every destination",
        proves: "aws-node removes and adds the rules of such a list in turn.",
        reads: &["k8s:get daemonsets kube-system/aws-node"],
        follows: &[],
        judge: egress::everything_excluded,
    },
    Check {
        id: "SN-06",
        symptom: Symptom::Egress,
        title: "NAT gateways need free ports",
        proves: "CloudWatch counts connections that a gateway had no port for.",
        reads: &["cloudwatch:GetMetricData"],
        follows: &[],
        judge: egress::ports_used_up,
    },
    Check {
        id: "CP-01",
        symptom: Symptom::ControlPlane,
        title: "the cluster's subnets need room for updates",
        proves: "EKS creates new interfaces in the cluster's subnets before it removes the old ones.",
        reads: &["eks:DescribeCluster", "ec2:DescribeSubnets"],
        follows: &[],
        judge: egress::no_room_to_update,
    },
    Check {
        id: "CP-02",
        symptom: Symptom::ControlPlane,
        title: "the control plane needs its interfaces",
        proves: "EKS keeps two to four interfaces in the cluster's subnets.",
        reads: &["eks:DescribeCluster", "ec2:DescribeNetworkInterfaces"],
        follows: &[],
        judge: egress::too_few_interfaces,
    },
    Check {
        id: "FA-01",
        symptom: Symptom::Fargate,
        title: "Fargate profiles need private subnets",
        proves: "Pods of Fargate have no public address, so an internet gateway does not serve them.",
        reads: &["eks:DescribeFargateProfile", "ec2:DescribeRouteTables"],
        follows: &[],
        judge: egress::public_profile,
    },
];
