//! `eksnet fleet deploy`: waves of saved plans.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::diagnostic::Failure;
use crate::fleet::export::Job;
use crate::fleet::ground::Ground;
use crate::fleet::waves::{self, Ended, Limits, Task};
use crate::report::{counted, fleet_waves, json};
use crate::source::{self, MOST_PLAN, read_limited};

use super::super::args::{FleetDeploy, Format};
use super::super::output::{self, Stop};
use super::super::{Common, DONE, FAILED, UNFINISHED};
use super::child;
use super::whole::{self, Whole};

/// Beside the plans: what became of each. A later run goes on from there.
const RECORD: &str = "deployed.json";

#[derive(Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Record {
    schema_version: u32,
    /// By label: the digest of the plan that was executed.
    done: BTreeMap<String, String>,
}

/// A member with its plan.
struct Member {
    job: Job,
    task: Task,
    plan: PathBuf,
    digest: String,
}

pub fn run(common: &Common, args: &FleetDeploy) -> Result<u8, Stop> {
    let whole = whole::open(common, &args.fleet, &[])?;
    let only = whole.wave(args.wave.as_deref())?;
    let record = record(&args.plans)?;
    let members = members(&whole, &args.plans)?;
    let ground = &whole.roster.ground;
    let record = Mutex::new(record);
    let mut all: Vec<(String, Ended)> = Vec::new();
    let mut stopped = false;
    for (at, wave) in waves_of(ground).into_iter().enumerate() {
        let own = members.iter().filter(|member| ground.wave(&member.job.name) == wave.position);
        let own: Vec<&Member> = own.filter(|member| !is_done(&record, member)).collect();
        let skipped = only.is_some() && only != wave.position;
        if skipped || own.is_empty() {
            continue;
        }
        if stopped {
            all.extend(own.iter().map(|member| (member.task.label.clone(), Ended::NotBegun)));
            continue;
        }
        pause(common, &wave, 0 < at && !all.is_empty());
        output::note(common, &format!("wave {}: {}", wave.name, counted(own.len(), "member")));
        let ended = of_wave(common, args, (&own, wave.limits), &record)?;
        stopped = waves::is_stopped(&ended, wave.limits);
        all.extend(own.iter().map(|member| member.task.label.clone()).zip(ended));
    }
    output::data(&match common.output {
        Format::Json => fleet_waves::json(&all),
        _ => fleet_waves::human(&all),
    });
    if stopped {
        let command =
            format!("eksnet fleet deploy {} --plans {}", args.fleet, args.plans.display());
        output::note(
            common,
            &format!(
                "stopped: more failed than the wave tolerates; once that is mended, `{command}` goes on"
            ),
        );
    }
    let is = |of: fn(&Ended) -> bool| all.iter().any(|(_, ended)| of(ended));
    Ok(match () {
        () if is(|ended| matches!(ended, Ended::Failed(_) | Ended::NotBegun)) => FAILED,
        () if is(|ended| matches!(ended, Ended::Unfinished(_))) => UNFINISHED,
        () => DONE,
    })
}

fn of_wave(
    common: &Common,
    args: &FleetDeploy,
    (own, limits): (&[&Member], Limits),
    record: &Mutex<Record>,
) -> Result<Vec<Ended>, Stop> {
    let tasks: Vec<Task> = own.iter().map(|member| member.task.clone()).collect();
    let lost: Mutex<Option<Failure>> = Mutex::new(None);
    let deploy = |task: &Task| {
        let Some(member) = own.iter().find(|member| member.task == *task) else {
            return Ended::NotBegun;
        };
        let ended = execute(common, &args.plans, member);
        if matches!(ended, Ended::Done | Ended::Unfinished(_))
            && let Err(failure) = remember(&args.plans, record, member)
        {
            *lost.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(failure);
        }
        output::note(common, &fleet_waves::line(&task.label, &ended));
        ended
    };
    let ended = waves::run(&tasks, limits, &deploy);
    match lost.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        Some(failure) => Err(failure.into()),
        None => Ok(ended),
    }
}

fn execute(common: &Common, plans: &Path, member: &Member) -> Ended {
    let log = plans.join("logs").join(format!("{}.log", member.task.label));
    let plan = member.plan.display().to_string();
    let ended = child::eksnet(common, &member.job).and_then(|mut command| {
        command.args(["deploy", "--plan", &plan]);
        child::logged(common, &mut command, &log, &member.task.label)
    });
    match ended.map(|status| status.code()) {
        Ok(Some(0)) => Ended::Done,
        Ok(Some(code)) if code == i32::from(UNFINISHED) => Ended::Unfinished(child::reason(&log)),
        Ok(_) => Ended::Failed(child::reason(&log)),
        Err(failure) => Ended::Failed(failure.chain()),
    }
}

/// A wave of the fleet, or everybody that no wave names.
struct Wave {
    name: String,
    position: Option<usize>,
    limits: Limits,
    after: Duration,
}

fn waves_of(ground: &Ground) -> Vec<Wave> {
    let of = |(at, wave): (usize, &crate::fleet::ground::Wave)| Wave {
        name: wave.name.clone(),
        position: Some(at),
        limits: Limits { parallel: wave.parallel as usize, tolerate: wave.tolerate as usize },
        after: wave.after,
    };
    let mut waves: Vec<Wave> = ground.waves.iter().enumerate().map(of).collect();
    // Without waves all members are one; with them, whom no wave names is left out.
    if waves.is_empty() {
        let limits = Limits { parallel: 1, tolerate: 0 };
        waves.push(Wave { name: "of all".into(), position: None, limits, after: Duration::ZERO });
    }
    waves
}

/// The time that a wave waits for what the one before may still break.
fn pause(common: &Common, wave: &Wave, follows: bool) {
    if !follows || wave.after.is_zero() {
        return;
    }
    let mut left = wave.after;
    while !left.is_zero() {
        let step = left.min(Duration::from_secs(30));
        let words =
            format!("wave {} begins in {} s (Ctrl-C stops before it)", wave.name, left.as_secs());
        output::note(common, &words);
        std::thread::sleep(step);
        left -= step;
    }
}

/// Members with a plan in the folder.
fn members(whole: &Whole, plans: &Path) -> Result<Vec<Member>, Stop> {
    let ground = &whole.roster.ground;
    let known = whole.members.iter().flatten().filter_map(|judged| judged.member.as_ref());
    let mut members = Vec::new();
    for one in known {
        let job = Job::of(&one.name, &one.region, &one.file, ground);
        let task = Task { label: job.label(), lane: (job.account.clone(), job.region.clone()) };
        let plan = plans.join(job.plan());
        let Ok(text) = read_limited(&plan, MOST_PLAN) else { continue };
        let digest = format!("{:x}", Sha256::digest(text.as_bytes()));
        members.push(Member { job, task, plan, digest });
    }
    if members.is_empty() {
        return Err(Failure::new(format!("there are no plans in `{}`", plans.display()))
            .hint("`eksnet fleet diff --save FOLDER` makes them")
            .into());
    }
    Ok(members)
}

fn record(plans: &Path) -> Result<Record, Failure> {
    let file = plans.join(RECORD);
    let failed = || Failure::new(format!("cannot read `{}`", file.display()));
    match read_limited(&file, MOST_PLAN) {
        Ok(text) => serde_json::from_str(&text).map_err(|cause| failed().because(cause)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Ok(Record { schema_version: 1, ..Record::default() })
        }
        Err(error) => Err(failed().because(error)),
    }
}

fn is_done(record: &Mutex<Record>, member: &Member) -> bool {
    let record = record.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    record.done.get(&member.task.label) == Some(&member.digest)
}

/// Written after each member: whoever kills the run finds it here.
fn remember(plans: &Path, record: &Mutex<Record>, member: &Member) -> Result<(), Failure> {
    let mut record = record.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    record.done.insert(member.task.label.clone(), member.digest.clone());
    source::write_whole(&plans.join(RECORD), &json(&*record))
}
