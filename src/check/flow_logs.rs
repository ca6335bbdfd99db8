//! Flow logs.

use super::arn;
use crate::blueprint::path::key;
use crate::diagnostic::Diagnostic;
use crate::facts::logs;
use crate::intent::Intent;
use crate::intent::flow_logs::FlowLogTarget;
use crate::rules::{FL_01, FL_02};

const PLACE: &str = "vpc.flowLogs";

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let Some(flow_logs) = &intent.vpc.flow_logs else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    match &flow_logs.to {
        FlowLogTarget::LogGroup { retention_days, key: secret } => {
            findings.extend(kept(*retention_days));
            findings.extend(secret.as_ref().and_then(|secret| {
                let example = ("kms", "111122223333:key/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9");
                arn::misfit(intent, (&FL_01, "vpc.flowLogs.key"), secret, example)
            }));
        }
        FlowLogTarget::Bucket(text) => findings.extend(bucket(intent, text)),
    }
    findings.extend(flow_logs.idle.iter().map(|name| {
        FL_02
            .at(
                key(PLACE, name),
                format!("`{name}` has no effect: it is for the other destination"),
            )
            .hint("remove it, or change `destination`")
    }));
    if !logs::INTERVALS.contains(&flow_logs.interval) {
        let message = format!("a record covers 60 or 600 seconds, not {}", flow_logs.interval);
        findings.push(FL_01.at(key(PLACE, "interval"), message).hint("set `600`"));
    }
    findings
}

fn kept(days: u32) -> Option<Diagnostic> {
    let near = logs::nearest_retention(days);
    (near != days).then(|| {
        FL_01
            .at(
                key(PLACE, "retentionDays"),
                format!("CloudWatch Logs has no retention of {days} days"),
            )
            .hint(format!("set `{near}`"))
    })
}

/// `arn:aws:s3:::bucket/folder/`, of the Region's partition.
fn bucket(intent: &Intent, text: &str) -> Option<Diagnostic> {
    let partition = intent.region.partition();
    let hint = format!(
        "set `bucket: arn:{partition}:s3:::name-of-the-bucket`, with a folder behind it or not"
    );
    let named = text.strip_prefix("arn:").and_then(|rest| rest.split_once(":s3:::"));
    let Some((own, path)) =
        named.filter(|(_, path)| is_bucket(path.split('/').next().unwrap_or_default()))
    else {
        let message = match text {
            "" => "flow logs to S3 without a bucket's ARN".to_string(),
            text => format!("invalid ARN of a bucket: `{text}`"),
        };
        return Some(FL_01.at(PLACE, message).hint(hint));
    };
    let message = match () {
        () if own != partition => {
            format!(
                "the bucket is of the partition {own}, and {} is of {partition}",
                intent.region.name
            )
        }
        // EC2 makes this folder itself.
        () if path.split('/').skip(1).any(|folder| folder == "AWSLogs") => {
            "`AWSLogs` cannot be a folder of the destination: EC2 adds it".to_string()
        }
        () => return None,
    };
    Some(FL_01.at(key(PLACE, "bucket"), message).hint(hint))
}

fn is_bucket(name: &str) -> bool {
    let letters = |letter: char| {
        letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-.".contains(letter)
    };
    logs::BUCKET_NAME.contains(&name.len()) && name.chars().all(letters)
}
