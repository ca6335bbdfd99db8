//! The rule book, rows only: every rule with its id, its severity, why it is one, where it comes from, and an example on either
//! side. A stage raises a rule as a value ([`Rule::at`]); one that is not here cannot be raised.

mod account;
mod addons;
mod addresses;
mod allowance;
mod auto;
mod aws_node;
mod capacity;
mod changes;
mod cluster;
mod egress;
mod endpoints;
mod fargate;
mod flow_logs;
mod hybrid;
mod modes;
mod nodes;
mod overlay;
mod profiles;
mod reader;
mod routing;
mod security;
mod self_managed;
mod subnet_roles;
mod tags;
mod tiers;
mod transit;
mod updates;
mod versions;
mod vpc;
mod zones;

pub use account::*;
pub use addons::*;
pub use addresses::*;
pub use allowance::*;
pub use auto::*;
pub use aws_node::*;
pub use capacity::*;
pub use changes::*;
pub use cluster::*;
pub use egress::*;
pub use endpoints::*;
pub use fargate::*;
pub use flow_logs::*;
pub use hybrid::*;
pub use modes::*;
pub use nodes::*;
pub use overlay::*;
pub use profiles::*;
pub use reader::*;
pub use routing::*;
pub use security::*;
pub use self_managed::*;
pub use subnet_roles::*;
pub use tags::*;
pub use tiers::*;
pub use transit::*;
pub use updates::*;
pub use versions::*;
pub use vpc::*;
pub use zones::*;

/// What a rule stands for: an error is what AWS refuses or what cannot work, a warning what may be meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Warning,
    Error,
}

impl Severity {
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// One rule. `breaks` and `holds` are lines of a blueprint.
#[derive(Debug)]
pub struct Rule {
    pub id: &'static str,
    pub severity: Severity,
    pub title: &'static str,
    pub why: &'static str,
    /// Where it comes from; AWS sources were read on 2026-11-20.
    pub source: &'static str,
    pub breaks: &'static str,
    pub holds: &'static str,
}

/// A rule is its id.
impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Rule {}

impl PartialEq<str> for Rule {
    fn eq(&self, id: &str) -> bool {
        self.id == id
    }
}

impl std::fmt::Display for Rule {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.pad(self.id)
    }
}

/// A rule by its text, in the order of the fields.
const fn error(
    id: &'static str,
    title: &'static str,
    why: &'static str,
    source: &'static str,
    example: (&'static str, &'static str),
) -> Rule {
    Rule { id, severity: Severity::Error, title, why, source, breaks: example.0, holds: example.1 }
}

const fn warning(
    id: &'static str,
    title: &'static str,
    why: &'static str,
    source: &'static str,
    example: (&'static str, &'static str),
) -> Rule {
    Rule { severity: Severity::Warning, ..error(id, title, why, source, example) }
}

/// (topic, its rules), in the order in which a blueprint is read.
pub const TOPICS: &[(&str, &[&Rule])] = &[
    ("the file", reader::RULES),
    ("allowances", allowance::RULES),
    ("zones", zones::RULES),
    ("the VPC", vpc::RULES),
    ("tiers and subnets", tiers::RULES),
    ("tags", tags::RULES),
    ("load balancers, the control plane's subnets", subnet_roles::RULES),
    ("addresses", addresses::RULES),
    ("capacity", capacity::RULES),
    ("egress", egress::RULES),
    ("other networks", transit::RULES),
    ("routes to other networks", routing::RULES),
    ("hybrid nodes, the control plane's own ways", hybrid::RULES),
    ("flow logs", flow_logs::RULES),
    ("VPC endpoints", endpoints::RULES),
    ("security groups, network ACLs, alarms", security::RULES),
    ("the cluster", cluster::RULES),
    ("aws-node", aws_node::RULES),
    ("add-ons", addons::RULES),
    ("modes of the pod network", modes::RULES),
    ("a self-managed aws-node", self_managed::RULES),
    ("other CNIs", overlay::RULES),
    ("node groups", nodes::RULES),
    ("Fargate", fargate::RULES),
    ("EKS Auto Mode", auto::RULES),
    ("versions and idle settings", versions::RULES),
    ("changes of what stands", changes::RULES),
    ("one update of what exists", updates::RULES),
    ("the account (`check --online`, `deploy`)", account::RULES),
    ("profiles", profiles::RULES),
];

pub fn all() -> impl Iterator<Item = &'static Rule> {
    TOPICS.iter().flat_map(|(_, rules)| rules.iter().copied())
}

/// Rules that a blueprint alone does not decide, or that only some profiles have: `check` may well find nothing of theirs.
pub fn is_elsewhere(rule: &Rule) -> bool {
    [account::RULES, changes::RULES, updates::RULES, profiles::RULES]
        .iter()
        .any(|rules| rules.contains(&rule))
}

/// By id, in any case.
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id.eq_ignore_ascii_case(id))
}
