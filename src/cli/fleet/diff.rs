//! `eksnet fleet diff`

use std::path::Path;

use crate::diagnostic::Failure;
use crate::fleet::compare::{self, Before, Outcome, Row};
use crate::fleet::cores;
use crate::fleet::export::Job;
use crate::fleet::roster::File;
use crate::fleet::whole::Whole;
use crate::report::{fleet_diff, fleet_json, json, preview_json};
use crate::source;

use super::super::args::{FleetDiff, Format};
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
    let before = before(args, &whole)?;
    let deployed = |file: &File| deployed(common, &whole, wave, file);
    let outcome = compare::compare(&whole, wave, &before, &deployed)?;
    if let Some(folder) = &args.out {
        write(common, folder, &outcome)?;
    }
    let unsaved =
        args.save.as_ref().map_or(Vec::new(), |folder| save(common, &whole, folder, &outcome));
    output::data(&match common.output {
        Format::Json => fleet_diff::json(&outcome),
        Format::Markdown => fleet_diff::markdown(&outcome),
        _ => fleet_diff::human(&outcome, output::view(false)),
    });
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

/// What members are compared with.
fn before(args: &FleetDiff, whole: &Whole) -> Result<Before, Stop> {
    match args.against.as_deref() {
        None => Ok(Before::Deployed),
        Some("nothing") => Ok(Before::Nothing),
        Some(word) => match word.strip_prefix("git:") {
            Some(revision) => Ok(Before::commit(whole, revision)?),
            None => Err(Stop::Usage(format!("`--against {word}`: use `git:REV` or `nothing`"))),
        },
    }
}

/// A member over its own stack, with the credentials of its account.
fn deployed(common: &Common, whole: &Whole, wave: Option<usize>, file: &File) -> Row {
    let failed = |stop: Stop| {
        let failure = match stop {
            Stop::Failure(failure) | Stop::Reported(failure, _) => failure,
            Stop::Usage(words) => Failure::new(words),
            Stop::Findings(..) => Failure::new("what the stack says makes it wrong")
                .hint(format!("`eksnet diff {}` says what", file.shown)),
        };
        (file.shown.clone(), failure)
    };
    let opened = super::super::line::open(&file.shown, common).map_err(failed)?;
    let name = opened.document.blueprint.metadata.name.clone();
    let ground = &whole.roster.ground;
    if wave.is_some() && ground.wave(&name) != wave {
        return Ok(None);
    }
    let job = Job::of(&name, &opened.document.blueprint.metadata.region, &file.shown, ground);
    let own = Common {
        assume_role: job.role.filter(|_| job.profile.is_none()),
        profile: job.profile.or(common.profile.clone()),
        ..common.clone()
    };
    let (opened, observed) = live::observe(&own, opened).map_err(failed)?;
    let before = observed.deployed_template();
    let line = opened.compile(observed).map_err(|stopped| failed(stopped.into()))?;
    let done = compare::compared(file, &line, &before);
    done.map(Some).map_err(|failure| (file.shown.clone(), failure))
}

/// A plan for each member that changes, made by the same command as for one; which could not be made, and why.
fn save(
    common: &Common,
    whole: &Whole,
    folder: &Path,
    outcome: &Outcome,
) -> Vec<(String, Failure)> {
    let ground = &whole.roster.ground;
    let jobs: Vec<Job> = outcome
        .changed()
        .map(|member| Job::of(&member.name, &member.region, &member.file, ground))
        .collect();
    let made =
        with_children(common, |children| cores::on_all(&jobs, |job| children.plan(job, folder)));
    let failed =
        jobs.iter().zip(made).filter_map(|(job, made)| Some((job.file.clone(), made.err()?)));
    let mut failed: Vec<_> = failed.collect();
    let made = jobs.len() - failed.len();
    let index = folder.join("index.json");
    if let Err(failure) = source::write_whole(&index, &fleet_json::plans(&jobs, &failed)) {
        failed.push((index.display().to_string(), failure));
    }
    output::note(
        common,
        &format!(
            "{made} plans saved: `eksnet fleet deploy --plans {}` executes exactly these",
            folder.display()
        ),
    );
    failed
}

/// Each member's preview, and an index of them.
fn write(common: &Common, folder: &Path, outcome: &Outcome) -> Result<(), Failure> {
    for member in &outcome.members {
        let file = folder.join(member.preview_file());
        source::write_whole(&file, &preview_json::write(&member.preview))?;
    }
    source::write_whole(&folder.join("index.json"), &json(&fleet_diff::index(outcome)))?;
    output::note(
        common,
        &format!("{} previews written to {}", outcome.members.len(), folder.display()),
    );
    Ok(())
}
