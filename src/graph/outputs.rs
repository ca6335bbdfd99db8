//! What the stack tells others, by names that never change.

use serde_json::json;

use crate::address::AddressPlan;
use crate::facts::eks;
use crate::intent::aws_node::RoleBy;
use crate::intent::{Cluster, Intent};

use super::value::{GetAtt, Ref};
use super::{Graph, endpoints, groups, id, role, secrets};

/// Of the network: the tables of each tier, and the endpoints.
pub fn network(intent: &Intent, plan: &AddressPlan, graph: &mut Graph) {
    for tier in intent.tiers.iter().filter(|tier| tier.existing.is_none()) {
        let mut tables: Vec<String> = plan.of_tier(&tier.name).map(id::route_table).collect();
        tables.sort();
        let refs: Vec<Ref> = tables.into_iter().map(Ref).collect();
        let name = format!("RouteTables{}", id::pascal(&tier.name));
        graph.output(name, None, json!({ "Fn::Join": [",", refs] }));
    }
    for endpoint in &intent.endpoints.services {
        let id = endpoints::logical_id(endpoint.service.name);
        graph.output(id.clone(), None, Ref(id));
    }
}

/// Of the cluster: what tools that work on it ask for.
pub fn cluster(intent: &Intent, cluster: &Cluster, graph: &mut Graph) {
    if cluster.existing.is_some() {
        return roles(intent, cluster, graph);
    }
    let of_cluster = |attribute| GetAtt("Cluster".into(), attribute);
    graph.output("ClusterName", None, Ref("Cluster".into()));
    graph.output("ClusterEndpoint", "The Kubernetes API", of_cluster("Endpoint"));
    graph.output(
        "ClusterSecurityGroup",
        "The security group that EKS makes",
        of_cluster("ClusterSecurityGroupId"),
    );
    graph.output(
        "ClusterCertificateAuthority",
        "Who signs the API's certificate, in base64",
        of_cluster("CertificateAuthorityData"),
    );
    graph.output(
        "OidcIssuer",
        "Who signs tokens of service accounts",
        of_cluster("OpenIdConnectIssuerUrl"),
    );
    if !cluster.logging.is_empty() {
        graph.output(
            "ControlPlaneLogGroup",
            "Logs of the control plane",
            eks::log_group(&intent.name),
        );
    }
    if let Some(key) = secrets::key(cluster) {
        graph.output("SecretsKeyArn", "The KMS key of Kubernetes secrets", key);
    }
    roles(intent, cluster, graph);
}

fn roles(intent: &Intent, of: &Cluster, graph: &mut Graph) {
    let [_, node_role, aws_node_role] = id::iam_roles();
    let arn = |id: &str| role::arn(intent, id);
    let shared = of.node_groups.iter().any(|group| !group.existing && !group.has_own_role());
    let nodes = match (shared, of.auto.is_some()) {
        (true, _) => Some(node_role),
        (false, true) => Some(id::AUTO_NODES),
        (false, false) => None,
    };
    if let Some(id) = nodes {
        graph.output("NodeRoleArn", "The role of the nodes", arn(id));
    }
    let made = of.existing.is_none();
    if made && of.aws_node.runs() && of.aws_node.role != RoleBy::NodeRole {
        graph.output("CniRoleArn", "The role of aws-node", arn(aws_node_role));
    }
}

/// What is there only where something asked for it; after everything else.
pub fn rest(intent: &Intent, graph: &mut Graph) {
    if graph.resources.contains_key(role::OIDC) {
        graph.output(
            "OidcProviderArn",
            "The OIDC provider of service accounts",
            GetAtt(role::OIDC.into(), "Arn"),
        );
    }
    for (id, what) in [
        (groups::NODES, "The security group of the nodes"),
        (groups::PODS, "The security group of pods"),
    ] {
        if intent.cluster.is_some() && graph.resources.contains_key(id) {
            graph.output(id, what, GetAtt(id.into(), "GroupId"));
        }
    }
}
