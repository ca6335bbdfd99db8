//! `eksnet fleet check`

use crate::diagnostic::{Failure, in_source_order};
use crate::fleet::judged::Judged;
use crate::report::findings::Checked;
use crate::report::fleet as report;

use super::super::Common;
use super::super::args::{FleetCheck, Format};
use super::super::judged::{counts, end, guide, show};
use super::super::output::{self, Stop};
use super::open;

pub fn run(common: &Common, args: &FleetCheck) -> Result<u8, Stop> {
    let (checked, unread) = judged(common, &args.fleet)?;
    match common.output {
        Format::Human => human(common, checked, unread),
        _ => show(common, &[], checked, unread),
    }
}

/// By rule, for people.
pub fn human(common: &Common, checked: Vec<Judged>, mut unread: Vec<Failure>) -> Result<u8, Stop> {
    let rows: Vec<Checked<'_>> = checked
        .iter()
        .map(|judged| Checked { source: &judged.source, findings: &judged.findings })
        .collect();
    output::data(&report::grouped(&rows, output::columns(std::io::stderr())));
    output::note(common, &counts(&checked));
    guide(common, &[], &checked);
    let last = unread.pop();
    unread.iter().for_each(|failure| output::failed(common, failure));
    end(&checked, last)
}

/// Every member of a fleet, judged and related.
pub fn judged(common: &Common, path: &str) -> Result<(Vec<Judged>, Vec<Failure>), Stop> {
    let mut whole = open(common, path, &[])?;
    let new = whole.hold_own_locks();
    if 0 < new {
        let words = "without a range yet: `eksnet fleet layout --write-lock` gives it, and until then commands on a member alone fail (FLT-15)";
        output::note(common, &format!("{new} of its members {words}"));
    }
    let (mut judged, unread) = whole.judged();
    for one in &mut judged {
        one.findings = in_source_order(std::mem::take(&mut one.findings));
    }
    Ok((judged, unread))
}
