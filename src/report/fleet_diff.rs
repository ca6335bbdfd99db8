//! What would change in a fleet: identical changes together, for people, programs and pull requests.

use serde_json::{Value, json};

use crate::diagnostic::Diagnostic;
use crate::fleet::compare::{Compared, Outcome};
use crate::fleet::group::{Canonical, Group};
use crate::preview::{Consequence, Preview};
use crate::source::Source;

use super::escape::{code, markdown as words, plain};
use super::fleet_changes as changes;
use super::preview::head;
use super::style::{bold, dim, green, red, yellow};
use super::table::{Align::Left, fitted};
use super::view::View;

impl Outcome {
    /// (name, Region, addresses that come and go) of the members that a group names, and how many more there are.
    fn named(&self, group: &Group) -> (Vec<[String; 3]>, usize) {
        let row = |at: &usize| {
            let member = &self.members[*at];
            let ranges = changes::ranges(&member.preview, &member.ranges);
            [member.name.clone(), member.region.clone(), ranges]
        };
        let shown: Vec<_> = group.members.iter().take(MOST_NAMES).map(row).collect();
        let more = group.members.len() - shown.len();
        (shown, more)
    }

    /// What it means for what runs; the worst of the members'.
    fn sentence(&self, group: &Group) -> String {
        let all = group.members.iter().map(|at| head::sentence(&self.members[*at].preview));
        all.max_by_key(|(weight, _)| *weight).map_or(String::new(), |(_, words)| words)
    }

    fn headline(&self) -> String {
        let (all, changed) = (self.members.len(), self.changed().count());
        let groups = match self.groups.len() {
            1 => "in one way".to_string(),
            more => format!("in {more} ways"),
        };
        let own = match (changed, all) {
            (0, 0) if !self.failed.is_empty() => "no member was compared".to_string(),
            (0, _) => format!("{}: no changes", counted_members(all)),
            (1, _) => format!("1 of {} changes", counted_members(all)),
            _ => format!("{changed} of {all} members change, {groups}"),
        };
        let rest =
            [(self.removed.len(), "no longer in the fleet"), (self.failed.len(), "not compared")];
        let rest = rest.iter().filter(|(count, _)| 0 < *count);
        let rest: String = rest.map(|(count, what)| format!("; {count} {what}")).collect();
        format!("{own}{rest}")
    }

    /// Impact of a group, as its first member has it.
    fn impact(&self, group: &Group) -> &[Consequence] {
        &self.first(group).impact
    }

    fn first(&self, group: &Group) -> &Preview {
        &self.members[group.members[0]].preview
    }

    /// What AWS refuses of a group's changes, or advises against: each once, with the members that have it.
    fn findings<'o>(&'o self, group: &Group) -> Vec<(&'o Diagnostic, Vec<&'o str>)> {
        let mut found: Vec<(&Diagnostic, Vec<&str>)> = Vec::new();
        for member in group.members.iter().map(|at| &self.members[*at]) {
            for finding in &member.preview.findings {
                let same = |(other, _): &&mut (&Diagnostic, Vec<&str>)| {
                    other.rule.id == finding.rule.id && other.message == finding.message
                };
                match found.iter_mut().find(same) {
                    Some((_, names)) => names.push(&member.name),
                    None => found.push((finding, vec![&member.name])),
                }
            }
        }
        found.sort_by_key(|(finding, _)| !finding.is_error());
        found
    }

    /// Everything beside the changes, in the order in which it weighs.
    fn told(&self, group: &Group) -> Vec<String> {
        let findings = self.findings(group).into_iter().map(|(finding, names)| {
            let of = match (names.len() == group.members.len(), names.as_slice()) {
                (true, _) => String::new(),
                (false, [only]) => format!(" ({only})"),
                (false, [first, rest @ ..]) => format!(" ({first} and {} more)", rest.len()),
                (false, []) => String::new(),
            };
            let severity = finding.severity().word();
            format!("{severity} {}: {}{of}", finding.rule, finding.message)
        });
        let first = self.first(group);
        let lost = first.irreversible.iter().map(|lost| format!("irreversible: {lost}"));
        let count = first.parts.len();
        let parts = first.parts.iter().enumerate();
        let parts =
            parts.map(|(at, part)| format!("part {} of {count}: {}", at + 1, part.heading()));
        let impact = self.impact(group).iter().map(|impact| format!("impact: {impact}"));
        findings.chain(lost).chain(parts).chain(impact).collect()
    }
}

fn members(group: &Group) -> String {
    counted_members(group.members.len())
}

fn counted_members(count: usize) -> String {
    match count {
        1 => "1 member".to_string(),
        more => format!("{more} members"),
    }
}

fn counted(group: &Group) -> String {
    let part = |action: &str| {
        let count = group.count(action);
        (0 < count).then(|| format!("{count} to {action}"))
    };
    let parts = ["remove", "replace", "modify", "add"].into_iter().filter_map(part);
    parts.collect::<Vec<_>>().join(", ")
}

fn sign(action: &str) -> &'static str {
    match action {
        "add" => "+",
        "modify" => "~",
        "replace" => "±",
        _ => "-",
    }
}

fn line(change: &Canonical, count: usize) -> String {
    let times = if count == 1 { String::new() } else { format!(" ×{count}") };
    format!("{} {}{times}  {}", sign(change.action), change.kind, change.id)
}

fn property((name, before, after): &(String, Option<String>, Option<String>)) -> String {
    match (before, after) {
        (None, Some(after)) => format!("{name}: {after}"),
        (Some(before), None) => format!("{name}: {before} → (none)"),
        (Some(before), Some(after)) => format!("{name}: {before} → {after}"),
        (None, None) => name.clone(),
    }
}

/// Changes of a group, and properties of a change, that people are shown.
const MOST_CHANGES: usize = 30;
const MOST_PROPERTIES: usize = 4;
/// Members that a group names.
const MOST_NAMES: usize = 12;

/// For people: group after group, with what weighs most first and identical changes told once.
pub fn human(outcome: &Outcome, view: View) -> String {
    let mut text = view.paragraph(&bold(&outcome.headline()), 2);
    for group in &outcome.groups {
        let title = format!("{}: {}", members(group), counted(group));
        let title = if group.is_destructive() { red(&title) } else { bold(&title) };
        text.push_str(&format!("\n{}", view.paragraph(&title, 2)));
        text.push_str(&view.hanging("  ", &plain(&outcome.sentence(group)), 2));
        text.push_str(&who(outcome, group, view));
        for line in outcome.told(group) {
            text.push_str(&view.hanging("  ! ", &plain(&line), 4));
        }
        let (others, more) = shown(group);
        for (change, count) in others {
            let line = line(change, count);
            let line = if change.action == "modify" { yellow(&line) } else { red(&line) };
            text.push_str(&view.hanging("  ", &line, 6));
            for one in change.properties.iter().take(MOST_PROPERTIES) {
                text.push_str(&view.hanging("      ", &plain(&property(one)), 8));
            }
        }
        if 0 < more {
            text.push_str(&format!("  and {more} more kinds of change\n"));
        }
        for line in changes::added(group) {
            text.push_str(&view.hanging(&format!("  {} ", green("+")), &plain(&line), 6));
        }
    }
    for file in &outcome.removed {
        let words = format!("{file} is no longer a member: its stack stays until `eksnet destroy`");
        text.push_str(&format!("\n{}", view.paragraph(&red(&plain(&words)), 2)));
    }
    text
}

/// The members of a group, with what is their own.
fn who(outcome: &Outcome, group: &Group, view: View) -> String {
    let (rows, more) = outcome.named(group);
    let rows: Vec<Vec<String>> = rows.into_iter().map(Vec::from).collect();
    let more = if more == 0 { String::new() } else { dim(&format!("  and {more} more\n")) };
    fitted(view, 2, &[("", Left), ("", Left), ("", Left)], &rows) + &more
}

/// What does not come, and how many more there are.
fn shown(group: &Group) -> (Vec<(&Canonical, usize)>, usize) {
    let mut others = changes::others(group);
    let more = others.len().saturating_sub(MOST_CHANGES);
    others.truncate(MOST_CHANGES);
    (others, more)
}

/// Bytes of a comment on GitHub are 65,536; with room for what a pipeline puts around it.
const MOST_MARKDOWN: usize = 58_000;

/// Of what was not compared.
const MOST_TAIL: usize = 20_000;

/// For a comment of a pull request: cut where GitHub would refuse its length, with a sentence about the rest.
pub fn markdown(outcome: &Outcome) -> String {
    let mut text = format!("### {}\n\n", words(&outcome.headline()));
    let tail = tail(outcome);
    let mut shown = 0;
    for group in &outcome.groups {
        let part = section(outcome, group);
        if MOST_MARKDOWN < text.len() + part.len() + tail.len() + 200 {
            break;
        }
        text.push_str(&part);
        shown += 1;
    }
    let hidden = &outcome.groups[shown..];
    if !hidden.is_empty() {
        let members: usize = hidden.iter().map(|group| group.members.len()).sum();
        let destructive = hidden.iter().filter(|group| group.is_destructive()).count();
        text.push_str(&format!(
            "**And {} more groups with {members} members**, {destructive} of them with something replaced or removed: `eksnet fleet diff -o json` has them all.\n\n",
            hidden.len()
        ));
    }
    format!("{text}{tail}")
}

/// A fleet with errors has no changes to show: what stands in the way.
pub fn broken(rows: &[(&Source, &[Diagnostic])]) -> String {
    let all = rows.iter().flat_map(|(source, found)| found.iter().map(move |one| (source, one)));
    let errors: Vec<_> = all.filter(|(_, finding)| finding.is_error()).collect();
    let mut text = format!("### The fleet has errors: {}\n\n", errors.len());
    let line = |(source, finding): &(&&Source, &Diagnostic)| {
        let line = source.line(finding.at.clone().unwrap_or(0..0).start);
        let place = code(&format!("{}:{line}", source.name));
        format!("- {} {place}: {}\n", finding.rule, words(&finding.message))
    };
    let mut shown = 0;
    for line in errors.iter().map(line) {
        if MOST_MARKDOWN < text.len() + line.len() + 100 {
            break;
        }
        text.push_str(&line);
        shown += 1;
    }
    if shown < errors.len() {
        text.push_str(&format!("- and {} more: `eksnet fleet check`\n", errors.len() - shown));
    }
    text
}

fn tail(outcome: &Outcome) -> String {
    let mut text = String::new();
    let rows = outcome.removed.iter().map(|file| {
        format!("- {} is no longer a member: its stack stays until `eksnet destroy`\n", code(file))
    });
    let failed = outcome.failed.iter().map(|(file, why)| {
        format!("- {} could not be compared: {}\n", code(file), words(&why.chain()))
    });
    let rows: Vec<String> = rows.chain(failed).collect();
    text.extend(rows.iter().take(50).map(String::as_str));
    if 50 < rows.len() {
        text.push_str(&format!("- and {} more\n", rows.len() - 50));
    }
    // A single reason may be as long as it likes.
    match text.len() {
        0..=MOST_TAIL => text,
        _ => format!("{}…\n", &text[..text.floor_char_boundary(MOST_TAIL)]),
    }
}

fn section(outcome: &Outcome, group: &Group) -> String {
    let warning = if group.is_destructive() { "⚠ " } else { "" };
    let mut text =
        format!("<details><summary>{warning}{}: {}</summary>\n\n", members(group), counted(group));
    let (rows, more) = outcome.named(group);
    let name = |[name, _, ranges]: &[String; 3]| match ranges.is_empty() {
        true => code(name),
        false => format!("{} ({})", code(name), words(ranges)),
    };
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    text.push_str(&format!("{}\n\n", words(&outcome.sentence(group))));
    text.push_str(&format!("{}{more}\n\n", rows.iter().map(name).collect::<Vec<_>>().join(", ")));
    let (others, more) = shown(group);
    for (change, count) in others {
        text.push_str(&format!("- {}\n", code(&line(change, count))));
        for one in change.properties.iter().take(MOST_PROPERTIES) {
            text.push_str(&format!("  - {}\n", code(&property(one))));
        }
    }
    if 0 < more {
        text.push_str(&format!("- and {more} more kinds of change\n"));
    }
    for line in changes::added(group) {
        text.push_str(&format!("- {}\n", code(&format!("+ {line}"))));
    }
    for line in outcome.told(group).iter().take(20) {
        text.push_str(&format!("- {}\n", words(line)));
    }
    text.push_str("\n</details>\n\n");
    text
}

/// For programs: every group with its members, unchanged members, and those that could not be compared.
pub fn json(outcome: &Outcome) -> String {
    super::json(&value(outcome))
}

fn value(outcome: &Outcome) -> Value {
    let changed = outcome.changed().count();
    let mut named = vec![false; outcome.members.len()];
    outcome.groups.iter().flat_map(|group| &group.members).for_each(|at| named[*at] = true);
    let unchanged: Vec<&str> = outcome
        .members
        .iter()
        .zip(&named)
        .filter(|(_, named)| !**named)
        .map(|(member, _)| member.name.as_str())
        .collect();
    let failed: Vec<Value> = outcome
        .failed
        .iter()
        .map(|(file, why)| json!({ "file": file, "message": why.chain() }))
        .collect();
    json!({
        "schemaVersion": 1,
        "summary": {
            "members": outcome.members.len(),
            "changed": changed,
            "unchanged": unchanged.len(),
            "groups": outcome.groups.len(),
        },
        "groups": outcome.groups.iter().map(|group| group_value(outcome, group)).collect::<Vec<_>>(),
        "unchanged": unchanged,
        "removed": outcome.removed,
        "failed": failed,
    })
}

fn finding((one, members): (&Diagnostic, Vec<&str>)) -> Value {
    json!({
        "rule": one.rule.id,
        "severity": one.severity().word(),
        "message": one.message,
        "hint": one.hint,
        "members": members,
    })
}

fn group_value(outcome: &Outcome, group: &Group) -> Value {
    let change = |(change, count): (&Canonical, &usize)| {
        let properties: Vec<Value> = change
            .properties
            .iter()
            .map(|(name, before, after)| json!({ "property": name, "before": before, "after": after }))
            .collect();
        json!({
            "action": change.action,
            "type": change.kind,
            "logicalId": change.id,
            "count": count,
            "properties": properties,
        })
    };
    let member = |at: &usize| {
        let member = &outcome.members[*at];
        json!({ "name": member.name, "region": member.region, "file": member.file, "new": member.new })
    };
    json!({
        "members": group.members.iter().map(member).collect::<Vec<_>>(),
        "summary": {
            "add": group.count("add"),
            "modify": group.count("modify"),
            "replace": group.count("replace"),
            "remove": group.count("remove"),
        },
        "changes": group.changes.iter().map(change).collect::<Vec<_>>(),
        "impact": outcome.impact(group).iter().map(ToString::to_string).collect::<Vec<_>>(),
        "irreversible": outcome.first(group).irreversible.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "parts": outcome.first(group).parts.iter().map(|part| part.heading()).collect::<Vec<_>>(),
        "findings": outcome.findings(group).into_iter().map(finding).collect::<Vec<_>>(),
    })
}

/// (file, text) of every member's preview, and of an index of them.
pub fn files(outcome: &Outcome) -> Vec<(String, String)> {
    let one =
        |member: &Compared| (member.preview_file(), super::preview_json::write(&member.preview));
    let index = ("index.json".to_string(), super::json(&index(outcome)));
    outcome.members.iter().map(one).chain([index]).collect()
}

/// Of a folder of previews: which file is whose, and in which group.
fn index(outcome: &Outcome) -> Value {
    let mut group = vec![None; outcome.members.len()];
    for (number, one) in outcome.groups.iter().enumerate() {
        one.members.iter().for_each(|at| group[*at] = Some(number));
    }
    let row = |(member, group): (&Compared, &Option<usize>)| {
        json!({
            "name": member.name,
            "region": member.region,
            "file": member.file,
            "preview": member.preview_file(),
            "group": group,
            "new": member.new,
        })
    };
    json!({
        "schemaVersion": 1,
        "members": outcome.members.iter().zip(&group).map(row).collect::<Vec<_>>(),
        "removed": outcome.removed,
    })
}
