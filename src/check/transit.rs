//! Ways to other networks: transit gateways, private NAT, and a tier's own routes.

use ipnet::{IpNet, Ipv4Net};

use crate::blueprint::model::{TierEgress, Use};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::aws_node::names;
use crate::facts::routes::{self, Home};
use crate::facts::{ids, vpc, vpc::Class};
use crate::intent::transit::{Destination, PrivateNat, TransitGateway};
use crate::intent::{Intent, Route, Tier};
use crate::rules::{NAT_08, NAT_11, RT_02, RT_03, RT_04, RT_05, TGW_01, TGW_02, TGW_04};

use super::firsts::Firsts;

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let mut findings: Vec<Diagnostic> =
        intent.transit.gateway.iter().flat_map(|gateway| attachment(intent, gateway)).collect();
    findings.extend(intent.tiers.iter().flat_map(|tier| routes(intent, tier)));
    if let Some(nat) = &intent.transit.private_nat {
        findings.extend(private_nat(intent, nat));
        findings.extend(translated_twice(intent, nat));
        findings.extend(bypassed(intent, nat));
    }
    findings
}

const GATEWAY: &str = "egress.transitGateway";

fn attachment(intent: &Intent, gateway: &TransitGateway) -> Vec<Diagnostic> {
    let mut findings: Vec<Diagnostic> = misnamed(gateway);
    findings.extend(subnets_of(intent, gateway));
    let repeated = intent.vpc.cidrs().find(|cidr| vpc::class(*cidr) == Class::CarrierGrade);
    findings.extend(repeated.filter(|_| gateway.route_table.is_none()).map(|cidr| {
        TGW_02.at(GATEWAY, format!("the transit gateway may learn `{cidr}`, which other VPCs use too"))
            .hint("set `routeTable: tgw-rtb-…`, a table in which only `advertise` is announced, and switch the gateway's default association and propagation off")
    }));
    findings.extend(gateway.destinations.iter().enumerate().filter_map(|(at, to)| {
        let place = format!("{GATEWAY}.destinations[{at}]");
        inside(intent, *to, &place).or_else(|| reserved(&IpNet::V4(*to), &place))
    }));
    findings
}

fn misnamed(gateway: &TransitGateway) -> Vec<Diagnostic> {
    let gateway_id = (!ids::is("tgw-", &gateway.id)).then(|| {
        RT_04
            .at(format!("{GATEWAY}.id"), format!("invalid transit gateway id `{}`", gateway.id))
            .hint("such as `tgw-0123456789abcdef0`")
    });
    let table = gateway.route_table.as_ref().filter(|table| !ids::is("tgw-rtb-", table));
    let table = table.map(|table| {
        RT_04
            .at(
                format!("{GATEWAY}.routeTable"),
                format!("invalid route table id of a transit gateway: `{table}`"),
            )
            .hint("such as `tgw-rtb-0123456789abcdef0`")
    });
    gateway_id.into_iter().chain(table).collect()
}

fn subnets_of(intent: &Intent, gateway: &TransitGateway) -> Option<Diagnostic> {
    match intent.tier(&gateway.tier) {
        None => Some(
            TGW_04
                .at(format!("{GATEWAY}.tier"), format!("unknown tier `{}`", gateway.tier))
                .hint("name a tier, or add one with `serves: [transit]`"),
        ),
        Some(tier) if !tier.serves(Use::Transit) => Some(
            TGW_01
                .at(GATEWAY, format!("the attachment shares the subnets of `{}`", tier.name))
                .hint("add a tier `{ name: transit, size: /28, egress: none, serves: [transit] }`"),
        ),
        Some(_) => None,
    }
}

fn inside(intent: &Intent, to: Ipv4Net, place: &str) -> Option<Diagnostic> {
    let own = intent.vpc.cidrs().find(|own| own.contains(&to))?;
    Some(
        RT_03
            .at(place, format!("`{to}` is inside `{own}` of the VPC"))
            .hint("name ranges of other networks"),
    )
}

/// EC2 keeps the way to its metadata, DNS and time services.
fn reserved(to: &IpNet, place: &str) -> Option<Diagnostic> {
    let own = routes::reserved(to)?;
    Some(
        RT_03
            .at(place, format!("`{to}` is within {own}, AWS's own on every instance"))
            .hint("name ranges of other networks"),
    )
}

fn routes(intent: &Intent, tier: &Tier) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let mut firsts = Firsts::new();
    for route in &tier.routes {
        let to = key(&route.path, "to");
        let same = firsts.claim(&route.to, route);
        findings.extend(same.map(|same| {
            RT_02
                .at(&to, format!("`{}` has a route already", route.to))
                .also(key(&same.path, "to"), "the first one")
                .hint("keep one of the two")
        }));
        if route.to.is_default_ipv4() && tier.egress != TierEgress::None {
            findings.push(
                RT_02
                    .at(&to, "the tier's egress has a default route already")
                    .also(key(&tier.path, "egress"), "here")
                    .hint("set `egress: none`"),
            );
        }
        findings.extend(shape(route));
        if let Destination::Range(range) = &route.to {
            findings.extend(reserved(range, &to));
        }
        if let Destination::Range(IpNet::V4(range)) = &route.to {
            // To an appliance inside the VPC a subnet may be routed; whether the range is one, the address plan tells.
            let appliance = routes::target(&route.via).is_some_and(|target| target.is_appliance);
            findings.extend(inside(intent, *range, &to).filter(|_| !appliance));
        }
        findings.extend(target(intent, route));
    }
    findings
}

fn shape(route: &Route) -> Option<Diagnostic> {
    let Destination::PrefixList(id) = &route.to else {
        return None;
    };
    (!ids::is("pl-", id)).then(|| {
        RT_04
            .at(key(&route.path, "to"), format!("invalid prefix list id `{id}`"))
            .hint("such as `pl-0123456789abcdef0`")
    })
}

fn target(intent: &Intent, route: &Route) -> Option<Diagnostic> {
    let place = key(&route.path, "via");
    let target = routes::target(&route.via).filter(|target| ids::is(target.prefix, &route.via));
    let Some(target) = target else {
        return Some(no_target(place, &route.via));
    };
    let attached = [
        intent.transit.gateway.as_ref().map(|gateway| &gateway.id),
        intent.transit.vpn.as_ref().map(|vpn| &vpn.id),
    ];
    (target.home == Home::Attached && !attached.contains(&Some(&route.via))).then(|| {
        let word = if target.prefix == "tgw-" { "transitGateway" } else { "vpnGateway" };
        RT_05
            .at(place, format!("this stack does not attach the VPC to `{}`", route.via))
            .hint(format!("set `egress: {{ {word}: {{ id: {} }} }}`; or allow it, if something else attaches the VPC before the route is created", route.via))
    })
}

fn no_target(place: String, via: &str) -> Diagnostic {
    let known: Vec<&str> = routes::TARGETS.iter().map(|target| target.prefix).collect();
    let hint =
        format!("an id that begins with one of {} and goes on in hexadecimal", known.join(", "));
    match routes::NOT_BUILT.iter().find(|(prefix, _)| via.starts_with(prefix)) {
        Some((_, what)) => {
            RT_04.at(place, format!("this version builds no route to {what}")).hint(hint)
        }
        None => RT_04.at(place, format!("`{via}` is not a target of a route")).hint(hint),
    }
}

const PRIVATE_NAT: &str = "egress.privateNat";

fn private_nat(intent: &Intent, nat: &PrivateNat) -> Vec<Diagnostic> {
    let error = |message: String, hint: &str| NAT_08.at(PRIVATE_NAT, message).hint(hint);
    let mut findings = Vec::new();
    if intent.transit.gateway.is_none() && intent.transit.vpn.is_none() && !leads_on(intent, nat) {
        findings.push(error(
            "private NAT without a transit or virtual private gateway behind it".to_string(),
            "set `transitGateway: { id: tgw-…, destinations: […] }`, or `vpnGateway: { id: vgw-… }`, or give its tier routes to one",
        ));
    }
    for name in nat.serves.iter().chain([&nat.tier]).filter(|name| intent.tier(name).is_none()) {
        findings.push(error(format!("unknown tier `{name}`"), "name tiers of the blueprint"));
    }
    findings.extend(unsuitable(intent, nat));
    findings
}

/// Whether the tier that private NAT is in has a route of its own to such a gateway.
fn leads_on(intent: &Intent, nat: &PrivateNat) -> bool {
    intent.tier(&nat.tier).is_some_and(|tier| tier.routes.iter().any(Route::is_translated))
}

/// Routes that a VPN gateway learns go past the NAT gateways: only those of the blueprint lead through them.
fn bypassed(intent: &Intent, nat: &PrivateNat) -> Option<Diagnostic> {
    let shared = intent.transit.gateway.as_ref().is_some_and(|one| !one.destinations.is_empty());
    let remote = intent.cluster.iter().any(|cluster| cluster.remote.all().next().is_some());
    let vpn = intent.transit.vpn.as_ref()?;
    let own = nat.serves.iter().filter_map(|name| intent.tier(name));
    let own = own.flat_map(|tier| &tier.routes).any(Route::is_translated);
    let first = nat.serves.first().map_or("", String::as_str);
    (!shared && !own && (vpn.propagate || !remote)).then(|| {
        NAT_11
            .at(
                PRIVATE_NAT,
                format!(
                    "no route of `{first}` leads through it: routes that `{}` learns bypass it",
                    vpn.id
                ),
            )
            .hint(format!(
                "give `{first}` routes (`routes: [{{ to: …, via: {} }}]`), or remove `privateNat`",
                vpn.id
            ))
    })
}

/// Why the tier that private NAT is in cannot hold it.
fn unsuitable(intent: &Intent, nat: &PrivateNat) -> Vec<Diagnostic> {
    let error = |message: String, hint: &str| NAT_08.at(PRIVATE_NAT, message).hint(hint);
    let host = intent.tier(&nat.tier);
    let repeated = host.is_some_and(|tier| vpc::class(tier.pool) == Class::CarrierGrade);
    let unanswered = (nat.serves.contains(&nat.tier) || repeated).then(|| {
        error(
            format!("`{}` has no addresses that other networks can answer to", nat.tier),
            "name a tier outside 100.64.0.0/10, such as the nodes'",
        )
    });
    let routeless = host.is_some_and(|tier| tier.serves == [Use::Transit]).then(|| {
        error(
            format!("`{}` has no route to the transit gateway for private NAT to use", nat.tier),
            "name the nodes' tier",
        )
    });
    let served = nat.serves.iter().filter_map(|name| intent.tier(name));
    let bare = served
        .flat_map(|tier| &tier.zones)
        .find(|zone| host.is_some_and(|host| !host.zones.contains(zone)));
    let bare = bare.map(|zone| {
        error(
            format!("`{}` is not in {}, where a tier goes through it", nat.tier, zone.word()),
            "name a tier that is in every zone",
        )
    });
    [unanswered, routeless, bare].into_iter().flatten().collect()
}

/// The node translates its pods' addresses, so that none of their own arrives at the gateway.
fn translated_twice(intent: &Intent, nat: &PrivateNat) -> Option<Diagnostic> {
    let cluster = intent.cluster.as_ref()?;
    let settings = &cluster.aws_node.settings;
    let external = settings.is_on(names::EXTERNAL_SNAT);
    // What is excluded from the node's translation arrives with the pods' own addresses.
    let in_part = settings.has(names::EXCLUDE_SNAT_CIDRS);
    let served = cluster.pod_tiers().iter().any(|tier| nat.serves.iter().any(|name| name == tier));
    (served && !external && !in_part).then(|| {
        NAT_11
            .at(PRIVATE_NAT, "no effect: the node translates its pods' addresses already")
            .hint("set `snat: { external: true }`, or remove `privateNat`")
    })
}
