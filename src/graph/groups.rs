//! Security groups of nodes and pods, and who reaches the API. Rules between groups are resources of their own, so that groups may
//! name each other.

use ipnet::Ipv4Net;
use serde_json::{Value, json};

use crate::blueprint::model::Protocol;
use crate::facts::endpoints::KARPENTER_TAG;
use crate::facts::ports::{CLUSTER_TAG, DNS, EVERYBODY, EVERYBODY_IPV6, HTTPS, KUBELET, WEBHOOKS};
use crate::spec::guards::{Peer, Rules, Traffic};
use crate::spec::{Cluster, Spec, Tags};

use super::traffic::{self, Egress, Ingress, SecurityGroup, Side};
use super::value::{GetAtt, Ref, tags};
use super::{Graph, id};

const PATH: &str = "securityGroups";
const NODES: &str = "NodeSecurityGroup";
const PODS: &str = "PodSecurityGroup";

/// The group that EKS makes for the control plane.
fn of_eks() -> Value {
    json!(GetAtt("Cluster".into(), "ClusterSecurityGroupId"))
}

fn own(group: &str) -> Value {
    json!(Ref(group.into()))
}

/// The groups on the nodes' interfaces; none: EKS gives them its own.
pub fn of_nodes(spec: &Spec) -> Option<Vec<Ref>> {
    spec.guards.least_privilege.then(|| vec![Ref(NODES.into())])
}

/// The group of the pods' own interfaces, by logical id, unless the author named groups.
pub fn of_pods(spec: &Spec) -> Option<&'static str> {
    let custom = spec.cluster.as_ref().and_then(|cluster| cluster.aws_node.custom_networking.as_ref())?;
    (spec.guards.least_privilege && custom.security_groups.is_empty()).then_some(PODS)
}

pub fn build(spec: &Spec, cluster: &Cluster, graph: &mut Graph) {
    callers(spec, cluster, graph);
    if !spec.guards.least_privilege {
        return;
    }
    let guards = &spec.guards;
    graph.add(NODES, PATH, &group(spec, cluster, ("nodes", "Nodes: the control plane, each other, and what is added"), &guards.nodes));
    among(NODES, NODES, "everything among nodes", graph);
    with_control_plane(NODES, !cluster.fargate.is_empty(), graph);
    if of_pods(spec).is_some() {
        graph.add(PODS, PATH, &group(spec, cluster, ("pods", "Pods: the control plane, nodes, each other, and what is added"), &guards.pods));
        among(PODS, PODS, "everything among pods", graph);
        among(NODES, PODS, "everything from nodes to pods", graph);
        among(PODS, NODES, "everything from pods to nodes", graph);
        with_control_plane(PODS, !cluster.fargate.is_empty(), graph);
    }
}

/// Everything from one group to another: what pods may reach among each other is for network policies to say (rule SEC-10).
fn among(from: &str, to: &str, why: &str, graph: &mut Graph) {
    graph.add(format!("{to}From{}", short(from)), PATH, &Ingress::from_group(own(to), own(from), ("-1", None), why));
    graph.add(format!("{from}To{}", short(to)), PATH, &Egress::to_group(own(from), own(to), why));
}

/// `NodeSecurityGroup` → `Node`.
fn short(group: &str) -> &str {
    group.trim_end_matches("SecurityGroup")
}

/// The kubelet and webhooks from the control plane, the API from nodes and pods (rule SEC-01). Pods on Fargate wear the control
/// plane's group, and are pods.
fn with_control_plane(group: &str, fargate: bool, graph: &mut Graph) {
    let api = Ingress::from_group(of_eks(), own(group), ("tcp", Some(HTTPS)), "the API");
    graph.add(format!("ClusterFrom{}", short(group)), PATH, &api);
    if fargate {
        let why = "pods on Fargate";
        graph.add(format!("{group}FromFargate"), PATH, &Ingress::from_group(own(group), of_eks(), ("-1", None), why));
        graph.add(format!("FargateFrom{}", short(group)), PATH, &Ingress::from_group(of_eks(), own(group), ("-1", None), why));
        graph.add(format!("{group}ToFargate"), PATH, &Egress::to_group(own(group), of_eks(), why));
        return;
    }
    let kubelet = std::iter::once((KUBELET, "the kubelet"));
    for (port, why) in kubelet.chain(WEBHOOKS.iter().map(|port| (*port, "webhooks and aggregated APIs"))) {
        graph.add(format!("{group}FromCluster{port}"), PATH, &Ingress::from_group(own(group), of_eks(), ("tcp", Some(port)), why));
    }
}

/// What leaves is for AWS services and registries, and for whatever the author adds.
fn group(spec: &Spec, cluster: &Cluster, (name, description): (&str, &'static str), rules: &Rules) -> SecurityGroup {
    let family = [Some(EVERYBODY), cluster.ipv6.then_some(EVERYBODY_IPV6)];
    let web = |peer| plain(peer, (Protocol::Tcp, HTTPS), "AWS services and registries");
    let egress = family.into_iter().flatten().map(web).map(|rule| traffic::row(&rule, Side::Egress));
    let egress = egress.chain(rules.egress.iter().map(|rule| traffic::row(rule, Side::Egress))).collect();
    let names = cluster.remote.all().flat_map(asking);
    let ingress = rules.ingress.iter().cloned().chain(names).map(|rule| traffic::row(&rule, Side::Ingress)).collect();
    SecurityGroup { vpc: Ref("Vpc".into()), description, ingress, egress, tags: tags(spec, name, &found_by(spec)) }
}

fn plain(peer: &str, (protocol, port): (Protocol, u16), why: &str) -> Traffic {
    let peer = Peer::Range(peer.parse().expect("a range of the facts, or one that was parsed before"));
    Traffic { peer, protocol, ports: Some((port, port)), why: why.to_string(), path: String::new() }
}

/// Hybrid nodes and their pods ask the cluster's DNS, which runs on nodes here (rule HYB-07).
fn asking(range: Ipv4Net) -> [Traffic; 2] {
    [Protocol::Tcp, Protocol::Udp].map(|protocol| plain(&range.to_string(), (protocol, DNS), "cluster DNS for hybrid nodes"))
}

/// The tags by which controllers find the one group that they may add rules to (rules TAG-06, TAG-09).
fn found_by(spec: &Spec) -> Tags {
    let mut tags = Tags::from([(format!("{CLUSTER_TAG}{}", spec.name), "owned".to_string())]);
    let karpenter = spec.tiers.iter().find_map(|tier| tier.tags.get(KARPENTER_TAG));
    tags.extend(karpenter.map(|name| (KARPENTER_TAG.to_string(), name.clone())));
    tags
}

/// Whoever is let in at the API: hybrid nodes and their pods (rule HYB-07), and whom the author names (rule EP-10).
fn callers(spec: &Spec, cluster: &Cluster, graph: &mut Graph) {
    for range in cluster.remote.all() {
        let api = plain(&range.to_string(), (Protocol::Tcp, HTTPS), "hybrid nodes and their pods call the API");
        graph.add(format!("ClusterIngress{}", id::plain(&range.to_string())), "cluster.remoteNetworks", &Ingress::written(of_eks(), &api, ""));
        // Nodes with groups of their own let these in themselves.
        for rule in asking(range).iter().filter(|_| !spec.guards.least_privilege) {
            graph.add(format!("ClusterDns{}", id::plain(&traffic::word(rule))), "cluster.remoteNetworks", &Ingress::written(of_eks(), rule, ""));
        }
    }
    for rule in &spec.guards.control_plane {
        graph.add(format!("ClusterFrom{}", id::plain(&traffic::word(rule))), &rule.path, &Ingress::written(of_eks(), rule, "the API"));
    }
}
