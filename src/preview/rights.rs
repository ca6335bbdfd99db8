//! Rights that a role loses while something still uses them: CloudFormation updates a role before whatever refers to it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::facts::eks::{self, AUTO_CLUSTER_POLICIES, BRANCH_POLICY, CNI_POLICIES};
use crate::graph::references;
use crate::template::{Template, texts};

use super::{Change, ChangeKind, Obstacle};

const ROLE: &str = "AWS::IAM::Role";

pub fn of(changes: &[Change], before: &Template, after: &Template) -> Vec<Obstacle> {
    let role = |change: &Change| {
        let is_role = change.kind == ROLE && change.change_kind() == ChangeKind::Modify;
        let (old, new) = (before.resource(&change.id)?, after.resource(&change.id)?);
        let lost = Lost::between(&old["Properties"], &new["Properties"]);
        let users: Vec<String> = changes
            .iter()
            .filter(|other| uses(other, change, &lost, [before, after]))
            .map(|other| other.id.clone())
            .collect();
        (is_role && !lost.is_nothing() && !users.is_empty()).then(|| Obstacle::RightsEarly {
            role: change.id.clone(),
            users,
            path: change.path.clone(),
        })
    };
    changes.iter().filter_map(role).collect()
}

/// What a role has before and not afterwards.
struct Lost {
    policies: Vec<Value>,
    own_policies: bool,
    trust: bool,
}

fn list<'v>(own: &'v Value, name: &str) -> &'v [Value] {
    own[name].as_array().map_or(&[], Vec::as_slice)
}

impl Lost {
    fn between(old: &Value, new: &Value) -> Self {
        let kept = list(new, "ManagedPolicyArns");
        let names: Vec<&Value> =
            list(new, "Policies").iter().map(|policy| &policy["PolicyName"]).collect();
        let trusted = texts(&new["AssumeRolePolicyDocument"]);
        Self {
            policies: list(old, "ManagedPolicyArns")
                .iter()
                .filter(|policy| !kept.contains(policy))
                .cloned()
                .collect(),
            own_policies: list(old, "Policies")
                .iter()
                .any(|policy| !names.contains(&&policy["PolicyName"])),
            trust: texts(&old["AssumeRolePolicyDocument"])
                .iter()
                .any(|text| !trusted.contains(text)),
        }
    }

    fn is_nothing(&self) -> bool {
        self.policies.is_empty() && !self.own_policies && !self.trust
    }

    fn has(&self, names: &[&str]) -> bool {
        let texts: Vec<String> = self.policies.iter().map(Value::to_string).collect();
        names.iter().any(|name| texts.iter().any(|text| text.contains(&format!("/{name}\""))))
    }
}

/// Whether a change is of something that uses what a role loses.
fn uses(change: &Change, role: &Change, lost: &Lost, sides: [&Template; 2]) -> bool {
    if change.id == role.id || change.kind == ROLE || change.is_of_tags() {
        return false;
    }
    let aws_node = lost.own_policies || lost.has(CNI_POLICIES) || lost.has(&[BRANCH_POLICY]);
    let auto = lost.trust || lost.has(AUTO_CLUSTER_POLICIES);
    let touches = |part: &str| change.because.iter().any(|one| one.property.starts_with(part));
    match change.kind.as_str() {
        "AWS::EKS::Nodegroup" => false,
        "AWS::EKS::Cluster" => auto && touches("ComputeConfig") || aws_node && touches("Metadata/"),
        "AWS::EKS::Addon" if aws_node && is_aws_node(change, sides) => true,
        "AWS::EKS::PodIdentityAssociation" if aws_node => true,
        _ => {
            let own = sides.iter().filter_map(|side| side.resource(&change.id));
            own.flat_map(references).any(|id| id == role.id)
        }
    }
}

fn is_aws_node(change: &Change, sides: [&Template; 2]) -> bool {
    let mut own = sides.iter().filter_map(|side| side.resource(&change.id));
    own.any(|own| own["Properties"]["AddonName"] == eks::VPC_CNI)
}

/// A role with the rights of both sides, and everything else as afterwards.
pub fn both(old: &Value, new: &Value) -> Value {
    let mut role = new.clone();
    let (old, own) = (&old["Properties"], &mut role["Properties"]);
    let joined = |name: &str, key: &dyn Fn(&Value) -> Value| {
        let after = list(&new["Properties"], name);
        let known: Vec<Value> = list(old, name).iter().map(key).collect();
        let more = after.iter().filter(|one| !known.contains(&key(one)));
        let all: Vec<Value> = list(old, name).iter().chain(more).cloned().collect();
        all
    };
    for (name, all) in [
        ("ManagedPolicyArns", joined("ManagedPolicyArns", &Value::clone)),
        ("Policies", joined("Policies", &|policy| policy["PolicyName"].clone())),
    ] {
        if !all.is_empty() {
            own[name] = json!(all);
        }
    }
    let trusted: BTreeSet<&str> =
        texts(&new["Properties"]["AssumeRolePolicyDocument"]).into_iter().collect();
    if texts(&old["AssumeRolePolicyDocument"]).iter().any(|text| !trusted.contains(text)) {
        own["AssumeRolePolicyDocument"] = old["AssumeRolePolicyDocument"].clone();
    }
    role
}
