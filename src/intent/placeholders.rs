//! `${cluster}`, `${name}` and `${zone}` in tags.

use super::Tags;

/// A subnet's zone, as the blueprint speaks of it.
pub const ZONE: &str = "${zone}";

/// Tags with the blueprint's name in place of its words; `${zone}` is left for each subnet.
pub fn filled(written: Option<&Tags>, name: &str) -> Tags {
    let fill = |text: &String| text.replace("${cluster}", name).replace("${name}", name);
    written.into_iter().flatten().map(|(key, value)| (fill(key), fill(value))).collect()
}

/// The same tags for one zone.
pub fn of_zone(tags: &Tags, zone: &str) -> Tags {
    tags.iter().map(|(key, value)| (key.replace(ZONE, zone), value.replace(ZONE, zone))).collect()
}
