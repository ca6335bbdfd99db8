//! What was judged, printed, and its exit code.

use crate::diagnostic::{Failure, any_error};
use crate::fleet::judged::{self, Judged};
use crate::fleet::online::Asked;
use crate::opened::Opened;
use crate::report::findings::{self, Checked};
use crate::rules::EXI_10;

use super::args::Format;
use super::line;
use super::output::{self, Stop};
use super::{Common, DONE, FAILED};

/// What was judged.
#[derive(Clone, Copy)]
pub enum Of<'a> {
    /// Files as a shell takes them, with the options that they need.
    Files(&'a [String]),
    /// A fleet, and every account that was asked.
    Fleet(Option<&'a [Asked]>),
}

/// Opens and judges a file; what is wrong with it is no reason to stop.
pub fn file(
    common: &Common,
    file: &str,
    judge: impl FnOnce(Opened) -> Result<Judged, Failure>,
) -> Result<Judged, Stop> {
    match line::open(file, common) {
        Ok(opened) => Ok(judge(opened)?),
        Err(Stop::Findings(source, findings)) => Ok(judged::glimpsed(source, findings)),
        Err(stop) => Err(stop),
    }
}

/// Prints everything that was found, and chooses the exit code.
pub fn show(
    common: &Common,
    of: Of<'_>,
    checked: Vec<Judged>,
    mut unread: Vec<Failure>,
) -> Result<u8, Stop> {
    let last = unread.pop();
    unread.iter().for_each(|failure| output::failed(common, failure));
    let rows: Vec<Checked<'_>> = checked
        .iter()
        .map(|judged| Checked { source: &judged.source, findings: &judged.findings })
        .collect();
    let (output, columns) = (common.output, output::note_columns());
    let (files, text) = match of {
        Of::Files(files) => (files, output.findings(&rows, last.as_ref(), columns)),
        Of::Fleet(asked) => {
            (&[][..], output.fleet_findings(&rows, last.as_ref(), (asked, columns)))
        }
    };
    output::data(&text);
    for judged in &checked {
        let name = &judged.source.name;
        judged.open.iter().for_each(|what| output::note(common, &format!("note: {name}: {what}")));
    }
    // Where nothing could be checked, why not is all there is to say.
    if !checked.is_empty() || last.is_none() {
        output::note(common, &findings::counts(&checked));
    }
    guide(common, files, &checked);
    end(&checked, last)
}

/// The exit code of what was judged.
fn end(checked: &[Judged], unread: Option<Failure>) -> Result<u8, Stop> {
    match unread {
        Some(failure) => Err(Stop::Reported(failure, FAILED)),
        None => {
            let failed = checked.iter().any(|judged| any_error(&judged.findings));
            Ok(if failed { FAILED } else { DONE })
        }
    }
}

/// How to learn why a finding is one, how to accept it, and what comes next.
fn guide(common: &Common, files: &[String], checked: &[Judged]) {
    if common.output != Format::Human {
        return;
    }
    let findings = || checked.iter().flat_map(|judged| &judged.findings);
    output::learn(common, findings());
    if let [file] = files
        && !findings().any(|finding| finding.is_error() || *finding.rule == EXI_10)
        && checked.len() == 1
    {
        output::next(common, &format!("eksnet layout {file}"));
    }
}
