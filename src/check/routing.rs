//! What routes and gateways do to each other: defaults that collide, destinations that nothing leads to, ranges that hide others.

use ipnet::{IpNet, Ipv4Net};

use super::rule::{Rule, error, warning};
use crate::blueprint::model::{TierEgress, Use};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::vpc::{self, Class, overlap};
use crate::facts::{eks, nat};
use crate::spec::transit::{Destination, TransitGateway};
use crate::spec::{Cluster, PodSubnets, Spec, Tier};

const TRANSIT: &str = "VPC user guide, transit gateways";

pub const RULES: &[Rule] = &[
    warning(
        "SVC-03",
        "services hide no network that is connected",
        "an address of a service wins over the same address elsewhere",
        "EKS user guide, network requirements",
        (
            "serviceCidr: 172.20.0.0/16\nroutes: [{ to: 172.20.0.0/16, via: pcx-1 }]",
            "serviceCidr: 10.100.0.0/16\nroutes: [{ to: 172.20.0.0/16, via: pcx-1 }]",
        ),
    ),
    warning(
        "SNAT-03",
        "pods that leave with a repeated address are translated on the way",
        "nobody outside the VPC can answer 100.64.0.0/10: the next VPC has it too",
        "EKS best practices, custom networking; amazon-vpc-cni-k8s, README",
        (
            "snat: { external: true }   # and pods in 100.64.0.0/16",
            "snat: { external: true }\nprivateNat: { tier: nodes, serves: [pods] }",
        ),
    ),
    warning(
        "TGW-03",
        "an attachment is used",
        "without a route no packet goes there",
        TRANSIT,
        (
            "transitGateway: { id: tgw-1 }",
            "transitGateway: { id: tgw-1, destinations: [10.0.0.0/8] }",
        ),
    ),
    error(
        "NAT-07",
        "a peering connection leads to its peer only",
        "it is not transitive: nothing answers behind a default route through it",
        "VPC user guide, VPC peering",
        ("routes: [{ to: 0.0.0.0/0, via: pcx-1 }]", "routes: [{ to: 10.41.0.0/16, via: pcx-1 }]"),
    ),
    warning(
        "NAT-12",
        "Elastic IPs within the quota",
        "a Region has five unless more were asked for; the deployment stops at the sixth",
        "VPC quotas, ec2 L-0263D0A3",
        ("zones: 3\nnat: { perZone: { connections: 110000 } }", "zones: 3\nnat: perZone"),
    ),
];

pub fn check(spec: &Spec) -> Vec<Diagnostic> {
    let mut findings: Vec<Diagnostic> =
        spec.transit.gateway.iter().flat_map(|gateway| gateway_routes(spec, gateway)).collect();
    findings.extend(spec.tiers.iter().flat_map(|tier| of_tier(spec, tier)));
    findings.extend(elastic_ips(spec));
    findings.extend(vpn(spec));
    if let Some(cluster) = &spec.cluster {
        findings.extend(hidden(spec, cluster));
        findings.extend(unanswered(spec, cluster));
    }
    findings
}

fn goes_through(spec: &Spec, tier: &Tier, id: &str) -> bool {
    let shared = tier.serves != [Use::Transit] && (beyond(spec).next().is_some());
    shared || tier.routes.iter().any(|route| route.via == id)
}

/// Ranges behind the transit gateway, those of hybrid nodes included.
fn beyond(spec: &Spec) -> impl Iterator<Item = Ipv4Net> {
    let remote = spec.cluster.iter().flat_map(|cluster| cluster.remote.all());
    spec.transit
        .gateway
        .iter()
        .flat_map(|gateway| gateway.destinations.iter().copied())
        .chain(remote)
}

fn gateway_routes(spec: &Spec, gateway: &TransitGateway) -> Vec<Diagnostic> {
    let place = "egress.transitGateway";
    let mut findings = Vec::new();
    if !spec.tiers.iter().any(|tier| goes_through(spec, tier, &gateway.id)) {
        let finding = Diagnostic::warning(
            "TGW-03",
            place,
            format!("the VPC is attached to `{}`, and no route leads there", gateway.id),
        );
        findings.push(finding.hint("write `destinations: [10.0.0.0/8]`, or what is behind it"));
    }
    if let Some(at) = gateway.destinations.iter().position(|to| to.prefix_len() == 0) {
        let taken = spec
            .tiers
            .iter()
            .filter(|tier| tier.egress == TierEgress::Nat && tier.serves != [Use::Transit]);
        findings.extend(taken.map(|tier| {
            Diagnostic::error(
                "RT-02",
                format!("{place}.destinations[{at}]"),
                format!("`{}` has a default route already, by its `egress`", tier.name),
            )
            .also(key(&tier.path, "egress"), "here")
            .hint("write `egress: none` on the tier: it goes out through the transit gateway then")
        }));
    }
    if let Some(tier) = spec.tier(&gateway.tier) {
        let routed = spec.tiers.iter().filter(|other| goes_through(spec, other, &gateway.id));
        let bare = routed
            .flat_map(|other| other.zones.iter().map(move |zone| (other, zone)))
            .find(|(_, zone)| !tier.zones.contains(zone));
        findings.extend(bare.map(|(other, zone)| {
            let message = format!("`{}` in {} has routes to the transit gateway, whose attachment has no subnet there", other.name, zone.word());
            Diagnostic::error("TGW-01", key(&tier.path, "zones"), message).hint(format!("put `{}` into every zone (leave `zones` out)", tier.name))
        }));
    }
    findings.extend(announced(spec, gateway));
    findings
}

/// What is announced is the VPC's own, and somewhere.
fn announced(spec: &Spec, gateway: &TransitGateway) -> Vec<Diagnostic> {
    let place = "egress.transitGateway.advertise";
    if gateway.advertised && gateway.route_table.is_none() {
        let finding = Diagnostic::warning(
            "TGW-02",
            place,
            "`advertise` has no effect without a table to announce in",
        );
        return vec![finding.hint("write `routeTable: tgw-rtb-…`")];
    }
    let foreign = gateway
        .advertise
        .iter()
        .enumerate()
        .filter(|(_, range)| !spec.vpc.cidrs().any(|own| own.contains(*range)));
    let finding = |(at, range): (usize, &Ipv4Net)| {
        Diagnostic::error(
            "TGW-02",
            format!("{place}[{at}]"),
            format!("`{range}` is not of this VPC: others' packets would end here"),
        )
        .hint(format!("announce `{}`, or a part of it", spec.vpc.cidr))
    };
    foreign.map(finding).collect()
}

fn of_tier(spec: &Spec, tier: &Tier) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for route in &tier.routes {
        let six =
            matches!(route.to, Destination::Range(IpNet::V6(range)) if range.prefix_len() == 0);
        if six && spec.vpc.ipv6.is_some() && tier.egress != TierEgress::None {
            let finding = Diagnostic::error(
                "RT-02",
                key(&route.path, "to"),
                "the tier's egress has a default route for IPv6 already",
            );
            findings.push(
                finding
                    .also(key(&tier.path, "egress"), "here")
                    .hint("write `egress: none`, or take the route out"),
            );
        }
        if route.to.is_default() && route.via.starts_with("pcx-") {
            let finding = Diagnostic::error(
                "NAT-07",
                key(&route.path, "via"),
                format!("`{}` carries nothing beyond its peer", route.via),
            );
            findings.push(
                finding.hint(
                    "route the peer's own range, and go out through NAT or a transit gateway",
                ),
            );
        }
    }
    findings
}

fn elastic_ips(spec: &Spec) -> Option<Diagnostic> {
    let each = usize::try_from(spec.nat.addresses).unwrap_or(usize::MAX);
    let count = spec.nat_gateways().saturating_mul(each);
    // More than a gateway takes without a raised quota is another finding.
    (spec.nat.own.is_empty() && each <= nat::ADDRESSES && nat::ELASTIC_IPS < count).then(|| {
        let place = if each == 1 { "egress.nat" } else { "egress.nat.perZone.connections" };
        Diagnostic::warning("NAT-12", place, format!("{count} Elastic IPs; without a raised quota a Region has {}", nat::ELASTIC_IPS))
            .hint("raise the quota L-0263D0A3 before deploying, or write `nat: regional` or `nat: single`")
    })
}

fn vpn(spec: &Spec) -> Option<Diagnostic> {
    let vpn = spec.transit.vpn.as_ref().filter(|vpn| !vpn.id.starts_with("vgw-"))?;
    Some(
        Diagnostic::error(
            "RT-04",
            "egress.vpnGateway.id",
            format!("`{}` is no virtual private gateway", vpn.id),
        )
        .hint("ids begin with `vgw-`"),
    )
}

/// Ranges outside the VPC, with the place of each.
fn connected(spec: &Spec) -> Vec<(Ipv4Net, String)> {
    let behind = spec.transit.gateway.iter().flat_map(|gateway| {
        let places = gateway.destinations.iter().enumerate();
        places.map(|(at, to)| (*to, format!("egress.transitGateway.destinations[{at}]")))
    });
    let routes =
        spec.tiers.iter().flat_map(|tier| &tier.routes).filter_map(|route| match route.to {
            Destination::Range(IpNet::V4(range)) => Some((range, key(&route.path, "to"))),
            _ => None,
        });
    behind.chain(routes).filter(|(range, _)| 0 < range.prefix_len()).collect()
}

fn hidden(spec: &Spec, cluster: &Cluster) -> Option<Diagnostic> {
    let all = connected(spec);
    let exact = |range: &Ipv4Net| {
        overlap(*range, cluster.service_cidr) && vpc::net(eks::SERVICE_PARENT) != *range
    };
    // A summary such as 10.0.0.0/8 is how people say "everything private"; only what lies inside the services is meant.
    let (range, place) = all
        .iter()
        .find(|(range, _)| !cluster.ipv6 && exact(range) && cluster.service_cidr.contains(range))?;
    let free = eks::SERVICE_DEFAULTS.iter().map(|text| vpc::net(text));
    let free = free.into_iter().find(|net| {
        spec.vpc
            .cidrs()
            .chain(cluster.remote.all())
            .chain(all.iter().map(|(range, _)| *range))
            .all(|own| !overlap(own, *net))
    });
    let at = if cluster.service_cidr_written { "cluster.serviceCidr" } else { place };
    let finding = Diagnostic::warning(
        "SVC-03",
        at,
        format!("services in `{}` would hide `{range}`, which is connected", cluster.service_cidr),
    )
    .also(place, "connected here");
    Some(match free {
        Some(free) => {
            finding.hint(format!("`serviceCidr: {free}` hides nothing; it can be chosen once"))
        }
        None => {
            finding.hint("choose a private range that nothing connected has; it can be chosen once")
        }
    })
}

/// Pods whose repeated addresses leave the VPC as they are.
fn unanswered(spec: &Spec, cluster: &Cluster) -> Option<Diagnostic> {
    let node = &cluster.aws_node;
    let external =
        node.variables.get("AWS_VPC_K8S_CNI_EXTERNALSNAT").is_some_and(|value| value == "true");
    let excluded = node
        .variables
        .get("AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS")
        .is_some_and(|ranges| !ranges.is_empty());
    let untranslated = (external || excluded) && !cluster.ipv6;
    let names: Vec<&str> = match &cluster.pods_in {
        PodSubnets::Tier(_) => cluster.pod_tiers(),
        PodSubnets::Discovered(names) => names.iter().map(String::as_str).collect(),
        PodSubnets::OfNode => cluster.node_groups.iter().map(|group| group.tier.as_str()).collect(),
    };
    let repeated = names
        .into_iter()
        .filter_map(|name| spec.tier(name))
        .filter(|tier| untranslated && vpc::class(tier.pool) == Class::CarrierGrade);
    // A name that no tier has is a finding of its own.
    let serves = |nat: &crate::spec::transit::PrivateNat, tier: &Tier| {
        nat.serves.iter().any(|name| *name == tier.name || spec.tier(name).is_none())
    };
    let translated =
        |tier: &&Tier| spec.transit.private_nat.as_ref().is_some_and(|nat| serves(nat, tier));
    let announced = |tier: &&Tier| {
        spec.transit.gateway.as_ref().is_some_and(|gateway| {
            gateway.route_table.is_some()
                && gateway.advertise.iter().any(|range| range.contains(&tier.pool))
        })
    };
    let leaves = |tier: &&Tier| {
        let own = tier
            .routes
            .iter()
            .any(|route| ["tgw-", "vgw-", "pcx-"].iter().any(|kind| route.via.starts_with(kind)));
        own || spec.transit.vpn.is_some() || beyond(spec).next().is_some()
    };
    let tier =
        repeated.into_iter().find(|tier| leaves(tier) && !translated(tier) && !announced(tier))?;
    let message = format!(
        "pods in `{}` leave with addresses of {}, which nobody outside the VPC can answer",
        tier.name, tier.pool
    );
    let finding = Diagnostic::warning(
        "SNAT-03",
        if external { "awsNode.snat.external" } else { "awsNode.snat.excludeCidrs" },
        message,
    )
    .also(&tier.path, "these pods");
    let host = spec.tiers.iter().find(|host| {
        host.serves(Use::Nodes)
            && vpc::class(host.pool) != Class::CarrierGrade
            && host.name != tier.name
    });
    Some(finding.hint(match host {
        Some(host) => format!("write `egress: {{ privateNat: {{ tier: {}, serves: [{}] }} }}`, or `snat: {{ external: false }}`", host.name, tier.name),
        None => "write `snat: { external: false }`: the nodes' own addresses leave then".to_string(),
    }))
}
