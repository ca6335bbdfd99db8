//! `eksnet fleet check`

use crate::diagnostic::{Failure, in_source_order};
use crate::fleet::judged::Judged;
use crate::fleet::online::Asked;
use crate::report::fleet as report;

use super::super::args::{FleetCheck, Format};
use super::super::judged::{Of, show};
use super::super::output::{self, Stop};
use super::super::{Common, DONE, UNFINISHED, live};
use super::open;

pub fn run(common: &Common, args: &FleetCheck) -> Result<u8, Stop> {
    if !args.online && (common.profile.is_some() || common.endpoint_url.is_some()) {
        return Err(Stop::Usage("`fleet check` asks AWS with `--online` only".to_string()));
    }
    let (checked, unread, asked) = judged(common, &args.fleet, args.online)?;
    let of = Of::Fleet(args.online.then_some(&asked));
    let code = show(common, of, checked, unread)?;
    if common.output == Format::Human && args.online {
        output::data(&report::accounts(&asked, output::view(false)));
    }
    let is_whole = asked.iter().all(|one| one.seen.is_ok());
    Ok(if code == DONE && !is_whole { UNFINISHED } else { code })
}

/// What was judged, what could not be read, and the accounts that were asked.
type Everything = (Vec<Judged>, Vec<Failure>, Vec<Asked>);

/// Every member of a fleet, judged and related; what could not be read; and, where they were asked, the accounts.
pub fn judged(common: &Common, path: &str, online: bool) -> Result<Everything, Stop> {
    let mut whole = open(common, path, &[])?;
    let new = whole.hold_own_locks();
    if 0 < new {
        let words = "without a range yet: `eksnet fleet layout --write-lock` allocates it, and until then commands on a member alone fail (FLT-15)";
        output::note(common, &format!("{new} of its members {words}"));
    }
    let asked = if online { live::ask(common, whole.places())? } else { Vec::new() };
    whole.hold_against(&asked);
    let (mut judged, unread) = whole.judged();
    for one in &mut judged {
        one.findings = in_source_order(std::mem::take(&mut one.findings));
    }
    Ok((judged, unread, asked))
}
