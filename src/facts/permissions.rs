//! What CloudFormation's handlers ask for, by resource type, and what eksnet calls itself.
//! Source: `permissions.json` beside this file, from the CloudFormation registry schemas of 2026-10-20.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

#[derive(Deserialize)]
struct Table {
    types: BTreeMap<String, Vec<String>>,
}

/// What `check --online`, `diff` and `status` read, and `deploy` before it changes anything.
pub const READS: &[&str] = &[
    "cloudformation:BatchDescribeTypeConfigurations",
    "cloudformation:DescribeEvents",
    "cloudformation:DescribeStackDriftDetectionStatus",
    "cloudformation:DescribeStackEvents",
    "cloudformation:DescribeStackResourceDrifts",
    "cloudformation:DescribeStacks",
    "cloudformation:GetTemplate",
    "cloudformation:ListStackResources",
    "ec2:DescribeAddresses",
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeEgressOnlyInternetGateways",
    "ec2:DescribeInstanceTypeOfferings",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcBlockPublicAccessExclusions",
    "ec2:DescribeVpcBlockPublicAccessOptions",
    "ec2:DescribeVpcPeeringConnections",
    "ec2:DescribeVpcs",
    "eks:DescribeAddon",
    "eks:DescribeAddonConfiguration",
    "eks:DescribeAddonVersions",
    "eks:DescribeCluster",
    "eks:ListAddons",
    "servicequotas:GetServiceQuota",
    "sts:GetCallerIdentity",
];

/// In the bucket of long templates.
pub const TEMPLATES: &[&str] = &["s3:GetObject", "s3:PutObject"];

/// On the stack: `diff --save` and `--change-set` make change sets, `--drift` compares. The empty stack that a change set of a new one brings
/// along stays, where these are all the rights there are: who may delete it may delete any.
pub const CHANGE_SETS: &[&str] = &[
    "cloudformation:CreateChangeSet",
    "cloudformation:DeleteChangeSet",
    "cloudformation:DescribeChangeSet",
    "cloudformation:DetectStackDrift",
    "cloudformation:DetectStackResourceDrift",
    "cloudformation:ListChangeSets",
];

/// On the stack: what `deploy` and `destroy` do to it.
pub const STACK: &[&str] = &[
    "cloudformation:ContinueUpdateRollback",
    "cloudformation:DeleteStack",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:UpdateTerminationProtection",
];

/// After the stack stands: what CloudFormation cannot do.
pub const CLOSE_DEFAULT_GROUP: &[&str] = &[
    "ec2:DescribeSecurityGroups",
    "ec2:RevokeSecurityGroupEgress",
    "ec2:RevokeSecurityGroupIngress",
];
pub const COUNT_ADDRESS_UNITS: &[&str] = &["ec2:ModifyVpcAttribute"];

/// Reservations of subnets, where CloudFormation has no type for them.
pub const RESERVATIONS: &[&str] = &[
    "ec2:CreateSubnetCidrReservation",
    "ec2:DeleteSubnetCidrReservation",
    "ec2:GetSubnetCidrReservations",
];

/// What Kubernetes left in a VPC, found and removed by `destroy`.
pub const ORPHANS: &[&str] = &[
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteSecurityGroup",
    "ec2:DescribeSecurityGroups",
    "ec2:RevokeSecurityGroupEgress",
    "ec2:RevokeSecurityGroupIngress",
    "elasticloadbalancing:DeleteLoadBalancer",
    "elasticloadbalancing:DeleteTargetGroup",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeTags",
    "elasticloadbalancing:DescribeTargetGroups",
];

/// EC2 starts instances of a launch template for whoever makes the node group.
pub const NODE_GROUPS: &[&str] = &["ec2:CreateTags", "ec2:RunInstances"];
/// To switch EKS's deletion protection off.
pub const UNPROTECT: &[&str] = &["eks:UpdateClusterConfig"];

/// (resource type, service that makes a role of its own for it). Source: IAM user guide, services that work with IAM.
pub const SERVICE_LINKED: &[(&str, &str)] = &[
    ("AWS::EKS::Cluster", "eks.amazonaws.com"),
    ("AWS::EKS::Nodegroup", "eks-nodegroup.amazonaws.com"),
    ("AWS::EKS::FargateProfile", "eks-fargate.amazonaws.com"),
    ("AWS::EC2::TransitGatewayAttachment", "transitgateway.amazonaws.com"),
];

/// Letters that CloudFormation leaves of a stack's name in a role's, whatever comes behind it.
pub const ROLE_NAME_LEFT: usize = 24;

/// Characters of a managed policy, white space left out. Source: IAM user guide, quotas.
pub const POLICY_LIMIT: usize = 6_144;

/// Whether an action reads and changes nothing.
pub fn only_reads(action: &str) -> bool {
    read_verb(action).is_some()
}

/// `Describe`, `Get` or `List` of an action that reads.
pub fn read_verb(action: &str) -> Option<&'static str> {
    let verb = action.split(':').nth(1)?;
    ["BatchDescribe", "Describe", "Get", "List"].into_iter().find(|start| verb.starts_with(start))
}

/// What the handlers of a resource type ask for; nothing of a type that is not in the table.
pub fn of(kind: &str) -> &'static [String] {
    static TABLE: OnceLock<Table> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        serde_json::from_str(include_str!("permissions.json"))
            .expect("the table is JSON, as a test holds")
    });
    table.types.get(kind).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    #[test]
    fn handlers_ask_for_their_own_verbs() {
        assert!(super::of("AWS::EC2::Subnet").iter().any(|action| action == "ec2:CreateSubnet"));
        assert!(super::of("Custom::Thing").is_empty());
    }
}
