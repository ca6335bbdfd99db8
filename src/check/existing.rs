//! What a VPC and a cluster of others allow to be added, and what must be let in before pods, or nodes, move to a new range.

use crate::address;
use crate::blueprint::model::Use;
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::endpoints::Kind;
use crate::facts::vpc;
use crate::intent::{Intent, Tier};
use crate::rules::{AUTO_08, EXI_15, EXI_19, EXI_21, EXI_22, EXI_23, EXI_24, SVC_02};

use super::cluster;

/// Rules that are named in a finding.
const SHOWN: usize = 20;

/// What is known of what exists, against what the stack adds to it.
pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let all = [
        services(intent),
        participant(intent),
        not_run(intent),
        leaving(intent),
        attached(intent),
        issuer(intent),
    ];
    all.into_iter().flatten().chain(named(intent)).collect()
}

/// A service's address is not routed to the VPC: a pod that has it is unreachable.
fn services(intent: &Intent) -> Option<Diagnostic> {
    let held = intent.cluster.as_ref()?.existing.as_ref()?;
    let services = held.service_cidr?;
    let range = intent.vpc.added().find(|range| vpc::overlap(range.cidr, services))?;
    let message = format!("`{}` overlaps {services}, the services of `{}`", range.cidr, held.name);
    let finding = SVC_02.at(&range.path, message);
    Some(match address::legal_secondary(intent) {
        Some(free) => finding.hint(format!("`{free}` is free")),
        None => finding.hint("use another range"),
    })
}

/// Roles by the OIDC provider of a cluster whose issuer the survey does not have: the provider would have no URL.
fn issuer(intent: &Intent) -> Option<Diagnostic> {
    let cluster = intent.cluster.as_ref()?;
    let held = cluster.existing.as_ref().filter(|held| !held.endpoint.is_empty())?;
    let needed = cluster::by_token(cluster).filter(|_| held.oidc_issuer.is_none())?;
    let message = format!("the issuer of `{}` was not read, which `role: irsa` needs", held.name);
    Some(
        EXI_19
            .at(needed, message)
            .hint("make a new survey (`eksnet survey`), or set `role: podIdentity`"),
    )
}

/// A range that is on its way out when it is asked for.
fn leaving(intent: &Intent) -> Option<Diagnostic> {
    let held = intent.occupied.as_ref()?.vpc.as_ref()?;
    let range = intent.vpc.added().find(|range| held.leaving.contains(&range.cidr))?;
    let message = format!("`{}` is `disassociating`: AWS is removing it from the VPC", range.cidr);
    Some(
        EXI_23
            .at(&range.path, message)
            .hint("wait until it is removed and make a new survey, or use another range"),
    )
}

/// Endpoints whose private name another endpoint of the VPC has.
fn named(intent: &Intent) -> Vec<Diagnostic> {
    let held = intent.occupied.as_ref().and_then(|held| held.vpc.as_ref());
    let names = held.map(|held| held.endpoints.as_slice()).unwrap_or_default();
    let taken = |name: &str| names.iter().any(|held| held.ends_with(&format!(".{name}")));
    let own = intent.endpoints.of(Kind::Interface).map(|one| one.service);
    let own = own.filter(|service| service.has_private_dns()).map(|service| service.in_aws());
    let finding = |name: &str| {
        EXI_24
            .at("endpoints", format!("the VPC has an endpoint for `{name}` with private DNS"))
            .hint(format!("use it: remove `{name}` from the list, or `exclude` it; pods reach it if its security group admits their range"))
    };
    own.filter(|name| taken(name)).map(finding).collect()
}

/// A second attachment to the same gateway.
fn attached(intent: &Intent) -> Option<Diagnostic> {
    let held = intent.occupied.as_ref()?.vpc.as_ref()?;
    let gateway = intent.transit.gateway.as_ref()?;
    held.attached.contains(&gateway.id).then(|| {
        EXI_24
            .at("egress.transitGateway.id", format!("the VPC is attached to `{}`", gateway.id))
            .hint("remove `transitGateway`, and give new tiers the egress of one that exists: `egress: { like: nodes }`")
    })
}

/// The VPC is shared by another account.
fn participant(intent: &Intent) -> Option<Diagnostic> {
    let owner = intent.occupied.as_ref()?.vpc.as_ref()?.owner.as_ref()?;
    let tier = intent.tiers.iter().find(|tier| tier.existing.is_none()).map(|tier| &tier.path);
    let place = tier.or_else(|| intent.vpc.added().next().map(|range| &range.path))?;
    let message =
        format!("the VPC is owned by the account {owner}, which alone creates subnets in it");
    Some(EXI_21.at(place, message).hint(
        "deploy this blueprint in the owner's account, or have the owner share subnets, and name them with `existing`",
    ))
}

/// Settings of an aws-node that the cluster, or some of its nodes, do not run.
fn not_run(intent: &Intent) -> Option<Diagnostic> {
    let cluster = intent.cluster.as_ref()?;
    let held = cluster.existing.as_ref()?;
    let custom = cluster.aws_node.custom_networking.is_some();
    let is_read = intent.occupied.as_ref()?.unread("eks.nodeGroups").is_none();
    let message = format!("`{}` runs nodes of EKS Auto Mode, which reads no ENIConfig", held.name);
    let (place, way) =
        ("awsNode.customNetworking", "use a NodeClass with `podSubnetSelectorTerms`");
    if !held.auto_mode || !custom {
        return None;
    }
    // Beside node groups it is half of the truth.
    Some(match cluster.node_groups.is_empty() && is_read {
        true => EXI_22.at(place, message).hint(format!("{way}, or node groups of this blueprint")),
        false => AUTO_08
            .at(place, format!("{message}: their pods stay in the nodes' subnets"))
            .hint(format!("{way} for the pods of these nodes")),
    })
}

/// Rules that admit the range that pods leave and not the one that they move to.
pub fn admits(intent: &Intent) -> Option<Diagnostic> {
    let vpc = intent.occupied.as_ref()?.vpc.as_ref()?;
    let added = |tier: &&Tier| {
        tier.existing.is_none()
            && (tier.serves(Use::Pods) || tier.serves(Use::Nodes))
            && intent.vpc.secondary.iter().any(|written| written.cidr == tier.pool)
    };
    let tier = intent.tiers.iter().find(added).filter(|_| intent.cluster.is_some())?;
    let own = ["from", "to", "entry"].map(|word| format!(" {word} {}", tier.pool));
    let is_own = |line: &&String| own.iter().any(|end| line.ends_with(end));
    let missing: Vec<&String> = vpc.admit_old.iter().filter(is_own).collect();
    if missing.is_empty() {
        return None;
    }
    let shown: Vec<&str> = missing.iter().take(SHOWN).map(|line| line.as_str()).collect();
    let more = match missing.len() {
        count if SHOWN < count => format!(", and {} more", count - SHOWN),
        _ => String::new(),
    };
    let rules = if missing.len() == 1 { "rule admits" } else { "rules admit" };
    let message = format!("{} {rules} the nodes' range and not `{}`", missing.len(), tier.pool);
    Some(
        EXI_15
            .at(key(&tier.path, "from"), message)
            .hint(format!("add before pods move: {}{more}", shown.join("; "))),
    )
}
