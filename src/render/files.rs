//! The files beside the template: ENIConfigs and aws-node settings, a NodeConfig per node group, an eksctl ClusterConfig.
//! What only the deployed stack knows stands as `${LogicalId}`, so that `envsubst` or eksnet can fill it in.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::address::AddressPlan;
use crate::demand;
use crate::diagnostic::Failure;
use crate::facts::alarms;
use crate::graph;
use crate::intent::{Cluster, Intent};

use super::{eksctl, fill, kubernetes};
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
    "# ${…} is what the stack creates: outputs and resources of that logical id.\n";

/// Everything `eksnet render --out` writes.
pub fn all(intent: &Intent, plan: &AddressPlan, template: &Template) -> Result<Files, Failure> {
    let mut files = Files::from([
        ("template.yaml".to_string(), template.to_yaml()),
        ("template.json".to_string(), template.to_json() + "\n"),
    ]);
    files.insert("eksctl.yaml".into(), eksctl::file(intent, plan)?);
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

pub(super) fn document(name: &str, facts: &impl Serialize) -> Result<String, Failure> {
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
