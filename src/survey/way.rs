//! Ways out of a live subnet: the longest prefix of its table, which is the main one where it has none of its own.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

use crate::ledger::HeldRoute;
use crate::observed::survey::{Route, RouteState, VpcEndpoint, VpcSurvey};

use super::items;

/// Where packets of a subnet to an address leave.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// Inside the VPC.
    Local,
    /// To the internet, with a public address of their own.
    InternetGateway(String),
    /// By a NAT gateway.
    Nat(String),
    /// IPv6 out, nothing in.
    EgressOnly(String),
    /// A transit gateway, a peer, a VPN, an interface, an endpoint: by id.
    Elsewhere(String),
    /// The route's target is gone.
    Blackhole(String),
    /// No route.
    Nowhere,
}

impl Way {
    fn of(route: &Route) -> Self {
        let target = route.target.clone();
        match target.split('-').next().unwrap_or_default() {
            _ if route.state == RouteState::Blackhole => Way::Blackhole(target),
            "local" => Way::Local,
            "igw" => Way::InternetGateway(target),
            "nat" => Way::Nat(target),
            "eigw" => Way::EgressOnly(target),
            _ => Way::Elsewhere(target),
        }
    }

    /// Whether packets arrive somewhere outside.
    pub fn is_open(&self) -> bool {
        !matches!(self, Way::Local | Way::Blackhole(_) | Way::Nowhere)
    }
}

/// An address on the internet that no route but the default one is for.
pub const SOMEBODY: IpAddr = IpAddr::V4(SOMEBODY_IPV4);
/// The same.
pub const SOMEBODY_IPV4: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 1);

/// Where packets of a subnet to an address leave; `None` where its route tables were not read.
pub fn way_out(vpc: &VpcSurvey, subnet: &str, to: IpAddr) -> Option<Way> {
    vpc.route_tables.read()?;
    let Some(table) = vpc.table_of(subnet) else { return Some(Way::Nowhere) };
    let lists = items(&vpc.prefix_lists);
    let longest = |route: &Route| -> Option<u8> {
        if let Ok(range) = route.destination.parse::<IpNet>() {
            return range.contains(&to).then(|| range.prefix_len());
        }
        let list = lists.iter().find(|list| list.id == route.destination)?;
        let entries = items(&list.entries).iter().filter(|entry| entry.cidr.contains(&to));
        entries.map(|entry| entry.cidr.prefix_len()).max()
    };
    let matching = table.routes.iter().filter_map(|route| Some((longest(route)?, route)));
    // A written route comes before a learned one of the same length.
    let best = matching.max_by_key(|(len, route)| (*len, !route.propagated));
    Some(best.map_or(Way::Nowhere, |(_, route)| Way::of(route)))
}

/// Whether a route is one that a gateway endpoint brought along: its destination is a prefix list of AWS's.
pub fn is_to_gateway(route: &Route, endpoints: &[VpcEndpoint]) -> bool {
    let mut gateways = endpoints.iter().filter(|one| one.kind == "Gateway");
    route.destination.starts_with("pl-") && gateways.any(|one| one.id == route.target)
}

/// The routes that a subnet of the same kind needs: local, learned and dead ones left out, and those that gateway endpoints bring along.
pub fn routes(vpc: &VpcSurvey, subnet: &str) -> Vec<HeldRoute> {
    let rows = vpc.table_of(subnet).into_iter().flat_map(|table| &table.routes);
    let copied = rows.filter(|route| {
        route.state == RouteState::Active
            && !route.propagated
            && route.target != "local"
            && !route.target.is_empty()
            && !(route.destination.starts_with("pl-") && route.target.starts_with("vpce-"))
    });
    let mut routes: Vec<HeldRoute> = copied
        .map(|route| HeldRoute { to: route.destination.clone(), via: route.target.clone() })
        .collect();
    routes.sort();
    routes
}
