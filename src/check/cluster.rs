//! The cluster: its subnets, its service range, who reaches it.

use std::collections::BTreeSet;

use ipnet::IpNet;

use super::arn;
use crate::blueprint::model::{AccessType, TierEgress};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::eks::Support;
use crate::facts::{eks, subnets, vpc};
use crate::intent::{Cluster, Intent};
use crate::rules::{
    ACC_01, CLU_01, CLU_02, CLU_09, CLU_21, CLU_22, EP_04, EP_05, EP_06, EP_07, EP_08, EP_16,
    EP_17, SVC_01, SVC_02, VER_03, VER_04,
};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let mut findings: Vec<Diagnostic> = name(intent).into_iter().collect();
    let Some(cluster) = &intent.cluster else {
        return findings;
    };
    findings.extend(placement(intent));
    findings.extend(version(cluster));
    findings.extend(service(intent, cluster));
    findings.extend(endpoint(intent, cluster));
    findings.extend(secrets(intent, cluster));
    findings.extend(access(intent, cluster));
    findings
}

fn name(intent: &Intent) -> Option<Diagnostic> {
    let name = &intent.name;
    let form = name.starts_with(|letter: char| letter.is_ascii_alphanumeric())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    (!form || eks::LONGEST_NAME < name.len()).then(|| {
        CLU_09.at("metadata.name", format!("`{name}` can name no cluster and stack")).hint(format!(
            "letters, digits and `-`, a letter or digit first, {} at most",
            eks::LONGEST_NAME
        ))
    })
}

fn placement(intent: &Intent) -> Vec<Diagnostic> {
    let tiers = intent.control_plane_tiers();
    let zones: BTreeSet<&str> =
        tiers.iter().flat_map(|tier| &tier.zones).map(|zone| zone.id.as_str()).collect();
    let mut findings = Vec::new();
    if zones.len() < 2 {
        let message = format!(
            "the cluster would be given subnets in {} zone{}",
            zones.len(),
            if zones.len() == 1 { "" } else { "s" }
        );
        let place = tiers
            .first()
            .filter(|_| 1 < intent.zones.len())
            .map_or("zones".to_string(), |tier| tier.path.clone());
        let hint = if tiers.is_empty() {
            "add a tier `{ name: control-plane, size: /28, egress: none, serves: [controlPlane] }`"
        } else {
            "two zones at least, three for production"
        };
        findings
            .push(CLU_01.at(if tiers.is_empty() { "tiers" } else { &place }, message).hint(hint));
    }
    let sized = tiers
        .iter()
        .filter_map(|tier| tier.size.fixed().filter(|len| *len <= 32).map(|len| (tier, len)));
    let small = sized.filter(|(_, len)| subnets::usable(*len) < subnets::CONTROL_PLANE_ADDRESSES);
    findings.extend(small.map(|(tier, len)| {
        let message = format!(
            "a /{len} holds {} addresses, the control plane wants {}",
            subnets::usable(len),
            subnets::CONTROL_PLANE_ADDRESSES
        );
        CLU_02.at(key(&tier.path, "size"), message).hint("write `/28`")
    }));
    findings
}

fn version(cluster: &Cluster) -> Option<Diagnostic> {
    let minor = cluster
        .version
        .strip_prefix("1.")
        .filter(|minor| minor.len() == 2 && minor.bytes().all(|byte| byte.is_ascii_digit()));
    let Some(minor) = minor.and_then(|minor| minor.parse().ok()) else {
        let message = format!("`{}` is no Kubernetes version of EKS", cluster.version);
        return Some(
            CLU_09
                .at("cluster.version", message)
                .hint(format!("write major and minor, such as \"{}\"", eks::KUBERNETES)),
        );
    };
    let (rule, message) = match eks::support(minor) {
        Support::Standard => return None,
        Support::Gone => {
            (&VER_03, format!("EKS does not offer Kubernetes 1.{minor} any more"))
        }
        Support::NotYet => (&VER_03, format!("EKS does not offer Kubernetes 1.{minor} yet")),
        Support::Extended(until) => (
            &VER_04,
            format!("Kubernetes 1.{minor} is in extended support, until {until}, at six times the price"),
        ),
        Support::Next => (
            &VER_04,
            format!("EKS did not offer Kubernetes 1.{minor} on {}: it is checked when you deploy", eks::VERSIONS_READ),
        ),
    };
    Some(
        rule.at("cluster.version", message)
            .hint(format!("such as \"{}\"; a standing cluster goes up one minor version at a time", eks::KUBERNETES)),
    )
}

fn service(intent: &Intent, cluster: &Cluster) -> Option<Diagnostic> {
    let (cidr, len) = (cluster.service_cidr, cluster.service_cidr.prefix_len());
    let inside = eks::SERVICE_RANGES.iter().any(|range| vpc::net(range).contains(&cidr));
    let place = "cluster.serviceCidr";
    if !inside || len < eks::SERVICE_LARGEST || eks::SERVICE_SMALLEST < len {
        return Some(
            SVC_01
                .at(place, format!("`{cidr}` can be no service range"))
                .hint("a private range of /12 to /24, such as `172.20.0.0/16`"),
        );
    }
    let mut own = intent.vpc.secondary.iter().map(|written| (written.cidr, written.path.as_str()));
    let clash = std::iter::once((intent.vpc.cidr, "vpc.cidr"))
        .chain(own.by_ref())
        .find(|(own, _)| vpc::overlap(*own, cidr));
    let (other, path) = clash?;
    let free = eks::SERVICE_DEFAULTS
        .iter()
        .find(|text| intent.vpc.cidrs().all(|own| !vpc::overlap(own, vpc::net(text))));
    let finding = SVC_02
        .at(place, format!("service range `{cidr}` overlaps `{other}` of the VPC"))
        .also(path, "the VPC's");
    Some(match free {
        Some(free) => finding.hint(format!("`{free}` is free")),
        None => finding.hint("take a private range outside the VPC"),
    })
}

fn endpoint(intent: &Intent, cluster: &Cluster) -> Vec<Diagnostic> {
    let access = &cluster.endpoint;
    let place = "cluster.endpointAccess";
    let list = "cluster.endpointAccess.publicCidrs";
    if !access.private && !access.public {
        return vec![
            EP_04
                .at(place, "neither the private nor the public endpoint is on")
                .hint("write `private: true`"),
        ];
    }
    if access.public
        && access.public_cidrs.is_empty()
        && !access.public_nat
        && !access.public_listed
    {
        return vec![
            EP_07
                .at(place, "the whole internet may reach the public endpoint")
                .hint("write `publicCidrs: [your ranges]`, or `public: false`"),
        ];
    }
    let mut findings = Vec::new();
    if !access.public && (!access.public_cidrs.is_empty() || access.public_nat) {
        findings.push(
            EP_17
                .at(list, "no effect: the public endpoint is off; the list is kept for when it is on")
                .hint("write `public: true`, or remove the list"),
        );
    }
    let made = if access.public_nat { nat_addresses(intent) } else { 0 };
    if eks::PUBLIC_CIDRS < access.public_cidrs.len() + made {
        let gateways =
            if made == 0 { String::new() } else { format!(" and {made} of the NAT gateways") };
        let message = format!(
            "{} ranges{gateways}; EKS takes {}",
            access.public_cidrs.len(),
            eks::PUBLIC_CIDRS
        );
        findings.push(EP_05.at(list, message).hint("summarise them"));
    }
    findings.extend(
        access
            .public_cidrs
            .iter()
            .filter_map(|(at, cidr)| caller(&format!("{list}[{at}]"), *cidr, cluster.ipv6)),
    );
    let everybody = access.public_cidrs.iter().any(|(_, cidr)| cidr.prefix_len() == 0);
    if access.public_nat && made == 0 {
        findings.push(
            EP_08.at(list, "`natGateways` stands for addresses that the stack makes, and it makes none")
                .hint("name the addresses themselves, or use `nat: single` or `perZone` without Elastic IPs of your own"),
        );
    }
    findings.extend(locked_out(intent, cluster, everybody));
    if everybody {
        findings.push(
            EP_07
                .at(list, "the whole internet may reach the public endpoint")
                .hint("name your own ranges, or write `public: false`"),
        );
    }
    findings
}

/// A range in the public endpoint's list.
fn caller(place: &str, cidr: IpNet, ipv6: bool) -> Option<Diagnostic> {
    let cidr = match cidr {
        IpNet::V4(cidr) => cidr,
        IpNet::V6(_) if ipv6 => return None,
        IpNet::V6(_) => {
            let finding = EP_06.at(
                place,
                format!(
                    "`{cidr}` calls by IPv6, and an IPv4 cluster's endpoint does not listen there"
                ),
            );
            return Some(finding.hint(
                "name the callers' IPv4 ranges; `ipFamily: ipv6` makes an endpoint for both",
            ));
        }
    };
    let range = eks::NOT_PUBLIC
        .iter()
        .find(|range| vpc::overlap(vpc::net(range), cidr) && cidr.prefix_len() > 0)?;
    let finding =
        EP_05.at(place, format!("`{cidr}` touches {range}, which never comes from the internet"));
    Some(finding.hint("name the addresses that callers have on the internet"))
}

/// How many addresses the stack's own gateways have.
fn nat_addresses(intent: &Intent) -> usize {
    let each = usize::try_from(intent.nat.addresses).unwrap_or(usize::MAX);
    if intent.nat.makes_addresses() { intent.nat_gateways().saturating_mul(each) } else { 0 }
}

/// Nodes, or pods on Fargate, whose addresses are not in the list of an API that is public only.
fn locked_out(intent: &Intent, cluster: &Cluster, everybody: bool) -> Option<Diagnostic> {
    let list = "cluster.endpointAccess.publicCidrs";
    let names = cluster
        .node_groups
        .iter()
        .map(|group| &group.tier)
        .chain(cluster.fargate.iter().map(|profile| &profile.tier));
    let tiers: Vec<_> = names.filter_map(|name| intent.tier(name)).collect();
    if cluster.endpoint.private || everybody || tiers.is_empty() {
        return None;
    }
    let elsewhere = tiers.iter().find(|tier| tier.egress != TierEgress::Nat);
    if let Some(tier) = elsewhere.filter(|_| cluster.endpoint.public_nat) {
        let finding = EP_08.at(list,
            format!(
                "nodes in `{}` do not leave through the NAT gateways, and so not with a listed address",
                tier.name
            ),
        );
        return Some(
            finding
                .also(key(&tier.path, "egress"), "their way out")
                .hint("write `private: true`: nodes then stay inside the VPC"),
        );
    }
    // With addresses of the author's own the list may well hold them; which they are only the account knows.
    let own = !intent.nat.own.is_empty() && elsewhere.is_none();
    let gateways = elsewhere.is_none() && nat_addresses(intent) > 0;
    let hint = if gateways {
        "write `private: true`: nodes then stay inside the VPC; or add `natGateways` to the list"
    } else {
        "write `private: true`: nodes then stay inside the VPC"
    };
    (!cluster.endpoint.public_nat).then(|| match own {
        true => EP_16.at(list, "the nodes reach the API only if their NAT gateways' addresses are among these")
            .hint("write `private: true`, or make sure that they are"),
        false => EP_08.at(list, "the nodes could not reach the API: only the listed ranges may, and the private endpoint is off").hint(hint),
    })
}

fn secrets(intent: &Intent, cluster: &Cluster) -> Option<Diagnostic> {
    let text = cluster.secrets_key.as_ref()?;
    arn::misfit(
        intent,
        (&CLU_22, "cluster.secretsKey"),
        text,
        ("kms", "111122223333:key/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"),
    )
}

fn access(intent: &Intent, cluster: &Cluster) -> Vec<Diagnostic> {
    if !cluster.access.iter().any(|entry| entry.kind == AccessType::Standard) {
        return vec![
            CLU_21.at("cluster", "nobody may use the cluster: it has no access entry")
                .hint("add `access: [{ principal: arn:aws:iam::…:role/…, policy: AmazonEKSClusterAdminPolicy }]`"),
        ];
    }
    let mut findings = Vec::new();
    for entry in &cluster.access {
        if entry
            .namespaces
            .as_ref()
            .is_some_and(|names| names.is_empty() || names.iter().any(String::is_empty))
        {
            findings.push(
                ACC_01
                    .at(key(&entry.path, "namespaces"), "no namespace at all")
                    .hint("name one, or leave `namespaces` out for the whole cluster"),
            );
        }
        let arn: Vec<&str> = entry.principal.split(':').collect();
        let principal = matches!(arn.as_slice(), ["arn", partition, "iam", "", account, rest] if *partition == intent.region.partition() && account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) && ["role/", "user/"].iter().any(|kind| rest.strip_prefix(kind).is_some_and(|name| !name.is_empty() && !name.ends_with('/'))));
        if !principal {
            findings.push(
                ACC_01
                    .at(
                        key(&entry.path, "principal"),
                        format!(
                            "`{}` is no ARN of an IAM role or user of the partition {}",
                            entry.principal,
                            intent.region.partition()
                        ),
                    )
                    .hint(format!(
                        "such as `arn:{}:iam::111122223333:role/ops`",
                        intent.region.partition()
                    )),
            );
        }
        let Some(policy) = &entry.policy else {
            continue;
        };
        let by_arn = policy.starts_with("arn:")
            && policy.contains(":eks::aws:cluster-access-policy/")
            && !policy.contains('$');
        if !by_arn && !eks::ACCESS_POLICIES.contains(&policy.as_str()) {
            findings.push(
                ACC_01
                    .at(
                        key(&entry.path, "policy"),
                        format!("`{policy}` is no EKS access policy"),
                    )
                    .hint(format!("one of {}", eks::ACCESS_POLICIES.join(", "))),
            );
        }
    }
    findings
}
