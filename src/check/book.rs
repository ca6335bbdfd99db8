//! The rule book: every rule with its id, why it is one, where it comes from, and an example on either side.

use super::{addresses, aws_node, cluster, egress, nodes, reader, tags, tiers, vpc, zones};
use crate::diagnostic::Severity;

/// One rule. `breaks` and `holds` are lines of a blueprint.
#[derive(Clone, Copy, Debug)]
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

/// A rule by its text, in the order of the fields.
pub(super) const fn error(id: &'static str, title: &'static str, why: &'static str, source: &'static str, example: (&'static str, &'static str)) -> Rule {
    Rule { id, severity: Severity::Error, title, why, source, breaks: example.0, holds: example.1 }
}

pub(super) const fn warning(id: &'static str, title: &'static str, why: &'static str, source: &'static str, example: (&'static str, &'static str)) -> Rule {
    Rule { severity: Severity::Warning, ..error(id, title, why, source, example) }
}

/// (topic, its rules), in the order in which a blueprint is read.
pub const TOPICS: &[(&str, &[Rule])] = &[
    ("the file", reader::RULES),
    ("zones", zones::RULES),
    ("the VPC", vpc::RULES),
    ("tiers and subnets", tiers::RULES),
    ("tags", tags::RULES),
    ("addresses", addresses::RULES),
    ("egress", egress::RULES),
    ("the cluster", cluster::RULES),
    ("aws-node", aws_node::RULES),
    ("node groups", nodes::RULES),
];

pub fn all() -> impl Iterator<Item = &'static Rule> {
    TOPICS.iter().flat_map(|(_, rules)| rules.iter())
}

/// By id, in any case.
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id.eq_ignore_ascii_case(id))
}
