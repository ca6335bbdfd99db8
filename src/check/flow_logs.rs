//! Flow logs.

use super::arn;
use crate::diagnostic::Diagnostic;
use crate::facts::logs;
use crate::intent::Intent;
use crate::intent::flow_logs::FlowLogTarget;
use crate::rules::FL_01;

pub fn check(intent: &Intent) -> Vec<Diagnostic> {
    let Some(flow_logs) = &intent.vpc.flow_logs else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    match &flow_logs.to {
        FlowLogTarget::LogGroup { retention_days, .. }
            if !logs::RETENTIONS.contains(retention_days) =>
        {
            let near = logs::RETENTIONS
                .iter()
                .find(|days| retention_days <= days)
                .unwrap_or(&logs::RETENTIONS[logs::RETENTIONS.len() - 1]);
            findings.push(
                FL_01
                    .at(
                        "vpc.flowLogs.retentionDays",
                        format!("CloudWatch Logs keeps nothing for {retention_days} days"),
                    )
                    .hint(format!("write `{near}`")),
            );
        }
        FlowLogTarget::Bucket(bucket)
            if !bucket.starts_with("arn:")
                || bucket.split_once(":s3:::").is_none_or(|(_, name)| name.is_empty()) =>
        {
            findings.push(
                FL_01
                    .at("vpc.flowLogs", "flow logs to S3 without a bucket's ARN")
                    .hint("write `bucket: arn:aws:s3:::name-of-the-bucket`"),
            );
        }
        _ => {}
    }
    if let FlowLogTarget::LogGroup { key: Some(key), .. } = &flow_logs.to {
        findings.extend(arn::misfit(
            intent,
            (&FL_01, "vpc.flowLogs.key"),
            key,
            ("kms", "111122223333:key/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"),
        ));
    }
    if !logs::INTERVALS.contains(&flow_logs.interval) {
        findings.push(
            FL_01
                .at(
                    "vpc.flowLogs.interval",
                    format!("a record covers 60 or 600 seconds, not {}", flow_logs.interval),
                )
                .hint("write `600`"),
        );
    }
    findings
}
