//! VPC endpoints: interfaces in one subnet of each zone behind a security group of their own, gateways in the route tables.

use std::collections::BTreeSet;

use ipnet::Ipv4Net;
use serde::Serialize;

use crate::address::AddressPlan;
use crate::blueprint::model::Use;
use crate::facts::endpoints::{Kind as EndpointKind, PORT};
use crate::spec::{Spec, Tags, Tier};

use super::value::{Ref, Tag, tags};
use super::{Graph, Kind, id, network};

const PATH: &str = "endpoints";
const GROUP: &str = "EndpointSecurityGroup";

#[derive(Serialize)]
struct InterfaceEndpoint {
    vpc: Ref,
    service: String,
    subnets: Vec<Ref>,
    security_groups: Vec<Ref>,
    tags: Vec<Tag>,
}

impl Kind for InterfaceEndpoint {
    const TEMPLATE: &'static str = "ec2/vpc-endpoint-interface";
}

#[derive(Serialize)]
struct GatewayEndpoint {
    vpc: Ref,
    service: String,
    route_tables: Vec<Ref>,
    tags: Vec<Tag>,
}

impl Kind for GatewayEndpoint {
    const TEMPLATE: &'static str = "ec2/vpc-endpoint-gateway";
}

#[derive(Serialize)]
struct SecurityGroup {
    vpc: Ref,
    description: &'static str,
    ingress: Vec<Ingress>,
    egress: Vec<Ingress>,
    tags: Vec<Tag>,
}

impl Kind for SecurityGroup {
    const TEMPLATE: &'static str = "ec2/security-group";
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Ingress {
    ip_protocol: &'static str,
    from_port: u16,
    to_port: u16,
    cidr_ip: String,
    description: String,
}

pub fn build(spec: &Spec, plan: &AddressPlan, graph: &mut Graph) {
    for endpoint in spec.endpoints.of(EndpointKind::Gateway) {
        let facts = GatewayEndpoint {
            vpc: Ref("Vpc".into()),
            service: endpoint.service.full_name(spec.region),
            route_tables: route_tables(spec, plan),
            tags: tags(spec, endpoint.service.name, &Tags::new()),
        };
        graph.add(logical_id(endpoint.service.name), PATH, &facts);
    }
    if spec.endpoints.of(EndpointKind::Interface).next().is_none() {
        return;
    }
    graph.add(GROUP, PATH, &security_group(spec, plan));
    for endpoint in spec.endpoints.of(EndpointKind::Interface) {
        let facts = InterfaceEndpoint {
            vpc: Ref("Vpc".into()),
            service: endpoint.service.full_name(spec.region),
            subnets: network::references(plan.of_tier(&spec.endpoints.tier)),
            security_groups: vec![Ref(GROUP.into())],
            tags: tags(spec, endpoint.service.name, &Tags::new()),
        };
        graph.add(logical_id(endpoint.service.name), PATH, &facts);
    }
}

/// `ecr.api` → `EndpointEcrApi`.
pub fn logical_id(service: &str) -> String {
    id::of_zone("Endpoint", service)
}

/// What nodes without another way out wait for.
pub fn before_nodes(spec: &Spec) -> Vec<String> {
    spec.endpoints.services.iter().map(|endpoint| logical_id(endpoint.service.name)).collect()
}

/// Whoever runs nodes or pods calls services.
fn calls(tier: &Tier) -> bool {
    tier.serves(Use::Nodes) || tier.serves(Use::Pods)
}

/// Every table of a tier that calls; in a network without such tiers, every table.
fn route_tables(spec: &Spec, plan: &AddressPlan) -> Vec<Ref> {
    let any = spec.tiers.iter().any(calls);
    let subnets = plan.subnets.iter().filter(|subnet| !any || spec.tier(&subnet.tier).is_some_and(calls));
    let tables: BTreeSet<String> = subnets.map(id::route_table).collect();
    tables.into_iter().map(Ref).collect()
}

/// Nodes and pods come in on 443; nothing leaves.
fn security_group(spec: &Spec, plan: &AddressPlan) -> SecurityGroup {
    let any = spec.tiers.iter().any(calls);
    let ranges: Vec<Ipv4Net> = plan.subnets.iter().filter(|subnet| !any || spec.tier(&subnet.tier).is_some_and(calls)).map(|subnet| subnet.cidr).collect();
    let rule =
        |range: Ipv4Net| Ingress { ip_protocol: "tcp", from_port: PORT, to_port: PORT, cidr_ip: range.to_string(), description: "nodes and pods".to_string() };
    let nobody = Ingress { ip_protocol: "tcp", from_port: PORT, to_port: PORT, cidr_ip: "127.0.0.1/32".to_string(), description: "nothing leaves".to_string() };
    SecurityGroup {
        vpc: Ref("Vpc".into()),
        description: "VPC endpoints: nodes and pods on 443",
        ingress: Ipv4Net::aggregate(&ranges).into_iter().map(rule).collect(),
        egress: vec![nobody],
        tags: tags(spec, "endpoints", &Tags::new()),
    }
}
