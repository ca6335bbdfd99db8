//! Ranges that went back to whoever gave them: nothing is deployed in them, and the prefixes inside of them are given up.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;

use super::{Entry, KeptRange, Ledger};

/// The primary range among those that are given.
const PRIMARY: &str = "vpc";

impl Ledger {
    /// Without ranges, by their names, and without every prefix inside of them. A generation later: what is asked for again is asked for
    /// anew.
    pub fn without_ranges(&self, names: &BTreeSet<String>) -> Self {
        let ranges = self.kept.ranges.clone().into_iter();
        let (gone, left): (BTreeMap<String, KeptRange>, BTreeMap<String, KeptRange>) =
            ranges.partition(|(name, _)| names.contains(name));
        if gone.is_empty() {
            return self.clone();
        }
        let ranges: Vec<Ipv4Net> = gone.values().map(|range| range.cidr).collect();
        let stays = |entry: &&Entry| !ranges.iter().any(|range| range.contains(&entry.cidr));
        let mut without = Self {
            generation: self.generation.saturating_add(1),
            subnets: self.subnets.iter().filter(stays).cloned().collect(),
            removed: self.removed.iter().filter(stays).cloned().collect(),
            ..self.clone()
        };
        without.kept.ranges = left;
        if gone.contains_key(PRIMARY) {
            without.vpc_cidr = None;
        }
        without
    }
}
