//! The resources of a preview: replaced and removed ones in full, then modified ones, then additions.

use std::collections::BTreeSet;

use crate::facts::kinds::noun;
use crate::preview::{Change, ChangeKind, Preview, PropertyChange};

use super::super::escape::plain;
use super::super::preview_values::{before_after, lines};
use super::super::style::{bold, dim};
use super::additions::plural;
use super::{Shown, additions, follows, names, of_kind, sign};

/// So many alike are folded into one line.
const FOLDED: usize = 4;

pub(super) fn write(preview: &Preview, shown: &Shown<'_>) -> String {
    let (tags, modified): (Vec<&Change>, Vec<&Change>) =
        of_kind(preview, ChangeKind::Modify).into_iter().partition(|change| is_tags_only(change));
    let drastic = [ChangeKind::Replace, ChangeKind::Remove];
    let drastic: Vec<&Change> =
        drastic.into_iter().flat_map(|sort| of_kind(preview, sort)).collect();
    let list = List { preview, shown };
    let drastic =
        groups(&drastic).iter().map(|group| list.group(group, usize::MAX)).collect::<String>();
    let most = if shown.view.all { usize::MAX } else { FOLDED };
    let modified =
        groups(&modified).iter().map(|group| list.group(group, most)).collect::<String>();
    drastic + &modified + &list.tags(&tags) + &additions::write(preview, shown)
}

/// Changes of one kind and type in the same properties stand together, where the first of them would.
fn groups<'p>(changes: &[&'p Change]) -> Vec<Vec<&'p Change>> {
    let properties = |change: &Change| {
        change.because.iter().map(|because| because.property.clone()).collect::<Vec<_>>()
    };
    let mut groups: Vec<Vec<&Change>> = Vec::new();
    for change in changes {
        let alike = |other: &Change| {
            (other.change_kind(), &other.kind, properties(other))
                == (change.change_kind(), &change.kind, properties(change))
        };
        match groups.iter_mut().find(|group| alike(group[0])) {
            Some(group) => group.push(change),
            None => groups.push(vec![change]),
        }
    }
    groups
}

fn is_tags_only(change: &Change) -> bool {
    change.change_kind() == ChangeKind::Modify
        && !change.because.is_empty()
        && change.because.iter().all(|because| because.property.starts_with("Tags"))
}

struct List<'a> {
    preview: &'a Preview,
    shown: &'a Shown<'a>,
}

impl List<'_> {
    fn line(&self, indent: usize, text: &str) -> String {
        self.shown.view.hanging(&" ".repeat(indent), text, indent + 4)
    }

    /// `most` changes whose values differ are listed one by one.
    fn group(&self, group: &[&Change], most: usize) -> String {
        let first = group[0];
        let places: BTreeSet<String> =
            group.iter().filter_map(|change| (self.shown.line)(&change.path)).collect();
        let places = places.into_iter().collect::<Vec<_>>().join(", ");
        let place = if places.is_empty() { places } else { dim(&format!("  {places}")) };
        let sign = sign(first.change_kind());
        if let [only] = group {
            let what = plural(1, &plain(&noun(&only.kind)));
            let head = format!("{sign}  {what}  {}{}{place}", bold(&only.id), self.cidr(only));
            return self.line(0, &head) + &self.properties(only, 4);
        }
        let same = group.iter().all(|change| change.because == first.because);
        let ids: Vec<&str> = group.iter().map(|change| change.id.as_str()).collect();
        let what = plural(group.len(), &plain(&noun(&first.kind)));
        let head = format!("{sign}  {what}");
        match same {
            true => {
                let named: Vec<String> = group
                    .iter()
                    .map(|change| format!("{}{}", bold(&change.id), self.cidr(change)))
                    .collect();
                self.line(0, &format!("{head}  {}{place}", named.join(", ")))
                    + &self.properties(first, 4)
            }
            false if most <= group.len() => {
                let names =
                    format!("{head}  {}{place}  {}", bold(&names(&ids)), dim("(--all lists them)"));
                self.line(0, &names) + &self.example(first)
            }
            false => {
                let rows = group.iter().map(|change| self.row(change));
                self.line(0, &format!("{head}{place}")) + &rows.collect::<String>()
            }
        }
    }

    /// What a removed subnet had.
    fn cidr(&self, change: &Change) -> String {
        let gone = self
            .preview
            .network
            .subnets
            .iter()
            .find(|one| one.id == change.id && one.after.is_none());
        gone.and_then(|one| one.before.as_ref())
            .map_or(String::new(), |cidr| format!(" {}", plain(cidr)))
    }

    /// The first of those that are folded.
    fn example(&self, change: &Change) -> String {
        change.because.first().map_or(String::new(), |because| {
            self.line(4, &format!("{}: {}, …", plain(&change.id), self.value(change, because)))
        })
    }

    fn properties(&self, change: &Change, indent: usize) -> String {
        change.because.iter().map(|because| self.property(change, because, indent)).collect()
    }

    /// One change of a group whose values differ.
    fn row(&self, change: &Change) -> String {
        if let [only] = change.because.as_slice()
            && lines(only).is_none()
        {
            return self.line(4, &format!("{}  {}", bold(&change.id), self.value(change, only)));
        }
        self.line(4, &bold(&change.id)) + &self.properties(change, 6)
    }

    fn property(&self, change: &Change, because: &PropertyChange, indent: usize) -> String {
        match lines(because).filter(|_| self.preview.chain(because).is_empty()) {
            Some(lines) => {
                let head = format!("{}:{}", plain(&because.property), forces(change, because));
                let lines = lines.iter().map(|line| self.line(indent + 2, line));
                self.line(indent, &head) + &lines.collect::<String>()
            }
            None => self.line(indent, &self.value(change, because)),
        }
    }

    /// One property, and why: its values, or what it follows from, back to the line that was edited.
    fn value(&self, change: &Change, because: &PropertyChange) -> String {
        let chain = self.preview.chain(because);
        let words = match (chain.is_empty(), lines(because)) {
            (false, _) => plain(&follows(&chain, self.shown.line)),
            (true, Some(lines)) => lines.join("; "),
            (true, None) => before_after(because),
        };
        format!("{}: {words}{}", plain(&because.property), forces(change, because))
    }

    /// The same tags on many resources are one line.
    fn tags(&self, changes: &[&Change]) -> String {
        let mut groups: Vec<(Vec<String>, Vec<&str>)> = Vec::new();
        for change in changes {
            let tags: Vec<String> = change
                .because
                .iter()
                .map(|one| format!("{}: {}", plain(&one.property), before_after(one)))
                .collect();
            match groups.iter_mut().find(|(same, _)| *same == tags) {
                Some((_, ids)) => ids.push(&change.id),
                None => groups.push((tags, vec![&change.id])),
            }
        }
        let group = |(tags, ids): &(Vec<String>, Vec<&str>)| {
            let sign = sign(ChangeKind::Modify);
            let count = ids.len();
            let shown = if self.shown.view.all { ids.join(", ") } else { names(ids) };
            self.line(
                0,
                &format!("{sign}  {count} × tags only: {}  {}", tags.join(", "), dim(&shown)),
            )
        };
        groups.iter().map(group).collect()
    }
}

fn forces(change: &Change, because: &PropertyChange) -> &'static str {
    if change.forced_by(because) { "  (forces replacement)" } else { "" }
}
