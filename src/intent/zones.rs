//! Which availability zones: a count, names or ids become zones that everything else is keyed by.

use crate::blueprint::model::{Blueprint, PinnedCidrs, Zones};
use crate::blueprint::path;
use crate::diagnostic::Diagnostic;
use crate::facts::regions::{self, Region};

use super::Choices;
use crate::rules::{REG_01, ZON_01, ZON_02, ZON_03, ZON_04, ZON_05};

/// An availability zone. `id` is the key of addresses and logical ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    pub id: String,
    /// Set where the blueprint speaks in names: the template then asks AWS for the name, and `id` is the name's letter counted
    /// (`eu-west-1a` → `euw1-az1`), whatever the account maps it to.
    pub name: Option<String>,
}

impl Zone {
    /// By the kind of word that the blueprint uses: an id says nothing of a zone that goes by its name.
    pub fn is(&self, word: &str) -> bool {
        self.word() == word
    }

    /// The word the blueprint uses for it.
    pub fn word(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }
}

const DEFAULT_COUNT: u8 = 3;

/// Three zones where nothing is written, or as many as the Region has; more than it has is a finding (rule ZON-02).
pub fn resolve(
    blueprint: &Blueprint,
    region: &'static Region,
    choices: &mut Choices,
    findings: &mut Vec<Diagnostic>,
) -> Vec<Zone> {
    let zones = match &blueprint.zones {
        Some(Zones::These(words)) => named(words, region, findings),
        Some(Zones::Count(count)) => counted(*count, blueprint, region, findings),
        None => {
            let count = DEFAULT_COUNT.min(region.zones.len() as u8);
            let why = match count {
                3.. => "one zone may fail and two remain",
                _ => "as many as the Region has for new clusters",
            };
            choices.note("zones", count, why);
            counted(count, blueprint, region, findings)
        }
    };
    if zones.iter().any(|zone| zone.name.is_some()) {
        let ids: Vec<&str> = zones.iter().map(|zone| zone.id.as_str()).collect();
        choices.note("zones: ids", ids.join(", "), "counted from the letters of the names, as keys: the account decides which zones the names mean");
    }
    zones
}

/// The zones of a count, where the lock holds others than those that it would be: what exists stays, and those come first. `held`:
/// ids, and names where the template asks for these.
pub fn kept(blueprint: &Blueprint, held: &[&str]) -> Option<Vec<String>> {
    let region = crate::facts::regions::find(&blueprint.metadata.region)?;
    let count = match &blueprint.zones {
        Some(Zones::These(_)) => return None,
        Some(Zones::Count(count)) => *count,
        None => DEFAULT_COUNT.min(region.zones.len() as u8),
    };
    let usual = counted(count, blueprint, region, &mut Vec::new());
    let is_usual = |word: &&str| usual.iter().any(|zone| zone.is(word));
    let nested =
        held.iter().all(is_usual) || usual.iter().all(|zone| held.iter().any(|word| zone.is(word)));
    let by_name = usual.iter().any(|zone| zone.name.is_some());
    let own = held
        .iter()
        .all(|word| one(word, region).is_some_and(|zone| zone.name.is_some() == by_name));
    if nested || !own {
        return None;
    }
    let more = usual.iter().map(Zone::word).filter(|word| !held.contains(word));
    let words = held.iter().copied().chain(more).take(usize::from(count));
    Some(words.map(str::to_string).collect())
}

/// Says of a count that no Region has as many zones.
pub fn nowhere(blueprint: &Blueprint, findings: &mut Vec<Diagnostic>) {
    let Some(Zones::Count(count)) = &blueprint.zones else { return };
    let most = regions::most_zones();
    if *count == 0 || most < usize::from(*count) {
        let message = format!("{count} zones: no Region has more than {most}");
        findings.push(ZON_02.at("zones", message).hint(format!("1 to {most}")));
    }
}

fn counted(
    count: u8,
    blueprint: &Blueprint,
    region: &'static Region,
    findings: &mut Vec<Diagnostic>,
) -> Vec<Zone> {
    // A network alone may be where EKS does not support control plane subnets: those zones come last, so that a cluster that comes later moves none.
    let (numbers, whose): (Vec<u8>, &str) = match blueprint.cluster {
        Some(_) => (region.zones.to_vec(), " that EKS can use"),
        None => (region.every_account_has().collect(), ""),
    };
    let offered = numbers.len();
    if count == 0 || usize::from(count) > offered {
        let message = format!("{count} zones in {}, which has {offered}{whose}", region.name);
        findings
            .push(ZON_02.at("zones", message).hint(format!("1 to {offered}, or name the zones")));
    }
    let by_name = !region.ids_known || speaks_in_names(blueprint, region);
    let numbers = numbers.into_iter().take(usize::from(count.max(1)));
    numbers.map(|number| zone(number, by_name, region)).collect()
}

/// A pin or a subset that names zones decides their names: then all zones go by name, so that none is picked twice.
pub fn speaks_in_names(blueprint: &Blueprint, region: &Region) -> bool {
    let tiers = blueprint.tiers.iter().flatten();
    let words = tiers.flat_map(|tier| {
        tier.zones.iter().flatten().chain(tier.cidrs.iter().flat_map(PinnedCidrs::zones))
    });
    words.into_iter().any(|word| region.letter_of_name(word).is_some())
}

fn zone(number: u8, by_name: bool, region: &Region) -> Zone {
    Zone { id: region.zone_id(number), name: by_name.then(|| region.zone_name(number)) }
}

fn named(words: &[String], region: &'static Region, findings: &mut Vec<Diagnostic>) -> Vec<Zone> {
    let mut zones: Vec<Zone> = Vec::new();
    if words.is_empty() {
        findings
            .push(ZON_02.at("zones", "no zone at all").hint("name one at least, or give a count"));
    }
    for (at, word) in words.iter().enumerate() {
        let place = format!("zones[{at}]");
        match one(word, region) {
            None => findings.push(unknown(&place, word, region)),
            Some(zone) => match zones.iter().position(|earlier| earlier.id == zone.id) {
                Some(first) if zones[first].name == zone.name => {
                    findings.push(twice(&place, word, first))
                }
                _ => zones.push(zone),
            },
        }
    }
    let unknown = words.iter().filter(|word| one(word, region).is_none()).count();
    stand_in(&mut zones, unknown, region);
    if zones.iter().any(|zone| zone.name.is_some()) && zones.iter().any(|zone| zone.name.is_none())
    {
        findings.push(
            ZON_04.at("zones", "zone names and zone ids are mixed")
                .hint("a name is a different zone in each account, so a name and an id may be the same zone: use one kind"),
        );
    }
    zones
}

/// A word that names no zone is an error of its own; free zones stand in for it, so that too few zones is not said as well.
fn stand_in(zones: &mut Vec<Zone>, count: usize, region: &Region) {
    let by_name = zones.first().is_some_and(|zone| zone.name.is_some());
    for _ in 0..count {
        let free = region
            .zones
            .iter()
            .map(|number| zone(*number, by_name, region))
            .find(|zone| zones.iter().all(|other| other.id != zone.id));
        zones.extend(free);
    }
}

/// The zone that a word names.
pub fn one(word: &str, region: &Region) -> Option<Zone> {
    if let Some(number) = region.number_of_id(word) {
        return Some(zone(number, false, region));
    }
    let letter = region.letter_of_name(word)?;
    Some(zone(letter as u8 - b'a' + 1, true, region))
}

fn unknown(place: &str, word: &str, region: &Region) -> Diagnostic {
    let example = zone(1, true, region);
    let finding =
        ZON_01.at(place, format!("`{word}` is not an availability zone of {}", region.name));
    let name = example.name.unwrap_or_default();
    let form = match region.ids_known {
        true => format!("zone names look like `{name}`, zone ids like `{}`", example.id),
        false => format!("name zones, such as `{name}`: AWS publishes no zone ids of this Region"),
    };
    finding.hint(if at_the_edge(word) {
        format!("EKS accepts no Local Zone or Wavelength Zone for a cluster: {form}")
    } else {
        form
    })
}

/// `us-east-1-bos-1a`, `use1-bos1-az1`, `us-east-1-wl1-bos-wlz-1`: a place between the Region and the zone.
fn at_the_edge(word: &str) -> bool {
    let dashes = word.matches('-').count();
    dashes > 3 || (dashes == 2 && word.contains("-az")) || word.contains("-wlz")
}

fn twice(place: &str, word: &str, first: usize) -> Diagnostic {
    ZON_03
        .at(place, format!("zone `{word}` is named twice"))
        .also(format!("zones[{first}]"), "first time")
        .hint("keep one of the two")
}

/// The zones a tier is in: those it names, or all. Words that name none are findings.
pub fn subset(
    words: Option<&Vec<String>>,
    zones: &[Zone],
    tier_path: &str,
    findings: &mut Vec<Diagnostic>,
) -> Vec<Zone> {
    let Some(words) = words else {
        return zones.to_vec();
    };
    if words.is_empty() {
        findings.push(
            ZON_02
                .at(path::key(tier_path, "zones"), "a tier in no zone")
                .hint("name one at least, or leave `zones` out for all"),
        );
    }
    // Beside a zone or a Region that could not be read nobody knows which the blueprint's zones are.
    let unread = findings.iter().any(|finding| [&ZON_01, &REG_01].contains(&finding.rule));
    for (at, word) in words.iter().enumerate().filter(|_| !unread) {
        if !zones.iter().any(|zone| zone.is(word)) {
            findings.push(outside(
                &format!("{}[{at}]", path::key(tier_path, "zones")),
                word,
                zones,
            ));
        }
    }
    zones.iter().filter(|zone| words.iter().any(|word| zone.is(word))).cloned().collect()
}

/// A word that names none of the blueprint's zones (rule ZON-05), at `place`.
pub fn outside(place: &str, word: &str, zones: &[Zone]) -> Diagnostic {
    let known: Vec<_> = zones.iter().map(|zone| format!("`{}`", zone.word())).collect();
    ZON_05
        .at(place, format!("`{word}` is not one of the blueprint's zones"))
        .hint(format!("the zones are {}", known.join(", ")))
}
