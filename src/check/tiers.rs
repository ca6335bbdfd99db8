//! Tiers and their subnets.

use super::rule::{Rule, error, warning};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::subnets;
use crate::graph::pascal;
use crate::spec::{Pin, Spec, Tier};

const CREATE: &str = "EC2 API reference, CreateSubnet";

pub const RULES: &[Rule] = &[
    error(
        "TIER-01",
        "tier names are unique",
        "the name is part of every subnet's logical id",
        "eksnet",
        ("tiers: [{ name: a }, { name: a }]", "tiers: [{ name: a }, { name: b }]"),
    ),
    error(
        "TIER-02",
        "tier names are lower-case words",
        "they become logical ids and tags",
        "eksnet",
        ("name: My Tier", "name: my-tier"),
    ),
    error(
        "TIER-03",
        "`from` names a CIDR of the VPC",
        "subnets lie in a CIDR of their VPC",
        CREATE,
        ("from: 100.64.0.0/16", "secondaryCidrs: [100.64.0.0/16]\nfrom: 100.64.0.0/16"),
    ),
    error(
        "TIER-05",
        "tier names differ in letters and digits",
        "`a-1` and `a1` would be one logical id",
        "CloudFormation: logical ids are alphanumeric",
        ("tiers: [{ name: a-1 }, { name: a1 }]", "tiers: [{ name: a-1 }, { name: b-1 }]"),
    ),
    error(
        "TIER-06",
        "a renamed tier's old name is gone",
        "a name that is still in use was not given up",
        "eksnet",
        (
            "tiers: [{ name: a }, { name: b, renamedFrom: a }]",
            "tiers: [{ name: b, renamedFrom: a }]",
        ),
    ),
    error(
        "TIER-08",
        "a former name is one that stands",
        "a misspelt one would leave the old tier's subnets to be removed and make new ones",
        "eksnet",
        ("renamedFrom: noeds", "renamedFrom: nodes"),
    ),
    warning(
        "TIER-07",
        "`growth` goes with `size: auto`",
        "a written size does not grow",
        "eksnet",
        ("size: /20\ngrowth: 50", "size: auto\ngrowth: 50"),
    ),
    error(
        "SUB-01",
        "a subnet is /16 to /28",
        "EC2 refuses others with InvalidSubnet.Range",
        CREATE,
        ("size: /29", "size: /28"),
    ),
    warning(
        "SUB-06",
        "at most 200 subnets",
        "more need a raised quota",
        "VPC quotas",
        ("(more than 200 subnets)", "(fewer tiers or zones)"),
    ),
    error(
        "SUB-08",
        "load balancers get /27 or larger",
        "an ALB wants /27 and eight free addresses",
        "Elastic Load Balancing user guide",
        (
            "serves: [externalLoadBalancers]\nsize: /28",
            "serves: [externalLoadBalancers]\nsize: /27",
        ),
    ),
    error(
        "SUB-12",
        "a pin lies in the VPC",
        "subnets lie in a CIDR of their VPC",
        CREATE,
        ("cidrs: { euw1-az1: 10.99.0.0/20 }", "cidrs: { euw1-az1: 10.40.64.0/20 }"),
    ),
    error(
        "SUB-13",
        "pins do not overlap",
        "EC2 answers InvalidSubnet.Conflict",
        CREATE,
        (
            "cidrs: { euw1-az1: 10.40.0.0/20, euw1-az2: 10.40.0.0/20 }",
            "cidrs: { euw1-az1: 10.40.0.0/20, euw1-az2: 10.40.16.0/20 }",
        ),
    ),
    error(
        "SUB-14",
        "a pin has the tier's size",
        "a tier is one size in all zones",
        "eksnet",
        (
            "size: /20\ncidrs: { euw1-az1: 10.40.0.0/21 }",
            "size: /20\ncidrs: { euw1-az1: 10.40.0.0/20 }",
        ),
    ),
    error(
        "SUB-09",
        "a reservation is a part of its subnet",
        "interfaces need addresses outside it, and a prefix is a /28",
        "VPC user guide, subnet CIDR reservations",
        ("size: /20\nreservation: { prefixes: /20 }", "size: /20\nreservation: { prefixes: /21 }"),
    ),
    warning(
        "SUB-15",
        "a reservation is used",
        "without prefix delegation nothing takes prefixes, and nothing else may use the part",
        "VPC user guide, subnet CIDR reservations",
        (
            "awsNode: { prefixDelegation: false }\nreservation: { prefixes: /21 }",
            "awsNode: { prefixDelegation: true }\nreservation: { prefixes: /21 }",
        ),
    ),
];

pub fn check(spec: &Spec) -> Vec<Diagnostic> {
    let mut findings: Vec<Diagnostic> = spec.tiers.iter().flat_map(of_tier).collect();
    for (at, tier) in spec.tiers.iter().enumerate() {
        findings.extend(of_name(spec, tier, &spec.tiers[..at]));
        findings.extend(reserved(spec, tier));
    }
    let count: usize = spec.tiers.iter().map(|tier| tier.zones.len()).sum();
    if subnets::PER_VPC < count {
        findings.push(
            Diagnostic::warning("SUB-06", "tiers", format!("{count} subnets in one VPC"))
                .hint(format!("more than {} need a raised quota", subnets::PER_VPC)),
        );
    }
    findings
}

fn of_tier(tier: &Tier) -> Vec<Diagnostic> {
    let Some(len) = tier.size.fixed() else {
        return tier.pins.iter().filter_map(|pin| pin_of_any_size(tier, pin)).collect();
    };
    let mut findings = Vec::new();
    let size = key(&tier.path, "size");
    let smallest = subnets::smallest_for(&tier.serves);
    if len < subnets::LARGEST || subnets::SMALLEST < len {
        let larger = len < subnets::LARGEST;
        let finding = Diagnostic::error(
            "SUB-01",
            size,
            format!(
                "subnet `{}` is {} than /{}",
                tier.name,
                if larger { "larger" } else { "smaller" },
                len.clamp(subnets::LARGEST, subnets::SMALLEST)
            ),
        );
        findings.push(finding.label("a subnet is /16 to /28").hint(if larger {
            "use two tiers, or a second secondary CIDR"
        } else {
            if smallest == subnets::SMALLEST {
                "write `/28`, which holds 11 addresses"
            } else {
                "write `/27`, which load balancers want at least"
            }
        }));
    } else if smallest < len {
        findings.push(
            Diagnostic::error(
                "SUB-08",
                size,
                format!("`{}` serves load balancers and is only /{len}", tier.name),
            )
            .hint(format!("write `/{smallest}` or larger")),
        );
    }
    for pin in tier.pins.iter().filter(|pin| pin.cidr.prefix_len() != len) {
        let message = format!(
            "`{}` is pinned to a /{}, its tier `{}` is /{len}",
            pin.cidr,
            pin.cidr.prefix_len(),
            tier.name
        );
        findings.push(
            Diagnostic::error("SUB-14", &pin.path, message).hint("give both the same length"),
        );
    }
    findings
}

/// A tier sized by demand takes its pins as they are.
fn pin_of_any_size(tier: &Tier, pin: &Pin) -> Option<Diagnostic> {
    let (len, smallest) = (pin.cidr.prefix_len(), subnets::smallest_for(&tier.serves));
    let rule = if len < subnets::LARGEST || subnets::SMALLEST < len { "SUB-01" } else { "SUB-08" };
    (len < subnets::LARGEST || smallest < len).then(|| {
        Diagnostic::error(
            rule,
            &pin.path,
            format!("a subnet of `{}` is /16 to /{smallest}, not /{len}", tier.name),
        )
        .hint("pin a range between the two")
    })
}

/// The part of a subnet that is kept for prefixes lies inside it, and leaves room for interfaces.
fn reserved(spec: &Spec, tier: &Tier) -> Vec<Diagnostic> {
    let Some(len) = tier.reservation else { return Vec::new() };
    let place = key(&tier.path, "reservation");
    let mut findings = Vec::new();
    match tier.size.fixed() {
        None => findings.push(
            Diagnostic::error("SUB-09", &place, "a tier sized by demand takes no reservation")
                .hint("write its size, or leave the reservation out"),
        ),
        Some(size) if len <= size || subnets::PREFIX < len => {
            let finding = Diagnostic::error(
                "SUB-09",
                key(&place, "prefixes"),
                format!(
                    "/{len} is no part of a /{size} that holds prefixes and leaves room beside them"
                ),
            );
            findings.push(finding.hint(format!(
                "`/{}` is the upper half of each subnet; /28 is the smallest",
                size.saturating_add(1).min(subnets::PREFIX)
            )));
        }
        Some(_) => {}
    }
    let taken = spec
        .cluster
        .as_ref()
        .is_some_and(|cluster| cluster.aws_node.prefix_delegation && !cluster.ipv6);
    if !taken {
        let finding = Diagnostic::warning(
            "SUB-15",
            place,
            format!("nothing takes prefixes from `{}`: the reserved part stays empty", tier.name),
        );
        findings.push(
            finding
                .hint("write `awsNode: { prefixDelegation: true }`, or leave the reservation out"),
        );
    }
    findings
}

fn of_name(spec: &Spec, tier: &Tier, earlier: &[Tier]) -> Option<Diagnostic> {
    let place = key(&tier.path, "name");
    let letters =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    if !tier.name.starts_with(|letter: char| letter.is_ascii_lowercase())
        || !tier.name.chars().all(letters)
        || 40 < tier.name.len()
    {
        return Some(
            Diagnostic::error("TIER-02", place, format!("`{}` is no tier name", tier.name))
                .hint("a letter first, then lower-case letters, digits and `-`, 40 at most"),
        );
    }
    if let Some(same) = earlier.iter().find(|other| other.name == tier.name) {
        return Some(
            Diagnostic::error("TIER-01", place, format!("a second tier `{}`", tier.name))
                .also(key(&same.path, "name"), "the first one")
                .hint("give it a name of its own"),
        );
    }
    if let Some(alike) = earlier.iter().find(|other| pascal(&other.name) == pascal(&tier.name)) {
        return Some(
            Diagnostic::error(
                "TIER-05",
                place,
                format!("`{}` and `{}` make the same logical id", alike.name, tier.name),
            )
            .also(key(&alike.path, "name"), "the other one")
            .hint("rename one of them"),
        );
    }
    let former = tier.renamed_from.as_deref()?;
    if let Some(same) = earlier.iter().find(|other| other.renamed_from.as_deref() == Some(former)) {
        return Some(
            Diagnostic::error(
                "TIER-06",
                key(&tier.path, "renamedFrom"),
                format!("`{former}` became `{}` already", same.name),
            )
            .also(key(&same.path, "renamedFrom"), "there")
            .hint("one tier takes over the subnets of another: keep one of the two"),
        );
    }
    let standing = spec.tier(former)?;
    Some(
        Diagnostic::error(
            "TIER-06",
            key(&tier.path, "renamedFrom"),
            format!("tier `{former}` is still there"),
        )
        .also(key(&standing.path, "name"), "here")
        .hint("remove `renamedFrom`, or the old tier"),
    )
}
