//! Roles of the cluster, its nodes and aws-node.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use serde_json::Value;

use crate::aws::port::Answer;
use crate::aws::session::{Account, refusal};
use crate::facts::eks::VPC_CNI;
use crate::observed::Part;
use crate::observed::survey::{EksSurvey, Role};

use super::text::{some, text};

/// By ARN.
pub async fn read(account: &Account, eks: &EksSurvey) -> BTreeMap<String, Part<Role>> {
    let reads = arns(eks).into_iter().map(|arn| async move {
        let name = arn.rsplit('/').next().unwrap_or_default().to_string();
        let role = of(account, &name).await;
        (arn, role)
    });
    join_all(reads).await.into_iter().collect()
}

fn arns(eks: &EksSurvey) -> BTreeSet<String> {
    let cluster = eks.found().map(|found| found.role.clone());
    let auto = eks.found().and_then(|found| found.auto_mode.as_ref()?.node_role.clone());
    let groups = eks.node_groups.read().into_iter().flatten().map(|one| one.node_role.clone());
    let addons = eks.addons.read().into_iter().flatten();
    let cni = addons.filter(|one| one.name == VPC_CNI);
    let cni = cni.filter_map(|one| one.service_account_role.clone());
    let all = groups.chain(cluster).chain(auto).chain(cni);
    all.filter(|arn| !arn.is_empty()).collect()
}

async fn of(account: &Account, name: &str) -> Part<Role> {
    let trusts = match trusts(account, name).await {
        Ok(trusts) => trusts,
        Err(refused) => return Part::of("iam:GetRole", Err(refused)),
    };
    let policies = match policies(account, name).await {
        Ok(policies) => policies,
        Err(refused) => return Part::of("iam:ListAttachedRolePolicies", Err(refused)),
    };
    let role = |inline| Role { name: name.to_string(), policies, inline, trusts };
    Part::of("iam:ListRolePolicies", inline(account, name).await.map(role))
}

/// IAM gives the policy as a query string has it.
async fn trusts(account: &Account, name: &str) -> Answer<Vec<String>> {
    let found = account.iam.get_role().role_name(name).send().await.map_err(refusal)?;
    let policy = found.role().and_then(|role| role.assume_role_policy_document());
    let policy = decoded(policy.unwrap_or_default());
    let policy: Value = serde_json::from_slice(&policy).unwrap_or_default();
    Ok(principals(&policy))
}

/// `%7B` → `{`, as RFC 3986 has it.
fn decoded(text: &str) -> Vec<u8> {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let number = part.get(..2).and_then(|two| u8::from_str_radix(two, 16).ok());
        match number {
            Some(number) => {
                bytes.push(number);
                bytes.extend_from_slice(part[2..].as_bytes());
            }
            None => bytes.extend_from_slice(part.as_bytes()),
        }
    }
    bytes
}

fn principals(policy: &Value) -> Vec<String> {
    fn each(value: &Value) -> Vec<&Value> {
        value.as_array().map_or_else(|| vec![value], |all| all.iter().collect())
    }
    let named = |one: &Value| some(one.as_str());
    let of = |statement: &Value| -> Vec<String> {
        match &statement["Principal"] {
            Value::Object(kinds) => kinds.values().flat_map(each).filter_map(named).collect(),
            one => named(one).into_iter().collect(),
        }
    };
    let found: BTreeSet<String> = each(&policy["Statement"]).into_iter().flat_map(of).collect();
    found.into_iter().collect()
}

async fn policies(account: &Account, name: &str) -> Answer<Vec<String>> {
    let pages = account.iam.list_attached_role_policies().role_name(name).into_paginator();
    let found = pages.items().send().collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
    let mut arns: Vec<String> = found.iter().map(|one| text(one.policy_arn())).collect();
    arns.sort();
    Ok(arns)
}

async fn inline(account: &Account, name: &str) -> Answer<Vec<String>> {
    let pages = account.iam.list_role_policies().role_name(name).into_paginator();
    let found = pages.items().send().collect::<Result<Vec<_>, _>>().await;
    found.map_err(refusal)
}
