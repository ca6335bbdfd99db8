//! A fleet's findings, address plan and changes, for people.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::diagnostic::{Diagnostic, Severity};
use crate::fleet::export::Job;
use crate::fleet::ground::Ground;
use crate::fleet::layout::{Placed, Pooled, SupernetMap};
use crate::fleet::locks::State;
use crate::fleet::online::Asked;
use crate::fleet::whole::Whole;
use crate::rules::Rule;

use super::findings::{self, Checked};
use super::style::{bold, dim, green, red, yellow};
use super::table::{
    Align::{Left, Right},
    fitted, table,
};
use super::view::View;

/// Findings of one rule that are shown in full.
const SHOWN: usize = 3;

type Found<'f> = (&'f Checked<'f>, &'f Diagnostic);

/// Findings by rule, errors first: a rule that many members break is told once, with all of their places. `columns` are a terminal's.
pub fn grouped(rows: &[Checked<'_>], columns: Option<usize>) -> String {
    let mut rules: BTreeMap<(bool, &str), (&Rule, Vec<Found<'_>>)> = BTreeMap::new();
    for row in rows {
        for finding in row.findings {
            let key = (!finding.is_error(), finding.rule.id);
            rules.entry(key).or_insert((finding.rule, Vec::new())).1.push((row, finding));
        }
    }
    rules.into_values().map(|(rule, found)| of_rule(rule, &found, columns)).collect()
}

fn of_rule(rule: &Rule, found: &[Found<'_>], columns: Option<usize>) -> String {
    let full = |(row, finding): &Found<'_>| {
        let own = Checked { source: row.source, findings: std::slice::from_ref(*finding) };
        findings::within(&own, columns)
    };
    let folded = |line: String| match columns {
        Some(columns) => View::of(columns).folded(&line),
        None => line,
    };
    let mut files: Vec<&str> = found.iter().map(|(row, _)| row.source.name.as_str()).collect();
    files.dedup();
    if files.len() == 1 {
        return found.iter().map(full).collect();
    }
    let severity = match found[0].1.severity() {
        Severity::Error => red(rule.id),
        Severity::Warning => yellow(rule.id),
    };
    let head = format!("{severity} ({} members): {}", files.len(), bold(rule.title));
    let mut text = format!("{}\n\n", folded(head));
    text.extend(found.iter().take(SHOWN).map(full));
    let rest = found.iter().skip(SHOWN).map(|(row, finding)| {
        let line = row.source.line(finding.at.clone().unwrap_or(0..0).start);
        let place = format!("{}:{line}", row.source.name);
        let line = format!("  {}  {}", bold(&place), super::escape::plain(&finding.message));
        format!("{}\n", folded(line))
    });
    let rest: String = rest.collect();
    if !rest.is_empty() {
        text.push_str(&format!("{rest}\n"));
    }
    text
}

/// The fleet's address plan, and how its lock stands.
pub struct Layout<'a> {
    pub whole: &'a Whole,
    /// Before this run.
    pub lock: State,
    /// Whether this run wrote the lock.
    pub written: bool,
}

impl Layout<'_> {
    /// The lock would change.
    pub fn is_open(&self) -> bool {
        self.lock != State::Unchanged && !self.written
    }

    fn lock(&self) -> String {
        let how = match (self.written, self.lock) {
            (true, State::Unchanged) => "up to date",
            (true, _) => "written",
            (false, State::Missing) => "not written yet (`fleet layout --write-lock`)",
            (false, State::Changes) => "would change (`fleet layout --write-lock`)",
            (false, State::Unchanged) => "unchanged",
        };
        format!("lock {}: {how}", self.whole.lock.display())
    }
}

/// For people: supernets with what is free, then each member's range, by Region and address.
pub fn layout(layout: &Layout<'_>, view: View) -> String {
    let (plan, ground) = (&layout.whole.plan, &layout.whole.roster.ground);
    let mut text = String::new();
    for map in &plan.supernets {
        text.push_str(&supernet(map, view));
    }
    let mut placed: Vec<&Placed> = plan.members.iter().flatten().collect();
    placed.sort_by_key(|one| (one.line.region.clone(), one.line.cidr, one.line.name.clone()));
    let row = |one: &&Placed| {
        let line = &one.line;
        vec![
            line.region.clone(),
            line.name.clone(),
            line.cidr.to_string(),
            line.class.clone().unwrap_or_default(),
            ground.account(&line.name).map_or(String::new(), |account| account.id.clone()),
            ground.wave(&line.name).map_or(String::new(), |at| ground.waves[at].name.clone()),
            if one.new { "new".to_string() } else { String::new() },
        ]
    };
    let mut rows: Vec<Vec<String>> = placed.iter().map(row).collect();
    rows.extend(plan.pooled.iter().map(|one| pooled(one, ground)));
    let columns = [
        ("REGION", Left),
        ("MEMBER", Left),
        ("RANGE", Left),
        ("CLASS", Left),
        ("ACCOUNT", Left),
        ("WAVE", Left),
        ("", Left),
    ];
    text.push_str(&format!("{}\n{}", bold("Members"), fitted(view, 2, &columns, &rows)));
    let gone = plan.ledger.removed.iter().map(|line| {
        vec![
            line.region.clone(),
            line.name.clone(),
            line.cidr.to_string(),
            format!("gone since {}", line.gone.as_deref().unwrap_or("an unknown day")),
        ]
    });
    let gone: Vec<Vec<String>> = gone.collect();
    if !gone.is_empty() {
        let columns = [("", Left), ("", Left), ("", Left), ("", Left)];
        text.push_str(&format!(
            "\n{} {}\n{}",
            bold("Left behind"),
            dim("(`--release NAME` once the VPC is deleted)"),
            fitted(view, 2, &columns, &gone)
        ));
    }
    format!("{text}\n{}\n", dim(&layout.lock()))
}

fn pooled(one: &Pooled, ground: &Ground) -> Vec<String> {
    vec![
        one.region.clone(),
        one.name.clone(),
        format!("from {}", one.pool),
        String::new(),
        ground.account(&one.name).map_or(String::new(), |account| account.id.clone()),
        ground.wave(&one.name).map_or(String::new(), |at| ground.waves[at].name.clone()),
        "not allocated yet".to_string(),
    ]
}

fn supernet(map: &SupernetMap, view: View) -> String {
    let regions =
        if map.regions.is_empty() { "every Region".to_string() } else { map.regions.join(", ") };
    let filled = format!("{} % full", map.filled);
    let filled = if 80 < map.filled { yellow(&filled) } else { green(&filled) };
    let mut text =
        format!("{}  {}  {filled}\n", bold(&map.cidr.to_string()), super::escape::plain(&regions));
    let rows: Vec<Vec<String>> = map
        .room
        .iter()
        .map(|(class, len, count)| {
            vec![super::thousands(*count), format!("more {class}"), format!("/{len}")]
        })
        .collect();
    text.push_str(&table(2, &[("", Right), ("", Left), ("", Left)], &rows));
    let free: Vec<String> = map.free.iter().take(8).map(ToString::to_string).collect();
    let more = map.free.len().saturating_sub(free.len());
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let free = if free.is_empty() { "nothing".to_string() } else { free.join(", ") };
    text.push_str(&view.hanging("  free: ", &format!("{free}{more}"), 4));
    if !map.reserved.is_empty() {
        let reserved: Vec<String> = map.reserved.iter().map(ToString::to_string).collect();
        text.push_str(&view.hanging("  reserved: ", &reserved.join(", "), 4));
    }
    text.push('\n');
    text
}

/// Every account that was asked, and why one could not be read.
pub fn accounts(asked: &[Asked], view: View) -> String {
    let row = |one: &Asked| {
        let (account, words) = match &one.seen {
            Ok(seen) => {
                let vpcs = match seen.vpcs.len() {
                    1 => "1 VPC".to_string(),
                    more => format!("{more} VPCs"),
                };
                let ipam = match &seen.ipam {
                    Ok(ranges) if ranges.is_empty() => String::new(),
                    Ok(ranges) => format!(", {} ranges in IPAM", ranges.len()),
                    Err(refusal) => format!(", IPAM not read: {refusal}"),
                };
                (Some(&seen.account), format!("{vpcs}{ipam}"))
            }
            Err(why) => (one.place.account.as_ref(), format!("not read: {}", why.chain())),
        };
        vec![account.cloned().unwrap_or_default(), one.place.region.clone(), words]
    };
    let rows: Vec<Vec<String>> = asked.iter().map(row).collect();
    let columns = [("ACCOUNT", Left), ("REGION", Left), ("READ", Left)];
    format!("\n{}", fitted(view, 0, &columns, &rows))
}

/// A member's status.
#[derive(Clone, Debug, Default)]
struct StatusRow {
    name: String,
    region: String,
    account: String,
    /// As CloudFormation calls it.
    stack: String,
    /// Of Kubernetes.
    version: String,
    aws_node: String,
    /// The subnet with the fewest free addresses.
    fullest: String,
    /// Why nothing of it is known.
    unread: Option<String>,
}

impl StatusRow {
    /// Of `status -o json`, or why that could not be read.
    fn of(job: &Job, read: &Result<Value, String>) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
        let row = StatusRow {
            name: job.name.clone(),
            region: job.region.clone(),
            account: job.account.clone().unwrap_or_default(),
            ..StatusRow::default()
        };
        let status = match read {
            Ok(status) => status,
            Err(why) => return StatusRow { unread: Some(why.clone()), ..row },
        };
        let addons = status["addons"].as_array().into_iter().flatten();
        let own = addons.filter(|addon| addon["name"] == "vpc-cni");
        let subnets = status["subnets"].as_array().into_iter().flatten();
        let fullest = subnets.filter_map(|subnet| {
            let (free, all) = (subnet["free"].as_u64()?, subnet["usable"].as_u64()?);
            let share = (all.saturating_sub(free) * 100).checked_div(all)?;
            Some((share, format!("{} {}", text(&subnet["tier"]), text(&subnet["zone"]))))
        });
        StatusRow {
            stack: text(&status["stack"]["status"]),
            version: text(&status["cluster"]["version"]),
            aws_node: own.map(|addon| text(&addon["version"])).next().unwrap_or_default(),
            fullest: fullest
                .max()
                .map_or(String::new(), |(share, name)| format!("{share} % {name}")),
            ..row
        }
    }
}

/// Every member's status in one table.
pub fn status(members: &[(Job, Result<Value, String>)], view: View) -> String {
    let rows: Vec<StatusRow> = members.iter().map(|(job, read)| StatusRow::of(job, read)).collect();
    status_table(&rows, view)
}

fn status_table(rows: &[StatusRow], view: View) -> String {
    let row = |row: &StatusRow| {
        let state = row.unread.as_ref().map_or(row.stack.clone(), |why| format!("not read: {why}"));
        vec![
            row.region.clone(),
            row.name.clone(),
            row.account.clone(),
            row.version.clone(),
            row.aws_node.clone(),
            row.fullest.clone(),
            state,
        ]
    };
    let rows: Vec<Vec<String>> = rows.iter().map(row).collect();
    let columns = [
        ("REGION", Left),
        ("MEMBER", Left),
        ("ACCOUNT", Left),
        ("KUBERNETES", Left),
        ("AWS-NODE", Left),
        ("FULLEST SUBNET", Left),
        ("STACK", Left),
    ];
    fitted(view, 0, &columns, &rows)
}
