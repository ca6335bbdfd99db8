//! A deployment as it happens, for a terminal: a tree in dependency order that fits the window. What is under way and what failed has a
//! row of its own; the rest is counted.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::deploy::{Progress, STACK};
use crate::facts::kinds::{self, Work};
use crate::preview::Forecast;
use crate::preview::forecast::Row;

use super::escape::plain;
use super::progress::time;
use super::style::{bold, dim, green, red};

/// The window (columns, rows).
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub width: usize,
    pub height: usize,
}

/// What is shown at one moment.
pub struct Moment<'m> {
    pub stack: &'m str,
    pub progress: &'m Progress,
    pub forecast: &'m Forecast,
    /// Since it began.
    pub elapsed: Duration,
    pub now: Duration,
}

/// The lines of one picture, none wider than the window and no more than fit into it.
pub fn frame(moment: &Moment<'_>, window: Window) -> Vec<String> {
    let mut lines = vec![head(moment)];
    for section in sections(moment) {
        let about = section
            .typical()
            .map_or(String::new(), |typical| dim(&format!("  about {}", time(typical))));
        let line = format!(
            "  {} {:<18} {:>3}/{:<3}{about}",
            section.mark(),
            section.title,
            section.done(),
            section.items.len()
        );
        lines.push(line.trim_end().to_string());
        lines.extend(
            section.items.iter().filter(|item| item.shown()).map(|item| item.line(moment.now)),
        );
    }
    let most = window.height.saturating_sub(1).max(1);
    fitted(lines, most).into_iter().map(|line| cut(&line, window.width)).collect()
}

fn head(moment: &Moment<'_>) -> String {
    let sections = sections(moment);
    let done: usize = sections.iter().map(Section::done).sum();
    let touched: usize = sections.iter().map(|section| section.items.len()).sum();
    let expected = if moment.forecast.total.is_zero() {
        String::new()
    } else {
        format!(" of about {}", time(moment.forecast.total))
    };
    let status = moment
        .progress
        .rows
        .values()
        .find(|row| row.kind == STACK)
        .map_or("", |row| row.status.as_str());
    format!(
        "{}  {}{expected}  {done} of {}  {}",
        bold(moment.stack),
        time(moment.elapsed),
        touched,
        dim(status)
    )
}

struct Item {
    id: String,
    kind: String,
    status: String,
    since: Duration,
    typical: Duration,
}

impl Item {
    fn running(&self) -> bool {
        self.status.ends_with("_IN_PROGRESS")
    }

    fn failed(&self) -> bool {
        self.status.ends_with("_FAILED")
    }

    /// A resource that CloudFormation keeps when it leaves the stack is done with as well.
    fn done(&self) -> bool {
        self.status.ends_with("_COMPLETE") || self.status == "DELETE_SKIPPED"
    }

    fn shown(&self) -> bool {
        self.running() || self.failed()
    }

    fn line(&self, now: Duration) -> String {
        if self.failed() {
            return format!("      {} {}  {}", red("✗"), self.id, red(&self.status));
        }
        let elapsed = time(now.saturating_sub(self.since));
        format!(
            "      … {}  {elapsed} of about {}  {}",
            self.id,
            time(self.typical),
            dim(&self.kind)
        )
    }
}

struct Section {
    title: String,
    items: Vec<Item>,
}

impl Section {
    fn done(&self) -> usize {
        self.items.iter().filter(|item| item.done()).count()
    }

    /// What is left of it will take about that long; nothing once it is under way or done.
    fn typical(&self) -> Option<Duration> {
        let waiting =
            self.items.iter().filter(|item| item.status.is_empty()).map(|item| item.typical).max();
        waiting.filter(|_| !self.items.iter().any(Item::running))
    }

    fn mark(&self) -> String {
        match self {
            _ if self.items.iter().any(Item::failed) => red("✗"),
            _ if self.done() == self.items.len() => green("✓"),
            _ if self.items.iter().any(|item| !item.status.is_empty()) => "…".to_string(),
            _ => "·".to_string(),
        }
    }
}

/// What is expected to be touched, and what is touched all the same.
fn rows<'m>(moment: &'m Moment<'_>) -> BTreeMap<&'m str, Row> {
    let seen = moment.progress.rows.iter().filter(|(_, row)| row.kind != STACK).map(|(id, row)| {
        let typical = kinds::usual_time(&row.kind, Work::by_status(&row.status));
        (id.as_str(), Row { kind: row.kind.clone(), zone: String::new(), typical })
    });
    seen.chain(moment.forecast.rows.iter().map(|(id, row)| (id.as_str(), row.clone()))).collect()
}

/// Sections in dependency order; subnets by zone.
fn sections(moment: &Moment<'_>) -> Vec<Section> {
    let mut sections: Vec<((kinds::Section, String), Section)> = Vec::new();
    for (id, row) in rows(moment) {
        let at = kinds::section(&row.kind);
        let title = if at == kinds::Section::Subnets && !row.zone.is_empty() {
            format!("{} {}", at.title(), plain(&row.zone))
        } else {
            at.title().to_string()
        };
        let seen = moment.progress.rows.get(id);
        let item = Item {
            id: plain(id),
            kind: row.kind.clone(),
            status: status(moment.progress, id),
            since: seen.map_or(Duration::ZERO, |seen| seen.since),
            typical: row.typical,
        };
        let key = (at, title.clone());
        match sections.iter_mut().find(|(other, _)| *other == key) {
            Some((_, section)) => section.items.push(item),
            None => sections.push((key, Section { title, items: vec![item] })),
        }
    }
    sections.sort_by(|(one, _), (other, _)| one.cmp(other));
    sections.into_iter().map(|(_, section)| section).collect()
}

/// A resource's own status. Once the stack succeeded nothing is under way or to come, whatever was read of it: events of the last moment
/// may be missing, and what an update turns out not to touch has none.
fn status(progress: &Progress, id: &str) -> String {
    let own = progress.rows.get(id).map_or("", |row| row.status.as_str());
    let is_settled = ["_COMPLETE", "_FAILED", "_SKIPPED"].iter().any(|end| own.ends_with(end));
    plain(progress.succeeded().filter(|_| !is_settled).unwrap_or(own))
}

/// As many lines as fit: the beginning, and how many are left out.
fn fitted(mut lines: Vec<String>, most: usize) -> Vec<String> {
    if most < lines.len() {
        let hidden = lines.len() - (most - 1);
        lines.truncate(most - 1);
        lines.push(dim(&format!("      … {hidden} more lines")));
    }
    lines
}

/// The beginning of a line that fits into `width` columns, its styles closed.
fn cut(line: &str, width: usize) -> String {
    let plain = anstream::adapter::strip_str(line).to_string();
    if plain.chars().count() <= width {
        line.to_string()
    } else {
        plain.chars().take(width.saturating_sub(1)).chain(['…']).collect()
    }
}
