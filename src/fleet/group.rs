//! What changes in many members: each change without what is a member's own (its name, zones, Region and addresses), so that the same
//! change is the same value wherever it happens, and members with the same changes are one group.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use serde_json::Value;

use crate::facts::kinds::ChangeKind;
use crate::intent::Intent;
use crate::preview::{Change, OutputChange, Preview};
use crate::template::Template;

/// A change as every member could have it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Canonical {
    /// Removals and replacements first.
    rank: u8,
    /// `add`, `modify`, `replace` or `remove`.
    pub action: &'static str,
    /// Of the resource.
    pub kind: String,
    /// The logical id, such as `SubnetNodes{Zone}`.
    pub id: String,
    /// (property, before, after); of a new resource what tells it from others.
    pub properties: Vec<(String, Option<String>, Option<String>)>,
    /// Everything of a new resource.
    whole: String,
}

/// A change, and how often it happens in one member.
pub type Counted = BTreeMap<Canonical, usize>;

/// Members whose changes are the same.
#[derive(Clone, Debug)]
pub struct Group {
    pub changes: Counted,
    /// Positions, in their order.
    pub members: Vec<usize>,
}

impl Group {
    /// How many changes of an action each member has.
    pub fn count(&self, action: &str) -> usize {
        let own = self.changes.iter().filter(|(change, _)| change.action == action);
        own.map(|(_, count)| count).sum()
    }

    /// Whether something is replaced or removed.
    pub fn is_destructive(&self) -> bool {
        0 < self.count("replace") + self.count("remove")
    }
}

/// Members by what changes; what destroys comes first, then the largest groups. Members without a change are in none.
pub fn groups(members: &[Counted]) -> Vec<Group> {
    let mut found: BTreeMap<&Counted, Vec<usize>> = BTreeMap::new();
    for (at, changes) in members.iter().enumerate().filter(|(_, changes)| !changes.is_empty()) {
        found.entry(changes).or_default().push(at);
    }
    let group =
        |(changes, members): (&Counted, Vec<usize>)| Group { changes: changes.clone(), members };
    let mut groups: Vec<Group> = found.into_iter().map(group).collect();
    groups.sort_by_key(|group| {
        (!group.is_destructive(), usize::MAX - group.members.len(), group.members[0])
    });
    groups
}

/// What tells new resources of a kind from each other.
const TELLING: &[&str] = &[
    "DestinationCidrBlock",
    "DestinationPrefixListId",
    "CidrBlock",
    "CidrIp",
    "ServiceName",
    "AddonName",
    "InstanceType",
    "InstanceTypes",
    "Version",
    "PrincipalArn",
];

/// Letters of a value that are kept for people.
const LONGEST: usize = 200;

/// The changes of a member, counted.
pub fn canonical(preview: &Preview, after: &Template, own: &Own) -> Counted {
    let mut counted = Counted::new();
    for change in &preview.changes {
        *counted.entry(own.canonical(change, after)).or_default() += 1;
    }
    for output in &preview.outputs {
        *counted.entry(own.output(output)).or_default() += 1;
    }
    counted
}

fn ranked(kind: ChangeKind) -> (u8, &'static str) {
    let rank = match kind {
        ChangeKind::Remove => 0,
        ChangeKind::Replace => 1,
        ChangeKind::Modify => 2,
        ChangeKind::Add => 3,
    };
    (rank, kind.word())
}

/// What is a member's own.
pub struct Own {
    /// (text, what stands for it), the longest first.
    words: Vec<(String, &'static str)>,
    name: String,
    ranges: Vec<Ipv4Net>,
}

impl Own {
    /// Its zones, Region, name and ranges, in every spelling that templates have of them.
    pub fn of(intent: &Intent) -> Self {
        let region = intent.region.name.to_string();
        let mut words = Vec::new();
        for zone in &intent.zones {
            words.push((zone.id.clone(), "{zone}"));
            words.push((pascal(&zone.id), "{Zone}"));
            words.extend(zone.name.iter().map(|name| (name.clone(), "{zone}")));
        }
        words.push((pascal(&region), "{Region}"));
        words.push((region, "{region}"));
        words.sort_by_key(|(text, _)| usize::MAX - text.len());
        Self { words, name: intent.name.clone(), ranges: intent.vpc.cidrs().collect() }
    }

    /// An output destroys nothing: whatever happens to one modifies the stack.
    fn output(&self, output: &OutputChange) -> Canonical {
        let id = format!("{} ({})", self.plain(&output.name), output.kind.word());
        let kind = "Output".to_string();
        let (rank, action) = ranked(ChangeKind::Modify);
        Canonical { rank, action, kind, id, properties: Vec::new(), whole: String::new() }
    }

    fn canonical(&self, change: &Change, after: &Template) -> Canonical {
        let (rank, action) = ranked(change.change_kind());
        let value = |value: &Option<Value>| value.as_ref().map(|value| self.value(value));
        let mut properties: Vec<_> = change
            .because
            .iter()
            .map(|one| (one.property.clone(), value(&one.before), value(&one.after)))
            .collect();
        let mut whole = String::new();
        if action == "add" {
            let resource = after.resource(&change.id);
            let all = resource.map_or(&Value::Null, |resource| &resource["Properties"]);
            whole = self.plain(&all.to_string());
            let told = TELLING.iter().filter(|name| !all[**name].is_null());
            properties
                .extend(told.map(|name| (name.to_string(), None, Some(self.value(&all[*name])))));
        }
        properties.sort();
        properties.dedup();
        let (kind, id) = (change.kind.clone(), self.plain(&change.id));
        Canonical { rank, action, kind, id, properties, whole }
    }

    fn value(&self, value: &Value) -> String {
        let text = match value {
            Value::String(text) => self.plain(text),
            other => self.plain(&other.to_string()),
        };
        match text.char_indices().nth(LONGEST) {
            // Two long values that differ behind the cut are still two.
            Some((end, _)) => format!("{}… ({} letters)", &text[..end], text.chars().count()),
            None => text,
        }
    }

    /// A text without what is the member's own.
    fn plain(&self, text: &str) -> String {
        let mut text = text.to_string();
        for (word, stands) in &self.words {
            if text.contains(word.as_str()) {
                text = text.replace(word.as_str(), stands);
            }
        }
        self.without_addresses(&without_word(&text, &self.name))
    }

    /// `10.40.16.0/20`, and `10x40x16x0x20` as logical ids have it.
    fn without_addresses(&self, text: &str) -> String {
        let is_part = |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | '/' | 'x');
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let start = rest.find(|letter: char| letter.is_ascii_digit()).unwrap_or(rest.len());
            out.push_str(&rest[..start]);
            rest = &rest[start..];
            let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            out.push_str(&self.address(word).unwrap_or_else(|| word.to_string()));
            rest = after;
        }
        out
    }

    fn address(&self, word: &str) -> Option<String> {
        let word = match word.matches('x').count() {
            3 | 4 => {
                let parts: Vec<&str> = word.split('x').collect();
                let len = parts.get(4).map_or(String::new(), |len| format!("/{len}"));
                format!("{}{len}", parts.get(..4)?.join("."))
            }
            _ => word.to_string(),
        };
        let (address, len) = match word.split_once('/') {
            Some((address, len)) => (address, Some(len.parse::<u8>().ok()?)),
            None => (word.as_str(), None),
        };
        let address: std::net::Ipv4Addr = address.parse().ok()?;
        let own = self.ranges.iter().any(|range| range.contains(&address));
        own.then(|| len.map_or("{own}".to_string(), |len| format!("{{own}}/{len}")))
    }
}

/// `eu-west-1` → `EuWest1`, as logical ids have it.
fn pascal(text: &str) -> String {
    let part = |part: &str| {
        let mut letters = part.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    text.split('-').map(part).collect()
}

/// `{name}` for a word; not where it is a part of another one.
fn without_word(text: &str, word: &str) -> String {
    let is_letter = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(word).filter(|_| !word.is_empty()) {
        let (before, found) = rest.split_at(at);
        let after = &found[word.len()..];
        let part = is_letter(before.chars().next_back().or(out.chars().next_back()))
            || is_letter(after.chars().next());
        out.push_str(before);
        out.push_str(if part { word } else { "{name}" });
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_members_own_is_left_out() {
        let own = Own {
            words: vec![("euw1-az1".into(), "{zone}"), ("Euw1Az1".into(), "{Zone}")],
            name: "shop".into(),
            ranges: vec!["10.40.0.0/16".parse().unwrap()],
        };
        for (text, plain) in [
            ("eksnet-shop/SubnetNodesEuw1Az1", "eksnet-{name}/SubnetNodes{Zone}"),
            ("10.40.16.0/20 and 10.96.0.0/12", "{own}/20 and 10.96.0.0/12"),
            ("VpcCidr10x40x0x0x16To10x96x0x0x12", "VpcCidr{own}/16To10x96x0x0x12"),
            ("shopping in euw1-az1", "shopping in {zone}"),
            ("10.40.0.2", "{own}"),
            ("0x1F 1.34", "0x1F 1.34"),
        ] {
            assert_eq!(own.plain(text), plain);
        }
    }
}
