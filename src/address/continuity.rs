//! Whether a blueprint still means the network that stands.

use std::collections::BTreeSet;

use crate::blueprint::{nearest, path};
use crate::diagnostic::Diagnostic;
use crate::intent::{Intent, Size, Tier, Zone};

use super::{Ledger, foreign, newborn, standing};
use crate::rules::{IPAM_07, TIER_06, TIER_08, TIER_11, V6_07, VPC_08, ZON_04};

pub fn check(intent: &Intent, ledger: &Ledger) -> Vec<Diagnostic> {
    primary(intent, ledger)
        .into_iter()
        .chain(zones(intent, ledger))
        .chain(renamed(intent, ledger))
        .chain(intent.tiers.iter().filter_map(|tier| ambiguous(intent, ledger, tier)))
        .chain(ipv6(intent, ledger))
        .chain(newborn::check(intent, ledger))
        .chain(foreign::turned(intent, ledger))
        .collect()
}

/// AWS keeps the primary CIDR of a VPC: another one is another VPC.
fn primary(intent: &Intent, ledger: &Ledger) -> Option<Diagnostic> {
    let before = ledger.vpc_cidr.filter(|_| !ledger.subnets.is_empty())?;
    if !intent.vpc.is_decided() {
        let message =
            format!("the VPC has `{before}` so far, and IPAM would allocate another range");
        return Some(IPAM_07.at("vpc.cidr", message).hint(format!(
            "set `{before}`, as it was; if nothing was deployed yet, delete the lock"
        )));
    }
    if before == intent.vpc.cidr {
        return None;
    }
    Some(
        VPC_08.at("vpc.cidr", format!("the VPC has `{before}` so far, and `{}` would be another VPC", intent.vpc.cidr))
            .hint(format!("keep `{before}` and add ranges under `secondaryCidrs`; if nothing was deployed yet, delete the lock")),
    )
}

/// What is deployed was named by one kind of word, and the blueprint speaks the other. While the zones are as many as before, letter
/// by letter, everything stays where it is; a zone that comes or goes may be the place of any of them.
fn zones(intent: &Intent, ledger: &Ledger) -> Option<Diagnostic> {
    let all = || intent.tiers.iter().flat_map(|tier| &tier.zones);
    let other = |zone: &&Zone| {
        ledger.standing().any(|entry| entry.zone_name.is_some() != zone.name.is_some())
    };
    let comes = all().find(|zone| !ledger.standing().any(|entry| entry.zone == zone.id));
    let goes = ledger.subnets.iter().any(|entry| !all().any(|zone| zone.id == entry.zone));
    let zone = comes.filter(other).or_else(|| all().find(other).filter(|_| goes))?;
    let (stands, word) = if zone.name.is_some() { ("ids", "a name") } else { ("names", "an id") };
    let message = format!(
        "the deployed subnets are keyed by zone {stands}, and `{}` is {word}: it may be the same zone as any of them",
        zone.word()
    );
    let hint = format!(
        "name the zones by their {stands}; `aws ec2 describe-availability-zones` shows both"
    );
    Some(ZON_04.at("zones", message).hint(hint))
}

/// A former name that nobody has heard of renames nothing.
fn renamed(intent: &Intent, ledger: &Ledger) -> Vec<Diagnostic> {
    let stands =
        |name: &str| ledger.standing().any(|entry| entry.tier == name || entry.stem() == name);
    let lost = |tier: &&Tier| {
        tier.renamed_from.as_deref().is_some_and(|former| !stands(former) && !stands(&tier.name))
    };
    let known: BTreeSet<&str> = ledger.subnets.iter().map(|entry| entry.tier.as_str()).collect();
    let finding = |tier: &Tier| {
        let former = tier.renamed_from.as_deref().unwrap_or_default();
        let finding = TIER_08
            .at(path::key(&tier.path, "renamedFrom"), format!("tier `{former}` does not exist"));
        match nearest(former, known.iter().copied()) {
            Some(near) => finding.hint(format!("did you mean `{near}`?")),
            None => finding.hint("remove `renamedFrom`: the tier is new"),
        }
    };
    intent.tiers.iter().filter(|_| !ledger.subnets.is_empty()).filter(lost).map(finding).collect()
}

/// The only tier that goes, and the only one that comes, have one size and the same zones.
pub fn unsaid(intent: &Intent, ledger: &Ledger) -> Option<Diagnostic> {
    let stays = |name: &str| {
        let says = |tier: &Tier| tier.name == name || tier.renamed_from.as_deref() == Some(name);
        intent.tiers.iter().any(says)
    };
    let gone: BTreeSet<&str> = ledger
        .subnets
        .iter()
        .map(|entry| entry.tier.as_str())
        .filter(|name| !stays(name))
        .collect();
    let known = |name: &str| ledger.standing().any(|entry| entry.tier == name);
    let comes = |tier: &&Tier| {
        let is_made = tier.existing.is_none() && tier.path.starts_with("tiers[");
        is_made && tier.renamed_from.is_none() && !known(&tier.name)
    };
    let new: Vec<&Tier> = intent.tiers.iter().filter(comes).collect();
    let (Some(former), [tier], 1) = (gone.first(), new.as_slice(), gone.len()) else { return None };
    let own = || ledger.subnets.iter().filter(|entry| entry.tier == *former);
    let zones: BTreeSet<&str> = tier.zones.iter().map(|zone| zone.id.as_str()).collect();
    let has_size = |len: u8| match tier.size {
        Size::Fixed(own) => own == len,
        Size::Auto { .. } => true,
    };
    let alike = own().map(|entry| entry.zone.as_str()).collect::<BTreeSet<_>>() == zones
        && own().all(|entry| has_size(entry.cidr.prefix_len()));
    alike.then(|| {
        let message =
            format!("`{}` is new, and `{former}`, which had the same zones, is removed", tier.name);
        TIER_11
            .at(path::key(&tier.path, "name"), message)
            .hint(format!("if this is its new name, add `renamedFrom: {former}`: its subnets stay"))
    })
}

/// Old and new name side by side: a swap, or a new tier under an old name, if the ledger knows which of the two has which subnets.
fn ambiguous(intent: &Intent, ledger: &Ledger, tier: &Tier) -> Option<Diagnostic> {
    let former = tier.renamed_from.as_deref()?;
    let other = intent.tier(former)?;
    let done = standing::is_renamed(ledger, tier);
    let given_up = || {
        let taken = |one: &Tier| one.renamed_from.as_deref() == Some(tier.name.as_str());
        !ledger.subnets.iter().any(|entry| entry.tier == tier.name)
            || intent.tiers.iter().any(taken)
    };
    let to_come = || ledger.subnets.iter().any(|entry| entry.tier == former) && given_up();
    (!done && !to_come()).then(|| {
        TIER_06
            .at(path::key(&tier.path, "renamedFrom"), format!("tier `{former}` still exists"))
            .also(path::key(&other.path, "name"), "here")
            .hint("remove `renamedFrom`, or the old tier")
    })
}

/// The block that standing subnets have their /64s from goes, or another one comes.
fn ipv6(intent: &Intent, ledger: &Ledger) -> Option<Diagnostic> {
    let word = intent.vpc.ipv6.as_ref().map(|ipv6| ipv6.word());
    let stands = ledger.standing().any(|entry| entry.ipv6_slot.is_some());
    let before = ledger.ipv6.as_ref().filter(|before| stands && word.as_ref() != Some(before))?;
    Some(
        V6_07.at("vpc.ipv6",
            format!("the subnets have their IPv6 addresses from `{before}`, and AWS removes no block from a VPC while they do"),
        )
        .hint("keep `vpc.ipv6` as it was; if nothing was deployed yet, delete the lock"),
    )
}
