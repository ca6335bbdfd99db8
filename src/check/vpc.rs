//! VPC CIDRs and which of them may stand together.

use ipnet::Ipv4Net;

use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::reserved::{self, Purpose};
use crate::facts::vpc::{self, Class};
use crate::intent::{Intent, Tier, Written};
use crate::rules::{
    VPC_01, VPC_03, VPC_04, VPC_05, VPC_06, VPC_20, VPC_21, VPC_22, VPC_25, VPC_26, VPC_28, VPC_30,
    VPC_31, VPC_32, VPC_33, VPC_34,
};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let primary = Written { cidr: intent.vpc.cidr, path: "vpc.cidr".to_string() };
    let mut findings = Vec::new();
    let existing = intent.vpc.existing.as_ref();
    let has = |cidr| existing.is_some_and(|existing| existing.has(cidr));
    let made = existing.is_none().then_some(&primary);
    for written in made.into_iter().chain(intent.vpc.added()) {
        findings.extend(bounds(written));
    }
    findings.extend(made.and_then(foreign));
    for (at, written) in intent.vpc.secondary.iter().enumerate() {
        if has(written.cidr) {
            continue;
        }
        let before: Vec<&Written> =
            std::iter::once(&primary).chain(&intent.vpc.secondary[..at]).collect();
        // Whatever order they are written in, CloudFormation adds them from the lowest up.
        let lower = intent.vpc.secondary.iter();
        let lower = lower.filter(|other| has(other.cidr) || other.cidr < written.cidr);
        let joined: Vec<&Written> = std::iter::once(&primary).chain(lower).collect();
        findings.extend(
            overlap(written, &before)
                .or_else(|| association(written, primary.cidr, &joined))
                .or_else(|| in_the_way(intent, written))
                .or_else(|| foreign(written)),
        );
    }
    findings.extend(count(intent));
    findings.extend(kept(intent));
    if findings.is_empty() {
        findings.extend(unused(intent));
    }
    findings
}

/// Routes and peers of a VPC that exists, as a survey saw them.
fn in_the_way(intent: &Intent, written: &Written) -> Option<Diagnostic> {
    let vpc = intent.occupied.as_ref()?.vpc.as_ref()?;
    let cidr = written.cidr;
    if let Some(route) = vpc.routes.iter().find(|route| cidr.contains(&route.cidr)) {
        let message = format!("{} has a route to {}, and {cidr} holds it", route.by, route.cidr);
        return Some(
            VPC_25.at(&written.path, message).hint("remove the route first, or use another range"),
        );
    }
    let peer = vpc.peers.iter().find(|peer| vpc::overlap(peer.cidr, cidr))?;
    let message = format!("{cidr} overlaps {} on the other side of {}", peer.cidr, peer.by);
    Some(
        VPC_26
            .at(&written.path, message)
            .hint("use another range, or delete the peering connection"),
    )
}

fn bounds(written: &Written) -> Option<Diagnostic> {
    let (cidr, len) = (written.cidr, written.cidr.prefix_len());
    if let Some(range) = vpc::UNUSABLE.iter().find(|range| vpc::overlap(vpc::net(range), cidr)) {
        let rule = if *range == vpc::LINK_LOCAL { &VPC_04 } else { &VPC_05 };
        return Some(
            rule.at(&written.path, format!("`{cidr}` overlaps {range}, which no VPC can have"))
                .hint("use a private range, such as `10.40.0.0/16`"),
        );
    }
    if vpc::LARGEST <= len && len <= vpc::SMALLEST {
        return None;
    }
    let nearest =
        Ipv4Net::new(cidr.addr(), len.clamp(vpc::LARGEST, vpc::SMALLEST)).map(|net| net.trunc());
    let finding = VPC_01.at(
        &written.path,
        format!("a VPC CIDR is /{} to /{}, not /{len}", vpc::LARGEST, vpc::SMALLEST),
    );
    Some(match nearest {
        Ok(nearest) => finding.hint(format!("`{nearest}` is allowed")),
        Err(_) => finding,
    })
}

/// Ranges that belong to others: Docker's bridge, owners on the internet, documents and benchmarks.
fn foreign(written: &Written) -> Option<Diagnostic> {
    let cidr = written.cidr;
    if vpc::overlap(vpc::net(vpc::DOCKER), cidr) {
        let finding = VPC_06
            .at(&written.path, format!("`{cidr}` overlaps {}, the Docker bridge", vpc::DOCKER));
        return Some(finding.hint("use another part of 172.16.0.0/12, such as `172.18.0.0/16`"));
    }
    let message = match reserved::purpose(cidr.into()) {
        Some(Purpose::Private | Purpose::Shared) => return None,
        _ if vpc::UNUSABLE.iter().any(|range| vpc::overlap(vpc::net(range), cidr)) => return None,
        Some(purpose) => format!("`{cidr}` is reserved for {} (RFC 6890)", purpose.word()),
        None => format!("`{cidr}` is publicly routable"),
    };
    Some(VPC_03.at(&written.path, message).hint(format!(
        "unless it is your own, use a private range, such as `10.40.0.0/16`, or a part of {}, which ends at 100.127.255.255",
        vpc::CARRIER_GRADE
    )))
}

fn overlap(written: &Written, before: &[&Written]) -> Option<Diagnostic> {
    let other = before.iter().find(|other| vpc::overlap(other.cidr, written.cidr))?;
    Some(
        VPC_30
            .at(&written.path, format!("`{}` overlaps `{}`", written.cidr, other.cidr))
            .also(&other.path, format!("`{}` is here", other.cidr))
            .hint(beside(written.cidr, before)),
    )
}

/// A range of the same kind and length that nothing has.
fn beside(cidr: Ipv4Net, taken: &[&Written]) -> String {
    let mut next = cidr;
    for _ in 0..64 {
        let Some(other) = taken.iter().find(|other| vpc::overlap(other.cidr, next)) else {
            break;
        };
        next = next_after(other.cidr, cidr.prefix_len());
    }
    let free = vpc::class(next) == vpc::class(cidr)
        && !taken.iter().any(|other| vpc::overlap(other.cidr, next));
    if free {
        format!("outside it: `{next}`")
    } else {
        "use a range that nothing else has, such as a part of 100.64.0.0/10".to_string()
    }
}

/// The next range of a length behind `taken`.
fn next_after(taken: Ipv4Net, len: u8) -> Ipv4Net {
    let wider =
        Ipv4Net::new(taken.addr(), len.min(taken.prefix_len())).map_or(taken, |net| net.trunc());
    let next = u32::from(wider.broadcast()).wrapping_add(1);
    Ipv4Net::new(next.into(), len).map_or(wider, |net| net.trunc())
}

fn association(written: &Written, primary: Ipv4Net, before: &[&Written]) -> Option<Diagnostic> {
    let (cidr, class, home) = (written.cidr, vpc::class(written.cidr), vpc::class(primary));
    let low_ten = |cidr: Ipv4Net| vpc::overlap(vpc::net(vpc::LOW_TEN.0), cidr);
    // Whether a VPC within 198.19.0.0/16 may have more of it, AWS's table does not say.
    if class == Class::Benchmark && home == class {
        return None;
    }
    if class == Class::Benchmark {
        return Some(
            VPC_22
                .at(
                    &written.path,
                    format!("`{cidr}` cannot be added to a VPC whose primary CIDR is `{primary}`"),
                )
                .hint(format!("allowed: {}", vpc::joinable(home))),
        );
    }
    let default_vpc = home == Class::OneSevenTwo && vpc::overlap(vpc::net(vpc::DEFAULT_VPC), cidr);
    if !vpc::may_join(home, class) || default_vpc {
        return Some(
            VPC_20
                .at(
                    &written.path,
                    format!("`{cidr}` cannot join a VPC whose primary CIDR is `{primary}`"),
                )
                .also("vpc.cidr", "the primary CIDR")
                .hint(format!("allowed: {}", vpc::joinable(home))),
        );
    }
    let low = before
        .iter()
        .find(|other| low_ten(other.cidr) && vpc::overlap(vpc::net(vpc::LOW_TEN.1), cidr))?;
    Some(
        VPC_21
            .at(&written.path, format!("`{cidr}` cannot join a VPC that has `{}`", low.cidr))
            .also(&low.path, format!("in {}", vpc::LOW_TEN.0))
            .hint("use a block from 10.2.0.0 on, or from 100.64.0.0/10"),
    )
}

fn count(intent: &Intent) -> Option<Diagnostic> {
    let count = intent.vpc.cidrs().count();
    let message = format!("{count} CIDRs in one VPC");
    if vpc::CIDRS_AT_MOST < count {
        return Some(
            VPC_32
                .at("vpc.secondaryCidrs", message)
                .hint(format!("AWS allows {} at most", vpc::CIDRS_AT_MOST)),
        );
    }
    (vpc::CIDRS < count).then(|| {
        VPC_28
            .at("vpc.secondaryCidrs", message)
            .hint("more than 5 need a raised quota (L-83CA0A9D)")
    })
}

fn kept(intent: &Intent) -> Vec<Diagnostic> {
    let outside = intent
        .vpc
        .keep_free
        .iter()
        .filter(|kept| !intent.vpc.cidrs().any(|cidr| vpc::overlap(cidr, kept.cidr)));
    let mut findings: Vec<Diagnostic> = outside
        .map(|kept| {
            VPC_31
                .at(
                    &kept.path,
                    format!("`{}` is outside the VPC, so it keeps nothing free", kept.cidr),
                )
                .hint("remove it, or correct it")
        })
        .collect();
    let all = Ipv4Net::aggregate(&intent.vpc.keep_free.iter().map(|kept| kept.cidr).collect());
    let full = |tier: &&Tier| all.iter().any(|kept| kept.contains(&tier.pool));
    findings.extend(intent.tiers.iter().find(full).map(|tier| {
        let message = format!(
            "all of `{}` is kept free, and `{}` has its subnets there",
            tier.pool, tier.name
        );
        VPC_33
            .at("vpc.keepFree", message)
            .also(key(&tier.path, "name"), "this tier")
            .hint("keep a part of it free, or give the tier another range (`from`)")
    }));
    findings
}

/// A further CIDR that nothing uses.
fn unused(intent: &Intent) -> Option<Diagnostic> {
    let used = |cidr: Ipv4Net| {
        let pinned = |tier: &Tier| tier.pins.iter().any(|pin| cidr.contains(&pin.cidr));
        intent.tiers.iter().any(|tier| tier.pool == cidr || pinned(tier))
            || intent.vpc.keep_free.iter().any(|kept| vpc::overlap(kept.cidr, cidr))
    };
    let idle = intent.vpc.added().find(|written| !used(written.cidr))?;
    // A range that is not known yet has a name and no address.
    let Some(given) = intent.vpc.open().find(|given| given.path == idle.path) else {
        let hint = "on a tier, list it under `keepFree`, or remove it";
        let finding = VPC_34.at(&idle.path, format!("no tier has subnets in `{}`", idle.cidr));
        return Some(finding.hint(format!("set `from: {}` {hint}", idle.cidr)));
    };
    let message = format!("no tier has subnets in `{}`", given.name);
    let hint = format!("set `from: {}` on a tier, or remove it", given.name);
    Some(VPC_34.at(&idle.path, message).hint(hint))
}
