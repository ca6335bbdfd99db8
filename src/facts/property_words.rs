//! The words that the blueprint has for properties of CloudFormation: where a changed property was decided, and what to set instead of a
//! patch.

use super::aws_node::{SETTINGS, names};

/// (resource type, beginning of the property's name, key below the place that makes the resource, or from the top with `/` before it)
const WORDS: &[(&str, &str, &str)] = &[
    ("AWS::EC2::VPC", "CidrBlock", "cidr"),
    ("AWS::EC2::Subnet", "AvailabilityZone", "zones"),
    ("AWS::EC2::Subnet", "MapPublicIpOnLaunch", "egress"),
    ("AWS::EC2::Subnet", "AssignIpv6AddressOnCreation", "/vpc.ipv6"),
    ("AWS::EC2::Subnet", "Ipv6CidrBlock", "/vpc.ipv6"),
    ("AWS::EC2::Subnet", "EnableDns64", "/vpc.ipv6"),
    ("AWS::EC2::Subnet", "Tags/karpenter.sh/", "/karpenter"),
    ("AWS::EC2::Subnet", "Tags/kubernetes.io/role/", "serves"),
    ("AWS::EC2::Subnet", "Tags", "tags"),
    ("AWS::EC2::FlowLog", "TrafficType", "traffic"),
    ("AWS::EC2::FlowLog", "MaxAggregationInterval", "interval"),
    ("AWS::EC2::SecurityGroup", "Tags", "/securityGroups.tags"),
    ("AWS::EC2::VPCEndpoint", "PolicyDocument", "/endpoints.policy"),
    ("AWS::IAM::Role", "PermissionsBoundary", "/iam.permissionsBoundary"),
    ("AWS::IAM::Role", "Path", "/iam.path"),
    ("AWS::EKS::Cluster", "Metadata/SecurityGroupTags", "/securityGroups.tags"),
    ("AWS::EKS::Cluster", "ComputeConfig", "autoMode"),
    ("AWS::EKS::Cluster", "Version", "version"),
    ("AWS::EKS::Cluster", "Logging", "logging"),
    ("AWS::EKS::Cluster", "DeletionProtection", "deletionProtection"),
    ("AWS::EKS::Cluster", "EncryptionConfig", "secretsKey"),
    ("AWS::EKS::Cluster", "KubernetesNetworkConfig/ServiceIpv4Cidr", "serviceCidr"),
    ("AWS::EKS::Cluster", "KubernetesNetworkConfig/IpFamily", "ipFamily"),
    ("AWS::EKS::Cluster", "RemoteNetworkConfig", "remoteNetworks"),
    ("AWS::EKS::Cluster", "ResourcesVpcConfig/Endpoint", "endpointAccess"),
    ("AWS::EKS::Cluster", "ResourcesVpcConfig/PublicAccessCidrs", "endpointAccess.publicCidrs"),
    ("AWS::EKS::Cluster", "ResourcesVpcConfig/ControlPlaneEgressMode", "controlPlaneEgress"),
    ("AWS::EKS::Cluster", "ResourcesVpcConfig/SecurityGroupIds", "securityGroups"),
    ("AWS::EKS::Cluster", "AccessConfig/AuthenticationMode", "authenticationMode"),
    ("AWS::EKS::Nodegroup", "InstanceTypes", "instanceTypes"),
    ("AWS::EKS::Nodegroup", "ScalingConfig", "scaling"),
    ("AWS::EKS::Nodegroup", "AmiType", "ami.type"),
    ("AWS::EKS::Nodegroup", "ReleaseVersion", "ami.releaseVersion"),
    ("AWS::EKS::Nodegroup", "CapacityType", "capacity"),
    ("AWS::EKS::Nodegroup", "NodeRole", "role"),
    ("AWS::EKS::Nodegroup", "UpdateConfig", "update"),
    ("AWS::EKS::Nodegroup", "ForceUpdateEnabled", "update.force"),
    ("AWS::EKS::Nodegroup", "NodeRepairConfig", "autoRepair"),
    ("AWS::EKS::Nodegroup", "Labels", "labels"),
    ("AWS::EKS::Nodegroup", "Tags", "tags"),
    ("AWS::EKS::Nodegroup", "Taints", "taints"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/BlockDeviceMappings/0/DeviceName", "ami.type"),
    (
        "AWS::EC2::LaunchTemplate",
        "LaunchTemplateData/BlockDeviceMappings/0/Ebs/VolumeSize",
        "volume.size",
    ),
    (
        "AWS::EC2::LaunchTemplate",
        "LaunchTemplateData/BlockDeviceMappings/0/Ebs/VolumeType",
        "volume.type",
    ),
    (
        "AWS::EC2::LaunchTemplate",
        "LaunchTemplateData/BlockDeviceMappings/0/Ebs/Iops",
        "volume.iops",
    ),
    (
        "AWS::EC2::LaunchTemplate",
        "LaunchTemplateData/BlockDeviceMappings/0/Ebs/Throughput",
        "volume.throughput",
    ),
    (
        "AWS::EC2::LaunchTemplate",
        "LaunchTemplateData/BlockDeviceMappings/0/Ebs/KmsKeyId",
        "volume.kmsKey",
    ),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/BlockDeviceMappings", "volume"),
    (
        "AWS::EC2::LaunchTemplate",
        "LaunchTemplateData/MetadataOptions/HttpPutResponseHopLimit",
        "imds.hopLimit",
    ),
    (
        "AWS::EC2::LaunchTemplate",
        "LaunchTemplateData/MetadataOptions/HttpProtocolIpv6",
        "imds.ipv6",
    ),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/MetadataOptions", "imds"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/InstanceMarketOptions", "capacity"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/InstanceType", "instanceTypes"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/TagSpecifications", "tags"),
    ("AWS::EC2::LaunchTemplate", "TagSpecifications", "tags"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/ImageId", "ami"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/SecurityGroupIds", "securityGroups"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/CapacityReservation", "capacity"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/Monitoring", "detailedMonitoring"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/UserData", "nodeConfig"),
    ("AWS::EKS::Addon", "AddonVersion", "version"),
    ("AWS::EKS::Addon", "ConfigurationValues", "configuration"),
    ("AWS::EKS::FargateProfile", "Selectors", "selectors"),
];

/// Types that have tags of their own in the blueprint; all others have those of `metadata` alone.
pub const OWN_TAGS: &[&str] = &[
    "AWS::EC2::Subnet",
    "AWS::EC2::SecurityGroup",
    "AWS::EKS::Nodegroup",
    "AWS::EC2::LaunchTemplate",
];
/// Tags that eksnet gives by itself.
pub const GIVEN_TAGS: &[&str] = &["Name", "kubernetes.io/", "karpenter.sh/", "eks:"];

/// Words whose value is a map of the author's own keys, and where these begin in a property.
pub const MAPS: &[(&str, &str)] = &[(".labels", "Labels/"), (".tags", "Tags/")];

/// Variables that another word of aws-node's sets as well: which of the two did is not known.
const ALSO_SET: &[&str] = &[names::TCP_EARLY_DEMUX];

/// The word for a variable of aws-node.
fn variable(property: &str) -> Option<String> {
    let (_, name) = property.rsplit_once("env/").filter(|(_, name)| !name.contains('/'))?;
    let typed = SETTINGS.iter().find(|row| row.variable == name).and_then(|row| row.key);
    let free = || format!("awsNode.env.{name}");
    (!ALSO_SET.contains(&name)).then(|| typed.map_or_else(free, str::to_string))
}

/// Properties that follow from one key, and have another one that sets them alone: for whoever patches them.
const INSTEAD: &[(&str, &str, &str)] =
    &[("AWS::EC2::Subnet", "MapPublicIpOnLaunch", "mapPublicIp")];

/// Properties whose value follows from a key that cannot give them another one: a patch is the only way.
const WITHOUT: &[(&str, &str)] = &[
    ("AWS::EC2::Subnet", "EnableDns64"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/MetadataOptions/HttpEndpoint"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/MetadataOptions/HttpTokens"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/MetadataOptions/InstanceMetadataTags"),
];

/// The key to set in place of a patch of `property`.
pub fn instead(kind: &str, property: &str, made: &str) -> Option<String> {
    // A route leads to a gateway of the stack: `egress` names no other one.
    if kind == "AWS::EC2::Route" || WITHOUT.contains(&(kind, property)) {
        return None;
    }
    let row = INSTEAD.iter().find(|(of, own, _)| *of == kind && *own == property);
    match row {
        Some((.., key)) => Some(format!("{made}{}.{key}", if made == "tiers" { "[]" } else { "" })),
        None => place(kind, property, made),
    }
}

/// The place in the blueprint that decides `property` of a resource of type `kind`, which the blueprint's `made` makes.
pub fn place(kind: &str, property: &str, made: &str) -> Option<String> {
    if made == "awsNode" && property.contains("env/") {
        return variable(property);
    }
    if made == "awsNode" && property == "ConfigurationValues" {
        return None;
    }
    // A tier's own default route; one of its `routes` is a word already.
    let is_tier = made.starts_with("tiers[") && made.ends_with(']') && !made.contains('.');
    if kind == "AWS::EC2::Route" && is_tier {
        return Some(format!("{made}.egress"));
    }
    let has_policies = made.starts_with("nodeGroups[") || made.starts_with("podIdentities[");
    if kind == "AWS::IAM::Role" && property == "ManagedPolicyArns" && has_policies {
        return Some(format!("{made}.policies"));
    }
    let row = WORDS.iter().find(|(of, begin, _)| *of == kind && property.starts_with(begin));
    let (.., key) = row?;
    Some(match key.strip_prefix('/') {
        Some(key) => key.to_string(),
        None if made.is_empty() => String::new(),
        None => format!("{made}.{key}"),
    })
}
