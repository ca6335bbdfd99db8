//! `eksnet fleet layout`

use crate::report::fleet::Layout;

use super::super::args::FleetLayout;
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
    let layout = Layout { whole: &whole, lock: before, written: args.write_lock };
    output::data(&common.output.fleet_layout(&layout, output::view(false)));
    Ok(DONE)
}
