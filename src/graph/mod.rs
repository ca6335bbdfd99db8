//! Stage 4, `build`: Intent + AddressPlan → [`Graph`], every resource with its logical id and its facts.
//! A resource is a struct whose fields are its template's variables; the edges are the references among them.

mod access;
mod acls;
mod addon_roles;
mod addons;
mod alarms;
mod cluster;
mod aws_node_role;
mod egress;
mod endpoints;
mod existing;
mod fargate;
mod karpenter;
mod flow_logs;
mod groups;
mod id;
mod launch_template;
mod logs;
mod nat;
mod network;
mod node_roles;
mod nodes;
mod outputs;
mod pod_identities;
mod role;
mod route;
mod secrets;
mod traffic;
mod transit;
mod user_data;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use crate::address::AddressPlan;
use crate::intent::Intent;

pub use access::entries as access_entries;
pub use acls::rules_of as acl_rules_of;
pub use addons::{
    AWS_NODE_IDENTITY, AWS_NODE_SETTINGS, EniConfig, VPC_CNI, eni_configs,
    of_others as aws_node_of_others,
};
pub use endpoints::logical_id as endpoint_id;
pub use existing::filled as filled_in;
pub use groups::{
    RuleCount, of_auto_nodes as node_group, of_pods as pod_group, rule_counts as group_rule_counts,
};
pub use id::{
    AUTO_NODES, iam_roles as iam_role_ids, named_vpc_cidr, node_group as node_group_id,
    node_groups as node_group_ids, pascal, role_of, subnet as subnet_id, subnet_word, zone_word,
};
pub use nat::gateway_id as nat_gateway_id;
pub use network::subnet_tags;
pub use nodes::{labels_by_zone as node_labels, most as most_nodes};
pub use role::{existing as existing_role, in_text as role_text, name as role_name};
pub use secrets::KEY as SECRETS_KEY;
pub use user_data::{
    AUTHORITY, ENDPOINT, file as node_file, merge_node_config, of as user_data, services,
};
pub use value::{GetAtt, Ref, Tag, is_intrinsic, placeholders, references};

/// The resource's name inside the stack. CloudFormation accepts letters and digits alone.
pub type LogicalId = String;

/// A resource of one kind: what `templates/<TEMPLATE>.hbs` is filled with.
pub trait Kind: Serialize {
    const TEMPLATE: &'static str;
}

/// A resource before it is rendered: a template and the values of its variables.
#[derive(Clone, Debug)]
pub struct Resource {
    pub template: &'static str,
    pub facts: Value,
    /// The place in the blueprint that made it.
    pub path: String,
}

/// The whole stack as values. It is rendered resource by resource, so their order is that of the ids.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    pub resources: BTreeMap<LogicalId, Resource>,
    pub outputs: BTreeMap<String, Output>,
    /// What other stacks import the outputs by: begins each name. `None`: nobody imports them.
    pub exported_as: Option<String>,
    /// Resources that were left out because another one has their logical id.
    pub collisions: Vec<Collision>,
    /// Properties that a patch of the author's decides.
    pub patched: Vec<Patched>,
    /// Keys of the tags that every resource has.
    pub tags: BTreeSet<String>,
}

/// A property that no word of the blueprint's decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patched {
    pub id: LogicalId,
    /// With slashes, such as `ScalingConfig/MaxSize`.
    pub property: String,
    /// The place in the blueprint.
    pub path: String,
}

/// Two resources with one logical id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collision {
    pub id: LogicalId,
    /// Where the blueprint makes the one that stays.
    pub first: String,
    /// And the one that is left out.
    pub second: String,
}

/// An output of the stack, for other stacks and for people.
#[derive(Clone, Debug)]
pub struct Output {
    /// `None`: its name says it.
    pub description: Option<&'static str>,
    pub value: Value,
}

impl Graph {
    fn add<K: Kind>(&mut self, id: impl Into<LogicalId>, path: &str, resource: &K) {
        let facts = serde_json::to_value(resource)
            .expect("a resource is a struct of text, numbers and lists");
        let (id, path) = (id.into(), path.to_string());
        match self.resources.get(&id) {
            Some(earlier) => {
                let first = earlier.path.clone();
                self.collisions.push(Collision { id, first, second: path });
            }
            None => {
                let resource = Resource { template: K::TEMPLATE, facts, path };
                self.resources.insert(id, resource);
            }
        }
    }

    fn output(
        &mut self,
        name: impl Into<String>,
        description: impl Into<Option<&'static str>>,
        value: impl Serialize,
    ) {
        let description = description.into();
        let value =
            serde_json::to_value(value).expect("an output is a reference or a list of them");
        self.outputs.insert(name.into(), Output { description, value });
    }

    /// The same with resources of some templates only, and the outputs that they give.
    pub fn of_templates(&self, names: &[&str]) -> Self {
        let mut graph = self.clone();
        graph.resources.retain(|_, resource| names.contains(&resource.template));
        let ids: BTreeSet<&LogicalId> = graph.resources.keys().collect();
        graph.outputs.retain(|_, output| {
            let needs = references(&output.value);
            !needs.is_empty() && needs.iter().all(|id| ids.contains(id))
        });
        graph
    }

    /// The patch that decides a property; of several the last one.
    pub fn patch_of(&self, id: &str, property: &str) -> Option<&Patched> {
        let within = |outer: &str, inner: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.patched.iter().rev().find(|one| {
            one.id == id && (within(&one.property, property) || within(property, &one.property))
        })
    }

    /// The resources that `id` refers to or waits for.
    pub fn needs(&self, id: &str) -> BTreeSet<LogicalId> {
        self.resources.get(id).map(|resource| references(&resource.facts)).unwrap_or_default()
    }
}

/// Everything the stack holds.
pub fn build(intent: &Intent, plan: &AddressPlan) -> Graph {
    let mut graph = Graph { tags: intent.tags.keys().cloned().collect(), ..Graph::default() };
    network::vpc(intent, &mut graph);
    network::subnets(intent, plan, &mut graph);
    network::reservations(intent, plan, &mut graph);
    egress::gateways(intent, &mut graph);
    nat::build(intent, plan, &mut graph);
    egress::route_tables(intent, plan, &mut graph);
    transit::build(intent, plan, &mut graph);
    endpoints::build(intent, plan, &mut graph);
    outputs::network(intent, plan, &mut graph);
    flow_logs::build(intent, &mut graph);
    acls::build(intent, plan, &mut graph);
    alarms::build(intent, plan, &mut graph);
    if let Some(cluster) = &intent.cluster {
        cluster::build(intent, cluster, plan, &mut graph);
        access::build(cluster, intent, &mut graph);
        groups::build(intent, cluster, &mut graph);
        addons::build(intent, cluster, plan, &mut graph);
        nodes::build(intent, cluster, plan, &mut graph);
        fargate::build(intent, cluster, plan, &mut graph);
        pod_identities::build(intent, cluster, &mut graph);
        karpenter::build(intent, cluster, &mut graph);
        if cluster.oidc_provider == Some(true) {
            role::oidc_provider(intent, "cluster.oidcProvider", &mut graph);
        }
    }
    outputs::rest(intent, &mut graph);
    if let Some(cluster) = intent.cluster.as_ref().and_then(|cluster| cluster.existing.as_ref()) {
        graph.name_cluster(cluster);
    }
    if intent.vpc.existing.is_some() {
        graph.wait_for_own();
    }
    graph.exported_as = intent.exports.then(|| intent.stack());
    graph
}
