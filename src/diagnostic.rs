//! What is wrong: a [`Diagnostic`] is about the blueprint (many, each with its place), a [`Failure`] about the world (one, with its cause).

#![warn(missing_docs)]

use std::borrow::Cow;
use std::error::Error;
use std::ops::Range;

pub use crate::rules::Severity;

use crate::rules::{MORE_01, Rule};

/// Byte range in the blueprint's text.
pub type Span = Range<usize>;

/// A second place that a finding is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Such as `tiers[2].size`.
    pub path: String,
    /// Where that is in the text, once the reader has placed it.
    pub at: Option<Span>,
    /// What is shown beside the mark.
    pub label: String,
    /// Where it is in another text; `None`: in the finding's own.
    pub elsewhere: Option<Elsewhere>,
}

/// A line of another text than the finding's.
#[derive(Clone, Debug, PartialEq)]
pub struct Elsewhere {
    /// The other text's name.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The line.
    pub text: String,
    /// Bytes of the line that are meant.
    pub span: Span,
}

/// One finding about the blueprint. `path` names the place (`tiers[2].size`); the reader turns it into `at`.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// The rule that is broken.
    pub rule: &'static Rule,
    /// A profile or `--strict` takes the rule's warning for an error.
    pub raised: bool,
    /// Lower case, without a full stop, names in backticks.
    pub message: String,
    /// Such as `tiers[2].size`; empty for the file as a whole.
    pub path: String,
    /// The key at `path` is meant, not its value.
    pub on_key: bool,
    /// Where that is in the text, once the reader has placed it.
    pub at: Option<Span>,
    /// What is shown beside the mark; may be empty.
    pub label: String,
    /// Other places that it is about.
    pub also: Vec<Mark>,
    /// How to fix it.
    pub hint: Option<String>,
    /// What it is too many of, by AWS's default.
    pub exceeds: Option<Exceeded>,
}

/// A quota that may have been raised, and how many are planned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exceeded {
    /// The quota, as Service Quotas names it: `L-0EA8095F`.
    pub code: &'static str,
    /// How many are planned.
    pub count: u64,
}

impl Rule {
    /// What breaks the rule, and where.
    pub fn at(&'static self, path: impl Into<String>, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            rule: self,
            raised: false,
            message: message.into(),
            path: path.into(),
            on_key: false,
            at: None,
            label: String::new(),
            also: Vec::new(),
            hint: None,
            exceeds: None,
        }
    }
}

impl Diagnostic {
    /// The rule's own, unless it was raised.
    pub fn severity(&self) -> Severity {
        if self.raised { Severity::Error } else { self.rule.severity() }
    }

    /// Marks the key instead of its value.
    pub fn on_key(mut self) -> Self {
        self.on_key = true;
        self
    }

    /// Marks a place in the text.
    pub fn at(mut self, span: Span) -> Self {
        self.at = Some(span);
        self
    }

    /// What is shown beside the mark.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// How to fix it.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// How many there are of what a quota allows less of, unless the account's was raised.
    pub fn exceeds(mut self, code: &'static str, count: usize) -> Self {
        self.exceeds = Some(Exceeded { code, count: count as u64 });
        self
    }

    /// A second place, by its path.
    pub fn also(mut self, path: impl Into<String>, label: impl Into<String>) -> Self {
        self.also.push(Mark { path: path.into(), at: None, label: label.into(), elsewhere: None });
        self
    }

    /// A second place, in the text.
    pub fn also_at(mut self, span: Span, label: impl Into<String>) -> Self {
        self.also.push(Mark {
            path: String::new(),
            at: Some(span),
            label: label.into(),
            elsewhere: None,
        });
        self
    }

    /// A second place, in another text.
    pub fn also_in(mut self, elsewhere: Elsewhere, label: impl Into<String>) -> Self {
        let (path, label) = (String::new(), label.into());
        self.also.push(Mark { path, at: None, label, elsewhere: Some(elsewhere) });
        self
    }

    /// Places in the finding's own text.
    pub fn marks(&self) -> impl Iterator<Item = &Mark> {
        self.also.iter().filter(|mark| mark.elsewhere.is_none())
    }

    /// Places in other texts, each with what is shown beside it.
    pub fn elsewhere(&self) -> impl Iterator<Item = (&Elsewhere, &str)> {
        self.also.iter().filter_map(|mark| Some((mark.elsewhere.as_ref()?, mark.label.as_str())))
    }

    /// Whether it stops the line.
    pub fn is_error(&self) -> bool {
        self.severity() == Severity::Error
    }
}

/// Whether one of them stops the line.
pub fn any_error(findings: &[Diagnostic]) -> bool {
    findings.iter().any(Diagnostic::is_error)
}

/// Sorted by where they are in the text.
pub fn in_source_order(mut findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    findings.sort_by_key(|finding| finding.at.clone().map_or(0, |at| at.start));
    findings
}

/// Findings of one file that people are shown; programs get all of them.
pub const MOST_FINDINGS: usize = 100;

/// The first findings of many, errors before warnings, and how many more there are.
pub fn capped(findings: &[Diagnostic]) -> Cow<'_, [Diagnostic]> {
    if findings.len() <= MOST_FINDINGS {
        return Cow::Borrowed(findings);
    }
    let (mut shown, mut more): (Vec<_>, Vec<_>) =
        findings.iter().cloned().partition(Diagnostic::is_error);
    shown.append(&mut more);
    let more = shown.split_off(MOST_FINDINGS);
    let last = more_findings(&more);
    let end = shown.iter().filter_map(|finding| finding.at.clone()).max_by_key(|at| at.start);
    let mut shown = in_source_order(shown);
    shown.push(last.at(end.unwrap_or(0..0)));
    Cow::Owned(shown)
}

fn more_findings(more: &[Diagnostic]) -> Diagnostic {
    let errors = more.iter().filter(|finding| finding.is_error()).count();
    let last = MORE_01
        .at("", format!("and {} more findings in this file, {errors} of them errors", more.len()))
        .hint("fix these first, and check again");
    Diagnostic { raised: 0 < errors, ..last }
}

type Cause = Box<dyn Error + Send + Sync>;

/// What was being attempted, why it did not happen, and what to do next.
#[derive(Debug, thiserror::Error)]
#[error("{attempt}")]
pub struct Failure {
    /// What was being attempted, such as ``cannot read the events of stack `shop` ``.
    pub attempt: String,
    /// How to fix it.
    pub hint: Option<String>,
    /// What the world answered.
    #[source]
    pub cause: Option<Cause>,
}

impl Failure {
    /// `attempt` reads on from "error:", as in ``cannot read the events of stack `shop` ``.
    pub fn new(attempt: impl Into<String>) -> Self {
        Self { attempt: attempt.into(), hint: None, cause: None }
    }

    /// With what the world answered.
    pub fn because(mut self, cause: impl Into<Cause>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// With how to fix it.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The whole chain on one line.
    pub fn chain(&self) -> String {
        let causes = self.causes();
        std::iter::once(self.attempt.clone()).chain(causes).collect::<Vec<_>>().join(": ")
    }

    /// What the world answered, from the outermost cause to the innermost.
    pub fn causes(&self) -> Vec<String> {
        let mut causes = Vec::new();
        let mut cause = self.source();
        while let Some(next) = cause {
            causes.push(next.to_string());
            cause = next.source();
        }
        causes
    }
}

/// 16379 → `16,379`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
