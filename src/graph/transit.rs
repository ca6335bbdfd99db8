//! Ways to other networks: the attachment to a transit gateway, a virtual private gateway, and the routes of every table to them.

use std::collections::BTreeMap;

use ipnet::IpNet;
use serde::Serialize;

use crate::address::{AddressPlan, Subnet};
use crate::blueprint::model::{RouteOwner, TierEgress, Use};
use crate::intent::transit::{Destination, TransitGateway};
use crate::intent::{Cluster, Intent, Route, Tags, Tier};

use super::route::{RouteFacts, Target};
use super::value::{Ref, Tag, tags};
use super::{Graph, Kind, id, network};

const PATH: &str = "egress.transitGateway";
const VPN_PATH: &str = "egress.vpnGateway";
const ATTACHMENT: &str = "TransitGatewayAttachment";
const VPN_ATTACHMENT: &str = "VpnGatewayAttachment";

#[derive(Serialize)]
struct Attachment {
    transit_gateway: String,
    vpc: Ref,
    subnets: Vec<Ref>,
    tags: Vec<Tag>,
}

impl Kind for Attachment {
    const TEMPLATE: &'static str = "ec2/transit-gateway-attachment";
}

#[derive(Serialize)]
struct Association {
    attachment: Ref,
    route_table: String,
}

impl Kind for Association {
    const TEMPLATE: &'static str = "ec2/transit-gateway-association";
}

#[derive(Serialize)]
struct Announcement {
    cidr: String,
    attachment: Ref,
    route_table: String,
}

impl Kind for Announcement {
    const TEMPLATE: &'static str = "ec2/transit-gateway-route";
}

#[derive(Serialize)]
struct VpnAttachment {
    vpc: Ref,
    gateway: String,
}

impl Kind for VpnAttachment {
    const TEMPLATE: &'static str = "ec2/vpn-gateway-attachment";
}

#[derive(Serialize)]
struct Propagation {
    route_tables: Vec<Ref>,
    gateway: String,
    depends_on: Vec<String>,
}

impl Kind for Propagation {
    const TEMPLATE: &'static str = "ec2/vpn-gateway-propagation";
}

#[derive(Serialize)]
struct PrivateNatGateway {
    subnet: Ref,
    tags: Vec<Tag>,
    depends_on: Vec<String>,
}

impl Kind for PrivateNatGateway {
    const TEMPLATE: &'static str = "ec2/nat-gateway-private";
}

pub fn build(intent: &Intent, plan: &AddressPlan, graph: &mut Graph) {
    if let Some(gateway) = &intent.transit.gateway {
        attach(intent, plan, gateway, graph);
    }
    if let Some(vpn) = &intent.transit.vpn {
        graph.add(
            VPN_ATTACHMENT,
            VPN_PATH,
            &VpnAttachment { vpc: network::vpc_ref(intent), gateway: vpn.id.clone() },
        );
        if vpn.propagate {
            let mut tables: Vec<String> = plan.made().map(id::route_table).collect();
            tables.sort();
            let route_tables = tables.into_iter().map(Ref).collect();
            let facts = Propagation {
                route_tables,
                gateway: vpn.id.clone(),
                depends_on: vec![VPN_ATTACHMENT.to_string()],
            };
            graph.add("VpnGatewayPropagation", VPN_PATH, &facts);
        }
    }
    private_gateways(intent, plan, graph);
    for subnet in plan.made() {
        for route in routes_of(intent, subnet).into_values() {
            graph.add(id::route(subnet, &route.to), &route.path, &facts(intent, subnet, &route));
        }
    }
}

fn attach(intent: &Intent, plan: &AddressPlan, gateway: &TransitGateway, graph: &mut Graph) {
    let facts = Attachment {
        transit_gateway: gateway.id.clone(),
        vpc: network::vpc_ref(intent),
        subnets: network::references(plan.of_tier(&gateway.tier)),
        tags: tags(intent, "transit", &Tags::new()),
    };
    graph.add(ATTACHMENT, PATH, &facts);
    let Some(route_table) = &gateway.route_table else {
        return;
    };
    let attachment = || Ref(ATTACHMENT.into());
    graph.add(
        "TransitGatewayAssociation",
        PATH,
        &Association { attachment: attachment(), route_table: route_table.clone() },
    );
    for cidr in &gateway.advertise {
        let facts = Announcement {
            cidr: cidr.to_string(),
            attachment: attachment(),
            route_table: route_table.clone(),
        };
        graph.add(format!("TransitGatewayRoute{}", id::plain(&cidr.to_string())), PATH, &facts);
    }
}

/// Routes of a subnet's table to everything, other than those that `egress` gives, for those who must wait for them.
pub fn default_routes_of(intent: &Intent, subnet: &Subnet) -> Vec<String> {
    let routes = routes_of(intent, subnet).into_values().filter(|route| route.to.is_default());
    routes.map(|route| id::route(subnet, &route.to)).collect()
}

/// Logical ids of the private NAT gateways.
pub fn private_gateway_ids(intent: &Intent, plan: &AddressPlan) -> Vec<String> {
    let hosts = intent.transit.private_nat.iter().flat_map(|nat| plan.of_tier(&nat.tier));
    hosts.map(|host| id::of_zone("NatGatewayPrivate", &host.zone.id)).collect()
}

/// The routes of a subnet's table beside its default ones, by a name of the destination: the tier's own, then those that all have.
pub fn routes_of(intent: &Intent, subnet: &Subnet) -> BTreeMap<String, Route> {
    let tier = intent.tier(&subnet.tier);
    let own = tier
        .into_iter()
        .flat_map(|tier| tier.routes.iter().cloned().chain(taken_over(tier, subnet)));
    let mut routes: BTreeMap<String, Route> =
        own.map(|route| (id::plain(&route.to.to_string()), route)).collect();
    // What comes from the transit gateway is for the VPC, and never sent back.
    let carries_only_transit = tier.is_some_and(|tier| tier.serves == [Use::Transit]);
    let public = tier.is_some_and(|tier| tier.egress == TierEgress::Internet);
    // A public subnet's default route is the internet gateway's.
    for route in shared(intent)
        .into_iter()
        .filter(|route| !(carries_only_transit || public && route.to.is_default()))
    {
        routes.entry(id::plain(&route.to.to_string())).or_insert(route);
    }
    routes
}

/// Of a tier that goes out like one that exists: the routes of that one in the subnet's zone.
fn taken_over(tier: &Tier, subnet: &Subnet) -> Vec<Route> {
    let routes = tier.ways.in_zone(&subnet.zone.id).iter().map(|route| {
        let to = match route.to.parse::<IpNet>() {
            Ok(range) => Destination::Range(range),
            Err(_) => Destination::PrefixList(route.to.clone()),
        };
        let path = crate::blueprint::path::key(&tier.path, "egress");
        Route { to, via: route.via.clone(), path }
    });
    routes.collect()
}

/// Routes that every table has: to what is behind the transit gateway, and to networks of hybrid nodes.
fn shared(intent: &Intent) -> Vec<Route> {
    let own = |cluster: &&Cluster| cluster.remote.routes == RouteOwner::Blueprint;
    let remote = intent.cluster.iter().filter(own).flat_map(|cluster| cluster.remote.all());
    let through = |to: ipnet::Ipv4Net, via: &str, path: &str| Route {
        to: Destination::Range(IpNet::V4(to)),
        via: via.to_string(),
        path: path.to_string(),
    };
    match (&intent.transit.gateway, &intent.transit.vpn) {
        (Some(gateway), _) => {
            let behind = gateway.destinations.iter().map(|to| through(*to, &gateway.id, PATH));
            behind
                .chain(remote.map(|to| through(to, &gateway.id, "cluster.remoteNetworks")))
                .collect()
        }
        (None, Some(vpn)) if !vpn.propagate => {
            remote.map(|to| through(to, &vpn.id, "cluster.remoteNetworks")).collect()
        }
        _ => Vec::new(),
    }
}

fn facts(intent: &Intent, subnet: &Subnet, route: &Route) -> RouteFacts {
    let mut facts = RouteFacts::of(&id::route_table(subnet), &[]);
    match &route.to {
        Destination::Range(IpNet::V4(range)) => facts.cidr = Some(range.to_string()),
        Destination::Range(IpNet::V6(range)) => facts.ipv6_cidr = Some(range.to_string()),
        Destination::PrefixList(id) => facts.prefix_list = Some(id.clone()),
    }
    let via = Some(route.via.clone());
    match route.via.split('-').next().unwrap_or_default() {
        "tgw" => facts.transit_gateway = via,
        "pcx" => facts.peering = via,
        "nat" => facts.nat_gateway = via.map(Target::Outside),
        "eni" => facts.interface = via,
        "vpce" => facts.endpoint = via,
        "eigw" => facts.egress_only = Some(Ref(route.via.clone())),
        "i" => facts.instance = via,
        _ => facts.gateway = via.map(Target::Outside),
    }
    if let Some(gateway) = private_gateway(intent, subnet).filter(|_| route.is_translated()) {
        (facts.transit_gateway, facts.gateway) = (None, None);
        facts.nat_gateway = Some(Target::Own(Ref(gateway)));
        return facts;
    }
    let waits = [
        (intent.transit.gateway.as_ref().map(|gateway| &gateway.id), ATTACHMENT),
        (intent.transit.vpn.as_ref().map(|vpn| &vpn.id), VPN_ATTACHMENT),
    ];
    facts.depends_on = waits
        .iter()
        .filter(|(id, _)| *id == Some(&route.via))
        .map(|(_, wait)| wait.to_string())
        .collect();
    facts
}

/// The private NAT gateway between a subnet and the transit gateway.
fn private_gateway(intent: &Intent, subnet: &Subnet) -> Option<String> {
    let nat = intent.transit.private_nat.as_ref()?;
    nat.serves.contains(&subnet.tier).then(|| id::of_zone("NatGatewayPrivate", &subnet.zone.id))
}

/// One in each zone; its own subnet's routes lead on.
fn private_gateways(intent: &Intent, plan: &AddressPlan, graph: &mut Graph) {
    let Some(nat) = &intent.transit.private_nat else {
        return;
    };
    for host in plan.of_tier(&nat.tier) {
        let name = tags(intent, &format!("private-nat-{}", host.zone.id), &Tags::new());
        let facts = PrivateNatGateway {
            subnet: network::reference(host),
            tags: name,
            depends_on: vec![id::association(host)],
        };
        graph.add(id::of_zone("NatGatewayPrivate", &host.zone.id), "egress.privateNat", &facts);
    }
}
