//! `eksnet fleet layout`

use crate::fleet::locks::State;
use crate::report::{fleet, fleet_json};

use super::super::args::{FleetLayout, Format};
use super::super::output::{self, Stop};
use super::super::{Common, DONE};
use super::{broken, open};

pub fn run(common: &Common, args: &FleetLayout) -> Result<u8, Stop> {
    let whole = open(common, &args.fleet, &args.release)?;
    if whole.is_broken() {
        return broken(common, whole);
    }
    whole.released()?;
    if !args.release.is_empty() {
        output::note(common, &format!("released: {}", args.release.join(", ")));
    }
    if args.locked {
        whole.hold_locks()?;
    }
    let before = whole.lock_state();
    if args.write_lock {
        for one in whole.write_locks()? {
            let (path, subnets) = (one.path.display(), one.subnets);
            output::note(common, &format!("lock {path} written: {subnets} subnets"));
        }
    }
    let how = match (args.write_lock, before) {
        (true, State::Unchanged) => "up to date",
        (true, _) => "written",
        (false, State::Missing) => "not written yet (`fleet layout --write-lock`)",
        (false, State::Changes) => "would change (`fleet layout --write-lock`)",
        (false, State::Unchanged) => "unchanged",
    };
    let state = format!("lock {}: {how}", whole.lock.display());
    let (plan, ground) = (&whole.plan, &whole.roster.ground);
    output::data(&match common.output {
        Format::Json => {
            fleet_json::layout(plan, ground, before != State::Unchanged && !args.write_lock)
        }
        _ => fleet::layout(plan, ground, &state, output::view(false)),
    });
    Ok(DONE)
}
