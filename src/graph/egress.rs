//! Ways out: the internet gateway, the egress-only one, and a route table for every subnet.

use serde::Serialize;

use crate::address::{AddressPlan, Subnet};
use crate::blueprint::model::{NatMode, TierEgress};
use crate::spec::{Spec, Tags};

use super::value::{Ref, Tag, tags};
use super::{Graph, Kind, id, nat, network};

const GATEWAY: &str = "InternetGateway";
const EGRESS_ONLY: &str = "EgressOnlyGateway";

#[derive(Serialize)]
struct InternetGateway {
    tags: Vec<Tag>,
}

impl Kind for InternetGateway {
    const TEMPLATE: &'static str = "ec2/internet-gateway";
}

#[derive(Serialize)]
struct GatewayAttachment {
    vpc: Ref,
    gateway: Ref,
}

impl Kind for GatewayAttachment {
    const TEMPLATE: &'static str = "ec2/gateway-attachment";
}

#[derive(Serialize)]
struct RouteTable {
    vpc: Ref,
    tags: Vec<Tag>,
}

impl Kind for RouteTable {
    const TEMPLATE: &'static str = "ec2/route-table";
}

#[derive(Serialize)]
struct InternetRoute {
    route_table: Ref,
    gateway: Ref,
    depends_on: Vec<String>,
}

impl Kind for InternetRoute {
    const TEMPLATE: &'static str = "ec2/route-internet";
}

#[derive(Serialize)]
struct InternetRouteIpv6 {
    route_table: Ref,
    gateway: Ref,
    depends_on: Vec<String>,
}

impl Kind for InternetRouteIpv6 {
    const TEMPLATE: &'static str = "ec2/route-internet-ipv6";
}

#[derive(Serialize)]
struct EgressOnlyGateway {
    vpc: Ref,
    tags: Vec<Tag>,
}

impl Kind for EgressOnlyGateway {
    const TEMPLATE: &'static str = "ec2/egress-only-gateway";
}

#[derive(Serialize)]
struct EgressOnlyRoute {
    route_table: Ref,
    gateway: Ref,
    depends_on: Vec<String>,
}

impl Kind for EgressOnlyRoute {
    const TEMPLATE: &'static str = "ec2/route-egress-only";
}

#[derive(Serialize)]
struct NatRoute {
    route_table: Ref,
    nat_gateway: Ref,
}

impl Kind for NatRoute {
    const TEMPLATE: &'static str = "ec2/route-nat";
}

#[derive(Serialize)]
struct Association {
    route_table: Ref,
    subnet: Ref,
}

impl Kind for Association {
    const TEMPLATE: &'static str = "ec2/route-table-association";
}

pub fn gateways(spec: &Spec, graph: &mut Graph) {
    if spec.vpc.ipv6.is_some() && spec.tiers.iter().any(|tier| tier.egress == TierEgress::Nat) {
        graph.add(EGRESS_ONLY, "vpc.ipv6", &EgressOnlyGateway { vpc: Ref("Vpc".into()), tags: tags(spec, "egress-only", &Tags::new()) });
    }
    let regional = spec.nat.mode == NatMode::Regional && spec.tiers.iter().any(|tier| tier.egress == TierEgress::Nat);
    if !regional && !spec.tiers.iter().any(|tier| tier.egress == TierEgress::Internet) {
        return;
    }
    graph.add(GATEWAY, "tiers", &InternetGateway { tags: tags(spec, "internet", &Tags::new()) });
    graph.add(network::ATTACHMENT, "tiers", &GatewayAttachment { vpc: Ref("Vpc".into()), gateway: Ref(GATEWAY.into()) });
}

/// A table for each subnet: so whatever changes about a tier's ways out changes routes in place. An association that changes leaves its
/// subnet without any for a moment.
pub fn route_tables(spec: &Spec, plan: &AddressPlan, graph: &mut Graph) {
    let gateways = nat::Gateways::of(spec, plan);
    for subnet in &plan.subnets {
        let table = id::route_table(subnet);
        let name = format!("{}-{}", subnet.tier, subnet.zone.id);
        graph.add(&table, &subnet.path, &RouteTable { vpc: Ref("Vpc".into()), tags: tags(spec, &name, &Tags::new()) });
        let association = Association { route_table: Ref(table.clone()), subnet: network::reference(subnet) };
        graph.add(id::association(subnet), &subnet.path, &association);
        default_routes(spec, subnet, &gateways, graph);
    }
}

/// The default routes of a subnet's table, for those who must wait for them.
pub fn default_routes_of(spec: &Spec, subnet: &Subnet) -> Vec<String> {
    let table = id::route_table(subnet);
    match (network::egress_of(spec, subnet), spec.vpc.ipv6.is_some()) {
        (TierEgress::None, _) => Vec::new(),
        (_, false) => vec![id::default_route(subnet)],
        (_, true) => vec![id::default_route(subnet), default_route_ipv6(&table)],
    }
}

fn default_route_ipv6(table: &str) -> String {
    format!("{table}DefaultIpv6")
}

fn default_routes(spec: &Spec, subnet: &Subnet, gateways: &nat::Gateways<'_>, graph: &mut Graph) {
    let (egress, table) = (network::egress_of(spec, subnet), id::route_table(subnet));
    if spec.vpc.ipv6.is_some() {
        add_ipv6_route(egress, &table, &subnet.path, graph);
    }
    let route_table = Ref(table.clone());
    if egress == TierEgress::Internet {
        let route = InternetRoute { route_table, gateway: Ref(GATEWAY.into()), depends_on: vec![network::ATTACHMENT.into()] };
        graph.add(id::default_route(subnet), &subnet.path, &route);
    } else if egress == TierEgress::Nat {
        let Some(nat_gateway) = gateways.serving(&subnet.zone.id).map(Ref) else { return };
        graph.add(id::default_route(subnet), "egress.nat", &NatRoute { route_table, nat_gateway });
    }
}

/// Public subnets go out by the internet gateway, private ones by the egress-only one, which lets nobody in.
fn add_ipv6_route(egress: TierEgress, table: &str, path: &str, graph: &mut Graph) {
    let (route_table, ipv6) = (Ref(table.to_string()), network::IPV6.to_string());
    match egress {
        TierEgress::Internet => {
            let route = InternetRouteIpv6 { route_table, gateway: Ref(GATEWAY.into()), depends_on: vec![network::ATTACHMENT.into(), ipv6] };
            graph.add(default_route_ipv6(table), path, &route);
        }
        TierEgress::Nat => {
            let route = EgressOnlyRoute { route_table, gateway: Ref(EGRESS_ONLY.into()), depends_on: vec![ipv6] };
            graph.add(default_route_ipv6(table), path, &route);
        }
        TierEgress::None => {}
    }
}
