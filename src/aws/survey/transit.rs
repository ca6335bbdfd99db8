//! Transit gateways that routes lead to, and what their own route tables know.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::TransitGatewayRouteTable;
use futures_util::future::join_all;

use crate::aws::filter::filter;
use crate::aws::port::{Answer, Refusal};
use crate::aws::session::{Account, refusal};
use crate::observed::survey::{RouteTable, TransitGateway, TransitRoute, TransitRouteTable};

use super::text::{some, text};

const SEARCH: &str = "ec2:SearchTransitGatewayRoutes";

/// What no route leads to is not asked for.
pub async fn gateways(
    account: &Account,
    tables: &Answer<Vec<RouteTable>>,
) -> Answer<Vec<TransitGateway>> {
    let tables = tables.as_ref().map_err(Clone::clone)?;
    let targets = tables.iter().flat_map(|table| &table.routes).map(|route| &route.target);
    let ids: BTreeSet<&String> = targets.filter(|target| target.starts_with("tgw-")).collect();
    let reads = ids.into_iter().map(|id| async move {
        let tables = route_tables(account, id).await;
        let route_tables = super::part("ec2:DescribeTransitGatewayRouteTables", tables);
        TransitGateway { id: id.clone(), route_tables }
    });
    Ok(join_all(reads).await)
}

/// One after the other: a gateway may have many tables, and the first refusal ends it.
async fn route_tables(account: &Account, gateway: &str) -> Answer<Vec<TransitRouteTable>> {
    let call = account.ec2.describe_transit_gateway_route_tables();
    let call = call.filters(filter("transit-gateway-id", gateway));
    let pages = call.into_paginator().items().send();
    let found = pages.collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
    let mut tables = Vec::new();
    let gone = |one: &TransitGatewayRouteTable| {
        one.state().is_some_and(|state| ["deleting", "deleted"].contains(&state.as_str()))
    };
    let own = |one: &&TransitGatewayRouteTable| one.transit_gateway_id() == Some(gateway);
    for one in found.iter().filter(own).filter(|one| !gone(one)) {
        let id = text(one.transit_gateway_route_table_id());
        let routes = routes(account, &id).await?;
        tables.push(TransitRouteTable { id, routes });
    }
    tables.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(tables)
}

/// The routes that lead somewhere.
async fn routes(account: &Account, table: &str) -> Answer<Vec<TransitRoute>> {
    let call = account.ec2.search_transit_gateway_routes().transit_gateway_route_table_id(table);
    let mut pages = call.filters(filter("state", "active")).into_paginator().send();
    let mut routes = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(refusal)?;
        routes.extend(page.routes().iter().map(route));
        if page.additional_routes_available() == Some(true) && page.next_token().is_none() {
            let why = format!("{table} has more routes than EC2 returned");
            return Err(Refusal { action: SEARCH.into(), ..Refusal::new("", why) });
        }
    }
    routes.sort();
    Ok(routes)
}

fn route(one: &aws_sdk_ec2::types::TransitGatewayRoute) -> TransitRoute {
    let attachments = one.transit_gateway_attachments().iter();
    let mut attachments: Vec<String> =
        attachments.filter_map(|own| some(own.transit_gateway_attachment_id())).collect();
    attachments.sort();
    TransitRoute {
        destination: text(one.destination_cidr_block().or(one.prefix_list_id())),
        attachments,
        propagated: one.r#type().is_some_and(|kind| kind.as_str() == "propagated"),
    }
}
