//! Rights that a role loses while something still uses them: CloudFormation updates a role before whatever refers to it.

use serde_json::{Map, Value, json};

use crate::facts::eks::{self, AUTO_CLUSTER_POLICIES, BRANCH_POLICY, CNI_POLICIES};
use crate::graph::references;
use crate::template::Template;

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
        Self {
            policies: list(old, "ManagedPolicyArns")
                .iter()
                .filter(|policy| !kept.contains(policy))
                .cloned()
                .collect(),
            own_policies: list(old, "Policies")
                .iter()
                .any(|policy| !names.contains(&&policy["PolicyName"])),
            trust: Trust::narrows(old, new),
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
    let trusts = [old, &new["Properties"]].map(Trust::of);
    if let [Some(before), Some(after)] = trusts {
        own["AssumeRolePolicyDocument"] = before.and(after).value();
    }
    role
}

/// Who may take a role on: a document, or the text of one with what is filled in.
struct Trust {
    document: Value,
    filled_in: Option<Map<String, Value>>,
}

impl Trust {
    /// Of a role's properties.
    fn of(properties: &Value) -> Option<Self> {
        let value = &properties["AssumeRolePolicyDocument"];
        let filled_in = match &value["Fn::Sub"] {
            Value::Null => return Some(Self { document: value.clone(), filled_in: None }),
            Value::Array(parts) => parts.get(1).and_then(Value::as_object).cloned(),
            _ => Some(Map::new()),
        };
        let text = value["Fn::Sub"].as_str().or(value["Fn::Sub"][0].as_str())?;
        Some(Self { document: serde_json::from_str(text).ok()?, filled_in })
    }

    /// Whether somebody may take the role on before, and not afterwards.
    fn narrows(old: &Value, new: &Value) -> bool {
        let Some((old, new)) = Self::of(old).zip(Self::of(new)) else { return true };
        let kept = list(&new.document, "Statement");
        list(&old.document, "Statement").iter().any(|one| !kept.contains(one))
    }

    /// Whoever may on either side.
    fn and(mut self, other: Self) -> Self {
        let known = list(&self.document, "Statement").to_vec();
        let more = list(&other.document, "Statement").iter().filter(|one| !known.contains(one));
        let all: Vec<Value> = known.iter().chain(more).cloned().collect();
        self.document["Statement"] = json!(all);
        let filled_in = self.filled_in.into_iter().chain(other.filled_in);
        self.filled_in = filled_in.reduce(|one, other| other.into_iter().chain(one).collect());
        self
    }

    fn value(self) -> Value {
        match self.filled_in {
            None => self.document,
            Some(none) if none.is_empty() => json!({ "Fn::Sub": self.document.to_string() }),
            Some(some) => json!({ "Fn::Sub": [self.document.to_string(), some] }),
        }
    }
}
