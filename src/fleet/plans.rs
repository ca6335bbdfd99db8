//! A folder of saved plans: which member each is of, and what became of it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::diagnostic::Failure;
use crate::source::{MOST_PLAN, read_limited};

use super::child::Children;
use super::compare::Outcome;
use super::cores;
use super::export::Job;
use super::rollout::{Planned, Record};
use super::waves::Task;
use super::whole::Whole;

/// Beside the plans: what became of each. A later run goes on from there.
pub const RECORD: &str = "deployed.json";

/// A member with its plan.
pub struct Member {
    pub job: Job,
    pub plan: PathBuf,
    pub planned: Planned,
}

/// Members with a plan in the folder.
pub fn of(whole: &Whole, folder: &Path) -> Result<Vec<Member>, Failure> {
    let planned = |job: Job| {
        let plan = folder.join(job.plan());
        let text = read_limited(&plan, MOST_PLAN).ok()?;
        let digest = format!("{:x}", Sha256::digest(text.as_bytes()));
        let wave = whole.roster.ground.wave(&job.name);
        let task = Task { label: job.label(), lane: (job.account.clone(), job.region.clone()) };
        Some(Member { job, plan, planned: Planned { task, wave, digest } })
    };
    let members: Vec<Member> = whole.jobs(None).into_iter().filter_map(planned).collect();
    if members.is_empty() {
        return Err(Failure::new(format!("there are no plans in `{}`", folder.display()))
            .hint("`eksnet fleet diff --save FOLDER` writes them"));
    }
    Ok(members)
}

/// Plans that were asked for.
pub struct Saved {
    /// Members that change.
    pub jobs: Vec<Job>,
    /// Files whose plans could not be made, and why.
    pub failed: Vec<(String, Failure)>,
}

/// A plan for each member that changes, made by the same command as for one.
pub fn save(children: &Children<'_>, whole: &Whole, (folder, outcome): (&Path, &Outcome)) -> Saved {
    let ground = &whole.roster.ground;
    let changed = outcome.changed();
    let jobs: Vec<Job> =
        changed.map(|member| Job::of(&member.name, &member.region, &member.file, ground)).collect();
    let made = cores::on_all(&jobs, |job| children.plan(job, folder));
    let failed =
        jobs.iter().zip(made).filter_map(|(job, made)| Some((job.file.clone(), made.err()?)));
    let failed = failed.collect();
    Saved { jobs, failed }
}

/// Plans in the folder that no wave executes, and why.
pub fn left_out(
    whole: &Whole,
    members: &[Member],
    folder: &Path,
) -> Result<Vec<(PathBuf, &'static str)>, Failure> {
    let failed = || Failure::new(format!("cannot read `{}`", folder.display()));
    let entries = std::fs::read_dir(folder).map_err(|cause| failed().because(cause))?;
    let plans = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let plans = plans.filter(|plan| plan.extension().is_some_and(|ending| ending == "plan"));
    let has_waves = !whole.roster.ground.waves.is_empty();
    let why = |plan: &PathBuf| match members.iter().find(|member| member.plan == *plan) {
        None => Some("it is of no member that could be read"),
        Some(member) if has_waves && member.planned.wave.is_none() => {
            Some("no wave names its member")
        }
        Some(_) => None,
    };
    let mut left: Vec<_> = plans.filter_map(|plan| why(&plan).map(|why| (plan, why))).collect();
    left.sort();
    Ok(left)
}

/// What became of the plans so far.
pub fn record(folder: &Path) -> Result<Record, Failure> {
    let file = folder.join(RECORD);
    let failed = || Failure::new(format!("cannot read `{}`", file.display()));
    match read_limited(&file, MOST_PLAN) {
        Ok(text) => serde_json::from_str(&text).map_err(|cause| failed().because(cause)),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Ok(Record { schema_version: 1, ..Record::default() })
        }
        Err(error) => Err(failed().because(error)),
    }
}
