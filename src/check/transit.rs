//! Ways to other networks: transit gateways, private NAT, and a tier's own routes.

use ipnet::{IpNet, Ipv4Net};

use crate::blueprint::model::{TierEgress, Use};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::vpc::{self, Class};
use crate::intent::transit::{Destination, TransitGateway};
use crate::intent::{Intent, Route, Tier};
use crate::rules::{NAT_08, NAT_11, RT_02, RT_03, RT_04, TGW_01, TGW_02, TGW_04};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let mut findings: Vec<Diagnostic> =
        intent.transit.gateway.iter().flat_map(|gateway| attachment(intent, gateway)).collect();
    findings.extend(intent.tiers.iter().flat_map(|tier| routes(intent, tier)));
    findings.extend(private_nat(intent));
    findings
}

fn attachment(intent: &Intent, gateway: &TransitGateway) -> Vec<Diagnostic> {
    let place = "egress.transitGateway";
    let mut findings = Vec::new();
    if !gateway.id.starts_with("tgw-") {
        findings.push(
            RT_04
                .at(format!("{place}.id"), format!("`{}` is no transit gateway", gateway.id))
                .hint("ids begin with `tgw-`"),
        );
    }
    if let Some(table) = gateway.route_table.as_ref().filter(|table| !table.starts_with("tgw-rtb-"))
    {
        let finding = RT_04.at(
            format!("{place}.routeTable"),
            format!("`{table}` is no route table of a transit gateway"),
        );
        findings.push(finding.hint("ids begin with `tgw-rtb-`"));
    }
    match intent.tier(&gateway.tier) {
        None => findings.push(
            TGW_04
                .at(format!("{place}.tier"), format!("there is no tier `{}`", gateway.tier))
                .hint("name a tier, or add one with `serves: [transit]`"),
        ),
        Some(tier) if !tier.serves(Use::Transit) => findings.push(
            TGW_01
                .at(place, format!("the attachment shares the subnets of `{}`", tier.name))
                .hint("add a tier `{ name: transit, size: /28, egress: none, serves: [transit] }`"),
        ),
        Some(_) => {}
    }
    let repeated = intent.vpc.cidrs().find(|cidr| vpc::class(*cidr) == Class::CarrierGrade);
    findings.extend(repeated.filter(|_| gateway.route_table.is_none()).map(|cidr| {
        TGW_02.at(place, format!("the transit gateway may learn `{cidr}`, which other VPCs use too"))
            .hint("name the table to associate with (`routeTable: tgw-rtb-…`), where only `advertise` is announced; and switch propagation off")
    }));
    findings.extend(
        gateway
            .destinations
            .iter()
            .filter_map(|to| inside(intent, *to, &format!("{place}.destinations"))),
    );
    findings
}

fn inside(intent: &Intent, to: Ipv4Net, place: &str) -> Option<Diagnostic> {
    let own = intent.vpc.cidrs().find(|own| own.contains(&to))?;
    Some(
        RT_03
            .at(place, format!("`{to}` is inside `{own}` of the VPC"))
            .hint("routes lead to other networks"),
    )
}

fn routes(intent: &Intent, tier: &Tier) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for (at, route) in tier.routes.iter().enumerate() {
        let to = key(&route.path, "to");
        let same = tier.routes[..at].iter().find(|other| other.to == route.to);
        findings.extend(same.map(|same| {
            RT_02
                .at(&to, format!("`{}` has a route already", route.to))
                .also(key(&same.path, "to"), "the first one")
                .hint("keep one of the two")
        }));
        let default = matches!(&route.to, Destination::Range(IpNet::V4(range)) if range.prefix_len() == 0)
            && tier.egress != TierEgress::None;
        if default {
            findings.push(
                RT_02
                    .at(&to, "the tier's egress has a default route already")
                    .also(key(&tier.path, "egress"), "here")
                    .hint("write `egress: none`"),
            );
        }
        if let Destination::Range(IpNet::V4(range)) = &route.to {
            // To an appliance inside the VPC a part of the VPC may be routed.
            let appliance = route.via.starts_with("eni-") || route.via.starts_with("vpce-");
            findings.extend(inside(intent, *range, &to).filter(|_| !appliance));
        }
        findings.extend(target(intent, route));
    }
    findings
}

fn target(intent: &Intent, route: &Route) -> Option<Diagnostic> {
    let place = key(&route.path, "via");
    let known = ["tgw-", "pcx-", "vgw-", "eni-", "nat-", "vpce-"];
    if !known.iter().any(|prefix| route.via.starts_with(prefix)) {
        return Some(
            RT_04
                .at(place, format!("`{}` is no target of a route", route.via))
                .hint(format!("ids that begin with one of {}", known.join(", "))),
        );
    }
    let attached = [
        intent.transit.gateway.as_ref().map(|gateway| &gateway.id),
        intent.transit.vpn.as_ref().map(|vpn| &vpn.id),
    ];
    let wants = route.via.starts_with("tgw-") || route.via.starts_with("vgw-");
    (wants && !attached.contains(&Some(&route.via))).then(|| {
        let what = if route.via.starts_with("tgw-") { "transitGateway" } else { "vpnGateway" };
        RT_04
            .at(place, format!("the VPC is not attached to `{}`", route.via))
            .hint(format!("write `egress: {{ {what}: {{ id: {} }} }}`", route.via))
    })
}

fn private_nat(intent: &Intent) -> Vec<Diagnostic> {
    let Some(nat) = &intent.transit.private_nat else {
        return Vec::new();
    };
    let place = "egress.privateNat";
    let error = |message: String, hint: &str| NAT_08.at(place, message).hint(hint);
    let mut findings = Vec::new();
    if intent.transit.gateway.is_none() {
        findings.push(error(
            "private NAT without a transit gateway to go to".to_string(),
            "write `transitGateway: { id: tgw-…, destinations: […] }`",
        ));
    }
    for name in nat.serves.iter().chain([&nat.tier]).filter(|name| intent.tier(name).is_none()) {
        findings.push(error(format!("there is no tier `{name}`"), "name tiers of the blueprint"));
    }
    let host = intent.tier(&nat.tier);
    if nat.serves.contains(&nat.tier)
        || host.is_some_and(|tier| vpc::class(tier.pool) == Class::CarrierGrade)
    {
        findings.push(error(
            format!("`{}` has no addresses that others can answer to", nat.tier),
            "name a tier outside 100.64.0.0/10, such as the nodes'",
        ));
    }
    if host.is_some_and(|tier| tier.serves == [Use::Transit]) {
        findings.push(error(
            format!("`{}` has no route to the transit gateway for private NAT to use", nat.tier),
            "name the nodes' tier",
        ));
    }
    let served = nat.serves.iter().filter_map(|name| intent.tier(name));
    let bare = served
        .into_iter()
        .flat_map(|tier| &tier.zones)
        .find(|zone| host.is_some_and(|host| !host.zones.contains(zone)));
    findings.extend(bare.map(|zone| {
        error(
            format!("`{}` is not in {}, where a tier goes through it", nat.tier, zone.word()),
            "name a tier that is in every zone",
        )
    }));
    let node = intent.cluster.as_ref().map(|cluster| &cluster.aws_node);
    // What is excluded from the node's translation arrives with the pods' own addresses.
    let whole = |node: &&crate::intent::AwsNode| {
        !node.variables.contains_key("AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS")
    };
    let translated = node
        .filter(|node| {
            node.variables.get("AWS_VPC_K8S_CNI_EXTERNALSNAT").is_none_or(|value| value != "true")
        })
        .filter(whole);
    let pods = translated.and(intent.cluster.as_ref()).filter(|cluster| {
        cluster.pod_tiers().iter().any(|tier| nat.serves.iter().any(|name| name == tier))
    });
    findings.extend(pods.map(|_| {
        NAT_11
            .at(place, "no effect: the node translates its pods' addresses already")
            .hint("write `snat: { external: true }`, or remove `privateNat`")
    }));
    findings
}
