//! Modes of the pod network that exclude each other, or ask for something: IPv6, security groups for pods, subnet discovery.

use crate::blueprint::model::TierEgress;
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::aws_node::names;
use crate::facts::instances::Instance;
use crate::facts::subnets::DISCOVERY_TAG;
use crate::intent::aws_node::Enforcing;
use crate::intent::{Cluster, Intent, NodeGroup, PodSubnets, pods};
use crate::rules::{IP6_01, IP6_02, IP6_03, SD_03, SD_05, SGP_01, SGP_03, SGP_08};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let Some(cluster) = &intent.cluster else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    if cluster.ipv6 {
        findings.extend(ipv6_needs(intent, cluster));
        findings.extend(ipv6_forbids(intent, cluster));
    }
    if cluster.ipv6 && cluster.aws_node.pod_security_groups.is_some() {
        findings.push(
            IP6_03.at("awsNode.securityGroupsForPods",
                "security groups for pods with IPv6: EKS's guide supports them, aws-node's own table of features does not",
            )
            .also("cluster.ipFamily", "IPv6 here")
            .hint("try it before you rely on it, with aws-node 1.16 or later"),
        );
    }
    if cluster.aws_node.pod_security_groups.is_some() {
        findings.extend(linux(cluster).flat_map(|group| branches(intent, cluster, group)));
    }
    findings.extend(cluster.node_groups.iter().filter_map(|group| closed(intent, cluster, group)));
    findings.extend(closed_pods(intent, cluster));
    findings
}

/// Windows nodes have no branch interfaces, and pods that ask for none.
fn linux(cluster: &Cluster) -> impl Iterator<Item = &NodeGroup> {
    cluster.node_groups.iter().filter(|group| !group.ami.is_windows())
}

fn ipv6_needs(intent: &Intent, cluster: &Cluster) -> Vec<Diagnostic> {
    let place = "cluster.ipFamily";
    let mut findings = Vec::new();
    if intent.vpc.ipv6.is_none() {
        findings.push(IP6_01.at(place, "the VPC has no IPv6").hint("set `vpc: { ipv6: amazon }`"));
    }
    if cluster.aws_node.runs() && !cluster.aws_node.prefix_delegation {
        findings.push(
            IP6_01
                .at("awsNode.prefixDelegation", "IPv6 pods get their addresses from prefixes only")
                .also(place, "IPv6 here")
                .hint("set `prefixDelegation: true`, or remove it"),
        );
    }
    for group in &cluster.node_groups {
        findings.extend(group.instances.iter().find(|instance| !instance.prefixes).map(
            |instance| {
                IP6_01
                    .at(
                        key(&group.path, "instanceTypes"),
                        format!(
                            "aws-node does not start on `{}` with IPv6: it is not a Nitro type",
                            instance.name
                        ),
                    )
                    .hint("use a Nitro type, such as `m6i.large`")
            },
        ));
    }
    findings
}

fn ipv6_forbids(intent: &Intent, cluster: &Cluster) -> Vec<Diagnostic> {
    let place = "cluster.ipFamily";
    let mut findings = Vec::new();
    if cluster.aws_node.custom_networking.is_some() {
        findings.push(
            IP6_02
                .at("awsNode.customNetworking", "custom networking is for IPv4 pods")
                .also(place, "IPv6 here")
                .hint("remove it: IPv6 pods use up no IPv4 addresses"),
        );
    }
    if cluster.service_cidr_written {
        findings.push(
            IP6_02
                .at("cluster.serviceCidr", "EKS picks the service range of an IPv6 cluster itself")
                .also(place, "IPv6 here")
                .hint("remove `serviceCidr`"),
        );
    }
    if cluster.aws_node.settings.is_on(names::SUBNET_DISCOVERY) {
        findings.push(
            IP6_02.at("awsNode.subnetDiscovery", "subnet discovery finds more addresses for IPv4 pods")
                .also(place, "IPv6 here")
                .hint("remove it: a node of an IPv6 cluster has all of its pods' addresses on its first interface"),
        );
    }
    if intent.region.partition() == "aws-cn" {
        findings.push(
            IP6_02
                .at(place, format!("EKS does not support IPv6 clusters in {}", intent.region.name))
                .hint("set `ipFamily: ipv4`"),
        );
    }
    findings
}

fn branches(intent: &Intent, cluster: &Cluster, group: &NodeGroup) -> Vec<Diagnostic> {
    let untrunked = |instance: &&&Instance| instance.branches.is_none();
    // Such pods go to nodes that have a trunk, in this group too, or to Fargate.
    let trunk = |group: &NodeGroup| group.instances.iter().any(|one| one.branches.is_some());
    let elsewhere = cluster.node_groups.iter().any(trunk) || !cluster.fargate.is_empty();
    let mut findings: Vec<Diagnostic> = Vec::new();
    findings.extend(group.instances.iter().find(untrunked).map(|instance| {
        let place = key(&group.path, "instanceTypes");
        let finding = match elsewhere {
            true => {
                SGP_08.at(place, format!("no pod with security groups of its own runs on `{}`: it has no trunk interface", instance.name))
            }
            false => SGP_01.at(place, format!("`{}` has no trunk interface for pods' security groups, and no other node has one", instance.name)),
        };
        finding
            .also("awsNode.securityGroupsForPods", "on here")
            .hint("use a type with a trunk, such as `m6i.large`; `eksnet instances` lists their branch interfaces")
    }));
    findings.extend(untranslated(intent, cluster, group));
    findings
}

/// With `strict` nothing is translated on the node: packets leave by the branch interface's own subnet, with a private address.
fn untranslated(intent: &Intent, cluster: &Cluster, group: &NodeGroup) -> Option<Diagnostic> {
    if cluster.aws_node.pod_security_groups != Some(Enforcing::Strict) || cluster.ipv6 {
        return None;
    }
    // Branch interfaces are in the pods' own tier, if there is one.
    let tier = intent.tier(group.pod_tier.as_ref().unwrap_or(&group.tier))?;
    let shut = !intent.may_have_way_out(tier) && intent.endpoints.services.is_empty();
    (tier.leaves() == TierEgress::Internet || shut).then(|| {
        let message = format!(
            "pods with security groups of their own do not reach the internet from `{}`",
            tier.name
        );
        SGP_03
            .at(key(&tier.path, "egress"), message)
            .also("awsNode.securityGroupsForPods.enforcing", "strict here")
            .hint("set `egress: nat`, or `enforcing: standard`, which translates on the node; or allow it, if they call nothing outside the VPC")
    })
}

fn closed_pods(intent: &Intent, cluster: &Cluster) -> Option<Diagnostic> {
    let named = cluster.pod_tiers().into_iter().filter_map(|name| intent.tier(name));
    let tier = named.into_iter().find(|tier| pods::is_closed(tier, intent.cluster_name()))?;
    let place = key(&key(&tier.path, "tags"), DISCOVERY_TAG);
    let finding = SD_05.at(
        place,
        format!("`{}` is closed to pods, and custom networking puts them there", tier.name),
    );
    Some(finding.also("awsNode.customNetworking.tier", "here").hint("remove the tag"))
}

/// A node tier tagged `0` needs discovery and, in each of its zones, a tier tagged `1`.
fn closed(intent: &Intent, cluster: &Cluster, group: &NodeGroup) -> Option<Diagnostic> {
    let tier =
        intent.tier(&group.tier).filter(|tier| pods::is_closed(tier, intent.cluster_name()))?;
    let place = key(&key(&tier.path, "tags"), DISCOVERY_TAG);
    if cluster.ipv6 {
        let finding = SD_03.at(place,
            "IPv6 pods have their addresses on the node's first interface, which the tag closes to them",
        );
        return Some(finding.also("cluster.ipFamily", "IPv6 here").hint("remove the tag"));
    }
    if cluster.aws_node.custom_networking.is_some() {
        return None;
    }
    if !cluster.aws_node.discovery {
        let finding =
            SD_03.at(place, format!("pods of `{}` have no subnet: discovery is off", group.name));
        return Some(
            finding
                .also("awsNode.subnetDiscovery", "off here")
                .hint("set `subnetDiscovery: true`, or remove the tag"),
        );
    }
    let open: &[String] =
        if let PodSubnets::Discovered(tiers) = &cluster.pods_in { tiers } else { &[] };
    let covered = |zone: &crate::intent::Zone| {
        open.iter().filter_map(|name| intent.tier(name)).any(|tier| tier.zones.contains(zone))
    };
    let bare = tier.zones.iter().find(|zone| !covered(zone))?;
    Some(
        SD_03.at(place, format!("pods of `{}` have no subnet in {}: no tier there is open to them", group.name, bare.word()))
            .hint("add a tier with `serves: [pods]` in every zone of the nodes, and `awsNode: { subnetDiscovery: true }`"),
    )
}
