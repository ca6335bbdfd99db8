//! `eksnet layout`

use crate::report::{layout, layout_json};

use super::args::{Format, Layout};
use super::output::{self, Stop};
use super::{Common, DONE, line};

pub fn run(common: &Common, args: &Layout) -> Result<u8, Stop> {
    let line = line::compile(&args.file, common)?;
    if args.locked {
        line.lock.hold(&line.plan)?;
    }
    if args.write_lock {
        line.lock.write(&line.plan, common)?;
    }
    output::data(&match common.output {
        Format::Json => layout_json::write(&line.spec, &line.plan),
        Format::Human => layout::write(&line.spec, &line.plan, &line.lock.state(&line.plan)),
    });
    Ok(DONE)
}
