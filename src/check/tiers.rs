//! Tiers and their subnets.

use crate::blueprint::model::{TierEgress, Use};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::subnets;
use crate::graph;
use crate::intent::tiers::Reserved;
use crate::intent::{Intent, Tier};
use crate::rules::{
    PUB_01, PUB_02, SUB_01, SUB_06, SUB_08, SUB_09, SUB_14, SUB_15, TIER_01, TIER_02, TIER_05,
    TIER_06, TIER_10,
};

use super::firsts::Firsts;
use super::subnet_roles::{has_role, is_reserved};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let mut findings: Vec<Diagnostic> = intent.tiers.iter().flat_map(of_tier).collect();
    findings.extend(intent.tiers.iter().filter_map(public));
    findings.extend(intent.tiers.iter().flat_map(|tier| outside(intent, tier)));
    let mut names = Names::new();
    for tier in &intent.tiers {
        findings.extend(names.add(tier));
        findings.extend(reserved(intent, tier));
    }
    let made = intent.tiers.iter().filter(|tier| tier.existing.is_none());
    let made: usize = made.map(|tier| tier.zones.len()).sum();
    let others = intent.occupied.iter().flat_map(|held| &held.ranges);
    let others = others.filter(|range| range.holder.starts_with("subnet-")).count();
    let count = made + others;
    if subnets::PER_VPC < count && 0 < made {
        let held = if others == 0 { String::new() } else { format!(", {others} of which exist") };
        findings.push(
            SUB_06
                .at("tiers", format!("{count} subnets in one VPC{held}"))
                .hint(format!("more than {} need a raised quota (L-407747CB)", subnets::PER_VPC)),
        );
    }
    findings
}

fn of_tier(tier: &Tier) -> Vec<Diagnostic> {
    let Some(len) = tier.size.fixed() else {
        // A tier sized by demand takes its pins as they are.
        return tier
            .pins
            .iter()
            .filter_map(|pin| sized(tier, pin.cidr.prefix_len(), &pin.path))
            .collect();
    };
    let mut findings: Vec<Diagnostic> = sized(tier, len, &tier.size_path()).into_iter().collect();
    for pin in tier.pins.iter().filter(|pin| pin.cidr.prefix_len() != len) {
        let message = format!(
            "`{}` is pinned to a /{}, its tier `{}` is /{len}",
            pin.cidr,
            pin.cidr.prefix_len(),
            tier.name
        );
        findings.push(SUB_14.at(&pin.path, message).hint("give both the same length"));
    }
    findings
}

/// Pins of a tier with a range of its own that are elsewhere.
fn outside<'t>(intent: &Intent, tier: &'t Tier) -> impl Iterator<Item = Diagnostic> + 't {
    let is_own = tier.pool != intent.vpc.cidr;
    let pins = tier.pins.iter().filter(move |pin| is_own && !tier.pool.contains(&pin.cidr));
    pins.map(|pin| {
        let message =
            format!("`{}` is not in `{}`, the range of `{}`", pin.cidr, tier.pool, tier.name);
        TIER_10.at(&pin.path, message).hint("pin a range inside of `from`, or remove `from`")
    })
}

/// What EC2 refuses, and what leaves a load balancer little room.
fn sized(tier: &Tier, len: u8, place: &str) -> Option<Diagnostic> {
    let legal = len.clamp(subnets::LARGEST, subnets::SMALLEST);
    if len != legal {
        let (word, hint) = match len < legal {
            true => ("larger", "use two tiers, or a second secondary CIDR"),
            false => ("smaller", "set `/28`, which holds 11 addresses, or a larger size"),
        };
        let message = format!("subnet `{}` is {word} than /{legal}", tier.name);
        return Some(SUB_01.at(place, message).label("a subnet is /16 to /28").hint(hint));
    }
    // Where load balancers do not belong at all, that is said of the tag.
    let meant = has_role(tier) && !is_reserved(tier);
    (meant && subnets::SMALLEST_FOR_LOAD_BALANCERS < len).then(|| {
        let message =
            format!("load balancers in `{}`, a /{len} with {} addresses", tier.name, subnets::usable(len));
        SUB_08.at(place, message).hint(format!(
            "set `/{}` or larger, for Application Load Balancers that scale; for Network Load Balancers, with {} free addresses, allow it",
            subnets::SMALLEST_FOR_LOAD_BALANCERS,
            subnets::LOAD_BALANCER_ADDRESSES
        ))
    })
}

/// The part of a subnet that is kept for prefixes lies inside it, and leaves room for interfaces.
fn reserved(intent: &Intent, tier: &Tier) -> Vec<Diagnostic> {
    let place = key(&tier.path, "reservation");
    // (place, prefix length)
    let parts: Vec<(String, u8)> = match &tier.reservation {
        None => return Vec::new(),
        Some(Reserved::Upper(length)) => vec![(key(&place, "prefixes"), *length)],
        Some(Reserved::These(parts)) => {
            parts.iter().map(|part| (part.path.clone(), part.cidr.prefix_len())).collect()
        }
    };
    let mut findings = Vec::new();
    let size = tier.size.fixed();
    if size.is_none() {
        findings.push(
            SUB_09
                .at(&place, "a tier sized by demand does not support a reservation")
                .hint("write its size, or leave the reservation out"),
        );
    }
    let wrong = parts.into_iter().filter_map(|part| Some((part, size?)));
    let wrong = wrong.filter(|((_, length), size)| length <= size || subnets::PREFIX < *length);
    findings.extend(wrong.map(|((place, length), size)| {
        let message = format!(
            "/{length} is not a part of a /{size} that holds prefixes and leaves room beside them"
        );
        SUB_09.at(place, message).hint(format!(
            "`/{}` is half of each subnet; /28 is the smallest",
            size.saturating_add(1).min(subnets::PREFIX)
        ))
    }));
    let taken = intent
        .cluster
        .as_ref()
        .is_some_and(|cluster| cluster.aws_node.prefix_delegation && !cluster.ipv6);
    if !taken {
        let finding = SUB_15.at(
            place,
            format!("no node uses prefixes from `{}`: the reserved part stays empty", tier.name),
        );
        findings.push(
            finding.hint("set `awsNode: { prefixDelegation: true }`, or remove the reservation"),
        );
    }
    findings
}

/// The names of tiers, and who has them.
struct Names<'t> {
    own: Firsts<&'t str, &'t Tier>,
    logical_ids: Firsts<String, &'t Tier>,
    former: Firsts<&'t str, &'t Tier>,
}

impl<'t> Names<'t> {
    fn new() -> Self {
        Self { own: Firsts::new(), logical_ids: Firsts::new(), former: Firsts::new() }
    }

    fn add(&mut self, tier: &'t Tier) -> Option<Diagnostic> {
        let same = self.own.claim(&tier.name, tier);
        let alike = self.logical_ids.claim(graph::pascal(&tier.name), tier);
        let renamed = tier.renamed_from.as_deref();
        let renamed = renamed.and_then(|former| Some((former, self.former.claim(former, tier)?)));
        invalid(tier)
            .or_else(|| same.map(|same| second(tier, same)))
            .or_else(|| alike.map(|alike| of_one_logical_id(tier, alike)))
            .or_else(|| renamed.map(|(former, same)| taken_over_twice(tier, former, same)))
    }
}

fn invalid(tier: &Tier) -> Option<Diagnostic> {
    let letters =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    let fits = tier.name.starts_with(|letter: char| letter.is_ascii_lowercase())
        && tier.name.chars().all(letters)
        && tier.name.len() <= 40;
    (!fits).then(|| {
        TIER_02
            .at(key(&tier.path, "name"), format!("invalid tier name `{}`", tier.name))
            .hint("a letter first, then lower-case letters, digits and `-`, 40 at most")
    })
}

fn second(tier: &Tier, same: &Tier) -> Diagnostic {
    TIER_01
        .at(key(&tier.path, "name"), format!("the tier `{}` is listed twice", tier.name))
        .also(key(&same.path, "name"), "the first one")
        .hint("give it a name of its own")
}

fn of_one_logical_id(tier: &Tier, alike: &Tier) -> Diagnostic {
    let message = format!("`{}` and `{}` have the same logical id", alike.name, tier.name);
    TIER_05
        .at(key(&tier.path, "name"), message)
        .also(key(&alike.path, "name"), "the other one")
        .hint("rename one of them")
}

fn taken_over_twice(tier: &Tier, former: &str, same: &Tier) -> Diagnostic {
    let message = format!("`{former}` became `{}` already", same.name);
    TIER_06
        .at(key(&tier.path, "renamedFrom"), message)
        .also(key(&same.path, "renamedFrom"), "there")
        .hint("one tier takes over the subnets of another: keep one of the two")
}

/// Public addresses, and what they are for.
fn public(tier: &Tier) -> Option<Diagnostic> {
    let place = key(&tier.path, "mapPublicIp");
    let outside = tier.egress == TierEgress::Internet;
    match tier.public_addresses? {
        true if !outside => Some(
            PUB_01
                .at(place, format!("`{}` has no route to the internet gateway", tier.name))
                .hint("remove it, or set `egress: internet`"),
        ),
        false if outside && tier.serves(Use::Nodes) => Some(
            PUB_02
                .at(place, format!("nodes in `{}` could not reach anything outside", tier.name))
                .also(key(&tier.path, "egress"), "through the internet gateway")
                .hint("remove it, or serve nodes from a tier with `egress: nat`"),
        ),
        _ => None,
    }
}
