//! IPAM pools that ranges of the VPC come from, as the account sees them.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;

use super::gateways::PREFLIGHT;
use crate::address::pool::{Block, Pool};
use crate::blueprint::model::Allocation;
use crate::diagnostic::Diagnostic;
use crate::intent::Intent;
use crate::intent::ranges::{Given, Giver};
use crate::observed::LivePool;
use crate::rules::{IPAM_01, IPAM_02, IPAM_03, IPAM_04, IPAM_05, IPAM_06};

const READ: &str = "ec2:DescribeIpamPools";
/// Of a pool that serves no Region but its IPAM's.
const NO_LOCALE: &str = "None";

/// Pools by id, as far as they were read; `None`: this account sees no such pool.
pub type Pools = BTreeMap<String, Option<LivePool>>;

/// `cidrs`: those of the stack's VPC, if it exists.
pub fn check(intent: &Intent, pools: &Pools, cidrs: Option<&[Ipv4Net]>) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for given in intent.vpc.open() {
        let Giver::Pool { id, .. } = &given.by else { continue };
        let Some(live) = pools.get(id) else { continue };
        let found = match live {
            Some(live) => judged(intent, given, live),
            None => vec![unseen(given, id, intent.region.name)],
        };
        findings.extend(found.into_iter().map(|finding| proven(finding, READ)));
    }
    findings.extend(cidrs.into_iter().flat_map(|cidrs| others(intent, cidrs)));
    findings
}

fn proven(finding: Diagnostic, read: &str) -> Diagnostic {
    finding.label(format!("{PREFLIGHT}: {read}"))
}

fn unseen(given: &Given, id: &str, region: &str) -> Diagnostic {
    IPAM_05.at(&given.path, format!("no pool `{id}` is visible to this account in {region}")).hint(
        "share the pool with the account through AWS RAM and accept the share, or correct the id",
    )
}

fn judged(intent: &Intent, given: &Given, live: &LivePool) -> Vec<Diagnostic> {
    let Giver::Pool { id, len, allocation } = &given.by else { return Vec::new() };
    let region = intent.region.name;
    if live.locale != region && live.locale != NO_LOCALE {
        let message = format!("`{id}` allocates ranges in {}, the VPC is in {region}", live.locale);
        let hint = format!("use a pool whose locale is {region}");
        return vec![IPAM_01.at(&given.path, message).hint(hint)];
    }
    if !live.state.ends_with("-complete") || live.state.starts_with("delete") {
        let message = format!("`{id}` is `{}`", live.state);
        return vec![IPAM_05.at(&given.path, message).hint("wait until the pool is available")];
    }
    let bounds = live.shortest.is_some_and(|shortest| *len < shortest)
        || live.longest.is_some_and(|longest| longest < *len);
    if bounds {
        let (least, most) = (live.shortest.unwrap_or(0), live.longest.unwrap_or(32));
        let message = format!("`{id}` allocates ranges from /{least} to /{most}, not a /{len}");
        let hint = format!("set `netmask` to a number from {least} to {most}");
        return vec![IPAM_02.at(&given.path, message).hint(hint)];
    }
    // Only a VPC has tags that IPAM reads; an allocation of eksnet's has none.
    let tags = (*allocation == Allocation::Vpc).then(|| missing(intent, given, live)).flatten();
    tags.into_iter().chain(exhausted(given, live)).collect()
}

fn missing(intent: &Intent, given: &Given, live: &LivePool) -> Option<Diagnostic> {
    let has = |(key, value): &(&String, &String)| intent.tags.get(*key) == Some(*value);
    let missing: Vec<String> = live
        .tags
        .iter()
        .filter(|tag| !has(tag))
        .map(|(key, value)| format!("{key}: {value}"))
        .collect();
    if missing.is_empty() {
        return None;
    }
    let message = format!("its pool requires tags of the VPC: {}", missing.join(", "));
    let hint = format!("add `tags: {{ {} }}` under `metadata`", missing.join(", "));
    Some(IPAM_03.at(&given.path, message).hint(hint))
}

/// The pool has no free range of the size, as far as it tells.
fn exhausted(given: &Given, live: &LivePool) -> Option<Diagnostic> {
    let Giver::Pool { id, len, .. } = &given.by else { return None };
    let taken = live.taken.as_ref()?;
    let largest = largest(&live.cidrs, taken);
    if largest.is_some_and(|largest| largest <= *len) {
        return None;
    }
    let left = match largest {
        Some(largest) => format!("the largest free range is a /{largest}"),
        None => "nothing is free in it".to_string(),
    };
    let message = format!("`{id}` has no free /{len}: {left}");
    let hint = "provision another CIDR to the pool, release what is not used, or ask for less";
    Some(IPAM_04.at(&given.path, message).hint(hint))
}

/// The prefix length of the largest free block.
fn largest(cidrs: &[Ipv4Net], taken: &[Ipv4Net]) -> Option<u8> {
    let free = cidrs.iter().flat_map(|cidr| {
        let mut pool = Pool::new(Block::v4(*cidr));
        taken.iter().for_each(|taken| pool.withhold(Block::v4(*taken)));
        pool.free().map(|block| block.to_v4().prefix_len()).collect::<Vec<_>>()
    });
    free.min()
}

/// Ranges that the lock says IPAM gave, and that the VPC does not have.
fn others(intent: &Intent, cidrs: &[Ipv4Net]) -> Vec<Diagnostic> {
    let pooled = |given: &&Given| given.known && matches!(given.by, Giver::Pool { .. });
    let strange = intent.vpc.given.iter().filter(pooled).filter(|one| !cidrs.contains(&one.cidr));
    let has: Vec<String> = cidrs.iter().map(ToString::to_string).collect();
    strange
        .map(|given| {
            let message =
                format!("the lock has `{}`, the VPC has {}", given.cidr, has.join(" and "));
            let hint = "the VPC is what exists: use the lock of the commit that was deployed, or run `eksnet layout --write-lock --from-stack`";
            proven(IPAM_06.at(&given.path, message).hint(hint), "ec2:DescribeVpcs")
        })
        .collect()
}
