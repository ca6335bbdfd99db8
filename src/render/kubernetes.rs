//! Manifests for the cluster's own API: ENIConfigs, aws-node's settings, and the node class and pool of Auto Mode.

use serde::Serialize;
use serde_json::{Value, json};

use crate::address::AddressPlan;
use crate::diagnostic::Failure;
use crate::facts::kubernetes::{
    AWS_NODE_INIT, CONFIG_MAP, DAEMON_SET, ENI_CONFIG, GENERAL_PURPOSE, Kind, NODE_CLASS,
    NODE_POOL, SERVICE_ACCOUNT,
};
use crate::facts::{aws_node, eks};
use crate::graph;
use crate::intent::auto::Auto;
use crate::intent::aws_node::RoleBy;
use crate::intent::{Cluster, Intent};

use super::fill::filled;

/// One object. What only the deployed stack knows stands as `${LogicalId}` or `${LogicalId.Attribute}`, except in the settings of aws-node,
/// which are as the author wrote them.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// Name of its file, without folder and ending.
    pub file: String,
    pub kind: Kind,
    pub value: Value,
}

impl Manifest {
    fn of(
        file: impl Into<String>,
        kind: Kind,
        template: &str,
        facts: &impl Serialize,
    ) -> Result<Self, Failure> {
        Ok(Self { file: file.into(), kind, value: filled(template, facts)? })
    }
}

#[derive(Serialize)]
struct EniConfig {
    name: String,
    subnet: String,
    security_groups: Option<Vec<String>>,
}

/// Nodes of EKS Auto Mode.
#[derive(Serialize)]
struct NodeClass {
    name: &'static str,
    role: String,
    subnets: Vec<Term>,
    security_groups: Vec<Term>,
    pod_subnets: Option<Vec<Term>>,
    pod_security_groups: Option<Vec<Term>>,
    snat: &'static str,
    network_policy: &'static str,
    advanced: Option<Value>,
}

/// Which subnets or groups: all that are named.
#[derive(Serialize)]
struct Term {
    id: String,
}

/// Settings of EKS's network policy controller, as text.
#[derive(Serialize)]
struct NetworkPolicy {
    controller: &'static str,
}

#[derive(Serialize)]
struct NodePool {
    name: &'static str,
    requirements: Vec<Requirement>,
}

/// What instances of a pool have to be.
#[derive(Serialize)]
struct Requirement {
    key: &'static str,
    operator: &'static str,
    values: &'static [&'static str],
}

#[derive(Serialize)]
struct AwsNode {
    init: Option<[Container; 1]>,
    env: Vec<Variable>,
}

#[derive(Serialize)]
struct Container {
    name: &'static str,
    env: Vec<Variable>,
}

#[derive(Serialize)]
struct Variable {
    name: &'static str,
    value: String,
}

/// The role of a service account (IAM roles for service accounts).
#[derive(Serialize)]
struct ServiceAccount {
    name: &'static str,
    role: Option<String>,
}

/// Name of the NodeClass and of its NodePool.
const OWN_NODES: &str = "eksnet";

/// Everything that is for Kubernetes, in the order in which it is applied.
pub fn all(
    intent: &Intent,
    cluster: &Cluster,
    plan: &AddressPlan,
) -> Result<Vec<Manifest>, Failure> {
    let mut manifests = aws_node(intent, cluster, plan)?;
    if let Some(auto) = &cluster.auto {
        manifests.push(Manifest::of(
            "node-class",
            NODE_CLASS,
            "kubernetes/node-class",
            &node_class(intent, auto, plan),
        )?);
        manifests.push(Manifest::of(
            "node-pool",
            NODE_POOL,
            "kubernetes/node-pool",
            &NodePool { name: OWN_NODES, requirements: requirements() },
        )?);
        manifests.extend(network_policy(auto)?);
    }
    Ok(manifests)
}

fn requirements() -> Vec<Requirement> {
    let row = |&(key, operator, values)| Requirement { key, operator, values };
    GENERAL_PURPOSE.iter().map(row).collect()
}

/// A NodeClass that speaks of network policies enforces none until their controller runs.
pub fn network_policy(auto: &Auto) -> Result<Option<Manifest>, Failure> {
    let manifest = || {
        Manifest::of(
            "network-policy",
            CONFIG_MAP,
            "kubernetes/network-policy",
            &NetworkPolicy { controller: "true" },
        )
    };
    auto.network_policy_written.then(manifest).transpose()
}

/// What makes aws-node run as the blueprint says: the add-on does the same, a self-managed one is given it.
pub fn aws_node(
    intent: &Intent,
    cluster: &Cluster,
    plan: &AddressPlan,
) -> Result<Vec<Manifest>, Failure> {
    if !cluster.aws_node.runs() {
        return Ok(Vec::new());
    }
    let mut manifests = Vec::new();
    for config in graph::eni_configs(intent, cluster, plan) {
        let zone = || {
            let named = config.subnet.zone.name.clone();
            named
                .or_else(|| intent.live_zone_name(&config.subnet.zone.id))
                .unwrap_or_else(|| graph::zone_word(config.subnet))
        };
        let file =
            format!("eniconfig-{}", config.name.as_deref().unwrap_or(config.subnet.zone.word()));
        let security_groups = Some(config.security_groups).filter(|groups| !groups.is_empty());
        let facts = EniConfig {
            name: config.name.unwrap_or_else(zone),
            subnet: graph::subnet_word(config.subnet),
            security_groups,
        };
        manifests.push(Manifest::of(file, ENI_CONFIG, "kubernetes/eni-config", &facts)?);
    }
    if cluster.aws_node.is_self_managed() && cluster.existing.is_none() {
        // Without a role as well: one that it had before has to go.
        let [.., role] = graph::iam_role_ids();
        let role = (cluster.aws_node.role == RoleBy::Irsa).then(|| graph::role_text(intent, role));
        let facts = ServiceAccount { name: eks::AWS_NODE, role };
        manifests.push(Manifest::of(
            "service-account",
            SERVICE_ACCOUNT,
            "kubernetes/service-account",
            &facts,
        )?);
    }
    let mut env = env(
        cluster,
        aws_node::Container::Main,
        &[("ENABLE_IPv4", "false"), ("ENABLE_IPv6", "true")],
    );
    // Tags of interfaces and the filter of a cluster's own subnets go by it; into the add-on EKS writes it.
    env.extend(
        (cluster.aws_node.is_self_managed() && cluster.existing.is_none()
            || cluster.aws_node.scoped)
            .then(|| Variable { name: "CLUSTER_NAME", value: intent.cluster_name().to_string() }),
    );
    manifests.push(Manifest::of(
        "aws-node",
        DAEMON_SET,
        "kubernetes/aws-node",
        &AwsNode { init: init(cluster), env },
    )?);
    Ok(manifests)
}

/// A container's variables. In the add-on EKS sets the family's by the cluster's.
fn env(
    cluster: &Cluster,
    container: aws_node::Container,
    family: &[(&'static str, &str)],
) -> Vec<Variable> {
    let set = cluster.aws_node.settings.of(container).map(|(name, value)| Variable { name, value });
    let family = family
        .iter()
        .filter(|_| cluster.ipv6)
        .map(|(name, value)| Variable { name, value: value.to_string() });
    set.chain(family).collect()
}

fn init(cluster: &Cluster) -> Option<[Container; 1]> {
    let env = env(cluster, aws_node::Container::Init, &[("ENABLE_IPv6", "true")]);
    (!env.is_empty()).then_some([Container { name: AWS_NODE_INIT, env }])
}

/// A node class names its role, without path.
fn role_name(intent: &Intent) -> String {
    let existing = graph::existing_role(intent, graph::AUTO_NODES);
    let name = existing.and_then(|arn| arn.rsplit('/').next()).map(str::to_string);
    name.unwrap_or_else(|| format!("${{{}}}", graph::AUTO_NODES))
}

fn node_class(intent: &Intent, auto: &Auto, plan: &AddressPlan) -> NodeClass {
    let of_tier = |tier: &str| {
        plan.of_tier(tier).map(|subnet| Term { id: graph::subnet_word(subnet) }).collect::<Vec<_>>()
    };
    // Pods wear the nodes' group: everything among its members is let through.
    let own = graph::node_group(intent).map(|group| format!("${{{group}}}"));
    let group = own.unwrap_or_else(|| "${Cluster.ClusterSecurityGroupId}".to_string());
    let groups = || vec![Term { id: group.clone() }];
    NodeClass {
        name: OWN_NODES,
        role: role_name(intent),
        subnets: of_tier(&auto.tier),
        security_groups: groups(),
        // EKS takes both or none (rule AUTO-04).
        pod_subnets: auto.pod_tier.as_deref().map(of_tier),
        pod_security_groups: auto.pod_tier.as_ref().map(|_| groups()),
        snat: auto.snat,
        network_policy: auto.network_policy,
        advanced: (!auto.prefixes).then(|| json!({ "ipv4PrefixSize": "32" })),
    }
}
