//! `eksnet completions`

use clap::CommandFactory;

use super::args::Completions;
use super::output::{self, Stop};
use super::{Cli, DONE};

pub fn run(args: &Completions) -> Result<u8, Stop> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "eksnet", &mut script);
    output::data(&String::from_utf8_lossy(&script));
    Ok(DONE)
}
