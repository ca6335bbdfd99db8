//! Ways out: internet gateway, NAT gateways, and a route table for every subnet.

use serde::Serialize;
use serde_json::json;

use crate::address::{AddressPlan, Subnet};
use crate::blueprint::model::TierEgress;
use crate::spec::{Nat, Spec, Tags};

use super::value::{GetAtt, Ref, Tag, tags};
use super::{Graph, Kind, id, network};

const GATEWAY: &str = "InternetGateway";
const EGRESS_ONLY: &str = "EgressOnlyGateway";
const ATTACHMENT: &str = "InternetGatewayAttachment";

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
struct ElasticIp {
    tags: Vec<Tag>,
    depends_on: Vec<String>,
}

impl Kind for ElasticIp {
    const TEMPLATE: &'static str = "ec2/elastic-ip";
}

#[derive(Serialize)]
struct NatGateway<A: Serialize> {
    subnet: Ref,
    allocation: A,
    tags: Vec<Tag>,
    depends_on: Vec<String>,
}

impl<A: Serialize> Kind for NatGateway<A> {
    const TEMPLATE: &'static str = "ec2/nat-gateway";
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

pub fn gateways(spec: &Spec, plan: &AddressPlan, graph: &mut Graph) {
    if spec.vpc.ipv6.is_some() && spec.tiers.iter().any(|tier| tier.egress == TierEgress::Nat) {
        graph.add(EGRESS_ONLY, "vpc.ipv6", &EgressOnlyGateway { vpc: Ref("Vpc".into()), tags: tags(spec, "egress-only", &Tags::new()) });
    }
    if !spec.tiers.iter().any(|tier| tier.egress == TierEgress::Internet) {
        return;
    }
    graph.add(GATEWAY, "tiers", &InternetGateway { tags: tags(spec, "internet", &Tags::new()) });
    graph.add(ATTACHMENT, "tiers", &GatewayAttachment { vpc: Ref("Vpc".into()), gateway: Ref(GATEWAY.into()) });
    let hosts = nat_hosts(spec, plan);
    for host in &hosts {
        nat_gateway(spec, plan, host, graph);
    }
    if !hosts.is_empty() && !matches!(spec.nat, Nat::Own(_)) {
        let addresses: Vec<GetAtt> = hosts.iter().map(|host| GetAtt(nat_id("ElasticIp", plan, host), "PublicIp")).collect();
        graph.output("NatAddresses", "Public addresses of the NAT gateways", json!({ "Fn::Join": [",", addresses] }));
    }
}

/// The gateway and its address go by the zone, and by the generation of the subnet they stand in: when that subnet is replaced, both
/// are made anew beside the old ones, because AWS lets no two gateways share an address.
fn nat_gateway(spec: &Spec, plan: &AddressPlan, host: &Subnet, graph: &mut Graph) {
    let zone = &host.zone.id;
    let gateway = nat_id("NatGateway", plan, host);
    let name = tags(spec, &format!("nat-{zone}"), &Tags::new());
    let attached = vec![ATTACHMENT.to_string()];
    // The way out of its own subnet stands before it, and on deletion outlives the nodes behind it.
    let depends_on = vec![id::association(host), default_route(&route_table_of(host))];
    let subnet = network::reference(host);
    match own_address(spec, zone) {
        Some(allocation) => graph.add(gateway, "egress.nat", &NatGateway { subnet, allocation, tags: name, depends_on }),
        None => {
            let address = nat_id("ElasticIp", plan, host);
            graph.add(&address, "egress.nat", &ElasticIp { tags: name.clone(), depends_on: attached });
            graph.add(gateway, "egress.nat", &NatGateway { subnet, allocation: GetAtt(address, "AllocationId"), tags: name, depends_on });
        }
    }
}

fn nat_id(what: &str, plan: &AddressPlan, host: &Subnet) -> String {
    let id = id::of_zone(what, &host.zone.id);
    match plan.ledger.find(&host.tier, &host.zone.id).map_or(1, |entry| entry.since) {
        0 | 1 => id,
        later => format!("{id}G{later}"),
    }
}

fn own_address(spec: &Spec, zone: &str) -> Option<String> {
    let Nat::Own(addresses) = &spec.nat else { return None };
    let at = spec.zones.iter().position(|own| own.id == zone)?;
    addresses.get(at).cloned()
}

/// The public subnets that hold a NAT gateway: one per zone in need, or one in all. The single one stays where it was first:
/// in the oldest zone of the ledger.
fn nat_hosts<'p>(spec: &Spec, plan: &'p AddressPlan) -> Vec<&'p Subnet> {
    let mut public: Vec<&Subnet> = plan.subnets.iter().filter(|subnet| egress_of(spec, subnet) == TierEgress::Internet).collect();
    let since = |subnet: &Subnet| plan.ledger.find(&subnet.tier, &subnet.zone.id).map_or(0, |entry| entry.since);
    public.sort_by_key(|subnet| (since(subnet), subnet.zone.id.clone(), subnet.tier.clone()));
    let in_need = |zone: &str| plan.subnets.iter().any(|subnet| subnet.zone.id == zone && egress_of(spec, subnet) == TierEgress::Nat);
    match spec.nat {
        Nat::None => Vec::new(),
        Nat::Single => public.into_iter().take(usize::from(spec.tiers.iter().any(|tier| tier.egress == TierEgress::Nat))).collect(),
        Nat::PerZone | Nat::Own(_) => {
            let mut zones = std::collections::BTreeSet::new();
            public.into_iter().filter(|subnet| in_need(&subnet.zone.id) && zones.insert(subnet.zone.id.clone())).collect()
        }
    }
}

fn egress_of(spec: &Spec, subnet: &Subnet) -> TierEgress {
    spec.tier(&subnet.tier).map_or(TierEgress::None, |tier| tier.egress)
}

/// A table for each subnet: so whatever changes about a tier's ways out changes routes in place. An association that changes leaves its
/// subnet without any for a moment.
pub fn route_tables(spec: &Spec, plan: &AddressPlan, graph: &mut Graph) {
    let hosts = nat_hosts(spec, plan);
    for subnet in &plan.subnets {
        let table = route_table_of(subnet);
        let name = format!("{}-{}", subnet.tier, subnet.zone.id);
        graph.add(&table, &subnet.path, &RouteTable { vpc: Ref("Vpc".into()), tags: tags(spec, &name, &Tags::new()) });
        let association = Association { route_table: Ref(table.clone()), subnet: network::reference(subnet) };
        graph.add(id::association(subnet), &subnet.path, &association);
        default_routes(spec, plan, (subnet, &hosts), graph);
    }
}

pub fn route_table_of(subnet: &Subnet) -> String {
    id::route_table(subnet)
}

/// The default routes of a subnet's table, for those who must wait for them.
pub fn default_routes_of(spec: &Spec, subnet: &Subnet) -> Vec<String> {
    let table = route_table_of(subnet);
    match (egress_of(spec, subnet), spec.vpc.ipv6.is_some()) {
        (TierEgress::None, _) => Vec::new(),
        (_, false) => vec![default_route(&table)],
        (_, true) => vec![default_route(&table), default_route_ipv6(&table)],
    }
}

fn default_route_ipv6(table: &str) -> String {
    format!("{table}DefaultIpv6")
}

fn default_route(table: &str) -> String {
    format!("{table}Default")
}

fn default_routes(spec: &Spec, plan: &AddressPlan, (subnet, hosts): (&Subnet, &[&Subnet]), graph: &mut Graph) {
    let (egress, table) = (egress_of(spec, subnet), route_table_of(subnet));
    if spec.vpc.ipv6.is_some() {
        add_ipv6_route(egress, &table, &subnet.path, graph);
    }
    let route_table = Ref(table.clone());
    if egress == TierEgress::Internet {
        let route = InternetRoute { route_table, gateway: Ref(GATEWAY.into()), depends_on: vec![ATTACHMENT.into()] };
        graph.add(default_route(&table), &subnet.path, &route);
    } else if egress == TierEgress::Nat {
        let host = hosts.iter().find(|host| host.zone.id == subnet.zone.id).or(hosts.first());
        let Some(host) = host else { return };
        let nat_gateway = Ref(nat_id("NatGateway", plan, host));
        graph.add(default_route(&table), "egress.nat", &NatRoute { route_table, nat_gateway });
    }
}

/// Public subnets go out by the internet gateway, private ones by the egress-only one, which lets nobody in.
fn add_ipv6_route(egress: TierEgress, table: &str, path: &str, graph: &mut Graph) {
    let (route_table, ipv6) = (Ref(table.to_string()), network::IPV6.to_string());
    match egress {
        TierEgress::Internet => {
            let route = InternetRouteIpv6 { route_table, gateway: Ref(GATEWAY.into()), depends_on: vec![ATTACHMENT.into(), ipv6] };
            graph.add(default_route_ipv6(table), path, &route);
        }
        TierEgress::Nat => {
            let route = EgressOnlyRoute { route_table, gateway: Ref(EGRESS_ONLY.into()), depends_on: vec![ipv6] };
            graph.add(default_route_ipv6(table), path, &route);
        }
        TierEgress::None => {}
    }
}
