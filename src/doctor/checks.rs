//! The checks, rows only.

use crate::observed::Survey;

use super::verdict::Judged;
use super::{addresses, dns, egress, joining, nodes, services};

/// What people notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Symptom {
    /// Nodes do not join, or are not ready.
    Nodes,
    /// Pods get no address.
    Addresses,
    /// Names do not resolve.
    Dns,
    /// Load balancers are not made.
    Balancers,
    /// Calls of webhooks time out.
    Webhooks,
    /// Images are not pulled.
    Images,
    /// Pods reach nothing outside.
    Egress,
    /// Updates, `exec` and `logs` fail.
    ControlPlane,
    /// Pods of Fargate do not start.
    Fargate,
}

impl Symptom {
    /// As it is typed.
    pub fn word(self) -> &'static str {
        match self {
            Symptom::Nodes => "nodes",
            Symptom::Addresses => "addresses",
            Symptom::Dns => "dns",
            Symptom::Balancers => "balancers",
            Symptom::Webhooks => "webhooks",
            Symptom::Images => "images",
            Symptom::Egress => "egress",
            Symptom::ControlPlane => "controlPlane",
            Symptom::Fargate => "fargate",
        }
    }
}

/// One check.
#[derive(Debug)]
pub struct Check {
    /// Such as `IP-02`; no rule has it.
    pub id: &'static str,
    /// What people notice of it.
    pub symptom: Symptom,
    /// What holds of a healthy cluster.
    pub title: &'static str,
    /// Why the proof proves it.
    pub proves: &'static str,
    /// What it is judged from.
    pub reads: &'static [&'static str],
    /// Checks whose cause may be the cause of this one: it is no root while one of them is sick.
    pub follows: &'static [&'static str],
    /// Its function.
    pub judge: fn(&Survey) -> Judged,
}

/// Every check, by symptom.
pub const CHECKS: &[Check] = &[
    Check {
        id: "NJ-01",
        symptom: Symptom::Nodes,
        title: "nodes need a way to the cluster's API",
        proves: "The private endpoint is off, so nodes reach the API by the internet, and their subnet has no route to it.",
        reads: &["eks:DescribeCluster", "ec2:DescribeSubnets", "ec2:DescribeRouteTables"],
        follows: &["NJ-03", "NJ-04"],
        judge: nodes::no_way_to_the_api,
    },
    Check {
        id: "NJ-02",
        symptom: Symptom::Nodes,
        title: "the API must admit the addresses of the NAT gateways",
        proves: "With the public endpoint alone, nodes come from their NAT gateway's address; `publicAccessCidrs` leaves it out.",
        reads: &["eks:DescribeCluster", "ec2:DescribeRouteTables", "ec2:DescribeNatGateways"],
        follows: &[],
        judge: nodes::nat_address_not_admitted,
    },
    Check {
        id: "NJ-03",
        symptom: Symptom::Nodes,
        title: "every node subnet needs a route table of its own",
        proves: "A subnet without an association follows the main route table, which has no default route here.",
        reads: &["ec2:DescribeSubnets", "ec2:DescribeRouteTables"],
        follows: &[],
        judge: nodes::main_table_rules,
    },
    Check {
        id: "NJ-04",
        symptom: Symptom::Nodes,
        title: "a default route must lead to a gateway that works",
        proves: "EC2 marks a route whose target is gone as a blackhole; a gateway that failed forwards nothing.",
        reads: &["ec2:DescribeRouteTables", "ec2:DescribeNatGateways"],
        follows: &[],
        judge: nodes::dead_default_route,
    },
    Check {
        id: "NJ-05",
        symptom: Symptom::Nodes,
        title: "a public NAT gateway needs a route to an internet gateway",
        proves: "A NAT gateway sends what it translates by the route table of its own subnet.",
        reads: &["ec2:DescribeRouteTables", "ec2:DescribeNatGateways"],
        follows: &[],
        judge: nodes::nat_without_internet,
    },
    Check {
        id: "NJ-07",
        symptom: Symptom::Nodes,
        title: "nodes without egress need endpoints",
        proves: "Nodes call EC2 and ECR, and ECR's layers are in S3, before they are ready.",
        reads: &["ec2:DescribeRouteTables", "ec2:DescribeVpcEndpoints"],
        follows: &["NJ-03", "NJ-04"],
        judge: nodes::endpoint_missing,
    },
    Check {
        id: "NJ-08",
        symptom: Symptom::Nodes,
        title: "endpoints must admit the nodes",
        proves: "No rule of the endpoint's groups admits the nodes at 443.",
        reads: &["ec2:DescribeVpcEndpoints", "ec2:DescribeSecurityGroupRules"],
        follows: &["NJ-03", "NJ-04"],
        judge: nodes::endpoint_refuses,
    },
    Check {
        id: "NJ-09",
        symptom: Symptom::Nodes,
        title: "S3's gateway endpoint must be in the nodes' route tables",
        proves: "A gateway endpoint works by routes in the tables that it is associated with.",
        reads: &["ec2:DescribeRouteTables", "ec2:DescribeVpcEndpoints"],
        follows: &["NJ-03", "NJ-04"],
        judge: nodes::s3_not_associated,
    },
    Check {
        id: "NJ-10",
        symptom: Symptom::Nodes,
        title: "the VPC must resolve names",
        proves: "Private names of the API and of endpoints come from the VPC's resolver, with both attributes on.",
        reads: &["ec2:DescribeVpcAttribute"],
        follows: &[],
        judge: nodes::names_off,
    },
    Check {
        id: "NJ-12",
        symptom: Symptom::Nodes,
        title: "nodes and the control plane must reach each other",
        proves: "Kubelets call the API at 443, and the API calls them at 10250.",
        reads: &["eks:DescribeCluster", "ec2:DescribeInstances", "ec2:DescribeSecurityGroupRules"],
        follows: &[],
        judge: joining::groups_refuse,
    },
    Check {
        id: "NJ-14",
        symptom: Symptom::Nodes,
        title: "node subnets need free addresses",
        proves: "EC2 takes a node's own address from what is free outside of reservations.",
        reads: &["ec2:DescribeSubnets", "eks:DescribeNodegroup"],
        follows: &["IP-01"],
        judge: joining::node_subnet_full,
    },
    Check {
        id: "NJ-15",
        symptom: Symptom::Nodes,
        title: "the cluster must admit the nodes' role",
        proves: "A node authenticates with its role; neither an access entry nor aws-auth maps it.",
        reads: &["eks:DescribeCluster", "eks:DescribeNodegroup", "eks:ListAccessEntries"],
        follows: &[],
        judge: joining::role_not_admitted,
    },
    Check {
        id: "NJ-16",
        symptom: Symptom::Nodes,
        title: "nodes of an IPv6 cluster need an IPv6 address",
        proves: "Nodes get one where the subnet assigns it to new interfaces.",
        reads: &["eks:DescribeCluster", "ec2:DescribeSubnets"],
        follows: &[],
        judge: nodes::no_ipv6_address,
    },
    Check {
        id: "NJ-19",
        symptom: Symptom::Nodes,
        title: "aws-node must be ready on every node",
        proves: "Until aws-node is ready, the node has no CNI plugin and stays NotReady.",
        reads: &["k8s:get daemonsets kube-system/aws-node"],
        follows: &["NJ-10", "NJ-12", "NJ-20", "NJ-21", "NJ-22", "NJ-07", "NJ-08", "NJ-09", "NJ-04"],
        judge: joining::aws_node_not_ready,
    },
    Check {
        id: "NJ-20",
        symptom: Symptom::Nodes,
        title: "aws-node must be allowed to call EC2",
        proves: "aws-node reports a refused call as an event; a Pod Identity association works by the agent alone.",
        reads: &["k8s:list events", "eks:ListPodIdentityAssociations", "eks:ListAddons"],
        follows: &[],
        judge: joining::aws_node_without_rights,
    },
    Check {
        id: "NJ-21",
        symptom: Symptom::Nodes,
        title: "every node needs the ENIConfig that its label names",
        proves: "With custom networking, aws-node creates no interface for a node without its ENIConfig.",
        reads: &[
            "k8s:get daemonsets kube-system/aws-node",
            "k8s:list eniconfigs",
            "k8s:list nodes",
        ],
        follows: &[],
        judge: joining::eni_config_missing,
    },
    Check {
        id: "NJ-22",
        symptom: Symptom::Nodes,
        title: "an ENIConfig must name a subnet of its nodes' zone",
        proves: "An interface attaches only to an instance of its own zone and VPC.",
        reads: &["k8s:list eniconfigs", "ec2:DescribeSubnets"],
        follows: &[],
        judge: joining::eni_config_elsewhere,
    },
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
    Check {
        id: "DNS-01",
        symptom: Symptom::Dns,
        title: "CoreDNS needs ready pods",
        proves: "The service kube-dns has no ready endpoint.",
        reads: &["k8s:list endpointslices"],
        follows: &["IP-01", "IP-02", "NJ-14", "NJ-19", "IMG-01", "NJ-15", "NJ-01", "NJ-12"],
        judge: dns::nobody_answers,
    },
    Check {
        id: "DNS-02",
        symptom: Symptom::Dns,
        title: "nodes must reach each other at port 53",
        proves: "Pods use the groups of their node; lookups are UDP and TCP.",
        reads: &["ec2:DescribeInstances", "ec2:DescribeSecurityGroupRules"],
        follows: &[],
        judge: dns::groups_refuse,
    },
    Check {
        id: "DNS-04",
        symptom: Symptom::Dns,
        title: "CoreDNS must run on more than one node",
        proves: "All ready endpoints of kube-dns are on one node.",
        reads: &["k8s:list endpointslices", "k8s:list nodes"],
        follows: &[],
        judge: dns::one_node,
    },
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
        judge: services::api_refused,
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
        title: "pods that keep their address need egress of their own",
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
