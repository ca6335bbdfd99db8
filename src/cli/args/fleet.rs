//! What can be typed after `eksnet fleet`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
#[command(
    after_help = "Examples:\n  eksnet fleet check network\n  eksnet fleet layout network --write-lock\n  eksnet fleet diff network --against git:main"
)]
pub enum Fleet {
    /// Find mistakes in the members, and conflicts between them
    Check(FleetCheck),
    /// Show the supernets, what is free in them, and every member's range; give ranges to members of a class
    Layout(FleetLayout),
    /// Show what would change in all members, identical changes together
    Diff(FleetDiff),
    /// Execute saved plans, wave after wave
    Deploy(FleetDeploy),
    /// Show every member's stack, versions and fullest subnet
    Status(FleetStatus),
    /// Export to other deployment engines: a job matrix, a pipeline, StackSets
    Export(FleetExport),
}

#[derive(Args, Debug)]
pub struct FleetCheck {
    /// Folder of the fleet, or its fleet.yaml
    #[arg(value_name = "DIR", default_value = ".")]
    pub fleet: String,
    /// Also ask every account: VPCs in the supernets that no member owns, and what IPAM says of the members' own
    #[arg(long)]
    pub online: bool,
}

#[derive(Args, Debug)]
pub struct FleetLayout {
    /// Folder of the fleet, or its fleet.yaml
    #[arg(value_name = "DIR", default_value = ".")]
    pub fleet: String,
    /// Write the ranges given out to the fleet's lock, and each member's to its own
    #[arg(long)]
    pub write_lock: bool,
    /// Fail if a lock would change
    #[arg(long, conflicts_with = "write_lock")]
    pub locked: bool,
    /// Former members whose VPCs are deleted: their ranges may be allocated again
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub release: Vec<String>,
}

#[derive(Args, Debug)]
pub struct FleetDiff {
    /// Folder of the fleet, or its fleet.yaml
    #[arg(value_name = "DIR", default_value = ".")]
    pub fleet: String,
    /// Compare with the blueprints of a commit (`git:REV`), or with stacks that do not exist (`nothing`)
    #[arg(long, value_name = "git:REV|nothing")]
    pub against: Option<String>,
    /// Only members of this wave
    #[arg(long, value_name = "WAVE")]
    pub wave: Option<String>,
    /// Write each member's preview into this folder, with an index
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// Save a plan of each member that changes in this folder, for `fleet deploy`
    #[arg(long, value_name = "FOLDER", conflicts_with = "against")]
    pub save: Option<PathBuf>,
    /// Exit with 2 if there are changes, with 3 if some replace or remove
    #[arg(long)]
    pub exit_code: bool,
}

#[derive(Args, Debug)]
pub struct FleetDeploy {
    /// Folder of the fleet, or its fleet.yaml
    #[arg(value_name = "DIR", default_value = ".")]
    pub fleet: String,
    /// The folder that `fleet diff --save` wrote; an interrupted run continues
    #[arg(long, value_name = "FOLDER")]
    pub plans: PathBuf,
    /// Only this wave
    #[arg(long, value_name = "WAVE")]
    pub wave: Option<String>,
    /// Skip the `doctor` check of a wave before the next one begins
    #[arg(long)]
    pub no_doctor: bool,
}

#[derive(Args, Debug)]
pub struct FleetStatus {
    /// Folder of the fleet, or its fleet.yaml
    #[arg(value_name = "DIR", default_value = ".")]
    pub fleet: String,
    /// Also detect drift with CloudFormation, which can take several minutes
    #[arg(long)]
    pub drift: bool,
}

#[derive(Args, Debug)]
pub struct FleetExport {
    /// Folder of the fleet, or its fleet.yaml
    #[arg(value_name = "DIR", default_value = ".")]
    pub fleet: String,
    /// What to write
    #[arg(long, value_enum, value_name = "ENGINE")]
    pub to: Engine,
    /// Only members of this wave
    #[arg(long, value_name = "WAVE")]
    pub wave: Option<String>,
    /// Write the files into this folder (`stacksets`)
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// JSON for `strategy.matrix` of a GitHub workflow
    GithubMatrix,
    /// A GitLab child pipeline: a job for each member's preview, and one for its deployment
    Gitlab,
    /// CloudFormation StackSets: templates with parameters, and each instance's values
    Stacksets,
}
