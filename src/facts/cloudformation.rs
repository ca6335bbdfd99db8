//! CloudFormation: limits. Source: CloudFormation user guide, quotas, read 2026-11-20.

/// Bytes of template that it takes without an S3 bucket.
pub const INLINE_LIMIT: usize = 51_200;

/// Bytes of template that it reads from a bucket.
pub const UPLOAD_LIMIT: usize = 1_000_000;

/// `Fn::Cidr` makes 256 blocks at most.
pub const CIDR_FUNCTION_BITS: u8 = 8;
