//! VPC endpoints, and nodes whose only way out they are.

use ipnet::IpNet;

use crate::blueprint::model::{ControllerRoleBy, TierEgress, Use};
use crate::blueprint::path::key;
use crate::diagnostic::{Diagnostic, Severity};
use crate::facts::endpoints::{self, Caller, Kind, SERVICES, Service};
use crate::facts::vpc;
use crate::intent::addons::AddonRole;
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
    let closed = by_way(intent, &placed, |way| *way == WayOut::Closed);
    // Without any endpoint the nodes' own rules say that they have no way out.
    let any = !intent.endpoints.services.is_empty() || !intent.endpoints_of_others().is_empty();
    if let Some((runner, tier)) = closed.first().filter(|_| any) {
        findings.extend(absent(intent, cluster, &closed));
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

type Placed<'i> = (Runner<'i>, &'i Tier);

/// Those of the runners whose tiers leave the VPC in such a way.
fn by_way<'i>(intent: &Intent, placed: &[Placed<'i>], is: fn(&WayOut) -> bool) -> Vec<Placed<'i>> {
    placed.iter().filter(|(_, tier)| is(&intent.way_out(tier))).copied().collect()
}

/// What the runners call, and has no endpoint here: each service with its caller.
fn missing(
    intent: &Intent,
    cluster: &Cluster,
    placed: &[Placed<'_>],
) -> Vec<(&'static Service, Caller, &'static Rule)> {
    let callers = callers(Networked {
        tiers: &intent.tiers,
        cluster: Some(cluster),
        security: &intent.security,
        kept: &[],
        region: intent.region.name,
    });
    let needed = SERVICES.iter().filter_map(|service| {
        let there =
            |caller: &&Caller| callers.contains(caller) && calls(intent, placed, **caller, service);
        let caller = service.callers.iter().find(there)?;
        let rule = match service.rule? {
            rule if *rule == PE_31 && signs_in(intent, cluster, placed) => &PE_04,
            rule => rule,
        };
        Some((service, *caller, rule))
    });
    needed.filter(|(service, ..)| !intent.is_served(service.name)).collect()
}

/// Whether a caller is among these runners. Fargate itself pulls images and signs in, and runs no agent of nodes; where there are nodes
/// elsewhere, what else an add-on runs has them.
fn calls(intent: &Intent, placed: &[Placed<'_>], caller: Caller, service: &Service) -> bool {
    let any = |is: fn(&Runner<'_>) -> bool| placed.iter().any(|(runner, _)| is(runner));
    let groups = any(|runner| matches!(runner, Runner::Group(_)));
    let auto = any(|runner| matches!(runner, Runner::Auto(_)));
    match caller {
        Caller::Nodes => {
            groups
                || any(|runner| matches!(runner, Runner::Fargate(_)))
                    && endpoints::OF_FARGATE.contains(&service.name)
        }
        Caller::AutoNodes => auto,
        Caller::PodIdentity | Caller::CloudWatch => groups || auto,
        _ => groups || auto || placed.len() == intent.placed_runners().len(),
    }
}

/// Whether pods there ask STS for their roles: those on Fargate, aws-node with a role by the cluster's OIDC provider, and add-ons with one
/// that have nowhere else to run.
fn signs_in(intent: &Intent, cluster: &Cluster, placed: &[Placed<'_>]) -> bool {
    let on_fargate = |(runner, _): &Placed<'_>| matches!(runner, Runner::Fargate(_));
    let by_token = cluster.aws_node.runs() && cluster.aws_node.role == RoleBy::Irsa;
    let everywhere = placed.len() == intent.placed_runners().len();
    let addons = cluster.addons.iter().any(|one| matches!(one.role, AddonRole::WebIdentity(_)));
    let karpenter = cluster.karpenter.as_ref().map(|own| own.role);
    let controllers = addons || karpenter == Some(ControllerRoleBy::Irsa);
    placed.iter().any(on_fargate)
        || by_token && !placed.iter().all(on_fargate)
        || everywhere && controllers
}

/// Services that runners without a way out need and do not reach.
fn absent(intent: &Intent, cluster: &Cluster, closed: &[Placed<'_>]) -> Vec<Diagnostic> {
    let nodes = closed.first().map_or("", |(_, tier)| tier.path.as_str());
    let finding = |(service, caller, rule): (&Service, Caller, &'static Rule)| {
        let need = match rule.severity() {
            Severity::Error => "cannot do without it",
            Severity::Warning => "may call it",
        };
        rule.at(
            "endpoints",
            format!("`{}` has no endpoint, and {} {need}", service.name, caller.word()),
        )
        .also(key(nodes, "egress"), "no other egress path here")
        .hint(format!("add `{}` to the endpoints, or set `egress: nat` on the tier", service.name))
    };
    // Whether a gateway endpoint of others is in a route table of others only the doctor reads.
    let made = closed.iter().all(|(_, tier)| tier.existing.is_none());
    let is_known = |service: &Service| service.kind == Kind::Interface || made;
    let absent = missing(intent, cluster, closed).into_iter();
    absent.filter(|one| is_known(one.0)).map(finding).collect()
}

/// Where routes lead to other networks only, those have to offer what is called: endpoints in a hub, a proxy, a default route.
fn elsewhere(intent: &Intent, cluster: &Cluster, placed: &[Placed<'_>]) -> Vec<Diagnostic> {
    let beyond = by_way(intent, placed, |way| matches!(way, WayOut::Elsewhere(_)));
    let mut called: Vec<String> = missing(intent, cluster, &beyond)
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
    let ingress = &intent.endpoints.ingress;
    let there = intent.endpoints.of(Kind::Interface).any(|one| one.service.has_private_dns());
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
