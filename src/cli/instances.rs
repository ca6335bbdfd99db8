//! `eksnet instances`

use crate::report::instances;

use super::args::Instances;
use super::output::{self, Stop};
use super::{Common, DONE};

pub fn run(common: &Common, args: &Instances) -> Result<u8, Stop> {
    let found = instances::named(&args.types).map_err(Stop::Usage)?;
    output::data(&common.output.instances(&found, output::view(false)));
    Ok(DONE)
}
