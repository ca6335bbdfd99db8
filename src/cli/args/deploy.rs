//! What can be typed after `eksnet deploy`, `destroy` and `status`.

use clap::{Args, ValueEnum};

use crate::aws::port;
use crate::deploy::Options;
use crate::preview::gate::{Gate, Refused, wrong_type};

use super::Diff;

/// How a change set is made.
#[derive(Args, Clone, Debug, Default)]
pub struct Sending {
    /// S3 bucket for a template of more than 51,200 bytes, in the stack's Region
    #[arg(long, value_name = "BUCKET", env = "EKSNET_TEMPLATE_BUCKET")]
    pub template_bucket: Option<String>,
    /// Also revert drift (a drift-aware change set)
    #[arg(long)]
    pub revert_drift: bool,
    /// Service role that CloudFormation assumes, instead of your own permissions
    #[arg(long, value_name = "ARN", value_parser = arn)]
    pub role_arn: Option<String>,
    /// SNS topic for the stack's events; repeat it for several
    #[arg(long, value_name = "ARN", value_parser = arn)]
    pub notification_arn: Vec<String>,
}

fn arn(text: &str) -> Result<String, String> {
    let parts = text.split(':').count();
    let whole = text.starts_with("arn:") && 6 <= parts && !text.contains(char::is_whitespace);
    whole.then(|| text.to_string()).ok_or_else(|| "an ARN begins with arn:aws:".to_string())
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OnFailure {
    /// Roll back to what was deployed
    #[default]
    Rollback,
    /// Keep what was created; the next deployment continues from there
    Keep,
}

impl OnFailure {
    pub fn wanted(self) -> port::OnFailure {
        match self {
            Self::Rollback => port::OnFailure::Rollback,
            Self::Keep => port::OnFailure::Keep,
        }
    }
}

impl Sending {
    /// How a change set is made. A pipeline's empty variable names no bucket.
    pub fn options(&self) -> Options {
        Options {
            bucket: self.template_bucket.clone().filter(|name| !name.is_empty()),
            role: self.role_arn.clone(),
            topics: self.notification_arn.clone(),
            revert_drift: self.revert_drift,
            ..Options::default()
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// A resource would be replaced
    Replace,
    /// A resource would be removed
    Remove,
    /// Something irreversible would happen
    Irreversible,
    /// EKS would replace the nodes of a node group
    Nodes,
}

impl FailOn {
    fn of(self) -> Refused {
        match self {
            FailOn::Replace => Refused::Replace,
            FailOn::Remove => Refused::Remove,
            FailOn::Irreversible => Refused::Irreversible,
            FailOn::Nodes => Refused::Nodes,
        }
    }
}

impl Diff {
    /// What to say of options that contradict each other.
    pub fn contradiction(&self) -> Option<String> {
        if self.save.is_some() && self.file == "-" {
            Some("--save needs the blueprint's file: `deploy --plan` reads it again".to_string())
        } else if self.against.is_some() && self.sending.revert_drift {
            Some("--revert-drift asks CloudFormation, --against does not".to_string())
        } else if !self.allow.is_empty() && self.fail_on.is_empty() && !self.exit_code {
            let why = "nothing else refuses a change";
            Some(format!("--allow needs --fail-on or --exit-code: {why}"))
        } else {
            self.allow
                .iter()
                .find_map(|kind| wrong_type(kind))
                .map(|wrong| format!("--allow: {wrong}"))
        }
    }

    pub fn gate(&self) -> Gate {
        let refused = self.fail_on.iter().map(|one| one.of()).collect();
        Gate { refused, allowed: self.allow.clone() }
    }
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  eksnet deploy shop.yaml\n  eksnet deploy --plan plan.json")]
pub struct Deploy {
    /// Blueprint; without one, the only blueprint of this folder
    #[arg(value_name = "FILE")]
    pub file: Option<String>,
    /// Execute exactly what `diff --save` showed, without prompting
    #[arg(long, value_name = "PLAN", conflicts_with_all = ["file", "locked", "revert_drift"])]
    pub plan: Option<String>,
    /// Skip the confirmation prompt
    #[arg(short, long)]
    pub yes: bool,
    /// What to do with created resources if something fails
    #[arg(long, value_enum, default_value_t = OnFailure::Rollback, value_name = "WHAT")]
    pub on_failure: OnFailure,
    /// Cancel the update that is under way, and follow the rollback
    #[arg(long, conflicts_with_all = ["plan", "part", "locked", "on_failure"])]
    pub cancel: bool,
    /// Stop after this part of an edit that is more than one update
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
    pub part: Option<u8>,
    /// Fail if the lock would change
    #[arg(long)]
    pub locked: bool,
    /// Take ownership of aws-node fields managed by another field manager, without prompting
    #[arg(long)]
    pub take_over: bool,
    #[command(flatten)]
    pub sending: Sending,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  eksnet destroy shop.yaml")]
pub struct Destroy {
    /// Blueprint, or `-` for standard input; without one, the only blueprint of this folder
    #[arg(value_name = "FILE", default_value = "", hide_default_value = true)]
    pub file: String,
    /// The blueprint's name, to skip the confirmation prompt
    #[arg(long, value_name = "NAME")]
    pub confirm: Option<String>,
    /// Disable termination and deletion protection first
    #[arg(long)]
    pub unprotect: bool,
    /// Remove load balancers, target groups, instances, ENIs and security groups that Kubernetes left, without prompting
    #[arg(long)]
    pub orphans: bool,
    /// Delete everything except the VPC and the subnets in use by resources of other owners, and go on where these could not be read
    #[arg(long)]
    pub despite_others: bool,
    /// Delete EBS volumes of the cluster's pods and their snapshots
    #[arg(long)]
    pub volumes: bool,
    /// Service role that CloudFormation assumes, instead of the stack's own
    #[arg(long, value_name = "ARN", value_parser = arn)]
    pub role_arn: Option<String>,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  eksnet status shop.yaml\n  eksnet status shop.yaml --exit-code"
)]
pub struct Status {
    /// Blueprint, or `-` for standard input; without one, the only blueprint of this folder
    #[arg(value_name = "FILE", default_value = "", hide_default_value = true)]
    pub file: String,
    /// Skip CloudFormation drift detection, which can take several minutes
    #[arg(long)]
    pub no_drift: bool,
    /// Exit 2 if there is drift
    #[arg(long, conflicts_with = "no_drift")]
    pub exit_code: bool,
}
