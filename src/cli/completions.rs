//! `eksnet completions`

use clap::CommandFactory;

use super::args::Completions;
use super::output::Stop;
use super::{Cli, DONE};

pub fn run(args: &Completions) -> Result<u8, Stop> {
    clap_complete::generate(args.shell, &mut Cli::command(), "eksnet", &mut std::io::stdout());
    Ok(DONE)
}
