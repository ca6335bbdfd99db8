//! VPC endpoints: interfaces in one subnet of each zone behind a security group of their own, gateways in the route tables.

use std::collections::BTreeSet;

use ipnet::{IpNet, Ipv4Net};
use serde::Serialize;
use serde_json::{Value, json};

use crate::address::AddressPlan;
use crate::blueprint::model::{Protocol, Use};
use crate::facts::endpoints::{Kind as EndpointKind, Owner, PORT, S3, S3_INTERFACE, Service};
use crate::intent::security::{Peer, Traffic};
use crate::intent::{Intent, Tags, Tier};

use super::traffic::{self, SecurityGroup, Side};
use super::value::{Ref, Sub, Tag, tags};
use super::{Graph, Kind, id, network};

const PATH: &str = "endpoints";
const GROUP: &str = "EndpointSecurityGroup";
/// A group without a rule for what leaves would let everything out.
const NOBODY: Ipv4Net = Ipv4Net::new_assert(std::net::Ipv4Addr::LOCALHOST, 32);

#[derive(Serialize)]
struct InterfaceEndpoint {
    vpc: Ref,
    service: String,
    service_region: Option<&'static str>,
    subnets: Vec<Ref>,
    security_groups: Vec<Ref>,
    private_dns: bool,
    dns_options: Option<Value>,
    policy: Option<Value>,
    tags: Vec<Tag>,
    depends_on: Vec<String>,
}

impl Kind for InterfaceEndpoint {
    const TEMPLATE: &'static str = "ec2/vpc-endpoint-interface";
}

#[derive(Serialize)]
struct GatewayEndpoint {
    vpc: Ref,
    service: String,
    route_tables: Vec<Ref>,
    policy: Option<Value>,
    tags: Vec<Tag>,
}

impl Kind for GatewayEndpoint {
    const TEMPLATE: &'static str = "ec2/vpc-endpoint-gateway";
}

pub fn build(intent: &Intent, plan: &AddressPlan, graph: &mut Graph) {
    for endpoint in intent.endpoints.of(EndpointKind::Gateway) {
        let facts = GatewayEndpoint {
            vpc: network::vpc_ref(intent),
            service: endpoint.service.full_name(intent.region),
            route_tables: route_tables(intent, plan),
            policy: policy(intent, endpoint.service),
            tags: tags(intent, endpoint.service.name, &Tags::new()),
        };
        graph.add(logical_id(endpoint.service.name), PATH, &facts);
    }
    if intent.endpoints.of(EndpointKind::Interface).next().is_none() {
        return;
    }
    graph.add(GROUP, PATH, &security_group(intent));
    for endpoint in intent.endpoints.of(EndpointKind::Interface) {
        let facts = InterfaceEndpoint {
            vpc: network::vpc_ref(intent),
            service: endpoint.service.full_name(intent.region),
            service_region: endpoint.service.elsewhere(intent.region),
            subnets: network::references(plan.of_tier(&intent.endpoints.tier)),
            security_groups: vec![Ref(GROUP.into())],
            private_dns: endpoint.service.has_private_dns(),
            dns_options: dns_options(intent, endpoint.service),
            policy: policy(intent, endpoint.service),
            tags: tags(intent, endpoint.service.name, &Tags::new()),
            depends_on: beside_gateway(intent, endpoint.service)
                .map(logical_id)
                .into_iter()
                .collect(),
        };
        graph.add(logical_id(endpoint.service.name), PATH, &facts);
    }
}

/// The gateway that a service has beside its interface. EC2 wants it first.
fn beside_gateway(intent: &Intent, service: &Service) -> Option<&'static str> {
    (service.name == S3_INTERFACE && intent.endpoints.names(S3)).then_some(S3)
}

/// Beside a gateway the interface's name is for callers outside of the VPC, whose questions come in through Route 53 Resolver; without
/// one it is for everybody, which EC2 wants to be told.
fn dns_options(intent: &Intent, service: &Service) -> Option<Value> {
    let who = match beside_gateway(intent, service) {
        Some(_) => "OnlyInboundResolver",
        None => "AllResolvers",
    };
    (service.name == S3_INTERFACE)
        .then(|| json!({ "PrivateDnsOnlyForInboundResolverEndpoint": who }))
}

/// `ecr.api` → `EndpointEcrApi`.
pub fn logical_id(service: &str) -> String {
    id::of_zone("Endpoint", service)
}

/// What nodes without another way out wait for: nothing of another account's, whose owner may take days to accept an endpoint.
pub fn before_nodes(intent: &Intent) -> Vec<String> {
    let services = intent.endpoints.services.iter().map(|endpoint| endpoint.service);
    let own = services.filter(|service| service.owner == Owner::Aws);
    own.map(|service| logical_id(service.name)).collect()
}

/// Whoever runs nodes or pods calls services; pods on Fargate too.
fn calls(intent: &Intent, tier: &Tier) -> bool {
    let fargate = intent
        .cluster
        .iter()
        .flat_map(|cluster| &cluster.fargate)
        .any(|profile| profile.tier == tier.name);
    tier.serves(Use::Nodes) || tier.serves(Use::Pods) || fargate
}

/// Every table of a tier that calls; in a network without such tiers, every table.
fn route_tables(intent: &Intent, plan: &AddressPlan) -> Vec<Ref> {
    let any = intent.tiers.iter().any(|tier| calls(intent, tier));
    let subnets = plan
        .made()
        .filter(|subnet| !any || intent.tier(&subnet.tier).is_some_and(|tier| calls(intent, tier)));
    let tables: BTreeSet<String> = subnets.map(id::route_table).collect();
    tables.into_iter().map(Ref).collect()
}

/// Private DNS holds for the whole VPC, so whoever is in it is let in on 443, unless the author says who; nothing leaves.
fn security_group(intent: &Intent) -> SecurityGroup {
    let rule = |range: IpNet, why: &str, side| {
        let ports = Some((PORT, PORT));
        let traffic = Traffic {
            peer: Peer::Range(range),
            protocol: Protocol::Tcp,
            ports,
            why: why.to_string(),
            path: String::new(),
        };
        traffic::row(&traffic, side)
    };
    let callers = callers(intent);
    let remote = intent.cluster.iter().flat_map(|cluster| cluster.remote.all()).map(IpNet::V4);
    let remote = remote.filter(|range| !callers.iter().any(|(own, _)| own.contains(range)));
    SecurityGroup {
        vpc: network::vpc_ref(intent),
        // EC2 never changes a group's description: another one would be another group.
        description: "VPC endpoints: nodes and pods on 443",
        ingress: callers
            .iter()
            .map(|(range, why)| rule(*range, why, Side::Ingress))
            .chain(remote.map(|range| rule(range, "hybrid nodes and their pods", Side::Ingress)))
            .collect(),
        egress: vec![rule(NOBODY.into(), "nothing leaves", Side::Egress)],
        tags: tags(intent, "endpoints", &intent.security.tags),
    }
}

/// (range, why) of those who may call, none inside another.
fn callers(intent: &Intent) -> Vec<(IpNet, &'static str)> {
    let ingress = &intent.endpoints.ingress;
    let own = intent.vpc.cidrs().filter(|_| ingress.vpc).map(|cidr| (IpNet::V4(cidr), "the VPC"));
    let named = ingress.ranges.iter().map(|range| (*range, "named under endpoints"));
    let all: Vec<(IpNet, &'static str)> = own.chain(named).collect();
    let inside = |at: usize, (range, _): &(IpNet, &'static str)| {
        all.iter()
            .enumerate()
            .any(|(other, (wider, _))| wider.contains(range) && (wider != range || other < at))
    };
    all.iter().enumerate().filter(|(at, one)| !inside(*at, one)).map(|(_, one)| *one).collect()
}

/// Who may use an endpoint. What has no principal of the account is let through by name: layers of images and packages, which nodes
/// fetch from AWS's own buckets, and the first step of roles for service accounts.
fn policy(intent: &Intent, service: &Service) -> Option<Value> {
    if !intent.endpoints.own_account || service.owner != Owner::Aws {
        return None;
    }
    let account =
        json!({ "StringEquals": { "aws:PrincipalAccount": Ref("AWS::AccountId".into()) } });
    let mut statements = vec![
        json!({ "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": account }),
    ];
    let buckets: Vec<Sub> = service
        .open_buckets
        .iter()
        .map(|bucket| Sub(format!("arn:${{AWS::Partition}}:s3:::{bucket}/*")))
        .collect();
    if !buckets.is_empty() {
        statements.push(json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": buckets }));
    }
    if !service.open_actions.is_empty() {
        statements.push(json!({ "Effect": "Allow", "Principal": "*", "Action": service.open_actions, "Resource": "*" }));
    }
    Some(json!({ "Version": "2012-10-17", "Statement": statements }))
}
