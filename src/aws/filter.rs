//! Filters of EC2's reads.

use aws_sdk_ec2::types::Filter;

/// Of one value.
pub fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}
