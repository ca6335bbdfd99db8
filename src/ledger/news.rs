//! What a lock would say otherwise, in words.

use std::collections::BTreeMap;

use super::{Ledger, Occupied};

/// Lines that are shown.
const SHOWN: usize = 8;

/// What `after` says and `before` does not.
pub fn of(before: &Ledger, after: &Ledger) -> String {
    let mut news = subnets(before, after);
    match (&before.occupied, &after.occupied) {
        (Some(old), Some(new)) if !old.says_the_same(new) => news.extend(occupied(old, new)),
        (None, Some(_)) => news.push("what exists in the VPC is new".to_string()),
        (Some(_), None) => news.push("what exists in the VPC is not known any more".to_string()),
        _ => {}
    }
    if !after.kept.agrees_with(&before.kept) {
        news.push("choices that are kept differ".to_string());
    }
    let more = news.len().saturating_sub(SHOWN);
    news.truncate(SHOWN);
    if 0 < more {
        news.push(format!("and {more} more"));
    }
    news.join("; ")
}

fn told<K: Ord, V: PartialEq + std::fmt::Display>(
    (old, new): (BTreeMap<K, V>, BTreeMap<K, V>),
    name: impl Fn(&K) -> String,
) -> Vec<String> {
    let changed = new.iter().filter_map(|(key, value)| match old.get(key) {
        None => Some(format!("{} {value} is new", name(key))),
        Some(before) if before != value => Some(format!("{} {before} becomes {value}", name(key))),
        Some(_) => None,
    });
    let gone = old.iter().filter(|(key, _)| !new.contains_key(key));
    changed.chain(gone.map(|(key, value)| format!("{} {value} is removed", name(key)))).collect()
}

fn subnets(before: &Ledger, after: &Ledger) -> Vec<String> {
    let map = |ledger: &Ledger| -> BTreeMap<(String, String), ipnet::Ipv4Net> {
        let all = ledger.subnets.iter();
        all.map(|one| ((one.tier.clone(), one.zone.clone()), one.cidr)).collect()
    };
    told((map(before), map(after)), |(tier, zone)| format!("{tier} in {zone}"))
}

/// What others have.
fn occupied(old: &Occupied, new: &Occupied) -> Vec<String> {
    let map = |held: &Occupied| -> BTreeMap<String, String> {
        held.ranges.iter().map(|one| (one.cidr.to_string(), one.holder.clone())).collect()
    };
    let mut news = told((map(old), map(new)), |cidr| format!("{cidr} of"));
    let parts = [
        ("the VPC's ranges, routes, peers or endpoints differ", old.vpc != new.vpc),
        ("free addresses aside, the subnets that tiers name differ", {
            let ids = |held: &Occupied| -> Vec<(String, String)> {
                held.subnets.iter().map(|one| (one.tier.clone(), one.id.clone())).collect()
            };
            ids(old) != ids(new)
        }),
        ("the cluster, its groups, add-ons or settings differ", old.cluster != new.cluster),
    ];
    let told = parts.into_iter().filter(|(_, differ)| *differ).map(|(words, _)| words.to_string());
    news.extend(told);
    if news.is_empty() {
        news.push("what was read of the VPC differs".to_string());
    }
    news
}
