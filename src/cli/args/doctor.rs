//! What can be typed after `eksnet doctor`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::doctor::Symptom;

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  eksnet doctor shop.yaml\n  eksnet doctor shop.yaml --node ip-10-0-3-7.eu-west-1.compute.internal\n  eksnet doctor --survey survey.json --symptom addresses -o markdown"
)]
pub struct Doctor {
    /// Blueprint whose VPC and cluster are read; fixes name its lines. Without one, the only blueprint of this folder
    #[arg(value_name = "FILE")]
    pub file: Option<String>,
    /// A cluster and its VPC, read now
    #[arg(long, value_name = "NAME", conflicts_with_all = ["file", "survey"])]
    pub cluster: Option<String>,
    /// What was read before, as `eksnet survey` wrote it
    #[arg(long, value_name = "SURVEY")]
    pub survey: Option<PathBuf>,
    /// Log bundle of one node, as eks-log-collector packs it (`eks_i-….tar.gz`, or `-`): needs no AWS
    #[arg(long, value_name = "ARCHIVE", conflicts_with_all = ["file", "cluster", "survey", "node", "pod", "service"])]
    pub bundle: Option<PathBuf>,
    /// Only what concerns this node: its name, or the id of its instance
    #[arg(long, value_name = "NODE", conflicts_with = "pod")]
    pub node: Option<String>,
    /// Only what concerns this pod and its node
    #[arg(long, value_name = "NAMESPACE/NAME")]
    pub pod: Option<String>,
    /// Only what concerns this service: its endpoints, webhooks and events
    #[arg(long, value_name = "NAMESPACE/NAME")]
    pub service: Option<String>,
    /// What is observed; without one, everything is checked
    #[arg(long, value_enum, value_delimiter = ',', value_name = "SYMPTOM")]
    pub symptom: Vec<SymptomArg>,
}

impl Doctor {
    /// Whether nothing else says what is read.
    pub fn reads_a_blueprint(&self) -> bool {
        self.cluster.is_none() && self.survey.is_none() && self.bundle.is_none()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "camelCase")]
pub enum SymptomArg {
    /// Nodes do not join, or are not ready
    Nodes,
    /// Pods do not get an address
    Addresses,
    /// Names do not resolve
    Dns,
    /// Load balancers are not created
    Balancers,
    /// Calls of webhooks time out
    Webhooks,
    /// Images are not pulled
    Images,
    /// Pods cannot reach other networks
    Egress,
    /// Updates, exec and logs fail
    ControlPlane,
    /// Fargate pods do not start
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
