//! `eksnet completions`

use super::DONE;
use super::args::Completions;
use super::output::{self, Stop};

pub fn run(args: &Completions) -> Result<u8, Stop> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::help::command(), "eksnet", &mut script);
    output::data(&String::from_utf8_lossy(&script));
    Ok(DONE)
}
