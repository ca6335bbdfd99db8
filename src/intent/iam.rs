//! What roles have: a boundary and a path of the organization's, names, or an owner elsewhere; and roles of service accounts.

use crate::blueprint::Blueprint;
use crate::blueprint::model::{self, ControllerRoleBy, IamRole};
use crate::facts::eks;

use super::Choices;

/// What the blueprint prescribes for the roles of the stack.
#[derive(Clone, Debug, Default)]
pub struct Iam {
    /// ARN of a policy.
    pub boundary: Option<String>,
    /// With a slash on both ends; `None`: `/`.
    pub path: Option<String>,
    /// Of the control plane.
    pub cluster: RoleSource,
    /// Of node groups.
    pub nodes: RoleSource,
    /// Of Auto Mode's nodes: what is said of nodes, where there are no node groups.
    pub auto_nodes: RoleSource,
    /// Of aws-node.
    pub aws_node: RoleSource,
}

/// Where a role comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RoleSource {
    /// The stack, under a name of CloudFormation's.
    #[default]
    Stack,
    /// The stack, under this name.
    Named(String),
    /// Its ARN: somebody else's.
    Existing(String),
    /// Both are written, or neither (rule IAM-02).
    Undecided,
}

/// A service account of the author's, with its role.
#[derive(Clone, Debug)]
pub struct PodIdentity {
    pub namespace: String,
    pub service_account: String,
    pub role: PodRoleSource,
    pub path: String,
}

/// Where the role of a service account comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PodRoleSource {
    /// A role of the stack with these managed policies, by ARN.
    Policies(Vec<String>),
    /// Its ARN.
    Existing(String),
    /// Both are written, or neither (rule POD-01).
    Undecided,
}

/// What Karpenter is given.
#[derive(Clone, Debug)]
pub struct Karpenter {
    /// Of its service account.
    pub namespace: String,
    pub role: ControllerRoleBy,
}

/// For every role the stack may make; what contradicts itself is left undecided, and judged later (rule IAM-02).
pub fn resolve(blueprint: &Blueprint) -> Iam {
    let written = blueprint.iam.clone().unwrap_or_default();
    let roles = written.roles.unwrap_or_default();
    let groups = blueprint.node_groups.as_ref().is_some_and(|groups| !groups.is_empty());
    let auto = blueprint.cluster.as_ref().is_some_and(|cluster| cluster.auto_mode.is_some());
    let nodes = source(roles.nodes.as_ref());
    let auto_nodes = if auto && !groups { nodes.clone() } else { RoleSource::Stack };
    Iam {
        boundary: written.permissions_boundary,
        path: written.path,
        cluster: source(roles.cluster.as_ref()),
        nodes,
        auto_nodes,
        aws_node: source(roles.aws_node.as_ref()),
    }
}

fn source(written: Option<&IamRole>) -> RoleSource {
    let Some(role) = written else {
        return RoleSource::Stack;
    };
    match (&role.name, &role.arn) {
        (Some(name), None) => RoleSource::Named(name.clone()),
        (None, Some(arn)) => RoleSource::Existing(arn.clone()),
        _ => RoleSource::Undecided,
    }
}

/// In the blueprint's order; a policy that is named twice counts once.
pub fn pod_identities(written: Option<&Vec<model::PodIdentity>>) -> Vec<PodIdentity> {
    let entries = written.into_iter().flatten().enumerate();
    let resolved = entries.map(|(at, entry)| PodIdentity {
        namespace: entry.namespace.clone(),
        service_account: entry.service_account.clone(),
        role: match (&entry.policies, &entry.role) {
            (Some(policies), None) => PodRoleSource::Policies(each_once(policies)),
            (None, Some(arn)) => PodRoleSource::Existing(arn.clone()),
            _ => PodRoleSource::Undecided,
        },
        path: format!("podIdentities[{at}]"),
    });
    resolved.collect()
}

/// IAM attaches a policy once, and CloudFormation refuses a list that names one twice.
fn each_once(policies: &[String]) -> Vec<String> {
    let first = |(at, policy): &(usize, &String)| !policies[..*at].contains(policy);
    policies.iter().enumerate().filter(first).map(|(_, policy)| policy.clone()).collect()
}

/// `None`: the blueprint does not speak of Karpenter, which is installed by others in any case.
pub fn karpenter(written: Option<&model::Karpenter>, choices: &mut Choices) -> Option<Karpenter> {
    let written = written?;
    let namespace = written.namespace.clone().unwrap_or_else(|| {
        choices.note(
            "karpenter.namespace",
            eks::SYSTEM_NAMESPACE,
            "where its chart is installed by default, since the API server prefers its requests there",
        );
        eks::SYSTEM_NAMESPACE.to_string()
    });
    Some(Karpenter { namespace, role: written.role.unwrap_or_default() })
}
