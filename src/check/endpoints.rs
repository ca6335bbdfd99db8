//! VPC endpoints, and nodes whose only way out they are.

use ipnet::IpNet;

use crate::blueprint::model::{TierEgress, Use};
use crate::blueprint::path::key;
use crate::diagnostic::{Diagnostic, Severity};
use crate::facts::endpoints::{Caller, Kind, SERVICES, Service};
use crate::facts::vpc;
use crate::intent::aws_node::RoleBy;
use crate::intent::endpoints::{Networked, callers};
use crate::intent::{Cluster, Intent, Runner, Tier, WayOut};
use crate::rules::{EP_09, NODE_09, PE_04, PE_22, PE_23, PE_31, PE_32, Rule};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let mut findings = placement(intent);
    findings.extend(dropped(intent));
    let Some(cluster) = &intent.cluster else {
        return findings;
    };
    let placed = intent.placed_runners();
    let closed = placed.iter().find(|(_, tier)| intent.way_out(tier) == WayOut::Closed);
    // Without any endpoint the nodes' own rules say that they have no way out.
    let any = !intent.endpoints.services.is_empty() || !intent.endpoints_of_others().is_empty();
    if let Some((runner, tier)) = closed.filter(|_| any) {
        findings.extend(absent(intent, cluster, tier));
        findings.extend(api(cluster, runner, tier));
    }
    findings.extend(elsewhere(intent, cluster, &placed));
    findings
}

/// The public endpoint is on the internet.
fn api(cluster: &Cluster, runner: &Runner<'_>, tier: &Tier) -> Option<Diagnostic> {
    (!cluster.endpoint.private).then(|| {
        EP_09
            .at(
                "cluster.endpointAccess",
                format!(
                    "{} have no egress path from `{}` to the public endpoint",
                    runner.word(),
                    tier.name
                ),
            )
            .also(key(&tier.path, "egress"), "no egress path here")
            .hint("set `private: true`")
    })
}

/// What whoever is in the blueprint calls, and has no endpoint here: each with its caller.
fn missing(intent: &Intent, cluster: &Cluster) -> Vec<(&'static Service, Caller, &'static Rule)> {
    let callers = callers(Networked {
        tiers: &intent.tiers,
        cluster: Some(cluster),
        security: &intent.security,
        kept: &[],
        region: intent.region.name,
    });
    let needed = SERVICES.iter().filter_map(|service| {
        let caller = service.callers.iter().find(|caller| callers.contains(caller))?;
        let rule = match service.rule? {
            rule if *rule == PE_31 && signs_in(cluster) => &PE_04,
            rule => rule,
        };
        Some((service, *caller, rule))
    });
    needed.filter(|(service, ..)| !intent.is_served(service.name)).collect()
}

/// Whether roles come through the cluster's OIDC provider, or pods run on Fargate: both ask STS.
fn signs_in(cluster: &Cluster) -> bool {
    let by_token = cluster.aws_node.runs() && cluster.aws_node.role == RoleBy::Irsa;
    by_token || !cluster.fargate.is_empty()
}

/// Services that nodes without a way out need and do not reach.
fn absent(intent: &Intent, cluster: &Cluster, nodes: &Tier) -> Vec<Diagnostic> {
    let finding = |(service, caller, rule): (&Service, Caller, &'static Rule)| {
        let need = match rule.severity() {
            Severity::Error => "cannot do without it",
            Severity::Warning => "may call it",
        };
        rule.at(
            "endpoints",
            format!("`{}` has no endpoint, and {} {need}", service.name, caller.word()),
        )
        .also(key(&nodes.path, "egress"), "no other egress path here")
        .hint(format!("add `{}` to the endpoints, or set `egress: nat` on the tier", service.name))
    };
    // Whether a gateway endpoint of others is in a route table of others only the doctor reads.
    let is_known = |service: &Service| service.kind == Kind::Interface || nodes.existing.is_none();
    missing(intent, cluster).into_iter().filter(|one| is_known(one.0)).map(finding).collect()
}

/// Where routes lead to other networks only, those have to offer what is called: endpoints in a hub, a proxy, a default route.
fn elsewhere(
    intent: &Intent,
    cluster: &Cluster,
    placed: &[(Runner<'_>, &Tier)],
) -> Vec<Diagnostic> {
    let mut called: Vec<String> = missing(intent, cluster)
        .iter()
        .map(|(service, ..)| format!("`{}`", service.name))
        .collect();
    called
        .extend((!cluster.endpoint.private).then(|| "the public endpoint of the API".to_string()));
    if called.is_empty() {
        return Vec::new();
    }
    let mut seen: Vec<&str> = Vec::new();
    let mut findings = Vec::new();
    for (runner, tier) in placed.iter().filter(|(_, tier)| tier.leaves() == TierEgress::None) {
        let WayOut::Elsewhere(via) = intent.way_out(tier) else {
            continue;
        };
        if seen.contains(&tier.name.as_str()) {
            continue;
        }
        seen.push(&tier.name);
        let message = format!(
            "{} reach {} only if what is behind `{via}` offers them",
            runner.word(),
            called.join(", ")
        );
        findings.push(NODE_09.at(key(&tier.path, "egress"), message).hint(
            "make sure that it does (endpoints in a hub VPC with shared private zones, a proxy, a default route), or set `endpoints: auto`",
        ));
    }
    findings
}

/// The interfaces' tier is there, in every zone with nodes or pods.
fn placement(intent: &Intent) -> Vec<Diagnostic> {
    if intent.endpoints.of(Kind::Interface).next().is_none() {
        return Vec::new();
    }
    let Some(tier) = intent.tier(&intent.endpoints.tier) else {
        let known: Vec<_> = intent.tiers.iter().map(|tier| format!("`{}`", tier.name)).collect();
        return vec![
            PE_32
                .at("endpoints.tier", format!("unknown tier `{}`", intent.endpoints.tier))
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
    let let_in =
        |tier: &Tier| ingress.ranges.iter().any(|range| range.contains(&IpNet::V4(tier.pool)));
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
    let finding = PE_23.at(
        "endpoints.ingress",
        format!("`{}` calls the endpoints, and their security group does not admit it", tier.name),
    );
    Some(finding.also(&tier.path, "these callers").hint("add `vpc` to the list"))
}
