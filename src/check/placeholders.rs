//! What an example has in place of the author's own, about to be deployed.

use ipnet::IpNet;

use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::reserved::{self, Purpose};
use crate::intent::Intent;
use crate::intent::access::Access;
use crate::intent::security::{Peer, Traffic};
use crate::intent::transit::Destination;
use crate::rules::{DOC_01, DOC_02};

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let documents = |range: IpNet| reserved::purpose(range) == Some(Purpose::Documentation);
    let finding = |(range, place): (IpNet, String)| {
        DOC_01
            .at(
                place,
                format!("`{range}` is reserved for documentation: no caller has an address of it"),
            )
            .label("RFC 6890: a range for documentation")
            .hint("name your own range")
    };
    ranges(intent).into_iter().filter(|(range, _)| documents(*range)).map(finding).collect()
}

/// Principals of another account than the one that is deployed to: EKS accepts them, and an example's own account is nobody's.
pub fn principals(intent: &Intent, owner: &str) -> Vec<Diagnostic> {
    let account = |arn: &str| arn.split(':').nth(4).unwrap_or_default().to_string();
    let entries = intent.cluster.iter().flat_map(|cluster| &cluster.access);
    let foreign = entries.filter(|entry| {
        let of = account(&entry.principal);
        of.len() == owner.len() && of != owner
    });
    let finding = |entry: &Access| {
        let message = format!("`{}` is of another account than {owner}", entry.principal);
        DOC_02
            .at(key(&entry.path, "principal"), message)
            .hint("use a principal of this account, or allow it where the other account is meant")
    };
    foreign.map(finding).collect()
}

/// Ranges that others have, each with its place.
fn ranges(intent: &Intent) -> Vec<(IpNet, String)> {
    let listed = intent.cluster.iter().flat_map(|cluster| &cluster.endpoint.public_cidrs);
    let mut found: Vec<(IpNet, String)> = listed
        .map(|(at, range)| (*range, format!("cluster.endpointAccess.publicCidrs[{at}]")))
        .collect();
    let security = &intent.security;
    let acls = intent.tiers.iter().flat_map(|tier| tier.acl.all());
    let rules =
        security.control_plane.iter().chain(security.nodes.all()).chain(security.pods.all());
    let peer = |rule: &Traffic| match rule.peer {
        Peer::Range(range) => Some((range, rule.path.clone())),
        Peer::Group(_) | Peer::PrefixList(_) => None,
    };
    found.extend(rules.chain(acls).filter_map(peer));
    let routes = intent.tiers.iter().flat_map(|tier| &tier.routes);
    found.extend(routes.filter_map(|route| match route.to {
        Destination::Range(range) => Some((range, key(&route.path, "to"))),
        Destination::PrefixList(_) => None,
    }));
    let behind =
        intent.transit.gateway.iter().flat_map(|gateway| gateway.destinations.iter().enumerate());
    found.extend(
        behind.map(|(at, range)| {
            ((*range).into(), format!("egress.transitGateway.destinations[{at}]"))
        }),
    );
    found
}
