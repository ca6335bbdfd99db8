//! Ways to other networks: transit gateway, virtual private gateway, private NAT gateways.

use ipnet::Ipv4Net;

use crate::blueprint::model::{self, Use};
use crate::diagnostic::Diagnostic;
use crate::facts::vpc::{self, Class};

use super::parse::{self, keep};
pub use super::route::Destination;
use super::{Choices, Tier, Vpc};

/// Ways to networks beside the internet, each of which the blueprint may leave out.
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

/// A gateway that exists, in this account or shared with it, and that the stack attaches the VPC to.
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

/// A virtual private gateway that exists; `propagate`: its routes come from what its other side announces.
#[derive(Clone, Debug)]
pub struct VpnGateway {
    pub id: String,
    pub propagate: bool,
}

const PLACE: &str = "egress.transitGateway";

/// Nothing of it is a default: each way is written. Routes are propagated unless the author says no.
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
