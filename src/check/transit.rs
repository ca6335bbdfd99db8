//! Ways to other networks: transit gateways, private NAT, and a tier's own routes.

use ipnet::{IpNet, Ipv4Net};

use super::rule::{Rule, error, warning};
use crate::blueprint::model::{TierEgress, Use};
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::vpc::{self, Class};
use crate::spec::transit::{Destination, TransitGateway};
use crate::spec::{Route, Spec, Tier};

const TRANSIT: &str = "VPC user guide, transit gateways";
const ROUTES: &str = "EC2 API reference, CreateRoute";

pub const RULES: &[Rule] = &[
    warning(
        "TGW-01",
        "a transit gateway's attachment has subnets of its own",
        "traffic enters only in zones with an attachment subnet, and network ACLs and routes for it should touch nobody else",
        TRANSIT,
        (
            "transitGateway: { id: tgw-1 }   # and no tier for it",
            "tiers: [{ name: transit, size: /28, serves: [transit] }]",
        ),
    ),
    warning(
        "TGW-02",
        "ranges that repeat are not announced",
        "propagation tells the transit gateway of every CIDR of a VPC: the same 100.64.0.0/16 in two VPCs collides",
        "EKS best practices, custom networking",
        (
            "secondaryCidrs: [100.64.0.0/16]\ntransitGateway: { id: tgw-1 }",
            "secondaryCidrs: [100.64.0.0/16]\ntransitGateway: { id: tgw-1, routeTable: tgw-rtb-1 }",
        ),
    ),
    error(
        "NAT-08",
        "private NAT stands where others can answer",
        "its gateways lend repeated ranges an address that the other side can route to, and only pods that leave with their own address need it",
        "VPC user guide, NAT gateways",
        (
            "privateNat: { tier: pods, serves: [pods] }",
            "privateNat: { tier: nodes, serves: [pods] }",
        ),
    ),
    warning(
        "NAT-11",
        "private NAT has something to translate",
        "with source NAT on the node pods leave with the node's address, and no packet of theirs reaches the gateway's route",
        "amazon-vpc-cni-k8s v1.23.1, README",
        (
            "privateNat: { tier: nodes, serves: [pods] }",
            "privateNat: { tier: nodes, serves: [pods] }\nsnat: { external: true }",
        ),
    ),
    error(
        "RT-02",
        "one route per destination",
        "EC2 refuses the second with RouteAlreadyExists",
        ROUTES,
        (
            "egress: nat\nroutes: [{ to: 0.0.0.0/0, via: tgw-1 }]",
            "egress: none\nroutes: [{ to: 0.0.0.0/0, via: tgw-1 }]",
        ),
    ),
    error(
        "RT-03",
        "routes lead outside the VPC",
        "what is inside goes by the local route; a peer with an overlapping range cannot be reached at all (PEER-01)",
        ROUTES,
        (
            "cidr: 10.40.0.0/16\nroutes: [{ to: 10.40.8.0/24, via: pcx-1 }]",
            "cidr: 10.40.0.0/16\nroutes: [{ to: 10.41.0.0/16, via: pcx-1 }]",
        ),
    ),
    error(
        "RT-04",
        "a route's target is one, and is attached",
        "a transit or VPN gateway carries nothing for a VPC that it is not attached to",
        ROUTES,
        (
            "routes: [{ to: 10.0.0.0/8, via: tgw-1 }]",
            "egress: { transitGateway: { id: tgw-1 } }\nroutes: [{ to: 10.0.0.0/8, via: tgw-1 }]",
        ),
    ),
];

pub fn check(spec: &Spec) -> Vec<Diagnostic> {
    let mut findings: Vec<Diagnostic> =
        spec.transit.gateway.iter().flat_map(|gateway| attachment(spec, gateway)).collect();
    findings.extend(spec.tiers.iter().flat_map(|tier| routes(spec, tier)));
    findings.extend(private_nat(spec));
    findings
}

fn attachment(spec: &Spec, gateway: &TransitGateway) -> Vec<Diagnostic> {
    let place = "egress.transitGateway";
    let mut findings = Vec::new();
    if !gateway.id.starts_with("tgw-") {
        findings.push(
            Diagnostic::error(
                "RT-04",
                format!("{place}.id"),
                format!("`{}` is no transit gateway", gateway.id),
            )
            .hint("ids begin with `tgw-`"),
        );
    }
    if let Some(table) = gateway.route_table.as_ref().filter(|table| !table.starts_with("tgw-rtb-"))
    {
        let finding = Diagnostic::error(
            "RT-04",
            format!("{place}.routeTable"),
            format!("`{table}` is no route table of a transit gateway"),
        );
        findings.push(finding.hint("ids begin with `tgw-rtb-`"));
    }
    match spec.tier(&gateway.tier) {
        None => findings.push(
            Diagnostic::error(
                "TGW-01",
                format!("{place}.tier"),
                format!("there is no tier `{}`", gateway.tier),
            )
            .hint("name a tier, or add one with `serves: [transit]`"),
        ),
        Some(tier) if !tier.serves(Use::Transit) => findings.push(
            Diagnostic::warning(
                "TGW-01",
                place,
                format!("the attachment shares the subnets of `{}`", tier.name),
            )
            .hint("add a tier `{ name: transit, size: /28, egress: none, serves: [transit] }`"),
        ),
        Some(_) => {}
    }
    let repeated = spec.vpc.cidrs().find(|cidr| vpc::class(*cidr) == Class::CarrierGrade);
    findings.extend(repeated.filter(|_| gateway.route_table.is_none()).map(|cidr| {
        Diagnostic::warning("TGW-02", place, format!("the transit gateway may learn `{cidr}`, which other VPCs use too"))
            .hint("name the table to associate with (`routeTable: tgw-rtb-…`), where only `advertise` is announced; and switch propagation off")
    }));
    findings.extend(
        gateway
            .destinations
            .iter()
            .filter_map(|to| inside(spec, *to, &format!("{place}.destinations"))),
    );
    findings
}

fn inside(spec: &Spec, to: Ipv4Net, place: &str) -> Option<Diagnostic> {
    let own = spec.vpc.cidrs().find(|own| own.contains(&to))?;
    Some(
        Diagnostic::error("RT-03", place, format!("`{to}` is inside `{own}` of the VPC"))
            .hint("routes lead to other networks"),
    )
}

fn routes(spec: &Spec, tier: &Tier) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for (at, route) in tier.routes.iter().enumerate() {
        let to = key(&route.path, "to");
        let same = tier.routes[..at].iter().find(|other| other.to == route.to);
        findings.extend(same.map(|same| {
            Diagnostic::error("RT-02", &to, format!("`{}` has a route already", route.to))
                .also(key(&same.path, "to"), "the first one")
                .hint("keep one of the two")
        }));
        let default = matches!(&route.to, Destination::Range(IpNet::V4(range)) if range.prefix_len() == 0)
            && tier.egress != TierEgress::None;
        if default {
            findings.push(
                Diagnostic::error("RT-02", &to, "the tier's egress has a default route already")
                    .also(key(&tier.path, "egress"), "here")
                    .hint("write `egress: none`"),
            );
        }
        if let Destination::Range(IpNet::V4(range)) = &route.to {
            // To an appliance inside the VPC a part of the VPC may be routed.
            let appliance = route.via.starts_with("eni-") || route.via.starts_with("vpce-");
            findings.extend(inside(spec, *range, &to).filter(|_| !appliance));
        }
        findings.extend(target(spec, route));
    }
    findings
}

fn target(spec: &Spec, route: &Route) -> Option<Diagnostic> {
    let place = key(&route.path, "via");
    let known = ["tgw-", "pcx-", "vgw-", "eni-", "nat-", "vpce-"];
    if !known.iter().any(|prefix| route.via.starts_with(prefix)) {
        return Some(
            Diagnostic::error("RT-04", place, format!("`{}` is no target of a route", route.via))
                .hint(format!("ids that begin with one of {}", known.join(", "))),
        );
    }
    let attached = [
        spec.transit.gateway.as_ref().map(|gateway| &gateway.id),
        spec.transit.vpn.as_ref().map(|vpn| &vpn.id),
    ];
    let wants = route.via.starts_with("tgw-") || route.via.starts_with("vgw-");
    (wants && !attached.contains(&Some(&route.via))).then(|| {
        let what = if route.via.starts_with("tgw-") { "transitGateway" } else { "vpnGateway" };
        Diagnostic::error("RT-04", place, format!("the VPC is not attached to `{}`", route.via))
            .hint(format!("write `egress: {{ {what}: {{ id: {} }} }}`", route.via))
    })
}

fn private_nat(spec: &Spec) -> Vec<Diagnostic> {
    let Some(nat) = &spec.transit.private_nat else { return Vec::new() };
    let place = "egress.privateNat";
    let error =
        |message: String, hint: &str| Diagnostic::error("NAT-08", place, message).hint(hint);
    let mut findings = Vec::new();
    if spec.transit.gateway.is_none() {
        findings.push(error(
            "private NAT without a transit gateway to go to".to_string(),
            "write `transitGateway: { id: tgw-…, destinations: […] }`",
        ));
    }
    for name in nat.serves.iter().chain([&nat.tier]).filter(|name| spec.tier(name).is_none()) {
        findings.push(error(format!("there is no tier `{name}`"), "name tiers of the blueprint"));
    }
    let host = spec.tier(&nat.tier);
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
    let served = nat.serves.iter().filter_map(|name| spec.tier(name));
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
    let node = spec.cluster.as_ref().map(|cluster| &cluster.aws_node);
    // What is excluded from the node's translation arrives with the pods' own addresses.
    let whole = |node: &&crate::spec::AwsNode| {
        !node.variables.contains_key("AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS")
    };
    let translated = node
        .filter(|node| {
            node.variables.get("AWS_VPC_K8S_CNI_EXTERNALSNAT").is_none_or(|value| value != "true")
        })
        .filter(whole);
    let pods = translated.and(spec.cluster.as_ref()).filter(|cluster| {
        cluster.pod_tiers().iter().any(|tier| nat.serves.iter().any(|name| name == tier))
    });
    findings.extend(pods.map(|_| {
        Diagnostic::warning(
            "NAT-11",
            place,
            "no effect: the node translates its pods' addresses already",
        )
        .hint("write `snat: { external: true }`, or remove `privateNat`")
    }));
    findings
}
