//! `eksnet fleet deploy`: waves of saved plans.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::diagnostic::Failure;
use crate::fleet::child::Children;
use crate::fleet::plans::{self, Member};
use crate::fleet::rollout::{self, Hands, Planned, Record, Roots, Wave};
use crate::fleet::waves::{Ended, Task};
use crate::report::{fleet_waves, json};
use crate::source;
use crate::terminal;

use super::super::args::{FleetDeploy, Format};
use super::super::output::{self, Stop};
use super::super::{Common, DONE, FAILED, UNFINISHED};
use super::{broken, open, with_children};

/// Between two looks at whether somebody interrupts.
const BLINK: Duration = Duration::from_millis(200);

pub fn run(common: &Common, args: &FleetDeploy) -> Result<u8, Stop> {
    let whole = open(common, &args.fleet, &[])?;
    // Waves that are written wrongly are not followed: a pause that cannot be read would be none.
    if !whole.is_usable() {
        return broken(common, whole);
    }
    let only = whole.wave(args.wave.as_deref()).map_err(Stop::Usage)?;
    let record = plans::record(&args.plans)?;
    let members = plans::of(&whole, &args.plans)?;
    let planned: Vec<Planned> = members.iter().map(|member| member.planned.clone()).collect();
    let waves = Wave::all(&whole.roster.ground);
    terminal::listen(
        common,
        "what runs comes to its end, and nothing more begins; Ctrl-C again leaves at once, and the stacks to themselves",
    );
    let outcome = with_children(common, |children| {
        let hands = Processes { common, args, children, members: &members };
        rollout::run(&hands, (&planned, &waves), only, record)
    })?;
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
    let left = plans::left_out(&whole, &members, &args.plans)?;
    let left = if only.is_none() { left } else { Vec::new() };
    for (plan, why) in &left {
        output::note(common, &format!("{}: not deployed: {why}", plan.display()));
    }
    let is = |of: fn(&Ended) -> bool| outcome.all.iter().any(|(_, ended)| of(ended));
    Ok(match () {
        () if is(|ended| matches!(ended, Ended::Failed(_) | Ended::NotBegun)) => FAILED,
        () if is(|ended| matches!(ended, Ended::Unfinished(_))) => UNFINISHED,
        () if !outcome.unexamined.is_empty() || !left.is_empty() => UNFINISHED,
        () => DONE,
    })
}

/// Every member by a process of its own.
struct Processes<'p> {
    common: &'p Common,
    args: &'p FleetDeploy,
    children: &'p Children<'p>,
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
        while !left.is_zero() && !terminal::came() {
            let step = left.min(BLINK);
            std::thread::sleep(step);
            left -= step;
        }
    }

    fn is_interrupted(&self) -> bool {
        terminal::came()
    }

    fn deploy(&self, task: &Task) -> Ended {
        let Some(member) = self.member(task) else { return Ended::NotBegun };
        let ended = self.children.deploy(&member.job, &member.plan, &self.args.plans);
        output::note(self.common, &fleet_waves::line(&task.label, &ended));
        ended
    }

    fn examine(&self, task: &Task) -> Option<Result<Roots, String>> {
        let member = self.member(task).filter(|_| !self.args.no_doctor)?;
        Some(self.children.examine(&member.job))
    }

    fn keep(&self, record: &Record) -> Result<(), Failure> {
        source::write_whole(&self.args.plans.join(plans::RECORD), &json(record))
    }

    fn tell(&self, words: &str) {
        output::note(self.common, words);
    }
}
