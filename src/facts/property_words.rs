//! The words that the blueprint has for properties of CloudFormation: where a changed property was decided, and what to set instead of a
//! patch.

/// (resource type, beginning of the property's name, key below the place that makes the resource)
const WORDS: &[(&str, &str, &str)] = &[
    ("AWS::EC2::VPC", "CidrBlock", "cidr"),
    ("AWS::EC2::Subnet", "AvailabilityZone", "zones"),
    ("AWS::EC2::Subnet", "MapPublicIpOnLaunch", "egress"),
    ("AWS::EC2::Subnet", "Tags", "tags"),
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
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/BlockDeviceMappings", "volume"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/MetadataOptions", "imds"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/ImageId", "ami"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/SecurityGroupIds", "securityGroups"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/CapacityReservation", "capacity"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/Monitoring", "detailedMonitoring"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/UserData", "nodeConfig"),
    ("AWS::EKS::Addon", "AddonVersion", "version"),
    ("AWS::EKS::FargateProfile", "Selectors", "selectors"),
];

/// The key, below the place that makes a resource of type `kind`, that decides `property`.
pub fn key(kind: &str, property: &str) -> Option<&'static str> {
    let row = WORDS.iter().find(|(of, begin, _)| *of == kind && property.starts_with(begin));
    row.map(|(_, _, key)| *key)
}
