//! What of the ledger a tier's subnet is.

use crate::intent::{Intent, Tier};

use super::{Entry, Ledger};

/// Best first: under the tier's former name if its rename is still to come, under its own name, tombstones included, or under the name in
/// the stack of a tier that is gone and that nobody else has taken over (a rename that was taken back).
pub fn held<'l>(intent: &Intent, ledger: &'l Ledger, tier: &Tier, zone: &str) -> Vec<&'l Entry> {
    let of = |name: &str| -> Vec<&'l Entry> {
        ledger.standing().filter(|entry| entry.tier == name && entry.zone == zone).collect()
    };
    let own = if goes_to_another(intent, ledger, tier) { Vec::new() } else { of(&tier.name) };
    let named: Vec<&Entry> = match tier.renamed_from.as_deref() {
        Some(former) if !is_renamed(ledger, tier) => {
            ledger.find(former, zone).into_iter().chain(own).chain(of(former)).collect()
        }
        _ => own,
    };
    let claimed = |name: &str| {
        intent
            .tiers
            .iter()
            .any(|other| other.name == name || other.renamed_from.as_deref() == Some(name))
    };
    let taken_back = ledger
        .standing()
        .filter(|entry| entry.stem() == tier.name && entry.zone == zone && !claimed(&entry.tier));
    named.into_iter().chain(taken_back).collect()
}

/// Whether the rename of `former` to the entry's tier is done.
fn came_from(entry: &Entry, former: &str) -> bool {
    entry.formerly.as_deref().unwrap_or(entry.stem()) == former && entry.tier != former
}

/// Whether what a tier's `renamedFrom` asks for is done already.
pub fn is_renamed(ledger: &Ledger, tier: &Tier) -> bool {
    tier.renamed_from.as_deref().is_some_and(|former| {
        ledger.subnets.iter().any(|entry| entry.tier == tier.name && came_from(entry, former))
    })
}

/// Whether a tier of another name is about to take over an entry that stands under the name of `tier`.
pub fn goes_to_another(intent: &Intent, ledger: &Ledger, tier: &Tier) -> bool {
    let takes = |other: &Tier| {
        other.name != tier.name
            && other.renamed_from.as_deref() == Some(tier.name.as_str())
            && !is_renamed(ledger, other)
    };
    intent.tiers.iter().any(takes)
}
