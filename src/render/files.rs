//! The files beside the template: ENIConfigs and aws-node settings, a NodeConfig per node group, an eksctl ClusterConfig.
//! What only the deployed stack knows stands as `${LogicalId}`, so that `envsubst` or eksnet can fill it in.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::address::{AddressPlan, Subnet};
use crate::blueprint::model::{TierEgress, Use};
use crate::demand;
use crate::diagnostic::Failure;
use crate::facts::{alarms, eks};
use crate::graph;
use crate::intent::{Cluster, Intent, Tier};

use super::{fill, kubernetes};
use crate::template::{Template, to_yaml};

/// Path → content, relative to the output folder.
pub type Files = BTreeMap<String, String>;

#[derive(Serialize)]
struct NodeConfig<'a> {
    cluster: &'a str,
    endpoint: &'static str,
    certificate_authority: &'static str,
    service_cidr: String,
    max_pods: u64,
    flags: Option<[String; 1]>,
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

const PLACEHOLDERS: &str =
    "# ${…} stands for what the stack makes: outputs and resources of that logical id.\n";

/// Everything `eksnet render --out` writes.
pub fn all(intent: &Intent, plan: &AddressPlan, template: &Template) -> Result<Files, Failure> {
    let mut files = Files::from([
        ("template.yaml".to_string(), template.to_yaml()),
        ("template.json".to_string(), template.to_json() + "\n"),
    ]);
    files.insert(
        "eksctl.yaml".into(),
        document("eksctl/cluster-config", &cluster_config(intent, plan))?,
    );
    let Some(cluster) = &intent.cluster else {
        return Ok(files);
    };
    for manifest in kubernetes::all(intent, cluster, plan)? {
        files.insert(format!("kubernetes/{}.yaml", manifest.file), text(&manifest.value));
    }
    if intent.security.alarms.as_ref().is_some_and(|alarms| alarms.metrics_helper) {
        let values = HelperValues {
            region: intent.region.name,
            account: intent.region.registry(),
            domain: intent.region.domain(),
            cluster: &intent.name,
            service_account: alarms::CNI_HELPER,
        };
        files.insert(
            "kubernetes/cni-metrics-helper-values.yaml".into(),
            document("kubernetes/cni-metrics-helper-values", &values)?,
        );
    }
    for group in &cluster.node_groups {
        let max_pods = demand::max_pods(group, &cluster.aws_node);
        files.insert(
            format!("nodes/{}.yaml", group.name),
            document("nodeadm/node-config", &node_config(intent, cluster, max_pods, None))?,
        );
        // Nodes of one zone are told apart by a label there, and one without it never becomes ready.
        for (zone, label) in graph::node_labels(group, plan) {
            let file = format!("nodes/{}-{zone}.yaml", group.name);
            files.insert(
                file,
                document(
                    "nodeadm/node-config",
                    &node_config(intent, cluster, max_pods, Some(label)),
                )?,
            );
        }
    }
    Ok(files)
}

fn document(name: &str, facts: &impl Serialize) -> Result<String, Failure> {
    Ok(text(&fill::filled(name, facts)?))
}

fn text(value: &Value) -> String {
    let text = to_yaml(value);
    if text.contains("${") { format!("{PLACEHOLDERS}{text}") } else { text }
}

fn node_config<'a>(
    intent: &'a Intent,
    cluster: &Cluster,
    max_pods: u64,
    label: Option<String>,
) -> NodeConfig<'a> {
    NodeConfig {
        cluster: &intent.name,
        endpoint: "${Cluster.Endpoint}",
        certificate_authority: "${Cluster.CertificateAuthorityData}",
        service_cidr: if cluster.ipv6 {
            "${Cluster.KubernetesNetworkConfig.ServiceIpv6Cidr}".to_string()
        } else {
            cluster.service_cidr.to_string()
        },
        max_pods,
        flags: label.map(|label| [format!("--node-labels={label}")]),
    }
}

/// Only subnets that nodes and load balancers may use: eksctl would put nodes into any other that it is shown.
fn cluster_config<'a>(intent: &'a Intent, plan: &AddressPlan) -> ClusterConfig<'a> {
    let cluster = intent.cluster.as_ref();
    let shared = |tier: &Tier| {
        [Use::Nodes, Use::ExternalLoadBalancers, Use::InternalLoadBalancers]
            .iter()
            .any(|one| tier.serves(*one))
            || tier.serves.is_empty() && tier.egress != TierEgress::None
    };
    let control_plane = intent.control_plane_tiers();
    let ids = control_plane
        .iter()
        .flat_map(|tier| plan.of_tier(&tier.name))
        .map(|subnet| format!("${{{}}}", graph::subnet_id(subnet)));
    let of = |public: bool| {
        let subnets = plan.subnets.iter().filter(|subnet| {
            intent
                .tier(&subnet.tier)
                .is_some_and(|tier| shared(tier) && (tier.egress == TierEgress::Internet) == public)
        });
        let map: Map<String, Value> = subnets.map(eksctl_subnet).collect();
        (!map.is_empty()).then_some(Value::Object(map))
    };
    ClusterConfig {
        name: &intent.name,
        region: intent.region.name,
        version: cluster.map_or(eks::KUBERNETES, |cluster| &cluster.version),
        vpc: "${Vpc}",
        public: of(true),
        private: of(false),
        control_plane: Some(ids.collect::<Vec<_>>()).filter(|ids| !ids.is_empty()),
        private_access: cluster.is_none_or(|cluster| cluster.endpoint.private),
        public_access: cluster.is_none_or(|cluster| cluster.endpoint.public),
        ip_family: cluster.filter(|cluster| cluster.ipv6).map(|_| "IPv6"),
        addons: cluster.filter(|cluster| cluster.ipv6).map(
            |_| json!([{ "name": "vpc-cni" }, { "name": "coredns" }, { "name": "kube-proxy" }]),
        ),
        oidc: cluster.filter(|cluster| cluster.ipv6).map(|_| true),
        service_cidr: cluster
            .filter(|cluster| !cluster.ipv6)
            .map(|cluster| cluster.service_cidr.to_string()),
    }
}

fn eksctl_subnet(subnet: &Subnet) -> (String, Value) {
    (
        format!("{}-{}", subnet.tier, subnet.zone.word()),
        json!({ "id": format!("${{{}}}", graph::subnet_id(subnet)) }),
    )
}
