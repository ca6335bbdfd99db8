//! Rules: flow logs.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error};

pub(super) const RULES: &[&Rule] = &[&FL_01];

pub static FL_01: Rule = error(
    "FL-01",
    "flow logs go somewhere that takes them",
    Refused("EC2 CreateFlowLogs, CloudWatch Logs PutRetentionPolicy: InvalidParameterException"),
)
.why("EC2 and CloudWatch Logs refuse other values")
.sources(&[&PUT_RETENTION, &CREATE_FLOW_LOGS])
.example(
    "flowLogs: { destination: cloudWatchLogs, retentionDays: 31 }",
    "flowLogs: { destination: cloudWatchLogs, retentionDays: 30 }",
);
