//! What others hold in a VPC that exists: plans are fitted around it, and it is kept in the lock apart from what was given out.

use ipnet::Ipv4Net;

use crate::diagnostic::Diagnostic;
use crate::intent::{Intent, Pin, Tier};
use crate::ledger::{Entry, Ledger, Occupant, Occupied};
use crate::rules::{EXI_06, EXI_13, SUB_13};

use super::Subnet;

fn holder(intent: &Intent, range: Ipv4Net) -> Option<&Occupant> {
    intent.occupied.as_ref()?.holder(range)
}

/// Ranges that nothing is given out from.
pub fn ranges(intent: &Intent) -> Vec<Ipv4Net> {
    let ranges = intent.occupied.iter().flat_map(|occupied| &occupied.ranges);
    ranges.map(|occupant| occupant.cidr).collect()
}

/// Whether others hold a part of a range.
pub fn holds(intent: &Intent, range: Ipv4Net) -> bool {
    holder(intent, range).is_some()
}

/// What the lock keeps of it: the earlier words, as long as they say the same. Of the stack's own VPC it keeps nothing: that is read again
/// whenever something new is placed in it.
pub fn kept(intent: &Intent, ledger: &Ledger) -> Option<Occupied> {
    intent.vpc.id()?;
    let (now, before) = (intent.occupied.as_ref()?, ledger.occupied.as_ref());
    let same = before.filter(|before| before.says_the_same(now));
    Some(same.unwrap_or(now).clone())
}

/// A pin on what others hold.
pub fn pinned(intent: &Intent, pin: &Pin, stands: bool) -> Option<Diagnostic> {
    let other = holder(intent, pin.cidr).filter(|_| !stands)?;
    let message = format!("`{}` overlaps `{}`, which {} holds", pin.cidr, other.cidr, other.holder);
    Some(SUB_13.at(&pin.path, message).hint("pin a free range, or leave the pin out"))
}

/// A prefix that was planned and that others have taken before it was deployed.
pub fn taken(intent: &Intent, tier: &Tier, entry: &Entry) -> Option<Diagnostic> {
    let other = holder(intent, entry.cidr)?;
    let message = format!(
        "{} of `{}` in {} is taken by {} (`{}`): another range is allocated",
        entry.cidr, tier.name, entry.zone, other.holder, other.cidr
    );
    Some(EXI_13.at(&tier.path, message).hint("`layout --write-lock` keeps the new plan"))
}

/// A tier whose subnets the stack made, and that is said to exist now.
pub fn turned(intent: &Intent, ledger: &Ledger) -> Vec<Diagnostic> {
    let existing = intent.tiers.iter().filter(|tier| tier.existing.is_some());
    let made = existing.filter(|tier| ledger.subnets.iter().any(|one| one.tier == tier.name));
    let finding = |tier: &Tier| {
        let place = crate::blueprint::path::key(&tier.path, "existing");
        EXI_06
            .at(place, format!("the subnets of `{}` are this blueprint's own", tier.name))
            .on_key()
            .hint("set the tier's size again, or name the other subnets in a tier of another name")
    };
    made.map(finding).collect()
}

/// The subnets of tiers that exist, each with the position of its tier.
pub fn subnets(intent: &Intent) -> Vec<(usize, Subnet)> {
    let tiers = intent.tiers.iter().enumerate();
    tiers
        .flat_map(|(at, tier)| of_tier(intent, tier).into_iter().map(move |one| (at, one)))
        .collect()
}

fn of_tier(intent: &Intent, tier: &Tier) -> Vec<Subnet> {
    let held = tier.existing.iter().flatten().filter_map(|held| {
        let zone = tier.zones.iter().find(|zone| zone.holds(held))?;
        let pool = intent.vpc.cidrs().find(|pool| pool.contains(&held.cidr));
        Some(Subnet {
            tier: tier.name.clone(),
            zone: zone.clone(),
            cidr: held.cidr,
            pool: pool.unwrap_or(intent.vpc.cidr),
            reserved: None,
            ipv6_slot: None,
            stem: tier.name.clone(),
            path: tier.path.clone(),
            existing: Some(held.clone()),
        })
    });
    held.collect()
}
