//! CloudFormation: limits. Source: CloudFormation user guide, quotas, read 2026-11-20.

/// Bytes of template that it takes without an S3 bucket.
pub const INLINE_LIMIT: usize = 51_200;
