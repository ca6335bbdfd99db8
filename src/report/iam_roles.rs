//! What a deployer may do with IAM: the stack's own roles, with the policies that the blueprint gives them, for the services that they are for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::facts::permissions::{self, Linked, PASSED_FEDERATED, PASSED_TO, SERVICE_LINKED};
use crate::graph;
use crate::intent::Intent;
use crate::template::{self, Template};

/// How much a policy says one by one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    Exact,
    /// Alarms by what their names begin with, services of roles in one list.
    Brief,
    /// And what gives a role no rights by what the stack's names begin with.
    Least,
}

/// On the roles whatever they have.
const LIFE: &[&str] = &[
    "iam:DeleteRole",
    "iam:DetachRolePolicy",
    "iam:GetRole",
    "iam:ListAttachedRolePolicies",
    "iam:ListRolePolicies",
    "iam:TagRole",
    "iam:UntagRole",
];

/// One role of the template.
struct Role {
    arn: String,
    /// AWS's policies, by ARN.
    policies: BTreeSet<String>,
    /// It has policies of its own, whose text no condition of IAM's sees.
    inline: bool,
    /// Who it may be handed to.
    passed_to: BTreeSet<&'static str>,
    /// The policy that bounds it, where the blueprint names one.
    boundary: Option<String>,
    /// It has a description or a session of its own length: from a patch.
    described: bool,
    /// Its trust changes in place: of the cluster's role as Auto Mode comes, of a service account's between Pod Identity and IRSA. Who
    /// takes IRSA away has the right by the former policy.
    retrusted: bool,
}

/// What a role of IRSA lets a service account do.
const WEB_IDENTITY: &str = "sts:AssumeRoleWithWebIdentity";

/// The ARN of a role of the stack, as far as anybody knows it before CloudFormation makes it.
pub fn arn(intent: &Intent, logical_id: &str) -> String {
    if let Some(arn) = graph::existing_role(intent, logical_id) {
        return arn.to_string();
    }
    let named = graph::role_name(intent, logical_id).map(str::to_string);
    let name = named.unwrap_or_else(|| permissions::generated_names(&intent.stack(), logical_id));
    let path = intent.iam.path.as_deref().unwrap_or("/");
    format!("arn:{}:iam::*:role{path}{name}", intent.region.partition())
}

/// A text of the template, its partition filled in.
pub fn resolved(intent: &Intent, value: &Value) -> Option<String> {
    let text = value.as_str().or(value["Fn::Sub"].as_str())?;
    Some(text.replace("${AWS::Partition}", intent.region.partition()))
}

pub fn statements(intent: &Intent, template: &Template, detail: Detail) -> Vec<Value> {
    let roles: Vec<Role> = roles(intent, template);
    let mut statements = Vec::new();
    if !roles.is_empty() {
        statements.extend(life(&roles, detail));
        statements.extend(made(&roles));
        statements.extend(attached(&roles));
        statements.extend(written(&roles));
        statements.extend(passed(&roles, detail));
    }
    statements.extend(foreign(intent, template));
    statements.extend(providers(intent, template));
    statements.extend(linked(intent, template));
    statements
}

fn roles(intent: &Intent, template: &Template) -> Vec<Role> {
    let cluster = template.resources().find(|(_, one)| one["Type"] == "AWS::EKS::Cluster");
    let auto = cluster.filter(|(_, cluster)| !cluster["Properties"]["ComputeConfig"].is_null());
    let retrusted =
        auto.and_then(|(_, one)| one["Properties"]["RoleArn"]["Fn::GetAtt"][0].as_str());
    let own = template.resources().filter(|(_, one)| one["Type"] == "AWS::IAM::Role");
    let role = |(id, one): (&String, &Value)| {
        let properties = &one["Properties"];
        let policies = properties["ManagedPolicyArns"].as_array().into_iter().flatten();
        Role {
            arn: arn(intent, id),
            policies: policies.filter_map(|policy| resolved(intent, policy)).collect(),
            inline: properties["Policies"].as_array().is_some_and(|all| !all.is_empty()),
            passed_to: passed_to(&properties["AssumeRolePolicyDocument"]),
            boundary: resolved(intent, &properties["PermissionsBoundary"]),
            described: ["Description", "MaxSessionDuration"]
                .iter()
                .any(|name| !properties[*name].is_null()),
            retrusted: retrusted == Some(id)
                || properties["AssumeRolePolicyDocument"].to_string().contains(WEB_IDENTITY),
        }
    };
    own.map(role).collect()
}

/// A trust by an OIDC provider is a text; one of a service names it, or several.
fn passed_to(trust: &Value) -> BTreeSet<&'static str> {
    let mut services: Vec<&str> = Vec::new();
    for statement in trust["Statement"].as_array().into_iter().flatten() {
        match &statement["Principal"]["Service"] {
            Value::String(one) => services.push(one),
            Value::Array(many) => services.extend(many.iter().filter_map(Value::as_str)),
            _ => {}
        }
    }
    if services.is_empty() {
        return PASSED_FEDERATED.iter().copied().collect();
    }
    let rows = PASSED_TO.iter().filter(|(trusted, _)| services.contains(trusted));
    rows.flat_map(|(_, passed)| passed.iter().copied()).collect()
}

/// Statements of roles that have the same in common.
fn grouped<'r, K: Ord>(
    roles: impl Iterator<Item = &'r Role>,
    key: impl Fn(&'r Role) -> K,
    statement: impl Fn(K, Vec<&'r str>) -> Value,
) -> Vec<Value> {
    let mut groups: BTreeMap<K, Vec<&str>> = BTreeMap::new();
    roles.for_each(|role| groups.entry(key(role)).or_default().push(&role.arn));
    groups.into_iter().map(|(key, arns)| statement(key, arns)).collect()
}

/// The conditions of what gives a role rights: within its boundary, where it has one.
fn bounded(boundary: Option<&str>, mut conditions: Value) -> Value {
    if let Some(boundary) = boundary {
        conditions["StringEquals"] = json!({ "iam:PermissionsBoundary": boundary });
    }
    conditions
}

fn conditioned(statement: Value, conditions: Value) -> Value {
    let none = conditions.as_object().is_some_and(serde_json::Map::is_empty);
    if none { statement } else { when(statement, conditions) }
}

/// What gives a role no rights; to make one without a boundary is among it, where none has one.
fn life(roles: &[Role], detail: Detail) -> Vec<Value> {
    let bounded = roles.iter().any(|role| role.boundary.is_some());
    let create: &[&str] = if bounded { &[] } else { &["iam:CreateRole"] };
    // Reads know nothing of a boundary.
    let inline = roles.iter().any(|role| role.inline);
    let read: &[&str] = if inline { &["iam:GetRolePolicy"] } else { &[] };
    let arns: Vec<&str> = roles.iter().map(|role| role.arn.as_str()).collect();
    vec![allow(&[create, read, LIFE].concat(), json!(shortened(arns, detail)))]
}

/// Names that CloudFormation gives begin with the stack's.
fn shortened(arns: Vec<&str>, detail: Detail) -> BTreeSet<String> {
    let short = |arn: &str| match arn.strip_suffix("-*").and_then(|own| own.rsplit_once('-')) {
        Some((stack, _)) if detail == Detail::Least => format!("{stack}-*"),
        _ => arn.to_string(),
    };
    arns.into_iter().map(short).collect()
}

fn made(roles: &[Role]) -> Vec<Value> {
    let made = |boundary: Option<&str>, arns: Vec<&str>| {
        let create = ["iam:CreateRole", "iam:PutRolePermissionsBoundary"];
        let actions = if boundary.is_some() { &create[..] } else { &create[..1] };
        conditioned(allow(actions, json!(arns)), bounded(boundary, json!({})))
    };
    let retrusted: Vec<&str> =
        roles.iter().filter(|role| role.retrusted).map(|role| role.arn.as_str()).collect();
    let bounded = roles.iter().any(|role| role.boundary.is_some());
    let mut statements = match bounded {
        true => grouped(roles.iter(), |role| role.boundary.as_deref(), made),
        false => Vec::new(),
    };
    if !retrusted.is_empty() {
        statements.push(allow(&["iam:UpdateAssumeRolePolicy"], json!(retrusted)));
    }
    let described: Vec<&str> =
        roles.iter().filter(|role| role.described).map(|role| role.arn.as_str()).collect();
    if !described.is_empty() {
        let actions = ["iam:UpdateRole", "iam:UpdateRoleDescription"];
        statements.push(allow(&actions, json!(described)));
    }
    statements
}

fn attached(roles: &[Role]) -> Vec<Value> {
    let attached = |(policies, boundary): (&BTreeSet<String>, Option<&str>), arns: Vec<&str>| {
        let only = json!({ "ArnEquals": { "iam:PolicyARN": policies } });
        when(allow(&["iam:AttachRolePolicy"], json!(arns)), bounded(boundary, only))
    };
    let with = roles.iter().filter(|role| !role.policies.is_empty());
    grouped(with, |role| (&role.policies, role.boundary.as_deref()), attached)
}

fn written(roles: &[Role]) -> Vec<Value> {
    let written = |boundary: Option<&str>, arns: Vec<&str>| {
        let actions = ["iam:DeleteRolePolicy", "iam:PutRolePolicy"];
        conditioned(allow(&actions, json!(arns)), bounded(boundary, json!({})))
    };
    let with = roles.iter().filter(|role| role.inline);
    grouped(with, |role| role.boundary.as_deref(), written)
}

/// Each role for its own services; in brief all of them for all, where a role's trust decides who has a use for it.
fn passed(roles: &[Role], detail: Detail) -> Vec<Value> {
    let passed = |services: BTreeSet<&str>, arns: Vec<&str>| {
        let only = json!({ "StringEquals": { "iam:PassedToService": services } });
        when(allow(&["iam:PassRole"], json!(shortened(arns, detail))), only)
    };
    let all: BTreeSet<&str> = roles.iter().flat_map(|role| role.passed_to.clone()).collect();
    let services = |role: &Role| match detail {
        Detail::Exact => role.passed_to.clone(),
        Detail::Brief | Detail::Least => all.clone(),
    };
    let with = roles.iter().filter(|role| !role.passed_to.is_empty());
    grouped(with, services, passed)
}

/// Roles that exist and are handed to EKS: those of the cluster, of nodes and of pods.
fn foreign(intent: &Intent, template: &Template) -> Vec<Value> {
    let is_role = |text: &&str| {
        text.starts_with(&format!("arn:{}:iam::", intent.region.partition()))
            && text.contains(":role/")
    };
    let resources = template.resources().filter(|(_, one)| one["Type"] != "AWS::EKS::AccessEntry");
    let named = |(_, one): (&String, &Value)| {
        let own = [
            "RoleArn",
            "NodeRole",
            "ServiceAccountRoleArn",
            "PodIdentityAssociations",
            "ComputeConfig",
        ];
        let texts = own.iter().flat_map(|name| template::texts(&one["Properties"][*name]));
        texts.filter(is_role).map(str::to_string).collect::<Vec<_>>()
    };
    let arns: BTreeSet<String> = resources.flat_map(named).collect();
    if arns.is_empty() {
        return Vec::new();
    }
    let services =
        json!({ "iam:PassedToService": ["eks.amazonaws.com", "pods.eks.amazonaws.com"] });
    vec![
        when(allow(&["iam:PassRole"], json!(arns)), json!({ "StringEquals": services })),
        allow(&["iam:GetRole", "iam:ListAttachedRolePolicies"], json!(arns)),
    ]
}

/// Providers of clusters' issuers in the Region; the id of the cluster's own is not known before it is made.
fn providers(intent: &Intent, template: &Template) -> Vec<Value> {
    let own = template.resources().filter(|(_, one)| one["Type"] == "AWS::IAM::OIDCProvider");
    let actions: BTreeSet<&str> = own
        .flat_map(|(_, one)| permissions::of("AWS::IAM::OIDCProvider", &one["Properties"]))
        .collect();
    let (listing, others): (Vec<&str>, Vec<&str>) =
        actions.iter().partition(|action| **action == "iam:ListOpenIDConnectProviders");
    let (partition, region) = (intent.region.partition(), intent.region.name);
    let issuers = format!("arn:{partition}:iam::*:oidc-provider/oidc.eks.{region}.*");
    [(others, json!(issuers)), (listing, json!("*"))]
        .into_iter()
        .filter(|(actions, _)| !actions.is_empty())
        .map(|(actions, resource)| allow(&actions, resource))
        .collect()
}

/// Service-linked roles for the services that make them. EKS looks with the caller's rights whether they are there.
fn linked(intent: &Intent, template: &Template) -> Vec<Value> {
    let used = |row: &&Linked| {
        let has = |(name, value): &(&str, &str), own: &Value| own["Properties"][*name] == *value;
        template
            .resources()
            .any(|(_, own)| own["Type"] == row.kind && row.with.iter().all(|one| has(one, own)))
    };
    let services: BTreeSet<&str> =
        SERVICE_LINKED.iter().filter(used).map(|row| row.service).collect();
    if services.is_empty() {
        return Vec::new();
    }
    let roles = format!("arn:{}:iam::*:role/aws-service-role/*", intent.region.partition());
    let only = json!({ "StringEquals": { "iam:AWSServiceName": services } });
    vec![
        when(allow(&["iam:CreateServiceLinkedRole"], json!(roles)), only),
        allow(&["iam:GetRole"], json!(roles)),
    ]
}

/// A list of one is the one.
fn few(values: Value) -> Value {
    match values.as_array().map(Vec::as_slice) {
        Some([only]) => only.clone(),
        _ => values,
    }
}

pub fn allow(actions: &[&str], resource: Value) -> Value {
    json!({ "Effect": "Allow", "Action": actions, "Resource": few(resource) })
}

pub fn when(mut statement: Value, condition: Value) -> Value {
    let operators = condition.as_object().into_iter().flatten();
    let shorter = |keys: &Value| -> Value {
        let keys = keys.as_object().into_iter().flatten();
        keys.map(|(key, values)| (key.clone(), few(values.clone()))).collect()
    };
    statement["Condition"] = operators.map(|(name, keys)| (name.clone(), shorter(keys))).collect();
    statement
}
