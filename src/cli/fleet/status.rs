//! `eksnet fleet status`: every member's status in one table.

use crate::fleet::cores;

use super::super::args::FleetStatus;
use super::super::output::{self, Stop};
use super::super::{Common, DONE, UNFINISHED};
use super::{open, with_children};

pub fn run(common: &Common, args: &FleetStatus) -> Result<u8, Stop> {
    let whole = open(common, &args.fleet, &[])?;
    let jobs = whole.jobs(None);
    let read = with_children(common, |children| {
        cores::on_all(&jobs, |job| children.status(job, args.drift))
    });
    let rows: Vec<_> = jobs.into_iter().zip(read).collect();
    output::data(&common.output.fleet_status(&rows, output::view(false)));
    let is_whole = whole.unread.is_empty() && rows.iter().all(|(_, read)| read.is_ok());
    Ok(if is_whole { DONE } else { UNFINISHED })
}
