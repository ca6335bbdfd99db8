//! `eksnet man`, which packages call.

use super::args::Man;
use super::output::Stop;
use super::{DONE, help};
use crate::diagnostic::Failure;

/// A page for eksnet and one for each command, named as `man` looks for them.
pub fn run(args: &Man) -> Result<u8, Stop> {
    std::fs::create_dir_all(&args.out)
        .and_then(|()| clap_mangen::generate_to(help::command(), &args.out))
        .map_err(|error| {
            let attempt = format!("cannot write manual pages into {}", args.out.display());
            Failure::new(attempt).because(error)
        })?;
    Ok(DONE)
}
