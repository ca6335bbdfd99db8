//! What a patch may not touch, and where a word of the blueprint's says the same.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::facts::kinds;
use crate::facts::{property_words, schemas};
use crate::graph::Graph;
use crate::intent::Patch;
use crate::rules::{PAT_05, PAT_10};
use crate::template::Template;

use super::{Aim, edit};

/// (type, beginnings of properties, what they decide); none: every property.
const ADDRESSES: &[(&str, &[&str], &str)] = &[
    ("AWS::EC2::VPC", &["CidrBlock", "Ipv4"], "the range of the VPC"),
    ("AWS::EC2::VPCCidrBlock", &[], "a range of the VPC"),
    (
        "AWS::EC2::Subnet",
        &["AssignIpv6", "AvailabilityZone", "CidrBlock", "Ipv4", "Ipv6", "OutpostArn", "VpcId"],
        "the place of a subnet",
    ),
    ("AWS::EC2::SubnetCidrReservation", &[], "a reservation in a subnet"),
    ("AWS::EC2::SubnetRouteTableAssociation", &[], "the route table of a subnet"),
    ("AWS::EC2::SubnetNetworkAclAssociation", &[], "the network ACL of a subnet"),
    ("AWS::EC2::VPCGatewayAttachment", &[], "a gateway of the VPC"),
    ("AWS::EC2::NatGateway", &["SubnetId"], "the place of a gateway"),
    ("AWS::EC2::TransitGatewayAttachment", &["SubnetIds", "VpcId"], "the place of an attachment"),
    ("AWS::EKS::Cluster", &["ResourcesVpcConfig/SubnetIds"], "the tier of the control plane"),
    (
        "AWS::EKS::Cluster",
        &["KubernetesNetworkConfig/ServiceIpv4Cidr", "KubernetesNetworkConfig/IpFamily"],
        "the range of services",
    ),
    ("AWS::EKS::Cluster", &["RemoteNetworkConfig"], "the ranges of hybrid nodes"),
    ("AWS::EKS::Nodegroup", &["Subnets"], "the tier of a node group"),
    ("AWS::EKS::FargateProfile", &["Subnets"], "the tier of a profile"),
];

/// (property with slashes, place) of everything that a patch touches.
pub(super) fn touched(patch: &Patch) -> Vec<(String, String)> {
    let removed = patch.remove.iter().enumerate();
    let removed = removed.map(|(at, path)| (path.clone(), format!("{}.remove[{at}]", patch.path)));
    edit::leaves(patch).into_iter().chain(removed).collect()
}

/// Properties that guard addresses, or that a resource is found again by.
pub(super) fn properties(patch: &Patch, aim: &Aim<'_>) -> Vec<Diagnostic> {
    let finding = |(property, place): (String, String)| {
        let what = guarded(aim.kind, &property)?;
        let message = format!("`{property}` of {} is {what}", aim.kind);
        let hint = "remove the line; the blueprint's own keys decide it, and the lock keeps it";
        Some(PAT_05.at(place, message).hint(hint))
    };
    touched(patch).into_iter().filter_map(finding).collect()
}

fn guarded(kind: &str, property: &str) -> Option<&'static str> {
    let top = property.split('/').next().unwrap_or(property);
    let begins =
        |rows: &[&str]| rows.is_empty() || rows.iter().any(|row| property.starts_with(row));
    let row = ADDRESSES.iter().find(|(own, rows, _)| *own == kind && begins(rows));
    let is_identity = || {
        let schema = schemas::find(kind)?;
        let own = schema.identifier.iter().map(String::as_str);
        let key = kinds::find(kind).into_iter().flat_map(|kind| kind.key.properties());
        own.chain(key).any(|name| name == top).then_some("what identifies it")
    };
    row.map(|(.., what)| *what).or_else(is_identity)
}

/// Tags that eksnet sets and the patch would take away.
pub(super) fn tags(
    patch: &Patch,
    aim: &Aim<'_>,
    (before, after): (&Template, &Template),
) -> Vec<Diagnostic> {
    let of = |template: &Template, id: &str| {
        let mut found = BTreeSet::new();
        template.resource(id).iter().for_each(|one| collect(&one["Properties"], "", &mut found));
        found
    };
    let lost = |id: &&String| {
        let kept = of(after, id);
        of(before, id).into_iter().find(|tag| !kept.contains(tag))
    };
    let Some((holder, key, _)) = aim.ids.iter().find_map(lost) else { return Vec::new() };
    let on_it =
        |(property, _): &(String, String)| property.contains("Tag") || holder.starts_with(property);
    let place = touched(patch).into_iter().find(on_it);
    let place = place.map_or(patch.path.clone(), |(_, place)| place);
    let message = format!("the patch removes or changes the tag `{key}`");
    vec![
        PAT_05
            .at(place, message)
            .hint("repeat the tags that there are; the blueprint's `tags` add further ones"),
    ]
}

/// (property that holds them, key, value) of every tag.
fn collect(value: &Value, holder: &str, found: &mut BTreeSet<(String, String, String)>) {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_string);
    match value {
        Value::Array(items) => {
            for item in items {
                match (&item["Key"], &item["Value"]) {
                    (Value::String(key), value) if holder.ends_with("Tags") => {
                        found.insert((holder.to_string(), key.clone(), text(value)));
                    }
                    // Tags of several resources in one list, such as a launch template's.
                    _ => match item["ResourceType"].as_str() {
                        Some(kind) => collect(item, &format!("{holder}/{kind}"), found),
                        None => collect(item, holder, found),
                    },
                }
            }
        }
        Value::Object(map) if holder == "Tags" => {
            let tags = map.iter();
            found.extend(tags.map(|(key, value)| (holder.to_string(), key.clone(), text(value))));
        }
        Value::Object(map) => {
            for (name, inner) in map {
                let name =
                    if holder.is_empty() { name.clone() } else { format!("{holder}/{name}") };
                collect(inner, &name, found);
            }
        }
        _ => {}
    }
}

/// Where a word of the blueprint's sets the same property.
pub(super) fn words(patch: &Patch, aim: &Aim<'_>, graph: &Graph) -> Vec<Diagnostic> {
    let made = aim.ids.iter().find_map(|id| graph.resources.get(*id));
    let Some(made) = made.map(|resource| resource.path.as_str()) else { return Vec::new() };
    let finding = |(property, place): (String, String)| {
        let word =
            property_words::instead(aim.kind, &property, made).filter(|word| !word.is_empty())?;
        let message = format!("`{word}` decides `{property}` of {}", aim.kind);
        Some(PAT_10.at(place, message).hint(format!("set `{word}` in place of the patch")))
    };
    touched(patch).into_iter().filter_map(finding).collect()
}
