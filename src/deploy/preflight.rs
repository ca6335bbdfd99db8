//! Preflight: what only the account tells, read before a change set is made. All reads at once; what may not be read is named, and
//! the rest is judged all the same.

use std::collections::BTreeSet;

use crate::aws::World;
use crate::aws::observe::{self, Scope};
use crate::check;
use crate::check::account::{self, AccountState};
use crate::check::{offered, room};
use crate::diagnostic::Diagnostic;
use crate::facts::eks;
use crate::facts::quotas::{Code, NAT_GATEWAYS, OF_ONE_BLUEPRINT, QUOTAS, ROUTES, RULES};
use crate::intent::Intent;
use crate::intent::ranges::Giver;
use crate::line::Compiled;
use crate::observed::{Stack, StackDescription, Unread};
use crate::template::Template;

/// What is in the way, and what could not be read.
pub struct Preflight {
    pub findings: Vec<Diagnostic>,
    pub unread: Vec<Unread>,
}

/// Reads the account and holds the blueprint against it. A read that fails is told in `unread`, and its findings are missing.
pub async fn preflight(
    world: &impl World,
    line: &Compiled,
    (stack, before): (Option<&StackDescription>, &Template),
) -> Preflight {
    let vpc = stack.and_then(StackDescription::vpc).map(str::to_string);
    let exceeding = check::exceeding(&line.intent, &line.plan, &line.capacity);
    let observed = observe::observe(world, &scope(line, vpc, &exceeding)).await;
    let (deployed, rendered) = (Stack::of(before), Stack::of(&line.template));
    let state = AccountState::of(&observed, &deployed).with_misfits(
        &observed,
        &rendered,
        line.intent.region.name,
    );
    let stands = |id: &str| before.resource(id).is_some();
    let deployment = account::Deployment {
        intent: &line.intent,
        plan: &line.plan,
        graph: &line.graph,
        stands: &stands,
        exceeding: &exceeding,
    };
    let findings = check::preflight(&deployment, &state);
    Preflight { findings, unread: observed.unread().into_iter().cloned().collect() }
}

/// What concerns this blueprint.
fn scope(line: &Compiled, vpc: Option<String>, exceeding: &[Diagnostic]) -> Scope {
    let intent = &line.intent;
    let used = |template| line.graph.resources.values().any(|one| one.template == template);
    let rendered = Stack::of(&line.template);
    let pinned = rendered.vpc_cni().and_then(|addon| addon.version.clone());
    Scope {
        zones: true,
        instance_types: instance_types(intent),
        quotas: QUOTAS.iter().filter(|quota| used(quota.template)).collect(),
        codes: codes(intent, used("ec2/nat-gateway"), exceeding),
        vcpus: !room::vcpu_quotas(intent).is_empty(),
        nat_gateways: used("ec2/nat-gateway"),
        prefix_lists: room::named_lists(intent),
        endpoint_services: offered::endpoint_services(intent),
        public_access: true,
        addons: addons(intent),
        kubernetes: intent.cluster.as_ref().map_or(String::new(), |one| one.version.clone()),
        schemas: pinned.map(|version| (eks::VPC_CNI.to_string(), version)).into_iter().collect(),
        addresses: !intent.nat.own.is_empty(),
        cluster: intent
            .cluster
            .as_ref()
            .filter(|_| vpc.is_some())
            .map(|_| intent.cluster_name().to_string()),
        vpc,
        owner: true,
        transit_gateway: intent.transit.gateway.as_ref().map(|gateway| gateway.id.clone()),
        vpn_gateway: intent.transit.vpn.as_ref().map(|gateway| gateway.id.clone()),
        pools: pools(intent),
    }
}

/// Of vCPUs, NAT gateways, prefix lists, and of what there is more of than every account may have, as far as they concern this blueprint.
fn codes(intent: &Intent, nat: bool, exceeding: &[Diagnostic]) -> Vec<&'static Code> {
    let machines = room::vcpu_quotas(intent).into_iter().map(|one| &one.quota);
    let gateways = nat.then_some(&NAT_GATEWAYS);
    let lists = [&RULES, &ROUTES].into_iter().filter(|_| !room::named_lists(intent).is_empty());
    let exceeded: Vec<_> = exceeding.iter().filter_map(|found| Some(found.exceeds?.code)).collect();
    let own = OF_ONE_BLUEPRINT.into_iter().filter(|quota| exceeded.contains(&quota.code));
    let mut codes: Vec<_> = machines.chain(gateways).chain(lists).chain(own).collect();
    codes.sort_by_key(|quota| quota.code);
    codes.dedup_by_key(|quota| quota.code);
    codes
}

/// Pools that have not given their range yet.
fn pools(intent: &Intent) -> Vec<String> {
    let ids = intent.vpc.open().filter_map(|given| match &given.by {
        Giver::Pool { id, .. } => Some(id.clone()),
        Giver::Class(_) => None,
    });
    ids.collect::<BTreeSet<_>>().into_iter().collect()
}

fn instance_types(intent: &Intent) -> Vec<String> {
    let groups = intent.cluster.iter().flat_map(|cluster| &cluster.node_groups);
    let types: BTreeSet<String> = groups
        .flat_map(|group| &group.instances)
        .map(|instance| instance.name.to_string())
        .collect();
    types.into_iter().collect()
}

fn addons(intent: &Intent) -> Vec<String> {
    let Some(cluster) = &intent.cluster else { return Vec::new() };
    let own = cluster.aws_node.is_addon().then(|| eks::VPC_CNI.to_string());
    own.into_iter().chain(cluster.addons.iter().map(|addon| addon.name.clone())).collect()
}
