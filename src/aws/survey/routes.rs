//! Route tables, and what their routes lead to.

use aws_sdk_ec2::types::{RouteOrigin, VpcPeeringConnectionVpcInfo};

use crate::aws::filter::filter;
use crate::aws::port::Answer;
use crate::aws::session::{Account, refusal};
use crate::observed::survey::{
    EgressOnlyGateway, InternetGateway, NatAddress, NatGateway, Peering, PeeringSide, Route,
    RouteState, RouteTable, TransitAttachment, VpcEndpoint, VpnGateway,
};

use super::text::{parsed, some, tags, text};

pub async fn tables(account: &Account, vpc: &str) -> Answer<Vec<RouteTable>> {
    let call = account.ec2.describe_route_tables().filters(filter("vpc-id", vpc));
    let pages = call.into_paginator().items().send();
    let found = pages.collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
    Ok(found.iter().map(table).collect())
}

fn table(one: &aws_sdk_ec2::types::RouteTable) -> RouteTable {
    let associations = one.associations();
    let mut subnets: Vec<String> =
        associations.iter().filter_map(|own| some(own.subnet_id())).collect();
    subnets.sort();
    let mut routes: Vec<Route> = one.routes().iter().map(route).collect();
    routes.sort();
    RouteTable {
        id: text(one.route_table_id()),
        main: associations.iter().any(|own| own.main() == Some(true)),
        subnets,
        gateways: associations.iter().filter_map(|own| some(own.gateway_id())).collect(),
        propagating: one
            .propagating_vgws()
            .iter()
            .filter_map(|own| some(own.gateway_id()))
            .collect(),
        routes,
        tags: tags(one.tags()),
    }
}

fn route(one: &aws_sdk_ec2::types::Route) -> Route {
    let destination = one
        .destination_cidr_block()
        .or(one.destination_ipv6_cidr_block())
        .or(one.destination_prefix_list_id());
    // A route to an instance names its interface too.
    let target = one
        .gateway_id()
        .or(one.nat_gateway_id())
        .or(one.egress_only_internet_gateway_id())
        .or(one.transit_gateway_id())
        .or(one.vpc_peering_connection_id())
        .or(one.network_interface_id())
        .or(one.instance_id())
        .or(one.local_gateway_id())
        .or(one.carrier_gateway_id())
        .or(one.core_network_arn());
    let state = one.state().map(|state| state.as_str());
    Route {
        destination: text(destination),
        target: text(target),
        state: if state == Some("blackhole") { RouteState::Blackhole } else { RouteState::Active },
        propagated: one.origin() == Some(&RouteOrigin::EnableVgwRoutePropagation),
    }
}

pub async fn nat_gateways(account: &Account, vpc: &str) -> Answer<Vec<NatGateway>> {
    let call = account.ec2.describe_nat_gateways().filter(filter("vpc-id", vpc));
    let pages = call.into_paginator().items().send();
    let found = pages.collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
    let gateway = |one: &aws_sdk_ec2::types::NatGateway| NatGateway {
        id: text(one.nat_gateway_id()),
        subnet: some(one.subnet_id()),
        state: text(one.state().map(|state| state.as_str())),
        private: one.connectivity_type().is_some_and(|kind| kind.as_str() == "private"),
        regional: one.availability_mode().is_some_and(|mode| mode.as_str() == "regional"),
        addresses: one
            .nat_gateway_addresses()
            .iter()
            .map(|own| NatAddress {
                allocation: some(own.allocation_id()),
                interface: some(own.network_interface_id()),
                private: some(own.private_ip()),
                public: some(own.public_ip()),
                zone_id: some(own.availability_zone_id()),
            })
            .collect(),
        failure: one
            .failure_code()
            .map(|code| format!("{code}: {}", one.failure_message().unwrap_or_default())),
        tags: tags(one.tags()),
    };
    Ok(found.iter().map(gateway).collect())
}

pub async fn internet_gateways(account: &Account, vpc: &str) -> Answer<Vec<InternetGateway>> {
    let call = account.ec2.describe_internet_gateways().filters(filter("attachment.vpc-id", vpc));
    let pages = call.into_paginator().items().send();
    let found = pages.collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
    let gateway = |one: &aws_sdk_ec2::types::InternetGateway| InternetGateway {
        id: text(one.internet_gateway_id()),
        state: text(
            one.attachments().first().and_then(|own| own.state()).map(|state| state.as_str()),
        ),
        tags: tags(one.tags()),
    };
    Ok(found.iter().map(gateway).collect())
}

/// Whether a route leads to something of this kind, or is learned from it. What nothing leads to is not asked for.
fn leads_to(tables: &Answer<Vec<RouteTable>>, kind: &str) -> bool {
    let Ok(tables) = tables else { return true };
    let targets = tables.iter().flat_map(|table| table.routes.iter().map(|route| &route.target));
    let learned = tables.iter().flat_map(|table| &table.propagating);
    targets.chain(learned).any(|id| id.starts_with(kind))
}

/// EC2 has no filter for them.
pub async fn egress_only(
    account: &Account,
    vpc: &str,
    tables: &Answer<Vec<RouteTable>>,
) -> Answer<Vec<EgressOnlyGateway>> {
    if !leads_to(tables, "eigw-") {
        return Ok(Vec::new());
    }
    let pages = account.ec2.describe_egress_only_internet_gateways().into_paginator();
    let found = pages.items().send().collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
    let of = |one: &&aws_sdk_ec2::types::EgressOnlyInternetGateway| {
        one.attachments().iter().any(|own| own.vpc_id() == Some(vpc))
    };
    let gateway = |one: &aws_sdk_ec2::types::EgressOnlyInternetGateway| EgressOnlyGateway {
        id: text(one.egress_only_internet_gateway_id()),
        state: text(
            one.attachments().first().and_then(|own| own.state()).map(|state| state.as_str()),
        ),
        tags: tags(one.tags()),
    };
    Ok(found.iter().filter(of).map(gateway).collect())
}

pub async fn vpn_gateways(
    account: &Account,
    vpc: &str,
    tables: &Answer<Vec<RouteTable>>,
) -> Answer<Vec<VpnGateway>> {
    if !leads_to(tables, "vgw-") {
        return Ok(Vec::new());
    }
    let call = account.ec2.describe_vpn_gateways().filters(filter("attachment.vpc-id", vpc));
    let answer = call.send().await.map_err(refusal)?;
    let gateway = |one: &aws_sdk_ec2::types::VpnGateway| VpnGateway {
        id: text(one.vpn_gateway_id()),
        state: text(one.state().map(|state| state.as_str())),
        tags: tags(one.tags()),
    };
    Ok(answer.vpn_gateways().iter().map(gateway).collect())
}

pub async fn endpoints(account: &Account, vpc: &str) -> Answer<Vec<VpcEndpoint>> {
    let call = account.ec2.describe_vpc_endpoints().filters(filter("vpc-id", vpc));
    let pages = call.into_paginator().items().send();
    let found = pages.collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
    let endpoint = |one: &aws_sdk_ec2::types::VpcEndpoint| VpcEndpoint {
        id: text(one.vpc_endpoint_id()),
        service: text(one.service_name()),
        kind: text(one.vpc_endpoint_type().map(|kind| kind.as_str())),
        state: text(one.state().map(|state| state.as_str())).to_lowercase(),
        subnets: one.subnet_ids().to_vec(),
        route_tables: one.route_table_ids().to_vec(),
        groups: one.groups().iter().filter_map(|group| some(group.group_id())).collect(),
        interfaces: one.network_interface_ids().to_vec(),
        private_dns: one.private_dns_enabled().unwrap_or(false),
        policy: one.policy_document().and_then(|policy| serde_json::from_str(policy).ok()),
        tags: tags(one.tags()),
    };
    Ok(found.iter().map(endpoint).collect())
}

/// The VPC may be on either side.
/// No filter finds a VPC on either side: all are read, and those of others left out.
pub async fn peerings(account: &Account, vpc: &str) -> Answer<Vec<Peering>> {
    let pages = account.ec2.describe_vpc_peering_connections().into_paginator().items().send();
    let found = pages.collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
    let mut own: Vec<Peering> = found.iter().map(peering).collect();
    own.retain(|one| one.requester.vpc == vpc || one.accepter.vpc == vpc);
    Ok(own)
}

fn peering(one: &aws_sdk_ec2::types::VpcPeeringConnection) -> Peering {
    Peering {
        id: text(one.vpc_peering_connection_id()),
        state: text(one.status().and_then(|status| status.code()).map(|code| code.as_str())),
        requester: one.requester_vpc_info().map(peer).unwrap_or_default(),
        accepter: one.accepter_vpc_info().map(peer).unwrap_or_default(),
        tags: tags(one.tags()),
    }
}

fn peer(one: &VpcPeeringConnectionVpcInfo) -> PeeringSide {
    let set = one.cidr_block_set().iter().map(|own| own.cidr_block());
    let mut cidrs = parsed(set.chain([one.cidr_block()]));
    cidrs.sort();
    cidrs.dedup();
    PeeringSide {
        vpc: text(one.vpc_id()),
        owner: text(one.owner_id()),
        region: text(one.region()),
        cidrs,
    }
}

pub async fn transit(account: &Account, vpc: &str) -> Answer<Vec<TransitAttachment>> {
    let call =
        account.ec2.describe_transit_gateway_vpc_attachments().filters(filter("vpc-id", vpc));
    let pages = call.into_paginator().items().send();
    let found = pages.collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
    let attachment = |one: &aws_sdk_ec2::types::TransitGatewayVpcAttachment| TransitAttachment {
        id: text(one.transit_gateway_attachment_id()),
        gateway: text(one.transit_gateway_id()),
        subnets: one.subnet_ids().to_vec(),
        state: text(one.state().map(|state| state.as_str())),
        tags: tags(one.tags()),
    };
    let of = |one: &&aws_sdk_ec2::types::TransitGatewayVpcAttachment| one.vpc_id() == Some(vpc);
    Ok(found.iter().filter(of).map(attachment).collect())
}
