//! What eksnet sets because cluster and nodes do not work without it: a patch leaves it. Rule PAT-12.
//! Source: EKS user guide, VPC and subnet requirements, cluster and node IAM roles; VPC user guide, DNS attributes; CloudFormation's
//! AWS::EKS::Cluster; read 2026-11-28.

/// How a property is held.
#[derive(Debug)]
pub enum Held {
    /// One of these values.
    At(&'static [&'static str]),
    /// As it is.
    Fixed,
    /// Every member of the list stays; further ones may join.
    Members,
}

/// A property of a type that a patch may not take away, and what to do instead.
#[derive(Debug)]
pub struct Promise {
    pub kind: &'static str,
    /// Of the resources where `property` is `value`.
    pub only: Option<(&'static str, &'static str)>,
    /// With slashes.
    pub property: &'static str,
    pub held: Held,
    /// What does not work without it.
    pub because: &'static str,
    pub instead: &'static str,
}

const fn row(
    kind: &'static str,
    property: &'static str,
    held: Held,
    because: &'static str,
    instead: &'static str,
) -> Promise {
    Promise { kind, only: None, property, held, because, instead }
}

const fn of_vpc_cni(
    property: &'static str,
    because: &'static str,
    instead: &'static str,
) -> Promise {
    let only = Some(("AddonName", "vpc-cni"));
    Promise { kind: "AWS::EKS::Addon", only, property, held: Held::Fixed, because, instead }
}

const REMOVE: &str = "remove the line";
const REPEAT: &str = "repeat the existing values, and add to them";
const ADD_POLICIES: &str =
    "repeat the existing values, and add to them; nodes have `nodeGroups[].policies`";

pub const PROMISES: &[Promise] = &[
    row(
        "AWS::EC2::VPC",
        "EnableDnsSupport",
        Held::At(&["true"]),
        "nodes find the cluster by the VPC's DNS",
        REMOVE,
    ),
    row(
        "AWS::EC2::VPC",
        "EnableDnsHostnames",
        Held::At(&["true"]),
        "nodes register by DNS names, and private names of endpoints need them",
        REMOVE,
    ),
    row(
        "AWS::EC2::NatGateway",
        "ConnectivityType",
        Held::Fixed,
        "a private gateway reaches no internet, and a public one needs an Elastic IP",
        "set `egress.nat`",
    ),
    of_vpc_cni(
        "ConfigurationValues",
        "these are the settings of aws-node that capacity and subnets were computed for",
        "set `awsNode`, with `awsNode.env` for other variables",
    ),
    of_vpc_cni(
        "PodIdentityAssociations",
        "aws-node has its permissions from it, and cannot assign addresses to pods without them",
        "set `iam.roles.awsNode`",
    ),
    of_vpc_cni(
        "ServiceAccountRoleArn",
        "aws-node has its permissions from it, and cannot assign addresses to pods without them",
        "set `iam.roles.awsNode`",
    ),
    row(
        "AWS::EKS::Cluster",
        "BootstrapSelfManagedAddons",
        Held::At(&["false"]),
        "the add-ons of the stack would conflict with self-managed ones",
        REMOVE,
    ),
    row(
        "AWS::EKS::Cluster",
        "OutpostConfig",
        Held::Fixed,
        "a local cluster has other subnets, add-ons and quotas",
        REMOVE,
    ),
    row(
        "AWS::EKS::Nodegroup",
        "LaunchTemplate",
        Held::Fixed,
        "nodes get their security groups, volume and settings from it",
        "patch the launch template itself",
    ),
    row(
        "AWS::IAM::Role",
        "AssumeRolePolicyDocument/Statement",
        Held::Members,
        "principals that have the role from it lose it",
        REPEAT,
    ),
    row(
        "AWS::IAM::Role",
        "ManagedPolicyArns",
        Held::Members,
        "principals with the role lose permissions that they need",
        ADD_POLICIES,
    ),
    row(
        "AWS::IAM::Role",
        "Policies",
        Held::Members,
        "principals with the role lose permissions that they need",
        REPEAT,
    ),
    row(
        "AWS::KMS::Key",
        "KeyPolicy/Statement",
        Held::Members,
        "the account could neither use nor administer the key",
        REPEAT,
    ),
    row(
        "AWS::KMS::Key",
        "Enabled",
        Held::At(&["true"]),
        "the cluster cannot read its secrets with a disabled key",
        REMOVE,
    ),
    row(
        "AWS::SQS::QueuePolicy",
        "PolicyDocument/Statement",
        Held::Members,
        "EventBridge delivers no interruption",
        REPEAT,
    ),
];
