//! Modes of the pod network that exclude each other, or ask for something: IPv6, security groups for pods, subnet discovery.

use super::rule::{Rule, error, warning};
use crate::blueprint::model::TierEgress;
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::instances::Instance;
use crate::facts::subnets::DISCOVERY_TAG;
use crate::spec::aws_node::Enforcing;
use crate::spec::{Cluster, NodeGroup, PodSubnets, Spec, Tier, pods};

const IPV6: &str = "EKS user guide, IPv6 addresses for clusters, pods and services";
const BRANCHES: &str = "EKS user guide, security groups for pods";

pub const RULES: &[Rule] = &[
    error(
        "V6-01",
        "a VPC's IPv6 block is /44 to /60 in steps of four",
        "EC2 takes no other",
        "VPC user guide, IPv6 CIDR blocks",
        (
            "ipv6: { ipamPool: ipam-pool-1, netmask: 58 }",
            "ipv6: { ipamPool: ipam-pool-1, netmask: 56 }",
        ),
    ),
    error(
        "V6-02",
        "every subnet gets a /64",
        "a subnet has one IPv6 CIDR, and a /60 holds only 16 of them",
        "EC2 API reference, AssociateSubnetCidrBlock",
        (
            "ipv6: { ipamPool: ipam-pool-1, netmask: 60 }   # 18 subnets",
            "ipv6: { ipamPool: ipam-pool-1, netmask: 56 }",
        ),
    ),
    error(
        "V6-03",
        "IPv6 comes from one place",
        "Amazon's block cannot be chosen, a pool's must be, and IPAM wants a length",
        "EC2 API reference, AssociateVpcCidrBlock",
        ("ipv6: { cidr: 2001:db8::/56 }", "ipv6: { pool: ipv6pool-ec2-1, cidr: 2001:db8::/56 }"),
    ),
    error(
        "V6-04",
        "a pool's IPv6 block is public",
        "private IPv6 (fc00::/7) passes no internet gateway and no egress-only one",
        "VPC user guide, private IPv6 addresses",
        (
            "ipv6: { pool: ipv6pool-ec2-1, cidr: fd00:1200::/56 }",
            "ipv6: { pool: ipv6pool-ec2-1, cidr: 2001:db8:1200::/56 }",
        ),
    ),
    error(
        "V6-07",
        "the IPv6 block stays",
        "subnets hold on to their /64s, and a VPC's block is not taken or exchanged while they do",
        "EC2 API reference, DisassociateVpcCidrBlock",
        ("(ipv6: amazon, removed from a standing network)", "ipv6: amazon"),
    ),
    error(
        "IP6-01",
        "an IPv6 cluster has what IPv6 needs",
        "a dual-stack VPC, prefix delegation and Nitro types: without them nodes do not join, or aws-node does not start",
        IPV6,
        ("cluster: { ipFamily: ipv6 }", "vpc: { ipv6: amazon }\ncluster: { ipFamily: ipv6 }"),
    ),
    error(
        "IP6-02",
        "an IPv6 cluster has nothing that is IPv4's alone",
        "custom networking and a service CIDR are refused, subnet discovery is for IPv4 pods, and China has no IPv6 clusters",
        IPV6,
        ("cluster: { ipFamily: ipv6, serviceCidr: 172.20.0.0/16 }", "cluster: { ipFamily: ipv6 }"),
    ),
    warning(
        "IP6-03",
        "security groups for pods with IPv6 were tried",
        "the user guide supports them from aws-node 1.16 on, and the table in aws-node's README says no",
        "EKS user guide, security groups for pods; amazon-vpc-cni-k8s v1.23.1, README and pkg/ipamd",
        (
            "vpc: { ipv6: amazon }\ncluster: { ipFamily: ipv6 }\nawsNode: { securityGroupsForPods: {} }",
            "awsNode: { networkPolicy: {} }",
        ),
    ),
    error(
        "SGP-01",
        "security groups for pods want types with a trunk",
        "on others, all t types among them, such pods stay pending",
        BRANCHES,
        (
            "securityGroupsForPods: {}\ninstanceTypes: [t3.large]",
            "securityGroupsForPods: {}\ninstanceTypes: [m6i.large]",
        ),
    ),
    error(
        "SGP-03",
        "security groups for pods want private subnets",
        "a branch interface has no public address, so its pods never reach the internet from a public subnet",
        BRANCHES,
        (
            "securityGroupsForPods: {}\ntiers: [{ name: nodes, egress: internet }]",
            "securityGroupsForPods: {}\ntiers: [{ name: nodes, egress: nat }]",
        ),
    ),
    error(
        "SD-05",
        "the pods' own tier is open to pods",
        "aws-node reads the tag even with custom networking: an ENIConfig's subnet tagged `0` leaves nodes without a pool, never ready",
        "amazon-vpc-cni-k8s v1.23.1, pkg/ipamd, setupENI",
        (
            "customNetworking: { tier: pods }\ntags: { kubernetes.io/role/cni: \"0\" }   # on the tier pods",
            "customNetworking: { tier: pods }",
        ),
    ),
    error(
        "SD-03",
        "a node subnet closed to pods has an open one beside it",
        "aws-node finds no valid subnet, and the node's pods never get an address",
        "amazon-vpc-cni-k8s v1.23.1, pkg/awsutils",
        (
            "tags: { kubernetes.io/role/cni: \"0\" }   # and no tier with \"1\"",
            "(a tier with `serves: [pods]`, and `subnetDiscovery: true`)",
        ),
    ),
];

pub fn check(spec: &Spec) -> Vec<Diagnostic> {
    let Some(cluster) = &spec.cluster else { return Vec::new() };
    let mut findings = Vec::new();
    if cluster.ipv6 {
        findings.extend(ipv6_needs(spec, cluster));
        findings.extend(ipv6_forbids(spec, cluster));
    }
    if cluster.ipv6 && cluster.aws_node.pod_security_groups.is_some() {
        findings.push(
            Diagnostic::warning(
                "IP6-03",
                "awsNode.securityGroupsForPods",
                "security groups for pods with IPv6: EKS's guide has them, aws-node's own table of features does not",
            )
            .also("cluster.ipFamily", "IPv6 here")
            .hint("try it before you rely on it, with aws-node 1.16 or later"),
        );
    }
    if cluster.aws_node.pod_security_groups.is_some() {
        findings
            .extend(cluster.node_groups.iter().flat_map(|group| branches(spec, cluster, group)));
    }
    findings.extend(cluster.node_groups.iter().filter_map(|group| closed(spec, cluster, group)));
    findings.extend(closed_pods(spec, cluster));
    findings
}

fn ipv6_needs(spec: &Spec, cluster: &Cluster) -> Vec<Diagnostic> {
    let place = "cluster.ipFamily";
    let mut findings = Vec::new();
    if spec.vpc.ipv6.is_none() {
        findings.push(
            Diagnostic::error("IP6-01", place, "the VPC has no IPv6")
                .hint("write `vpc: { ipv6: amazon }`"),
        );
    }
    if !cluster.aws_node.prefix_delegation {
        findings.push(
            Diagnostic::error(
                "IP6-01",
                "awsNode.prefixDelegation",
                "IPv6 pods get their addresses from prefixes only",
            )
            .also(place, "IPv6 here")
            .hint("write `prefixDelegation: true`, or leave it out"),
        );
    }
    for group in &cluster.node_groups {
        findings.extend(group.instances.iter().find(|instance| !instance.prefixes).map(
            |instance| {
                Diagnostic::error(
                    "IP6-01",
                    key(&group.path, "instanceTypes"),
                    format!(
                        "aws-node does not start on `{}` with IPv6: it is no Nitro type",
                        instance.name
                    ),
                )
                .hint("take a Nitro type, such as `m6i.large`")
            },
        ));
    }
    findings
}

fn ipv6_forbids(spec: &Spec, cluster: &Cluster) -> Vec<Diagnostic> {
    let place = "cluster.ipFamily";
    let mut findings = Vec::new();
    if cluster.aws_node.custom_networking.is_some() {
        findings.push(
            Diagnostic::error(
                "IP6-02",
                "awsNode.customNetworking",
                "custom networking is for IPv4 pods",
            )
            .also(place, "IPv6 here")
            .hint("remove it: IPv6 pods use up no IPv4 addresses"),
        );
    }
    if cluster.service_cidr_written {
        findings.push(
            Diagnostic::error(
                "IP6-02",
                "cluster.serviceCidr",
                "EKS picks the service range of an IPv6 cluster itself",
            )
            .also(place, "IPv6 here")
            .hint("remove `serviceCidr`"),
        );
    }
    if cluster
        .aws_node
        .variables
        .get("ENABLE_SUBNET_DISCOVERY")
        .is_some_and(|value| value == "true")
    {
        findings.push(
            Diagnostic::error("IP6-02", "awsNode.subnetDiscovery", "subnet discovery finds more addresses for IPv4 pods")
                .also(place, "IPv6 here")
                .hint("remove it: a node of an IPv6 cluster has all of its pods' addresses on its first interface"),
        );
    }
    if spec.region.partition() == "aws-cn" {
        findings.push(
            Diagnostic::error(
                "IP6-02",
                place,
                format!("there are no IPv6 clusters in {}", spec.region.name),
            )
            .hint("write `ipFamily: ipv4`"),
        );
    }
    findings
}

fn branches(spec: &Spec, cluster: &Cluster, group: &NodeGroup) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let untrunked = |instance: &&&Instance| instance.branches.is_none();
    // Such pods go to nodes that have a trunk, if there are any.
    let elsewhere = cluster.node_groups.iter().any(|other| {
        !other.instances.is_empty()
            && !other.instances.iter().any(|instance| instance.branches.is_none())
    });
    findings.extend(group.instances.iter().find(untrunked).map(|instance| {
        let place = key(&group.path, "instanceTypes");
        let finding = match elsewhere {
            true => {
                Diagnostic::warning("SGP-01", place, format!("no pod with security groups of its own runs on `{}`: it has no trunk interface", instance.name))
            }
            false => Diagnostic::error("SGP-01", place, format!("`{}` has no trunk interface for pods' security groups", instance.name)),
        };
        finding
            .also("awsNode.securityGroupsForPods", "wanted here")
            .hint("take a type with a trunk, such as `m6i.large`; `eksnet instances` lists their branch interfaces")
    }));
    // Branch interfaces stand in the pods' own tier, if there is one.
    let holder = spec.tier(group.pod_tier.as_ref().unwrap_or(&group.tier));
    let strict = cluster.aws_node.pod_security_groups == Some(Enforcing::Strict);
    // With `strict` nothing is translated on the node: packets leave by the branch interface's own subnet.
    let shut = |tier: &&Tier| {
        tier.egress == TierEgress::Internet
            || strict
                && !cluster.ipv6
                && !spec.has_way_out(tier)
                && spec.endpoints.services.is_empty()
    };
    findings.extend(holder.filter(shut).map(|tier| {
        Diagnostic::error(
            "SGP-03",
            key(&tier.path, "egress"),
            format!("pods with security groups of their own cannot leave `{}`", tier.name),
        )
        .also("awsNode.securityGroupsForPods", "wanted here")
        .hint("write `egress: nat`")
    }));
    findings
}

fn closed_pods(spec: &Spec, cluster: &Cluster) -> Option<Diagnostic> {
    let named = cluster.pod_tiers().into_iter().filter_map(|name| spec.tier(name));
    let tier = named.into_iter().find(|tier| pods::is_closed(tier, &spec.name))?;
    let place = key(&key(&tier.path, "tags"), DISCOVERY_TAG);
    let finding = Diagnostic::error(
        "SD-05",
        place,
        format!("`{}` is closed to pods, and custom networking puts them there", tier.name),
    );
    Some(finding.also("awsNode.customNetworking.tier", "here").hint("remove the tag"))
}

/// A node tier tagged `0` needs discovery and, in each of its zones, a tier tagged `1`.
fn closed(spec: &Spec, cluster: &Cluster, group: &NodeGroup) -> Option<Diagnostic> {
    let tier = spec.tier(&group.tier).filter(|tier| pods::is_closed(tier, &spec.name))?;
    let place = key(&key(&tier.path, "tags"), DISCOVERY_TAG);
    if cluster.ipv6 {
        let finding = Diagnostic::error(
            "SD-03",
            place,
            "IPv6 pods have their addresses on the node's first interface, which the tag closes to them",
        );
        return Some(finding.also("cluster.ipFamily", "IPv6 here").hint("remove the tag"));
    }
    if cluster.aws_node.custom_networking.is_some() {
        return None;
    }
    if !cluster.aws_node.discovery {
        let finding = Diagnostic::error(
            "SD-03",
            place,
            format!("pods of `{}` have no subnet: discovery is off", group.name),
        );
        return Some(
            finding
                .also("awsNode.subnetDiscovery", "off here")
                .hint("write `subnetDiscovery: true`, or remove the tag"),
        );
    }
    let open: &[String] =
        if let PodSubnets::Discovered(tiers) = &cluster.pods_in { tiers } else { &[] };
    let covered = |zone: &crate::spec::Zone| {
        open.iter().filter_map(|name| spec.tier(name)).any(|tier| tier.zones.contains(zone))
    };
    let bare = tier.zones.iter().find(|zone| !covered(zone))?;
    Some(
        Diagnostic::error("SD-03", place, format!("pods of `{}` have no subnet in {}: no tier there is open to them", group.name, bare.word()))
            .hint("add a tier with `serves: [pods]` in every zone of the nodes, and `awsNode: { subnetDiscovery: true }`"),
    )
}
