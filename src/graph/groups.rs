//! Security groups of nodes and pods, and who reaches the API. Rules between groups are resources of their own, so that groups may
//! name each other.

use ipnet::{IpNet, Ipv4Net};
use serde_json::{Value, json};

use crate::blueprint::model::Protocol;
use crate::facts::endpoints::KARPENTER_TAG;
use crate::facts::ids;
use crate::facts::ports::{
    CLUSTER_TAG, CNI_METRICS, DNS, EVERYBODY, EVERYBODY_IPV6, HTTPS, KUBELET, WEBHOOKS,
};
use crate::intent::security::{Peer, Rules, Traffic};
use crate::intent::{Cluster, Intent, Tags};

use super::traffic::{self, Egress, Ingress, SecurityGroup, Side};
use super::value::{GetAtt, Ref, tags};
use super::{Graph, id};

const PATH: &str = "securityGroups";
pub const NODES: &str = "NodeSecurityGroup";
pub const PODS: &str = "PodSecurityGroup";

/// The group that EKS makes for the control plane.
fn of_eks() -> Value {
    json!(GetAtt("Cluster".into(), "ClusterSecurityGroupId"))
}

fn own(group: &str) -> Value {
    json!(Ref(group.into()))
}

/// The groups on the nodes' interfaces; none: EKS gives them its own.
pub fn of_nodes(intent: &Intent) -> Option<Vec<Ref>> {
    intent.security.least_privilege.then(|| vec![Ref(NODES.into())])
}

/// The group of the nodes, by logical id, where they have one of their own.
pub fn of_auto_nodes(intent: &Intent) -> Option<&'static str> {
    intent.security.least_privilege.then_some(NODES)
}

/// The group of the pods' own interfaces, by logical id, unless the author named groups.
pub fn of_pods(intent: &Intent) -> Option<&'static str> {
    let custom =
        intent.cluster.as_ref().and_then(|cluster| cluster.aws_node.custom_networking.as_ref())?;
    (intent.security.least_privilege && custom.security_groups.is_empty()).then_some(PODS)
}

/// Rules that nodes and pods cannot do without: whoever runs on nodes waits for them, and on deletion they outlive the nodes.
pub fn rule_ids(intent: &Intent, cluster: &Cluster) -> Vec<String> {
    let mut own = Graph::default();
    build(intent, cluster, &mut own);
    own.resources
        .into_iter()
        .filter(|(_, resource)| resource.template.starts_with("ec2/security-group-"))
        .map(|(id, _)| id)
        .collect()
}

/// How many rules of one family a group has in its fuller direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleCount {
    pub family: &'static str,
    pub rules: usize,
}

/// The fuller family of each group, with its place; eksnet's own rules counted. EC2 counts IPv4 and IPv6 apart, and a rule that
/// names a group or a prefix list in both.
pub fn rule_counts(intent: &Intent, cluster: &Cluster) -> Vec<(&'static str, RuleCount)> {
    let mut own = Graph::default();
    build(intent, cluster, &mut own);
    let groups = [
        ("securityGroups.controlPlane", of_eks()),
        ("securityGroups.nodes", self::own(NODES)),
        ("securityGroups.pods", self::own(PODS)),
    ];
    let fuller = |group: &Value| {
        let sides =
            [("ec2/security-group-ingress", "ingress"), ("ec2/security-group-egress", "egress")];
        let families = [("IPv6", false), ("IPv4", true)].map(|(family, ipv4)| {
            let count = |(template, list)| {
                let rules = rules_of(&own, group, template, list);
                rules.iter().filter(|rule| counts(rule, ipv4)).count()
            };
            RuleCount { family, rules: sides.map(count).into_iter().max().unwrap_or(0) }
        });
        families.into_iter().max_by_key(|count| count.rules).unwrap_or(families[1])
    };
    groups.iter().map(|(place, group)| (*place, fuller(group))).collect()
}

/// The rules of a group in one direction: those of resources of their own, and those inside it.
fn rules_of(graph: &Graph, group: &Value, template: &str, list: &str) -> Vec<Value> {
    let apart = graph
        .resources
        .values()
        .filter(|resource| resource.template == template && resource.facts["group"] == *group)
        .map(|resource| resource.facts.clone());
    let id = group["Ref"].as_str().unwrap_or_default();
    let inside = graph.resources.get(id).and_then(|resource| resource.facts[list].as_array());
    apart.chain(inside.into_iter().flatten().cloned()).collect()
}

fn counts(rule: &Value, ipv4: bool) -> bool {
    let has = |names: [&str; 2]| names.iter().any(|name| rule[name].is_string());
    match (has(["cidr", "CidrIp"]), has(["ipv6_cidr", "CidrIpv6"])) {
        (false, false) => true,
        (four, six) => {
            if ipv4 {
                four
            } else {
                six
            }
        }
    }
}

pub fn build(intent: &Intent, cluster: &Cluster, graph: &mut Graph) {
    callers(intent, cluster, graph);
    named(intent, cluster, graph);
    if !intent.security.least_privilege {
        return;
    }
    let security = &intent.security;
    let open = security.joining || !cluster.fargate.is_empty();
    graph.add(
        NODES,
        PATH,
        &group(
            intent,
            cluster,
            ("nodes", "Nodes: the control plane, each other, and what is added"),
            &of_nodes_and_pods(intent, cluster),
        ),
    );
    among(NODES, NODES, "everything among nodes", graph);
    with_control_plane(NODES, open, graph);
    if security.alarms.as_ref().is_some_and(|alarms| alarms.metrics_helper) && !open {
        let why = "cni-metrics-helper, through the API server";
        graph.add(
            format!("{NODES}FromCluster{CNI_METRICS}"),
            PATH,
            &Ingress::from_group(own(NODES), of_eks(), ("tcp", Some(CNI_METRICS)), why),
        );
    }
    if of_pods(intent).is_some() {
        graph.add(
            PODS,
            PATH,
            &group(
                intent,
                cluster,
                ("pods", "Pods: the control plane, nodes, each other, and what is added"),
                &security.pods,
            ),
        );
        among(PODS, PODS, "everything among pods", graph);
        among(NODES, PODS, "everything from nodes to pods", graph);
        among(PODS, NODES, "everything from pods to nodes", graph);
        with_control_plane(PODS, open, graph);
    }
}

/// The author's rules for nodes, and those for pods whose packets leave the VPC: while the node translates, they leave by the node's first
/// interface, and its group decides.
fn of_nodes_and_pods(intent: &Intent, cluster: &Cluster) -> Rules {
    let mut rules = intent.security.nodes.clone();
    let translated = of_pods(intent).is_some() && cluster.aws_node.translates();
    for rule in intent.security.pods.egress.iter().filter(|_| translated) {
        let outside = match &rule.peer {
            Peer::Range(IpNet::V4(range)) => !intent.vpc.cidrs().any(|own| own.contains(range)),
            Peer::Range(IpNet::V6(_)) | Peer::Group(_) => false,
            Peer::PrefixList(_) => true,
        };
        let there = rules.egress.iter().any(|own| {
            own.peer == rule.peer && own.protocol == rule.protocol && own.ports == rule.ports
        });
        if outside && !there {
            rules.egress.push(rule.clone());
        }
    }
    rules
}

/// Everything from one group to another: what pods may reach among each other is for network policies to say.
fn among(from: &str, to: &str, why: &str, graph: &mut Graph) {
    graph.add(
        format!("{to}From{}", short(from)),
        PATH,
        &Ingress::from_group(own(to), own(from), ("-1", None), why),
    );
    graph.add(format!("{from}To{}", short(to)), PATH, &Egress::to_group(own(from), own(to), why));
}

/// `NodeSecurityGroup` → `Node`.
fn short(group: &str) -> &str {
    group.trim_end_matches("SecurityGroup")
}

/// The kubelet and webhooks from the control plane, the API from nodes and pods. `open`: pods on Fargate, or nodes that
/// are being exchanged, wear the control plane's group.
fn with_control_plane(group: &str, open: bool, graph: &mut Graph) {
    let api = Ingress::from_group(of_eks(), own(group), ("tcp", Some(HTTPS)), "the API");
    graph.add(format!("ClusterFrom{}", short(group)), PATH, &api);
    if open {
        let why = "pods and nodes with the group of EKS";
        graph.add(
            format!("{group}FromFargate"),
            PATH,
            &Ingress::from_group(own(group), of_eks(), ("-1", None), why),
        );
        graph.add(
            format!("FargateFrom{}", short(group)),
            PATH,
            &Ingress::from_group(of_eks(), own(group), ("-1", None), why),
        );
        graph.add(format!("{group}ToFargate"), PATH, &Egress::to_group(own(group), of_eks(), why));
        return;
    }
    let kubelet = std::iter::once((KUBELET, "the kubelet"));
    for (port, why) in
        kubelet.chain(WEBHOOKS.iter().map(|port| (*port, "webhooks and aggregated APIs")))
    {
        graph.add(
            format!("{group}FromCluster{port}"),
            PATH,
            &Ingress::from_group(own(group), of_eks(), ("tcp", Some(port)), why),
        );
    }
}

/// Groups of the author's on the pods' interfaces: their members reach the API, and nodes them.
fn named(intent: &Intent, cluster: &Cluster, graph: &mut Graph) {
    let groups =
        cluster.aws_node.custom_networking.iter().flat_map(|custom| &custom.security_groups);
    // Rules are counted before anybody has refused what is no id; two such words may make one logical id.
    let groups = groups.filter(|group| ids::is("sg-", group));
    for group in groups.collect::<std::collections::BTreeSet<_>>() {
        let path = "awsNode.customNetworking.securityGroups";
        let of = |protocol, ports| Traffic {
            peer: Peer::Group(group.clone()),
            protocol,
            ports,
            why: String::new(),
            path: path.to_string(),
        };
        caller(&of(Protocol::Tcp, Some((HTTPS, HTTPS))), "the API for pods", graph);
        if intent.security.least_privilege {
            let word = id::plain(&traffic::word(&of(Protocol::All, None)));
            graph.add(
                format!("{NODES}From{word}"),
                path,
                &Ingress::from_group(
                    own(NODES),
                    json!(group),
                    ("-1", None),
                    "everything from pods to nodes",
                ),
            );
            graph.add(
                format!("{NODES}To{word}"),
                path,
                &Egress::to_group(own(NODES), json!(group), "everything from nodes to pods"),
            );
        }
    }
}

/// What leaves is for AWS services and registries, for hybrid nodes, and for whatever the author adds; nothing twice.
fn group(
    intent: &Intent,
    cluster: &Cluster,
    (name, description): (&str, &'static str),
    rules: &Rules,
) -> SecurityGroup {
    let family = [Some(EVERYBODY), cluster.ipv6.then_some(EVERYBODY_IPV6)];
    let web = family
        .into_iter()
        .flatten()
        .map(|peer| plain(peer, (Protocol::Tcp, HTTPS), "AWS services and registries"));
    let kubelets = cluster.remote.nodes.iter().map(|range| {
        plain(&range.to_string(), (Protocol::Tcp, KUBELET), "kubelets of hybrid nodes")
    });
    let egress = rows(
        &rules.egress,
        web.chain(cluster.remote.all().flat_map(asking)).chain(kubelets),
        Side::Egress,
    );
    let ingress = rows(&rules.ingress, cluster.remote.all().flat_map(asking), Side::Ingress);
    SecurityGroup {
        vpc: super::network::vpc_ref(intent),
        description,
        ingress,
        egress,
        tags: tags(
            intent,
            name,
            &intent.security.tags.clone().into_iter().chain(found_by(intent)).collect(),
        ),
    }
}

/// The author's rules, and eksnet's own that he did not write himself.
fn rows(written: &[Traffic], own: impl Iterator<Item = Traffic>, side: Side) -> Vec<Value> {
    let same = |rule: &Traffic| {
        written.iter().any(|other| {
            other.peer == rule.peer && other.protocol == rule.protocol && other.ports == rule.ports
        })
    };
    own.filter(|rule| !same(rule))
        .chain(written.iter().cloned())
        .map(|rule| traffic::row(&rule, side))
        .collect()
}

fn plain(peer: &str, (protocol, port): (Protocol, u16), why: &str) -> Traffic {
    let peer =
        Peer::Range(peer.parse().expect("a range of the facts, or one that was parsed before"));
    Traffic { peer, protocol, ports: Some((port, port)), why: why.to_string(), path: String::new() }
}

/// Hybrid nodes and their pods ask the cluster's DNS, which runs on nodes here.
fn asking(range: Ipv4Net) -> [Traffic; 2] {
    [Protocol::Tcp, Protocol::Udp]
        .map(|protocol| plain(&range.to_string(), (protocol, DNS), "cluster DNS for hybrid nodes"))
}

/// The tags by which controllers find the one group that they may add rules to.
fn found_by(intent: &Intent) -> Tags {
    let mut tags =
        Tags::from([(format!("{CLUSTER_TAG}{}", intent.cluster_name()), "owned".to_string())]);
    let karpenter = intent.tiers.iter().find_map(|tier| tier.tags.get(KARPENTER_TAG));
    tags.extend(karpenter.map(|name| (KARPENTER_TAG.to_string(), name.clone())));
    tags
}

/// Whoever is let in at the API: hybrid nodes and their pods, and whom the author names (rule EP-10).
fn callers(intent: &Intent, cluster: &Cluster, graph: &mut Graph) {
    for rule in &intent.security.control_plane {
        caller(rule, "the API", graph);
    }
    for range in cluster.remote.all() {
        let api = plain(
            &range.to_string(),
            (Protocol::Tcp, HTTPS),
            "hybrid nodes and their pods call the API",
        );
        caller(&Traffic { path: "cluster.remoteNetworks".into(), ..api }, "", graph);
        // Nodes with groups of their own let these in themselves.
        for rule in asking(range).into_iter().filter(|_| !intent.security.least_privilege) {
            caller(&Traffic { path: "cluster.remoteNetworks".into(), ..rule }, "", graph);
        }
    }
}

/// A rule of the control plane's group has one name, whoever asks for it: it stays when another key of the blueprint asks for it instead.
/// `why` is for one that says nothing itself.
fn caller(rule: &Traffic, why: &str, graph: &mut Graph) {
    let id = format!("ClusterFrom{}", id::plain(&traffic::word(rule)));
    if !graph.resources.contains_key(&id) {
        graph.add(id, &rule.path, &Ingress::written(of_eks(), rule, why));
    }
}
