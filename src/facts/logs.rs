//! Flow logs and log groups: values that AWS takes. Source: CloudWatch Logs API reference, PutRetentionPolicy; EC2 API reference,
//! CreateFlowLogs; read 2026-11-21.

/// Days that a log group may be told to keep its events.
pub const RETENTIONS: &[u32] = &[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

/// The one that keeps `days` and no more than it must; the longest where none does.
pub fn nearest_retention(days: u32) -> u32 {
    let longest = RETENTIONS[RETENTIONS.len() - 1];
    RETENTIONS.iter().copied().find(|known| days <= *known).unwrap_or(longest)
}

/// Of a blueprint that names none.
pub const RETENTION: u32 = 30;

/// Seconds that a record may cover.
pub const INTERVALS: [u32; 2] = [60, 600];

/// Characters of a bucket's name. Source: S3 user guide, bucket naming rules, read 2026-11-27.
pub const BUCKET_NAME: std::ops::RangeInclusive<usize> = 3..=63;

/// What the flow log's role may do in its log group.
pub const ACTIONS: &[&str] = &[
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "logs:DescribeLogGroups",
    "logs:DescribeLogStreams",
];
