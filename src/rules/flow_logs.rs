//! Rules: flow logs.

use super::{Rule, error};

pub(super) const RULES: &[&Rule] = &[&FL_01];

pub static FL_01: Rule = error(
    "FL-01",
    "flow logs go somewhere that takes them",
    "EC2 and CloudWatch Logs refuse other values",
    "CloudWatch Logs API reference, PutRetentionPolicy; EC2 API reference, CreateFlowLogs",
    (
        "flowLogs: { destination: cloudWatchLogs, retentionDays: 31 }",
        "flowLogs: { destination: cloudWatchLogs, retentionDays: 30 }",
    ),
);
