//! The cluster's API: who reaches it from outside, and whether its own nodes do.

use ipnet::{IpNet, Ipv4Net};

use crate::blueprint::model::TierEgress;
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::facts::vpc::covers_everything;
use crate::intent::{Cluster, Intent, Tier, WayOut, Ways};
use crate::rules::{EP_04, EP_05, EP_06, EP_07, EP_08, EP_16, EP_17};

const PLACE: &str = "cluster.endpointAccess";
const LIST: &str = "cluster.endpointAccess.publicCidrs";

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let Some(cluster) = &intent.cluster else {
        return Vec::new();
    };
    let access = &cluster.endpoint;
    if !access.private && !access.public {
        let finding = EP_04.at(PLACE, "neither the private nor the public endpoint is on");
        return vec![finding.hint("set `private: true`")];
    }
    let listed = !access.public_cidrs.is_empty() || access.public_nat;
    if !access.public {
        // EKS does not look at the list then, so neither do the rules of its ranges.
        let unused = EP_17
            .at(LIST, "no effect: the list is for the public endpoint, which is off")
            .hint("remove the list, or set `public: true`; EKS keeps it for when the endpoint is public");
        return Some(unused).filter(|_| listed).into_iter().collect();
    }
    if !listed && !access.public_listed {
        let finding = EP_07.at(PLACE, "the whole internet may reach the public endpoint");
        return vec![finding.hint("set `publicCidrs: [your ranges]`, or `public: false`")];
    }
    let made = if access.public_nat { nat_addresses(intent) } else { 0 };
    let mut findings: Vec<Diagnostic> = crowded(cluster, made).into_iter().collect();
    findings.extend(ranges(cluster));
    findings.extend(nothing_made(cluster, made));
    let everybody = is_open(cluster);
    findings.extend(locked_out(intent, cluster).filter(|_| !everybody));
    findings.extend(everybody.then(|| {
        EP_07
            .at(opened_by(cluster), "the whole internet may reach the public endpoint")
            .hint("name your own ranges, or set `public: false`")
    }));
    findings
}

/// The range that is the whole internet, or the list where several are it together.
fn opened_by(cluster: &Cluster) -> String {
    let mut listed = cluster.endpoint.public_cidrs.iter();
    let whole = listed.find(|(_, cidr)| cidr.prefix_len() == 0);
    whole.map_or(LIST.to_string(), |(at, _)| format!("{LIST}[{at}]"))
}

/// Whether the ranges are the whole internet, at once or together.
fn is_open(cluster: &Cluster) -> bool {
    let ranges = cluster.endpoint.public_cidrs.iter().map(|(_, cidr)| *cidr);
    let ipv4: Vec<Ipv4Net> = ranges
        .clone()
        .filter_map(|cidr| match cidr {
            IpNet::V4(cidr) => Some(cidr),
            IpNet::V6(_) => None,
        })
        .collect();
    covers_everything(&ipv4) || ranges.into_iter().any(|cidr| cidr.prefix_len() == 0)
}

fn crowded(cluster: &Cluster, made: usize) -> Option<Diagnostic> {
    let count = cluster.endpoint.public_cidrs.len();
    let gateways =
        if made == 0 { String::new() } else { format!(" and {made} of the NAT gateways") };
    (eks::PUBLIC_CIDRS < count + made).then(|| {
        let message = format!("{count} ranges{gateways}; EKS accepts {}", eks::PUBLIC_CIDRS);
        EP_05.at(LIST, message).hint("summarize them")
    })
}

fn ranges(cluster: &Cluster) -> impl Iterator<Item = Diagnostic> {
    let listed = cluster.endpoint.public_cidrs.iter();
    listed.filter_map(|(at, cidr)| caller(&format!("{LIST}[{at}]"), *cidr, cluster.ipv6))
}

/// A range in the public endpoint's list. One that only contains a reserved range is not known to be refused.
fn caller(place: &str, cidr: IpNet, ipv6: bool) -> Option<Diagnostic> {
    let reserved = match cidr {
        IpNet::V4(_) => eks::NOT_PUBLIC,
        IpNet::V6(_) if ipv6 => eks::NOT_PUBLIC_IPV6,
        IpNet::V6(_) => {
            let message = format!(
                "`{cidr}` calls by IPv6, and an IPv4 cluster's endpoint does not listen there"
            );
            let hint = "name the callers' IPv4 ranges; `ipFamily: ipv6` makes an endpoint for both";
            return Some(EP_06.at(place, message).hint(hint));
        }
    };
    let within = |range: &&&str| range.parse::<IpNet>().is_ok_and(|range| range.contains(&cidr));
    let range = reserved.iter().find(within)?;
    let finding =
        EP_05.at(place, format!("`{cidr}` is within {range}, which never comes from the internet"));
    Some(finding.hint("name the addresses that callers have on the internet"))
}

fn nothing_made(cluster: &Cluster, made: usize) -> Option<Diagnostic> {
    (cluster.endpoint.public_nat && made == 0).then(|| {
        EP_08.at(LIST, "`natGateways` means addresses that the stack creates, and it creates none")
            .hint("name the addresses themselves, or use `nat: single` or `perZone` without Elastic IPs of your own")
    })
}

/// How many addresses the stack's own gateways have.
fn nat_addresses(intent: &Intent) -> usize {
    let each = usize::try_from(intent.nat.addresses).unwrap_or(usize::MAX);
    if intent.nat.makes_addresses() { intent.nat_gateways().saturating_mul(each) } else { 0 }
}

/// How the addresses that a tier's packets have on the internet relate to the list.
enum Source {
    /// Nobody can list them: they come and go with the nodes, or the stack makes them.
    Unknown,
    /// Elastic IPs, or those of another network: the author may know them.
    Known,
    /// None, for whatever reason: other rules say it.
    Nowhere,
}

fn source(intent: &Intent, tier: &Tier) -> Source {
    match (tier.leaves(), intent.way_out(tier)) {
        (TierEgress::Internet, _) => Source::Unknown,
        // Gateways of others: their addresses may be known.
        (TierEgress::Nat, _) if tier.ways != Ways::Made => Source::Known,
        (TierEgress::Nat, _) if intent.nat.own.is_empty() => Source::Unknown,
        (TierEgress::Nat, _) | (_, WayOut::Open) => Source::Known,
        (_, WayOut::Elsewhere(_) | WayOut::Closed) => Source::Nowhere,
    }
}

/// Nodes, or pods on Fargate, whose addresses are not in the list of an API that is public only.
fn locked_out(intent: &Intent, cluster: &Cluster) -> Option<Diagnostic> {
    const STAY: &str = "set `private: true`: nodes then stay inside the VPC";
    if cluster.endpoint.private {
        return None;
    }
    let listed = cluster.endpoint.public_nat;
    let placed = intent.placed_runners();
    let by = |wanted: fn(&Source) -> bool| {
        placed.iter().find(|(_, tier)| {
            let by_nat = tier.egress == TierEgress::Nat && listed;
            !by_nat && wanted(&source(intent, tier))
        })
    };
    if let Some((runner, tier)) = by(|source| matches!(source, Source::Unknown)) {
        let message = format!(
            "{} could not reach the API: only the listed ranges may, and the private endpoint is off",
            runner.word()
        );
        let hint = match tier.egress {
            TierEgress::Nat => format!("{STAY}; or add `natGateways` to the list"),
            _ => STAY.to_string(),
        };
        return Some(
            EP_08.at(LIST, message).also(key(&tier.path, "egress"), "their egress path").hint(hint),
        );
    }
    let (runner, tier) = by(|source| matches!(source, Source::Known))?;
    let message = format!(
        "{} reach the API only if the addresses that they leave with are among these",
        runner.word()
    );
    Some(
        EP_16
            .at(LIST, message)
            .also(key(&tier.path, "egress"), "their egress path")
            .hint("set `private: true`, or make sure that they are"),
    )
}
