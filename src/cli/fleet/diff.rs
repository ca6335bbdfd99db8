//! `eksnet fleet diff`

use std::path::Path;

use crate::diagnostic::Failure;
use crate::fleet::compare::{self, Before, Outcome};
use crate::fleet::export::Job;
use crate::fleet::plans::{self, Saved};
use crate::fleet::whole::Whole;
use crate::report::{fleet_diff, fleet_json};
use crate::source;

use super::super::args::{FleetDiff, Format};
use super::super::line::Opened;
use super::super::output::{self, Stop};
use super::super::{CHANGES, Common, DESTRUCTIVE, DONE, FAILED, live};
use super::{broken, open, with_children};

pub fn run(common: &Common, args: &FleetDiff) -> Result<u8, Stop> {
    let whole = open(common, &args.fleet, &[])?;
    if whole.is_broken_between() {
        return match common.output {
            Format::Markdown => in_comment(common, whole),
            _ => broken(common, whole),
        };
    }
    let wave = whole.wave(args.wave.as_deref()).map_err(Stop::Usage)?;
    let word = args.against.as_deref();
    let before = Before::of(&whole, word)?.ok_or_else(|| {
        let word = word.unwrap_or_default();
        Stop::Usage(format!("`--against {word}`: use `git:REV` or `nothing`"))
    })?;
    // With the credentials of the member's account.
    let observe = |job: &Job, opened: Opened| {
        let own = Common {
            assume_role: job.role.clone().filter(|_| job.profile.is_none()),
            profile: job.profile.clone().or(common.profile.clone()),
            ..common.clone()
        };
        live::observe(&own, opened)
    };
    let outcome = compare::compare(&whole, wave, &before, &observe)?;
    if let Some(folder) = &args.out {
        write(common, folder, &outcome)?;
    }
    let unsaved =
        args.save.as_ref().map_or(Vec::new(), |folder| save(common, &whole, folder, &outcome));
    output::data(&common.output.fleet_preview(&outcome, output::view(false)));
    for (file, failure) in outcome.failed.iter().chain(&unsaved) {
        output::note(common, &format!("{file}: {}", failure.chain()));
    }
    let is_whole = outcome.is_whole() && unsaved.is_empty();
    if is_whole && !outcome.groups.is_empty() {
        output::next(common, &next(args));
    }
    Ok(match &outcome {
        _ if !is_whole => FAILED,
        outcome if !args.exit_code || outcome.is_empty() => DONE,
        outcome if outcome.is_destructive() => DESTRUCTIVE,
        _ => CHANGES,
    })
}

/// What is wrong with a fleet, for a pull request.
fn in_comment(common: &Common, whole: Whole) -> Result<u8, Stop> {
    let (judged, unread) = whole.judged();
    let rows = judged.iter().map(|one| (&one.source, one.findings.as_slice()));
    output::data(&fleet_diff::broken(&rows.collect::<Vec<_>>()));
    unread.iter().for_each(|failure| output::failed(common, failure));
    Ok(FAILED)
}

/// The command that comes next.
fn next(args: &FleetDiff) -> String {
    let folder = output::file(&args.fleet);
    match &args.save {
        Some(plans) => {
            let plans = output::file(&plans.display().to_string());
            format!("eksnet fleet deploy {folder} --plans {plans}")
        }
        None => format!("eksnet fleet diff {folder} --save plans"),
    }
}

/// A plan for each member that changes, and an index of them; which could not be made, and why.
fn save(
    common: &Common,
    whole: &Whole,
    folder: &Path,
    outcome: &Outcome,
) -> Vec<(String, Failure)> {
    let Saved { jobs, mut failed } =
        with_children(common, |children| plans::save(children, whole, (folder, outcome)));
    let (made, shown) = (jobs.len() - failed.len(), folder.display());
    let index = folder.join("index.json");
    if let Err(failure) = source::write_whole(&index, &fleet_json::plans(&jobs, &failed)) {
        failed.push((index.display().to_string(), failure));
    }
    let executed = format!("`eksnet fleet deploy --plans {shown}` executes exactly these");
    output::note(common, &format!("{made} plans saved: {executed}"));
    failed
}

/// Each member's preview, and an index of them.
fn write(common: &Common, folder: &Path, outcome: &Outcome) -> Result<(), Failure> {
    for (name, text) in fleet_diff::files(outcome) {
        source::write_whole(&folder.join(name), &text)?;
    }
    let (count, shown) = (outcome.members.len(), folder.display());
    output::note(common, &format!("{count} previews written to {shown}"));
    Ok(())
}
