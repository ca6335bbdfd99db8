//! What one update would take from nodes that run, from the cluster, or from what an attachment carries, before anything takes its place.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde_json::Value;

use crate::graph::references;
use crate::render::reach::{self, Reach, Way};
use crate::template::Template;

use super::{Change, ChangeKind, Obstacle};

pub fn of(changes: &[Change], before: &Template, after: &Template) -> Vec<Obstacle> {
    let mut found = nodes(changes, before, after);
    found.extend(auto_mode(before, after));
    found.extend(changes.iter().filter_map(|change| protected(change, before)));
    found.extend(changes.iter().filter_map(|change| transit_table(change, changes, after)));
    found.extend(changes.iter().filter_map(|change| zones_exchanged(change, before, after)));
    found
}

fn of_type<'t>(
    template: &'t Template,
    name: &'t str,
) -> impl Iterator<Item = (&'t str, &'t Value)> {
    let own = template.resources().filter(move |(_, resource)| resource["Type"] == name);
    own.map(|(id, resource)| (id.as_str(), &resource["Properties"]))
}

/// Nodes without public addresses behind an internet gateway reach nothing: a subnet gives addresses to new interfaces only.
fn nodes(changes: &[Change], before: &Template, after: &Template) -> Vec<Obstacle> {
    let (was, is) = (Reach::of(before), Reach::of(after));
    let replaced = |id: &str| changes.iter().any(|change| change.id == id && change.is_made());
    let group = |(id, properties): (&str, &Value)| {
        let own = after.resource(id).filter(|_| !replaced(id))?;
        let (old, new) =
            (references(&properties["Subnets"]), references(&own["Properties"]["Subnets"]));
        let cut = |subnet: &&String| !replaced(subnet) && becomes_public(subnet, &was, &is);
        let subnets: Vec<String> = old.intersection(&new).filter(cut).cloned().collect();
        let path = changes.iter().find(|change| subnets.contains(&change.id));
        (!subnets.is_empty()).then(|| Obstacle::NodesCutOff {
            group: id.to_string(),
            path: path.map(|change| change.path.clone()).unwrap_or_default(),
            subnets,
        })
    };
    of_type(before, "AWS::EKS::Nodegroup").filter_map(group).collect()
}

fn becomes_public(subnet: &str, before: &Reach<'_>, after: &Reach<'_>) -> bool {
    let somebody: IpAddr = reach::SOMEBODY.parse().expect("an address of the facts");
    let was = reach::way(before, subnet, somebody);
    matches!(was, Way::Nat(_) | Way::Outside(_))
        && reach::way(after, subnet, somebody) == Way::InternetGateway
}

/// Whatever runs pods in a cluster, by logical id.
fn homes(template: &Template) -> BTreeSet<&str> {
    let kinds = ["AWS::EKS::Nodegroup", "AWS::EKS::FargateProfile"];
    kinds.into_iter().flat_map(|name| of_type(template, name).map(|(id, _)| id)).collect()
}

/// Between Auto Mode and node groups a cluster has no node, where one goes as the other comes.
fn auto_mode(before: &Template, after: &Template) -> Option<Obstacle> {
    let auto = |template: &Template| {
        let mut clusters = of_type(template, "AWS::EKS::Cluster");
        clusters.next().map(|(_, cluster)| cluster["ComputeConfig"]["Enabled"] == true)
    };
    let (was, is) = (auto(before)?, auto(after)?);
    let (old, new) = (homes(before), homes(after));
    let none_stays = old.is_disjoint(&new);
    match (was, is) {
        (true, false) if none_stays => Some(Obstacle::NoNodesBetween { auto: false }),
        (false, true) if none_stays && !old.is_empty() => {
            Some(Obstacle::NoNodesBetween { auto: true })
        }
        _ => None,
    }
}

/// EKS refuses to delete a protected cluster; CloudFormation would take everything around it first.
fn protected(change: &Change, before: &Template) -> Option<Obstacle> {
    let cluster = before.resource(&change.id)?;
    let guarded = cluster["Properties"]["DeletionProtection"] == true;
    let gone = change.kind == "AWS::EKS::Cluster" && change.change_kind() == ChangeKind::Remove;
    (guarded && gone).then(|| Obstacle::Protected { id: change.id.clone() })
}

/// CloudFormation cannot move an attachment from one table to another.
fn transit_table(change: &Change, changes: &[Change], after: &Template) -> Option<Obstacle> {
    let moved = change.kind == "AWS::EC2::TransitGatewayRouteTableAssociation"
        && change.change_kind() == ChangeKind::Replace;
    let own = after.resource(&change.id).filter(|_| moved)?;
    let attachment = references(&own["Properties"]["TransitGatewayAttachmentId"]);
    let new = changes.iter().any(|other| attachment.contains(&other.id) && other.is_made());
    (!new).then(|| Obstacle::TransitTableMoved { id: change.id.clone(), path: change.path.clone() })
}

/// An endpoint and a transit gateway attachment have one subnet in a zone, and no order of changes gives them two.
fn zones_exchanged(change: &Change, before: &Template, after: &Template) -> Option<Obstacle> {
    let kinds = ["AWS::EC2::VPCEndpoint", "AWS::EC2::TransitGatewayAttachment"];
    let modified = change.change_kind() == ChangeKind::Modify;
    let applies = kinds.contains(&change.kind.as_str()) && modified;
    let moved = change.because.iter().any(|because| because.property == "SubnetIds");
    let subnets = |template: &Template| {
        let own =
            template.resource(&change.id).map(|own| references(&own["Properties"]["SubnetIds"]));
        own.unwrap_or_default()
    };
    let (old, new) = (subnets(before), subnets(after));
    let zone = |template: &Template, id: &String| {
        let own = &template.resource(id)?["Properties"];
        let name = own["AvailabilityZone"].as_str().or(own["AvailabilityZoneId"].as_str())?;
        Some(name.to_string())
    };
    let replaced: BTreeSet<String> =
        change.because.iter().filter_map(|because| because.cause.clone()).collect();
    let left = old.iter().filter(|id| !new.contains(*id) || replaced.contains(*id));
    let joined = new.iter().filter(|id| !old.contains(*id) || replaced.contains(*id));
    let left: BTreeSet<String> = left.filter_map(|id| zone(before, id)).collect();
    let joined: BTreeSet<String> = joined.filter_map(|id| zone(after, id)).collect();
    let zones: Vec<String> = left.intersection(&joined).cloned().collect();
    (applies && moved && !zones.is_empty()).then(|| Obstacle::ZonesExchanged {
        id: change.id.clone(),
        path: change.path.clone(),
        zones,
    })
}
