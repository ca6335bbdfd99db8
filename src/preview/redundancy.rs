//! What a change leaves without a second way: what worked in several zones, each by itself, and hangs on fewer of them afterwards.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::facts::kinds::Impact;
use crate::template::Template;

use super::notice::{Consequence, Noticed};

/// Tags of subnets that load balancers go by.
const ROLE_TAGS: &str = "kubernetes.io/role/";

pub fn of(before: &Template, after: &Template) -> Vec<Consequence> {
    let found = [
        (Impact::ZonesShareNat, shared_nat(before, after)),
        (Impact::NodesInOneZone, fewer(NODES, Left::OneZone, (before, after))),
        (Impact::NodesInFewerZones, fewer(NODES, Left::Zones, (before, after))),
        (Impact::NodesInFewerSubnets, fewer(NODES, Left::Subnets, (before, after))),
        (Impact::PodsInOneZone, fewer(PODS, Left::OneZone, (before, after))),
        (Impact::PodsInFewerZones, fewer(PODS, Left::Zones, (before, after))),
        (Impact::PodsInFewerSubnets, fewer(PODS, Left::Subnets, (before, after))),
        (Impact::PodZonesLost, pod_zones(before, after)),
        (Impact::ControlPlaneZonesLost, control_plane(before, after)),
        (Impact::BalancerTagsRemoved, balancers(before, after)),
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

/// Zones of the subnets that a list refers to; a subnet that others made stands for its own.
pub fn zones<'t>(template: &'t Template, subnets: &'t Value) -> BTreeSet<&'t str> {
    let listed = subnets.as_array().into_iter().flatten();
    listed.filter_map(|one| zone(template, one).or(one.as_str())).collect()
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

const NODES: &str = "AWS::EKS::Nodegroup";
const PODS: &str = "AWS::EKS::FargateProfile";

/// What is left of the zones that something runs in.
#[derive(Clone, Copy, PartialEq)]
enum Left {
    OneZone,
    Zones,
    /// Of subnets that others made: in which zones they are, no template says.
    Subnets,
}

/// Whatever of a type runs in fewer zones than before, so many as are `wanted`.
fn fewer(kind: &'static str, wanted: Left, (before, after): (&Template, &Template)) -> Vec<String> {
    let loses = |(id, own): &(&String, &Value)| {
        let old = before.resource(id).map_or(&Value::Null, |old| &old["Properties"]["Subnets"]);
        let new = &own["Subnets"];
        let foreign = [old, new]
            .iter()
            .any(|list| list.as_array().into_iter().flatten().any(Value::is_string));
        let (was, is) = (zones(before, old).len(), zones(after, new).len());
        let left = match is {
            _ if foreign => Left::Subnets,
            1 => Left::OneZone,
            _ => Left::Zones,
        };
        0 < is && is < was && left == wanted
    };
    of_type(after, kind).filter(loses).map(|(id, _)| id.clone()).collect()
}

/// What had an ENIConfig for a zone, or for groups in it, and has none any more: the resource that keeps the settings of aws-node.
fn pod_zones(before: &Template, after: &Template) -> Vec<String> {
    let [old, new] = [before, after].map(pod_subnets);
    let left = |(id, was): &(&String, &BTreeSet<String>)| {
        new.get(*id).is_some_and(|is| !is.is_empty() && !was.is_subset(is))
    };
    old.iter().filter(left).map(|(id, _)| id.clone()).collect()
}

/// By the logical id of what keeps aws-node's settings: the zones of the subnets that its ENIConfigs name.
fn pod_subnets(template: &Template) -> BTreeMap<String, BTreeSet<String>> {
    let within = |(id, own): (&String, &Value)| {
        let kept = [&own["Properties"]["ConfigurationValues"], &own["Metadata"]["AwsNode"]];
        let configs = kept.into_iter().find_map(|kept| {
            let values = super::properties::inside(kept)?;
            Some(values["eniConfig"]["subnets"].as_object()?.clone())
        })?;
        let subnets = configs.values().map(|one| &one["id"]);
        let zone = |id: &Value| zone(template, id).or(id.as_str()).map(str::to_string);
        Some((id.clone(), subnets.filter_map(zone).collect()))
    };
    template.resources().filter_map(within).collect()
}

/// Subnets that stay, without a tag by which load balancers find them.
fn balancers(before: &Template, after: &Template) -> Vec<String> {
    let tagged = |own: &Value| -> BTreeSet<String> {
        let tags = own["Tags"].as_array().into_iter().flatten();
        let keys = tags.filter_map(|tag| tag["Key"].as_str());
        keys.filter(|key| key.starts_with(ROLE_TAGS)).map(str::to_string).collect()
    };
    let lost = |(id, own): &(&String, &Value)| {
        let old = before.resource(id).map(|old| tagged(&old["Properties"])).unwrap_or_default();
        !old.is_subset(&tagged(own))
    };
    of_type(after, "AWS::EC2::Subnet").filter(lost).map(|(id, _)| id.clone()).collect()
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
