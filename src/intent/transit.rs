//! Ways to other networks: transit gateway, virtual private gateway, routes of a tier's own.

use ipnet::{IpNet, Ipv4Net};

use crate::blueprint::model::{self, Use};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::vpc::{self, Class};

use super::parse::{self, keep};
use super::{Choices, Tier, Vpc};

#[derive(Clone, Debug)]
pub struct Transit {
    pub gateway: Option<TransitGateway>,
    pub vpn: Option<VpnGateway>,
    pub private_nat: Option<PrivateNat>,
}

/// Private NAT gateways, one in each zone of a tier.
#[derive(Clone, Debug)]
pub struct PrivateNat {
    pub tier: String,
    pub serves: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct TransitGateway {
    pub id: String,
    pub destinations: Vec<Ipv4Net>,
    /// The tier whose subnets hold the attachment.
    pub tier: String,
    pub route_table: Option<String>,
    /// CIDRs of this VPC that are announced in `route_table`.
    pub advertise: Vec<Ipv4Net>,
    /// Whether the author wrote `advertise`.
    pub advertised: bool,
}

#[derive(Clone, Debug)]
pub struct VpnGateway {
    pub id: String,
    pub propagate: bool,
}

/// One route beside the default one.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    pub to: Destination,
    pub via: String,
    pub path: String,
}

#[derive(Clone, Debug, PartialEq)]
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

const PLACE: &str = "egress.transitGateway";

pub fn resolve(
    written: Option<&model::Egress>,
    (vpc, tiers): (&Vpc, &[Tier]),
    choices: &mut Choices,
    findings: &mut Vec<Diagnostic>,
) -> Transit {
    let gateway = written
        .and_then(|egress| egress.transit_gateway.as_ref())
        .map(|gateway| attached(gateway, (vpc, tiers), choices, findings));
    let vpn = written.and_then(|egress| egress.vpn_gateway.as_ref());
    let private_nat = written.and_then(|egress| egress.private_nat.as_ref());
    let private_nat =
        private_nat.map(|nat| PrivateNat { tier: nat.tier.clone(), serves: nat.serves.clone() });
    Transit {
        gateway,
        private_nat,
        vpn: vpn
            .map(|vpn| VpnGateway { id: vpn.id.clone(), propagate: vpn.propagate.unwrap_or(true) }),
    }
}

fn attached(
    written: &model::TransitGateway,
    (own, tiers): (&Vpc, &[Tier]),
    choices: &mut Choices,
    findings: &mut Vec<Diagnostic>,
) -> TransitGateway {
    let mut ranges = |name: &str, texts: Option<&Vec<String>>| -> Vec<Ipv4Net> {
        let places = texts.into_iter().flatten().enumerate();
        places
            .filter_map(|(at, text)| {
                keep(parse::cidr(&format!("{PLACE}.{name}[{at}]"), text), findings)
            })
            .collect()
    };
    let destinations = ranges("destinations", written.destinations.as_ref());
    let advertise = match &written.advertise {
        Some(_) => ranges("advertise", written.advertise.as_ref()),
        None => own.cidrs().filter(|cidr| vpc::class(*cidr) != Class::CarrierGrade).collect(),
    };
    let tier = written.tier.clone().unwrap_or_else(|| {
        let name = default_tier(tiers);
        choices.note(
            format!("{PLACE}.tier"),
            &name,
            "the tier that serves transit, or else the control plane's or the nodes'",
        );
        name
    });
    TransitGateway {
        id: written.id.clone(),
        destinations,
        tier,
        route_table: written.route_table.clone(),
        advertised: written.advertise.is_some(),
        advertise,
    }
}

fn default_tier(tiers: &[Tier]) -> String {
    let serving =
        |one| tiers.iter().find(|tier: &&Tier| tier.serves(one)).map(|tier| tier.name.clone());
    [Use::Transit, Use::ControlPlane, Use::Nodes]
        .into_iter()
        .find_map(serving)
        .or_else(|| tiers.first().map(|tier| tier.name.clone()))
        .unwrap_or_default()
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
