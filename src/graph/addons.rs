//! EKS add-ons: vpc-cni with its settings before any node, the others where they can settle.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::address::AddressPlan;
use crate::facts::eks;
use crate::spec::aws_node::{CustomNetworking, Enforcing, RoleBy};
use crate::spec::{Addon, AwsNode, Cluster, Spec, Tags};

use super::value::{GetAtt, Ref, Tag, tags};
use super::{Graph, Kind, groups, id};

#[derive(Serialize)]
struct AddonFacts {
    cluster: Ref,
    name: String,
    version: Option<String>,
    tags: Vec<Tag>,
    depends_on: Vec<String>,
}

impl Kind for AddonFacts {
    const TEMPLATE: &'static str = "eks/addon";
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PodIdentity {
    service_account: &'static str,
    role_arn: GetAtt,
}

#[derive(Serialize)]
struct VpcCni {
    cluster: Ref,
    version: Option<String>,
    configuration: Value,
    web_identity_role: Option<GetAtt>,
    pod_identities: Option<[PodIdentity; 1]>,
    tags: Vec<Tag>,
    depends_on: Vec<String>,
}

impl Kind for VpcCni {
    const TEMPLATE: &'static str = "eks/addon-vpc-cni";
}

/// Logical id of the add-on that is aws-node.
pub const VPC_CNI: &str = "AddonVpcCni";

pub fn build(spec: &Spec, cluster: &Cluster, plan: &AddressPlan, graph: &mut Graph) {
    if cluster.aws_node.runs() {
        vpc_cni(spec, cluster, plan, graph);
    }
    others(spec, cluster, plan, graph);
}

fn vpc_cni(spec: &Spec, cluster: &Cluster, plan: &AddressPlan, graph: &mut Graph) {
    let [_, _, cni_role] = super::iam_role_ids();
    let agent = cluster.addons.iter().find(|addon| addon.name == eks::POD_IDENTITY_AGENT).map(logical_id);
    let by = cluster.aws_node.role;
    let role = || GetAtt(cni_role.into(), "Arn");
    let vpc_cni = VpcCni {
        cluster: Ref("Cluster".into()),
        version: cluster.aws_node.version.clone(),
        configuration: text(&configuration(spec, &cluster.aws_node, plan)),
        web_identity_role: (by == RoleBy::Irsa).then(role),
        pod_identities: (by == RoleBy::PodIdentity).then(|| [PodIdentity { service_account: eks::AWS_NODE, role_arn: role() }]),
        tags: tags(spec, eks::VPC_CNI, &Tags::new()),
        depends_on: agent.into_iter().collect(),
    };
    graph.add(VPC_CNI, "awsNode", &vpc_cni);
}

fn others(spec: &Spec, cluster: &Cluster, plan: &AddressPlan, graph: &mut Graph) {
    let groups: Vec<String> = cluster.node_groups.iter().flat_map(|group| id::node_groups(group, plan)).collect();
    for addon in cluster.addons.iter().filter(|addon| addon.name != eks::VPC_CNI) {
        let before_nodes = eks::ADDONS_BEFORE_NODES.contains(&addon.name.as_str());
        let facts = AddonFacts {
            cluster: Ref("Cluster".into()),
            name: addon.name.clone(),
            version: addon.version.clone(),
            tags: tags(spec, &addon.name, &Tags::new()),
            depends_on: if before_nodes { Vec::new() } else { groups.clone() },
        };
        graph.add(logical_id(addon), &addon.path, &facts);
    }
}

pub fn logical_id(addon: &Addon) -> String {
    format!("Addon{}", id::pascal(&addon.name))
}

/// What a node must wait for: the add-ons that make it ready.
pub fn before_nodes(cluster: &Cluster) -> Vec<String> {
    let named = cluster.addons.iter().filter(|addon| eks::ADDONS_BEFORE_NODES.contains(&addon.name.as_str()) && addon.name != eks::VPC_CNI);
    let own = cluster.aws_node.runs().then(|| VPC_CNI.to_string());
    own.into_iter().chain(named.map(logical_id)).collect()
}

/// As text, through `Fn::Sub` only where something has to be filled in.
fn text(configuration: &Value) -> Value {
    let text = configuration.to_string();
    if configuration.get("eniConfig").is_some() { json!({ "Fn::Sub": text }) } else { json!(text) }
}

/// The add-on's configuration values: text in every variable, as its schema wants.
fn configuration(spec: &Spec, node: &AwsNode, plan: &AddressPlan) -> Value {
    let filled_in = node.custom_networking.is_some();
    let value = |value: &String| if filled_in { escaped(value) } else { value.clone() };
    let env: Map<String, Value> = node.variables.iter().map(|(name, text)| (name.to_string(), json!(value(text)))).collect();
    let mut values = Map::from_iter([("env".to_string(), Value::Object(env))]);
    if node.network_policy {
        values.insert("enableNetworkPolicy".into(), json!("true"));
    }
    if node.pod_security_groups == Some(Enforcing::Strict) {
        // Or else the kubelet's TCP probes do not reach pods on branch interfaces.
        values.insert("init".into(), json!({ "env": { "DISABLE_TCP_EARLY_DEMUX": "true" } }));
    }
    if let Some(custom) = &node.custom_networking {
        values.insert("eniConfig".into(), eni_config(spec, custom, plan));
    }
    Value::Object(values)
}

/// `Fn::Sub` reads `${…}`; what the author wrote is not for it.
fn escaped(value: &str) -> String {
    value.replace("${", "${!")
}

/// One ENIConfig per zone, named by the zone's name, which CloudFormation reads off the subnet: ids alone do not tell it.
fn eni_config(spec: &Spec, custom: &CustomNetworking, plan: &AddressPlan) -> Value {
    let zone = |subnet| {
        let id = id::subnet(subnet);
        let mut entry = Map::from_iter([("id".to_string(), json!(format!("${{{id}}}")))]);
        let own = groups::of_pods(spec).map(|group| format!("${{{group}}}"));
        let on_pods: Vec<String> = custom.security_groups.iter().cloned().chain(own).collect();
        if !on_pods.is_empty() {
            entry.insert("securityGroups".into(), json!(on_pods));
        }
        (format!("${{{id}.AvailabilityZone}}"), Value::Object(entry))
    };
    let subnets: Map<String, Value> = plan.of_tier(&custom.tier).map(zone).collect();
    json!({ "create": true, "region": spec.region.name, "subnets": subnets })
}
