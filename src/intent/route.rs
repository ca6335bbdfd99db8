//! Routes of a tier's own, beside its default route.

use ipnet::IpNet;

use crate::blueprint::model;
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;

use super::parse::{self, keep};

/// One route beside the default one.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    pub to: Destination,
    pub via: String,
    pub path: String,
}

/// Where packets go that a route is for: a range of either family, or a prefix list by its id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Destination {
    Range(IpNet),
    PrefixList(String),
}

impl std::fmt::Display for Destination {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Destination::Range(range) => range.fmt(out),
            Destination::PrefixList(id) => id.fmt(out),
        }
    }
}

impl Destination {
    /// Whether it is every IPv4 address.
    pub fn is_default_ipv4(&self) -> bool {
        matches!(self, Destination::Range(IpNet::V4(range)) if range.prefix_len() == 0)
    }

    /// Whether it is everything of its family.
    pub fn is_default(&self) -> bool {
        matches!(self, Destination::Range(range) if range.prefix_len() == 0)
    }
}

impl Route {
    /// Whether it leads to a gateway of other networks that private NAT can send packets on to, which are of IPv4 only.
    pub fn is_translated(&self) -> bool {
        let onward = ["tgw-", "vgw-"].iter().any(|prefix| self.via.starts_with(prefix));
        onward && !matches!(self.to, Destination::Range(IpNet::V6(_)))
    }
}

/// A tier's own routes.
pub fn routes(
    written: Option<&Vec<model::TierRoute>>,
    tier: &str,
    findings: &mut Vec<Diagnostic>,
) -> Vec<Route> {
    let mut routes = Vec::new();
    for (at, route) in written.into_iter().flatten().enumerate() {
        let path = format!("{}[{at}]", key(tier, "routes"));
        if let Some(to) = keep(destination(&key(&path, "to"), &route.to), findings) {
            routes.push(Route { to, via: route.via.clone(), path });
        }
    }
    routes
}

fn destination(place: &str, text: &str) -> Result<Destination, Diagnostic> {
    if text.starts_with("pl-") {
        return Ok(Destination::PrefixList(text.to_string()));
    }
    parse::range(place, text).map(Destination::Range)
}
