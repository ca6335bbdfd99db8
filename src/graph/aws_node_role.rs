//! The role of aws-node: whose it is, and the least that it may do.

use serde_json::{Value, json};

use crate::facts::aws_node::names;
use crate::facts::eks;
use crate::intent::aws_node::RoleBy;
use crate::intent::{Cluster, Intent, Tags};

use super::Graph;
use super::role::{self, OwnPolicy, PodRole, RoleTerms, WebIdentityRole};
use super::value::{Sub, managed_policies, tags};

/// A role of aws-node's own, unless it has the nodes'.
pub fn build(intent: &Intent, cluster: &Cluster, id: &str, graph: &mut Graph) {
    let (policies, own_policies) = rights(intent, cluster);
    let own = |name: &str| tags(intent, name, &Tags::new());
    let terms = RoleTerms::of(intent, id);
    match cluster.aws_node.role {
        RoleBy::PodIdentity => {
            let (policies, tags) = (json!(policies), own("aws-node"));
            graph.add(id, "awsNode", &PodRole { policies, own_policies, tags, terms });
        }
        RoleBy::Irsa => {
            role::oidc_provider(intent, "awsNode.role", graph);
            let trust = role::trust(&[(eks::SYSTEM_NAMESPACE, eks::AWS_NODE)]);
            let tags = own("aws-node");
            let role = WebIdentityRole { trust, policies, own_policies, tags, terms };
            graph.add(id, "awsNode", &role);
        }
        RoleBy::NodeRole => {}
    }
}

/// (AWS's policies, policies of the role's own). AWS keeps one for aws-node with IPv4 only, and it is not scoped to a cluster.
pub fn rights(intent: &Intent, cluster: &Cluster) -> (Vec<Sub>, Option<Vec<OwnPolicy>>) {
    let node = &cluster.aws_node;
    // Further network cards get interfaces of aws-node's own, which the IPv6 policy does not cover (rule R22 of the VPC CNI facts).
    let many_cards = node.settings.is_on(names::MULTI_NIC);
    let managed = !node.scoped && (!cluster.ipv6 || many_cards);
    let policies = if managed { managed_policies(eks::CNI_POLICIES) } else { Vec::new() };
    let own = [
        cluster.ipv6.then(ipv6),
        node.scoped.then(|| scoped(intent.cluster_name())),
        node.policy_logs().then(|| logs(intent.cluster_name())),
    ];
    let own: Vec<OwnPolicy> = own.into_iter().flatten().collect();
    (policies, (!own.is_empty()).then_some(own))
}

fn policy(policy_name: &'static str, statements: Vec<Value>) -> OwnPolicy {
    OwnPolicy {
        policy_name,
        policy_document: json!({ "Version": "2012-10-17", "Statement": statements }),
    }
}

/// Resources of EC2's in this Region and account.
fn of_ec2(kind: &str) -> Sub {
    Sub(format!("arn:${{AWS::Partition}}:ec2:${{AWS::Region}}:${{AWS::AccountId}}:{kind}/*"))
}

fn ipv6() -> OwnPolicy {
    // Describe… knows no resources.
    let reads = json!({ "Effect": "Allow", "Action": eks::CNI_IPV6_READS, "Resource": "*" });
    let interfaces = Sub("arn:${AWS::Partition}:ec2:*:*:network-interface/*".to_string());
    let changes =
        json!({ "Effect": "Allow", "Action": eks::CNI_IPV6_CHANGES, "Resource": interfaces });
    let attached = ["network-interface", "instance", "security-group"].map(of_ec2);
    let attributes =
        json!({ "Effect": "Allow", "Action": eks::CNI_ATTRIBUTES, "Resource": attached });
    policy("aws-node-ipv6", vec![reads, changes, attributes])
}

/// The managed policy held to one cluster: interfaces that carry its tag, its nodes, its VPC. aws-node tags the interfaces of its nodes itself.
fn scoped(cluster: &str) -> OwnPolicy {
    let when = |key: String, value: &str| json!({ "StringEquals": { key: value } });
    let tag = eks::CNI_CLUSTER_TAG;
    let vpc = json!({ "ArnEquals": { "ec2:Vpc": { "Fn::Sub": "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:vpc/${Vpc}" } } });
    let (interfaces, around) =
        (of_ec2("network-interface"), ["subnet", "security-group"].map(of_ec2));
    policy(
        "aws-node-of-this-cluster",
        vec![
            json!({ "Effect": "Allow", "Action": eks::CNI_READS, "Resource": "*" }),
            json!({ "Effect": "Allow", "Action": "ec2:CreateTags", "Resource": interfaces }),
            json!({ "Effect": "Allow", "Action": "ec2:CreateNetworkInterface", "Resource": interfaces, "Condition": when(format!("aws:RequestTag/{tag}"), cluster) }),
            json!({ "Effect": "Allow", "Action": "ec2:CreateNetworkInterface", "Resource": around, "Condition": vpc }),
            json!({ "Effect": "Allow", "Action": eks::CNI_CHANGES, "Resource": interfaces, "Condition": when(format!("aws:ResourceTag/{tag}"), cluster) }),
            json!({ "Effect": "Allow", "Action": eks::CNI_ATTACHES, "Resource": of_ec2("instance"), "Condition": when(format!("aws:ResourceTag/kubernetes.io/cluster/{cluster}"), "owned") }),
            json!({ "Effect": "Allow", "Action": eks::CNI_ATTRIBUTES, "Resource": of_ec2("security-group") }),
        ],
    )
}

/// The agent of network policies writes into the cluster's own log group.
fn logs(cluster: &str) -> OwnPolicy {
    let reads = json!({ "Effect": "Allow", "Action": "logs:DescribeLogGroups", "Resource": "*" });
    let group = eks::log_group(cluster);
    let resources = ["", ":*"].map(|rest| Sub(format!("arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:{group}{rest}")));
    let writes =
        json!({ "Effect": "Allow", "Action": eks::POLICY_LOG_ACTIONS, "Resource": resources });
    policy("network-policy-logs", vec![reads, writes])
}
