//! What exists already: nobody waits for it, and it is named by its ids and names instead of by references.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::ledger::HeldCluster;

use super::Graph;

impl Graph {
    /// Waits are for the stack's own.
    pub(super) fn wait_for_own(&mut self) {
        let own: BTreeSet<String> = self.resources.keys().cloned().collect();
        for resource in self.resources.values_mut() {
            if let Some(Value::Array(waits)) = resource.facts.get_mut("depends_on") {
                waits.retain(|id| id.as_str().is_some_and(|id| own.contains(id)));
            }
        }
    }

    /// A cluster that exists in the place of the stack's.
    pub(super) fn name_cluster(&mut self, cluster: &HeldCluster) {
        self.resources.values_mut().for_each(|resource| fill(&mut resource.facts, cluster));
        self.outputs.values_mut().for_each(|output| fill(&mut output.value, cluster));
    }
}

const CLUSTER: &str = "Cluster";

fn fill(value: &mut Value, cluster: &HeldCluster) {
    if let Some(known) = known(value, cluster) {
        *value = known;
        return;
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, cluster)),
        Value::Object(map) => map.values_mut().for_each(|inner| fill(inner, cluster)),
        Value::String(text) if text.contains("${Cluster") => *text = filled(text, cluster),
        _ => {}
    }
}

fn known(value: &Value, cluster: &HeldCluster) -> Option<Value> {
    if value.get("Ref").is_some_and(|id| id == CLUSTER) {
        return Some(json!(cluster.name));
    }
    let parts = value.get("Fn::GetAtt")?.as_array()?;
    let of_cluster = parts.first()? == CLUSTER;
    of_cluster
        .then(|| attribute(parts.get(1)?.as_str()?, cluster))
        .flatten()
        .map(|text| json!(text))
}

/// Attributes of a cluster that templates ask for.
const ATTRIBUTES: [&str; 4] =
    ["ClusterSecurityGroupId", "Endpoint", "CertificateAuthorityData", "OpenIdConnectIssuerUrl"];

fn attribute(name: &str, cluster: &HeldCluster) -> Option<String> {
    match name {
        "ClusterSecurityGroupId" => Some(cluster.security_group.clone()),
        "Endpoint" => Some(cluster.endpoint.clone()),
        "CertificateAuthorityData" => Some(cluster.authority.clone()),
        "OpenIdConnectIssuerUrl" => cluster.oidc_issuer.clone(),
        _ => None,
    }
}

/// Inside a text for `Fn::Sub`, or of a file that names what the stack makes.
pub fn filled(text: &str, cluster: &HeldCluster) -> String {
    let text = text.replace("${Cluster}", &cluster.name);
    ATTRIBUTES.iter().fold(text, |text, name| match attribute(name, cluster) {
        Some(value) => text.replace(&format!("${{Cluster.{name}}}"), &value),
        None => text,
    })
}
