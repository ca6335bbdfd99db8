//! `eksnet fleet deploy`: waves of saved plans.

use crate::fleet::plans;
use crate::fleet::rollout::{self, End, Planned, Wave};
use crate::report::fleet_waves;
use crate::terminal::{self, Processes};

use super::super::args::FleetDeploy;
use super::super::output::{self, Stop};
use super::super::{Common, DONE, FAILED, UNFINISHED};
use super::{broken, open, with_children};

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
        "running deployments finish, and no further one begins; Ctrl-C again exits at once, and the stacks continue without being watched",
    );
    let outcome = with_children(common, |children| {
        let (folder, examines) = (args.plans.as_path(), !args.no_doctor);
        let hands = Processes { to: common, children, members: &members, folder, examines };
        rollout::run(&hands, (&planned, &waves), only, record)
    })?;
    output::data(&common.output.fleet_rollout(&outcome));
    if outcome.stopped.is_some() {
        let wave = args.wave.as_ref().map(|wave| format!(" --wave {}", output::file(wave)));
        let (fleet, plans) = (output::file(&args.fleet), args.plans.display().to_string());
        let plans = format!("--plans {}{}", output::file(&plans), wave.unwrap_or_default());
        let command = format!("eksnet fleet deploy {fleet} {plans}");
        output::note(common, &fleet_waves::way_on(&outcome, &command));
    }
    let left = plans::left_out(&whole, &members, &args.plans)?;
    let left = if only.is_none() { left } else { Vec::new() };
    for (plan, why) in &left {
        output::note(common, &format!("{}: not deployed: {why}", plan.display()));
    }
    Ok(match outcome.end() {
        End::Failed => FAILED,
        End::Done if left.is_empty() => DONE,
        End::Done | End::Unfinished => UNFINISHED,
    })
}
