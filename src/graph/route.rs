//! One route of a table, to one target.

use serde::Serialize;

use super::Kind;
use super::value::Ref;

#[derive(Serialize)]
pub struct RouteFacts {
    pub route_table: Ref,
    pub cidr: Option<String>,
    pub ipv6_cidr: Option<String>,
    pub prefix_list: Option<String>,
    pub transit_gateway: Option<String>,
    pub peering: Option<String>,
    pub gateway: Option<Target>,
    pub egress_only: Option<Ref>,
    pub nat_gateway: Option<Target>,
    pub interface: Option<String>,
    pub instance: Option<String>,
    pub endpoint: Option<String>,
    pub depends_on: Vec<String>,
}

/// Of the stack, or outside it.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Target {
    Own(Ref),
    Outside(String),
}

impl Kind for RouteFacts {
    const TEMPLATE: &'static str = "ec2/route";
}

impl RouteFacts {
    /// Of a table, by logical id, with what it waits for; from nowhere to nowhere yet.
    pub fn of(table: &str, waits: &[&str]) -> Self {
        Self {
            route_table: Ref(table.to_string()),
            cidr: None,
            ipv6_cidr: None,
            prefix_list: None,
            transit_gateway: None,
            peering: None,
            gateway: None,
            egress_only: None,
            nat_gateway: None,
            interface: None,
            instance: None,
            endpoint: None,
            depends_on: waits.iter().map(ToString::to_string).collect(),
        }
    }
}
