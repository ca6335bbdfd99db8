//! What a change means for what runs.

use std::collections::BTreeMap;

use crate::template::Template;

use super::{Action, Change, ChangeKind, aws_node};

/// (resource type, sort of change, what people notice). Source: CloudFormation and EKS user guides, read 2026-11-20.
const ROWS: &[(&str, ChangeKind, &str)] = &[
    (
        "AWS::EC2::VPC",
        ChangeKind::Replace,
        "everything in the VPC is made anew: CloudFormation will not get through this with a cluster inside",
    ),
    ("AWS::EC2::VPC", ChangeKind::Remove, "the network goes"),
    (
        "AWS::EC2::Subnet",
        ChangeKind::Replace,
        "the subnet gets other addresses; nodes, pods and load balancers in it have to leave first",
    ),
    (
        "AWS::EC2::Subnet",
        ChangeKind::Remove,
        "the subnet goes; CloudFormation waits until nothing is in it",
    ),
    (
        "AWS::EC2::NatGateway",
        ChangeKind::Add,
        "packets behind it leave with its own addresses: allow-lists elsewhere need them",
    ),
    (
        "AWS::EC2::NatGateway",
        ChangeKind::Replace,
        "open connections through it break, and its public address may change",
    ),
    ("AWS::EC2::NatGateway", ChangeKind::Remove, "open connections through it break"),
    (
        "AWS::EC2::EIP",
        ChangeKind::Replace,
        "a public address changes: allow-lists elsewhere need the new one",
    ),
    ("AWS::EC2::EIP", ChangeKind::Remove, "a public address is given back for good"),
    (
        "AWS::EC2::EgressOnlyInternetGateway",
        ChangeKind::Remove,
        "private subnets have no way out over IPv6",
    ),
    (
        "AWS::EC2::VPCCidrBlock",
        ChangeKind::Replace,
        "AWS takes a range from a VPC only once nothing uses it",
    ),
    (
        "AWS::EC2::VPCCidrBlock",
        ChangeKind::Remove,
        "AWS takes a range from a VPC only once nothing uses it",
    ),
    (
        "AWS::EC2::Route",
        ChangeKind::Modify,
        "packets take the new way at once; open connections through the old one break",
    ),
    ("AWS::EC2::Route", ChangeKind::Replace, "packets have no route for a moment"),
    (
        "AWS::EC2::SubnetRouteTableAssociation",
        ChangeKind::Replace,
        "the subnet has no route out for a moment",
    ),
    (
        "AWS::EC2::LaunchTemplate",
        ChangeKind::Modify,
        "a new version of the launch template: its node groups roll their nodes",
    ),
    (
        "AWS::EKS::Cluster",
        ChangeKind::Replace,
        "the cluster would be made anew under the same name, which AWS refuses",
    ),
    ("AWS::EKS::Cluster", ChangeKind::Remove, "the cluster goes with everything that runs in it"),
    (
        "AWS::EKS::Nodegroup",
        ChangeKind::Replace,
        "a new node group comes up, then the old nodes are drained: pods move",
    ),
    ("AWS::EKS::Nodegroup", ChangeKind::Remove, "its nodes go: pods move, if there is room"),
    (
        "AWS::EKS::FargateProfile",
        ChangeKind::Replace,
        "its pods are stopped and start again under the new profile",
    ),
    ("AWS::EKS::FargateProfile", ChangeKind::Remove, "its pods are stopped"),
    ("AWS::EKS::Addon", ChangeKind::Modify, "the add-on's pods restart"),
    (
        "AWS::EKS::Addon",
        ChangeKind::Remove,
        "EKS looks after it no longer; vpc-cni: its software stays where `PreserveOnDelete` is set, other add-ons' goes",
    ),
];

/// (resource type, property that changes in place, what people notice)
const BY_PROPERTY: &[(&str, &str, &str)] = &[
    (
        "AWS::EC2::Subnet",
        "Metadata/PrefixReservation",
        "a part of it is kept for prefixes, or given back, through EC2 once the stack stands; addresses in use stay",
    ),
    (
        "AWS::EKS::Cluster",
        "Version",
        "the control plane is upgraded: webhooks and controllers lose their watches for moments",
    ),
];

/// Properties of a NAT gateway that are its addresses.
const ADDRESSES: &[&str] = &["SecondaryAllocationIds", "AvailabilityZoneAddresses"];

pub fn of(change: &Change) -> String {
    let addresses = |because: &super::PropertyChange| {
        ADDRESSES.iter().any(|part| because.property.starts_with(part))
    };
    if change.kind == "AWS::EC2::NatGateway"
        && change.change_kind() == ChangeKind::Modify
        && change.because.iter().any(addresses)
    {
        return "packets leave with other addresses: allow-lists elsewhere need them".to_string();
    }
    let tags_only = change.action == Action::Modify
        && change.because.iter().all(|because| because.property.starts_with("Tags"));
    if tags_only && change.change_kind() == ChangeKind::Modify {
        return String::new();
    }
    let noticed = |(kind, property, _): &&(&str, &str, &str)| {
        change.kind == *kind && change.because.iter().any(|because| because.property == *property)
    };
    if let Some((.., words)) =
        BY_PROPERTY.iter().filter(|_| change.change_kind() == ChangeKind::Modify).find(noticed)
    {
        return (*words).to_string();
    }
    if change.change_kind() == ChangeKind::Modify && change.rolls_nodes() {
        return "EKS exchanges all nodes, one after the other: pods move".to_string();
    }
    if let Some(words) = aws_node::impact(change) {
        return words;
    }
    let row =
        ROWS.iter().find(|(kind, sort, _)| *kind == change.kind && *sort == change.change_kind());
    row.map(|(_, _, words)| (*words).to_string()).unwrap_or_default()
}

/// Which node groups exchange their nodes, and which ones somebody has to replace.
pub fn nodes(
    changes: &[Change],
    switched: Option<&Change>,
    (before, after): (&Template, &Template),
) -> Vec<String> {
    let rolling: Vec<&str> = changes
        .iter()
        .filter(|change| change.rolls_nodes())
        .map(|change| change.id.as_str())
        .collect();
    let mut left = if changes.iter().chain(switched).any(aws_node::for_new_nodes) {
        aws_node::staying(changes, before, after)
    } else {
        Vec::new()
    };
    // What goes wrong shows on few nodes first.
    left.sort_by_key(|id| {
        after
            .resource(id)
            .and_then(|group| group["Properties"]["ScalingConfig"]["MaxSize"].as_u64())
    });
    let line = |words: &str, ids: String| (!ids.is_empty()).then(|| format!("{words}: {ids}"));
    [
        line("nodes are exchanged by EKS in", rolling.join(", ")),
        line("nodes to recycle by hand afterwards, in this order", left.join(", ")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// One line per kind of impact, with how many resources it is about.
pub fn summary(changes: &[Change]) -> Vec<String> {
    let mut by_words: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for change in changes.iter().filter(|change| !change.impact.is_empty()) {
        by_words
            .entry((change.kind.as_str(), change.impact.as_str()))
            .or_default()
            .push(&change.id);
    }
    let line = |((_, words), ids): ((&str, &str), Vec<&str>)| match ids.as_slice() {
        [only] => format!("{only}: {words}"),
        [first, rest @ ..] => format!("{first} and {} more: {words}", rest.len()),
        [] => words.to_string(),
    };
    by_words.into_iter().map(line).collect()
}
