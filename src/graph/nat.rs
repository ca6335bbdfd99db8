//! NAT gateways and their addresses.

use serde::Serialize;
use serde_json::{Value, json};

use crate::address::{AddressPlan, Subnet};
use crate::blueprint::model::{NatMode, TierEgress};
use crate::intent::{Intent, Tags};

use super::network::ATTACHMENT;
use super::value::{GetAtt, Ref, Sub, Tag, tags};
use super::{Graph, Kind, id, network};

const PATH: &str = "egress.nat";
const REGIONAL: &str = "NatGatewayRegional";

#[derive(Serialize)]
struct ElasticIp {
    tags: Vec<Tag>,
    depends_on: Vec<String>,
}

impl Kind for ElasticIp {
    const TEMPLATE: &'static str = "ec2/elastic-ip";
}

#[derive(Serialize)]
struct NatGateway {
    subnet: Ref,
    allocation: Value,
    secondary: Option<Vec<Value>>,
    tags: Vec<Tag>,
    depends_on: Vec<String>,
}

impl Kind for NatGateway {
    const TEMPLATE: &'static str = "ec2/nat-gateway";
}

#[derive(Serialize)]
struct RegionalNatGateway {
    vpc: Ref,
    addresses: Option<Vec<ZoneAddresses>>,
    tags: Vec<Tag>,
    depends_on: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ZoneAddresses {
    allocation_ids: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    availability_zone_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    availability_zone: Option<String>,
}

impl Kind for RegionalNatGateway {
    const TEMPLATE: &'static str = "ec2/nat-gateway-regional";
}

/// The gateways there are, by the public subnets that hold them.
pub struct Gateways<'p> {
    intent: &'p Intent,
    plan: &'p AddressPlan,
    hosts: Vec<&'p Subnet>,
}

impl<'p> Gateways<'p> {
    pub fn of(intent: &'p Intent, plan: &'p AddressPlan) -> Self {
        Self { intent, plan, hosts: plan.nat_hosts(intent) }
    }

    /// Logical ids of all of them.
    pub fn ids(&self) -> Vec<String> {
        let regional = self.intent.nat.mode == NatMode::Regional
            && self.intent.tiers.iter().any(|tier| tier.egress == TierEgress::Nat);
        let zonal = self.hosts.iter().map(|host| logical_id("NatGateway", self.plan, host));
        regional.then(|| REGIONAL.to_string()).into_iter().chain(zonal).collect()
    }

    /// The gateway behind which a zone's subnets are.
    pub fn serving(&self, zone: &str) -> Option<String> {
        if self.intent.nat.mode == NatMode::Regional {
            return Some(REGIONAL.to_string());
        }
        let host = self.hosts.iter().find(|host| host.zone.id == zone).or(self.hosts.first())?;
        Some(logical_id("NatGateway", self.plan, host))
    }

    /// Logical ids of the addresses that the stack makes.
    fn made(&self, host: &Subnet) -> Vec<String> {
        let first = logical_id("ElasticIp", self.plan, host);
        let more = (2..=self.intent.nat.addresses).map(|number| format!("{first}N{number}"));
        std::iter::once(first.clone()).chain(more).collect()
    }

    /// The addresses of all gateways as CIDRs, where the stack makes them.
    pub fn cidrs(&self) -> Vec<Sub> {
        let makes = self.intent.nat.makes_addresses();
        let made = self.hosts.iter().filter(|_| makes).flat_map(|host| self.made(host));
        made.map(|address| Sub(format!("${{{address}.PublicIp}}/32"))).collect()
    }
}

pub fn build(intent: &Intent, plan: &AddressPlan, graph: &mut Graph) {
    if intent.nat.mode == NatMode::Regional
        && intent.tiers.iter().any(|tier| tier.egress == TierEgress::Nat)
    {
        graph.add(REGIONAL, PATH, &regional(intent));
    }
    let gateways = Gateways::of(intent, plan);
    for host in &gateways.hosts {
        zonal(&gateways, host, graph);
    }
    if intent.nat.makes_addresses() && !gateways.hosts.is_empty() {
        let addresses: Vec<GetAtt> = gateways
            .hosts
            .iter()
            .flat_map(|host| gateways.made(host))
            .map(|address| GetAtt(address, "PublicIp"))
            .collect();
        graph.output(
            "NatAddresses",
            "Public addresses of the NAT gateways",
            json!({ "Fn::Join": [",", addresses] }),
        );
    }
}

/// With addresses of the author's AWS adds none by itself.
fn regional(intent: &Intent) -> RegionalNatGateway {
    let zone = |zone: &crate::intent::Zone| {
        let allocation_ids = intent.nat.own_in(&zone.id).to_vec();
        let availability_zone_id = zone.name.is_none().then(|| zone.id.clone());
        (!allocation_ids.is_empty()).then(|| ZoneAddresses {
            allocation_ids,
            availability_zone_id,
            availability_zone: zone.name.clone(),
        })
    };
    let mut zones: Vec<&crate::intent::Zone> = intent.zones.iter().collect();
    zones.sort_by_key(|zone| &zone.id);
    RegionalNatGateway {
        vpc: network::vpc_ref(intent),
        addresses: (!intent.nat.own.is_empty())
            .then(|| zones.into_iter().filter_map(zone).collect()),
        tags: tags(intent, "nat-regional", &Tags::new()),
        depends_on: vec![ATTACHMENT.to_string()],
    }
}

/// The gateway and its addresses go by the subnet they stand in, and by its generation: when that is another or a new one, both are made
/// anew beside the old ones, because AWS lets no two gateways share an address.
fn zonal(gateways: &Gateways<'_>, host: &Subnet, graph: &mut Graph) {
    let (intent, zone) = (gateways.intent, &host.zone.id);
    let name = tags(intent, &format!("nat-{zone}"), &Tags::new());
    let own = intent.nat.own_in(zone);
    let mut allocations: Vec<Value> = own.iter().map(|id| json!(id)).collect();
    for address in gateways.made(host).into_iter().filter(|_| own.is_empty()) {
        graph.add(
            &address,
            PATH,
            &ElasticIp { tags: name.clone(), depends_on: vec![ATTACHMENT.to_string()] },
        );
        allocations.push(json!(GetAtt(address, "AllocationId")));
    }
    let mut allocations = allocations.into_iter();
    let facts = NatGateway {
        subnet: network::reference(host),
        allocation: allocations.next().unwrap_or_default(),
        secondary: Some(allocations.collect::<Vec<_>>()).filter(|more| !more.is_empty()),
        tags: name,
        // The way out of its own subnet stands before it, and on deletion outlives the nodes behind it.
        depends_on: vec![id::association(host), id::default_route(host)],
    };
    graph.add(logical_id("NatGateway", gateways.plan, host), PATH, &facts);
}

/// Logical id of the gateway in a public subnet.
pub fn gateway_id(plan: &AddressPlan, host: &Subnet) -> String {
    logical_id("NatGateway", plan, host)
}

fn logical_id(what: &str, plan: &AddressPlan, host: &Subnet) -> String {
    let id = id::of_zone(&format!("{what}{}", id::pascal(&host.stem)), &host.zone.id);
    match plan.ledger.find(&host.tier, &host.zone.id).map_or(1, |entry| entry.since) {
        0 | 1 => id,
        later => format!("{id}G{later}"),
    }
}
