//! The least that an IAM principal needs for a blueprint, by the resources of its template: actions by use, each on as little as IAM can
//! tell apart. What is left over is in `docs/guide/rights.md`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::facts::orphans;
use crate::facts::permissions::{
    self, CHANGE_SETS, CLOSE_DEFAULT_GROUP, COUNT_ADDRESS_UNITS, EKS_ACCOUNT_WIDE, EKS_RESOURCES,
    LOGS_ACCOUNT_WIDE, NODE_GROUPS, ORPHANS, READS, RESERVATIONS, STACK, TEMPLATES, UNPROTECT,
};
use crate::facts::regions::WITH_RESERVATIONS;
use crate::intent::Intent;
use crate::template::{self, Template};

use super::iam_roles::{self, allow, when};

/// To look: `check --online`, `diff`, `diff --save`, `status`, with what CloudFormation reads to find drift.
pub fn preview(intent: &Intent, template: &Template, bucket: Option<&str>) -> String {
    let rights = Rights { intent, template };
    let mut actions: BTreeSet<&str> = READS.iter().copied().collect();
    actions.extend(rights.of_handlers().filter(|action| permissions::only_reads(action)));
    let mut statements = rights.scoped(&actions);
    statements.push(rights.on_stack(CHANGE_SETS));
    statements.extend(bucket.map(|name| rights.in_bucket(name)));
    written(&statements)
}

/// To change: `deploy` and `destroy`, with what CloudFormation asks for on their behalf.
pub fn deploy(intent: &Intent, template: &Template, bucket: Option<&str>) -> String {
    let rights = Rights { intent, template };
    let mut statements = rights.scoped(&rights.of_changes());
    statements.push(rights.on_stack(&[CHANGE_SETS, STACK].concat()));
    statements.extend(iam_roles::statements(intent, template));
    statements.extend(bucket.map(|name| rights.in_bucket(name)));
    written(&statements)
}

/// One document. IAM accepts no longer one than `POLICY_LIMIT`: then reads stand by their verb, `ec2:Describe*`, which change nothing.
fn written(statements: &[Value]) -> String {
    let document =
        |statements: &[Value]| json!({ "Version": "2012-10-17", "Statement": statements });
    let exact = document(statements);
    if exact.to_string().chars().count() <= permissions::POLICY_LIMIT {
        return super::json(&exact);
    }
    super::json(&document(&statements.iter().map(shortened).collect::<Vec<_>>()))
}

/// A statement whose reads stand by their verb. Whatever changes something stays by name, and so does what IAM says of roles.
fn shortened(statement: &Value) -> Value {
    let short = |action: &str| match permissions::read_verb(action) {
        Some(verb) if !action.starts_with("iam:") => {
            format!("{}:{verb}*", action.split(':').next().unwrap_or_default())
        }
        _ => action.to_string(),
    };
    let mut statement = statement.clone();
    if let Some(actions) = statement["Action"].as_array() {
        let shorter: BTreeSet<String> =
            actions.iter().filter_map(Value::as_str).map(short).collect();
        statement["Action"] = json!(shorter);
    }
    statement
}

/// What IAM can hold an action to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Scope {
    Reads,
    /// Of services that know no resource at creation, or whose resources have ids of AWS's: the Region at least.
    Region,
    Cluster,
    /// Load balancers and target groups that carry the cluster's tags.
    Balancers,
    LogGroups,
    Alarms,
    Keys,
    FlowLogBucket,
    /// Roles and providers have statements of their own.
    Roles,
}

fn scope(action: &str) -> Scope {
    let reads = permissions::only_reads(action);
    match action.split(':').next().unwrap_or_default() {
        "iam" => Scope::Roles,
        "kms" => Scope::Keys,
        "s3" => Scope::FlowLogBucket,
        "eks" if !EKS_ACCOUNT_WIDE.contains(&action) => Scope::Cluster,
        "logs" if !LOGS_ACCOUNT_WIDE.contains(&action) => Scope::LogGroups,
        "cloudwatch" if !reads => Scope::Alarms,
        "elasticloadbalancing" if !reads => Scope::Balancers,
        _ if reads => Scope::Reads,
        _ => Scope::Region,
    }
}

struct Rights<'a> {
    intent: &'a Intent,
    template: &'a Template,
}

impl<'a> Rights<'a> {
    fn of_handlers(&self) -> impl Iterator<Item = &'static str> {
        self.template.resources().flat_map(|(_, resource)| {
            permissions::of(resource["Type"].as_str().unwrap_or_default(), &resource["Properties"])
        })
    }

    fn has(&self, kind: &str) -> bool {
        self.template.resources().any(|(_, one)| one["Type"] == kind)
    }

    fn of_changes(&self) -> BTreeSet<&'static str> {
        let intent = self.intent;
        let own = [
            (true, ORPHANS),
            (intent.security.default_closed, CLOSE_DEFAULT_GROUP),
            (intent.security.alarms.is_some(), COUNT_ADDRESS_UNITS),
            (!WITH_RESERVATIONS.contains(&intent.region.name), RESERVATIONS),
            (self.has("AWS::EKS::Nodegroup"), NODE_GROUPS),
            (intent.cluster.is_some(), UNPROTECT),
        ];
        let own = own.iter().filter(|(used, _)| *used).flat_map(|(_, actions)| actions.iter());
        READS.iter().chain(own).copied().chain(self.of_handlers()).collect()
    }

    /// The actions, each on what its scope is.
    fn scoped(&self, actions: &BTreeSet<&str>) -> Vec<Value> {
        let mut scopes: BTreeMap<Scope, Vec<&str>> = BTreeMap::new();
        actions.iter().for_each(|action| scopes.entry(scope(action)).or_default().push(action));
        scopes.iter().flat_map(|(scope, actions)| self.on(*scope, actions)).collect()
    }

    fn on(&self, scope: Scope, actions: &[&str]) -> Vec<Value> {
        let region = json!({ "StringEquals": { "aws:RequestedRegion": self.intent.region.name } });
        let resources = match scope {
            Scope::Roles => return Vec::new(),
            Scope::Cluster => return self.on_cluster(actions),
            Scope::Balancers => return self.on_balancers(actions),
            Scope::Reads => return vec![allow(actions, json!("*"))],
            Scope::Region => return vec![when(allow(actions, json!("*")), region)],
            Scope::LogGroups => self.of_kind("AWS::Logs::LogGroup", &["logs", "log-group:"]),
            Scope::Alarms => self.of_kind("AWS::CloudWatch::Alarm", &["cloudwatch", "alarm:"]),
            Scope::Keys => self.keys(),
            Scope::FlowLogBucket => self.flow_log_buckets(),
        };
        if resources.is_empty() { Vec::new() } else { vec![allow(actions, json!(resources))] }
    }

    fn arn(&self, service: &str, resource: &str) -> String {
        let region = &self.intent.region;
        format!("arn:{}:{service}:{}:*:{resource}", region.partition(), region.name)
    }

    /// By the names that CloudFormation gives: stack, logical id, letters of its own.
    fn of_kind(&self, kind: &str, [service, prefix]: &[&str; 2]) -> Vec<String> {
        let own = self.template.resources().filter(|(_, one)| one["Type"] == kind);
        let name = |id: &String| format!("{prefix}{}-{id}-*", self.intent.stack());
        own.map(|(id, _)| self.arn(service, &name(id))).collect()
    }

    /// Everything of this cluster's and of no other. Who may enter it, and with which policy, is what the blueprint says.
    fn on_cluster(&self, actions: &[&str]) -> Vec<Value> {
        // Add-ons are looked at in every cluster: aws-node may be one without the blueprint.
        let looked_at = |kind: &str| kind == "AWS::EKS::Addon" && self.has("AWS::EKS::Cluster");
        let kinds = EKS_RESOURCES.iter().filter(|(kind, _)| self.has(kind) || looked_at(kind));
        let within = kinds.map(|(_, resource)| format!("{resource}/{}/*", self.intent.name));
        let resources = [format!("cluster/{}", self.intent.name)].into_iter().chain(within);
        let resources = json!(resources.map(|one| self.arn("eks", &one)).collect::<Vec<_>>());
        let entering = |action: &&&str| {
            ["eks:AssociateAccessPolicy", "eks:CreateAccessEntry", "eks:UpdateAccessEntry"]
                .contains(*action)
        };
        let (entries, others): (Vec<&str>, Vec<&str>) =
            actions.iter().partition(|action| entering(&action));
        let mut statements = vec![allow(&others, resources.clone())];
        let (associate, enter): (Vec<&str>, Vec<&str>) =
            entries.iter().partition(|action| **action == "eks:AssociateAccessPolicy");
        let principals = json!({ "eks:principalArn": self.principals() });
        if !enter.is_empty() {
            let groups = json!({ "eks:kubernetesGroups": self.groups() });
            let only = json!({ "ArnLike": principals, "ForAllValues:StringEquals": groups });
            statements.push(when(allow(&enter, resources.clone()), only));
        }
        if !associate.is_empty() {
            let policies = json!({ "eks:policyArn": self.access_policies() });
            let only = json!({ "ArnLike": principals, "StringEquals": policies });
            statements.push(when(allow(&associate, resources), only));
        }
        statements
    }

    fn entries(&self) -> impl Iterator<Item = &'a Value> {
        let own = self.template.resources();
        own.filter(|(_, one)| one["Type"] == "AWS::EKS::AccessEntry")
            .map(|(_, one)| &one["Properties"])
    }

    fn principals(&self) -> BTreeSet<String> {
        let arn = |entry: &Value| match &entry["PrincipalArn"] {
            Value::String(arn) => Some(arn.clone()),
            function => {
                let role = function["Fn::GetAtt"][0].as_str()?;
                Some(iam_roles::arn(self.intent, role))
            }
        };
        self.entries().filter_map(arn).collect()
    }

    fn access_policies(&self) -> BTreeSet<String> {
        let policies = self.entries().filter_map(|entry| entry["AccessPolicies"].as_array());
        let arn = |policy: &Value| iam_roles::resolved(self.intent, &policy["PolicyArn"]);
        policies.flatten().filter_map(arn).collect()
    }

    /// Groups of the entries; none is an empty name, which no group has.
    fn groups(&self) -> BTreeSet<String> {
        let groups = self.entries().filter_map(|entry| entry["KubernetesGroups"].as_array());
        let names = groups.flatten().filter_map(Value::as_str).map(str::to_string);
        names.chain([String::new()]).collect()
    }

    /// IAM knows no "or" among keys: a statement for each tag that makes a load balancer the cluster's.
    fn on_balancers(&self, actions: &[&str]) -> Vec<Value> {
        let only = |(key, value): (String, String)| {
            let tag = json!({ format!("aws:ResourceTag/{key}"): value });
            when(allow(actions, json!("*")), json!({ "StringEquals": tag }))
        };
        orphans::tags_of_balancers(&self.intent.name).into_iter().map(only).collect()
    }

    /// KMS keys that the blueprint names; without one nobody needs any.
    fn keys(&self) -> Vec<String> {
        let is_key = |text: &&str| text.starts_with("arn:") && text.contains(":kms:");
        let texts = template::texts(&self.template.value["Resources"]);
        texts.into_iter().filter(is_key).map(str::to_string).collect()
    }

    /// Buckets that the VPC's flow logs go to.
    fn flow_log_buckets(&self) -> Vec<String> {
        let own = self.template.resources().filter(|(_, one)| one["Type"] == "AWS::EC2::FlowLog");
        let bucket = |one: &Value| {
            let destination = one["Properties"]["LogDestination"].as_str()?;
            destination.split('/').next().map(str::to_string)
        };
        own.filter_map(|(_, one)| bucket(one)).collect()
    }

    fn on_stack(&self, actions: &[&str]) -> Value {
        let stack = format!("stack/{}/*", self.intent.stack());
        allow(actions, json!(self.arn("cloudformation", &stack)))
    }

    /// CloudFormation reads a template from a bucket with the rights of whoever names it.
    fn in_bucket(&self, bucket: &str) -> Value {
        let (partition, stack) = (self.intent.region.partition(), self.intent.stack());
        allow(TEMPLATES, json!(format!("arn:{partition}:s3:::{bucket}/eksnet/{stack}/*")))
    }
}
