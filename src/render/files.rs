//! The files beside the template: ENIConfigs and aws-node settings, a NodeConfig per node group, an eksctl ClusterConfig.
//! What only the deployed stack knows stands as `${LogicalId}`, so that `envsubst` or eksnet can fill it in.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::address::AddressPlan;
use crate::demand;
use crate::diagnostic::Failure;
use crate::facts::alarms;
use crate::facts::eks::Boot;
use crate::graph;
use crate::intent::{Cluster, Intent, NodeGroup};

use crate::ledger::HeldCluster;

use super::document::{PLACEHOLDERS, document, text};
use super::{aws_node_values, eksctl, fill, kubernetes};
use crate::template::Template;

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
            cluster: intent.cluster_name(),
            service_account: alarms::CNI_HELPER,
        };
        files.insert(
            "kubernetes/cni-metrics-helper-values.yaml".into(),
            document("kubernetes/cni-metrics-helper-values", &values)?,
        );
    }
    for group in cluster.node_groups.iter().filter(|group| !group.existing) {
        files.extend(of_group(intent, cluster, group, plan)?);
    }
    if let Some(held) = &cluster.existing {
        named(&mut files, held);
        if let Some(values) = aws_node_values::merged(intent, cluster, plan) {
            files.insert("kubernetes/vpc-cni-values.json".into(), values);
        }
    }
    Ok(files)
}

/// What a group's nodes are told, in the words of their AMI's family.
fn of_group(
    intent: &Intent,
    cluster: &Cluster,
    group: &NodeGroup,
    plan: &AddressPlan,
) -> Result<Files, Failure> {
    let max_pods = demand::max_pods(group, &cluster.aws_node);
    let ending = match group.ami.boots() {
        Some(Boot::Settings) => "toml",
        Some(Boot::PowerShell) => "ps1",
        Some(Boot::Nodeadm) | None => {
            let file = |label| -> Result<String, Failure> {
                let facts = node_config(intent, cluster, max_pods, label);
                let mut config = fill::filled("nodeadm/node-config", &facts)?;
                if let Some(own) = &group.config.node_config {
                    graph::merge_node_config(&mut config["spec"], &own.words);
                }
                Ok(text(&config))
            };
            let mut files = Files::from([(format!("nodes/{}.yaml", group.name), file(None)?)]);
            // Nodes of one zone are told apart by a label there, and one without it never becomes ready.
            for (zone, label) in graph::node_labels(group, plan) {
                files.insert(format!("nodes/{}-{zone}.yaml", group.name), file(Some(label))?);
            }
            return Ok(files);
        }
    };
    let text = graph::node_file(intent, cluster, group, max_pods);
    Ok(Files::from([(format!("nodes/{}.{ending}", group.name), format!("{PLACEHOLDERS}{text}"))]))
}

/// A cluster that exists is named, not waited for.
fn named(files: &mut Files, held: &HeldCluster) {
    let own = files.iter_mut().filter(|(name, _)| !name.starts_with("template."));
    own.for_each(|(_, text)| *text = graph::filled_in(text, held));
}

fn node_config<'a>(
    intent: &'a Intent,
    cluster: &Cluster,
    max_pods: u64,
    label: Option<String>,
) -> NodeConfig<'a> {
    NodeConfig {
        cluster: intent.cluster_name(),
        endpoint: graph::ENDPOINT,
        certificate_authority: graph::AUTHORITY,
        service_cidr: graph::services(cluster),
        max_pods,
        flags: label.map(|label| [format!("--node-labels={label}")]),
    }
}
