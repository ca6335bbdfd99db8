//! A file judged by itself: what is wrong with it, and what others have to know of it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::blueprint;
use crate::check;
use crate::diagnostic::{Diagnostic, Failure, any_error, in_source_order};
use crate::intent::Intent;
use crate::line::{self, Request, Stopped};
use crate::observed::Observed;
use crate::opened::{self, Opened};
use crate::source::{MOST_LOCK, Source, read_limited};

use super::ground::Ground;
use super::member::Member;
use super::{ledger, roster};

/// One file of a fleet with its own findings, before it is held against the others.
pub struct Judged {
    pub source: Source,
    pub findings: Vec<Diagnostic>,
    /// `None`: too little of it could be read.
    pub member: Option<Member>,
    /// Not a fleet, and not its lock.
    pub is_blueprint: bool,
    /// What is not wrong and has to be known, in words: such as what is judged once IPAM has given a range.
    pub open: Vec<String>,
    /// What could not be read beside it.
    pub unread: Option<Failure>,
}

impl Judged {
    /// Counts as a blueprint with nothing left open or unread; whoever knows better sets that afterwards.
    pub fn of(source: Source, findings: Vec<Diagnostic>, member: Option<Member>) -> Self {
        let open = Vec::new();
        Self { source, findings, member, is_blueprint: true, open, unread: None }
    }

    /// With findings that others brought about, as strictly as the file's own.
    pub fn add(&mut self, strict: bool, findings: Vec<Diagnostic>) {
        self.findings.extend(findings.into_iter().map(|mut finding| {
            finding.raised |= strict;
            finding
        }));
    }
}

/// What was opened, judged; what is wrong with it is no reason to stop.
pub fn of(opened: Result<Opened, Stopped>, observed: Observed) -> Result<Judged, Failure> {
    match opened {
        Ok(opened) => offline(opened, observed),
        Err(Stopped::Findings(source, findings)) => Ok(glimpsed(source, findings)),
        Err(Stopped::Failure(failure)) => Err(failure),
    }
}

/// The plan is judged too, if there is one.
pub fn offline(opened: Opened, observed: Observed) -> Result<Judged, Failure> {
    if let Some((source, findings)) = opened.words(&observed) {
        return Ok(Judged::of(source, findings, None));
    }
    match opened.compile(observed) {
        Ok(line) => {
            let patched = line.compiled.patched_anew(line.lock.ledger());
            let compiled = line.compiled;
            let member = Some(Member::of(&compiled.document, &compiled.intent));
            let mut open = compiled.open();
            open.extend(opened::size(&compiled.template));
            open.extend(by_name(&compiled.intent));
            open.extend(blueprint::placeholders(&compiled.document));
            let findings = [compiled.warnings, compiled.document.placed(patched)].concat();
            let findings = in_source_order(findings);
            let source = compiled.document.source;
            Ok(Judged { open, ..Judged::of(source, findings, member) })
        }
        Err(Stopped::Findings(source, findings)) => Ok(glimpsed(source, findings)),
        Err(Stopped::Failure(failure)) => Err(failure),
    }
}

/// The account's findings too, which `ask` finds out; and why it could not.
pub fn online(
    opened: Opened,
    observed: Observed,
    ask: impl FnOnce(Opened) -> Result<Vec<Diagnostic>, Stopped>,
) -> Result<Judged, Failure> {
    let twin = opened.twin();
    let own = offline(opened, observed)?;
    let Some(twin) = twin.filter(|_| !any_error(&own.findings)) else { return Ok(own) };
    Ok(match ask(twin) {
        Ok(more) => Judged { findings: [own.findings, more].concat(), ..own },
        // Compiled over what AWS said, which tells all of it anew.
        Err(Stopped::Findings(source, findings)) => Judged { source, findings, ..own },
        Err(Stopped::Failure(failure)) => Judged { unread: Some(failure), ..own },
    })
}

/// What another account would have elsewhere.
fn by_name(intent: &Intent) -> Option<String> {
    let named = intent.region.ids_known && intent.zones.iter().any(|zone| zone.name.is_some());
    named.then(|| {
        "zones are listed by name, and a name is a different zone in each account; ids, such as those of `aws ec2 describe-availability-zones`, are the same in all".to_string()
    })
}

/// Whatever is wrong with it, others may still be held against what it asks for.
pub fn glimpsed(source: Source, findings: Vec<Diagnostic>) -> Judged {
    let reading = blueprint::read(&source.name, source.text.clone().into_bytes());
    let member = reading.document.and_then(|document| {
        let request = Request::new(document);
        let intent = line::glimpse(&request)?;
        Some(Member::of(&request.document, &intent))
    });
    let open = member.iter().filter_map(|_| check::unjudged(&findings)).collect();
    Judged { open, ..Judged::of(source, findings, member) }
}

/// Files of one Region are held against each other; a file that is named twice is one.
pub fn relate(strict: bool, checked: &mut [Judged]) {
    let mut seen = BTreeSet::new();
    let positions: Vec<usize> = (0..checked.len())
        .filter(|at| {
            let member = &checked[*at].member;
            // What is mended first may be another range afterwards.
            let whole = !any_error(&checked[*at].findings);
            whole && member.as_ref().is_some_and(|member| seen.insert(identity(&member.file)))
        })
        .collect();
    let members: Vec<Member> =
        positions.iter().filter_map(|at| checked[*at].member.clone()).collect();
    if members.len() < 2 {
        return;
    }
    let related = super::relate(&members, &Ground::default());
    for (at, findings) in positions.into_iter().zip(related.members) {
        checked[at].add(strict, findings);
    }
}

fn identity(file: &str) -> PathBuf {
    std::fs::canonicalize(file).unwrap_or_else(|_| file.into())
}

/// What a file is.
pub enum Kind {
    Lock,
    Fleet,
    Template,
    Blueprint,
}

/// Locks and fleets have the ending of blueprints, and a shell's `*.yaml` names them all.
pub fn kind(file: &str) -> Kind {
    // A pipe can be read once only.
    let regular = std::fs::metadata(file).is_ok_and(|about| about.is_file());
    let read = regular.then(|| read_limited(file.as_ref(), MOST_LOCK));
    match read.and_then(Result::ok) {
        Some(text) if roster::is_fleet(&text) => Kind::Fleet,
        Some(text) if blueprint::is_lock(&Source::new(file, text.as_str())) => Kind::Lock,
        Some(text) if ledger::is_lock(&text) => Kind::Lock,
        Some(text) if text.starts_with("AWSTemplateFormatVersion") => Kind::Template,
        _ => Kind::Blueprint,
    }
}
