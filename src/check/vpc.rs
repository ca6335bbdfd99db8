//! VPC CIDRs and which of them may stand together.

use ipnet::Ipv4Net;

use super::rule::{Rule, error, warning};
use crate::diagnostic::Diagnostic;
use crate::facts::vpc::{self, Class};
use crate::spec::{Spec, Written};

const GUIDE: &str = "VPC user guide, VPC CIDR blocks";

pub const RULES: &[Rule] = &[
    error(
        "VPC-01",
        "a VPC CIDR is /16 to /28",
        "EC2 refuses others with InvalidVpc.Range",
        GUIDE,
        ("cidr: 10.0.0.0/8", "cidr: 10.40.0.0/16"),
    ),
    error(
        "VPC-02",
        "a range has no host bits",
        "AWS zeroes them without a word, which hides overlaps",
        GUIDE,
        ("cidr: 100.68.0.18/18", "cidr: 100.68.0.0/18"),
    ),
    warning(
        "VPC-03",
        "the primary CIDR is private",
        "hosts with those addresses on the internet are out of reach from inside",
        GUIDE,
        ("cidr: 52.10.0.0/16", "cidr: 10.40.0.0/16"),
    ),
    error(
        "VPC-04",
        "no link-local range",
        "169.254.0.0/16 is every host's own: metadata, DNS and time answer there",
        GUIDE,
        ("cidr: 169.254.0.0/16", "cidr: 10.40.0.0/16"),
    ),
    error(
        "VPC-05",
        "no range that cannot be routed",
        "0.0.0.0/8, loopback, multicast and reserved addresses belong to no host of a network",
        "RFC 6890; RFC 5771",
        ("cidr: 240.0.0.0/16", "cidr: 10.40.0.0/16"),
    ),
    warning(
        "VPC-06",
        "not the Docker bridge's range",
        "172.17.0.0/16 is taken by Docker on Cloud9, SageMaker and older nodes: `no route to host`",
        "VPC user guide; EKS user guide, troubleshooting",
        ("cidr: 172.17.0.0/16", "cidr: 172.18.0.0/16"),
    ),
    error(
        "VPC-08",
        "the primary CIDR stays",
        "AWS never changes it: another one is another VPC, with everything in it made anew",
        GUIDE,
        (
            "cidr: 10.40.0.0/20   # stands with 10.40.0.0/16",
            "cidr: 10.40.0.0/16\nsecondaryCidrs: [10.41.0.0/16]",
        ),
    ),
    error(
        "VPC-20",
        "a secondary CIDR is of a range that may join the primary",
        "AWS never mixes two of 10/8, 172.16/12 and 192.168/16 in one VPC",
        GUIDE,
        (
            "cidr: 10.40.0.0/16\nsecondaryCidrs: [192.168.0.0/16]",
            "cidr: 10.40.0.0/16\nsecondaryCidrs: [100.64.0.0/16]",
        ),
    ),
    error(
        "VPC-21",
        "nothing from 10.0.0.0/16 beside a block in 10.0.0.0/15",
        "AWS keeps that range for itself in such VPCs",
        GUIDE,
        (
            "cidr: 10.1.0.0/16\nsecondaryCidrs: [10.0.0.0/20]",
            "cidr: 10.1.0.0/16\nsecondaryCidrs: [10.2.0.0/20]",
        ),
    ),
    error(
        "VPC-22",
        "198.19.0.0/16 is no secondary CIDR",
        "every row of AWS's association table forbids it, whatever articles say",
        "VPC user guide; aws-eks-best-practices issue 633",
        ("secondaryCidrs: [198.19.0.0/16]", "secondaryCidrs: [100.64.0.0/16]"),
    ),
    warning(
        "VPC-28",
        "at most 5 CIDRs without a raised quota, 50 with one",
        "the next association fails",
        "VPC quotas, L-83CA0A9D",
        ("secondaryCidrs: [ 5 of them ]", "secondaryCidrs: [ 4 of them ]"),
    ),
    error(
        "VPC-30",
        "CIDRs of a VPC do not overlap",
        "EC2 refuses the second",
        GUIDE,
        (
            "cidr: 10.40.0.0/16\nsecondaryCidrs: [10.40.16.0/20]",
            "cidr: 10.40.0.0/16\nsecondaryCidrs: [10.41.0.0/20]",
        ),
    ),
    warning(
        "VPC-31",
        "what is kept free is in the VPC",
        "a range outside keeps nothing free",
        "eksnet",
        (
            "cidr: 10.40.0.0/16\nkeepFree: [10.41.0.0/20]",
            "cidr: 10.40.0.0/16\nkeepFree: [10.40.240.0/20]",
        ),
    ),
];

pub fn check(spec: &Spec) -> Vec<Diagnostic> {
    let primary = Written { cidr: spec.vpc.cidr, path: "vpc.cidr".to_string() };
    let mut findings = Vec::new();
    for written in std::iter::once(&primary).chain(&spec.vpc.secondary) {
        findings.extend(bounds(written));
    }
    findings.extend(of_primary(&primary));
    for (at, written) in spec.vpc.secondary.iter().enumerate() {
        let before: Vec<&Written> =
            std::iter::once(&primary).chain(&spec.vpc.secondary[..at]).collect();
        // Whatever order they stand in, CloudFormation adds them from the lowest up.
        let lower = spec.vpc.secondary.iter().filter(|other| other.cidr < written.cidr);
        let joined: Vec<&Written> = std::iter::once(&primary).chain(lower).collect();
        findings.extend(
            overlap(written, &before)
                .or_else(|| association(written, primary.cidr, &joined))
                .or_else(|| of_secondary(written)),
        );
    }
    findings.extend(count(spec));
    findings.extend(kept(spec));
    findings
}

fn bounds(written: &Written) -> Option<Diagnostic> {
    let (cidr, len) = (written.cidr, written.cidr.prefix_len());
    if let Some(range) = vpc::UNUSABLE.iter().find(|range| vpc::overlap(vpc::net(range), cidr)) {
        let rule = if *range == vpc::LINK_LOCAL { "VPC-04" } else { "VPC-05" };
        return Some(
            Diagnostic::error(
                rule,
                &written.path,
                format!("`{cidr}` touches {range}, which no VPC can have"),
            )
            .hint("take a private range, such as `10.40.0.0/16`"),
        );
    }
    if vpc::LARGEST <= len && len <= vpc::SMALLEST {
        return None;
    }
    let nearest =
        Ipv4Net::new(cidr.addr(), len.clamp(vpc::LARGEST, vpc::SMALLEST)).map(|net| net.trunc());
    let finding = Diagnostic::error(
        "VPC-01",
        &written.path,
        format!("a VPC CIDR is /{} to /{}, not /{len}", vpc::LARGEST, vpc::SMALLEST),
    );
    Some(match nearest {
        Ok(nearest) => finding.hint(format!("`{nearest}` is allowed")),
        Err(_) => finding,
    })
}

fn of_primary(primary: &Written) -> Option<Diagnostic> {
    let (cidr, path) = (primary.cidr, &primary.path);
    if vpc::overlap(vpc::net(vpc::DOCKER), cidr) {
        return Some(
            Diagnostic::warning(
                "VPC-06",
                path,
                format!("`{cidr}` touches {}, the Docker bridge", vpc::DOCKER),
            )
            .hint("take another part of 172.16.0.0/12, such as `172.18.0.0/16`"),
        );
    }
    let public = vpc::class(cidr) == Class::Public
        && !vpc::UNUSABLE.iter().any(|range| vpc::overlap(vpc::net(range), cidr));
    public.then(|| {
        Diagnostic::warning("VPC-03", path, format!("`{cidr}` is publicly routable"))
            .hint("if it is not your own, take a private range, such as `10.40.0.0/16`")
    })
}

/// Ranges of a secondary CIDR that belong to others.
fn of_secondary(written: &Written) -> Option<Diagnostic> {
    let cidr = written.cidr;
    if vpc::overlap(vpc::net(vpc::DOCKER), cidr) {
        let finding = Diagnostic::warning(
            "VPC-06",
            &written.path,
            format!("`{cidr}` touches {}, the Docker bridge", vpc::DOCKER),
        );
        return Some(finding.hint("take another part of 172.16.0.0/12, such as `172.18.0.0/16`"));
    }
    let public = vpc::class(cidr) == Class::Public
        && !vpc::UNUSABLE.iter().any(|range| vpc::overlap(vpc::net(range), cidr));
    public.then(|| {
        Diagnostic::warning("VPC-03", &written.path, format!("`{cidr}` is publicly routable")).hint(
            format!(
                "if it is not your own: {} is shared space, and ends at 100.127.255.255",
                vpc::CARRIER_GRADE
            ),
        )
    })
}

fn overlap(written: &Written, before: &[&Written]) -> Option<Diagnostic> {
    let other = before.iter().find(|other| vpc::overlap(other.cidr, written.cidr))?;
    Some(
        Diagnostic::error(
            "VPC-30",
            &written.path,
            format!("`{}` overlaps `{}`", written.cidr, other.cidr),
        )
        .also(&other.path, format!("`{}` is here", other.cidr))
        .hint(beside(written.cidr, before)),
    )
}

/// A range of the same kind and length that nothing has.
fn beside(cidr: Ipv4Net, taken: &[&Written]) -> String {
    let mut next = cidr;
    for _ in 0..64 {
        let Some(other) = taken.iter().find(|other| vpc::overlap(other.cidr, next)) else { break };
        next = next_after(other.cidr, cidr.prefix_len());
    }
    let free = vpc::class(next) == vpc::class(cidr)
        && !taken.iter().any(|other| vpc::overlap(other.cidr, next));
    if free {
        format!("outside it: `{next}`")
    } else {
        "take a range that nothing else has, such as a part of 100.64.0.0/10".to_string()
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
    if class == Class::Benchmark {
        return Some(
            Diagnostic::error("VPC-22", &written.path, "198.19.0.0/16 cannot be added to any VPC")
                .hint(format!("allowed: {}", vpc::joinable(home))),
        );
    }
    let default_vpc = home == Class::OneSevenTwo && vpc::overlap(vpc::net(vpc::DEFAULT_VPC), cidr);
    if !vpc::may_join(home, class) || default_vpc {
        return Some(
            Diagnostic::error(
                "VPC-20",
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
        Diagnostic::error(
            "VPC-21",
            &written.path,
            format!("`{cidr}` cannot join a VPC that has `{}`", low.cidr),
        )
        .also(&low.path, format!("in {}", vpc::LOW_TEN.0))
        .hint("take a block from 10.2.0.0 on, or from 100.64.0.0/10"),
    )
}

fn count(spec: &Spec) -> Option<Diagnostic> {
    let count = spec.vpc.cidrs().count();
    let message = format!("{count} CIDRs in one VPC");
    if vpc::CIDRS_AT_MOST < count {
        return Some(
            Diagnostic::error("VPC-28", "vpc.secondaryCidrs", message)
                .hint(format!("AWS allows {} at most", vpc::CIDRS_AT_MOST)),
        );
    }
    (vpc::CIDRS < count).then(|| {
        Diagnostic::warning("VPC-28", "vpc.secondaryCidrs", message)
            .hint("more than 5 need a raised quota (L-83CA0A9D)")
    })
}

fn kept(spec: &Spec) -> Vec<Diagnostic> {
    let outside = spec
        .vpc
        .keep_free
        .iter()
        .filter(|kept| !spec.vpc.cidrs().any(|cidr| vpc::overlap(cidr, kept.cidr)));
    outside
        .map(|kept| {
            Diagnostic::warning(
                "VPC-31",
                &kept.path,
                format!("`{}` is outside the VPC, so it keeps nothing free", kept.cidr),
            )
            .hint("remove it, or correct it")
        })
        .collect()
}
