//! What can be typed after `eksnet doctor`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::doctor::Symptom;

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  eksnet doctor --survey survey.json\n  eksnet doctor --survey survey.json --symptom addresses -o markdown"
)]
pub struct Doctor {
    /// What was read, as `eksnet survey` wrote it
    #[arg(long, value_name = "SURVEY")]
    pub survey: PathBuf,
    /// What is noticed; everything without one
    #[arg(long, value_enum, value_delimiter = ',', value_name = "SYMPTOM")]
    pub symptom: Vec<SymptomArg>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "camelCase")]
pub enum SymptomArg {
    /// Nodes do not join, or are not ready
    Nodes,
    /// Pods get no address
    Addresses,
    /// Names do not resolve
    Dns,
    /// Load balancers are not made
    Balancers,
    /// Calls of webhooks time out
    Webhooks,
    /// Images are not pulled
    Images,
    /// Pods reach nothing outside
    Egress,
    /// Updates, exec and logs fail
    ControlPlane,
    /// Pods of Fargate do not start
    Fargate,
}

impl SymptomArg {
    /// As the checks know it.
    pub fn of(self) -> Symptom {
        match self {
            Self::Nodes => Symptom::Nodes,
            Self::Addresses => Symptom::Addresses,
            Self::Dns => Symptom::Dns,
            Self::Balancers => Symptom::Balancers,
            Self::Webhooks => Symptom::Webhooks,
            Self::Images => Symptom::Images,
            Self::Egress => Symptom::Egress,
            Self::ControlPlane => Symptom::ControlPlane,
            Self::Fargate => Symptom::Fargate,
        }
    }
}
