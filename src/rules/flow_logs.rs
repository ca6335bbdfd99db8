//! Rules: flow logs.

use super::Consequence::*;
use super::sources::*;
use super::{Rule, error, warning};

pub(super) const RULES: &[&Rule] = &[&FL_01, &FL_02];

pub static FL_01: Rule = error(
    "FL-01",
    "flow logs must have a destination that accepts them",
    Refused("EC2 CreateFlowLogs, CloudWatch Logs PutRetentionPolicy: InvalidParameter"),
)
.why("log groups keep their events for certain numbers of days; a bucket is named by its ARN of the same partition, without a folder `AWSLogs`, which EC2 adds")
.sources(&[&PUT_RETENTION, &CREATE_FLOW_LOGS])
.example(
    "flowLogs: { destination: cloudWatchLogs, retentionDays: 31 }",
    "flowLogs: { destination: cloudWatchLogs, retentionDays: 30 }",
);

pub static FL_02: Rule = warning("FL-02", "keys of flow logs should belong to their destination")
    .why(
        "retention and a key are for log groups, a bucket is for S3: elsewhere they have no effect",
    )
    .sources(&[&CREATE_FLOW_LOGS])
    .example(
        "flowLogs: { destination: s3, bucket: \"arn:aws:s3:::logs\", retentionDays: 30 }",
        "flowLogs: { destination: s3, bucket: \"arn:aws:s3:::logs\" }",
    );
