//! What routes and gateways do to each other: defaults that collide, destinations that nothing leads to, ranges that hide others.

use ipnet::{IpNet, Ipv4Net};

use crate::blueprint::model::{TierEgress, Use};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::vpc::{self, Class, overlap};
use crate::facts::{eks, nat};
use crate::intent::transit::{Destination, TransitGateway};
use crate::intent::{Cluster, Intent, PodSubnets, Tier};
use crate::rules::{NAT_07, NAT_12, RT_02, RT_04, SNAT_03, SVC_03, TGW_02, TGW_03, TGW_04};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let mut findings: Vec<Diagnostic> =
        intent.transit.gateway.iter().flat_map(|gateway| gateway_routes(intent, gateway)).collect();
    findings.extend(intent.tiers.iter().flat_map(|tier| of_tier(intent, tier)));
    findings.extend(elastic_ips(intent));
    findings.extend(vpn(intent));
    if let Some(cluster) = &intent.cluster {
        findings.extend(hidden(intent, cluster));
        findings.extend(unanswered(intent, cluster));
    }
    findings
}

fn goes_through(intent: &Intent, tier: &Tier, id: &str) -> bool {
    let shared = tier.serves != [Use::Transit] && (beyond(intent).next().is_some());
    shared || tier.routes.iter().any(|route| route.via == id)
}

/// Ranges behind the transit gateway, those of hybrid nodes included.
fn beyond(intent: &Intent) -> impl Iterator<Item = Ipv4Net> {
    let remote = intent.cluster.iter().flat_map(|cluster| cluster.remote.all());
    intent
        .transit
        .gateway
        .iter()
        .flat_map(|gateway| gateway.destinations.iter().copied())
        .chain(remote)
}

fn gateway_routes(intent: &Intent, gateway: &TransitGateway) -> Vec<Diagnostic> {
    let place = "egress.transitGateway";
    let mut findings = Vec::new();
    if !intent.tiers.iter().any(|tier| goes_through(intent, tier, &gateway.id)) {
        let finding = TGW_03.at(
            place,
            format!("the VPC is attached to `{}`, and no route leads there", gateway.id),
        );
        findings.push(finding.hint("write `destinations: [10.0.0.0/8]`, or what is behind it"));
    }
    if let Some(at) = gateway.destinations.iter().position(|to| to.prefix_len() == 0) {
        let taken = intent
            .tiers
            .iter()
            .filter(|tier| tier.egress == TierEgress::Nat && tier.serves != [Use::Transit]);
        findings.extend(taken.map(|tier| {
            RT_02.at(format!("{place}.destinations[{at}]"),
                format!("`{}` has a default route already, by its `egress`", tier.name),
            )
            .also(key(&tier.path, "egress"), "here")
            .hint("write `egress: none` on the tier: it goes out through the transit gateway then")
        }));
    }
    if let Some(tier) = intent.tier(&gateway.tier) {
        let routed = intent.tiers.iter().filter(|other| goes_through(intent, other, &gateway.id));
        let bare = routed
            .flat_map(|other| other.zones.iter().map(move |zone| (other, zone)))
            .find(|(_, zone)| !tier.zones.contains(zone));
        findings.extend(bare.map(|(other, zone)| {
            let message = format!("`{}` in {} has routes to the transit gateway, whose attachment has no subnet there", other.name, zone.word());
            TGW_04.at(key(&tier.path, "zones"), message).hint(format!("put `{}` into every zone (leave `zones` out)", tier.name))
        }));
    }
    findings.extend(announced(intent, gateway));
    findings
}

/// What is announced is the VPC's own, and somewhere.
fn announced(intent: &Intent, gateway: &TransitGateway) -> Vec<Diagnostic> {
    let place = "egress.transitGateway.advertise";
    if gateway.advertised && gateway.route_table.is_none() {
        let finding = TGW_02.at(place, "`advertise` has no effect without a table to announce in");
        return vec![finding.hint("write `routeTable: tgw-rtb-…`")];
    }
    let foreign = gateway
        .advertise
        .iter()
        .enumerate()
        .filter(|(_, range)| !intent.vpc.cidrs().any(|own| own.contains(*range)));
    let finding = |(at, range): (usize, &Ipv4Net)| {
        TGW_02
            .at(
                format!("{place}[{at}]"),
                format!("`{range}` is not of this VPC: others' packets would end here"),
            )
            .hint(format!("announce `{}`, or a part of it", intent.vpc.cidr))
    };
    foreign.map(finding).collect()
}

fn of_tier(intent: &Intent, tier: &Tier) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for route in &tier.routes {
        let six =
            matches!(route.to, Destination::Range(IpNet::V6(range)) if range.prefix_len() == 0);
        if six && intent.vpc.ipv6.is_some() && tier.egress != TierEgress::None {
            let finding = RT_02.at(
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
            let finding = NAT_07.at(
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

fn elastic_ips(intent: &Intent) -> Option<Diagnostic> {
    let each = usize::try_from(intent.nat.addresses).unwrap_or(usize::MAX);
    let count = intent.nat_gateways().saturating_mul(each);
    // More than a gateway takes without a raised quota is another finding.
    (intent.nat.own.is_empty() && each <= nat::ADDRESSES && nat::ELASTIC_IPS < count).then(|| {
        let place = if each == 1 { "egress.nat" } else { "egress.nat.perZone.connections" };
        NAT_12.at(place, format!("{count} Elastic IPs; without a raised quota a Region has {}", nat::ELASTIC_IPS))
            .hint("raise the quota L-0263D0A3 before deploying, or write `nat: regional` or `nat: single`")
    })
}

fn vpn(intent: &Intent) -> Option<Diagnostic> {
    let vpn = intent.transit.vpn.as_ref().filter(|vpn| !vpn.id.starts_with("vgw-"))?;
    Some(
        RT_04
            .at("egress.vpnGateway.id", format!("`{}` is no virtual private gateway", vpn.id))
            .hint("ids begin with `vgw-`"),
    )
}

/// Ranges outside the VPC, with the place of each.
fn connected(intent: &Intent) -> Vec<(Ipv4Net, String)> {
    let behind = intent.transit.gateway.iter().flat_map(|gateway| {
        let places = gateway.destinations.iter().enumerate();
        places.map(|(at, to)| (*to, format!("egress.transitGateway.destinations[{at}]")))
    });
    let routes =
        intent.tiers.iter().flat_map(|tier| &tier.routes).filter_map(|route| match route.to {
            Destination::Range(IpNet::V4(range)) => Some((range, key(&route.path, "to"))),
            _ => None,
        });
    behind.chain(routes).filter(|(range, _)| 0 < range.prefix_len()).collect()
}

fn hidden(intent: &Intent, cluster: &Cluster) -> Option<Diagnostic> {
    let all = connected(intent);
    let exact = |range: &Ipv4Net| {
        overlap(*range, cluster.service_cidr) && vpc::net(eks::SERVICE_PARENT) != *range
    };
    // A summary such as 10.0.0.0/8 is how people say "everything private".
    let (range, place) = all.iter().find(|(range, _)| !cluster.ipv6 && exact(range))?;
    let free = eks::SERVICE_DEFAULTS.iter().map(|text| vpc::net(text));
    let free = free.into_iter().find(|net| {
        intent
            .vpc
            .cidrs()
            .chain(cluster.remote.all())
            .chain(all.iter().map(|(range, _)| *range))
            .all(|own| !overlap(own, *net))
    });
    let at = if cluster.service_cidr_written { "cluster.serviceCidr" } else { place };
    let finding = SVC_03
        .at(
            at,
            format!(
                "services in `{}` would hide `{range}`, which is connected",
                cluster.service_cidr
            ),
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
fn unanswered(intent: &Intent, cluster: &Cluster) -> Option<Diagnostic> {
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
        .filter_map(|name| intent.tier(name))
        .filter(|tier| untranslated && vpc::class(tier.pool) == Class::CarrierGrade);
    // A name that no tier has is a finding of its own.
    let serves = |nat: &crate::intent::transit::PrivateNat, tier: &Tier| {
        nat.serves.iter().any(|name| *name == tier.name || intent.tier(name).is_none())
    };
    let translated =
        |tier: &&Tier| intent.transit.private_nat.as_ref().is_some_and(|nat| serves(nat, tier));
    let announced = |tier: &&Tier| {
        intent.transit.gateway.as_ref().is_some_and(|gateway| {
            gateway.route_table.is_some()
                && gateway.advertise.iter().any(|range| range.contains(&tier.pool))
        })
    };
    let leaves = |tier: &&Tier| {
        let own = tier
            .routes
            .iter()
            .any(|route| ["tgw-", "vgw-", "pcx-"].iter().any(|kind| route.via.starts_with(kind)));
        own || intent.transit.vpn.is_some() || beyond(intent).next().is_some()
    };
    let tier =
        repeated.into_iter().find(|tier| leaves(tier) && !translated(tier) && !announced(tier))?;
    let message = format!(
        "pods in `{}` leave with addresses of {}, which nobody outside the VPC can answer",
        tier.name, tier.pool
    );
    let finding = SNAT_03
        .at(if external { "awsNode.snat.external" } else { "awsNode.snat.excludeCidrs" }, message)
        .also(&tier.path, "these pods");
    let host = intent.tiers.iter().find(|host| {
        host.serves(Use::Nodes)
            && vpc::class(host.pool) != Class::CarrierGrade
            && host.name != tier.name
    });
    Some(finding.hint(match host {
        Some(host) => format!("write `egress: {{ privateNat: {{ tier: {}, serves: [{}] }} }}`, or `snat: {{ external: false }}`", host.name, tier.name),
        None => "write `snat: { external: false }`: the nodes' own addresses leave then".to_string(),
    }))
}
