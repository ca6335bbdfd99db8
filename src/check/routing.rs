//! What routes and gateways do to each other: defaults that collide, destinations that nothing leads to, ranges that hide others.

use ipnet::{IpNet, Ipv4Net};

use crate::blueprint::model::{TierEgress, Use};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::aws_node::names;
use crate::facts::vpc::{self, Class, overlap};
use crate::facts::{ids, nat};
use crate::intent::reach::Connected;
use crate::intent::services::{self, is_everything_private};
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
        findings.push(finding.hint("set `destinations: [10.0.0.0/8]`, or what is behind it"));
    }
    if let Some(at) = gateway.destinations.iter().position(|to| to.prefix_len() == 0) {
        let taken = intent
            .tiers
            .iter()
            .filter(|tier| tier.egress == TierEgress::Nat && tier.serves != [Use::Transit]);
        findings.extend(taken.map(|tier| {
            RT_02
                .at(
                    format!("{place}.destinations[{at}]"),
                    format!("`{}` has a default route already, by its `egress`", tier.name),
                )
                .also(key(&tier.path, "egress"), "here")
                .hint("set `egress: none` on the tier: its egress is the transit gateway then")
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
        return vec![
            finding
                .hint("set `routeTable: tgw-rtb-…`, on a gateway whose default association is off"),
        ];
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
                format!("`{range}` is not a part of this VPC: what other networks send there comes here"),
            )
            .hint(format!(
                "announce `{}`, or a part of it; allow the finding for a default route to this VPC's egress, or for a summary",
                intent.vpc.cidr
            ))
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
                    .hint("set `egress: none`, or remove the route"),
            );
        }
        if route.to.is_default() && route.via.starts_with("pcx-") {
            let finding = NAT_07.at(
                key(&route.path, "via"),
                format!("`{}` carries no traffic beyond its peer", route.via),
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
    // More than a gateway takes by default is another finding.
    (intent.nat.own.is_empty() && each <= nat::ADDRESSES && nat::ELASTIC_IPS < count).then(|| {
        let place = if each == 1 { "egress.nat" } else { "egress.nat.perZone.connections" };
        NAT_12.at(place, format!("{count} Elastic IPs exceed the default quota of {} per Region", nat::ELASTIC_IPS))
            .hint("raise the quota L-0263D0A3 before deploying, or set `nat: regional` or `nat: single`")
    })
}

fn vpn(intent: &Intent) -> Option<Diagnostic> {
    let vpn = intent.transit.vpn.as_ref().filter(|vpn| !ids::is("vgw-", &vpn.id))?;
    let message = format!("invalid virtual private gateway id `{}`", vpn.id);
    Some(RT_04.at("egress.vpnGateway.id", message).hint("such as `vgw-0123456789abcdef0`"))
}

fn hidden(intent: &Intent, cluster: &Cluster) -> Option<Diagnostic> {
    if cluster.ipv6 {
        return None;
    }
    // Remote nodes have a rule of their own.
    let mut all = intent.connected();
    all.retain(|own| !cluster.remote.all().any(|range| range == own.range));
    let connected = all.iter().map(|own| own.range);
    let taken: Vec<_> = intent.vpc.cidrs().chain(cluster.remote.all()).chain(connected).collect();
    let free = services::free(&taken);
    if free.is_none() {
        // Every private range is connected: 10.0.0.0/8 then is the summary of them, and services have to be somewhere.
        all.retain(|own| !is_everything_private(own.range));
    }
    let Connected { range, path: place } =
        all.iter().find(|own| overlap(own.range, cluster.service_cidr))?;
    let at = if cluster.service_cidr_written { "cluster.serviceCidr" } else { place };
    let message = format!(
        "services in `{}` would hide addresses of `{range}`, which is connected",
        cluster.service_cidr
    );
    let finding = SVC_03.at(at, message).also(place, "connected here");
    if cluster.service_cidr_kept {
        return Some(finding.hint(
            "the cluster keeps its services' range: reach the destination from nodes or through a proxy, and allow the finding; or name the ranges that are used in its place",
        ));
    }
    Some(match free {
        Some(free) => {
            finding.hint(format!("`serviceCidr: {free}` hides nothing; it can be chosen once"))
        }
        None => finding.hint(
            "choose a private range that no connected network uses, and allow it; it can be chosen once",
        ),
    })
}

/// Where the blueprint says that pods leave with their own addresses.
fn untranslated(intent: &Intent, cluster: &Cluster) -> Option<&'static str> {
    let node = &cluster.aws_node;
    if cluster.ipv6 {
        return None;
    }
    if node.settings.is_on(names::EXTERNAL_SNAT) {
        return Some("awsNode.snat.external");
    }
    let remote = |range: &Ipv4Net| cluster.remote.all().any(|own| overlap(*range, own));
    let meets = node.untranslated().iter().any(|range| intent.may_reach(*range) || remote(range));
    meets.then_some("awsNode.snat.excludeCidrs")
}

/// Pods whose repeated addresses leave the VPC as they are.
fn unanswered(intent: &Intent, cluster: &Cluster) -> Option<Diagnostic> {
    let place = untranslated(intent, cluster)?;
    let names: Vec<&str> = match &cluster.pods_in {
        PodSubnets::Tier(_) => cluster.pod_tiers(),
        PodSubnets::Discovered(names) => names.iter().map(String::as_str).collect(),
        PodSubnets::OfNode => cluster.node_groups.iter().map(|group| group.tier.as_str()).collect(),
    };
    let repeated = names
        .into_iter()
        .filter_map(|name| intent.tier(name))
        .filter(|tier| vpc::class(tier.pool) == Class::CarrierGrade);
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
        "pods in `{}` leave with addresses of {}, which hosts outside of the VPC cannot answer",
        tier.name, tier.pool
    );
    let finding = SNAT_03.at(place, message).also(&tier.path, "these pods");
    let host = intent.tiers.iter().find(|host| {
        host.serves(Use::Nodes)
            && vpc::class(host.pool) != Class::CarrierGrade
            && host.name != tier.name
    });
    Some(finding.hint(match host {
        Some(host) => format!("set `egress: {{ privateNat: {{ tier: {}, serves: [{}] }} }}`, or `snat: {{ external: false }}`", host.name, tier.name),
        None => "set `snat: { external: false }`: the nodes' own addresses leave then".to_string(),
    }))
}
