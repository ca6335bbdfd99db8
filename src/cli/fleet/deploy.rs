//! `eksnet fleet deploy`: waves of saved plans.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::diagnostic::Failure;
use crate::fleet::export::Job;
use crate::fleet::rollout::{self, Hands, Planned, Record, Roots, Wave};
use crate::fleet::waves::{Ended, Task};
use crate::fleet::whole::Whole;
use crate::report::{fleet_waves, json};
use crate::source::{self, MOST_PLAN, read_limited};

use super::super::args::{FleetDeploy, Format};
use super::super::output::{self, Stop};
use super::super::signals;
use super::super::{Common, DONE, FAILED, UNFINISHED};
use super::child;
use super::open;

/// Beside the plans: what became of each. A later run goes on from there.
const RECORD: &str = "deployed.json";
/// Between two looks at whether somebody interrupts.
const BLINK: Duration = Duration::from_millis(200);

/// A member with its plan.
struct Member {
    job: Job,
    plan: PathBuf,
    planned: Planned,
}

pub fn run(common: &Common, args: &FleetDeploy) -> Result<u8, Stop> {
    let whole = open(common, &args.fleet, &[])?;
    let only = whole.wave(args.wave.as_deref()).map_err(Stop::Usage)?;
    let record = record(&args.plans)?;
    let members = members(&whole, &args.plans)?;
    let planned: Vec<Planned> = members.iter().map(|member| member.planned.clone()).collect();
    let waves = Wave::all(&whole.roster.ground);
    signals::listen(
        common,
        "what runs comes to its end, and nothing more begins; Ctrl-C again leaves at once, and the stacks to themselves",
    );
    let hands = Processes { common, args, members: &members };
    let outcome = rollout::run(&hands, (&planned, &waves), only, record)?;
    output::data(&match common.output {
        Format::Json => fleet_waves::json(&outcome),
        _ => fleet_waves::human(&outcome),
    });
    if outcome.stopped.is_some() {
        let wave = args.wave.as_ref().map_or(String::new(), |wave| format!(" --wave {wave}"));
        let plans = args.plans.display();
        let command = format!("eksnet fleet deploy {} --plans {plans}{wave}", args.fleet);
        output::note(common, &fleet_waves::way_on(&outcome, &command));
    }
    let is = |of: fn(&Ended) -> bool| outcome.all.iter().any(|(_, ended)| of(ended));
    Ok(match () {
        () if is(|ended| matches!(ended, Ended::Failed(_) | Ended::NotBegun)) => FAILED,
        () if is(|ended| matches!(ended, Ended::Unfinished(_))) => UNFINISHED,
        () if !outcome.unexamined.is_empty() => UNFINISHED,
        () => DONE,
    })
}

/// Every member by a process of its own.
struct Processes<'p> {
    common: &'p Common,
    args: &'p FleetDeploy,
    members: &'p [Member],
}

impl Processes<'_> {
    fn member(&self, task: &Task) -> Option<&Member> {
        self.members.iter().find(|member| member.planned.task == *task)
    }
}

impl Hands for Processes<'_> {
    fn now(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
    }

    fn wait(&self, seconds: u64) {
        let mut left = Duration::from_secs(seconds);
        while !left.is_zero() && !signals::came() {
            let step = left.min(BLINK);
            std::thread::sleep(step);
            left -= step;
        }
    }

    fn is_interrupted(&self) -> bool {
        signals::came()
    }

    fn deploy(&self, task: &Task) -> Ended {
        let Some(member) = self.member(task) else { return Ended::NotBegun };
        let ended = execute(self.common, &self.args.plans, member);
        output::note(self.common, &fleet_waves::line(&task.label, &ended));
        ended
    }

    fn examine(&self, task: &Task) -> Option<Result<Roots, String>> {
        let member = self.member(task).filter(|_| !self.args.no_doctor)?;
        Some(examined(self.common, &member.job))
    }

    fn keep(&self, record: &Record) -> Result<(), Failure> {
        source::write_whole(&self.args.plans.join(RECORD), &json(record))
    }

    fn tell(&self, words: &str) {
        output::note(self.common, words);
    }
}

/// What `doctor` finds.
fn examined(common: &Common, job: &Job) -> Result<Roots, String> {
    let output = child::eksnet(common, job).and_then(|mut command| {
        command.args(["doctor", &job.file, "-o", "json"]);
        let output = command.stderr(Stdio::piped()).output();
        output.map_err(|cause| Failure::new("cannot run eksnet").because(cause))
    });
    let output = output.map_err(|failure| failure.chain())?;
    let value: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let said = String::from_utf8_lossy(&output.stderr);
    rollout::roots(&value).ok_or_else(|| child::first(&said))
}

fn execute(common: &Common, plans: &Path, member: &Member) -> Ended {
    let log = plans.join("logs").join(format!("{}.log", member.planned.task.label));
    let plan = member.plan.display().to_string();
    let ended = child::eksnet(common, &member.job).and_then(|mut command| {
        command.args(["deploy", "--plan", &plan]);
        child::logged(common, &mut command, &log, &member.planned.task.label)
    });
    match ended.map(|status| status.code()) {
        Ok(Some(0)) => Ended::Done,
        Ok(Some(code)) if code == i32::from(UNFINISHED) => Ended::Unfinished(child::reason(&log)),
        Ok(_) => Ended::Failed(child::reason(&log)),
        Err(failure) => Ended::Failed(failure.chain()),
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
        let wave = ground.wave(&job.name);
        members.push(Member { job, plan, planned: Planned { task, wave, digest } });
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
