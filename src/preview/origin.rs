//! Which key of the blueprint decides a property: the line that a reviewer wants to see.

use serde_json::Value;

use super::PropertyChange;

/// (resource type, beginning of the property's name, key below the place that makes the resource)
const KEYS: &[(&str, &str, &str)] = &[
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
    ("AWS::EKS::Nodegroup", "InstanceTypes", "instanceTypes"),
    ("AWS::EKS::Nodegroup", "ScalingConfig", "scaling"),
    ("AWS::EKS::Nodegroup", "Subnets", "tier"),
    ("AWS::EKS::Addon", "AddonVersion", "version"),
    ("AWS::EKS::FargateProfile", "Selectors", "selectors"),
];

/// The place of a property of a resource that the blueprint's `made` makes.
pub fn of(kind: &str, made: &str, because: &PropertyChange) -> String {
    let below = |key: &str| {
        if made.is_empty() { String::new() } else { format!("{made}.{key}") }
    };
    if kind == "AWS::EC2::Subnet" && because.property == "CidrBlock" {
        return below(if same_size(because) { "cidrs" } else { "size" });
    }
    let row =
        KEYS.iter().find(|(of, property, _)| *of == kind && because.property.starts_with(property));
    row.map_or(made.to_string(), |(_, _, key)| below(key))
}

fn same_size(because: &PropertyChange) -> bool {
    let length = |side: &Option<Value>| {
        side.as_ref()
            .and_then(Value::as_str)
            .and_then(|cidr| cidr.split('/').nth(1))
            .map(str::to_string)
    };
    length(&because.before) == length(&because.after)
}
