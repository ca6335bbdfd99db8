//! Names do not resolve: rows only.

use super::super::check::{Check, Symptom};
use super::super::{dns, passages, pods, policies};

pub const ROWS: &[Check] = &[
    Check {
        id: "DNS-01",
        symptom: Symptom::Dns,
        title: "CoreDNS needs ready pods",
        proves: "Of several replicas one or none is ready, the service kube-dns has no ready endpoint, or what the add-on creates is missing.",
        reads: &[
            "k8s:get deployments kube-system/coredns",
            "k8s:list endpointslices",
            "k8s:list nodes",
            "eks:ListAddons",
        ],
        follows: &[
            "IP-01", "IP-02", "NJ-14", "NJ-19", "NJ-24", "NJ-26", "IMG-01", "NJ-15", "NJ-01",
            "NJ-12",
        ],
        judge: dns::nobody_answers,
    },
    Check {
        id: "DNS-02",
        symptom: Symptom::Dns,
        title: "pods must reach CoreDNS at port 53",
        proves: "Lookups are UDP and TCP, from the interfaces of pods to those of CoreDNS's pods.",
        reads: &[
            "k8s:list endpointslices",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroupRules",
        ],
        follows: &[],
        judge: passages::names_refused,
    },
    Check {
        id: "DNS-03",
        symptom: Symptom::Dns,
        title: "network ACLs must allow lookups and their answers",
        proves: "Network ACLs keep no state: port 53 and the ephemeral ports of answers need entries of their own.",
        reads: &["k8s:list endpointslices", "ec2:DescribeNetworkAcls"],
        follows: &["NJ-13"],
        judge: passages::acl_refuses_names,
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
        id: "DNS-05",
        symptom: Symptom::Dns,
        title: "network policies must admit lookups",
        proves: "The egress policies that select the pod are read together: none admits UDP 53 to CoreDNS.",
        reads: &[
            "k8s:list networkpolicies",
            "k8s:list pods",
            "k8s:list services",
            "k8s:list endpointslices",
        ],
        follows: &[],
        judge: policies::lookups_denied,
    },
    Check {
        id: "DNS-06",
        symptom: Symptom::Dns,
        title: "lookups must stay below the resolver's limit",
        proves: "The network driver counts packets to the resolver that it dropped, and the node reports it.",
        reads: &["k8s:list events"],
        follows: &[],
        judge: pods::too_many_lookups,
    },
    Check {
        id: "DNS-07",
        symptom: Symptom::Dns,
        title: "CoreDNS needs the address that nodes ask",
        proves: "Kubelets of EKS's AMIs ask the tenth address of the service range unless their NodeConfig names another.",
        reads: &["eks:DescribeCluster", "k8s:list services"],
        follows: &[],
        judge: dns::another_address,
    },
    Check {
        id: "DNS-08",
        symptom: Symptom::Dns,
        title: "NodeLocal DNSCache needs the standard mode of network policies",
        proves: "The strict mode denies pods everything until their policies are configured, and does not support the cache.",
        reads: &[
            "k8s:get daemonsets kube-system/aws-node",
            "k8s:get daemonsets kube-system/node-local-dns",
        ],
        follows: &[],
        judge: policies::local_cache_in_strict_mode,
    },
];
