//! The ways out of each tier, as the rendered template has them.

use std::collections::{BTreeMap, BTreeSet};

use crate::address::AddressPlan;
use crate::blueprint::model::Use;
use crate::facts::ports::{EVERYBODY, EVERYBODY_IPV6};
use crate::graph::subnet_id;
use crate::intent::{Intent, Tier};
use crate::render::reach::{self, Api, Reach, SOMEBODY, SOMEBODY_IPV6, Way};
use crate::template::Template;

use super::View;
use super::table::{Align::Left, fitted};

/// One tier's ways out, in words; zones that differ only in their own gateway are one.
pub struct TierWays {
    pub tier: String,
    pub internet: String,
    pub ipv6: Option<String>,
    /// (destination, target)
    pub others: Vec<(String, String)>,
    pub endpoints: Vec<String>,
    /// The Kubernetes API, for tiers of nodes and pods.
    pub api: Option<String>,
}

/// One for each tier, in their order; of tiers that exist as the last survey saw their route tables.
pub fn of(intent: &Intent, plan: &AddressPlan, template: &Template) -> Vec<TierWays> {
    let reach = Reach::of(template);
    intent.tiers.iter().map(|tier| of_tier(intent, plan, &reach, tier)).collect()
}

fn of_tier(intent: &Intent, plan: &AddressPlan, ways: &Reach<'_>, tier: &Tier) -> TierWays {
    if tier.existing.is_some() {
        return live(tier);
    }
    let subnets: Vec<String> = plan.of_tier(&tier.name).map(subnet_id).collect();
    let to = |address: &str| {
        let address = address.parse().expect("an address written in the facts of reach");
        let mut ways: Vec<Way> =
            subnets.iter().map(|subnet| reach::way(ways, subnet, address)).collect();
        ways.sort();
        ways.dedup();
        in_words(&ways)
    };
    let mut targets: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for subnet in &subnets {
        let rest = reach::routes(ways, subnet).into_iter().filter(|(to, _)| 0 < to.prefix_len());
        let all =
            rest.map(|(to, target)| (to.to_string(), target)).chain(reach::elsewhere(ways, subnet));
        all.for_each(|(to, target)| _ = targets.entry(to).or_default().insert(target));
    }
    TierWays {
        tier: tier.name.clone(),
        internet: to(SOMEBODY),
        ipv6: intent.vpc.ipv6.as_ref().map(|_| to(SOMEBODY_IPV6)),
        others: targets.into_iter().map(|(to, targets)| (to, by(&targets))).collect(),
        api: api(tier, &subnets, ways),
        endpoints: subnets.first().map(|subnet| reach::endpoints(ways, subnet)).unwrap_or_default(),
    }
}

/// The ways of a tier that exists, as the survey saw its tables.
fn live(tier: &Tier) -> TierWays {
    let routes = tier.zones.iter().flat_map(|zone| tier.ways.in_zone(&zone.id));
    let mut targets: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for route in routes {
        targets.entry(route.to.clone()).or_default().insert(route.via.clone());
    }
    let default = targets.remove(EVERYBODY);
    let ipv6 = targets.remove(EVERYBODY_IPV6);
    TierWays {
        tier: tier.name.clone(),
        internet: default.map_or("none".to_string(), |targets| by(&targets)),
        ipv6: ipv6.map(|targets| by(&targets)),
        others: targets.into_iter().map(|(to, targets)| (to, by(&targets))).collect(),
        endpoints: Vec::new(),
        api: None,
    }
}

fn api(tier: &Tier, subnets: &[String], reach: &Reach<'_>) -> Option<String> {
    let calls = [Use::Nodes, Use::Pods].iter().any(|one| tier.serves(*one));
    let mut ways: Vec<Api> =
        subnets.iter().filter(|_| calls).filter_map(|subnet| reach::api(reach, subnet)).collect();
    ways.sort();
    ways.dedup();
    let public: Vec<Way> = ways
        .iter()
        .filter_map(|api| {
            if let Api::Public(way) | Api::Listed(way) = api { Some(way.clone()) } else { None }
        })
        .collect();
    match ways.first()? {
        Api::Inside => Some("inside the VPC".to_string()),
        Api::Public(_) => Some(format!("its public endpoint by {}", in_words(&public))),
        Api::Listed(_) => Some(format!(
            "its public endpoint by {}, if the addresses named there are on its list",
            in_words(&public)
        )),
        Api::Shut(why) => Some(format!("not reached: {why}")),
    }
}

/// How ids of NAT gateways begin.
const NAT_GATEWAY: &str = "nat-";

/// Private NAT gateways are in each zone; everything else is one for all.
fn by(targets: &BTreeSet<String>) -> String {
    let private = targets.iter().all(|target| target.starts_with("NatGatewayPrivate"));
    if private {
        "the private NAT gateway of its zone".to_string()
    } else {
        targets.iter().cloned().collect::<Vec<_>>().join(" or ")
    }
}

fn in_words(ways: &[Way]) -> String {
    let words: Vec<String> = ways.iter().map(word).collect();
    let made = ways.iter().all(|way| matches!(way, Way::Nat(_)));
    let existing = words.iter().all(|word| word.starts_with(NAT_GATEWAY));
    if 1 < ways.len() && (made || existing) {
        return "the NAT gateway of its zone".to_string();
    }
    if words.is_empty() { "none".to_string() } else { words.join(" or ") }
}

fn word(way: &Way) -> String {
    match way {
        Way::Nowhere => "none".to_string(),
        Way::Local => "inside the VPC".to_string(),
        Way::InternetGateway => "internet gateway".to_string(),
        Way::EgressOnly => "egress-only gateway".to_string(),
        Way::Nat(id) => format!("NAT gateway {id}"),
        Way::Outside(id) => id.clone(),
        Way::DeadEnd(id) => format!("no target: {id} is a blackhole"),
    }
}

/// A row for each tier: internet first, then the other ways, the API and the endpoints.
pub fn human(ways: &[TierWays], view: View) -> String {
    let rows: Vec<Vec<String>> = ways
        .iter()
        .map(|one| {
            let mut words = vec![one.internet.clone()];
            words.extend(one.ipv6.as_ref().map(|way| format!("IPv6: {way}")));
            words.extend(one.others.iter().map(|(to, target)| format!("{to} by {target}")));
            words.extend(one.api.as_ref().map(|way| format!("API: {way}")));
            if !one.endpoints.is_empty() {
                words.push(format!("endpoints: {}", one.endpoints.join(", ")));
            }
            vec![one.tier.clone(), words.join("; ")]
        })
        .collect();
    fitted(view, 2, &[("", Left), ("", Left)], &rows)
}
