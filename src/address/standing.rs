//! What of the ledger a tier's subnet is.

use crate::intent::{Intent, Tier};

use super::{Entry, Ledger};

/// Best first: under the tier's former name if that stands, under its own name, tombstones included, or under the name in the stack of
/// a tier that is gone and that nobody else has taken over (a rename that was taken back).
pub fn held<'l>(intent: &Intent, ledger: &'l Ledger, tier: &Tier, zone: &str) -> Vec<&'l Entry> {
    let of = |name: &str| -> Vec<&'l Entry> {
        ledger.standing().filter(|entry| entry.tier == name && entry.zone == zone).collect()
    };
    let former = tier.renamed_from.as_deref().and_then(|name| ledger.find(name, zone));
    let names = std::iter::once(tier.name.as_str()).chain(tier.renamed_from.as_deref());
    let claimed = |name: &str| {
        intent
            .tiers
            .iter()
            .any(|other| other.name == name || other.renamed_from.as_deref() == Some(name))
    };
    let taken_back = ledger
        .standing()
        .filter(|entry| entry.stem() == tier.name && entry.zone == zone && !claimed(&entry.tier));
    former.into_iter().chain(names.flat_map(of)).chain(taken_back).collect()
}
