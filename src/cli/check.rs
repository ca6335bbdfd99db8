//! `eksnet check`

use crate::blueprint;
use crate::diagnostic::{Diagnostic, Failure, any_error};
use crate::report::findings::{self, Checked};
use crate::report::sarif;
use crate::source::{MOST_LOCK, Source, read_limited};

use super::args::{Check, Format};
use super::line::{self, Opened};
use super::output::{self, Stop};
use super::{Common, DONE, FAILED};

pub fn run(common: &Common, args: &Check) -> Result<u8, Stop> {
    let mut checked: Vec<(Source, Vec<Diagnostic>)> = Vec::new();
    // What one file, or the account, keeps to itself is no reason to be silent about the rest.
    let mut unread: Vec<Failure> = Vec::new();
    for file in &args.files {
        if is_lock(file) {
            output::note(common, &format!("`{file}` is a lock, not a blueprint: skipped"));
            continue;
        }
        match one(common, args, file) {
            Ok((row, failure)) => {
                checked.push(row);
                unread.extend(failure);
            }
            Err(Stop::Failure(failure)) => unread.push(failure),
            Err(stop) => return Err(stop),
        }
    }
    let last = unread.pop();
    unread.iter().for_each(|failure| output::failed(common, failure));
    let rows: Vec<Checked<'_>> =
        checked.iter().map(|(source, findings)| Checked { source, findings }).collect();
    match common.output {
        Format::Json => output::data(&findings::json_beside(&rows, last.as_ref())),
        Format::Github => output::data(&findings::github(&rows)),
        Format::Sarif => output::data(&sarif::write(&rows)),
        _ => rows.iter().for_each(|row| output::data(&findings::human(row))),
    }
    output::note(common, &counts(&rows));
    guide(common, args, &rows);
    match last {
        Some(failure) => Err(Stop::Reported(failure, FAILED)),
        None => {
            Ok(if checked.iter().any(|(_, findings)| any_error(findings)) { FAILED } else { DONE })
        }
    }
}

/// How to learn why a finding is one, how to accept it, and what comes next.
fn guide(common: &Common, args: &Check, rows: &[Checked<'_>]) {
    if common.output != Format::Human {
        return;
    }
    let findings = || rows.iter().flat_map(|row| row.findings);
    if let Some(first) = findings().find(|finding| finding.is_error()).or(findings().next()) {
        output::note(common, &format!("Why: eksnet explain {}", first.rule));
    }
    if let Some(warning) = findings().find(|finding| !finding.is_error()) {
        let how = "To accept a warning, give the reason on its line";
        output::note(common, &format!("{how}:  # eksnet:allow {} <reason>", warning.rule));
    }
    if let [file] = args.files.as_slice()
        && !findings().any(|finding| finding.is_error())
        && rows.len() == 1
    {
        output::next(common, &format!("eksnet layout {}", output::file(file)));
    }
}

/// `2 blueprints checked: 1 error, 0 warnings`
fn counts(rows: &[Checked<'_>]) -> String {
    let findings = || rows.iter().flat_map(|row| row.findings);
    let errors = findings().filter(|finding| finding.is_error()).count();
    let warnings = findings().count() - errors;
    format!(
        "{} checked: {}, {}",
        counted(rows.len(), "blueprint"),
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

/// Locks have the ending of blueprints, and a shell's `*.yaml` names them all.
fn is_lock(file: &str) -> bool {
    // A pipe can be read once only.
    let regular = std::fs::metadata(file).is_ok_and(|about| about.is_file());
    let read = || read_limited(file.as_ref(), MOST_LOCK);
    regular && read().is_ok_and(|text| blueprint::is_lock(&Source::new(file, text)))
}

type Row = (Source, Vec<Diagnostic>);

/// Every finding that can be had, the account's among them if it is asked; and why it could not be.
fn one(common: &Common, args: &Check, file: &str) -> Result<(Row, Option<Failure>), Stop> {
    let opened = match line::open(file, common) {
        Ok(opened) => opened,
        Err(Stop::Findings(source, findings)) => return Ok(((source, findings), None)),
        Err(stop) => return Err(stop),
    };
    let twin = opened.twin().filter(|_| args.online);
    let (source, findings) = offline(common, args, opened)?;
    let Some(twin) = twin.filter(|_| !any_error(&findings)) else {
        return Ok(((source, findings), None));
    };
    match account(common, twin) {
        Ok(more) => Ok(((source, [findings, more].concat()), None)),
        // Compiled over what AWS said, which tells all of it anew.
        Err(Stop::Findings(source, all)) => Ok(((source, all), None)),
        Err(Stop::Failure(failure)) => Ok(((source, findings), Some(failure))),
        Err(stop) => Err(stop),
    }
}

/// The plan is judged too, if there is one.
fn offline(common: &Common, args: &Check, opened: Opened) -> Result<Row, Stop> {
    let observed = args.surveyed.observed()?;
    if let Some(row) = opened.words(common, &observed) {
        return Ok(row);
    }
    match opened.compile(common, observed) {
        Ok(line) => Ok((line.compiled.document.source, line.compiled.warnings)),
        Err(Stop::Findings(source, findings)) => Ok((source, findings)),
        Err(stop) => Err(stop),
    }
}
