//! From symptoms to causes: every check is a row and a function of the survey. Reads nothing, changes nothing.

#![warn(missing_docs)]

mod addresses;
pub mod blocks;
mod cast;
mod check;
mod dns;
mod egress;
mod joining;
mod nodes;
mod passages;
mod rows;
mod services;
mod verdict;

use crate::observed::{Survey, Unread};

pub use check::{Check, Symptom};
pub use rows::all as checks;
pub use verdict::{Judged, Proof, Sick, Verdict};

/// Of the document that `doctor -o json` writes.
pub const SCHEMA_VERSION: u32 = 1;

/// A check that found something.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its row.
    pub check: &'static Check,
    /// What it found, never empty.
    pub causes: Vec<Sick>,
    /// Of a root: checks that are sick because of it.
    pub follow: Vec<&'static Check>,
}

/// What all checks say together.
#[derive(Clone, Debug, Default)]
pub struct Diagnosis {
    /// Causes that follow from no other.
    pub roots: Vec<Found>,
    /// What follows from a root.
    pub consequences: Vec<Found>,
    /// Checks that are fine.
    pub fine: Vec<&'static Check>,
    /// Checks that could not be judged, and what was not read.
    pub unknown: Vec<(&'static Check, Unread)>,
}

/// The check of an id, in any case.
pub fn find(id: &str) -> Option<&'static Check> {
    checks().find(|check| check.id.eq_ignore_ascii_case(id))
}

/// One check on one survey.
pub fn judge_one(check: &Check, survey: &Survey) -> Verdict {
    match (check.judge)(survey) {
        Err(unread) => Verdict::Unknown(unread),
        Ok(causes) if causes.is_empty() => Verdict::Fine,
        Ok(causes) => Verdict::Sick(causes),
    }
}

/// Every check of these symptoms; all of them where none is named. Roots are looked for among all checks either way.
pub fn judge(survey: &Survey, symptoms: &[Symptom]) -> Diagnosis {
    let mut diagnosis = Diagnosis::default();
    let mut sick = Vec::new();
    for check in checks() {
        match judge_one(check, survey) {
            Verdict::Fine => diagnosis.fine.push(check),
            Verdict::Unknown(unread) => diagnosis.unknown.push((check, unread)),
            Verdict::Sick(causes) => sick.push(Found { check, causes, follow: Vec::new() }),
        }
    }
    let ids: Vec<&'static Check> = sick.iter().map(|found| found.check).collect();
    let is_root = |check: &Check| !ids.iter().any(|other| check.follows.contains(&other.id));
    let (mut roots, consequences): (Vec<Found>, Vec<Found>) =
        sick.into_iter().partition(|found| is_root(found.check));
    for root in &mut roots {
        let follow = consequences.iter().map(|found| found.check);
        root.follow = follow.filter(|check| follows(check, root.check, &ids)).collect();
    }
    diagnosis.roots = roots;
    diagnosis.consequences = consequences;
    diagnosis.of(symptoms)
}

/// Whether a check is sick because of another one, by way of checks that are sick too.
fn follows(check: &Check, root: &Check, sick: &[&'static Check]) -> bool {
    let causes = sick.iter().filter(|other| check.follows.contains(&other.id));
    causes.into_iter().any(|other| other.id == root.id || follows(other, root, sick))
}

impl Diagnosis {
    /// What concerns these symptoms: a root also where something of theirs follows from it.
    fn of(mut self, symptoms: &[Symptom]) -> Self {
        if symptoms.is_empty() {
            return self;
        }
        let asked = |check: &Check| symptoms.contains(&check.symptom);
        self.roots.retain(|root| asked(root.check) || root.follow.iter().any(|one| asked(one)));
        self.consequences.retain(|found| asked(found.check));
        self.fine.retain(|check| asked(check));
        self.unknown.retain(|(check, _)| asked(check));
        self
    }

    /// Whether something is sick.
    pub fn is_sick(&self) -> bool {
        !self.roots.is_empty()
    }
}
