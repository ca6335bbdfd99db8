//! What a rule is.

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
pub(super) const fn error(
    id: &'static str,
    title: &'static str,
    why: &'static str,
    source: &'static str,
    example: (&'static str, &'static str),
) -> Rule {
    Rule { id, severity: Severity::Error, title, why, source, breaks: example.0, holds: example.1 }
}

pub(super) const fn warning(
    id: &'static str,
    title: &'static str,
    why: &'static str,
    source: &'static str,
    example: (&'static str, &'static str),
) -> Rule {
    Rule { severity: Severity::Warning, ..error(id, title, why, source, example) }
}
