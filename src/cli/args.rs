//! What can be typed. The doc comments are the help.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::check::{Profile, Profiles};
use crate::diagnostic::Failure;
use crate::observed::Observed;
use crate::survey::document;

use super::doctor_args::Doctor;

/// The network of an Amazon EKS cluster, from one YAML blueprint.
///
/// Compiles offline to an address plan, a CloudFormation template and the aws-node settings; shows exactly what would change;
/// deploys what was shown.
#[derive(Debug, Parser)]
#[command(name = "eksnet", version, after_help = AFTER)]
pub struct Cli {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub command: Command,
}

const AFTER: &str = "Exit codes: 0 done or no change · 1 failure or findings of severity error · \
with `doctor`: 1 something is sick, 4 nothing is and something could not be read · with `diff --exit-code`: 2 changes, 3 changes that replace or remove · 64 wrong usage.\n\
FILE may be `-` for standard input. Offline: init, check, doctor, layout, render, instances, iam, explain, schema, completions, and diff with --against.";

#[derive(Args, Clone, Debug)]
pub struct Common {
    /// AWS Region instead of the blueprint's
    #[arg(long, global = true, value_name = "REGION")]
    pub region: Option<String>,
    /// Profile of the AWS configuration
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// Endpoint for every AWS service, such as an emulator's
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// How results are written
    #[arg(short, long, global = true, value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    pub output: Format,
    /// Take warnings that nobody allowed for errors
    #[arg(long, global = true)]
    pub strict: bool,
    /// Rules that only some want: `cis` (CIS benchmark for EKS, Security Hub), `ha` (the failure of a zone)
    #[arg(long, global = true, value_enum, value_delimiter = ',', value_name = "PROFILE")]
    pub profile_rules: Vec<ProfileRules>,
    /// When to colour
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
    /// Say more: the whole chain of causes
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Say less: no notes, and no warnings beside a result
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProfileRules {
    Cis,
    Ha,
}

impl Common {
    /// How strictly findings are taken.
    pub fn profiles(&self) -> Profiles {
        let rules = self.profile_rules.iter().map(|profile| match profile {
            ProfileRules::Cis => Profile::Cis,
            ProfileRules::Ha => Profile::Ha,
        });
        Profiles { strict: self.strict, rules: rules.collect() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Human,
    /// One JSON document, or JSON lines while something runs
    Json,
    /// Markdown, for pull requests and documents (`diff`, `explain`)
    Markdown,
    /// Annotations of a GitHub workflow (`check`, `diff`)
    Github,
    /// SARIF 2.1.0, for code scanning (`check`)
    Sarif,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a commented starter blueprint
    Init(Init),
    /// Read everything of a VPC and a cluster that the other commands judge into one document
    Survey(Survey),
    /// Show the ways to more addresses of an exhausted cluster, in order of cost
    Rescue(Rescue),
    /// Find the causes of what is wrong in a cluster, each with its proof
    Doctor(Doctor),
    /// Find what is wrong with blueprints, all at once
    Check(Check),
    /// Show the address plan, free space and capacity
    Layout(Layout),
    /// Write the CloudFormation template and the files beside it
    Render(Render),
    /// Show what would change
    Diff(Diff),
    /// Deploy the blueprint: change set, preview, confirmation, progress
    Deploy(Deploy),
    /// Delete the stack after confirmation by name, and what Kubernetes left in its way
    Destroy(Destroy),
    /// Show stack, cluster, add-ons, free addresses and what was changed by hand
    Status(Status),
    /// Show how many pods the nodes of instance types take, in every mode
    Instances(Instances),
    /// Print the least IAM policy that looking at a blueprint's stack, or deploying it, needs
    Iam(Iam),
    /// Explain a rule, or list all of them
    Explain(Explain),
    /// Print the JSON Schema of a blueprint for editors, or of an output for programs
    Schema(Schema),
    /// Print the completion script of a shell
    Completions(Completions),
}

impl Command {
    /// What `--output` may say.
    pub fn formats(&self) -> &'static [Format] {
        match self {
            Command::Check(_) => &[Format::Human, Format::Json, Format::Github, Format::Sarif],
            Command::Diff(_) => &[Format::Human, Format::Json, Format::Markdown, Format::Github],
            Command::Explain(_) | Command::Doctor(_) => {
                &[Format::Human, Format::Json, Format::Markdown]
            }
            _ => &[Format::Human, Format::Json],
        }
    }
}

#[derive(Args, Debug)]
pub struct Init {
    /// Name of the cluster; the file is NAME.yaml
    #[arg(default_value = "shop")]
    pub name: String,
    /// Start from one of eksnet's blueprints, by name, or from a file; from what exists: a survey's file, `vpc-…` or `cluster/NAME`
    #[arg(long, value_name = "BLUEPRINT", default_value = "three-tiers")]
    pub from: String,
}

#[derive(Args, Debug)]
pub struct Survey {
    /// Blueprint whose VPC and cluster are read
    #[arg(value_name = "FILE", required_unless_present_any = ["cluster", "vpc"])]
    pub file: Option<String>,
    /// A cluster and its VPC
    #[arg(long, value_name = "NAME", conflicts_with = "file")]
    pub cluster: Option<String>,
    /// A VPC
    #[arg(long, value_name = "ID", conflicts_with = "file")]
    pub vpc: Option<String>,
    /// Write the document here instead of to standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Replace ids, accounts, names and public addresses, the same ones by the same
    #[arg(long)]
    pub redact: bool,
    /// Do not ask the cluster's own API
    #[arg(long)]
    pub no_kubernetes: bool,
}

#[derive(Args, Debug)]
pub struct Rescue {
    /// Blueprint of the cluster; with --write the file to write
    #[arg(value_name = "FILE", required_unless_present_any = ["cluster", "survey"])]
    pub file: Option<String>,
    /// A cluster and its VPC, read now
    #[arg(long, value_name = "NAME", conflicts_with = "survey")]
    pub cluster: Option<String>,
    /// What exists, as `eksnet survey` wrote it
    #[arg(long, value_name = "SURVEY")]
    pub survey: Option<PathBuf>,
    /// Nodes that are wanted; default: the most of all node groups
    #[arg(long, value_name = "N", conflicts_with = "pods")]
    pub nodes: Option<u64>,
    /// Pods that are wanted
    #[arg(long, value_name = "N")]
    pub pods: Option<u64>,
    /// Write a blueprint with this rung, by number or name
    #[arg(long, value_name = "RUNG")]
    pub write: Option<String>,
}

/// What exists already.
#[derive(Args, Clone, Debug, Default)]
pub struct Surveyed {
    /// What exists, as `eksnet survey` wrote it: plans are fitted into its free space
    #[arg(long, value_name = "SURVEY")]
    pub survey: Option<PathBuf>,
}

impl Surveyed {
    /// What was read, if it was.
    pub fn observed(&self) -> Result<Observed, Failure> {
        let survey = self.survey.as_deref().map(document::read).transpose()?;
        Ok(Observed { survey: survey.map(Box::new), ..Observed::default() })
    }
}

#[derive(Args, Debug)]
pub struct Check {
    /// Blueprints
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
    #[command(flatten)]
    pub surveyed: Surveyed,
    /// Read the account too: zones, quotas, addresses, add-on versions, and what is in the way of a VPC that stands
    #[arg(long)]
    pub online: bool,
}

#[derive(Args, Debug)]
pub struct Layout {
    /// Blueprint
    #[arg(value_name = "FILE")]
    pub file: String,
    /// Write the addresses given out to the lock
    #[arg(long)]
    pub write_lock: bool,
    /// Read the deployed stack first, so that the lock says what is deployed
    #[arg(long)]
    pub from_stack: bool,
    #[command(flatten)]
    pub surveyed: Surveyed,
    /// Fail if the lock would change
    #[arg(long, conflicts_with = "write_lock")]
    pub locked: bool,
    /// Show everything: every subnet, free block and sum, egress, and why each default was chosen
    #[arg(long)]
    pub all: bool,
}

#[derive(Args, Debug)]
pub struct Render {
    /// Blueprint
    #[arg(value_name = "FILE")]
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
pub struct Diff {
    /// Blueprint
    #[arg(value_name = "FILE")]
    pub file: String,
    /// Compare with this template instead of the deployed stack; `nothing` for a stack that does not exist
    #[arg(long, value_name = "TEMPLATE")]
    pub against: Option<String>,
    #[command(flatten)]
    pub surveyed: Surveyed,
    /// Make the change set and keep it in this file for `deploy --plan`
    #[arg(long, value_name = "PLAN", conflicts_with = "against")]
    pub save: Option<String>,
    /// How many hours the plan may be executed
    #[arg(long, value_name = "HOURS", default_value_t = 168, requires = "save")]
    pub valid_for: u32,
    /// Ask CloudFormation too: make a change set, show where it says something else than the templates, and delete it again
    #[arg(long, conflicts_with_all = ["against", "save"])]
    pub change_set: bool,
    /// Show what was changed by hand, apart from the blueprint's own changes; it counts as a change for --exit-code
    #[arg(long, conflicts_with = "against")]
    pub drift: bool,
    #[command(flatten)]
    pub sending: Sending,
    /// List every resource instead of groups
    #[arg(long)]
    pub all: bool,
    /// Show the address plan first
    #[arg(long)]
    pub layout: bool,
    /// Exit with 2 if there are changes, with 3 if some replace or remove (those that --allow lets pass left out)
    #[arg(long)]
    pub exit_code: bool,
    /// Fail if a resource would be replaced or removed, something is for good, or nodes are exchanged; what only the change set fears is
    /// not counted
    #[arg(long, value_enum, value_delimiter = ',', value_name = "SORT")]
    pub fail_on: Vec<FailOn>,
    /// Resource types that --fail-on lets pass, such as AWS::EC2::Route
    #[arg(long, value_delimiter = ',', value_name = "TYPE", requires = "fail_on")]
    pub allow: Vec<String>,
    /// Write the addresses given out to the lock
    #[arg(long, conflicts_with = "locked")]
    pub write_lock: bool,
    /// Fail if the lock would change
    #[arg(long)]
    pub locked: bool,
}

/// How a change set is made.
#[derive(Args, Clone, Debug, Default)]
pub struct Sending {
    /// S3 bucket for a template of more than 51,200 bytes, in the stack's Region
    #[arg(long, value_name = "BUCKET", env = "EKSNET_TEMPLATE_BUCKET")]
    pub template_bucket: Option<String>,
    /// Put back what was changed by hand too (a drift-aware change set)
    #[arg(long)]
    pub revert_drift: bool,
}

impl Sending {
    /// The bucket that is named: a pipeline's empty variable names none.
    pub fn bucket(&self) -> Option<String> {
        self.template_bucket.clone().filter(|name| !name.is_empty())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// A resource would be replaced
    Replace,
    /// A resource would be removed
    Remove,
    /// Something would be lost, or turned, for good
    Irreversible,
    /// EKS would exchange the nodes of a node group
    Nodes,
}

#[derive(Args, Debug)]
pub struct Deploy {
    /// Blueprint
    #[arg(value_name = "FILE", required_unless_present = "plan")]
    pub file: Option<String>,
    /// Execute exactly what `diff --save` showed, without asking
    #[arg(long, value_name = "PLAN", conflicts_with_all = ["file", "locked", "revert_drift"])]
    pub plan: Option<String>,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
    /// Fail if the lock would change
    #[arg(long)]
    pub locked: bool,
    /// Overwrite settings of aws-node that somebody else made, instead of being asked
    #[arg(long)]
    pub take_over: bool,
    #[command(flatten)]
    pub sending: Sending,
}

#[derive(Args, Debug)]
pub struct Destroy {
    /// Blueprint
    #[arg(value_name = "FILE")]
    pub file: String,
    /// The cluster's name, instead of being asked for it
    #[arg(long, value_name = "NAME")]
    pub confirm: Option<String>,
    /// Switch termination and deletion protection off first
    #[arg(long)]
    pub unprotect: bool,
    /// Remove what Kubernetes left in the VPC (load balancers, target groups, interfaces, security groups), instead of being asked
    #[arg(long)]
    pub orphans: bool,
}

#[derive(Args, Debug)]
pub struct Status {
    /// Blueprint
    #[arg(value_name = "FILE")]
    pub file: String,
    /// Do not let CloudFormation compare the stack with what stands, which takes up to some minutes
    #[arg(long)]
    pub no_drift: bool,
    /// Exit with 2 if something was changed by hand
    #[arg(long, conflicts_with = "no_drift")]
    pub exit_code: bool,
}

#[derive(Args, Debug)]
pub struct Instances {
    /// Types, or the beginning of their names, such as m6i; all of them without one
    #[arg(value_name = "TYPE")]
    pub types: Vec<String>,
    /// Read the types of the Region (--region) from EC2 and print eksnet's table with them: `src/facts/instances.csv` anew
    #[arg(long, conflicts_with = "types")]
    pub from_ec2: bool,
}

#[derive(Args, Debug)]
pub struct Iam {
    /// To look (`check --online`, `diff`, `status`), to change (`deploy`, `destroy`), or to read what exists (`survey`, `rescue`, `doctor`)
    #[arg(value_enum)]
    pub what: IamFor,
    /// Blueprint; `survey` and `doctor` need none
    #[arg(value_name = "FILE", required_if_eq_any = [("what", "preview"), ("what", "deploy")])]
    pub file: Option<String>,
    #[command(flatten)]
    pub surveyed: Surveyed,
    /// S3 bucket that templates of more than 51,200 bytes go through
    #[arg(long, value_name = "BUCKET", env = "EKSNET_TEMPLATE_BUCKET")]
    pub template_bucket: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum IamFor {
    Preview,
    Deploy,
    Survey,
    Doctor,
}

#[derive(Args, Debug)]
pub struct Schema {
    /// What the schema is of
    #[arg(long, value_enum, default_value_t = SchemaOf::Blueprint, value_name = "WHAT")]
    pub of: SchemaOf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// What people write
    Blueprint,
    /// `diff -o json`
    Diff,
    /// `doctor -o json`
    Doctor,
    /// What `survey` writes, and `--survey` reads
    Survey,
}

#[derive(Args, Debug)]
pub struct Explain {
    /// Id of the rule, such as VPC-21; or `settings`, for the variables of aws-node
    #[arg(value_name = "RULE")]
    pub rule: Option<String>,
}

#[derive(Args, Debug)]
pub struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}
