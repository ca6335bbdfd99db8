//! Ways out.

use crate::blueprint::model::{NatMode, TierEgress};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::{ids, nat};
use crate::intent::{Intent, Nat, Tier};
use crate::rules::{NAT_01, NAT_02, NAT_03, NAT_05, NAT_06, NAT_14};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let behind: Vec<&Tier> =
        intent.tiers.iter().filter(|tier| tier.egress == TierEgress::Nat).collect();
    let mut findings = own_addresses(intent);
    findings.extend(many_addresses(intent));
    let Some(first) = behind.first() else {
        return findings;
    };
    let public: Vec<&Tier> =
        intent.tiers.iter().filter(|tier| tier.egress == TierEgress::Internet).collect();
    match intent.nat.mode {
        NatMode::None => {
            let finding = NAT_02.at(
                key(&first.path, "egress"),
                format!("`{}` leaves through NAT, and there is none", first.name),
            );
            findings.push(
                finding.also("egress.nat", "none").hint(
                    "set `egress: { nat: single }` or `perZone`, or `egress: none` on the tier",
                ),
            );
        }
        NatMode::Regional => findings.extend(regional(intent)),
        NatMode::Single | NatMode::PerZone if public.is_empty() => {
            findings.push(nowhere_to_stand(first))
        }
        NatMode::Single => {}
        NatMode::PerZone => {
            findings.extend(behind.iter().filter_map(|tier| zone_without_public(tier, &public)))
        }
    }
    findings
}

fn nowhere_to_stand(tier: &Tier) -> Diagnostic {
    let message = format!(
        "`{}` uses NAT, and no tier with `egress: internet` can hold the gateway",
        tier.name
    );
    NAT_01.at(key(&tier.path, "egress"), message)
        .hint("add a tier `{ name: public, size: /24, egress: internet, serves: [externalLoadBalancers] }`, or set `nat: regional`")
}

fn zone_without_public(tier: &Tier, public: &[&Tier]) -> Option<Diagnostic> {
    let bare =
        tier.zones.iter().find(|zone| !public.iter().any(|tier| tier.zones.contains(zone)))?;
    let message = format!(
        "`{}` leaves through NAT in `{}`, where no tier has `egress: internet`",
        tier.name,
        bare.word()
    );
    Some(
        NAT_01.at(key(&tier.path, "egress"), message)
            .hint("put a public tier into that zone, or use one NAT gateway for all (`nat: single`, `nat: regional`)"),
    )
}

fn regional(intent: &Intent) -> Option<Diagnostic> {
    let partition = intent.region.partition();
    (partition != "aws").then(|| {
        NAT_05.at("egress.nat",
            format!(
                "regional NAT gateways were not available in the partition {partition} when they were launched"
            ),
        )
        .hint("set `nat: perZone`")
    })
}

/// Allocation ids, each once, one gateway's worth for every zone in need, no more than a gateway takes.
fn own_addresses(intent: &Intent) -> Vec<Diagnostic> {
    let nat = &intent.nat;
    let place = own_place(nat);
    let all: Vec<&String> = nat.own.values().flatten().collect();
    let mut findings = Vec::new();
    let error = |message: String, hint: &str| NAT_03.at(place, message).hint(hint);
    findings.extend(all.iter().filter(|id| !ids::is("eipalloc-", id)).map(|id| {
        error(format!("invalid allocation id `{id}`"), "such as `eipalloc-0123456789abcdef0`")
    }));
    let twice = all.iter().enumerate().filter(|(at, id)| all[..*at].contains(id));
    findings.extend(twice.map(|(_, id)| {
        error(format!("`{id}` is given twice"), "each NAT gateway has addresses of its own")
    }));
    if !nat.own.is_empty() && nat.mode != NatMode::Single {
        let in_need = intent
            .tiers
            .iter()
            .filter(|tier| tier.egress == TierEgress::Nat)
            .flat_map(|tier| &tier.zones);
        let bare = in_need.into_iter().find(|zone| nat.own_in(&zone.id).is_empty());
        findings.extend(bare.map(|zone| {
            error(
                format!("no address for `{}`, which has subnets behind NAT", zone.word()),
                "name an allocation id for every zone",
            )
        }));
    }
    let most = if nat.mode == NatMode::Regional {
        nat::REGIONAL_ADDRESSES_AT_MOST
    } else {
        nat::ADDRESSES_AT_MOST
    };
    let over = nat.own.values().find(|ids| most < ids.len());
    findings.extend(over.map(|ids| {
        error(
            format!("{} addresses on one gateway; AWS accepts {most}", ids.len()),
            "spread the load over more zones",
        )
    }));
    findings
}

fn own_place(nat: &Nat) -> &'static str {
    match nat.mode {
        NatMode::Single => "egress.nat.single.elasticIps",
        NatMode::Regional => "egress.nat.regional.addresses",
        _ => "egress.nat.perZone",
    }
}

/// More addresses than the quota allows, or than a gateway takes.
fn many_addresses(intent: &Intent) -> Option<Diagnostic> {
    if let Some(own) =
        intent.nat.own.values().map(Vec::len).max().filter(|_| intent.nat.mode != NatMode::Regional)
    {
        let message =
            format!("{own} addresses on a gateway; by default it accepts {}", nat::ADDRESSES);
        return (nat::ADDRESSES < own && own <= nat::ADDRESSES_AT_MOST).then(|| {
            NAT_06
                .at(own_place(&intent.nat), message)
                .hint("raise the quota L-5F53652F (8 at most) before deploying")
        });
    }
    let count = usize::try_from(intent.nat.addresses).unwrap_or(usize::MAX);
    let place = if intent.nat.mode == NatMode::Single {
        "egress.nat.single.connections"
    } else {
        "egress.nat.perZone.connections"
    };
    if nat::ADDRESSES_AT_MOST < count {
        let most = nat::ADDRESSES_AT_MOST as u64 * nat::CONNECTIONS;
        let message = format!(
            "{count} addresses for so many connections to one destination; a gateway accepts {}",
            nat::ADDRESSES_AT_MOST
        );
        return Some(NAT_14.at(place, message).hint(format!(
            "{most} at most; `nat: regional` accepts {} in each zone",
            nat::REGIONAL_ADDRESSES_AT_MOST
        )));
    }
    (nat::ADDRESSES < count).then(|| {
        NAT_06
            .at(
                place,
                format!(
                    "{count} addresses on each gateway; by default it accepts {}",
                    nat::ADDRESSES
                ),
            )
            .hint("raise the quota L-5F53652F (8 at most) before deploying")
    })
}
