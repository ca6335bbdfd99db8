//! CloudFormation: limits. Source: CloudFormation user guide, quotas, read 2026-11-20.

/// Bytes of template that it takes without an S3 bucket.
pub const INLINE_LIMIT: usize = 51_200;

/// Bytes of template that it reads from a bucket.
pub const UPLOAD_LIMIT: usize = 1_000_000;

/// Resources and outputs of one template; neither quota can be raised.
pub const MOST_RESOURCES: usize = 500;
pub const MOST_OUTPUTS: usize = 200;

/// StackSets of an administrator account, and stacks of one set, unless the quotas were raised.
pub const STACK_SETS: usize = 1_000;
pub const STACKS_OF_A_SET: usize = 100_000;

/// `Fn::Cidr` makes 256 blocks at most.
pub const CIDR_FUNCTION_BITS: u8 = 8;

/// A list whose order says nothing: the registry schemas call it a set, or `insertionOrder` is false.
pub struct Set {
    pub kind: &'static str,
    /// JSON pointer in the resource.
    pub path: &'static str,
}

const fn set(kind: &'static str, path: &'static str) -> Set {
    Set { kind, path }
}

/// Instance types are none: EKS takes the first that it can have.
pub const SETS: &[Set] = &[
    set("AWS::EKS::Cluster", "/Properties/ResourcesVpcConfig/PublicAccessCidrs"),
    set("AWS::EKS::Cluster", "/Properties/RemoteNetworkConfig/RemoteNodeNetworks/0/Cidrs"),
    set("AWS::EKS::Cluster", "/Properties/RemoteNetworkConfig/RemotePodNetworks/0/Cidrs"),
    set("AWS::EKS::Nodegroup", "/Properties/Taints"),
    set("AWS::EKS::FargateProfile", "/Properties/Selectors"),
    set("AWS::EC2::SecurityGroup", "/Properties/SecurityGroupIngress"),
    set("AWS::EC2::SecurityGroup", "/Properties/SecurityGroupEgress"),
];

/// What a template may refer to without a resource. Source: CloudFormation template reference, pseudo parameters, read 2026-11-28.
pub const PSEUDO_PARAMETERS: &[&str] = &[
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// Functions that need neither conditions, mappings nor macros; those that name a resource have their own reading.
/// Source: CloudFormation template reference, intrinsic functions, read 2026-11-28.
pub const FUNCTIONS: &[&str] = &[
    "Fn::Base64",
    "Fn::Cidr",
    "Fn::GetAZs",
    "Fn::ImportValue",
    "Fn::Join",
    "Fn::Select",
    "Fn::Split",
];
