//! What a change takes away for good: no later deployment brings it back.

use super::{Change, ChangeKind, Preview, PropertyChange};

/// (resource type, sort of change, what is lost). Source: EC2, EKS and CloudFormation user guides, read 2026-11-20.
const ROWS: &[(&str, ChangeKind, &str)] = &[
    (
        "AWS::EC2::VPC",
        ChangeKind::Remove,
        "the VPC's id goes: peerings, shared subnets and rules elsewhere that name it have to be made anew",
    ),
    (
        "AWS::EC2::VPC",
        ChangeKind::Replace,
        "the VPC's id goes: peerings, shared subnets and rules elsewhere that name it have to be made anew",
    ),
    ("AWS::EC2::EIP", ChangeKind::Remove, "public addresses go back to Amazon"),
    ("AWS::EC2::EIP", ChangeKind::Replace, "public addresses go back to Amazon"),
    (
        "AWS::EKS::Cluster",
        ChangeKind::Remove,
        "everything that the Kubernetes API holds is deleted with the cluster",
    ),
    (
        "AWS::EKS::Cluster",
        ChangeKind::Replace,
        "everything that the Kubernetes API holds is deleted with the cluster",
    ),
    ("AWS::Logs::LogGroup", ChangeKind::Remove, "the log group is deleted with what was logged"),
    ("AWS::Logs::LogGroup", ChangeKind::Replace, "the log group is deleted with what was logged"),
];

/// (resource type, property, what is there for good). A property that is added or changed in place.
const ONE_WAY: &[(&str, &str, &str)] = &[
    (
        "AWS::EKS::Cluster",
        "Version",
        "EKS takes a Kubernetes version back within seven days only, and only after the nodes",
    ),
    ("AWS::EKS::Cluster", "EncryptionConfig", "a cluster keeps the key of its secrets for good"),
    (
        "AWS::EKS::Cluster",
        "ResourcesVpcConfig/ControlPlaneEgressMode",
        "EKS knows no way back from customer-routed egress",
    ),
];

/// One line per kind of loss, with what it is about.
pub fn of(preview: &Preview) -> Vec<String> {
    let removed = ROWS.iter().map(|(kind, sort, words)| {
        line(preview, words, |change| change.kind == *kind && change.change_kind() == *sort)
    });
    let one_way = ONE_WAY.iter().map(|(kind, property, words)| {
        let turned = |because: &PropertyChange| because.property.starts_with(property);
        line(preview, words, |change| {
            change.kind == *kind
                && change.change_kind() == ChangeKind::Modify
                && change.because.iter().any(turned)
        })
    });
    let block = line(
        preview,
        "Amazon's IPv6 block goes back; another one will have other addresses",
        |change| {
            change.kind == "AWS::EC2::VPCCidrBlock"
                && change.change_kind() == ChangeKind::Remove
                && change.id.contains("Ipv6")
        },
    );
    removed.chain(one_way).chain([block]).flatten().collect()
}

fn line(preview: &Preview, words: &str, about: impl Fn(&Change) -> bool) -> Option<String> {
    let ids: Vec<&str> = preview
        .changes
        .iter()
        .filter(|change| about(change))
        .map(|change| change.id.as_str())
        .collect();
    (!ids.is_empty()).then(|| format!("{}: {words}", ids.join(", ")))
}
