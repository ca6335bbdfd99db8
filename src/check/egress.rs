//! Ways out.

use super::rule::{Rule, error};
use crate::blueprint::model::TierEgress;
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::spec::{Nat, Spec, Tier};

const NAT: &str = "VPC user guide, NAT gateways";

pub const RULES: &[Rule] = &[
    error(
        "NAT-01",
        "a NAT gateway has a public subnet to stand in",
        "it reaches the internet through the internet gateway of its own subnet",
        NAT,
        ("tiers: [{ name: nodes, egress: nat }]", "tiers: [{ name: public, egress: internet }, { name: nodes, egress: nat }]"),
    ),
    error(
        "NAT-02",
        "tiers behind NAT have NAT",
        "a default route needs a target",
        NAT,
        ("egress: { nat: none }\ntiers: [{ name: nodes, egress: nat }]", "egress: { nat: single }\ntiers: [{ name: nodes, egress: nat }]"),
    ),
    error(
        "NAT-03",
        "one Elastic IP for each zone",
        "each zone's NAT gateway has an address of its own",
        NAT,
        ("zones: 3\negress: { nat: { perZone: { elasticIps: [eipalloc-1] } } }", "zones: 1\negress: { nat: { perZone: { elasticIps: [eipalloc-1] } } }"),
    ),
];

pub fn check(spec: &Spec) -> Vec<Diagnostic> {
    let behind: Vec<&Tier> = spec.tiers.iter().filter(|tier| tier.egress == TierEgress::Nat).collect();
    let mut findings = own_addresses(spec);
    let Some(first) = behind.first() else { return findings };
    if spec.nat == Nat::None {
        let finding = Diagnostic::error("NAT-02", key(&first.path, "egress"), format!("`{}` goes out through NAT, and there is none", first.name));
        findings.push(finding.also("egress.nat", "none").hint("write `egress: { nat: single }` or `perZone`, or `egress: none` on the tier"));
        return findings;
    }
    let public: Vec<&Tier> = spec.tiers.iter().filter(|tier| tier.egress == TierEgress::Internet).collect();
    if public.is_empty() {
        let finding = Diagnostic::error(
            "NAT-01",
            key(&first.path, "egress"),
            format!("`{}` goes out through NAT, and no tier has `egress: internet` for it to stand in", first.name),
        );
        findings.push(finding.hint("add a tier `{ name: public, size: /24, egress: internet, serves: [externalLoadBalancers] }`"));
    } else if spec.nat != Nat::Single {
        findings.extend(behind.iter().filter_map(|tier| zone_without_public(tier, &public)));
    }
    findings
}

fn zone_without_public(tier: &Tier, public: &[&Tier]) -> Option<Diagnostic> {
    let bare = tier.zones.iter().find(|zone| !public.iter().any(|tier| tier.zones.contains(zone)))?;
    let message = format!("`{}` goes out through NAT in `{}`, where no tier has `egress: internet`", tier.name, bare.word());
    Some(
        Diagnostic::error("NAT-01", key(&tier.path, "egress"), message)
            .hint("put a public tier into that zone, or use one NAT gateway for all (`nat: single`)"),
    )
}

fn own_addresses(spec: &Spec) -> Vec<Diagnostic> {
    let Nat::Own(addresses) = &spec.nat else { return Vec::new() };
    let place = "egress.nat.perZone.elasticIps";
    let count = addresses.len();
    let zones = spec.zones.len();
    let mut findings = Vec::new();
    if count != zones {
        findings.push(
            Diagnostic::error("NAT-03", place, format!("{count} Elastic IPs for {zones} zones"))
                .hint("give one allocation id for each zone, in the order of the zones"),
        );
    }
    for (at, address) in addresses.iter().enumerate().filter(|(_, address)| !address.starts_with("eipalloc-")) {
        findings.push(
            Diagnostic::error("NAT-03", format!("{place}[{at}]"), format!("`{address}` is no allocation id")).hint("allocation ids begin with `eipalloc-`"),
        );
    }
    for (at, address) in addresses.iter().enumerate().filter(|(at, address)| addresses[..*at].contains(address)) {
        findings.push(
            Diagnostic::error("NAT-03", format!("{place}[{at}]"), format!("`{address}` is given twice")).hint("each NAT gateway has an address of its own"),
        );
    }
    findings
}
