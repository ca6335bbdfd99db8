//! The command line: one file per command, which calls the line, picks a report and chooses the exit code.

#![expect(
    clippy::disallowed_methods,
    reason = "the command line is where the clock, the environment and the terminal are"
)]

mod args;
mod check;
mod diff;
mod doctor;
mod explain;
mod fleet;
mod iam;
mod init;
mod instances;
mod judged;
mod layout;
mod line;
#[cfg(feature = "aws")]
mod live;
#[cfg(not(feature = "aws"))]
#[path = "offline.rs"]
mod live;
mod output;
mod render;
mod report;
mod rescue;
mod schema;

pub use args::{Cli, Command, Common, help};
use output::Stop;

/// Exit codes (see `eksnet help exit-codes`).
pub const DONE: u8 = 0;
pub const FAILED: u8 = 1;
pub const CHANGES: u8 = 2;
pub const DESTRUCTIVE: u8 = 3;
/// Done, and something is left or could not be read.
pub use crate::fleet::child::UNFINISHED;
pub const USAGE: u8 = 64;

/// Runs one command line; the exit code.
pub fn run(arguments: impl IntoIterator<Item = std::ffi::OsString>) -> u8 {
    let mut cli = match args::typed::parse(arguments) {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    output::colour(cli.common.color);
    let filled = cli.command.fill_in(args::of_folder).map_err(Stop::Usage);
    output::final_code(match filled.and_then(|()| dispatch(&cli)) {
        Ok(code) => code,
        Err(stop) => output::stop(&cli.common, stop),
    })
}

fn dispatch(cli: &Cli) -> Result<u8, Stop> {
    let common = &cli.common;
    if matches!(cli.command, Command::Deploy(_) | Command::Destroy(_)) {
        output::in_lines();
    }
    match &cli.command {
        Command::Init(args) => init::run(common, args),
        Command::Check(args) => check::run(common, args),
        Command::Rescue(args) => rescue::run(common, args),
        Command::Layout(args) => layout::run(common, args),
        Command::Render(args) => render::run(common, args),
        Command::Diff(args) => diff::run(common, args),
        Command::Report(args) => report::run(common, args),
        Command::Fleet(args) => fleet::run(common, args),
        Command::Instances(args) if !args.from_ec2 => instances::run(common, args),
        Command::Iam(args) => iam::run(common, args),
        Command::Doctor(args) => doctor::run(common, args),
        Command::Explain(args) => explain::run(common, args),
        Command::Schema(args) => schema::run(args),
        Command::Completions(args) => args::completions::run(args),
        Command::Man(args) => args::man::run(args),
        command => live::run(common, command),
    }
}
