//! What a blueprint names by id that can only be inside the VPC, before that VPC exists.

use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::routes::{self, Home};
use crate::intent::security::{Peer, Traffic};
use crate::intent::{Intent, Tier};
use crate::rules::{EXT_01, Rule};

use super::Ledger;

/// Offline nobody knows whether the VPC exists; while nothing was given out yet, most likely not.
pub fn check(intent: &Intent, ledger: &Ledger) -> Vec<Diagnostic> {
    match ledger.standing().next() {
        None if intent.vpc.existing.is_some() => Vec::new(),
        Some(_) => Vec::new(),
        None => impossible(intent, &EXT_01),
    }
}

/// What is named too early, as findings of a rule.
pub fn impossible(intent: &Intent, rule: &'static Rule) -> Vec<Diagnostic> {
    let hint = "deploy without it first; then create it in the VPC, name it here and deploy again";
    let finding = |(place, message): (String, String)| rule.at(place, message).hint(hint);
    let routes = intent.tiers.iter().flat_map(targets);
    routes.chain(groups(intent)).map(finding).collect()
}

fn targets(tier: &Tier) -> Vec<(String, String)> {
    let found = tier.routes.iter().filter_map(|route| {
        let target = routes::target(&route.via).filter(|target| target.home == Home::InTheVpc)?;
        let message = format!(
            "`{}` is {} of another VPC: this one does not exist yet",
            route.via, target.what
        );
        Some((key(&route.path, "via"), message))
    });
    found.collect()
}

/// Groups on the pods' interfaces are in the VPC; those that rules name are in it, in a peer, or behind the transit gateway.
fn groups(intent: &Intent) -> Vec<(String, String)> {
    let message = |id: &str| {
        format!("`{id}` is a security group of another VPC: this one does not exist yet")
    };
    let custom =
        intent.cluster.iter().filter_map(|cluster| cluster.aws_node.custom_networking.as_ref());
    let own = custom.flat_map(|custom| custom.security_groups.iter().enumerate());
    let place = |at: usize| format!("awsNode.customNetworking.securityGroups[{at}]");
    let mut found: Vec<_> = own.map(|(at, id)| (place(at), message(id))).collect();
    if intent.transit.gateway.is_some() {
        return found;
    }
    let security = &intent.security;
    let rules =
        security.control_plane.iter().chain(security.nodes.all()).chain(security.pods.all());
    let named = |rule: &Traffic| match &rule.peer {
        Peer::Group(id) => Some((rule.path.clone(), message(id))),
        Peer::Range(_) | Peer::PrefixList(_) => None,
    };
    found.extend(rules.filter_map(named));
    found
}
