//! What a CloudFormation type means to whoever changes one: a row for each type that a template has.
//!
//! Sources: the registry schemas of 2026-10-20 (us-east-1) for what replaces a resource and in which order, the EC2, EKS and
//! CloudFormation user guides (read 2026-11-20 and 2026-11-27) for everything else. Durations are what people and events of stacks
//! report for EKS networks in quiet Regions, rounded up; nobody promises them.

mod access;
mod cluster;
mod gateways;
mod impact;
mod key;
mod network;
mod noun;
pub mod quotas;
mod replacement;
mod routes;
mod rules;
mod weight;

use std::time::Duration;

pub use impact::{Impact, Loss};
pub use key::{Key, Part, RULE_LISTS, RULE_PEERS, RULE_PORTS};
pub use noun::noun;
pub use replacement::{Order, Replaced, Replacement};
pub use weight::Weight;

/// What a change comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    Add,
    Modify,
    Replace,
    Remove,
}

impl ChangeKind {
    pub const ALL: [ChangeKind; 4] =
        [ChangeKind::Add, ChangeKind::Modify, ChangeKind::Replace, ChangeKind::Remove];

    /// eksnet's own word, in previews, JSON documents and saved plans.
    pub fn word(self) -> &'static str {
        match self {
            ChangeKind::Add => "add",
            ChangeKind::Modify => "modify",
            ChangeKind::Replace => "replace",
            ChangeKind::Remove => "remove",
        }
    }
}

/// Where a deployment's picture shows the type, in the order in which sections come to stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    Vpc,
    Subnets,
    Routes,
    RolesAndRules,
    Cluster,
    Addons,
    NodeGroups,
    Rest,
}

impl Section {
    /// Above its resources in a deployment's picture.
    pub fn title(self) -> &'static str {
        match self {
            Section::Vpc => "vpc",
            Section::Subnets => "subnets",
            Section::Routes => "routes",
            Section::RolesAndRules => "roles and rules",
            Section::Cluster => "cluster",
            Section::Addons => "add-ons",
            Section::NodeGroups => "node groups",
            Section::Rest => "the rest",
        }
    }
}

/// What CloudFormation does to a resource, whose time is known by type. A replacement is a creation and a deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    Create,
    Update,
    Delete,
}

impl Work {
    /// By the beginning of CloudFormation's status, such as `UPDATE_IN_PROGRESS`.
    pub fn by_status(status: &str) -> Self {
        match status.split('_').next() {
            Some("DELETE") => Work::Delete,
            Some("UPDATE") => Work::Update,
            _ => Work::Create,
        }
    }
}

/// Seconds that CloudFormation usually takes. For "of about" and the expected time, never to give up waiting.
#[derive(Clone, Copy, Debug)]
pub struct Usual {
    pub create: u64,
    pub update: u64,
    pub delete: u64,
}

/// A type that is not worth a figure of its own, and a change of tags alone.
pub const QUICK: Usual = usual(8, 8, 8);

const fn usual(create: u64, update: u64, delete: u64) -> Usual {
    Usual { create, update, delete }
}

impl Usual {
    /// The same as a duration, by what is done to the resource.
    pub fn of(self, work: Work) -> Duration {
        Duration::from_secs(match work {
            Work::Create => self.create,
            Work::Update => self.update,
            Work::Delete => self.delete,
        })
    }
}

/// What people and nodes notice of each change.
#[derive(Clone, Copy, Debug)]
pub struct Impacts {
    pub add: Impact,
    /// Of a property that `of` does not name. Tags are never noticed.
    pub modify: Impact,
    pub replace: Impact,
    pub remove: Impact,
    /// Properties that change in place, by the beginning of their path.
    pub of: &'static [(&'static str, Impact)],
}

const UNNOTICED: Impacts = Impacts {
    add: Impact::Unnoticed,
    modify: Impact::Unnoticed,
    replace: Impact::Unnoticed,
    remove: Impact::Unnoticed,
    of: &[],
};

impl Impacts {
    /// Of a modification the impact of a property without a row: [`Impacts::of_properties`] knows the others.
    pub fn of(&self, kind: ChangeKind) -> Impact {
        match kind {
            ChangeKind::Add => self.add,
            ChangeKind::Modify => self.modify,
            ChangeKind::Replace => self.replace,
            ChangeKind::Remove => self.remove,
        }
    }

    /// Of properties that changed in place, in the order of the rows; each once.
    pub fn of_properties<'p>(&self, changed: impl Iterator<Item = &'p str> + Clone) -> Vec<Impact> {
        let noticed: Vec<&str> = changed.filter(|name| !is_tag(name)).collect();
        let begins = |name: &str, row: &str| replacement::is_within(row, name);
        let rows = self.of.iter().filter(|(row, _)| noticed.iter().any(|name| begins(name, row)));
        let mut found: Vec<Impact> = rows.map(|(_, impact)| *impact).collect();
        if found.is_empty() && !noticed.is_empty() {
            found.push(self.modify);
        }
        let mut seen = Vec::new();
        found.retain(|impact| {
            let new = impact.is_noticed() && !seen.contains(impact);
            seen.push(*impact);
            new
        });
        found
    }
}

/// When a loss comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Removed or replaced.
    Gone,
    /// Removed or replaced, where it had this property.
    GoneWith(&'static str),
    /// The property is set, or changes in place.
    Changed(&'static str),
    /// The property changes, and not to an earlier version.
    Raised(&'static str),
    /// The property was set, and is no more.
    Unset(&'static str),
}

/// What CloudFormation calls a type, and what a change of one means.
#[derive(Debug)]
pub struct Kind {
    /// `AWS::EC2::Subnet`
    pub name: &'static str,
    pub section: Section,
    pub usual: Usual,
    pub replaced: Replaced,
    pub impact: Impacts,
    /// What no later deployment brings back.
    pub lost: &'static [(When, Loss)],
    /// What only one resource may have while old and new exist side by side.
    pub key: Key,
}

/// The type's name without a row: everything is possible.
pub fn find(name: &str) -> Option<&'static Kind> {
    all().find(|kind| kind.name == name)
}

/// Every type that a template of this version has, topic after topic.
pub fn all() -> impl Iterator<Item = &'static Kind> {
    [network::KINDS, gateways::KINDS, routes::KINDS, rules::KINDS, access::KINDS, cluster::KINDS]
        .into_iter()
        .flatten()
}

/// The rest for a type without a row.
pub fn section(name: &str) -> Section {
    find(name).map_or(Section::Rest, |kind| kind.section)
}

/// [`QUICK`] for a type without a row.
pub fn usual_time(name: &str, work: Work) -> Duration {
    find(name).map_or(QUICK, |kind| kind.usual).of(work)
}

/// What a change of `property` (`ResourcesVpcConfig/SubnetIds/*`) of a resource of type `name` does to the resource.
/// A type without a row may be replaced.
pub fn replacement(name: &str, property: &str) -> Replacement {
    find(name).map_or(Replacement::Conditional, |kind| kind.replaced.by(property))
}

/// The same where there was no such property before.
pub fn replacement_by_added(name: &str, property: &str) -> Replacement {
    find(name).map_or(Replacement::Conditional, |kind| kind.replaced.by_added(property))
}

/// Whether a property is the tags, or one of them.
pub fn is_tag(property: &str) -> bool {
    replacement::is_within("Tags", property)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_type_has_one_row() {
        let names: BTreeSet<&str> = all().map(|kind| kind.name).collect();
        assert_eq!(names.len(), all().count());
    }

    #[test]
    fn create_only_properties_replace_and_others_do_not() {
        let of = replacement;
        assert_eq!(of("AWS::EC2::Subnet", "CidrBlock"), Replacement::Always);
        assert_eq!(of("AWS::EC2::Subnet", "Tags/0/Value"), Replacement::Never);
        assert_eq!(of("AWS::EC2::VPC", "InstanceTenancy"), Replacement::Conditional);
        assert_eq!(
            of("AWS::EKS::Cluster", "KubernetesNetworkConfig/ServiceIpv4Cidr"),
            Replacement::Always
        );
        assert_eq!(of("AWS::EKS::Cluster", "ResourcesVpcConfig/SubnetIds/0"), Replacement::Never);
        assert_eq!(
            of("AWS::EC2::SubnetRouteTableAssociation", "RouteTableId"),
            Replacement::Always
        );
        assert_eq!(of("Custom::Thing", "Any"), Replacement::Conditional);
    }

    #[test]
    fn a_property_that_is_named_decides_and_tags_are_not_noticed() {
        let route = &find("AWS::EC2::Route").unwrap().impact;
        assert_eq!(
            route.of_properties(["NatGatewayId"].into_iter()),
            [Impact::RouteLeadsElsewhere]
        );
        let subnet = &find("AWS::EC2::Subnet").unwrap().impact;
        assert_eq!(subnet.of_properties(["Tags/a"].into_iter()), []);
        let cluster = &find("AWS::EKS::Cluster").unwrap().impact;
        let several = ["Version", "ResourcesVpcConfig/PublicAccessCidrs"].into_iter();
        let both = [Impact::ControlPlaneUpgraded, Impact::ApiListChanges];
        assert_eq!(cluster.of_properties(several), both);
    }

    /// What a row says of a property is said of one that the type can have in place.
    #[test]
    fn no_impact_in_place_is_of_a_property_that_replaces() {
        for kind in all() {
            for (property, _) in kind.impact.of {
                let replaces = kind.replaced.by(property) == Replacement::Always;
                assert!(!replaces, "{}: {property} replaces", kind.name);
            }
        }
    }
}
