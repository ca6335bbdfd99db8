//! `eksnet check`

use std::collections::BTreeSet;

use crate::blueprint;
use crate::diagnostic::{Diagnostic, Failure, any_error};
use crate::fleet::{self, Ground, Member, cores, roster};
use crate::report::findings::{self, Checked};
use crate::report::sarif;
use crate::source::{MOST_LOCK, Source, read_limited};

use super::args::{Check, Format};
use super::judged::{self, Judged};
use super::line::{self, Opened};
use super::output::{self, Stop};
use super::{Common, DONE, FAILED};

pub fn run(common: &Common, args: &Check) -> Result<u8, Stop> {
    let mut checked: Vec<Judged> = Vec::new();
    // Members of a fleet are held against each other by its own words.
    let mut fleets: Vec<Judged> = Vec::new();
    // What one file, or the account, keeps to itself is no reason to be silent about the rest.
    let mut unread: Vec<Failure> = Vec::new();
    for (file, looked) in args.files.iter().zip(all(common, args)) {
        match looked {
            Ok(Looked::Lock) => {
                output::note(common, &format!("`{file}` is a lock, not a blueprint: skipped"));
            }
            Ok(Looked::Fleet) => {
                let (members, failures) = super::fleet::check::judged(common, file)?;
                fleets.extend(members);
                unread.extend(failures);
            }
            Ok(Looked::Judged(judged)) => {
                let mut judged = *judged;
                unread.extend(judged.unread.take());
                checked.push(judged);
            }
            Err(Stop::Failure(failure)) => unread.push(failure),
            Err(stop) => return Err(stop),
        }
    }
    relate(common, &mut checked);
    fleets.append(&mut checked);
    show(common, &args.files, fleets, unread)
}

/// Prints everything that was found, and chooses the exit code.
pub fn show(
    common: &Common,
    files: &[String],
    checked: Vec<Judged>,
    mut unread: Vec<Failure>,
) -> Result<u8, Stop> {
    let last = unread.pop();
    unread.iter().for_each(|failure| output::failed(common, failure));
    let rows: Vec<Checked<'_>> = checked
        .iter()
        .map(|judged| Checked { source: &judged.source, findings: &judged.findings })
        .collect();
    match common.output {
        Format::Json => output::data(&findings::json_beside(&rows, last.as_ref())),
        Format::Github => output::data(&findings::github(&rows)),
        Format::Sarif => output::data(&sarif::write(&rows)),
        _ => rows.iter().for_each(|row| output::data(&findings::human(row))),
    }
    output::note(common, &counts(&checked));
    guide(common, files, &checked);
    end(&checked, last)
}

/// The exit code of what was judged.
pub fn end(checked: &[Judged], unread: Option<Failure>) -> Result<u8, Stop> {
    match unread {
        Some(failure) => Err(Stop::Reported(failure, FAILED)),
        None => {
            let failed = checked.iter().any(|judged| any_error(&judged.findings));
            Ok(if failed { FAILED } else { DONE })
        }
    }
}

/// What a file is, once it was looked at.
enum Looked {
    Lock,
    Fleet,
    Judged(Box<Judged>),
}

/// Every file, on all cores as long as nobody is asked.
fn all(common: &Common, args: &Check) -> Vec<Result<Looked, Stop>> {
    let look = |file: &String| match kind(file) {
        Kind::Lock => Ok(Looked::Lock),
        Kind::Fleet => Ok(Looked::Fleet),
        Kind::Blueprint if args.online => {
            online(common, file).map(|judged| Looked::Judged(Box::new(judged)))
        }
        Kind::Blueprint => {
            judged::file(common, file).map(|judged| Looked::Judged(Box::new(judged)))
        }
    };
    if args.online {
        args.files.iter().map(look).collect()
    } else {
        cores::on_all(&args.files, look)
    }
}

/// Files of one Region are held against each other; a file that is named twice is one.
fn relate(common: &Common, checked: &mut [Judged]) {
    let mut seen = BTreeSet::new();
    let positions: Vec<usize> = (0..checked.len())
        .filter(|at| {
            let member = &checked[*at].member;
            member.as_ref().is_some_and(|member| seen.insert(identity(&member.file)))
        })
        .collect();
    let members: Vec<Member> =
        positions.iter().filter_map(|at| checked[*at].member.clone()).collect();
    if members.len() < 2 {
        return;
    }
    let related = fleet::relate(&members, &Ground::default());
    for (at, findings) in positions.into_iter().zip(related.members) {
        add(common, &mut checked[at], findings);
    }
}

fn identity(file: &str) -> std::path::PathBuf {
    std::fs::canonicalize(file).unwrap_or_else(|_| file.into())
}

/// Findings that others brought about, as strictly as the file's own.
pub fn add(common: &Common, judged: &mut Judged, findings: Vec<Diagnostic>) {
    judged.findings.extend(findings.into_iter().map(|mut finding| {
        finding.raised |= common.strict;
        finding
    }));
}

/// How to learn why a finding is one, how to accept it, and what comes next.
pub fn guide(common: &Common, files: &[String], checked: &[Judged]) {
    if common.output != Format::Human {
        return;
    }
    let findings = || checked.iter().flat_map(|judged| &judged.findings);
    if let Some(first) = findings().find(|finding| finding.is_error()).or(findings().next()) {
        output::note(common, &format!("Why: eksnet explain {}", first.rule));
    }
    if let Some(warning) = findings().find(|finding| !finding.is_error()) {
        let how = "To accept a warning, give the reason on its line";
        output::note(common, &format!("{how}:  # eksnet:allow {} <reason>", warning.rule));
    }
    if let [file] = files
        && !findings().any(|finding| finding.is_error())
        && checked.len() == 1
    {
        output::next(common, &format!("eksnet layout {}", output::file(file)));
    }
}

/// `2 blueprints checked: 1 error, 0 warnings`
pub fn counts(checked: &[Judged]) -> String {
    let blueprints = checked.iter().filter(|judged| judged.is_blueprint).count();
    let findings = || checked.iter().flat_map(|judged| &judged.findings);
    let errors = findings().filter(|finding| finding.is_error()).count();
    let warnings = findings().count() - errors;
    format!(
        "{} checked: {}, {}",
        counted(blueprints, "blueprint"),
        counted(errors, "error"),
        counted(warnings, "warning")
    )
}

#[cfg(feature = "aws")]
fn account(common: &Common, opened: Opened) -> Result<Vec<Diagnostic>, Stop> {
    super::live::preflight::of_file(common, opened)
}

#[cfg(not(feature = "aws"))]
fn account(_: &Common, _: Opened) -> Result<Vec<Diagnostic>, Stop> {
    Err(super::offline::no_aws())
}

fn counted(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

enum Kind {
    Lock,
    Fleet,
    Blueprint,
}

/// Locks and fleets have the ending of blueprints, and a shell's `*.yaml` names them all.
fn kind(file: &str) -> Kind {
    // A pipe can be read once only.
    let regular = std::fs::metadata(file).is_ok_and(|about| about.is_file());
    let read = regular.then(|| read_limited(file.as_ref(), MOST_LOCK));
    match read.and_then(Result::ok) {
        Some(text) if roster::is_fleet(&text) => Kind::Fleet,
        Some(text) if blueprint::is_lock(&Source::new(file, text.as_str())) => Kind::Lock,
        Some(text) if fleet::ledger::is_lock(&text) => Kind::Lock,
        _ => Kind::Blueprint,
    }
}

/// Every finding that can be had, the account's among them; and why it could not be.
fn online(common: &Common, file: &str) -> Result<Judged, Stop> {
    let opened = match line::open(file, common) {
        Ok(opened) => opened,
        Err(Stop::Findings(source, findings)) => return Ok(judged::glimpsed(source, findings)),
        Err(stop) => return Err(stop),
    };
    let twin = opened.twin();
    let own = judged::offline(common, opened)?;
    let Some(twin) = twin.filter(|_| !any_error(&own.findings)) else { return Ok(own) };
    match account(common, twin) {
        Ok(more) => Ok(Judged { findings: [own.findings, more].concat(), ..own }),
        // Compiled over what AWS said, which tells all of it anew.
        Err(Stop::Findings(source, findings)) => Ok(Judged { source, findings, ..own }),
        Err(Stop::Failure(failure)) => Ok(Judged { unread: Some(failure), ..own }),
        Err(stop) => Err(stop),
    }
}
