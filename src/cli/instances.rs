//! `eksnet instances`

use crate::report::instances as report;

use super::args::{Format, Instances};
use super::output::{self, Stop};
use super::{Common, DONE};

pub fn run(common: &Common, args: &Instances) -> Result<u8, Stop> {
    let found = report::named(&args.types).map_err(Stop::Usage)?;
    output::data(&match common.output {
        Format::Json => report::json(&found),
        _ => report::human(&found, output::view(false)),
    });
    Ok(DONE)
}
