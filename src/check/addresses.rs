//! What the address plan says of itself.

use ipnet::IpNet;

use crate::address::AddressPlan;
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::routes;
use crate::intent::tiers::Reserved;
use crate::intent::transit::Destination;
use crate::intent::{Intent, Route};
use crate::rules::{CLU_06, RT_03, SUB_09};

pub fn check(intent: &Intent, plan: &AddressPlan) -> Vec<Diagnostic> {
    let mut findings = zones_kept(intent, plan);
    findings.extend(parts_apart(intent, plan));
    let routes = intent.tiers.iter().flat_map(|tier| &tier.routes);
    findings.extend(routes.filter_map(|route| no_subnet(intent, plan, route)));
    findings
}

/// A route to an appliance inside the VPC covers a subnet exactly: which ranges those are, only the plan knows.
fn no_subnet(intent: &Intent, plan: &AddressPlan, route: &Route) -> Option<Diagnostic> {
    let Destination::Range(IpNet::V4(range)) = route.to else {
        return None;
    };
    let appliance = routes::target(&route.via).is_some_and(|target| target.is_appliance);
    let inside = intent.vpc.cidrs().any(|own| own.contains(&range));
    let whole = plan.subnets.iter().any(|subnet| subnet.cidr == range);
    (appliance && inside && !whole).then(|| {
        let message = format!("`{range}` is inside the VPC and not the CIDR of a subnet");
        RT_03
            .at(key(&route.path, "to"), message)
            .hint("one route for each subnet, with the subnet's whole CIDR (`eksnet layout` shows them, `cidrs` on a tier pins them)")
    })
}

/// Parts for prefixes that no subnet of their zone has.
fn parts_apart(intent: &Intent, plan: &AddressPlan) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for tier in &intent.tiers {
        let Some(Reserved::These(parts)) = &tier.reservation else { continue };
        for part in parts {
            let subnet = plan.of_tier(&tier.name).find(|subnet| subnet.zone.id == part.zone);
            let Some(subnet) = subnet.filter(|subnet| !subnet.cidr.contains(&part.cidr)) else {
                continue;
            };
            let message =
                format!("`{}` is not in the subnet of its zone, `{}`", part.cidr, subnet.cidr);
            findings.push(SUB_09.at(&part.path, message).hint(
                "pin the tier's subnets with `cidrs`, or set `reservation: { prefixes: … }` for the upper part of each",
            ));
        }
    }
    findings
}

/// EKS refuses an update of the cluster's subnets that leaves one of its zones.
fn zones_kept(intent: &Intent, plan: &AddressPlan) -> Vec<Diagnostic> {
    let given = plan.cluster_subnets(intent);
    let left = plan
        .ledger
        .kept
        .cluster_zones
        .iter()
        .filter(|zone| !given.iter().any(|subnet| subnet.zone.id == **zone));
    let finding = |zone: &String| {
        CLU_06.at("zones", format!("the control plane has a subnet in `{zone}` so far, and the blueprint has none there any more"))
            .hint("keep the zone in the control plane's tier; node tiers may leave it (`zones:` on the tier); if nothing was deployed yet, delete the lock")
    };
    left.map(finding).collect()
}
