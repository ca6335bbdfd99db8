//! A file judged by itself: what is wrong with it, and what others have to know of it.

use crate::blueprint;
use crate::diagnostic::{Diagnostic, Failure};
use crate::fleet::Member;
use crate::line::{self as stages, Request};
use crate::observed::Observed;
use crate::source::Source;

use super::Common;
use super::line::{self, Opened};
use super::output::Stop;

pub struct Judged {
    pub source: Source,
    pub findings: Vec<Diagnostic>,
    /// `None`: too little of it could be read.
    pub member: Option<Member>,
    /// Not a fleet, and not its lock.
    pub is_blueprint: bool,
    /// What could not be read beside it.
    pub unread: Option<Failure>,
}

/// Opens and judges a file; what is wrong with it is no reason to stop.
pub fn file(common: &Common, file: &str) -> Result<Judged, Stop> {
    match line::open(file, common) {
        Ok(opened) => offline(common, opened),
        Err(Stop::Findings(source, findings)) => Ok(glimpsed(source, findings)),
        Err(stop) => Err(stop),
    }
}

/// The plan is judged too, if there is one.
pub fn offline(common: &Common, opened: Opened) -> Result<Judged, Stop> {
    match opened.compile(common, Observed::default()) {
        Ok(line) => {
            let compiled = line.compiled;
            let member = Some(Member::of(&compiled.document, &compiled.intent));
            let (source, findings) = (compiled.document.source, compiled.warnings);
            Ok(Judged { source, findings, member, is_blueprint: true, unread: None })
        }
        Err(Stop::Findings(source, findings)) => Ok(glimpsed(source, findings)),
        Err(stop) => Err(stop),
    }
}

/// Whatever is wrong with it, others may still be held against what it asks for.
pub fn glimpsed(source: Source, findings: Vec<Diagnostic>) -> Judged {
    let reading = blueprint::read(&source.name, source.text.clone().into_bytes());
    let member = reading.document.and_then(|document| {
        let request = Request::new(document);
        let intent = stages::glimpse(&request)?;
        Some(Member::of(&request.document, &intent))
    });
    Judged { source, findings, member, is_blueprint: true, unread: None }
}
