//! What a check says. Somebody is sick only with a proof, and what was not read is never fine.

use std::collections::BTreeMap;

use crate::facts::quotas;
use crate::observed::{Part, Unread};

/// One thing that was read, and what it should have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The API that told it, such as `ec2:DescribeSubnets`.
    pub read: &'static str,
    /// Of what: an id, or kind and name.
    pub resource: String,
    /// The field of the answer.
    pub field: &'static str,
    /// Its value.
    pub seen: String,
    /// The value of a healthy one.
    pub wanted: String,
}

/// A cause with its proof. The fields are private: only [`Sick::proven`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sick {
    cause: String,
    proof: Vec<Proof>,
    fix: String,
    command: Option<String>,
    after: &'static [&'static str],
}

impl Sick {
    /// A cause, proven by what was read.
    pub fn proven(cause: impl Into<String>, proof: Proof, fix: impl Into<String>) -> Self {
        Self { cause: cause.into(), proof: vec![proof], fix: fix.into(), command: None, after: &[] }
    }

    /// A further proof of the same cause.
    pub fn and(mut self, proof: Proof) -> Self {
        self.add(proof);
        self
    }

    /// The same, in place; each proof once.
    pub(super) fn add(&mut self, proof: Proof) {
        if !self.proof.contains(&proof) {
            self.proof.push(proof);
        }
    }

    /// What the owner of a cluster without a blueprint does.
    pub fn or(mut self, command: impl Into<String>) -> Self {
        self.command = Some(command.into());
        self
    }

    /// Checks that tell the cause of this one, where one of them is sick.
    pub fn after(mut self, checks: &'static [&'static str]) -> Self {
        self.after = checks;
        self
    }

    /// As [`Sick::after`] was told.
    pub fn follows(&self) -> &'static [&'static str] {
        self.after
    }

    /// What is wrong, where.
    pub fn cause(&self) -> &str {
        &self.cause
    }

    /// Never empty.
    pub fn proof(&self) -> &[Proof] {
        &self.proof
    }

    /// What its owner can do, in the words of a blueprint where one has them.
    pub fn fix(&self) -> &str {
        &self.fix
    }

    /// The same without a blueprint.
    pub fn command(&self) -> &str {
        self.command.as_deref().unwrap_or(&self.fix)
    }
}

/// What comes of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything that it depends on was read, and nothing is wrong.
    Fine,
    /// These are.
    Sick(Vec<Sick>),
    /// This was not read.
    Unknown(Unread),
}

impl Verdict {
    /// Of what a check's function returned.
    pub fn of(judged: Judged) -> Self {
        match judged {
            Err(unread) => Verdict::Unknown(unread),
            Ok(causes) if causes.is_empty() => Verdict::Fine,
            Ok(causes) => Verdict::Sick(causes),
        }
    }
}

/// What a check's function returns: causes, or what it could not read.
pub type Judged = Result<Vec<Sick>, Unread>;

/// Why a part is not known that this survey did not ask for: no refusal.
pub const UNASKED: &str = "not asked for";

/// Why a gateway's figure is not known that CloudWatch was asked for: no refusal either.
pub const NO_FIGURE: &str = "CloudWatch has no figure of";

/// Why route tables of a transit gateway are not known that EC2 was asked for: no refusal, only their owner may see them.
pub const NOT_SHOWN: &str = "EC2 shows this account no route table of";

/// Why a file of a log bundle is not known that newer collectors do not pack: no refusal either.
pub const LEFT_OUT: &str = "it is not in the archive: newer collectors leave it out";

/// A part of the survey, or why it is not known.
pub fn known<'p, T>(part: &'p Part<T>, read: &str) -> Result<&'p T, Unread> {
    let unasked = || Unread { action: read.to_string(), why: UNASKED.to_string() };
    part.read().ok_or_else(|| part.unread().cloned().unwrap_or_else(unasked))
}

/// One of the parts that a survey has by key, such as a quota; a key without a part was read of nothing.
pub fn entry<'p, T>(
    parts: &'p BTreeMap<String, Part<T>>,
    key: &str,
    read: &str,
) -> Result<&'p T, Unread> {
    let what =
        quotas::name(key).map_or(key.to_string(), |name| format!("figure of {name} ({key})"));
    let missing = || Unread { action: read.to_string(), why: format!("the survey has no {what}") };
    known(parts.get(key).ok_or_else(missing)?, read)
}
