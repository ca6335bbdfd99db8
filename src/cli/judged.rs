//! A file judged by itself: what is wrong with it, and what others have to know of it.

use crate::blueprint;
use crate::check;
use crate::diagnostic::{Diagnostic, Failure, any_error, in_source_order};
use crate::fleet::Member;
use crate::intent::Intent;
use crate::line::{self as stages, Request};
use crate::observed::Observed;
use crate::report::findings::{self, Checked};
use crate::report::sarif;
use crate::rules::{ALW_02, EXI_10};
use crate::source::Source;

use super::args::Format;
use super::line::{self, Opened};
use super::output::{self, Stop};
use super::{Common, DONE, FAILED};

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
    pub fn of(source: Source, findings: Vec<Diagnostic>, member: Option<Member>) -> Self {
        let open = Vec::new();
        Self { source, findings, member, is_blueprint: true, open, unread: None }
    }
}

/// Opens and judges a file; what is wrong with it is no reason to stop.
pub fn file(common: &Common, file: &str, observed: Observed) -> Result<Judged, Stop> {
    match line::open(file, common) {
        Ok(opened) => offline(common, opened, observed),
        Err(Stop::Findings(source, findings)) => Ok(glimpsed(source, findings)),
        Err(stop) => Err(stop),
    }
}

/// The plan is judged too, if there is one.
pub fn offline(common: &Common, opened: Opened, observed: Observed) -> Result<Judged, Stop> {
    if let Some((source, findings)) = opened.words(common, &observed) {
        return Ok(Judged::of(source, findings, None));
    }
    match opened.compile(common, observed) {
        Ok(line) => {
            let patched = line.compiled.patched_anew(line.lock.ledger());
            let compiled = line.compiled;
            let member = Some(Member::of(&compiled.document, &compiled.intent));
            let mut open = compiled.open();
            open.extend(line::size(&compiled.template));
            open.extend(by_name(&compiled.intent));
            open.extend(blueprint::placeholders(&compiled.document));
            let findings = [compiled.warnings, compiled.document.placed(patched)].concat();
            let findings = in_source_order(findings);
            let source = compiled.document.source;
            Ok(Judged { open, ..Judged::of(source, findings, member) })
        }
        Err(Stop::Findings(source, findings)) => Ok(glimpsed(source, findings)),
        Err(stop) => Err(stop),
    }
}

/// What another account would have elsewhere.
fn by_name(intent: &Intent) -> Option<String> {
    let named = intent.region.ids_known && intent.zones.iter().any(|zone| zone.name.is_some());
    named.then(|| {
        "zones go by name, and each account has other places under these names; ids, such as those of `aws ec2 describe-availability-zones`, are the same in all".to_string()
    })
}

/// Whatever is wrong with it, others may still be held against what it asks for.
pub fn glimpsed(source: Source, findings: Vec<Diagnostic>) -> Judged {
    let reading = blueprint::read(&source.name, source.text.clone().into_bytes());
    let member = reading.document.and_then(|document| {
        let request = Request::new(document);
        let intent = stages::glimpse(&request)?;
        Some(Member::of(&request.document, &intent))
    });
    let open = member.iter().filter_map(|_| check::unjudged(&findings)).collect();
    Judged { open, ..Judged::of(source, findings, member) }
}

/// Prints everything that was found, and chooses the exit code. `files` are as a shell takes them, with the options that they need.
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
        _ => rows.iter().for_each(|row| output::data(&output::finding_texts(row))),
    }
    for judged in &checked {
        let name = &judged.source.name;
        judged.open.iter().for_each(|what| output::note(common, &format!("note: {name}: {what}")));
    }
    // Where nothing could be checked, why not is all there is to say.
    if !checked.is_empty() || last.is_none() {
        output::note(common, &counts(&checked));
    }
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

/// How to learn why a finding is one, how to accept it, and what comes next.
pub fn guide(common: &Common, files: &[String], checked: &[Judged]) {
    if common.output != Format::Human {
        return;
    }
    let findings = || checked.iter().flat_map(|judged| &judged.findings);
    learn(common, findings());
    if let [file] = files
        && !findings().any(|finding| finding.is_error() || *finding.rule == EXI_10)
        && checked.len() == 1
    {
        output::next(common, &format!("eksnet layout {file}"));
    }
}

/// How to learn why a finding is one, and how to accept it.
pub fn learn<'f>(common: &Common, findings: impl Iterator<Item = &'f Diagnostic> + Clone) {
    let error = findings.clone().find(|finding| finding.is_error());
    if let Some(first) = error.or(findings.clone().next()) {
        output::note(common, &format!("Why: eksnet explain {}", first.rule));
    }
    if let Some(warning) = findings.clone().find(|finding| !finding.is_error()) {
        let how = "To accept a warning, give the reason on its line";
        output::note(common, &format!("{how}:  # eksnet:allow {} <reason>", warning.rule));
    }
}

/// Findings that others brought about, as strictly as the file's own.
pub fn add(common: &Common, judged: &mut Judged, findings: Vec<Diagnostic>) {
    judged.findings.extend(findings.into_iter().map(|mut finding| {
        finding.raised |= common.strict;
        finding
    }));
}

/// `2 blueprints checked: 1 error, 0 warnings`
pub fn counts(checked: &[Judged]) -> String {
    let blueprints = checked.iter().filter(|judged| judged.is_blueprint).count();
    let findings = || checked.iter().flat_map(|judged| &judged.findings);
    let errors = findings().filter(|finding| finding.is_error()).count();
    let warnings = findings().count() - errors;
    let idle = findings().filter(|finding| finding.rule == &ALW_02).count();
    let members = checked.iter().filter_map(|judged| judged.member.as_ref());
    let accepted = members.map(Member::allowances).sum::<usize>().saturating_sub(idle);
    let accepted = if 0 < accepted { format!(", {accepted} accepted") } else { String::new() };
    format!(
        "{} checked: {}, {}{accepted}",
        counted(blueprints, "blueprint"),
        counted(errors, "error"),
        counted(warnings, "warning")
    )
}

fn counted(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}
