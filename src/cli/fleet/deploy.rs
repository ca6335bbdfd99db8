//! `eksnet fleet deploy`: waves of saved plans.

use crate::fleet::plans;
use crate::fleet::rollout::{self, Planned, Wave};
use crate::fleet::waves::Ended;
use crate::report::fleet_waves;
use crate::terminal::{self, Processes};

use super::super::args::{FleetDeploy, Format};
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
