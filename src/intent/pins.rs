//! CIDRs that an author writes, one for each zone of a tier: of its subnets, or of parts of them.

use ipnet::Ipv4Net;

use crate::blueprint::model::PinnedCidrs;
use crate::blueprint::path;
use crate::diagnostic::Diagnostic;
use crate::rules::TIER_09;

use super::parse::{self, keep};
use super::zones::{self, Zone};

/// A CIDR that the author wrote.
#[derive(Clone, Debug)]
pub struct Pin {
    pub zone: String,
    pub cidr: Ipv4Net,
    pub path: String,
}

/// The CIDRs of a list, or of a map by zone, that stands at `place`.
pub(super) fn pins(
    written: Option<&PinnedCidrs>,
    place: &str,
    zones: &[Zone],
    findings: &mut Vec<Diagnostic>,
) -> Vec<Pin> {
    let mut pins = Vec::new();
    let by_zone = match written {
        None => return pins,
        Some(PinnedCidrs::ByZone(by_zone)) => by_zone,
        Some(PinnedCidrs::InOrder(list)) => return listed(list, place, zones, findings),
    };
    for (word, text) in by_zone {
        let place = path::key(place, word);
        let cidr = keep(parse::cidr(&place, text), findings);
        match (zones.iter().find(|zone| zone.is(word)), cidr) {
            (None, _) => findings.push(zones::outside(&place, word, zones).on_key()),
            (Some(zone), Some(cidr)) => pins.push(Pin { zone: zone.id.clone(), cidr, path: place }),
            (Some(_), None) => {}
        }
    }
    pins
}

/// The one length that every pin has.
pub(super) fn pinned_size(pins: &[Pin]) -> Option<u8> {
    let length = pins.first()?.cidr.prefix_len();
    pins.iter().all(|pin| pin.cidr.prefix_len() == length).then_some(length)
}

/// The first is of the first zone, and so on.
fn listed(
    list: &[String],
    place: &str,
    zones: &[Zone],
    findings: &mut Vec<Diagnostic>,
) -> Vec<Pin> {
    if list.len() != zones.len() {
        let message = format!(
            "{} CIDR{} for {} zone{}",
            list.len(),
            if list.len() == 1 { "" } else { "s" },
            zones.len(),
            if zones.len() == 1 { "" } else { "s" },
        );
        let names: Vec<&str> = zones.iter().map(Zone::word).collect();
        findings.push(TIER_09.at(place, message).hint(format!(
            "one for each of {}, in this order; or by zone: `cidrs: {{ {}: … }}`",
            names.join(", "),
            names.first().unwrap_or(&"zone"),
        )));
    }
    let one = |(at, (text, zone)): (usize, (&String, &Zone))| {
        let path = format!("{place}[{at}]");
        let cidr = keep(parse::cidr(&path, text), findings)?;
        Some(Pin { zone: zone.id.clone(), cidr, path })
    };
    list.iter().zip(zones).enumerate().filter_map(one).collect()
}
