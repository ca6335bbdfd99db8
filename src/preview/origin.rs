//! Which key of the blueprint decides a property: the line that a reviewer wants to see.

use std::collections::BTreeSet;

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
    ("AWS::EKS::Nodegroup", "AmiType", "ami.type"),
    ("AWS::EKS::Nodegroup", "ReleaseVersion", "ami.releaseVersion"),
    ("AWS::EKS::Nodegroup", "CapacityType", "capacity"),
    ("AWS::EKS::Nodegroup", "NodeRole", "role"),
    ("AWS::EKS::Nodegroup", "UpdateConfig", "update"),
    ("AWS::EKS::Nodegroup", "Labels", "labels"),
    ("AWS::EKS::Nodegroup", "Taints", "taints"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/BlockDeviceMappings", "volume"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/MetadataOptions", "imds"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/ImageId", "ami"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/SecurityGroupIds", "securityGroups"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/CapacityReservation", "capacity"),
    ("AWS::EC2::LaunchTemplate", "LaunchTemplateData/Monitoring", "detailedMonitoring"),
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
    if kind == "AWS::EKS::Nodegroup" && because.property == "Subnets" {
        return below(if same_tier(because) { "zones" } else { "tier" });
    }
    let row =
        KEYS.iter().find(|(of, property, _)| *of == kind && because.property.starts_with(property));
    row.map_or(made.to_string(), |(_, _, key)| below(key))
}

/// Whether subnets differ in their zones alone: an id ends with its zone, as in `SubnetNodesEuw1Az1`.
fn same_tier(because: &PropertyChange) -> bool {
    let tiers = |side: &Option<Value>| -> BTreeSet<String> {
        let ids = side.iter().filter_map(Value::as_array).flatten();
        ids.filter_map(|one| one["Ref"].as_str()).map(|id| tier(id).to_string()).collect()
    };
    tiers(&because.before) == tiers(&because.after)
}

fn tier(subnet: &str) -> &str {
    let (rest, _) = subnet.rsplit_once("Az").unwrap_or((subnet, ""));
    let rest = rest.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let rest = rest.trim_end_matches(|letter: char| letter.is_ascii_lowercase());
    rest.strip_suffix(|letter: char| letter.is_ascii_uppercase()).unwrap_or(rest)
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
