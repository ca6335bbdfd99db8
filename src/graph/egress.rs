//! Ways out: the internet gateway, the egress-only one, and a route table for every subnet.

use serde::Serialize;

use crate::address::{AddressPlan, Subnet};
use crate::blueprint::model::{NatMode, TierEgress};
use crate::facts::ports::{EVERYBODY, EVERYBODY_IPV6};
use crate::intent::{Intent, Tags};

use super::route::{RouteFacts, Target};
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
struct EgressOnlyGateway {
    vpc: Ref,
    tags: Vec<Tag>,
}

impl Kind for EgressOnlyGateway {
    const TEMPLATE: &'static str = "ec2/egress-only-gateway";
}

#[derive(Serialize)]
struct Association {
    route_table: Ref,
    subnet: Ref,
}

impl Kind for Association {
    const TEMPLATE: &'static str = "ec2/route-table-association";
}

pub fn gateways(intent: &Intent, graph: &mut Graph) {
    if intent.vpc.ipv6.is_some() && intent.tiers.iter().any(|tier| tier.egress == TierEgress::Nat) {
        graph.add(
            EGRESS_ONLY,
            "vpc.ipv6",
            &EgressOnlyGateway {
                vpc: network::vpc_ref(intent),
                tags: tags(intent, "egress-only", &Tags::new()),
            },
        );
    }
    if existing_gateway(intent).is_some() {
        return;
    }
    let regional = intent.nat.mode == NatMode::Regional
        && intent.tiers.iter().any(|tier| tier.egress == TierEgress::Nat);
    if !regional && !intent.tiers.iter().any(|tier| tier.egress == TierEgress::Internet) {
        return;
    }
    graph.add(GATEWAY, "tiers", &InternetGateway { tags: tags(intent, "internet", &Tags::new()) });
    graph.add(
        network::ATTACHMENT,
        "tiers",
        &GatewayAttachment { vpc: network::vpc_ref(intent), gateway: Ref(GATEWAY.into()) },
    );
}

/// The internet gateway of a VPC that exists: AWS attaches one at most.
fn existing_gateway(intent: &Intent) -> Option<&str> {
    intent.vpc.existing.as_ref()?.internet_gateway.as_deref()
}

/// A table for each subnet: so whatever changes about a tier's ways out changes routes in place. An association that changes leaves its
/// subnet without any for a moment.
pub fn route_tables(intent: &Intent, plan: &AddressPlan, graph: &mut Graph) {
    let gateways = nat::Gateways::of(intent, plan);
    for subnet in plan.made() {
        let table = id::route_table(subnet);
        let name = format!("{}-{}", subnet.tier, subnet.zone.id);
        graph.add(
            &table,
            &subnet.path,
            &RouteTable { vpc: network::vpc_ref(intent), tags: tags(intent, &name, &Tags::new()) },
        );
        let association =
            Association { route_table: Ref(table.clone()), subnet: network::reference(subnet) };
        graph.add(id::association(subnet), &subnet.path, &association);
        default_routes(intent, subnet, &gateways, graph);
    }
}

/// The default routes of a subnet's table, for those who must wait for them.
pub fn default_routes_of(intent: &Intent, subnet: &Subnet) -> Vec<String> {
    match (network::egress_of(intent, subnet), intent.vpc.ipv6.is_some()) {
        (TierEgress::None, _) => Vec::new(),
        (_, false) => vec![id::default_route(subnet)],
        (_, true) => vec![id::default_route(subnet), id::default_route_ipv6(subnet)],
    }
}

fn default_routes(
    intent: &Intent,
    subnet: &Subnet,
    gateways: &nat::Gateways<'_>,
    graph: &mut Graph,
) {
    let (egress, table) = (network::egress_of(intent, subnet), id::route_table(subnet));
    if intent.vpc.ipv6.is_some() {
        add_ipv6_route(egress, subnet, graph);
    }
    let route = |waits: &[&str]| RouteFacts {
        cidr: Some(EVERYBODY.to_string()),
        ..RouteFacts::of(&table, waits)
    };
    if egress == TierEgress::Internet {
        let gateway = existing_gateway(intent).map_or(GATEWAY, |id| id);
        let route = RouteFacts {
            gateway: Some(Target::Own(Ref(gateway.into()))),
            ..route(&[network::ATTACHMENT])
        };
        graph.add(id::default_route(subnet), &subnet.path, &route);
    } else if egress == TierEgress::Nat {
        let Some(gateway) = gateways.serving(&subnet.zone.id).map(Ref) else {
            return;
        };
        graph.add(
            id::default_route(subnet),
            &subnet.path,
            &RouteFacts { nat_gateway: Some(Target::Own(gateway)), ..route(&[]) },
        );
    }
}

/// Public subnets go out by the internet gateway, private ones by the egress-only one, which lets nobody in.
fn add_ipv6_route(egress: TierEgress, subnet: &Subnet, graph: &mut Graph) {
    let table = id::route_table(subnet);
    let route = |waits: &[&str]| RouteFacts {
        ipv6_cidr: Some(EVERYBODY_IPV6.to_string()),
        ..RouteFacts::of(&table, waits)
    };
    let route = match egress {
        TierEgress::Internet => RouteFacts {
            gateway: Some(Target::Own(Ref(GATEWAY.into()))),
            ..route(&[network::ATTACHMENT, network::IPV6])
        },
        TierEgress::Nat => {
            RouteFacts { egress_only: Some(Ref(EGRESS_ONLY.into())), ..route(&[network::IPV6]) }
        }
        TierEgress::None => return,
    };
    graph.add(id::default_route_ipv6(subnet), &subnet.path, &route);
}
