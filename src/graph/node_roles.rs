//! IAM roles of the nodes: one for all groups that say nothing else, and one for each that asks for its own.

use serde_json::json;

use crate::facts::eks;
use crate::intent::aws_node::RoleBy;
use crate::intent::{Cluster, Intent, NodeGroup, Tags};

use super::role::{self, RoleTerms, ServiceRole, add_policies};
use super::value::{managed_policies, tags};
use super::{Graph, aws_node_role, id};

pub fn build(intent: &Intent, cluster: &Cluster, graph: &mut Graph) {
    let (own, shared): (Vec<&NodeGroup>, Vec<&NodeGroup>) =
        made(cluster).partition(|group| group.has_own_role());
    if let Some(first) = shared.first() {
        let id = id::role_of(first);
        if role::is_made(intent, &id) {
            graph.add(&id, "nodeGroups", &of_groups(intent, cluster, (&id, "nodes"), &shared));
        }
    }
    for group in own {
        let name = format!("nodes-{}", group.name);
        let id = id::role_of(group);
        graph.add(&id, &group.path, &of_groups(intent, cluster, (&id, &name), &[group]));
    }
}

/// Those that are the stack's.
fn made(cluster: &Cluster) -> impl Iterator<Item = &NodeGroup> {
    cluster.node_groups.iter().filter(|group| !group.existing)
}

/// With what every node needs, and what its groups ask for.
fn of_groups(
    intent: &Intent,
    cluster: &Cluster,
    (id, name): (&str, &str),
    groups: &[&NodeGroup],
) -> ServiceRole {
    let service = intent.region.partition.ec2;
    let mut policies = managed_policies(eks::NODE_POLICIES);
    let mut own_policies = None;
    if cluster.aws_node.runs() && cluster.aws_node.role == RoleBy::NodeRole {
        let (managed, inline) = aws_node_role::rights(intent, cluster);
        policies.extend(managed);
        own_policies = inline;
    }
    add_policies(&mut policies, groups.iter().flat_map(|group| &group.policies));
    ServiceRole {
        service: if let [only] = service { json!(only) } else { json!(service) },
        actions: json!("sts:AssumeRole"),
        policies,
        own_policies,
        condition: None,
        tags: tags(intent, name, &Tags::new()),
        terms: RoleTerms::of(intent, id),
    }
}
