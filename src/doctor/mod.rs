//! From symptoms to causes: every check is a row and a function of the survey. Reads nothing, changes nothing.

#![warn(missing_docs)]

mod addresses;
mod admitted;
pub mod blocks;
pub mod bundle;
mod cast;
mod check;
mod codes;
mod controller;
mod dns;
mod egress;
mod facts;
mod fargate;
mod gateways;
mod images;
mod joining;
mod keys;
mod leaving;
mod limits;
mod narrow;
mod nodes;
mod outside;
mod passages;
mod pods;
mod policies;
mod public;
mod reachable;
mod rows;
mod services;
mod settling;
mod states;
mod transit;
mod types;
mod verdict;
mod words;

use std::collections::BTreeSet;

use crate::observed::{Survey, Unread};

pub use check::{Check, Symptom};
pub use keys::key;
pub use narrow::{Narrow, narrowed, pictured};
pub use rows::all as checks;
pub use verdict::{Judged, Proof, Sick, UNASKED, Verdict};

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
    checks().chain(bundle::ROWS).find(|check| check.id.eq_ignore_ascii_case(id))
}

/// One check on one survey.
pub fn judge_one(check: &Check, survey: &Survey) -> Verdict {
    Verdict::of((check.judge)(survey))
}

/// Every check of these symptoms; all of them where none is named. Roots are looked for among all checks either way.
pub fn judge(survey: &Survey, symptoms: &[Symptom]) -> Diagnosis {
    diagnosis_of(checks().map(|check| (check, judge_one(check, survey))), symptoms)
}

/// Roots, and what follows from them.
fn diagnosis_of(
    verdicts: impl Iterator<Item = (&'static Check, Verdict)>,
    symptoms: &[Symptom],
) -> Diagnosis {
    let mut diagnosis = Diagnosis::default();
    let mut sick = Vec::new();
    for (check, verdict) in verdicts {
        match verdict {
            Verdict::Fine => diagnosis.fine.push(check),
            Verdict::Unknown(unread) => diagnosis.unknown.push((check, unread)),
            Verdict::Sick(causes) => sick.push(Found { check, causes, follow: Vec::new() }),
        }
    }
    let ids: Vec<&'static Check> = sick.iter().map(|found| found.check).collect();
    for found in sick {
        let (roots, rest) = parted(found, &ids);
        diagnosis.roots.extend(roots);
        diagnosis.consequences.extend(rest);
    }
    let (roots, apart) = facts::once(diagnosis.roots);
    diagnosis.roots = roots;
    for root in &mut diagnosis.roots {
        let rest = diagnosis.consequences.iter().filter(|found| comes_of(found, root.check, &ids));
        root.follow.extend(rest.map(|found| found.check));
    }
    diagnosis.consequences.extend(apart);
    diagnosis.add_words();
    diagnosis.of(symptoms)
}

/// What of a check is a root, and what follows from others.
fn parted(found: Found, sick: &[&'static Check]) -> (Option<Found>, Option<Found>) {
    let is_sick =
        |id: &&str| sick.iter().any(|other| other.id == *id && other.id != found.check.id);
    let of = |causes: Vec<Sick>| {
        let found = Found { check: found.check, causes, follow: Vec::new() };
        (!found.causes.is_empty()).then_some(found)
    };
    if found.check.follows.iter().any(is_sick) {
        return (None, of(found.causes));
    }
    let bound = |one: &Sick| one.follows().iter().any(is_sick);
    let (rest, roots) = found.causes.into_iter().partition(bound);
    (of(roots), of(rest))
}

/// Whether what was found is so because of a root.
fn comes_of(found: &Found, root: &Check, sick: &[&'static Check]) -> bool {
    let told = found.causes.iter().flat_map(|cause| cause.follows());
    let named = |check: &&&Check| told.clone().any(|id| *id == check.id);
    let by_cause =
        sick.iter().filter(named).any(|one| one.id == root.id || follows(one, root, sick));
    by_cause || follows(found.check, root, sick)
}

/// Whether a check is sick because of another one, by way of checks that are sick too.
fn follows(check: &Check, root: &Check, sick: &[&'static Check]) -> bool {
    let causes = sick.iter().filter(|other| check.follows.contains(&other.id));
    causes.into_iter().any(|other| other.id == root.id || follows(other, root, sick))
}

/// What a cause is about: of everything that its first proof is told of.
fn about(sick: &Sick) -> impl Iterator<Item = &str> {
    let first = sick.proof().first().map(|proof| (proof.read, proof.field));
    let alike = move |proof: &&Proof| Some((proof.read, proof.field)) == first;
    sick.proof().iter().filter(alike).map(|proof| proof.resource.as_str())
}

/// Roots that were not sick before: of a check that was fine, or about something else. What was unknown before is not new.
pub fn fresh<'d>(before: &Diagnosis, after: &'d Diagnosis) -> Vec<(&'static Check, &'d Sick)> {
    let known = |check: &Check, cause: &Sick| {
        let sick = before.roots.iter().chain(&before.consequences);
        let own = sick.filter(|found| found.check.id == check.id).flat_map(|one| &one.causes);
        let told: BTreeSet<&str> = own.flat_map(about).collect();
        let unread = before.unknown.iter().any(|(one, _)| one.id == check.id);
        unread || about(cause).all(|resource| told.contains(resource))
    };
    let roots =
        after.roots.iter().flat_map(|found| found.causes.iter().map(|one| (found.check, one)));
    roots.filter(|(check, cause)| !known(check, cause)).collect()
}

impl Diagnosis {
    /// What others report of a cause is a further proof of it.
    fn add_words(&mut self) {
        let told = self.consequences.iter().flat_map(|found| &found.causes);
        let told: Vec<Sick> = told.filter(|cause| !cause.follows().is_empty()).cloned().collect();
        for cause in told {
            let named = |found: &&mut Found| cause.follows().contains(&found.check.id);
            let root = self.roots.iter_mut().find(named);
            if let Some(first) = root.and_then(|root| root.causes.first_mut()) {
                cause.proof().iter().for_each(|proof| first.add(proof.clone()));
            }
        }
    }

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

    /// Whether a check could not be judged because a read was refused, or none of them could.
    pub fn is_unfinished(&self) -> bool {
        let refused = |why: &str| {
            let unknowable = [verdict::NO_FIGURE, verdict::NOT_SHOWN];
            why != UNASKED
                && why != verdict::LEFT_OUT
                && !unknowable.iter().any(|words| why.starts_with(words))
        };
        let judged = !self.fine.is_empty() || self.is_sick();
        !judged && !self.unknown.is_empty()
            || self.unknown.iter().any(|(_, unread)| refused(&unread.why))
    }

    /// Whether something is sick.
    pub fn is_sick(&self) -> bool {
        !self.roots.is_empty()
    }
}
