//! The names that subnets go by in a stack.

use std::collections::{BTreeMap, BTreeSet};

use crate::intent::Intent;

use super::Ledger;

/// The names that subnets go by in the stack, by the letters that a logical id has of them.
pub struct Stems<'a> {
    /// Names of tiers.
    tiers: BTreeMap<String, BTreeSet<&'a str>>,
    /// By letters and zone, the tiers of standing subnets.
    standing: BTreeMap<(String, &'a str), BTreeSet<&'a str>>,
}

impl<'a> Stems<'a> {
    pub fn new(intent: &'a Intent, ledger: &'a Ledger) -> Self {
        let (mut tiers, mut standing) = (BTreeMap::new(), BTreeMap::new());
        for tier in &intent.tiers {
            let names: &mut BTreeSet<&str> = tiers.entry(letters(&tier.name)).or_default();
            names.insert(&tier.name);
        }
        for entry in ledger.standing() {
            let place = (letters(entry.stem()), entry.zone.as_str());
            let names: &mut BTreeSet<&str> = standing.entry(place).or_default();
            names.insert(&entry.tier);
        }
        Self { tiers, standing }
    }

    /// Whether a tier may go by `stem` in a zone; its own standing subnets are in the way only where another tier has them now.
    pub fn is_free(&self, stem: &str, (tier, zone): (&str, &str), given_up: bool) -> bool {
        let letters = letters(stem);
        let another = |names: Option<&BTreeSet<&str>>| {
            names.is_some_and(|names| names.iter().any(|name| *name != tier))
        };
        if another(self.tiers.get(&letters)) {
            return false;
        }
        let held = self.standing.get(&(letters, zone));
        !(another(held) || given_up && held.is_some())
    }
}

/// What two names have in common that make one logical id.
fn letters(name: &str) -> String {
    let kept = name.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|letter| letter.to_ascii_lowercase()).collect()
}
