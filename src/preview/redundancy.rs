//! What a change leaves without a second way: what worked in several zones, each by itself, and hangs on fewer of them afterwards.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::facts::kinds::Impact;
use crate::template::Template;

use super::notice::{Consequence, Noticed};

pub fn of(before: &Template, after: &Template) -> Vec<Consequence> {
    let found = [
        (Impact::ZonesShareNat, shared_nat(before, after)),
        (Impact::NodesInOneZone, nodes(before, after, |zones| zones == 1)),
        (Impact::NodesInFewerZones, nodes(before, after, |zones| 1 < zones)),
        (Impact::ControlPlaneZonesLost, control_plane(before, after)),
    ];
    let found = found.into_iter().filter(|(_, ids)| !ids.is_empty());
    found.map(|(impact, ids)| Consequence::Of { ids, what: Noticed::Kind(impact) }).collect()
}

fn of_type<'t>(
    template: &'t Template,
    kind: &'static str,
) -> impl Iterator<Item = (&'t String, &'t Value)> {
    let own = template.resources().filter(move |(_, resource)| resource["Type"] == kind);
    own.map(|(id, resource)| (id, &resource["Properties"]))
}

/// Zones of the subnets that a list refers to.
pub fn zones<'t>(template: &'t Template, subnets: &Value) -> BTreeSet<&'t str> {
    let listed = subnets.as_array().into_iter().flatten();
    listed.filter_map(|one| zone(template, one)).collect()
}

fn zone<'t>(template: &'t Template, subnet: &Value) -> Option<&'t str> {
    let own = &template.resource(subnet["Ref"].as_str()?)?["Properties"];
    own["AvailabilityZone"].as_str().or(own["AvailabilityZoneId"].as_str())
}

/// Routes to a gateway of another zone, of tables whose packets stayed in their zone.
fn shared_nat(before: &Template, after: &Template) -> Vec<String> {
    let (was, is) = (away(before), away(after));
    let stayed = |table: &&&String| was.get(**table).is_some_and(Option::is_none);
    let left = is.keys().filter(stayed).filter_map(|table| is[*table].clone());
    left.collect()
}

/// By route table with a NAT gateway: the first of its routes that leads out of the zone of its subnets, if one does.
fn away(template: &Template) -> BTreeMap<&String, Option<String>> {
    let mut served: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (_, own) in of_type(template, "AWS::EC2::SubnetRouteTableAssociation") {
        let table = own["RouteTableId"]["Ref"].as_str();
        if let Some((table, zone)) = table.zip(zone(template, &own["SubnetId"])) {
            served.entry(table).or_default().insert(zone);
        }
    }
    let mut found: BTreeMap<&String, Option<String>> = BTreeMap::new();
    for (id, own) in of_type(template, "AWS::EC2::Route") {
        let gateway = own["NatGatewayId"]["Ref"].as_str().and_then(|id| template.resource(id));
        let table = own["RouteTableId"]["Ref"].as_str();
        let table =
            table.and_then(|id| template.resources().map(|(id, _)| id).find(|own| *own == id));
        let Some((gateway, table)) = gateway.zip(table) else { continue };
        // A regional gateway has no subnet: it is in every zone.
        let subnet = &gateway["Properties"]["SubnetId"];
        let at_home = subnet.is_null()
            || zone(template, subnet).is_none_or(|home| {
                served
                    .get(table.as_str())
                    .is_none_or(|zones| zones.iter().all(|zone| *zone == home))
            });
        let first = found.entry(table).or_default();
        if first.is_none() && !at_home {
            *first = Some(id.clone());
        }
    }
    found
}

/// Node groups in fewer zones than before, as many as `wanted`.
fn nodes(before: &Template, after: &Template, wanted: impl Fn(usize) -> bool) -> Vec<String> {
    let groups = of_type(after, "AWS::EKS::Nodegroup");
    let fewer = groups.filter(|(id, own)| {
        let former = before.resource(id).map(|old| zones(before, &old["Properties"]["Subnets"]));
        let now = zones(after, &own["Subnets"]).len();
        former.is_some_and(|former| now < former.len()) && wanted(now)
    });
    fewer.map(|(id, _)| id.clone()).collect()
}

fn control_plane(before: &Template, after: &Template) -> Vec<String> {
    let subnets =
        |template, own: &Value| zones(template, &own["ResourcesVpcConfig"]["SubnetIds"]).len();
    let clusters = of_type(after, "AWS::EKS::Cluster");
    let fewer = clusters.filter(|(id, own)| {
        let former = before.resource(id).map(|old| subnets(before, &old["Properties"]));
        let now = subnets(after, own);
        0 < now && former.is_some_and(|former| now < former)
    });
    fewer.map(|(id, _)| id.clone()).collect()
}
