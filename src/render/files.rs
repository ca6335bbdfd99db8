//! The files beside the template: ENIConfigs and aws-node settings, a NodeConfig per node group, an eksctl ClusterConfig.
//! What only the deployed stack knows stands as `${LogicalId}`, so that `envsubst` or eksnet can fill it in.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::address::{AddressPlan, Subnet};
use crate::blueprint::model::{TierEgress, Use};
use crate::diagnostic::Failure;
use crate::facts::{alarms, eks};
use crate::graph;
use crate::spec::auto::Auto;
use crate::spec::aws_node::{CustomNetworking, Enforcing};
use crate::spec::{Cluster, Spec, Tier};

use super::{Template, fill, to_yaml};

/// Path → content, relative to the output folder.
pub type Files = BTreeMap<String, String>;

#[derive(Serialize)]
struct EniConfig<'a> {
    name: String,
    subnet: String,
    security_groups: Option<&'a Vec<String>>,
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

#[derive(Serialize)]
struct NodePool {
    name: &'static str,
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

#[derive(Serialize)]
struct NodeConfig<'a> {
    cluster: &'a str,
    endpoint: &'static str,
    certificate_authority: &'static str,
    service_cidr: String,
    max_pods: u64,
}

#[derive(Serialize)]
struct ClusterConfig<'a> {
    name: &'a str,
    region: &'a str,
    version: &'a str,
    vpc: &'static str,
    public: Option<Value>,
    private: Option<Value>,
    control_plane: Option<Vec<String>>,
    private_access: bool,
    public_access: bool,
    ip_family: Option<&'static str>,
    service_cidr: Option<String>,
    /// eksctl refuses IPv6 without these three and an OIDC provider.
    addons: Option<Value>,
    oidc: Option<bool>,
}

/// Values of the Helm chart eks/cni-metrics-helper.
#[derive(Serialize)]
struct HelperValues<'a> {
    region: &'a str,
    account: &'static str,
    domain: &'static str,
    cluster: &'a str,
    service_account: &'static str,
}

const PLACEHOLDERS: &str = "# ${…} stands for what the stack makes: outputs and resources of that logical id.\n";

/// Everything `eksnet render --out` writes.
pub fn all(spec: &Spec, plan: &AddressPlan, template: &Template) -> Result<Files, Failure> {
    let mut files = Files::from([("template.yaml".to_string(), template.to_yaml()), ("template.json".to_string(), template.to_json() + "\n")]);
    files.insert("eksctl.yaml".into(), document("eksctl/cluster-config", &cluster_config(spec, plan))?);
    let Some(cluster) = &spec.cluster else { return Ok(files) };
    if let Some(custom) = &cluster.aws_node.custom_networking {
        files.extend(eni_configs(spec, custom, plan)?);
    }
    let mut env: Vec<Variable> = cluster.aws_node.variables.iter().map(|(name, value)| Variable { name, value: value.clone() }).collect();
    if cluster.ipv6 {
        // In the add-on EKS sets these by the cluster's family.
        env.extend([("ENABLE_IPv4", "false"), ("ENABLE_IPv6", "true")].map(|(name, value)| Variable { name, value: value.to_string() }));
    }
    if let Some(auto) = &cluster.auto {
        files.insert("kubernetes/node-class.yaml".into(), document("kubernetes/node-class", &node_class(auto, plan))?);
        files.insert("kubernetes/node-pool.yaml".into(), document("kubernetes/node-pool", &NodePool { name: NODE_CLASS })?);
    }
    if cluster.aws_node.runs() {
        let init = init(cluster);
        files.insert("kubernetes/aws-node.yaml".into(), document("kubernetes/aws-node", &AwsNode { init, env })?);
    }
    if spec.guards.alarms.as_ref().is_some_and(|alarms| alarms.metrics_helper) {
        let values = HelperValues {
            region: spec.region.name,
            account: spec.region.registry(),
            domain: spec.region.domain(),
            cluster: &spec.name,
            service_account: alarms::CNI_HELPER,
        };
        files.insert("kubernetes/cni-metrics-helper-values.yaml".into(), document("kubernetes/cni-metrics-helper-values", &values)?);
    }
    for group in &plan.capacity.groups {
        files.insert(format!("nodes/{}.yaml", group.name), document("nodeadm/node-config", &node_config(spec, cluster, group.density.max_pods))?);
    }
    Ok(files)
}

/// Name of the NodeClass and of its NodePool.
const NODE_CLASS: &str = "eksnet";

fn node_class(auto: &Auto, plan: &AddressPlan) -> NodeClass {
    let of_tier = |tier: &str| plan.of_tier(tier).map(|subnet| Term { id: format!("${{{}}}", graph::subnet_id(subnet)) }).collect::<Vec<_>>();
    let cluster_group = || vec![Term { id: "${Cluster.ClusterSecurityGroupId}".to_string() }];
    NodeClass {
        name: NODE_CLASS,
        role: format!("${{{}}}", graph::AUTO_NODES),
        subnets: of_tier(&auto.tier),
        security_groups: cluster_group(),
        // EKS takes both or none (rule AUTO-04).
        pod_subnets: auto.pod_tier.as_deref().map(of_tier),
        pod_security_groups: auto.pod_tier.as_ref().map(|_| cluster_group()),
        snat: auto.snat,
        network_policy: auto.network_policy,
        advanced: (!auto.prefixes).then(|| json!({ "ipv4PrefixSize": "32" })),
    }
}

/// Variables of the init container: the add-on sets the family, and strict pod security groups want kubelet probes to find their way.
fn init(cluster: &Cluster) -> Option<[Container; 1]> {
    let strict = cluster.aws_node.pod_security_groups == Some(Enforcing::Strict);
    let rows = [("DISABLE_TCP_EARLY_DEMUX", strict), ("ENABLE_IPv6", cluster.ipv6)];
    let env: Vec<Variable> = rows.into_iter().filter(|(_, on)| *on).map(|(name, _)| Variable { name, value: "true".to_string() }).collect();
    (!env.is_empty()).then_some([Container { name: "aws-vpc-cni-init", env }])
}

fn document(name: &str, facts: &impl Serialize) -> Result<String, Failure> {
    let attempt = || Failure::new(format!("cannot render templates/{name}.hbs"));
    let facts = serde_json::to_value(facts).map_err(|cause| attempt().because(cause))?;
    let value = fill::fill(name, &facts).map_err(|cause| attempt().because(cause))?;
    let text = to_yaml(&value);
    Ok(if text.contains("${") { format!("{PLACEHOLDERS}{text}") } else { text })
}

fn eni_configs(spec: &Spec, custom: &CustomNetworking, plan: &AddressPlan) -> Result<Files, Failure> {
    let own = graph::pod_group(spec).map(|group| format!("${{{group}}}"));
    let groups: Vec<String> = custom.security_groups.iter().cloned().chain(own).collect();
    let groups = (!groups.is_empty()).then_some(&groups);
    let files = plan.of_tier(&custom.tier).map(|subnet| {
        let id = graph::subnet_id(subnet);
        let name = subnet.zone.name.clone().unwrap_or_else(|| format!("${{{id}.AvailabilityZone}}"));
        let facts = EniConfig { name, subnet: format!("${{{id}}}"), security_groups: groups };
        document("kubernetes/eni-config", &facts).map(|text| (format!("kubernetes/eniconfig-{}.yaml", subnet.zone.word()), text))
    });
    files.collect()
}

fn node_config<'a>(spec: &'a Spec, cluster: &Cluster, max_pods: u64) -> NodeConfig<'a> {
    NodeConfig {
        cluster: &spec.name,
        endpoint: "${Cluster.Endpoint}",
        certificate_authority: "${Cluster.CertificateAuthorityData}",
        service_cidr: if cluster.ipv6 { "${Cluster.KubernetesNetworkConfig.ServiceIpv6Cidr}".to_string() } else { cluster.service_cidr.to_string() },
        max_pods,
    }
}

/// Only subnets that nodes and load balancers may use: eksctl would put nodes into any other that it is shown.
fn cluster_config<'a>(spec: &'a Spec, plan: &AddressPlan) -> ClusterConfig<'a> {
    let cluster = spec.cluster.as_ref();
    let shared = |tier: &Tier| {
        [Use::Nodes, Use::ExternalLoadBalancers, Use::InternalLoadBalancers].iter().any(|one| tier.serves(*one))
            || tier.serves.is_empty() && tier.egress != TierEgress::None
    };
    let control_plane = spec.control_plane_tiers();
    let ids = control_plane.iter().flat_map(|tier| plan.of_tier(&tier.name)).map(|subnet| format!("${{{}}}", graph::subnet_id(subnet)));
    let of = |public: bool| {
        let subnets =
            plan.subnets.iter().filter(|subnet| spec.tier(&subnet.tier).is_some_and(|tier| shared(tier) && (tier.egress == TierEgress::Internet) == public));
        let map: Map<String, Value> = subnets.map(eksctl_subnet).collect();
        (!map.is_empty()).then_some(Value::Object(map))
    };
    ClusterConfig {
        name: &spec.name,
        region: spec.region.name,
        version: cluster.map_or(eks::KUBERNETES, |cluster| &cluster.version),
        vpc: "${Vpc}",
        public: of(true),
        private: of(false),
        control_plane: Some(ids.collect::<Vec<_>>()).filter(|ids| !ids.is_empty()),
        private_access: cluster.is_none_or(|cluster| cluster.endpoint.private),
        public_access: cluster.is_none_or(|cluster| cluster.endpoint.public),
        ip_family: cluster.filter(|cluster| cluster.ipv6).map(|_| "IPv6"),
        addons: cluster.filter(|cluster| cluster.ipv6).map(|_| json!([{ "name": "vpc-cni" }, { "name": "coredns" }, { "name": "kube-proxy" }])),
        oidc: cluster.filter(|cluster| cluster.ipv6).map(|_| true),
        service_cidr: cluster.filter(|cluster| !cluster.ipv6).map(|cluster| cluster.service_cidr.to_string()),
    }
}

fn eksctl_subnet(subnet: &Subnet) -> (String, Value) {
    (format!("{}-{}", subnet.tier, subnet.zone.word()), json!({ "id": format!("${{{}}}", graph::subnet_id(subnet)) }))
}
