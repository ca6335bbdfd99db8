//! Allocation in progress: who gets which prefix, in the order of who was there first.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;

use crate::diagnostic::Diagnostic;
use crate::facts::vpc::overlap;
use crate::intent::tiers::Reserved;
use crate::intent::{Intent, Pin, Tier, Zone};

use super::pool::{Block, Pool};
use super::sizing::Sizing;
use super::stems::Stems;
use super::{
    AddressPlan, Entry, Ledger, Subnet, continuity, foreign, misfit, placement, refusal, standing,
};
use crate::rules::{SUB_12, SUB_13};

type Slot = (usize, usize);

/// A slot is (position of the tier, position of the zone in the tier).
pub struct Draft<'a> {
    intent: &'a Intent,
    ledger: &'a Ledger,
    /// By position of the tier.
    sizes: Vec<u8>,
    pools: BTreeMap<Ipv4Net, Pool>,
    given: BTreeMap<Slot, (Ipv4Net, Option<&'a Entry>)>,
    /// The /64 of each slot in the VPC's IPv6 block.
    ipv6_slots: BTreeMap<Slot, u32>,
    stems: Stems<'a>,
    pub findings: Vec<Diagnostic>,
}

impl<'a> Draft<'a> {
    pub fn new(intent: &'a Intent, ledger: &'a Ledger, sizes: Vec<u8>) -> Self {
        let pools = intent.vpc.cidrs().map(|cidr| (cidr, Pool::new(Block::v4(cidr)))).collect();
        Self {
            intent,
            ledger,
            sizes,
            pools,
            given: BTreeMap::new(),
            ipv6_slots: BTreeMap::new(),
            stems: Stems::new(intent, ledger),
            findings: continuity::check(intent, ledger),
        }
    }

    fn slots(&self) -> Vec<Slot> {
        let tiers = self.intent.tiers.iter().enumerate();
        let made = tiers.filter(|(_, tier)| tier.existing.is_none());
        made.flat_map(|(at, tier)| (0..tier.zones.len()).map(move |zone| (at, zone))).collect()
    }

    fn at(&self, slot: Slot) -> (&'a Tier, &'a Zone) {
        let tier = &self.intent.tiers[slot.0];
        (tier, &tier.zones[slot.1])
    }

    /// What the ledger holds for a slot. A size that is taken back finds its old prefix again, if that still stands.
    fn entry(&self, slot: Slot) -> Option<&'a Entry> {
        let (tier, zone) = self.at(slot);
        let held = standing::held(self.intent, self.ledger, tier, &zone.id);
        let fits =
            |entry: &&&Entry| tier.size.fixed().is_some_and(|len| entry.cidr.prefix_len() == len);
        held.iter().find(fits).or(held.first()).copied()
    }

    /// As written; a tier sized by demand keeps what stands, zone by zone, and takes its pins as they are.
    fn size(&self, slot: Slot) -> u8 {
        let (tier, zone) = self.at(slot);
        let own = || {
            let stands = self.entry(slot).map(|entry| entry.cidr.prefix_len());
            stands.or_else(|| {
                tier.pins.iter().find(|pin| pin.zone == zone.id).map(|pin| pin.cidr.prefix_len())
            })
        };
        tier.size.fixed().or_else(own).unwrap_or(self.sizes[slot.0])
    }

    pub fn pinned(&mut self) {
        for slot in self.slots() {
            let (tier, zone) = self.at(slot);
            let Some(pin) = tier.pins.iter().find(|pin| pin.zone == zone.id) else {
                continue;
            };
            let entry = self.entry(slot);
            let stands = entry.is_some_and(|entry| entry.cidr == pin.cidr);
            if let Some(kept) = self
                .intent
                .vpc
                .keep_free
                .iter()
                .find(|kept| !stands && overlap(kept.cidr, pin.cidr))
            {
                let finding =
                    SUB_13.at(&pin.path, format!("`{}` is in a range that is kept free", pin.cidr));
                self.findings.push(
                    finding
                        .also(&kept.path, "kept free here")
                        .hint("pin another range, or remove this pin"),
                );
                continue;
            }
            if let Some(entry) = entry.filter(|entry| entry.cidr != pin.cidr) {
                self.findings.push(refusal::would_move(pin, entry));
                continue;
            }
            if let Some(other) = self.ledger.standing().find(|other| {
                overlap(other.cidr, pin.cidr) && entry.is_none_or(|own| own.cidr != other.cidr)
            }) {
                self.findings.push(refusal::still_standing(pin, other));
                continue;
            }
            if let Some(finding) = foreign::pinned(self.intent, pin, stands) {
                self.findings.push(finding);
                continue;
            }
            match self.claim(pin.cidr) {
                true => _ = self.given.insert(slot, (pin.cidr, entry)),
                false => self.findings.push(self.pin_blocked(pin)),
            }
        }
    }

    pub fn kept(&mut self) {
        for slot in self.slots() {
            let (tier, _) = self.at(slot);
            let Some(entry) = self.entry(slot).filter(|_| !self.given.contains_key(&slot)) else {
                continue;
            };
            if let Some(given_up) = foreign::taken(self.intent, tier, entry) {
                self.findings.push(given_up);
            } else if entry.cidr.prefix_len() != self.size(slot) {
                self.note_once(refusal::resized(tier, self.size(slot), entry));
            } else if !tier.pool.contains(&entry.cidr)
                && self.intent.vpc.cidrs().any(|cidr| cidr.contains(&entry.cidr))
            {
                self.note_once(refusal::elsewhere(tier, entry));
            } else if !self.intent.vpc.cidrs().any(|cidr| cidr.contains(&entry.cidr)) {
                // Another primary CIDR is another VPC, which is told by itself.
                if self.ledger.vpc_cidr.is_none_or(|former| !former.contains(&entry.cidr)) {
                    self.note_once(refusal::outside_vpc(tier, entry));
                }
            } else if self.claim(entry.cidr) {
                self.given.insert(slot, (entry.cidr, Some(entry)));
                let held = refusal::kept_free(&self.intent.vpc.keep_free, tier, entry);
                held.into_iter().for_each(|finding| self.note_once(finding));
            } else {
                self.findings.push(refusal::taken_from(tier, entry));
            }
        }
    }

    /// What may not be given out: kept-free ranges, and prefixes that may still stand in the stack.
    pub fn withheld(&mut self) {
        let kept = self.intent.vpc.keep_free.iter().map(|written| written.cidr);
        let standing =
            self.ledger.subnets.iter().chain(&self.ledger.removed).map(|entry| entry.cidr);
        let foreign = foreign::ranges(self.intent);
        for cidr in kept.chain(standing).chain(foreign).collect::<Vec<_>>() {
            for (whole, pool) in &mut self.pools {
                if overlap(*whole, cidr) {
                    pool.withhold(Block::v4(cidr));
                }
            }
        }
    }

    /// Largest first, then by name: the file's order has no say, and buddies placed largest first fit whenever anything does.
    pub fn new_ones(&mut self) {
        let made = |at: &usize| self.intent.tiers[*at].existing.is_none();
        let mut order: Vec<usize> = (0..self.intent.tiers.len()).filter(made).collect();
        order.sort_by_key(|at| (self.sizes[*at], &self.intent.tiers[*at].name));
        let misfits: Vec<usize> = order.into_iter().filter(|at| !self.new_tier(*at)).collect();
        for at in misfits {
            let tier = &self.intent.tiers[at];
            let open = (0..tier.zones.len()).filter(|zone| self.is_open((at, *zone)));
            let misfit = misfit::Misfit {
                intent: self.intent,
                sizes: &self.sizes,
                pool: &self.pools[&tier.pool],
                at,
                open: open.map(|zone| tier.zones[zone].word()).collect(),
                settled: self.settled(tier.pool),
            };
            self.note_once(misfit.explain());
        }
    }

    /// What of a range is free once everything that was removed is gone.
    fn settled(&self, range: Ipv4Net) -> Pool {
        let mut pool = Pool::new(Block::v4(range));
        let kept = self.intent.vpc.keep_free.iter().map(|written| written.cidr);
        let given = self.given.values().map(|(cidr, _)| *cidr);
        kept.chain(given)
            .chain(foreign::ranges(self.intent))
            .filter(|cidr| overlap(*cidr, range))
            .for_each(|cidr| pool.withhold(Block::v4(cidr)));
        pool
    }

    /// All of a tier's open zones or none: half a tier would only take room from the others.
    fn new_tier(&mut self, at: usize) -> bool {
        let tier = &self.intent.tiers[at];
        let mut open: Vec<usize> =
            (0..tier.zones.len()).filter(|zone| self.is_open((at, *zone))).collect();
        open.sort_by_key(|zone| &tier.zones[*zone].id);
        let Some(mut pool) = self.pools.get(&tier.pool).cloned() else {
            return false;
        };
        let blocks: Option<Vec<Block>> =
            open.iter().map(|_| pool.take(32 - self.sizes[at])).collect();
        let Some(blocks) = blocks else { return false };
        self.pools.insert(tier.pool, pool);
        self.given.extend(
            open.into_iter().zip(blocks).map(|(zone, block)| ((at, zone), (block.to_v4(), None))),
        );
        true
    }

    /// A /64 of the VPC's IPv6 block for every subnet, by the same rules: what stands keeps its own, what may still stand is withheld,
    /// new ones get the lowest free.
    pub fn ipv6_slots(&mut self) {
        let Some(ipv6) = &self.intent.vpc.ipv6 else {
            return;
        };
        let mut pool = Pool::new(Block { start: 0, bits: ipv6.slot_bits() });
        let one = |slot: u32| Block { start: u128::from(slot), bits: 0 };
        let standing = |slot: &Slot| self.given[slot].1.and_then(|entry| entry.ipv6_slot);
        let (kept, new): (Vec<Slot>, Vec<Slot>) =
            self.in_order().into_iter().partition(|slot| standing(slot).is_some());
        for slot in kept {
            let Some(number) = standing(&slot) else {
                continue;
            };
            match pool.claim(one(number)) {
                true => _ = self.ipv6_slots.insert(slot, number),
                false => {
                    self.findings.push(misfit::lost_slot(self.intent, self.at(slot).0, number))
                }
            }
        }
        self.ledger
            .standing()
            .filter_map(|entry| entry.ipv6_slot)
            .for_each(|number| pool.withhold(one(number)));
        for slot in new {
            match pool.take(0) {
                Some(block) => _ = self.ipv6_slots.insert(slot, block.start as u32),
                None => {
                    let kept =
                        |entry: &&Entry| self.given.values().any(|(cidr, _)| *cidr == entry.cidr);
                    let gone = self
                        .ledger
                        .standing()
                        .filter(|entry| entry.ipv6_slot.is_some() && !kept(entry))
                        .count();
                    return self
                        .findings
                        .push(misfit::no_slot(self.intent, (self.given.len(), gone)));
                }
            }
        }
    }

    /// The slots that were given something, by tier and zone: the file's order has no say.
    fn in_order(&self) -> Vec<Slot> {
        let mut slots: Vec<Slot> = self.given.keys().copied().collect();
        slots.sort_by_key(|slot| (&self.at(*slot).0.name, &self.at(*slot).1.id));
        slots
    }

    /// Neither given nor pinned: a pinned subnet gets its pin or nothing.
    fn is_open(&self, slot: Slot) -> bool {
        let (tier, zone) = self.at(slot);
        !self.given.contains_key(&slot) && !tier.pins.iter().any(|pin| pin.zone == zone.id)
    }

    /// A tier's zones share their finding.
    fn note_once(&mut self, finding: Diagnostic) {
        if !self
            .findings
            .iter()
            .any(|earlier| earlier.path == finding.path && earlier.rule == finding.rule)
        {
            self.findings.push(finding);
        }
    }

    fn claim(&mut self, cidr: Ipv4Net) -> bool {
        let mut pools = self.pools.iter_mut().filter(|(whole, _)| whole.contains(&cidr));
        pools.next().is_some_and(|(_, pool)| pool.claim(Block::v4(cidr)))
    }

    fn pin_blocked(&self, pin: &Pin) -> Diagnostic {
        if !self.intent.vpc.cidrs().any(|cidr| cidr.contains(&pin.cidr)) {
            let known: Vec<_> = self.intent.vpc.cidrs().map(|cidr| format!("`{cidr}`")).collect();
            return SUB_12
                .at(&pin.path, format!("`{}` lies in no CIDR of the VPC", pin.cidr))
                .hint(format!("the VPC has {}", known.join(", ")));
        }
        let finding =
            SUB_13.at(&pin.path, format!("`{}` overlaps another pinned subnet", pin.cidr));
        let pins = self.intent.tiers.iter().flat_map(|tier| &tier.pins);
        let other =
            pins.into_iter().find(|other| other.path != pin.path && overlap(other.cidr, pin.cidr));
        let free = self.pools.values().flat_map(|pool| pool.free().collect::<Vec<_>>());
        let next = free.filter(|block| 32 - pin.cidr.prefix_len() <= block.bits).min();
        let finding = match other {
            Some(other) => finding.also(&other.path, format!("`{}` is here", other.cidr)),
            None => finding,
        };
        match next {
            Some(block) => finding.hint(format!(
                "the next free /{0} is `{1}/{0}`",
                pin.cidr.prefix_len(),
                block.to_v4().network()
            )),
            None => finding.hint("no block of that size is free"),
        }
    }

    pub fn plan(self, sizing: Vec<Sizing>) -> AddressPlan {
        let made = self.slots().into_iter().filter_map(|slot| Some((slot.0, self.subnet(slot)?)));
        let mut subnets: Vec<(usize, Subnet)> = made.chain(foreign::subnets(self.intent)).collect();
        subnets.sort_by_key(|(tier, _)| *tier);
        let subnets: Vec<Subnet> = subnets.into_iter().map(|(_, subnet)| subnet).collect();
        let free = self
            .intent
            .vpc
            .cidrs()
            .flat_map(|cidr| self.pools[&cidr].free().map(Block::to_v4).collect::<Vec<_>>())
            .collect();
        let ledger = self.next_ledger(&subnets);
        let zones: Vec<Zone> = self
            .intent
            .zones
            .iter()
            .map(|zone| Zone { id: zone.id.clone(), name: self.zone_name(zone) })
            .collect();
        let mut notes = self.findings;
        notes.extend(continuity::unsaid(self.intent, self.ledger));
        notes.extend(sizing.iter().filter_map(Sizing::outgrown));
        let provisional = self.intent.vpc.open().map(|given| given.path.clone()).collect();
        AddressPlan { zones, subnets, free, ledger, sizing, notes, provisional }
    }

    fn subnet(&self, slot: Slot) -> Option<Subnet> {
        let (tier, zone) = self.at(slot);
        let (cidr, entry) = *self.given.get(&slot)?;
        let pool = self.intent.vpc.cidrs().find(|pool| pool.contains(&cidr))?;
        let stem =
            entry.map_or_else(|| self.new_stem(tier, &zone.id), |entry| entry.stem().to_string());
        let zone = Zone { id: zone.id.clone(), name: self.zone_name(zone) };
        let ipv6_slot = self.ipv6_slots.get(&slot).copied();
        let reserved = reserved(tier, &zone.id, cidr);
        Some(Subnet {
            tier: tier.name.clone(),
            zone,
            cidr,
            pool,
            reserved,
            ipv6_slot,
            stem,
            path: tier.path.clone(),
            existing: None,
        })
    }

    /// A new tier's name, unless a standing subnet of a renamed tier goes by it in the stack.
    fn new_stem(&self, tier: &Tier, zone: &str) -> String {
        let given_up = standing::goes_to_another(self.intent, self.ledger, tier);
        let free = |stem: &str| self.stems.is_free(stem, (&tier.name, zone), given_up);
        let name = &tier.name;
        if free(name) {
            return name.clone();
        }
        let numbered = (self.ledger.generation + 1..).map(|number| format!("{name}-{number}"));
        numbered.into_iter().find(|stem| free(stem)).unwrap_or_default()
    }

    /// How the template names a zone: as its standing subnets do, or else as the blueprint does.
    fn zone_name(&self, zone: &Zone) -> Option<String> {
        let standing = self.ledger.standing().find(|entry| entry.zone == zone.id);
        standing.map_or(zone.name.clone(), |entry| entry.zone_name.clone())
    }

    /// What stands gets an entry; what stood and is not asked for any more, a tombstone.
    fn next_ledger(&self, subnets: &[Subnet]) -> Ledger {
        let generation = self.ledger.generation + 1;
        let made = subnets.iter().filter(|subnet| subnet.existing.is_none());
        let mut entries: Vec<Entry> =
            made.map(|subnet| self.next_entry(subnet, generation)).collect();
        entries.sort_by(|one, other| (&one.tier, &one.zone).cmp(&(&other.tier, &other.zone)));
        let stood = self.ledger.subnets.iter().chain(&self.ledger.removed);
        let stood = stood.filter(|entry| !foreign::holds(self.intent, entry.cidr));
        let still: BTreeSet<_> = entries.iter().map(|one| (one.cidr, one.zone.as_str())).collect();
        let mut removed: Vec<Entry> =
            stood.filter(|old| !still.contains(&(old.cidr, old.zone.as_str()))).cloned().collect();
        removed.sort_by_key(|entry| entry.cidr);
        removed.dedup_by_key(|entry| entry.cidr);
        let next = Ledger {
            generation,
            vpc_cidr: Some(self.intent.vpc.cidr).filter(|_| self.intent.vpc.is_decided()),
            ipv6: self.intent.vpc.ipv6.as_ref().map(|ipv6| ipv6.word()),
            subnets: entries,
            removed,
            kept: placement::kept(self.intent, self.ledger),
            occupied: foreign::kept(self.intent, self.ledger),
            ..Ledger::empty(&self.intent.name, self.intent.region.name)
        };
        if next.gives_out_the_same(self.ledger) {
            return Ledger { kept: next.kept, occupied: next.occupied, ..self.ledger.clone() };
        }
        next
    }

    /// As the blueprint says, or else as the prefix has it.
    fn formerly(&self, subnet: &Subnet, before: Option<&Entry>) -> Option<String> {
        let tier = self.intent.tier(&subnet.tier);
        let written = tier.and_then(|tier| tier.renamed_from.clone()).filter(|_| before.is_some());
        written.or_else(|| before?.formerly.clone())
    }

    fn next_entry(&self, subnet: &Subnet, generation: u32) -> Entry {
        let before = self
            .ledger
            .subnets
            .iter()
            .chain(&self.ledger.removed)
            .find(|entry| entry.cidr == subnet.cidr && entry.zone == subnet.zone.id);
        Entry {
            tier: subnet.tier.clone(),
            zone: subnet.zone.id.clone(),
            cidr: subnet.cidr,
            ipv6_slot: subnet.ipv6_slot,
            since: before.map_or(generation, |entry| entry.since),
            stands_as: (subnet.stem != subnet.tier).then(|| subnet.stem.clone()),
            formerly: self.formerly(subnet, before),
            zone_name: subnet.zone.name.clone(),
        }
    }
}

/// The part of a subnet that is kept for prefixes, if it is one.
fn reserved(tier: &Tier, zone: &str, cidr: Ipv4Net) -> Option<Ipv4Net> {
    let part = match tier.reservation.as_ref()? {
        Reserved::Upper(length) => Ipv4Net::new(cidr.broadcast(), *length).ok()?.trunc(),
        Reserved::These(parts) => parts.iter().find(|part| part.zone == zone)?.cidr,
    };
    (cidr.contains(&part) && cidr != part).then_some(part)
}
