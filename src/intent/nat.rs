//! NAT gateways: how many, and with whose addresses.

use std::collections::BTreeMap;

use crate::blueprint::model::{self, NatMode, TierEgress};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::nat;

use super::zones::outside;
use super::{Choices, Tier, Zone};
use crate::rules::{NAT_03, NAT_10};

/// NAT gateways for the tiers whose egress is `nat`.
#[derive(Clone, Debug, PartialEq)]
pub struct Nat {
    pub mode: NatMode,
    /// The author's own Elastic IPs by zone id, the gateway's own first; of a single gateway under an empty id.
    pub own: BTreeMap<String, Vec<String>>,
    /// Addresses of each gateway where eksnet makes them.
    pub addresses: u64,
}

impl Nat {
    fn plain(mode: NatMode) -> Self {
        Self { mode, own: BTreeMap::new(), addresses: 1 }
    }

    /// Whether the stack makes the addresses, so that it knows them.
    pub fn makes_addresses(&self) -> bool {
        matches!(self.mode, NatMode::Single | NatMode::PerZone) && self.own.is_empty()
    }

    /// Allocation ids for the gateway in a zone; empty where the stack makes them.
    pub fn own_in(&self, zone: &str) -> &[String] {
        let key = if self.mode == NatMode::Single { "" } else { zone };
        self.own.get(key).map_or(&[], Vec::as_slice)
    }
}

const PLACE: &str = "egress.nat";

/// One gateway per zone where some tier's egress is `nat` and nothing is written, else none. Rules NAT-03, NAT-10.
pub fn resolve(
    written: Option<&model::Egress>,
    (tiers, zones): (&[Tier], &[Zone]),
    choices: &mut Choices,
    findings: &mut Vec<Diagnostic>,
) -> Nat {
    match written.and_then(|egress| egress.nat.as_ref()) {
        Some(model::Nat::Mode(mode)) => Nat::plain(*mode),
        Some(model::Nat::With(options)) => with(options, zones, findings),
        None if tiers.iter().any(|tier| tier.egress == TierEgress::Nat) => {
            choices.note(PLACE, "perZone", "one zone's failure cuts off no other zone");
            Nat::plain(NatMode::PerZone)
        }
        None => Nat::plain(NatMode::None),
    }
}

fn with(options: &model::NatOptions, zones: &[Zone], findings: &mut Vec<Diagnostic>) -> Nat {
    match options {
        model::NatOptions { single: Some(single), per_zone: None, regional: None } => {
            let own = single.elastic_ips.iter().map(|ids| (String::new(), ids.clone())).collect();
            Nat { mode: NatMode::Single, own, addresses: addresses(single.connections) }
        }
        model::NatOptions { single: None, per_zone: Some(per_zone), regional: None } => {
            let listed = per_zone
                .elastic_ips
                .iter()
                .flatten()
                .zip(zones)
                .map(|(id, zone)| (zone.id.clone(), vec![id.clone()]));
            let mut own: BTreeMap<_, _> = listed.collect();
            findings.extend(count(per_zone, zones));
            own.extend(by_zone("perZone", per_zone.addresses.as_ref(), zones, findings));
            Nat { mode: NatMode::PerZone, own, addresses: addresses(per_zone.connections) }
        }
        model::NatOptions { single: None, per_zone: None, regional: Some(regional) } => {
            let own = by_zone("regional", regional.addresses.as_ref(), zones, findings);
            Nat { mode: NatMode::Regional, own, addresses: 1 }
        }
        _ => {
            findings.push(
                NAT_10
                    .at(PLACE, "not exactly one kind of NAT")
                    .hint("keep one of `single`, `perZone` and `regional`"),
            );
            Nat::plain(NatMode::PerZone)
        }
    }
}

fn addresses(connections: Option<u64>) -> u64 {
    connections.unwrap_or(1).div_ceil(nat::CONNECTIONS).max(1)
}

fn count(written: &model::PerZoneNat, zones: &[Zone]) -> Option<Diagnostic> {
    let count = written.elastic_ips.as_ref()?.len();
    (zones.len() < count).then(|| {
        NAT_03.at("egress.nat.perZone.elasticIps", format!("{count} Elastic IPs for {} zones", zones.len()))
            .hint("give one allocation id for each zone, in the order of the zones; or name the zones (`addresses: { zone: [eipalloc-…] }`)")
    })
}

fn by_zone(
    mode: &str,
    written: Option<&BTreeMap<String, Vec<String>>>,
    zones: &[Zone],
    findings: &mut Vec<Diagnostic>,
) -> BTreeMap<String, Vec<String>> {
    let place = format!("egress.nat.{mode}.addresses");
    let mut own = BTreeMap::new();
    for (word, ids) in written.into_iter().flatten() {
        match zones.iter().find(|zone| zone.is(word)) {
            Some(zone) => _ = own.insert(zone.id.clone(), ids.clone()),
            None => findings.push(outside(&key(&place, word), word, zones).on_key()),
        }
    }
    own
}

impl super::Intent {
    /// How many zonal NAT gateways there are: one where a single one is wanted, one for each zone with subnets behind it.
    pub fn nat_gateways(&self) -> usize {
        let behind: Vec<&Tier> =
            self.tiers.iter().filter(|tier| tier.egress == TierEgress::Nat).collect();
        match self.nat.mode {
            NatMode::Single => behind.len().min(1),
            NatMode::PerZone => self
                .zones
                .iter()
                .filter(|zone| behind.iter().any(|tier| tier.zones.contains(zone)))
                .count(),
            NatMode::None | NatMode::Regional => 0,
        }
    }
}
