//! Edits of a network in any order, deployed now and then: what always holds of its addresses.

use std::collections::{BTreeMap, BTreeSet};

use eksnet::address::{self, AddressPlan, Ledger};
use eksnet::blueprint::model::NatMode;
use eksnet::intent::{self, Intent, Ipv6, Ipv6From, Pin, Size, Tier, Zone};
use ipnet::Ipv4Net;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Edit {
    /// (name, size, position, from a secondary CIDR)
    AddTier(u8, u8, usize, bool),
    /// The same with a pin at a multiple of its size.
    AddPinned(u8, u8, u32),
    RemoveTier(usize),
    RenameTier(usize, u8),
    ResizeTier(usize, u8),
    ForgetFormerNames,
    AddZone(u8),
    RemoveZone(usize),
    NarrowTier(usize),
    ZonesByName(bool),
    Reverse,
    SwitchNat,
    KeepFree(u32),
    AddSecondary(u8),
    AddIpv6,
    SizeByDemand(usize),
    Deploy,
}

fn edit() -> impl Strategy<Value = Edit> {
    let number = any::<usize>;
    prop_oneof![
        6 => (0..20u8, 20..=28u8, number(), any::<bool>()).prop_map(|(name, size, at, second)| Edit::AddTier(name, size, at, second)),
        1 => (0..20u8, 20..=28u8, any::<u32>()).prop_map(|(name, size, at)| Edit::AddPinned(name, size, at)),
        3 => number().prop_map(Edit::RemoveTier),
        2 => (number(), 0..20u8).prop_map(|(at, name)| Edit::RenameTier(at, name)),
        2 => (number(), 20..=28u8).prop_map(|(at, size)| Edit::ResizeTier(at, size)),
        1 => Just(Edit::ForgetFormerNames),
        2 => (1..=4u8).prop_map(Edit::AddZone),
        1 => number().prop_map(Edit::RemoveZone),
        1 => number().prop_map(Edit::NarrowTier),
        1 => any::<bool>().prop_map(Edit::ZonesByName),
        1 => Just(Edit::Reverse),
        1 => Just(Edit::SwitchNat),
        1 => any::<u32>().prop_map(Edit::KeepFree),
        1 => (0..4u8).prop_map(Edit::AddSecondary),
        1 => Just(Edit::AddIpv6),
        1 => number().prop_map(Edit::SizeByDemand),
        3 => Just(Edit::Deploy),
    ]
}

/// Two zones, one tier, the primary 10.64.0.0 with the given length.
fn start(len: u8) -> Intent {
    let text = format!(
        "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: {{ name: p, region: us-west-2 }}\nzones: [usw2-az1, usw2-az2]\nvpc: {{ cidr: 10.64.0.0/{len} }}\ntiers: [{{ name: t0, size: /26, egress: none }}]\n"
    );
    crate::support::intent(&text)
}

fn zone(number: u8, by_name: bool) -> Zone {
    Zone {
        id: format!("usw2-az{number}"),
        name: by_name.then(|| format!("us-west-2{}", char::from(b'a' + number - 1))),
    }
}

fn tier(intent: &Intent, name: u8, size: u8, pool: Ipv4Net) -> Tier {
    let like = &intent.tiers[0];
    Tier {
        name: format!("t{name}"),
        size: Size::Fixed(size),
        pool,
        zones: intent.zones.clone(),
        pins: Vec::new(),
        renamed_from: None,
        ..like.clone()
    }
}

/// A multiple of its own size, inside `pool`.
fn aligned(pool: Ipv4Net, len: u8, at: u32) -> Ipv4Net {
    let blocks = 1u32.checked_shl(u32::from(len.saturating_sub(pool.prefix_len()))).unwrap_or(1);
    Ipv4Net::new(
        (u32::from(pool.network()) + (at % blocks) * (1 << (32 - len))).into(),
        len.max(pool.prefix_len()),
    )
    .unwrap()
}

fn new_name(intent: &Intent, name: u8) -> bool {
    let name = format!("t{name}");
    !intent
        .tiers
        .iter()
        .any(|tier| tier.name == name || tier.renamed_from.as_deref() == Some(&name))
}

/// The names of the tiers whose subnets the edit is meant to replace.
fn apply(intent: &mut Intent, edit: &Edit) -> BTreeSet<String> {
    let count = intent.tiers.len();
    let mut replaced = BTreeSet::new();
    match edit {
        Edit::AddTier(name, size, at, second) if new_name(intent, *name) => {
            let pool = intent
                .vpc
                .secondary
                .last()
                .filter(|_| *second)
                .map_or(intent.vpc.cidr, |written| written.cidr);
            let tier = tier(intent, *name, *size, pool);
            intent.tiers.insert(at % (count + 1), tier);
        }
        Edit::AddPinned(name, size, at)
            if new_name(intent, *name) && intent.vpc.cidr.prefix_len() <= *size =>
        {
            let mut tier = tier(intent, *name, *size, intent.vpc.cidr);
            tier.pins = vec![Pin {
                zone: tier.zones[0].id.clone(),
                cidr: aligned(tier.pool, *size, *at),
                path: "pin".into(),
            }];
            intent.tiers.push(tier);
        }
        Edit::RemoveTier(at) if count > 1 => _ = intent.tiers.remove(at % count),
        Edit::RenameTier(at, name) if new_name(intent, *name) => {
            let tier = &mut intent.tiers[at % count];
            tier.renamed_from = Some(std::mem::replace(&mut tier.name, format!("t{name}")));
        }
        Edit::ResizeTier(at, size) if intent.tiers[at % count].pins.is_empty() => {
            let tier = &mut intent.tiers[at % count];
            tier.size = Size::Fixed(*size);
            replaced.insert(tier.name.clone());
        }
        Edit::ForgetFormerNames => {
            intent.tiers.iter_mut().for_each(|tier| tier.renamed_from = None)
        }
        Edit::AddZone(number)
            if !intent.zones.iter().any(|own| own.id == zone(*number, false).id) =>
        {
            let zone = zone(*number, intent.zones[0].name.is_some());
            intent.zones.insert(0, zone.clone());
            intent.tiers.iter_mut().for_each(|tier| tier.zones.insert(0, zone.clone()));
        }
        Edit::RemoveZone(at) if intent.zones.len() > 1 => {
            let gone = intent.zones.remove(at % intent.zones.len());
            intent.tiers.iter_mut().for_each(|tier| tier.zones.retain(|zone| zone.id != gone.id));
            intent.tiers.retain(|tier| !tier.zones.is_empty());
        }
        Edit::NarrowTier(at) if intent.tiers[at % count].zones.len() > 1 => {
            _ = intent.tiers[at % count].zones.pop()
        }
        Edit::ZonesByName(by_name) => {
            let renamed =
                |own: &mut Zone| *own = zone(own.id.as_bytes()[own.id.len() - 1] - b'0', *by_name);
            intent.zones.iter_mut().for_each(renamed);
            intent.tiers.iter_mut().for_each(|tier| tier.zones.iter_mut().for_each(renamed));
        }
        Edit::Reverse => {
            intent.tiers.reverse();
            intent.zones.reverse();
            intent.tiers.iter_mut().for_each(|tier| tier.zones.reverse());
        }
        Edit::SwitchNat => {
            intent.nat.mode =
                if intent.nat.mode == NatMode::None { NatMode::PerZone } else { NatMode::None }
        }
        Edit::KeepFree(at) => {
            let kept =
                intent::Written { cidr: aligned(intent.vpc.cidr, 24, *at), path: "kept".into() };
            intent.vpc.keep_free = vec![kept];
        }
        Edit::AddSecondary(number) => {
            let cidr: Ipv4Net = format!("100.{}.0.0/20", 64 + number).parse().unwrap();
            if !intent.vpc.cidrs().any(|own| own == cidr) {
                intent.vpc.secondary.push(intent::Written { cidr, path: "secondary".into() });
            }
        }
        Edit::AddIpv6 => intent.vpc.ipv6 = Some(Ipv6 { from: Ipv6From::Amazon, len: 56 }),
        Edit::SizeByDemand(at) => intent.tiers[at % count].size = Size::Auto { growth: 0 },
        _ => {}
    }
    if intent.tiers.is_empty() { BTreeSet::from(["*".to_string()]) } else { replaced }
}

type Given = BTreeMap<(String, String), (Ipv4Net, Option<u32>)>;

fn given(plan: &AddressPlan) -> Given {
    plan.subnets
        .iter()
        .map(|subnet| {
            ((subnet.tier.clone(), subnet.zone.id.clone()), (subnet.cidr, subnet.ipv6_slot))
        })
        .collect()
}

/// Inside its range, aligned, apart from everything else, and new ones outside what is kept free.
fn check(intent: &Intent, plan: &AddressPlan, before: &Ledger) {
    let mut all: Vec<Ipv4Net> =
        plan.subnets.iter().map(|subnet| subnet.cidr).chain(plan.free.iter().copied()).collect();
    all.extend(plan.ledger.removed.iter().map(|entry| entry.cidr));
    all.sort();
    for pair in all.windows(2) {
        assert!(!pair[0].contains(&pair[1]), "{} and {} overlap", pair[0], pair[1]);
    }
    for subnet in &plan.subnets {
        let tier = intent.tier(&subnet.tier).unwrap();
        assert_eq!(subnet.cidr, subnet.cidr.trunc(), "aligned");
        assert!(subnet.pool.contains(&subnet.cidr), "inside");
        assert!(
            tier.size.fixed().is_none_or(|len| len == subnet.cidr.prefix_len()),
            "as large as was asked"
        );
        let stood = before.standing().any(|entry| entry.cidr == subnet.cidr);
        let kept = intent
            .vpc
            .keep_free
            .iter()
            .any(|kept| kept.cidr.contains(&subnet.cidr) || subnet.cidr.contains(&kept.cidr));
        assert!(stood || !kept, "{} is new and in a range that is kept free", subnet.cidr);
        assert!(
            stood || subnet.pool == tier.pool,
            "{} is new and not from `{}`",
            subnet.cidr,
            tier.pool
        );
        assert!(
            tier.pins.iter().all(|pin| pin.zone != subnet.zone.id || pin.cidr == subnet.cidr),
            "pinned"
        );
        assert_eq!(subnet.ipv6_slot.is_some(), intent.vpc.ipv6.is_some());
    }
    let slots: Vec<u32> = plan.ledger.standing().filter_map(|entry| entry.ipv6_slot).collect();
    assert_eq!(
        slots.iter().collect::<BTreeSet<_>>().len(),
        slots.len(),
        "two subnets with one /64"
    );
    assert!(slots.iter().all(|slot| *slot < 256));
}

/// Whether what was given stays where it is, a tier's new name aside.
fn unmoved(intent: &Intent, before: &Given, now: &Given, replaced: &BTreeSet<String>) {
    for tier in intent.tiers.iter().filter(|tier| !replaced.contains(&tier.name)) {
        for zone in &tier.zones {
            let key = |name: &str| (name.to_string(), zone.id.clone());
            let former = tier.renamed_from.as_deref().and_then(|name| before.get(&key(name)));
            let Some((cidr, slot)) = before.get(&key(&tier.name)).or(former) else {
                continue;
            };
            let (cidr_now, slot_now) = now[&key(&tier.name)];
            assert_eq!(*cidr, cidr_now, "{} in {} moved", tier.name, zone.id);
            assert!(
                slot.is_none() || slot_now.is_none() || *slot == slot_now,
                "{} in {} has another /64",
                tier.name,
                zone.id
            );
        }
    }
}

fn asks_for_nothing(edit: &Edit) -> bool {
    matches!(
        edit,
        Edit::RemoveTier(_)
            | Edit::ForgetFormerNames
            | Edit::RemoveZone(_)
            | Edit::NarrowTier(_)
            | Edit::ZonesByName(_)
            | Edit::Reverse
            | Edit::SwitchNat
            | Edit::KeepFree(_)
            | Edit::AddSecondary(_)
            | Edit::AddIpv6
            | Edit::SizeByDemand(_)
            | Edit::Deploy
    )
}

proptest! {
    // Some 300,000 edits.
    #![proptest_config(ProptestConfig { cases: 4_000, max_shrink_iters: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_stays_never_moves(len in 16..=22u8, edits in prop::collection::vec(edit(), 1..150)) {
        let mut intent = start(len);
        let mut ledger = Ledger::empty("p", "us-west-2");
        let mut before = Given::new();
        for edit in &edits {
            let mut next = intent.clone();
            let replaced = apply(&mut next, edit);
            if next.tiers.is_empty() {
                continue;
            }
            // An edit that does not fit, or would move something, is refused, and nothing changes; one that asks for nothing new is not.
            let plan = match address::allocate(&next, &ledger) {
                // By names nobody knows which of the zones that go by their ids is the one that leaves.
                Err(findings) if asks_for_nothing(edit) && findings.iter().any(|one| one.is_error() && one.rule != "ZON-04") => panic!("{edit:?} is refused: {findings:#?}"),
                Err(_) => continue,
                Ok(plan) => plan,
            };
            check(&next, &plan, &ledger);
            let now = given(&plan);
            unmoved(&next, &before, &now, &replaced);
            let again = address::allocate(&next, &plan.ledger).unwrap();
            prop_assert_eq!(&given(&again), &now, "the same again");
            prop_assert_eq!(&again.ledger, &plan.ledger, "and the lock with it");
            let mut turned = next.clone();
            turned.tiers.reverse();
            turned.tiers.iter_mut().for_each(|tier| tier.zones.reverse());
            prop_assert_eq!(&given(&address::allocate(&turned, &ledger).unwrap()), &now, "the order in the file has no say");
            ledger = if matches!(edit, Edit::Deploy) { plan.ledger.settled() } else { plan.ledger };
            (intent, before) = (next, now);
        }
    }
}
