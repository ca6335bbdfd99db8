//! Ways out.

use super::rule::{Rule, error, warning};
use crate::blueprint::model::{NatMode, TierEgress};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::nat;
use crate::spec::{Nat, Spec, Tier};

const NAT: &str = "VPC user guide, NAT gateways";

pub const RULES: &[Rule] = &[
    error(
        "NAT-01",
        "a NAT gateway has a public subnet to stand in",
        "it reaches the internet through the internet gateway of its own subnet",
        NAT,
        (
            "tiers: [{ name: nodes, egress: nat }]",
            "tiers: [{ name: public, egress: internet }, { name: nodes, egress: nat }]",
        ),
    ),
    error(
        "NAT-02",
        "tiers behind NAT have NAT",
        "a default route needs a target",
        NAT,
        (
            "egress: { nat: none }\ntiers: [{ name: nodes, egress: nat }]",
            "egress: { nat: single }\ntiers: [{ name: nodes, egress: nat }]",
        ),
    ),
    error(
        "NAT-03",
        "one Elastic IP for each zone",
        "each zone's NAT gateway has an address of its own",
        NAT,
        (
            "zones: 3\negress: { nat: { perZone: { elasticIps: [eipalloc-1] } } }",
            "zones: 1\negress: { nat: { perZone: { elasticIps: [eipalloc-1] } } }",
        ),
    ),
    warning(
        "NAT-05",
        "regional NAT gateways where they are offered",
        "they were not in GovCloud and China when they came",
        "VPC user guide, regional NAT gateways",
        ("region: us-gov-west-1\nnat: regional", "region: us-west-2\nnat: regional"),
    ),
    warning(
        "NAT-06",
        "a gateway has addresses for its connections",
        "55,000 simultaneous connections to one destination fit on an address; a gateway takes two, or eight with a raised quota",
        "VPC user guide, NAT gateways; VPC quotas, L-5F53652F",
        ("connections: 500000", "connections: 100000"),
    ),
    error(
        "NAT-10",
        "one kind of NAT",
        "a tier's default route has one target",
        "eksnet",
        ("nat: { single: {}, perZone: {} }", "nat: { perZone: {} }"),
    ),
];

pub fn check(spec: &Spec) -> Vec<Diagnostic> {
    let behind: Vec<&Tier> =
        spec.tiers.iter().filter(|tier| tier.egress == TierEgress::Nat).collect();
    let mut findings = own_addresses(spec);
    findings.extend(many_addresses(spec));
    let Some(first) = behind.first() else { return findings };
    let public: Vec<&Tier> =
        spec.tiers.iter().filter(|tier| tier.egress == TierEgress::Internet).collect();
    match spec.nat.mode {
        NatMode::None => {
            let finding = Diagnostic::error(
                "NAT-02",
                key(&first.path, "egress"),
                format!("`{}` goes out through NAT, and there is none", first.name),
            );
            findings.push(finding.also("egress.nat", "none").hint(
                "write `egress: { nat: single }` or `perZone`, or `egress: none` on the tier",
            ));
        }
        NatMode::Regional => findings.extend(regional(spec)),
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
        "`{}` goes out through NAT, and no tier has `egress: internet` for it to stand in",
        tier.name
    );
    Diagnostic::error("NAT-01", key(&tier.path, "egress"), message)
        .hint("add a tier `{ name: public, size: /24, egress: internet, serves: [externalLoadBalancers] }`, or write `nat: regional`")
}

fn zone_without_public(tier: &Tier, public: &[&Tier]) -> Option<Diagnostic> {
    let bare =
        tier.zones.iter().find(|zone| !public.iter().any(|tier| tier.zones.contains(zone)))?;
    let message = format!(
        "`{}` goes out through NAT in `{}`, where no tier has `egress: internet`",
        tier.name,
        bare.word()
    );
    Some(
        Diagnostic::error("NAT-01", key(&tier.path, "egress"), message)
            .hint("put a public tier into that zone, or use one NAT gateway for all (`nat: single`, `nat: regional`)"),
    )
}

fn regional(spec: &Spec) -> Option<Diagnostic> {
    let partition = spec.region.partition();
    (partition != "aws").then(|| {
        Diagnostic::warning(
            "NAT-05",
            "egress.nat",
            format!(
                "regional NAT gateways were not offered in the partition {partition} when they came"
            ),
        )
        .hint("write `nat: perZone`")
    })
}

/// Allocation ids, each once, one gateway's worth for every zone in need, no more than a gateway takes.
fn own_addresses(spec: &Spec) -> Vec<Diagnostic> {
    let nat = &spec.nat;
    let place = own_place(nat);
    let all: Vec<&String> = nat.own.values().flatten().collect();
    let mut findings = Vec::new();
    let error =
        |message: String, hint: &str| Diagnostic::error("NAT-03", place, message).hint(hint);
    findings.extend(all.iter().filter(|id| !id.starts_with("eipalloc-")).map(|id| {
        error(format!("`{id}` is no allocation id"), "allocation ids begin with `eipalloc-`")
    }));
    let twice = all.iter().enumerate().filter(|(at, id)| all[..*at].contains(id));
    findings.extend(twice.map(|(_, id)| {
        error(format!("`{id}` is given twice"), "each NAT gateway has addresses of its own")
    }));
    if !nat.own.is_empty() && nat.mode != NatMode::Single {
        let in_need = spec
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
            format!("{} addresses on one gateway; AWS takes {most}", ids.len()),
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
fn many_addresses(spec: &Spec) -> Option<Diagnostic> {
    if let Some(own) =
        spec.nat.own.values().map(Vec::len).max().filter(|_| spec.nat.mode != NatMode::Regional)
    {
        let message = format!(
            "{own} addresses on a gateway; without a raised quota it takes {}",
            nat::ADDRESSES
        );
        return (nat::ADDRESSES < own && own <= nat::ADDRESSES_AT_MOST).then(|| {
            Diagnostic::warning("NAT-06", own_place(&spec.nat), message)
                .hint("raise the quota L-5F53652F (8 at most) before deploying")
        });
    }
    let count = usize::try_from(spec.nat.addresses).unwrap_or(usize::MAX);
    let place = if spec.nat.mode == NatMode::Single {
        "egress.nat.single.connections"
    } else {
        "egress.nat.perZone.connections"
    };
    if nat::ADDRESSES_AT_MOST < count {
        let most = nat::ADDRESSES_AT_MOST as u64 * nat::CONNECTIONS;
        let message = format!(
            "{count} addresses for so many connections to one destination; a gateway takes {}",
            nat::ADDRESSES_AT_MOST
        );
        return Some(Diagnostic::error("NAT-06", place, message).hint(format!(
            "{most} at most; `nat: regional` takes {} in each zone",
            nat::REGIONAL_ADDRESSES_AT_MOST
        )));
    }
    (nat::ADDRESSES < count).then(|| {
        Diagnostic::warning(
            "NAT-06",
            place,
            format!(
                "{count} addresses on each gateway; without a raised quota it takes {}",
                nat::ADDRESSES
            ),
        )
        .hint("raise the quota L-5F53652F (8 at most) before deploying")
    })
}
