//! Names do not resolve: rows only.

use super::super::check::{Check, Symptom};
use super::super::{dns, passages};

pub const ROWS: &[Check] = &[
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
        title: "network ACLs must let lookups and their answers pass",
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
];
