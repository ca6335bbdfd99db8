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

use clap::Subcommand;

use args::{
    Check, Completions, Deploy, Destroy, Diff, Doctor, Explain, Fleet, Iam, Init, Instances,
    Layout, Man, Render, Report, Rescue, Schema, Status, Survey,
};
use output::Stop;

pub use args::{Cli, Common, help};

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

/// (title, commands) in the order in which they are met.
pub const GROUPS: &[(&str, &[&str])] = &[
    ("Start here", &["init", "check", "layout", "diff", "report"]),
    ("Deploy (requires AWS credentials)", &["deploy", "status", "destroy"]),
    ("Existing clusters", &["survey", "rescue", "doctor"]),
    ("Many blueprints", &["fleet"]),
    ("Hand over to other tools", &["render", "iam", "schema"]),
    ("Learn", &["explain", "instances", "completions", "man", "help"]),
];

/// What can be typed: each has a file of its name, with what follows it where `args` has not.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a commented blueprint
    Init(Init),
    /// Read a VPC and its cluster into one document, for `--survey`
    Survey(Survey),
    /// Show how an exhausted cluster can get more addresses, in order of cost
    Rescue(Rescue),
    /// Find the root causes of a cluster's problems, with evidence
    Doctor(Doctor),
    /// Find mistakes in blueprints, all at once
    Check(Check),
    /// Show the address plan and how many nodes and pods fit
    Layout(Layout),
    /// Write the CloudFormation template and Kubernetes manifests
    Render(Render),
    /// Show what would change, and what that means for running nodes and pods
    Diff(Diff),
    /// Write an HTML page of blueprints, or their address map as SVG
    Report(Report),
    /// Preview, confirm and deploy
    Deploy(Deploy),
    /// Delete the stack and the orphaned load balancers, ENIs and security groups that block it
    Destroy(Destroy),
    /// Show the stack, cluster, add-ons, free addresses and drift
    Status(Status),
    /// Check, lay out, compare and deploy many blueprints together
    #[command(subcommand)]
    Fleet(Fleet),
    /// Show max pods per instance type in each VPC CNI mode
    Instances(Instances),
    /// Print the least-privilege IAM policy for previewing or deploying a blueprint
    Iam(Iam),
    /// Explain a rule, a blueprint key or a VPC CNI setting
    Explain(Explain),
    /// Print a JSON Schema: of blueprints, for editors, or of another document
    Schema(Schema),
    /// Print a shell completion script
    Completions(Completions),
    /// Write manual pages into a folder
    Man(Man),
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
        Command::Completions(args) => {
            output::data(&args::completions::script(args));
            Ok(DONE)
        }
        Command::Man(args) => Ok(args::man::write(args).map(|()| DONE)?),
        command => live::run(common, command),
    }
}
