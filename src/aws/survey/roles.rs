//! Roles of the cluster, its nodes and aws-node.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use serde_json::Value;

use crate::aws::port::Answer;
use crate::aws::session::{Account, refusal};
use crate::facts::eks::{CNI_POLICIES, VPC_CNI};
use crate::facts::iam::{OF_AWS, PULL_POLICIES};
use crate::observed::Part;
use crate::observed::survey::{EksSurvey, Role};

use super::text::{some, text};

/// By ARN.
pub async fn read(account: &Account, eks: &EksSurvey) -> BTreeMap<String, Part<Role>> {
    let asked = Asked::of(eks);
    let reads = arns(eks).into_iter().map(|arn| {
        let asked = &asked;
        async move {
            let name = arn.rsplit('/').next().unwrap_or_default().to_string();
            let role = of(account, &name, (&arn, asked)).await;
            (arn, role)
        }
    });
    join_all(reads).await.into_iter().collect()
}

fn arns(eks: &EksSurvey) -> BTreeSet<String> {
    let cluster = eks.found().map(|found| found.role.clone());
    let auto = eks.found().and_then(|found| found.auto_mode.as_ref()?.node_role.clone());
    let groups = eks.node_groups.read().into_iter().flatten().map(|one| one.node_role.clone());
    let all = groups.chain(cluster).chain(auto).chain(aws_node(eks));
    all.filter(|arn| !arn.is_empty()).collect()
}

/// Roles of aws-node's own, by its service account or by Pod Identity.
fn aws_node(eks: &EksSurvey) -> impl Iterator<Item = String> {
    let addons = eks.addons.read().into_iter().flatten();
    let cni = addons.filter(|one| one.name == VPC_CNI);
    let cni = cni.filter_map(|one| one.service_account_role.clone());
    let identities = eks.pod_identities.read().into_iter().flatten();
    let own = identities.filter(|one| one.service_account == "aws-node");
    cni.chain(own.map(|one| one.role.clone()))
}

/// What is judged of which roles: each of it is a call.
struct Asked {
    /// Roles that aws-node has for itself: who may assume them matters.
    of_aws_node: BTreeSet<String>,
    /// Roles of nodes.
    of_nodes: BTreeSet<String>,
}

impl Asked {
    fn of(eks: &EksSurvey) -> Self {
        let groups = eks.node_groups.read().into_iter().flatten();
        Self {
            of_aws_node: aws_node(eks).collect(),
            of_nodes: groups.map(|one| one.node_role.clone()).collect(),
        }
    }

    /// Whether policies inside of the role could still decide: not where those attached are not AWS's, whose content nobody reads, and
    /// not where these give all that is wanted.
    fn wants_inline(&self, arn: &str, attached: &[String]) -> bool {
        let cni = self.of_aws_node.contains(arn)
            || self.of_nodes.contains(arn) && self.of_aws_node.is_empty();
        let pull = self.of_nodes.contains(arn);
        let has = |names: &[&str]| {
            attached.iter().any(|own| names.iter().any(|name| own.ends_with(name)))
        };
        let enough = (cni || pull) && (!cni || has(CNI_POLICIES)) && (!pull || has(PULL_POLICIES));
        !enough && attached.iter().all(|own| own.contains(OF_AWS))
    }
}

async fn of(account: &Account, name: &str, (arn, asked): (&str, &Asked)) -> Part<Role> {
    let trusts = match asked.of_aws_node.contains(arn) {
        true => trusts(account, name).await,
        false => Ok(Vec::new()),
    };
    let trusts = match trusts {
        Ok(trusts) => trusts,
        Err(refused) => return super::part("iam:GetRole", Err(refused)),
    };
    let policies = match policies(account, name).await {
        Ok(policies) => policies,
        Err(refused) => return super::part("iam:ListAttachedRolePolicies", Err(refused)),
    };
    let inline = match asked.wants_inline(arn, &policies) {
        true => inline(account, name).await,
        false => Ok(Vec::new()),
    };
    let role = |inline| Role { name: name.to_string(), policies, inline, trusts };
    super::part("iam:ListRolePolicies", inline.map(role))
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
                bytes.extend_from_slice(&part.as_bytes()[2..]);
            }
            None => {
                bytes.push(b'%');
                bytes.extend_from_slice(part.as_bytes());
            }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Asked, arns, decoded, principals};
    use crate::observed::Part;
    use crate::observed::survey::{
        AddonSurvey, EksCluster, EksSurvey, NodeGroupSurvey, PodIdentity,
    };

    #[test]
    fn a_policy_is_read_as_a_query_string_has_it() {
        assert_eq!(decoded("%7B%22a%22%3A+1%7D"), b"{\"a\":+1}");
        assert_eq!(decoded("100%, %zz and %e2%82%ac"), "100%, %zz and \u{20ac}".as_bytes());
    }

    #[test]
    fn principals_are_told_of_every_form() {
        let policy = json!({"Statement": [
            {"Principal": {"Service": ["pods.eks.amazonaws.com", "ec2.amazonaws.com"]}},
            {"Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/x"}},
            {"Principal": "*"},
        ]});
        let told = ["*", "arn:aws:iam::111122223333:oidc-provider/x", "ec2.amazonaws.com"];
        assert_eq!(principals(&policy), [told.as_slice(), &["pods.eks.amazonaws.com"]].concat());
        let one = json!({"Statement": {"Principal": {"Service": "eks.amazonaws.com"}}});
        assert_eq!(principals(&one), ["eks.amazonaws.com"]);
        assert!(principals(&json!(null)).is_empty());
    }

    #[test]
    fn roles_of_the_cluster_its_nodes_and_aws_node_are_asked_each_once() {
        let group = |role: &str| NodeGroupSurvey { node_role: role.into(), ..Default::default() };
        let eks = EksSurvey {
            cluster: Part::Read(Some(EksCluster { role: "cluster".into(), ..Default::default() })),
            node_groups: Part::Read(vec![group("nodes"), group("nodes"), group("")]),
            addons: Part::Read(vec![AddonSurvey {
                name: "vpc-cni".into(),
                service_account_role: Some("cni".into()),
                ..Default::default()
            }]),
            pod_identities: Part::Read(vec![
                PodIdentity {
                    service_account: "aws-node".into(),
                    role: "pods".into(),
                    ..Default::default()
                },
                PodIdentity {
                    service_account: "web".into(),
                    role: "web".into(),
                    ..Default::default()
                },
            ]),
            ..EksSurvey::default()
        };
        assert_eq!(Vec::from_iter(arns(&eks)), ["cluster", "cni", "nodes", "pods"]);
    }

    #[test]
    fn inline_policies_are_asked_for_where_they_may_decide() {
        let aws = |name: &str| format!("arn:aws:iam::aws:policy/{name}");
        let [pull, cni] = ["AmazonEC2ContainerRegistryReadOnly", "AmazonEKS_CNI_Policy"].map(aws);
        let own = "arn:aws:iam::111122223333:policy/own".to_string();
        let asked = |of_aws_node: &[&str]| Asked {
            of_aws_node: of_aws_node.iter().map(ToString::to_string).collect(),
            of_nodes: ["nodes".to_string()].into(),
        };
        // aws-node has a role of its own, or one of Pod Identity, which EKS lists without its ARN.
        for apart in [asked(&["cni"]), asked(&[""])] {
            assert!(!apart.wants_inline("nodes", std::slice::from_ref(&pull)));
            assert!(apart.wants_inline("nodes", std::slice::from_ref(&cni)));
            assert!(!apart.wants_inline("nodes", std::slice::from_ref(&own)));
        }
        let apart = asked(&["cni"]);
        assert!(!apart.wants_inline("cni", std::slice::from_ref(&cni)));
        assert!(apart.wants_inline("cni", &[]));
        let shared = asked(&[]);
        assert!(shared.wants_inline("nodes", std::slice::from_ref(&pull)));
        assert!(!shared.wants_inline("nodes", &[pull, cni]));
        assert!(shared.wants_inline("cluster", &[aws("AmazonEKSClusterPolicy")]));
    }
}
