//! The least that an IAM principal needs for a blueprint, by the resource types of its template.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::facts::permissions::{
    self, CHANGE_SETS, CLOSE_DEFAULT_GROUP, COUNT_ADDRESS_UNITS, NODE_GROUPS, ORPHANS, READS,
    RESERVATIONS, ROLE_NAME_LEFT, SERVICE_LINKED, STACK, TEMPLATES, UNPROTECT,
};
use crate::facts::regions::WITH_RESERVATIONS;
use crate::intent::Intent;
use crate::template::{self, Template};

/// To look: `check --online`, `diff`, `diff --save`, `status`, with what CloudFormation reads to find drift.
pub fn preview(intent: &Intent, template: &Template, bucket: Option<&str>) -> String {
    let mut actions: BTreeSet<String> = READS.iter().map(ToString::to_string).collect();
    actions.extend(
        kinds(template)
            .iter()
            .flat_map(|kind| permissions::of(kind))
            .filter(|action| permissions::only_reads(action))
            .cloned(),
    );
    let own = [everywhere(actions), on_stack(intent, CHANGE_SETS)];
    super::json(&document(
        own.into_iter().chain(bucket.map(|name| in_bucket(intent, name))).collect(),
    ))
}

/// CloudFormation reads a template from a bucket with the rights of whoever names it.
fn in_bucket(intent: &Intent, bucket: &str) -> Value {
    let templates =
        format!("arn:{}:s3:::{bucket}/eksnet/{}/*", intent.region.partition(), intent.stack());
    json!({ "Effect": "Allow", "Action": TEMPLATES, "Resource": templates })
}

fn kinds(template: &Template) -> BTreeSet<&str> {
    template.resources().filter_map(|(_, resource)| resource["Type"].as_str()).collect()
}

/// To change: `deploy` and `destroy`, with what CloudFormation asks for on their behalf.
pub fn deploy(intent: &Intent, template: &Template, bucket: Option<&str>) -> String {
    let kinds = kinds(template);
    let mut actions: BTreeSet<String> = READS.iter().map(ToString::to_string).collect();
    actions.extend(kinds.iter().flat_map(|kind| permissions::of(kind).iter().cloned()));
    let own = [
        (intent.security.default_closed, CLOSE_DEFAULT_GROUP),
        (intent.security.alarms.is_some(), COUNT_ADDRESS_UNITS),
        (!WITH_RESERVATIONS.contains(&intent.region.name), RESERVATIONS),
        (kinds.contains("AWS::EKS::Nodegroup"), NODE_GROUPS),
        (intent.cluster.is_some(), UNPROTECT),
    ];
    actions.extend(ORPHANS.iter().map(ToString::to_string));
    actions.extend(
        own.iter()
            .filter(|(wanted, _)| *wanted)
            .flat_map(|(_, actions)| actions.iter().map(ToString::to_string)),
    );
    let of_roles = |action: &String| action.starts_with("iam:") && !action.starts_with("iam:List");
    let (iam, others): (BTreeSet<String>, BTreeSet<String>) =
        actions.into_iter().partition(of_roles);
    let (keys, others): (BTreeSet<String>, BTreeSet<String>) =
        others.into_iter().partition(|action| action.starts_with("kms:"));
    let mut rest = vec![on_stack(intent, &[CHANGE_SETS, STACK].concat())];
    rest.extend(roles(intent, &kinds, iam));
    rest.extend(on_keys(template, keys));
    rest.extend(bucket.map(|name| in_bucket(intent, name)));
    let whole = |actions: BTreeSet<String>| {
        document(std::iter::once(everywhere(actions)).chain(rest.clone()).collect())
    };
    let exact = whole(others.clone());
    let fits = exact.to_string().chars().count() <= permissions::POLICY_LIMIT;
    super::json(&if fits { exact } else { whole(shortened(others)) })
}

/// Reads by their verb, `ec2:Describe*`: they change nothing, and IAM takes no longer policy. Whatever changes something stays by name.
fn shortened(actions: BTreeSet<String>) -> BTreeSet<String> {
    let short = |action: String| match permissions::read_verb(&action) {
        Some(verb) => format!("{}:{verb}*", action.split(':').next().unwrap_or_default()),
        None => action,
    };
    actions.into_iter().map(short).collect()
}

fn document(statements: Vec<Value>) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn everywhere(actions: impl IntoIterator<Item = String>) -> Value {
    json!({ "Effect": "Allow", "Action": actions.into_iter().collect::<Vec<_>>(), "Resource": "*" })
}

fn on_stack(intent: &Intent, actions: &[&str]) -> Value {
    let stack = format!(
        "arn:{}:cloudformation:{}:*:stack/{}/*",
        intent.region.partition(),
        intent.region.name,
        intent.stack()
    );
    json!({ "Effect": "Allow", "Action": actions, "Resource": stack })
}

/// Roles of the stack only, and service-linked ones for the services that make them.
fn roles(intent: &Intent, kinds: &BTreeSet<&str>, actions: BTreeSet<String>) -> Vec<Value> {
    let services: Vec<&str> = SERVICE_LINKED
        .iter()
        .filter(|(kind, _)| kinds.contains(kind))
        .map(|(_, service)| *service)
        .collect();
    let (providers, own): (Vec<&String>, Vec<&String>) = actions
        .iter()
        .filter(|action| *action != "iam:CreateServiceLinkedRole")
        .partition(|action| action.contains("OpenIDConnect"));
    // CloudFormation shortens long names of stacks in those of roles.
    let stack: String = intent.stack().chars().take(ROLE_NAME_LEFT).collect();
    let role = format!("arn:{}:iam::*:role/{stack}*", intent.region.partition());
    let mut statements = Vec::new();
    if !providers.is_empty() {
        let issuers = format!("arn:{}:iam::*:oidc-provider/oidc.eks.*", intent.region.partition());
        statements.push(json!({ "Effect": "Allow", "Action": providers, "Resource": issuers }));
    }
    if !own.is_empty() {
        statements.push(json!({ "Effect": "Allow", "Action": own, "Resource": role }));
    }
    if !services.is_empty() {
        let only = json!({ "StringLike": { "iam:AWSServiceName": services } });
        statements.push(json!({ "Effect": "Allow", "Action": "iam:CreateServiceLinkedRole", "Resource": "*", "Condition": only }));
        // EKS looks with the caller's rights whether they are there.
        let linked = format!("arn:{}:iam::*:role/aws-service-role/*", intent.region.partition());
        statements.push(json!({ "Effect": "Allow", "Action": "iam:GetRole", "Resource": linked }));
    }
    statements
}

/// KMS keys that the blueprint names; without one nobody needs any.
fn on_keys(template: &Template, actions: BTreeSet<String>) -> Option<Value> {
    let is_key = |text: &&str| text.starts_with("arn:") && text.contains(":kms:");
    let keys: BTreeSet<&str> =
        template::texts(&template.value["Resources"]).into_iter().filter(is_key).collect();
    (!keys.is_empty() && !actions.is_empty())
        .then(|| json!({ "Effect": "Allow", "Action": actions, "Resource": keys }))
}
