//! The changes of a group of members in words: what comes section by section or type by type, what changes in full, and each member's
//! addresses.

use std::collections::BTreeMap;

use crate::facts::kinds::{self, Section, noun};
use crate::fleet::group::{Canonical, Group};
use crate::preview::{ChangeKind, Preview};

use super::preview::additions::plural;

/// Resources that are named in a line.
const MOST_IDS: usize = 8;
/// Ranges of a member that are named.
const MOST_RANGES: usize = 6;

const VPC: &str = "AWS::EC2::VPC";
const SUBNET: &str = "AWS::EC2::Subnet";

type Row<'g> = (&'g Canonical, usize);

/// What comes, a line each: what it is, how much of it, and of what.
pub fn added(group: &Group) -> Vec<String> {
    let own = group.changes.iter().filter(|(change, _)| change.action == "add");
    let mut kinds: BTreeMap<(Section, &str), Vec<Row<'_>>> = BTreeMap::new();
    for (change, count) in own {
        let key = (kinds::section(&change.kind), change.kind.as_str());
        kinds.entry(key).or_default().push((change, *count));
    }
    let is_new = kinds.keys().any(|(_, kind)| *kind == VPC);
    let count = |rows: &[Row<'_>]| rows.iter().map(|(_, count)| count).sum::<usize>();
    if !is_new {
        let line = |((_, kind), rows): (&(Section, &str), &Vec<Row<'_>>)| {
            format!("add  {}  {}", plural(count(rows), &noun(kind)), ids(rows))
        };
        return kinds.iter().map(line).collect();
    }
    let mut sections: BTreeMap<Section, Vec<String>> = BTreeMap::new();
    for ((section, kind), rows) in &kinds {
        let words = plural(count(rows), &noun(kind));
        let sizes = if *kind == SUBNET { format!(": {}", ids(rows)) } else { String::new() };
        let words = format!("{words}{sizes}");
        sections.entry(*section).or_default().push(words);
    }
    let line = |(section, words): (&Section, &Vec<String>)| {
        format!("{}  {}", section.title(), words.join(", "))
    };
    sections.iter().map(line).collect()
}

/// `SubnetNodes{Zone} /22 ×2, …`
fn ids(rows: &[Row<'_>]) -> String {
    let one = |(change, count): &Row<'_>| {
        let size = change.properties.iter().filter(|_| change.kind == SUBNET);
        let size = size.filter(|(name, ..)| name == "CidrBlock");
        let size = size.filter_map(|(_, _, after)| after.as_ref()?.split_once('/'));
        let size = size.map(|(_, len)| format!(" /{len}")).next().unwrap_or_default();
        let times = if *count == 1 { String::new() } else { format!(" ×{count}") };
        format!("{}{size}{times}", change.id)
    };
    let shown: Vec<String> = rows.iter().take(MOST_IDS).map(one).collect();
    let more = rows.len().saturating_sub(shown.len());
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{more}", shown.join(", "))
}

/// What does not come: removals first, then replacements, then what changes in place, in the order in which a deployment meets them.
pub fn others(group: &Group) -> Vec<(&Canonical, usize)> {
    let own = group.changes.iter().filter(|(change, _)| change.action != "add");
    let mut own: Vec<(&Canonical, usize)> = own.map(|(change, count)| (change, *count)).collect();
    let rank = |action: &str| ["remove", "replace", "modify"].iter().position(|one| *one == action);
    own.sort_by_key(|(change, _)| (rank(change.action), kinds::section(&change.kind)));
    own
}

/// What a member gets and gives up; of a VPC that is new its ranges stand for everything in it.
pub fn ranges(preview: &Preview, vpc: &[String]) -> String {
    let is_new =
        preview.changes.iter().any(|one| one.kind == VPC && one.change_kind() == ChangeKind::Add);
    if is_new && !vpc.is_empty() {
        return vpc.join(", ");
    }
    let subnets = preview.network.subnets.iter();
    let side = |sign: char, range: &Option<String>| Some(format!("{sign}{}", range.as_ref()?));
    let changed = subnets.filter(|one| one.before != one.after);
    let all: Vec<String> = changed
        .flat_map(|one| [side('-', &one.before), side('+', &one.after)].into_iter().flatten())
        .collect();
    let more = all.len().saturating_sub(MOST_RANGES);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{more}", all[..all.len().min(MOST_RANGES)].join(", "))
}
