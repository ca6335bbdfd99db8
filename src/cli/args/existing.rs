//! What can be typed after `eksnet survey` and `eksnet rescue`, and how the others are told of what exists.

use std::path::PathBuf;

use clap::Args;

use crate::diagnostic::Failure;
use crate::observed::Observed;
use crate::survey::document;

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  eksnet survey --cluster shop --region eu-west-1 --out survey.json\n  eksnet survey shop.yaml --redact"
)]
pub struct Survey {
    /// Blueprint whose VPC and cluster are read; without one, the only blueprint of this folder
    #[arg(value_name = "FILE")]
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
    /// Replace ids, accounts, names and public addresses consistently
    #[arg(long)]
    pub redact: bool,
    /// Skip the Kubernetes API
    #[arg(long)]
    pub no_kubernetes: bool,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  eksnet rescue --cluster shop --region eu-west-1\n  eksnet rescue shop.yaml --survey survey.json --write customNetworking"
)]
pub struct Rescue {
    /// Blueprint of the cluster; with --write the file to write. Without one, the only blueprint of this folder
    #[arg(value_name = "FILE")]
    pub file: Option<String>,
    /// A cluster and its VPC, read now
    #[arg(long, value_name = "NAME", conflicts_with = "survey")]
    pub cluster: Option<String>,
    /// What exists, as `eksnet survey` wrote it
    #[arg(long, value_name = "SURVEY")]
    pub survey: Option<PathBuf>,
    /// Nodes to plan for; default: the most of all node groups
    #[arg(long, value_name = "N", conflicts_with = "pods")]
    pub nodes: Option<u64>,
    /// Pods to plan for
    #[arg(long, value_name = "N")]
    pub pods: Option<u64>,
    /// Write a blueprint with this rung, by number or name
    #[arg(long, value_name = "RUNG")]
    pub write: Option<String>,
}

/// What exists already.
#[derive(Args, Clone, Debug, Default)]
pub struct Surveyed {
    /// Survey of what exists (`eksnet survey`): plan into its free space
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
