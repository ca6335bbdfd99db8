//! AWS's optional texts as ours.
#![expect(clippy::disallowed_types, reason = "the SDK's maps, put in order here")]

use std::collections::HashMap;

use aws_sdk_ec2::types::Tag;

use crate::observed::survey::Tags;

/// Empty where AWS says nothing.
pub fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_string()
}

/// `None` where AWS says nothing, or an empty text.
pub fn some(value: Option<&str>) -> Option<String> {
    value.filter(|text| !text.is_empty()).map(str::to_string)
}

/// EC2's tags.
pub fn tags(tags: &[Tag]) -> Tags {
    tags.iter().map(|tag| (text(tag.key()), text(tag.value()))).collect()
}

/// EKS's tags.
pub fn map(tags: Option<&HashMap<String, String>>) -> Tags {
    tags.into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// A count that AWS gives with a sign.
pub fn count(value: Option<i32>) -> u32 {
    value.and_then(|value| u32::try_from(value).ok()).unwrap_or(0)
}

/// Both ends of a range of ports; none: all.
pub fn ports(from: Option<i32>, to: Option<i32>) -> Option<(u16, u16)> {
    let port = |value: Option<i32>| value.and_then(|value| u16::try_from(value).ok());
    Some((port(from)?, port(to)?))
}

/// What can be parsed, in order.
pub fn parsed<'t, T: std::str::FromStr>(
    texts: impl IntoIterator<Item = Option<&'t str>>,
) -> Vec<T> {
    texts.into_iter().flatten().filter_map(|text| text.parse().ok()).collect()
}
