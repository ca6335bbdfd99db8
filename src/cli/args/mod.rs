//! What can be typed. The doc comments are the help.

use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, Parser, ValueEnum};

use crate::check::{Profile, Profiles};
use crate::opened::{self, Asked};
pub use crate::report::Format;
use crate::terminal::{Hearing, Reader};

use super::Command;

pub mod completions;
mod deploy;
mod doctor;
mod existing;
mod fleet;
pub mod help;
pub mod man;
pub mod pages;
pub mod typed;

pub use deploy::*;
pub use doctor::*;
pub use existing::*;
pub use fleet::*;

/// Design, review and deploy the network of an Amazon EKS cluster from one YAML file
#[derive(Debug, Parser)]
#[command(name = "eksnet", version)]
pub struct Cli {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Args, Clone, Debug)]
pub struct Common {
    /// AWS Region instead of the blueprint's
    #[arg(long, global = true, value_name = "REGION", help_heading = "AWS options")]
    pub region: Option<String>,
    /// Profile of the AWS configuration
    #[arg(long, global = true, value_name = "NAME", help_heading = "AWS options")]
    pub profile: Option<String>,
    /// Assume this role first, with the credentials that there are (how `fleet` reaches a member's account)
    #[arg(long, global = true, value_name = "ARN", hide = true)]
    pub assume_role: Option<String>,
    /// Endpoint for every AWS service, such as an emulator's
    #[arg(long, global = true, value_name = "URL", help_heading = "AWS options")]
    pub endpoint_url: Option<String>,
    /// Treat warnings as errors, except those accepted by an `eksnet:allow` comment
    #[arg(long, global = true, help_heading = "Rules")]
    pub strict: bool,
    /// Also apply an optional rule set: `cis` (CIS EKS Benchmark, Security Hub) or `ha` (failure of a zone)
    #[arg(
        long,
        alias = "profile-rules",
        global = true,
        value_enum,
        value_delimiter = ',',
        value_name = "SET",
        help_heading = "Rules"
    )]
    pub ruleset: Vec<Ruleset>,
    /// Replace the subnets of this tier, whose size changed
    #[arg(long, global = true, value_delimiter = ',', value_name = "TIER", help_heading = "Rules")]
    pub allow_move: Vec<String>,
    /// Output format
    #[arg(short, long, global = true, value_enum, default_value_t = Format::Human, value_name = "FORMAT", help_heading = "Global options")]
    pub output: Format,
    /// When to use color
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN", help_heading = "Global options")]
    pub color: Color,
    /// Show the full error chain
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub verbose: bool,
    /// Suppress notes and warnings beside a result
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Ruleset {
    /// CIS EKS Benchmark and Security Hub
    Cis,
    /// Failure of a zone
    Ha,
}

impl Common {
    /// How strictly findings are taken.
    pub fn asked(&self) -> Asked {
        Asked { region: self.region.clone(), profiles: self.profiles() }
    }

    pub fn profiles(&self) -> Profiles {
        let rules = self.ruleset.iter().map(|profile| match profile {
            Ruleset::Cis => Profile::Cis,
            Ruleset::Ha => Profile::Ha,
        });
        Profiles {
            strict: self.strict,
            rules: rules.collect(),
            moves: self.allow_move.iter().cloned().collect(),
        }
    }
}

impl Hearing for Common {
    fn reader(&self) -> Reader {
        match self.output {
            Format::Human => Reader::People,
            Format::Json => Reader::Programs,
            Format::Github => Reader::Annotations,
            _ => Reader::Others,
        }
    }

    fn is_quiet(&self) -> bool {
        self.quiet
    }

    fn is_verbose(&self) -> bool {
        self.verbose
    }
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        Format::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (word, meaning) = self.words();
        Some(PossibleValue::new(word).help(meaning))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

impl Command {
    /// Where no blueprint is named: `find` has those of the folder. `check` reads all of them, others the only one.
    pub fn fill_in<E>(&mut self, find: impl Fn(Wanted) -> Result<Vec<String>, E>) -> Result<(), E> {
        let one = || Ok::<_, E>(find(Wanted::One)?.into_iter().next().unwrap_or_default());
        let file = match self {
            Command::Layout(args) => &mut args.file,
            Command::Render(args) => &mut args.file,
            Command::Diff(args) => &mut args.file,
            Command::Destroy(args) => &mut args.file,
            Command::Status(args) => &mut args.file,
            Command::Iam(args) if args.what.reads_a_blueprint() => &mut args.file,
            Command::Deploy(args) if args.plan.is_none() => args.file.get_or_insert_default(),
            Command::Doctor(args) if args.reads_a_blueprint() => args.file.get_or_insert_default(),
            Command::Survey(args) if args.cluster.is_none() && args.vpc.is_none() => {
                args.file.get_or_insert_default()
            }
            Command::Rescue(args) if args.cluster.is_none() && args.survey.is_none() => {
                args.file.get_or_insert_default()
            }
            Command::Check(args) if args.files.is_empty() => {
                args.files = find(Wanted::All)?;
                return Ok(());
            }
            Command::Report(args) if args.files.is_empty() => {
                args.files = find(Wanted::One)?;
                return Ok(());
            }
            _ => return Ok(()),
        };
        if file.is_empty() {
            *file = one()?;
        }
        Ok(())
    }
}

/// How many of the folder's blueprints a command reads that names none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    One,
    All,
}

/// The blueprints of the folder, where none was named.
pub fn of_folder(wanted: Wanted) -> Result<Vec<String>, String> {
    let found = opened::blueprints_here();
    match found.as_slice() {
        [] => Err(
            "there is no blueprint in this folder: name a FILE, or write one with `eksnet init`"
                .to_string(),
        ),
        many if 1 < many.len() && wanted == Wanted::One => {
            Err(format!("name one of the blueprints of this folder: {}", many.join(", ")))
        }
        _ => Ok(found),
    }
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  eksnet init shop\n  eksnet init shop --from secondary-pods\n  eksnet init --list"
)]
pub struct Init {
    /// Name of the cluster; the file is NAME.yaml
    #[arg(default_value = "shop")]
    pub name: String,
    /// Start from an example (--list shows them), a file, or what exists: a survey's file, `vpc-…` or `cluster/NAME`
    #[arg(long, value_name = "BLUEPRINT", default_value = "three-tiers")]
    pub from: String,
    /// List the examples
    #[arg(long)]
    pub list: bool,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  eksnet check\n  eksnet check network/*.yaml --strict\n  eksnet check shop.yaml -o github"
)]
pub struct Check {
    /// Blueprints, or `-` for standard input; without one, every blueprint of this folder
    #[arg(value_name = "FILE")]
    pub files: Vec<String>,
    #[command(flatten)]
    pub surveyed: Surveyed,
    /// Also check the account: zones, quotas, Elastic IPs, add-on versions, conflicts with the existing VPC
    #[arg(long)]
    pub online: bool,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  eksnet layout\n  eksnet layout shop.yaml --all\n  eksnet layout shop.yaml --write-lock"
)]
pub struct Layout {
    /// Blueprint, or `-` for standard input; without one, the only blueprint of this folder
    #[arg(value_name = "FILE", default_value = "", hide_default_value = true)]
    pub file: String,
    /// Write allocated addresses to the lock
    #[arg(long)]
    pub write_lock: bool,
    /// Read the deployed stack first, so that the lock matches it
    #[arg(long)]
    pub from_stack: bool,
    #[command(flatten)]
    pub surveyed: Surveyed,
    /// Fail if the lock would change
    #[arg(long, conflicts_with = "write_lock")]
    pub locked: bool,
    /// Also show every subnet, free block and formula, egress, and the reasons for defaults
    #[arg(long)]
    pub all: bool,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  eksnet render shop.yaml\n  eksnet render shop.yaml --out rendered"
)]
pub struct Render {
    /// Blueprint, or `-` for standard input; without one, the only blueprint of this folder
    #[arg(value_name = "FILE", default_value = "", hide_default_value = true)]
    pub file: String,
    /// Write template.yaml, template.json, kubernetes/, nodes/ and eksctl.yaml into this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub surveyed: Surveyed,
    /// Fail if the lock would change
    #[arg(long)]
    pub locked: bool,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  eksnet diff shop.yaml --against nothing\n  eksnet diff shop.yaml --against git:main -o markdown\n  eksnet diff shop.yaml --save plan.json"
)]
#[command(group(clap::ArgGroup::new("gate").multiple(true)))]
pub struct Diff {
    /// Blueprint, or `-` for standard input; without one, the only blueprint of this folder
    #[arg(value_name = "FILE", default_value = "", hide_default_value = true)]
    pub file: String,
    /// Compare with a template, a blueprint, `git:REV` or `nothing` instead of the deployed stack
    #[arg(long, value_name = "WHAT", help_heading = "What to compare with")]
    pub against: Option<String>,
    #[command(flatten)]
    pub surveyed: Surveyed,
    /// Create the change set and save it in this file for `deploy --plan`
    #[arg(long, value_name = "PLAN", conflicts_with = "against", help_heading = "For pipelines")]
    pub save: Option<String>,
    /// Hours until the plan expires
    #[arg(
        long,
        value_name = "HOURS",
        default_value_t = 168,
        requires = "save",
        help_heading = "For pipelines"
    )]
    pub valid_for: u32,
    /// Also create a change set, report where CloudFormation disagrees with the template diff, then delete it
    #[arg(long, conflicts_with_all = ["against", "save"])]
    pub change_set: bool,
    /// Also show drift: manual changes outside of the stack, which count as changes for --exit-code
    #[arg(long, conflicts_with = "against", help_heading = "What to compare with")]
    pub drift: bool,
    #[command(flatten)]
    pub sending: Sending,
    /// List every resource instead of groups
    #[arg(long, help_heading = "What to show")]
    pub all: bool,
    /// Show the address plan first
    #[arg(long, help_heading = "What to show")]
    pub layout: bool,
    /// Exit 2 on changes, 3 if any replaces or removes (except types in --allow)
    #[arg(long, group = "gate", help_heading = "For pipelines")]
    pub exit_code: bool,
    /// Fail if resources would be replaced or removed, something is irreversible, or nodes are replaced
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        value_name = "SORT",
        group = "gate",
        help_heading = "For pipelines"
    )]
    pub fail_on: Vec<FailOn>,
    /// Resource types that --fail-on and --exit-code let pass, such as AWS::EC2::Route
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "TYPE",
        requires = "gate",
        help_heading = "For pipelines"
    )]
    pub allow: Vec<String>,
    /// Write allocated addresses to the lock
    #[arg(long, conflicts_with = "locked", help_heading = "For pipelines")]
    pub write_lock: bool,
    /// Fail if the lock would change
    #[arg(long, help_heading = "For pipelines")]
    pub locked: bool,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  eksnet report shop.yaml --out shop.html\n  eksnet report shop.yaml --against git:main --out change.html\n  eksnet report shop.yaml -o svg --out map.svg"
)]
pub struct Report {
    /// Blueprints; without one, the only blueprint of this folder
    #[arg(value_name = "FILE")]
    pub files: Vec<String>,
    /// Write to this page, such as `shop.html`; or to this folder, a page for each blueprint and an index
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// Show what would change against a template, a blueprint, `git:REV` or `nothing`
    #[arg(long, value_name = "WHAT")]
    pub against: Option<String>,
    #[command(flatten)]
    pub surveyed: Surveyed,
    /// Show the addresses that are free now, read from AWS
    #[arg(long, conflicts_with = "survey")]
    pub online: bool,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  eksnet instances m6i\n  eksnet instances m6i.xlarge m7g.xlarge"
)]
pub struct Instances {
    /// Types, families or prefixes such as m6i; without one, all types
    #[arg(value_name = "TYPE")]
    pub types: Vec<String>,
    /// Query EC2 for the Region's instance types and print an updated instance table
    #[arg(long, conflicts_with = "types")]
    pub from_ec2: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  eksnet iam preview shop.yaml\n  eksnet iam deploy shop.yaml")]
pub struct Iam {
    /// `preview`: read-only commands; `deploy`: deploy and destroy; `survey`, `doctor`: read what exists; `fleet`: reach every account
    #[arg(value_enum)]
    pub what: IamFor,
    /// Blueprint, or `-` for standard input; without one, the only blueprint of this folder; for `fleet` its folder. `survey` and `doctor` need none
    #[arg(value_name = "FILE", default_value = "", hide_default_value = true)]
    pub file: String,
    #[command(flatten)]
    pub surveyed: Surveyed,
    /// S3 bucket for templates of more than 51,200 bytes
    #[arg(long, value_name = "BUCKET", env = "EKSNET_TEMPLATE_BUCKET")]
    pub template_bucket: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum IamFor {
    Preview,
    Deploy,
    Survey,
    Doctor,
    Fleet,
}

impl IamFor {
    /// Whether the rights depend on what a blueprint makes.
    pub fn reads_a_blueprint(self) -> bool {
        matches!(self, IamFor::Preview | IamFor::Deploy)
    }
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  eksnet schema > eksnet.schema.json")]
pub struct Schema {
    /// Document to describe
    #[arg(long, value_enum, default_value_t = SchemaOf::Blueprint, value_name = "WHAT")]
    pub of: SchemaOf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// A blueprint
    Blueprint,
    /// The fleet's `fleet.yaml`
    Fleet,
    /// `diff -o json`
    Diff,
    /// `doctor -o json`
    Doctor,
    /// What `survey` writes and `--survey` reads
    Survey,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  eksnet explain VPC-21\n  eksnet explain tiers.size\n  eksnet explain WARM_IP_TARGET"
)]
pub struct Explain {
    /// A rule (VPC-21), a blueprint key (vpc.cidr), a setting (WARM_IP_TARGET); or all `keys`, `settings` or `commands`; without one, all rules
    #[arg(value_name = "WHAT")]
    pub what: Option<String>,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  eksnet completions bash > /etc/bash_completion.d/eksnet")]
pub struct Completions {
    /// Shell to generate completions for
    pub shell: clap_complete::Shell,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  eksnet man --out /usr/local/share/man/man1")]
pub struct Man {
    /// Folder of the pages
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}
