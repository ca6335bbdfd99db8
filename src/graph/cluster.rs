//! The EKS cluster and the IAM roles of cluster, nodes and aws-node.

use serde::Serialize;
use serde_json::{Value, json};

use crate::address::AddressPlan;
use crate::blueprint::model::{AuthenticationMode, LogType};
use crate::facts::eks;
use crate::facts::ports::{EVERYBODY, EVERYBODY_IPV6};
use crate::intent::RemoteNetworks;
use crate::intent::{Cluster, Intent, Tags};

use super::role::{self, RoleTerms, ServiceRole};
use super::value::{Ref, Tag, managed_policies, tags};
use super::{
    Graph, Kind, acls, addons, aws_node_role, egress, id, logs, nat, network, node_roles, outputs,
    secrets, transit,
};

#[derive(Serialize)]
struct ClusterFacts {
    name: String,
    version: String,
    /// Settings of a self-managed aws-node: CloudFormation keeps them, and previews what changes.
    aws_node: Option<Value>,
    /// Of the group that EKS makes: EC2 sets them after the deployment, and CloudFormation previews what changes.
    security_group_tags: Option<Tags>,
    bootstrap: bool,
    authentication_mode: &'static str,
    role: Value,
    subnets: Vec<Ref>,
    security_groups: Option<Vec<String>>,
    private: bool,
    public: bool,
    public_cidrs: Vec<Value>,
    egress_mode: Option<&'static str>,
    remote_networks: Option<RemoteNetworkConfig>,
    ip_family: &'static str,
    service_cidr: Option<String>,
    logging: Vec<LogRow>,
    encryption: Option<Vec<Encryption>>,
    compute: Option<Compute>,
    load_balancing: Option<Enabled>,
    storage: Option<Storage>,
    deletion_protection: bool,
    tags: Vec<Tag>,
    depends_on: Vec<String>,
}

/// Auto Mode: EKS wants all three switched on together.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Compute {
    enabled: bool,
    node_pools: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    node_role_arn: Option<Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Enabled {
    enabled: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Storage {
    block_storage: Enabled,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RemoteNetworkConfig {
    remote_node_networks: [Cidrs; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    remote_pod_networks: Option<[Cidrs; 1]>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Cidrs {
    cidrs: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LogRow {
    r#type: LogType,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Encryption {
    provider: KeyProvider,
    resources: [&'static str; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct KeyProvider {
    key_arn: Value,
}

impl Kind for ClusterFacts {
    const TEMPLATE: &'static str = "eks/cluster";
}

/// What EKS is told of Auto Mode; nothing of a cluster that never had it. Blocks that are merely absent do not switch it off.
fn auto_mode(cluster: &Cluster) -> Option<bool> {
    (cluster.auto.is_some() || cluster.auto_off).then_some(cluster.auto.is_some())
}

fn compute(intent: &Intent, cluster: &Cluster) -> Option<Compute> {
    let node_pools = cluster.auto.as_ref().map(|auto| auto.pools.clone()).unwrap_or_default();
    let node_role_arn = (!node_pools.is_empty()).then(|| role::arn(intent, id::AUTO_NODES));
    let enabled = auto_mode(cluster)?;
    Some(Compute { enabled, node_pools, node_role_arn })
}

pub fn build(intent: &Intent, cluster: &Cluster, plan: &AddressPlan, graph: &mut Graph) {
    let [cluster_role, _, aws_node_role] = id::iam_roles();
    let role = |name: &str| tags(intent, name, &Tags::new());
    let service = |service: &[&str], policies: &[&str], (id, name): (&str, &str)| ServiceRole {
        service: if let [only] = service { json!(only) } else { json!(service) },
        actions: json!("sts:AssumeRole"),
        policies: managed_policies(policies),
        own_policies: None,
        condition: None,
        tags: role(name),
        terms: RoleTerms::of(intent, id),
    };
    let instances = intent.region.partition.ec2;
    let mut policies = eks::CLUSTER_POLICIES.to_vec();
    // The resource controller gives pods their branch interfaces, and Windows nodes their addresses.
    let controller = cluster.aws_node.pod_security_groups.is_some() || cluster.aws_node.windows;
    policies.extend(controller.then_some(eks::BRANCH_POLICY));
    policies.extend(cluster.auto.iter().flat_map(|_| eks::AUTO_CLUSTER_POLICIES));
    let own = service(&["eks.amazonaws.com"], &policies, (cluster_role, "cluster"));
    let actions = if cluster.auto.is_some() {
        json!(["sts:AssumeRole", "sts:TagSession"])
    } else {
        own.actions
    };
    let made = cluster.existing.is_none();
    if made && role::is_made(intent, cluster_role) {
        let own_policies = secrets::rights(cluster);
        graph.add(cluster_role, "cluster", &ServiceRole { actions, own_policies, ..own });
    }
    if made {
        secrets::build(intent, cluster, graph);
        logs::control_plane(intent, cluster, graph);
    }
    if let Some(auto) = &cluster.auto {
        if role::is_made(intent, id::AUTO_NODES) {
            let nodes = service(instances, eks::AUTO_NODE_POLICIES, (id::AUTO_NODES, "auto-nodes"));
            graph.add(id::AUTO_NODES, "cluster.autoMode", &nodes);
        }
        if auto.pools.is_empty() || auto.own_class {
            super::access::auto_nodes(role::arn(intent, id::AUTO_NODES), graph);
        }
    }
    node_roles::build(intent, cluster, graph);
    if made {
        super::access::windows_nodes(cluster, graph);
    }
    if made && cluster.aws_node.runs() && role::is_made(intent, aws_node_role) {
        aws_node_role::build(intent, cluster, aws_node_role, graph);
    }
    if made {
        graph.add("Cluster", "cluster", &facts(intent, cluster, plan, cluster_role));
    }
    outputs::cluster(intent, cluster, graph);
}

fn remote(remote: &RemoteNetworks) -> Option<RemoteNetworkConfig> {
    let cidrs = |ranges: &[ipnet::Ipv4Net]| {
        [Cidrs { cidrs: ranges.iter().map(ToString::to_string).collect() }]
    };
    let remote_pod_networks = (!remote.pods.is_empty()).then(|| cidrs(&remote.pods));
    (!remote.nodes.is_empty()).then(|| RemoteNetworkConfig {
        remote_node_networks: cidrs(&remote.nodes),
        remote_pod_networks,
    })
}

fn facts(intent: &Intent, cluster: &Cluster, plan: &AddressPlan, role: &str) -> ClusterFacts {
    let subnets = network::references(plan.cluster_subnets(intent));
    let encryption = |key_arn: Value| {
        vec![Encryption { provider: KeyProvider { key_arn }, resources: ["secrets"] }]
    };
    ClusterFacts {
        name: intent.name.clone(),
        version: cluster.version.clone(),
        aws_node: cluster
            .aws_node
            .is_self_managed()
            .then(|| addons::settings(intent, cluster, plan)),
        security_group_tags: Some(intent.security.tags.clone()).filter(|tags| !tags.is_empty()),
        bootstrap: cluster.bootstrap,
        authentication_mode: match cluster.authentication {
            AuthenticationMode::Api => "API",
            AuthenticationMode::ApiAndConfigMap => "API_AND_CONFIG_MAP",
        },
        role: role::arn(intent, role),
        subnets,
        security_groups: (!cluster.security_groups.is_empty())
            .then(|| cluster.security_groups.clone()),
        private: cluster.endpoint.private,
        public: cluster.endpoint.public,
        public_cidrs: callers(intent, cluster, plan),
        egress_mode: cluster.customer_routed.then_some("CUSTOMER_ROUTED"),
        remote_networks: remote(&cluster.remote),
        ip_family: if cluster.ipv6 { "ipv6" } else { "ipv4" },
        service_cidr: (!cluster.ipv6).then(|| cluster.service_cidr.to_string()),
        logging: cluster.logging.iter().map(|one| LogRow { r#type: *one }).collect(),
        encryption: secrets::key(cluster).map(encryption),
        compute: compute(intent, cluster),
        load_balancing: auto_mode(cluster).map(|enabled| Enabled { enabled }),
        storage: auto_mode(cluster).map(|enabled| Storage { block_storage: Enabled { enabled } }),
        deletion_protection: cluster.deletion_protection,
        tags: tags(intent, "cluster", &Tags::new()),
        depends_on: if cluster.customer_routed { ways(intent, plan) } else { Vec::new() }
            .into_iter()
            .chain(cluster.log_retention_days.map(|_| logs::CONTROL_PLANE.to_string()))
            .collect(),
    }
}

/// Who reaches the public endpoint. CloudFormation keeps what was once said about it, so it is always said; a list outlives its endpoint's
/// being closed.
fn callers(intent: &Intent, cluster: &Cluster, plan: &AddressPlan) -> Vec<Value> {
    let mut listed: Vec<Value> =
        cluster.endpoint.public_cidrs.iter().map(|(_, cidr)| json!(cidr.to_string())).collect();
    if cluster.endpoint.public_nat {
        listed.extend(nat::Gateways::of(intent, plan).cidrs().into_iter().map(|cidr| json!(cidr)));
    }
    if listed.is_empty() {
        listed.extend(cluster.endpoint.former_cidrs.iter().map(|cidr| json!(cidr.to_string())));
    }
    if listed.is_empty() {
        listed.push(json!(EVERYBODY));
        listed.extend(cluster.ipv6.then(|| json!(EVERYBODY_IPV6)));
    }
    listed
}

/// A control plane that leaves through its own subnets needs their routes from the first minute on, and until it is gone.
fn ways(intent: &Intent, plan: &AddressPlan) -> Vec<String> {
    let mut waits: Vec<String> = plan
        .cluster_subnets(intent)
        .into_iter()
        .flat_map(|subnet| {
            std::iter::once(id::association(subnet))
                .chain(egress::default_routes_of(intent, subnet))
                .chain(transit::default_routes_of(intent, subnet))
                .chain(acls::association_of(intent, subnet))
        })
        .collect();
    waits.sort();
    waits.dedup();
    waits
}
