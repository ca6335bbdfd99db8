//! `eksnet check`

use crate::blueprint;
use crate::diagnostic::{Diagnostic, any_error};
use crate::observed::Observed;
use crate::report::findings::{self, Checked};
use crate::report::sarif;
use crate::source::{MOST_LOCK, Source, read_limited};

use super::args::{Check, Format};
use super::output::{self, Stop};
use super::{Common, DONE, FAILED, line};

pub fn run(common: &Common, args: &Check) -> Result<u8, Stop> {
    let mut checked: Vec<(Source, Vec<Diagnostic>)> = Vec::new();
    let mut unread = None;
    // What one file, or the account, keeps to itself is no reason to be silent about the rest.
    let mut keep =
        |stop: Stop| _ = unread.replace(stop).map(|earlier| output::stop(common, earlier));
    for file in &args.files {
        if is_lock(file) {
            output::note(common, &format!("`{file}` is a lock, not a blueprint: skipped"));
            continue;
        }
        match one(file, common) {
            Ok((source, mut findings)) => {
                if args.online && !any_error(&findings) {
                    account(common, file)
                        .map(|found| findings.extend(found))
                        .unwrap_or_else(&mut keep);
                }
                checked.push((source, findings));
            }
            Err(stop) => keep(stop),
        }
    }
    let rows: Vec<Checked<'_>> =
        checked.iter().map(|(source, findings)| Checked { source, findings }).collect();
    match common.output {
        Format::Json => {
            let failure = match &unread {
                Some(Stop::Failure(failure)) => Some(failure),
                _ => None,
            };
            output::data(&findings::json_beside(&rows, failure));
        }
        Format::Github => output::data(&findings::github(&rows)),
        Format::Sarif => output::data(&sarif::write(&rows)),
        _ => rows.iter().for_each(|row| output::data(&findings::human(row))),
    }
    output::note(common, &counts(&rows));
    match unread {
        Some(Stop::Failure(failure)) => Err(Stop::Reported(failure, FAILED)),
        Some(stop) => Err(stop),
        None => {
            Ok(if checked.iter().any(|(_, findings)| any_error(findings)) { FAILED } else { DONE })
        }
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
fn account(common: &Common, file: &str) -> Result<Vec<Diagnostic>, Stop> {
    super::live::preflight::of_file(common, file)
}

#[cfg(not(feature = "aws"))]
fn account(_: &Common, _: &str) -> Result<Vec<Diagnostic>, Stop> {
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

/// Every finding that can be had: the plan is judged too, if there is one.
fn one(file: &str, common: &Common) -> Result<(Source, Vec<Diagnostic>), Stop> {
    let opened = match line::open(file, common) {
        Ok(opened) => opened,
        Err(Stop::Findings(source, findings)) => return Ok((source, findings)),
        Err(stop) => return Err(stop),
    };
    match opened.compile(common, Observed::default()) {
        Ok(line) => Ok((line.compiled.document.source, line.compiled.warnings)),
        Err(Stop::Findings(source, findings)) => Ok((source, findings)),
        Err(stop) => Err(stop),
    }
}
