//! The words that the blueprint has for properties of CloudFormation: where a changed property was decided, and what to set instead of a
//! patch.

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
    ("AWS::EKS::Nodegroup", "NodeRepairConfig", "autoRepair"),
    ("AWS::EKS::Nodegroup", "Labels", "labels"),
    ("AWS::EKS::Nodegroup", "Taints", "taints"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/BlockDeviceMappings/0/DeviceName", "ami.type"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/BlockDeviceMappings", "volume"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/MetadataOptions", "imds"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/ImageId", "ami"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/SecurityGroupIds", "securityGroups"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/CapacityReservation", "capacity"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/Monitoring", "detailedMonitoring"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/UserData", "nodeConfig"),
    ("AWS::EKS::Addon", "AddonVersion", "version"),
    ("AWS::EKS::Addon", "ConfigurationValues", "configuration"),
    ("AWS::EKS::FargateProfile", "Selectors", "selectors"),
];

/// The place in the blueprint that decides `property` of a resource of type `kind`, which the blueprint's `made` makes.
pub fn place(kind: &str, property: &str, made: &str) -> Option<String> {
    if made == "awsNode" && property == "ConfigurationValues" {
        return None;
    }
    let row = WORDS.iter().find(|(of, begin, _)| *of == kind && property.starts_with(begin));
    let (.., key) = row?;
    Some(match key.strip_prefix('/') {
        Some(key) => key.to_string(),
        None if made.is_empty() => String::new(),
        None => format!("{made}.{key}"),
    })
}
