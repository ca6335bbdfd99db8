//! Why one CloudFormation update cannot make a change. Each is a finding with the order that works.

use crate::blueprint::path;
use crate::diagnostic::Diagnostic;
use crate::facts::kinds::quotas::Most;
use crate::render::keys::Key;
use crate::rules::{
    NAT_04, UPD_01, UPD_02, UPD_03, UPD_04, UPD_05, UPD_06, UPD_07, UPD_08, UPD_09, UPD_10, UPD_11,
    UPD_12, UPD_13, UPD_14, VPC_08,
};
use crate::template::Template;

use super::named::Names;

/// What stands in the way, as values.
#[derive(Clone, PartialEq)]
pub enum Obstacle {
    /// `id` is created while `holder` has its physical key.
    KeyHeld { id: String, kind: String, path: String, holder: String, key: Key, held: Key },
    /// More exist in between than AWS allows; `late` are those of the new ones that are too many.
    QuotaPassed { most: &'static Most, between: usize, late: Vec<String>, path: String },
    /// The nodes of a group lose their way out.
    NodesCutOff { group: String, subnets: Vec<String>, path: String },
    /// Auto Mode goes (`auto: false`) or comes, and no node group or Fargate profile is there before and after.
    NoNodesBetween { auto: bool },
    /// A protected cluster would be removed.
    Protected { id: String },
    /// A transit gateway attachment would move to another route table.
    TransitTableMoved { id: String, path: String },
    /// An endpoint or attachment would exchange its subnet in these zones.
    ZonesExchanged { id: String, zones: Vec<String>, path: String },
    /// A node group would get new nodes and another change in one update.
    NodeGroupMixed { group: String, path: String },
    /// Kubernetes would go up, or `back`, while something else changes.
    UpgradeBeside { cluster: String, back: bool, path: String },
    /// A role would lose rights before those that use them have changed.
    RightsEarly { role: String, users: Vec<String>, path: String },
    /// Addresses that nodes leave from would lose the API before the routes lead elsewhere.
    CallersEarly { cluster: String, path: String },
    /// A cluster would be protected before it is known to stay.
    ProtectedEarly { cluster: String },
}

impl std::fmt::Debug for Obstacle {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let nothing = Template::nothing();
        let finding = self.finding(Names { after: &nothing, before: &nothing });
        write!(out, "{}: {}", finding.rule, finding.message)
    }
}

impl Obstacle {
    /// With resources called as people call them, and with the order of deployments that works as the hint.
    pub fn finding(&self, names: Names<'_>) -> Diagnostic {
        match self {
            Obstacle::KeyHeld { id, kind, path, holder, key, held } => match kind.as_str() {
                "AWS::EC2::NatGateway" => address_held(names.two([id, holder]), key),
                "AWS::EC2::VPCCidrBlock" => range_held(key, held),
                _ => key_held(names.two([id, holder]), id == holder, path),
            },
            Obstacle::QuotaPassed { most, between, path, .. } => quota_passed(most, *between, path),
            Obstacle::NodesCutOff { group, subnets, path } => {
                let message = format!(
                    "the nodes of {} have no public addresses, and the internet gateway forwards none of their packets: {} assigns addresses to new interfaces only",
                    names.one(group),
                    names.tiers(subnets)
                );
                UPD_04.at(of_tier(path), message).hint(
                    "add a tier with `egress: internet` and a node group in it; remove the old group in the next deployment",
                )
            }
            Obstacle::NoNodesBetween { auto } => no_nodes(*auto),
            Obstacle::Protected { id } => UPD_07
                .at("cluster", format!("{} would be removed, and it is protected against that", names.one(id)))
                .hint("deploy `cluster: { deletionProtection: false }` first"),
            Obstacle::TransitTableMoved { path, .. } => UPD_05
                .at(
                    path.clone(),
                    "CloudFormation cannot move the attachment to another transit gateway route table",
                )
                .hint(
                    "deploy once without `routeTable`, then with the new one; in between the attachment carries no traffic",
                ),
            Obstacle::ZonesExchanged { id, zones, path } => UPD_08
                .at(
                    path.clone(),
                    format!("{} would have two subnets in {} while they are replaced", names.one(id), zones.join(", ")),
                )
                .hint(
                    "deploy once without it and then with the new tier, or keep the tier",
                ),
            Obstacle::NodeGroupMixed { group, path } => UPD_10
                .at(path.clone(), format!("{} would get new nodes and another change in one update", names.one(group)))
                .hint("make the change in two deployments: new nodes (version, AMI, disk, tags of instances) apart from everything else"),
            Obstacle::UpgradeBeside { back: true, path, .. } => UPD_11
                .at(path.clone(), "Kubernetes would be downgraded together with other changes, and no rollback reverts that")
                .hint("deploy everything else first, nodes of the older version included, and the older version alone after it"),
            Obstacle::UpgradeBeside { path, .. } => UPD_11
                .at(path.clone(), "Kubernetes would be upgraded together with other changes, and no rollback reverts that")
                .hint("deploy the new version alone first"),
            Obstacle::RightsEarly { role, users, path } => UPD_12
                .at(path.clone(), format!("{} would lose permissions before what uses them has changed: {}", names.one(role), names.all(users)))
                .hint("remove the permissions in the next deployment"),
            Obstacle::CallersEarly { cluster, path } => UPD_13
                .at(path.clone(), format!("{} would admit the nodes' new addresses only, while they still leave from the old ones", names.one(cluster)))
                .hint("keep the former addresses in `publicCidrs` for one deployment, or set `private: true`"),
            Obstacle::ProtectedEarly { cluster } => UPD_14
                .at("cluster.deletionProtection", format!("{} would be protected from its creation on, so that a failing update cannot be rolled back", names.one(cluster)))
                .hint("set `deletionProtection: true` in the next deployment"),
        }
    }
}

/// Where a tier says how its packets leave.
fn of_tier(place: &str) -> String {
    let is_tier = place.starts_with("tiers[") && place.ends_with(']');
    if is_tier { path::key(place, "egress") } else { place.to_string() }
}

fn key_held([id, holder]: [String; 2], is_replaced: bool, path: &str) -> Diagnostic {
    let message = match is_replaced {
        true => format!("{id} would be replaced, and AWS accepts no second one beside it"),
        false => format!("{id} is created while {holder} exists, and for AWS both are the same"),
    };
    UPD_01
        .at(path, message)
        .hint(format!("deploy once without {holder}, and add {id} in the next deployment"))
}

fn address_held([id, holder]: [String; 2], key: &Key) -> Diagnostic {
    let address = key.parts.join(", ");
    let message = format!(
        "`{address}` is still attached to {holder} when {id} is created, and AWS attaches an address once"
    );
    NAT_04.at("egress.nat", message).hint("deploy with addresses that the stack creates in between (leave yours out once), or use others; where zones changed places, name each zone's (`addresses`)")
}

/// A secondary CIDR cannot be exchanged for one around it: AWS adds the new one while the old one is there.
fn range_held(key: &Key, held: &Key) -> Diagnostic {
    let range =
        |key: &Key| key.range.map_or_else(|| key.parts.join(", "), |range| range.to_string());
    let (new, old) = (range(key), range(held));
    VPC_08
        .at(
            "vpc.secondaryCidrs",
            format!("`{old}` exists, and a CIDR's size never changes: `{new}` overlaps it"),
        )
        .hint(format!("keep `{old}`, and add a range beside it"))
}

fn quota_passed(most: &Most, between: usize, path: &str) -> Diagnostic {
    let Most { what, default, ceiling, code, .. } = most;
    let message = |most: usize, whose: &str| {
        format!(
            "{between} {what} exist while new ones are created and old ones are not yet deleted; {whose} {most}"
        )
    };
    match ceiling {
        Some(ceiling) if *ceiling < between => UPD_02
            .at(path, message(*ceiling, "AWS allows at most"))
            .hint("make the change in two deployments: remove first, then add"),
        _ => UPD_03.at(path, message(*default, "by default AWS allows")).hint(format!(
            "make the change in two deployments, or have the quota {code} raised to {between}"
        )),
    }
}

fn no_nodes(auto: bool) -> Diagnostic {
    if auto {
        let message = "Auto Mode is turned on and every node group removed in one deployment: the cluster's DNS is deleted before the old nodes are drained";
        return UPD_09
            .at("cluster.autoMode", message)
            .hint("deploy `autoMode` beside the node groups first, and remove them afterwards");
    }
    let message =
        "EKS terminates all nodes of Auto Mode before a node group exists: nothing runs in between";
    UPD_06
        .at("cluster", message)
        .hint("deploy node groups beside `autoMode` first, and remove `autoMode` afterwards")
}

#[cfg(test)]
mod tests {
    use crate::facts::kinds::quotas::MOST;

    use super::*;

    /// What no order of parts avoids is still told.
    #[test]
    fn what_aws_does_not_raise_is_an_error() {
        let most = MOST.iter().find(|most| most.ceiling == Some(40)).unwrap();
        let nothing = Template::nothing();
        let names = Names { after: &nothing, before: &nothing };
        let passed = |between| Obstacle::QuotaPassed {
            most,
            between,
            late: Vec::new(),
            path: String::new(),
        };
        assert!(passed(41).finding(names).message.contains("AWS allows at most 40"));
        assert_eq!(
            [passed(41), passed(40)].map(|one| one.finding(names).rule.id),
            ["UPD-02", "UPD-03"]
        );
    }

    #[test]
    fn every_kind_of_update_that_is_mixed_says_what_to_do() {
        let (id, path) = (String::from("NodeGroupG"), String::from("nodeGroups[0]"));
        let mixed = Obstacle::NodeGroupMixed { group: id.clone(), path: path.clone() };
        let upgrade =
            Obstacle::UpgradeBeside { cluster: id.clone(), back: false, path: path.clone() };
        let rights = Obstacle::RightsEarly { role: id.clone(), users: vec![id], path };
        let nothing = Template::nothing();
        let names = Names { after: &nothing, before: &nothing };
        let findings = [mixed, upgrade, rights].map(|one| one.finding(names));
        assert_eq!(findings.each_ref().map(|one| one.rule.id), ["UPD-10", "UPD-11", "UPD-12"]);
        assert!(findings.iter().all(|one| one.hint.is_some()));
    }
}
