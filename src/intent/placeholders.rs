//! `${cluster}`, `${name}` and `${zone}` in tags.

use crate::blueprint::Blueprint;

use super::Tags;

/// A subnet's zone, as the blueprint speaks of it.
pub const ZONE: &str = "${zone}";

/// What the words stand for.
#[derive(Clone, Copy, Debug)]
pub struct Words<'b> {
    /// The blueprint's.
    pub name: &'b str,
    /// In EKS: of a cluster that exists its own.
    pub cluster: &'b str,
}

impl<'b> Words<'b> {
    /// The cluster's name is the blueprint's, unless the cluster exists under another one.
    pub fn of(blueprint: &'b Blueprint) -> Self {
        let name = blueprint.metadata.name.as_str();
        let existing = blueprint.cluster.as_ref().and_then(|cluster| cluster.existing.as_deref());
        Self { name, cluster: existing.unwrap_or(name) }
    }
}

/// Tags with names in place of their words; `${zone}` is left for each subnet.
pub fn filled(written: Option<&Tags>, words: Words<'_>) -> Tags {
    let fill =
        |text: &String| text.replace("${cluster}", words.cluster).replace("${name}", words.name);
    written.into_iter().flatten().map(|(key, value)| (fill(key), fill(value))).collect()
}

/// The same tags for one zone.
pub fn of_zone(tags: &Tags, zone: &str) -> Tags {
    tags.iter().map(|(key, value)| (key.replace(ZONE, zone), value.replace(ZONE, zone))).collect()
}
