//! An eksctl ClusterConfig that uses this VPC. What eksctl has no word for stands in the file's head.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::address::{AddressPlan, Subnet};
use crate::blueprint::model::{LogType, TierEgress, Use};
use crate::diagnostic::Failure;
use crate::facts::eks;
use crate::graph;
use crate::intent::cluster::{Cluster, SecretsKey};
use crate::intent::{Intent, Tier};

use super::document::document;

#[derive(Serialize)]
struct ClusterConfig<'a> {
    name: &'a str,
    region: &'a str,
    version: &'a str,
    vpc: &'a str,
    public: Option<Value>,
    private: Option<Value>,
    control_plane: Option<Vec<String>>,
    private_access: bool,
    public_access: bool,
    public_cidrs: Option<Vec<String>>,
    egress_mode: Option<&'static str>,
    ip_family: Option<&'static str>,
    service_cidr: Option<String>,
    secrets_key: Option<String>,
    logging: Option<&'a Vec<LogType>>,
    auto: Option<AutoMode>,
    access: Option<Vec<Value>>,
    /// eksctl refuses IPv6 without these three and an OIDC provider.
    addons: Option<Value>,
    oidc: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AutoMode {
    enabled: bool,
    node_pools: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none", rename = "nodeRoleARN")]
    node_role_arn: Option<String>,
}

/// The file.
pub fn file(intent: &Intent, plan: &AddressPlan) -> Result<String, Failure> {
    let text = document("eksctl/cluster-config", &cluster_config(intent, plan))?;
    let head: String =
        left_out(intent).into_iter().map(|line| format!("# Not carried over: {line}\n")).collect();
    Ok(format!("{head}{text}"))
}

/// What a cluster made from the file would not have.
fn left_out(intent: &Intent) -> Vec<String> {
    let Some(cluster) = &intent.cluster else {
        return Vec::new();
    };
    let nat = cluster.endpoint.public && cluster.endpoint.public_nat;
    let security = &intent.security;
    let groups = security.least_privilege || !security.control_plane.is_empty();
    let rows = [
        (nat, "the NAT gateways' addresses in `publicCidrs`: add the output `NatAddresses` to vpc.publicAccessCIDRs".to_string()),
        (cluster.deletion_protection, "deletion protection".to_string()),
        (
            cluster.remote.all().next().is_some(),
            "remote networks of hybrid nodes: eksctl attaches a gateway of its own to them".to_string(),
        ),
        (groups, "rules of security groups".to_string()),
        (
            cluster.aws_node.is_addon(),
            format!("the settings of aws-node: they are in {}", aws_node_files(cluster)),
        ),
        (!cluster.node_groups.is_empty(), "node groups: nodes/* has the configuration of their nodes".to_string()),
        (!cluster.fargate.is_empty(), "Fargate profiles".to_string()),
        (cluster.addons_written, "add-ons with their versions, roles and configuration".to_string()),
        (
            cluster.auto.as_ref().is_some_and(|auto| auto.own_class),
            "the NodeClass of Auto Mode: apply kubernetes/*.yaml".to_string(),
        ),
    ];
    rows.into_iter().filter(|(there, _)| *there).map(|(_, line)| line).collect()
}

fn aws_node_files(cluster: &Cluster) -> &'static str {
    match cluster.aws_node.custom_networking {
        Some(_) => "kubernetes/aws-node.yaml and kubernetes/eniconfig-*.yaml",
        None => "kubernetes/aws-node.yaml",
    }
}

/// Only subnets that nodes and load balancers may use: eksctl would put nodes into any other that it is shown.
fn cluster_config<'a>(intent: &'a Intent, plan: &AddressPlan) -> ClusterConfig<'a> {
    let cluster = intent.cluster.as_ref();
    let control_plane = intent.control_plane_tiers();
    let ids =
        control_plane.iter().flat_map(|tier| plan.of_tier(&tier.name)).map(graph::subnet_word);
    let ipv6 = cluster.is_some_and(|cluster| cluster.ipv6);
    let three = json!([{ "name": "vpc-cni" }, { "name": "coredns" }, { "name": "kube-proxy" }]);
    ClusterConfig {
        name: intent.cluster_name(),
        region: intent.region.name,
        version: cluster.map_or(eks::KUBERNETES, |cluster| &cluster.version),
        vpc: intent.vpc.id().unwrap_or("${Vpc}"),
        public: subnets(intent, plan, true),
        private: subnets(intent, plan, false),
        control_plane: Some(ids.collect::<Vec<_>>()).filter(|ids| !ids.is_empty()),
        private_access: cluster.is_none_or(|cluster| cluster.endpoint.private),
        public_access: cluster.is_none_or(|cluster| cluster.endpoint.public),
        public_cidrs: cluster.map(callers).filter(|ranges| !ranges.is_empty()),
        egress_mode: cluster.filter(|cluster| cluster.customer_routed).map(|_| "CUSTOMER_ROUTED"),
        ip_family: ipv6.then_some("IPv6"),
        service_cidr: cluster.filter(|_| !ipv6).map(|cluster| cluster.service_cidr.to_string()),
        secrets_key: cluster.and_then(|cluster| cluster.secrets_key.as_ref()).map(key),
        logging: cluster.map(|cluster| &cluster.logging).filter(|types| !types.is_empty()),
        auto: cluster.and_then(|cluster| auto(intent, cluster)),
        access: cluster
            .map(|cluster| access(intent, cluster))
            .filter(|entries| !entries.is_empty()),
        addons: ipv6.then_some(three),
        oidc: ipv6.then_some(true),
    }
}

fn key(key: &SecretsKey) -> String {
    key.existing().cloned().unwrap_or_else(|| format!("${{{}.Arn}}", graph::SECRETS_KEY))
}

/// With an empty list eksctl lets in everybody.
fn callers(cluster: &Cluster) -> Vec<String> {
    cluster.endpoint.public_cidrs.iter().map(|(_, range)| range.to_string()).collect()
}

fn auto(intent: &Intent, cluster: &Cluster) -> Option<AutoMode> {
    let auto = cluster.auto.as_ref()?;
    let role = || graph::role_text(intent, graph::AUTO_NODES);
    Some(AutoMode {
        enabled: true,
        node_pools: auto.pools.clone(),
        node_role_arn: (!auto.pools.is_empty()).then(role),
    })
}

fn access(intent: &Intent, cluster: &Cluster) -> Vec<Value> {
    let partition = intent.region.partition();
    graph::access_entries(cluster)
        .into_iter()
        .map(|entry| {
            let policy = |(arn, namespaces): &(String, Option<Vec<String>>)| {
                let scope = match namespaces {
                    Some(names) => json!({ "type": "namespace", "namespaces": names }),
                    None => json!({ "type": "cluster" }),
                };
                let arn = arn.replace("${AWS::Partition}", partition);
                json!({ "policyARN": arn, "accessScope": scope })
            };
            let policies: Vec<Value> = entry.policies.iter().map(policy).collect();
            let mut value = Map::from_iter([("principalARN".to_string(), json!(entry.principal))]);
            value.extend(entry.word.map(|word| ("type".to_string(), json!(word))));
            value.extend(
                (!policies.is_empty()).then(|| ("accessPolicies".to_string(), json!(policies))),
            );
            value.extend(
                (!entry.groups.is_empty())
                    .then(|| ("kubernetesGroups".to_string(), json!(entry.groups))),
            );
            value
                .extend(entry.username.map(|name| ("kubernetesUsername".to_string(), json!(name))));
            Value::Object(value)
        })
        .collect()
}

fn subnets(intent: &Intent, plan: &AddressPlan, public: bool) -> Option<Value> {
    let shared = |tier: &Tier| {
        [Use::Nodes, Use::ExternalLoadBalancers, Use::InternalLoadBalancers]
            .iter()
            .any(|one| tier.serves(*one))
            || tier.serves.is_empty() && tier.leaves() != TierEgress::None
    };
    let chosen = plan.subnets.iter().filter(|subnet| {
        intent
            .tier(&subnet.tier)
            .is_some_and(|tier| shared(tier) && (tier.leaves() == TierEgress::Internet) == public)
    });
    let map: Map<String, Value> = chosen.map(subnet).collect();
    (!map.is_empty()).then_some(Value::Object(map))
}

fn subnet(subnet: &Subnet) -> (String, Value) {
    (format!("{}-{}", subnet.tier, subnet.zone.word()), json!({ "id": graph::subnet_word(subnet) }))
}
