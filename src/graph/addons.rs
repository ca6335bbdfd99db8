//! EKS add-ons: vpc-cni with its settings before any node, the others where they can settle.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::address::{AddressPlan, Subnet};
use crate::blueprint::model::ResolveConflicts;
use crate::facts::aws_node::{self, Container};
use crate::facts::eks;
use crate::intent::aws_node::{Cni, RoleBy};
use crate::intent::{Addon, Cluster, Intent, Tags};

use super::addon_roles::{self, PodIdentity};
use super::role::{self, Account, PodIdentityAssociation};
use super::value::{Ref, Tag, tags};
use super::{Graph, Kind, groups, id};

#[derive(Serialize)]
struct AddonFacts {
    cluster: Ref,
    name: String,
    version: Option<String>,
    configuration: Option<String>,
    resolve_conflicts: &'static str,
    web_identity_role: Option<Value>,
    pod_identities: Option<Vec<PodIdentity>>,
    tags: Vec<Tag>,
    depends_on: Vec<String>,
}

impl Kind for AddonFacts {
    const TEMPLATE: &'static str = "eks/addon";
}

#[derive(Serialize)]
struct VpcCni {
    cluster: Ref,
    version: Option<String>,
    configuration: Value,
    web_identity_role: Option<Value>,
    pod_identities: Vec<PodIdentity>,
    tags: Vec<Tag>,
    depends_on: Vec<String>,
}

impl Kind for VpcCni {
    const TEMPLATE: &'static str = "eks/addon-vpc-cni";
}

/// Logical id of the add-on that is aws-node.
pub const VPC_CNI: &str = "AddonVpcCni";

/// What the blueprint sets of the aws-node of a cluster that others made. It makes nothing: what it holds is metadata, so that a stack
/// without any other resource exists, and an edit of settings alone is a change of the stack.
#[derive(Serialize)]
struct AwsNodeSettings {
    aws_node: Value,
}

impl Kind for AwsNodeSettings {
    const TEMPLATE: &'static str = "cloudformation/wait-condition-handle";
}

/// Logical id of the settings of an aws-node that others run.
pub const AWS_NODE_SETTINGS: &str = "AwsNodeSettings";

/// Logical id of what gives a self-managed aws-node its role.
pub const AWS_NODE_IDENTITY: &str = "AwsNodeIdentity";

pub fn build(intent: &Intent, cluster: &Cluster, plan: &AddressPlan, graph: &mut Graph) {
    if cluster.existing.is_some() {
        // Its aws-node is set up once the stack is deployed, by its owner or through EKS.
        if cluster.sets_aws_node() {
            let aws_node = as_text(&of_others(intent, cluster, plan));
            graph.add(AWS_NODE_SETTINGS, "awsNode", &AwsNodeSettings { aws_node });
        }
    } else if cluster.aws_node.is_addon() {
        vpc_cni(intent, cluster, plan, graph);
    } else if cluster.aws_node.runs() && cluster.aws_node.role == RoleBy::PodIdentity {
        let [_, _, aws_node_role] = super::iam_role_ids();
        graph.add(
            AWS_NODE_IDENTITY,
            "awsNode",
            &PodIdentityAssociation::of(
                intent,
                Account::system(eks::AWS_NODE),
                role::arn(intent, aws_node_role),
            ),
        );
    }
    others(intent, cluster, plan, graph);
}

fn vpc_cni(intent: &Intent, cluster: &Cluster, plan: &AddressPlan, graph: &mut Graph) {
    let [_, _, aws_node_role] = super::iam_role_ids();
    let agent =
        cluster.addons.iter().find(|addon| addon.name == eks::POD_IDENTITY_AGENT).map(logical_id);
    let by = cluster.aws_node.role;
    let role = || role::arn(intent, aws_node_role);
    let vpc_cni = VpcCni {
        cluster: Ref("Cluster".into()),
        version: cluster.aws_node.version.known().map(str::to_string),
        configuration: settings(intent, cluster, plan),
        web_identity_role: (by == RoleBy::Irsa).then(role),
        // None is not the same as nothing said: EKS would keep an association that is there.
        pod_identities: Vec::from_iter(
            (by == RoleBy::PodIdentity)
                .then(|| PodIdentity { service_account: eks::AWS_NODE, role_arn: role() }),
        ),
        tags: tags(intent, eks::VPC_CNI, &Tags::new()),
        depends_on: agent.into_iter().collect(),
    };
    graph.add(VPC_CNI, "awsNode", &vpc_cni);
}

fn others(intent: &Intent, cluster: &Cluster, plan: &AddressPlan, graph: &mut Graph) {
    let homes = homes(cluster, plan);
    for addon in cluster.addons.iter().filter(|addon| addon.name != eks::VPC_CNI) {
        let before_nodes = eks::ADDONS_BEFORE_NODES.contains(&addon.name.as_str());
        let mut rights = addon_roles::build(intent, addon, graph);
        let facts = AddonFacts {
            cluster: Ref("Cluster".into()),
            name: addon.name.clone(),
            version: addon.version.known().map(str::to_string),
            configuration: (!addon.configuration.is_empty())
                .then(|| Value::Object(addon.configuration.clone()).to_string()),
            resolve_conflicts: conflicts(addon.resolve_conflicts),
            web_identity_role: rights.web_identity.take(),
            pod_identities: rights.pod_identities,
            tags: tags(intent, &addon.name, &Tags::new()),
            depends_on: if before_nodes { Vec::new() } else { homes.clone() },
        };
        graph.add(logical_id(addon), &addon.path, &facts);
    }
}

/// What pods run on: node groups, and without any of them profiles of Fargate.
fn homes(cluster: &Cluster, plan: &AddressPlan) -> Vec<String> {
    let groups = cluster.node_groups.iter().flat_map(|group| id::node_groups(group, plan));
    let fargate = cluster.node_groups.is_empty() && cluster.auto.is_none();
    let profiles = cluster.fargate.iter().filter(|_| fargate);
    groups.chain(profiles.map(|profile| id::fargate(&profile.name))).collect()
}

fn conflicts(how: ResolveConflicts) -> &'static str {
    match how {
        ResolveConflicts::Overwrite => "OVERWRITE",
        ResolveConflicts::Preserve => "PRESERVE",
        ResolveConflicts::None => "NONE",
    }
}

pub fn logical_id(addon: &Addon) -> String {
    format!("Addon{}", id::pascal(&addon.name))
}

/// What a node must wait for: the add-ons that make it ready.
pub fn before_nodes(intent: &Intent, cluster: &Cluster) -> Vec<String> {
    let named = cluster.addons.iter().filter(|addon| {
        eks::ADDONS_BEFORE_NODES.contains(&addon.name.as_str()) && addon.name != eks::VPC_CNI
    });
    let node = &cluster.aws_node;
    let own = match node.cni {
        Cni::Addon | Cni::External => Some(VPC_CNI.to_string()),
        Cni::SelfManaged => match node.role {
            RoleBy::PodIdentity => Some(AWS_NODE_IDENTITY.to_string()),
            RoleBy::Irsa => {
                Some(super::iam_role_ids()[2].to_string()).filter(|id| role::is_made(intent, id))
            }
            RoleBy::NodeRole => None,
        },
        Cni::Other(_) | Cni::AutoMode => None,
    };
    own.into_iter().chain(named.map(logical_id)).collect()
}

/// What aws-node is to be told, as text; through `Fn::Sub` only where something has to be filled in.
pub fn settings(intent: &Intent, cluster: &Cluster, plan: &AddressPlan) -> Value {
    as_text(&configuration(intent, cluster, plan))
}

/// What the blueprint asks of an aws-node that others run, and it does not run so already.
pub fn of_others(intent: &Intent, cluster: &Cluster, plan: &AddressPlan) -> Value {
    let mut values = configuration(intent, cluster, plan);
    let running = cluster.existing.as_ref().map(|held| &held.aws_node);
    if let (Some(env), Some(running)) = (values["env"].as_object_mut(), running) {
        let default = |name: &str| aws_node::find(name).map(|setting| setting.default);
        let runs = |name: &String, value: &Value| {
            let there = running.get(name).map(String::as_str).or_else(|| default(name));
            there.is_some_and(|there| *value == escaped(there))
        };
        env.retain(|name, value| !runs(name, value));
    }
    values
}

fn as_text(configuration: &Value) -> Value {
    let text = configuration.to_string();
    if configuration.get("eniConfig").is_some() { json!({ "Fn::Sub": text }) } else { json!(text) }
}

/// The add-on's configuration values: text in every variable, as its schema wants.
pub fn configuration(intent: &Intent, cluster: &Cluster, plan: &AddressPlan) -> Value {
    let node = &cluster.aws_node;
    let filled_in = node.custom_networking.is_some();
    let value = |value: String| {
        if filled_in { escaped(&value) } else { value }
    };
    let of = |container| -> Map<String, Value> {
        node.settings
            .of(container)
            .map(|(name, text)| (name.to_string(), json!(value(text))))
            .collect()
    };
    let mut values = Map::from_iter([("env".to_string(), Value::Object(of(Container::Main)))]);
    if node.network_policy {
        values.insert("enableNetworkPolicy".into(), json!("true"));
    }
    if node.windows {
        values.insert("enableWindowsIpam".into(), json!("true"));
    }
    if !node.policy_agent.is_empty() {
        values.insert("nodeAgent".into(), json!(node.policy_agent));
    }
    let init = of(Container::Init);
    if !init.is_empty() {
        values.insert("init".into(), json!({ "env": init }));
    }
    if filled_in {
        values.insert("eniConfig".into(), eni_config(intent, cluster, plan));
    }
    Value::Object(values)
}

/// `Fn::Sub` reads `${…}`; what the author wrote is not for it.
fn escaped(value: &str) -> String {
    value.replace("${", "${!")
}

/// An ENIConfig, for the nodes that it is named for.
pub struct EniConfig<'p> {
    /// `None`: it is named by the zone's name.
    pub name: Option<String>,
    pub subnet: &'p Subnet,
    /// Ids, and `${LogicalId}` of the stack's own.
    pub security_groups: Vec<String>,
}

/// One for each subnet of each tier that pods are in.
pub fn eni_configs<'p>(
    intent: &Intent,
    cluster: &'p Cluster,
    plan: &'p AddressPlan,
) -> Vec<EniConfig<'p>> {
    let Some(custom) = &cluster.aws_node.custom_networking else {
        return Vec::new();
    };
    let own = groups::of_pods(intent).map(|group| format!("${{{group}}}"));
    let security_groups: Vec<String> = custom.security_groups.iter().cloned().chain(own).collect();
    let one = |subnet: &'p Subnet, name: Option<String>| EniConfig {
        name,
        subnet,
        security_groups: security_groups.clone(),
    };
    // Nodes are labelled before the label is read, and read their zone's name for a while after: both names are there.
    let by_group =
        |subnet: &'p Subnet| custom.labelled.then(|| one(subnet, Some(id::eni_config(subnet))));
    let by_zone = |subnet: &'p Subnet| (subnet.tier == custom.tier).then(|| one(subnet, None));
    cluster
        .pod_tiers()
        .into_iter()
        .flat_map(|tier| plan.of_tier(tier))
        .flat_map(|subnet| by_zone(subnet).into_iter().chain(by_group(subnet)))
        .collect()
}

/// In the add-on's form. CloudFormation reads a zone's name off the subnet: ids alone do not tell it.
fn eni_config(intent: &Intent, cluster: &Cluster, plan: &AddressPlan) -> Value {
    let one = |config: EniConfig<'_>| {
        let mut entry = Map::from_iter([("id".to_string(), json!(id::subnet_word(config.subnet)))]);
        if !config.security_groups.is_empty() {
            entry.insert("securityGroups".into(), json!(config.security_groups));
        }
        (config.name.unwrap_or_else(|| id::zone_word(config.subnet)), Value::Object(entry))
    };
    let subnets: Map<String, Value> =
        eni_configs(intent, cluster, plan).into_iter().map(one).collect();
    json!({ "create": true, "region": intent.region.name, "subnets": subnets })
}
