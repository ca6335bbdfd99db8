//! The command line: one file per command, which calls the line, picks a report and chooses the exit code.

#![expect(
    clippy::disallowed_methods,
    reason = "the command line is where the clock, the environment and the terminal are"
)]

mod args;
mod check;
mod completions;
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
mod lock;
mod man;
mod offline;
mod output;
mod render;
mod report;
mod rescue;
mod schema;
mod signals;
mod target;
mod today;
mod typed;

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
    let mut cli = match typed::parse(arguments) {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    output::colour(cli.common.color);
    let filled = cli.command.fill_in(output::of_folder);
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
        Command::Instances(args) => instances::run(common, args),
        Command::Iam(args) => iam::run(common, args),
        Command::Doctor(args) => doctor::run(common, args),
        Command::Explain(args) => explain::run(common, args),
        Command::Schema(args) => schema::run(args),
        Command::Completions(args) => completions::run(args),
        Command::Man(args) => man::run(args),
        #[cfg(feature = "aws")]
        Command::Survey(args) => live::survey::run(common, args),
        #[cfg(not(feature = "aws"))]
        Command::Survey(_) => Err(offline::no_aws()),
        #[cfg(feature = "aws")]
        Command::Deploy(args) => live::deploy::run(common, args),
        #[cfg(feature = "aws")]
        Command::Destroy(args) => live::destroy::run(common, args),
        #[cfg(feature = "aws")]
        Command::Status(args) => live::status::run(common, args),
        #[cfg(not(feature = "aws"))]
        Command::Deploy(_) | Command::Destroy(_) => Ok(offline::no_outcome(common)),
        #[cfg(not(feature = "aws"))]
        Command::Status(_) => Err(offline::no_aws()),
    }
}
