//! The rule book, rows only: every rule with its id, what its breach leads to, why it is one, where it comes from, and an
//! example on either side. A stage raises a rule as a value ([`Rule::at`]); one that is not here cannot be raised.

mod access;
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
mod equipment;
mod existing;
mod fargate;
mod fleet;
mod flow_logs;
mod hybrid;
mod iam;
mod ipam;
mod modes;
mod nodes;
mod overlay;
mod patches;
mod profiles;
mod reader;
mod routing;
mod security;
mod self_managed;
mod sources;
mod stack;
mod subnet_roles;
mod tags;
mod tiers;
mod transit;
mod updates;
mod versions;
mod vpc;
mod zones;

pub use access::*;
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
pub use equipment::*;
pub use existing::*;
pub use fargate::*;
pub use fleet::*;
pub use flow_logs::*;
pub use hybrid::*;
pub use iam::*;
pub use ipam::*;
pub use modes::*;
pub use nodes::*;
pub use overlay::*;
pub use patches::*;
pub use profiles::*;
pub use reader::*;
pub use routing::*;
pub use security::*;
pub use self_managed::*;
pub use sources::Source;
pub use stack::*;
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
    /// What may be sensible; can be allowed on its line with a reason.
    Warning,
    /// Stops the line.
    Error,
}

impl Severity {
    /// `error` or `warning`.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// Why a breach is an error: what is refused, or what breaks. A rule without a consequence is a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// An API of AWS refuses it: service, call, and the error where it is known.
    Refused(&'static str),
    /// Everything is created, or nearly, and does not work: the mechanism.
    Fails(&'static str),
    /// The blueprint does not say what eksnet should build.
    NotBuilt(&'static str),
    /// A profile that the author asked for demands it: its control.
    Demanded(&'static str),
}

impl Consequence {
    /// The refusal, the mechanism or the control.
    pub fn text(self) -> &'static str {
        let (Consequence::Refused(text)
        | Consequence::Fails(text)
        | Consequence::NotBuilt(text)
        | Consequence::Demanded(text)) = self;
        text
    }

    /// As a heading of the text.
    pub fn word(self) -> &'static str {
        match self {
            Consequence::Refused(_) => "refused by",
            Consequence::Fails(_) => "otherwise",
            Consequence::NotBuilt(_) => "not built",
            Consequence::Demanded(_) => "demanded by",
        }
    }
}

/// One rule. `breaks` and `holds` are lines of a blueprint.
pub struct Rule {
    /// Such as `VPC-21`; never given to another rule.
    pub id: &'static str,
    /// A requirement.
    pub title: &'static str,
    /// Of errors only.
    pub consequence: Option<Consequence>,
    /// The reason.
    pub why: &'static str,
    /// One at least.
    pub sources: &'static [&'static Source],
    /// An example that breaks it.
    pub breaks: &'static str,
    /// The same example, corrected.
    pub holds: &'static str,
}

impl Rule {
    /// An error has a consequence, a warning has none.
    pub fn severity(&self) -> Severity {
        self.consequence.map_or(Severity::Warning, |_| Severity::Error)
    }

    const fn why(self, why: &'static str) -> Rule {
        Rule { why, ..self }
    }

    const fn sources(self, sources: &'static [&'static Source]) -> Rule {
        Rule { sources, ..self }
    }

    const fn example(self, breaks: &'static str, holds: &'static str) -> Rule {
        Rule { breaks, holds, ..self }
    }
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

impl std::fmt::Debug for Rule {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.id)
    }
}

impl std::fmt::Display for Rule {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.pad(self.id)
    }
}

const fn warning(id: &'static str, title: &'static str) -> Rule {
    Rule { id, title, consequence: None, why: "", sources: &[], breaks: "", holds: "" }
}

const fn error(id: &'static str, title: &'static str, consequence: Consequence) -> Rule {
    Rule { consequence: Some(consequence), ..warning(id, title) }
}

/// (topic, its rules), in the order in which a blueprint is read.
pub const TOPICS: &[(&str, &[&Rule])] = &[
    ("the file", reader::RULES),
    ("allowances", allowance::RULES),
    ("zones", zones::RULES),
    ("the VPC", vpc::RULES),
    ("ranges from IPAM", ipam::RULES),
    ("tiers and subnets", tiers::RULES),
    ("what exists already", existing::RULES),
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
    ("access entries", access::RULES),
    ("IAM roles, service accounts, Karpenter", iam::RULES),
    ("aws-node", aws_node::RULES),
    ("add-ons", addons::RULES),
    ("modes of the pod network", modes::RULES),
    ("a self-managed aws-node", self_managed::RULES),
    ("other CNIs", overlay::RULES),
    ("node groups", nodes::RULES),
    ("nodes of a group", equipment::RULES),
    ("Fargate", fargate::RULES),
    ("EKS Auto Mode", auto::RULES),
    ("versions and idle settings", versions::RULES),
    ("patches", patches::RULES),
    ("the stack as a whole", stack::RULES),
    ("changes of existing resources", changes::RULES),
    ("one update of what exists", updates::RULES),
    ("the account (`check --online`, `deploy`)", account::RULES),
    ("profiles", profiles::RULES),
    ("a fleet (`fleet check`, `check` of several files)", fleet::RULES),
];

/// The whole book, in its order.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    TOPICS.iter().flat_map(|(_, rules)| rules.iter().copied())
}

/// Rules that a blueprint alone does not decide, or that only some profiles have: `check` may well find nothing of theirs.
pub fn is_elsewhere(rule: &Rule) -> bool {
    [account::RULES, changes::RULES, updates::RULES, profiles::RULES, fleet::RULES]
        .iter()
        .any(|rules| rules.contains(&rule))
}

/// By id, in any case.
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id.eq_ignore_ascii_case(id))
}

/// Every page that rules come from.
pub fn sources() -> &'static [&'static Source] {
    sources::ALL
}
