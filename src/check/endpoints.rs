//! VPC endpoints, and nodes whose only way out they are.

use ipnet::IpNet;

use crate::blueprint::model::{TierEgress, Use};
use crate::blueprint::path::key;
use crate::diagnostic::{Diagnostic, Severity};
use crate::facts::endpoints::{Kind, SERVICES};
use crate::facts::vpc;
use crate::intent::endpoints::{Networked, callers};
use crate::intent::{Cluster, Intent, Tier};
use crate::rules::{EP_09, PE_22, PE_23, PE_31};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let mut findings = placement(intent);
    findings.extend(dropped(intent));
    findings.extend(beside_nat(intent));
    let Some(cluster) = intent.cluster.as_ref().filter(|_| !intent.endpoints.services.is_empty())
    else {
        return findings;
    };
    let names = cluster
        .node_groups
        .iter()
        .map(|group| &group.tier)
        .chain(cluster.fargate.iter().map(|profile| &profile.tier));
    let closed: Vec<&Tier> = names
        .filter_map(|name| intent.tier(name))
        .filter(|tier| !intent.has_way_out(tier))
        .collect();
    let Some(first) = closed.first() else {
        return findings;
    };
    findings.extend(absent(intent, cluster, first));
    if !cluster.endpoint.private {
        findings.push(
            EP_09
                .at(
                    "cluster.endpointAccess",
                    format!("nodes in `{}` have no way out to the public endpoint", first.name),
                )
                .also(key(&first.path, "egress"), "no way out here")
                .hint("write `private: true`"),
        );
    }
    findings
}

/// Services that nodes without a way out need and do not reach.
fn absent(intent: &Intent, cluster: &Cluster, nodes: &Tier) -> Vec<Diagnostic> {
    let callers = callers(Networked {
        tiers: &intent.tiers,
        cluster: Some(cluster),
        security: &intent.security,
    });
    let needed = SERVICES.iter().filter_map(|service| {
        let caller = service.callers.iter().find(|caller| callers.contains(caller))?;
        Some((service, caller, service.rule?))
    });
    let absent = needed.filter(|(service, ..)| !intent.endpoints.has(service.name));
    let finding = |(service, caller, rule): (
        &crate::facts::endpoints::Service,
        &crate::facts::endpoints::Caller,
        &'static crate::rules::Rule,
    )| {
        let wants = if rule.severity() == Severity::Error {
            "cannot do without it"
        } else {
            "would call it"
        };
        rule.at(
            "endpoints",
            format!("`{}` has no endpoint, and {} {wants}", service.name, caller.word()),
        )
        .also(key(&nodes.path, "egress"), "no other way out here")
        .hint(format!("take `{}` out of `exclude`, or give the tier `egress: nat`", service.name))
    };
    absent.map(finding).collect()
}

/// The interfaces' tier is there, in every zone with nodes or pods.
fn placement(intent: &Intent) -> Vec<Diagnostic> {
    if intent.endpoints.of(Kind::Interface).next().is_none() {
        return Vec::new();
    }
    let Some(tier) = intent.tier(&intent.endpoints.tier) else {
        let known: Vec<_> = intent.tiers.iter().map(|tier| format!("`{}`", tier.name)).collect();
        return vec![
            PE_22
                .at("endpoints.tier", format!("there is no tier `{}`", intent.endpoints.tier))
                .hint(format!("the tiers are {}", known.join(", "))),
        ];
    };
    let calling =
        intent.tiers.iter().filter(|tier| tier.serves(Use::Nodes) || tier.serves(Use::Pods));
    let bare = calling.flat_map(|tier| &tier.zones).find(|zone| !tier.zones.contains(zone));
    bare.map(|zone| {
        PE_22.at("endpoints",
            format!("nodes or pods in {} have no interface of the endpoints there: `{}` has no subnet in it", zone.word(), tier.name),
        )
        .hint("name a tier that is in every zone with nodes (`endpoints: { tier: … }`)")
    })
    .into_iter()
    .collect()
}

/// Tiers that private DNS leads to endpoints whose group keeps them out.
fn dropped(intent: &Intent) -> Option<Diagnostic> {
    let (ingress, there) =
        (&intent.endpoints.ingress, intent.endpoints.of(Kind::Interface).next().is_some());
    let let_in = |tier: &Tier| ingress.ranges.iter().any(|range| range.contains(&IpNet::V4(tier.pool)));
    let fargate = |tier: &Tier| {
        let profiles = intent.cluster.iter().flat_map(|cluster| &cluster.fargate);
        profiles.into_iter().any(|profile| profile.tier == tier.name)
    };
    let tier = intent.tiers.iter().find(|tier| {
        let calls = tier.serves(Use::Nodes) || tier.serves(Use::Pods) || fargate(tier);
        // A part of the tier's pool may hold all of its subnets: only the plan knows.
        let touched = ingress.ranges.iter().any(|range| match range {
            IpNet::V4(range) => vpc::overlap(*range, tier.pool),
            IpNet::V6(_) => false,
        });
        there && !ingress.vpc && calls && !let_in(tier) && !touched
    })?;
    let finding = PE_23.at("endpoints.ingress", format!("`{}` calls the endpoints, and is not let in", tier.name));
    Some(finding.also(&tier.path, "these callers").hint("add `vpc` to the list"))
}

/// Everything that `auto` derives, where nodes have another way.
fn beside_nat(intent: &Intent) -> Option<Diagnostic> {
    let open = intent
        .tiers
        .iter()
        .filter(|tier| tier.serves(Use::Nodes))
        .all(|tier| tier.egress == TierEgress::Nat);
    let interfaces = intent.endpoints.of(Kind::Interface).count();
    let zones = intent.tier(&intent.endpoints.tier).map_or(0, |tier| tier.zones.len());
    (intent.endpoints.included && open && 1 < interfaces).then(|| {
        PE_31
            .at("endpoints.include", format!("{interfaces} interface endpoints in each of {zones} zones, beside NAT: `include` adds to all that is derived"))
            .hint("write `endpoints: [s3, …]` for exactly a list, or keep this for the privacy of it")
    })
}
