//! Flow logs with every default filled in.

use crate::blueprint::model::{self, FlowLogDestination, Traffic};
use crate::facts::logs;

use super::Choices;

/// Flow logs of the whole VPC, to one destination.
#[derive(Clone, Debug)]
pub struct FlowLogs {
    pub to: FlowLogTarget,
    pub traffic: Traffic,
    /// Seconds that a record covers.
    pub interval: u32,
    /// Keys that are for the other destination.
    pub idle: Vec<&'static str>,
}

/// Where the records go.
#[derive(Clone, Debug)]
pub enum FlowLogTarget {
    /// A log group of the stack's own.
    LogGroup { retention_days: u32, key: Option<String> },
    /// A bucket that exists; empty if the author named none.
    Bucket(String),
}

/// `None`: the blueprint asks for none.
pub fn resolve(written: Option<&model::FlowLogs>, choices: &mut Choices) -> Option<FlowLogs> {
    let written = written?;
    let to = match written.destination {
        FlowLogDestination::CloudWatchLogs => {
            if written.retention_days.is_none() {
                choices.note(
                    "vpc.flowLogs.retentionDays",
                    logs::RETENTION,
                    "long enough for most incidents, and not kept forever",
                );
            }
            FlowLogTarget::LogGroup {
                retention_days: written.retention_days.unwrap_or(logs::RETENTION),
                key: written.key.clone(),
            }
        }
        FlowLogDestination::S3 => FlowLogTarget::Bucket(written.bucket.clone().unwrap_or_default()),
    };
    let of_groups =
        [("retentionDays", written.retention_days.is_some()), ("key", written.key.is_some())];
    let idle = match written.destination {
        FlowLogDestination::CloudWatchLogs => vec![("bucket", written.bucket.is_some())],
        FlowLogDestination::S3 => of_groups.to_vec(),
    };
    Some(FlowLogs {
        idle: idle.into_iter().filter(|(_, set)| *set).map(|(name, _)| name).collect(),
        to,
        traffic: written.traffic.unwrap_or(Traffic::All),
        interval: written.interval.unwrap_or(logs::INTERVALS[1]),
    })
}
