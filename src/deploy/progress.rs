//! A fold of stack events: each resource's status, since when, and how long it took.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::aws::port::StackEvent;

use super::{Left, state};

/// What is known so far of an operation on a stack, by logical id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    pub rows: BTreeMap<String, Row>,
    /// Everything that failed, in the order it did.
    pub failures: Vec<StackEvent>,
    /// (logical id, physical id) of what is gone.
    deleted: BTreeSet<(String, String)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub kind: String,
    pub status: String,
    /// When its last piece of work was first seen.
    pub since: Duration,
    /// What that took, once it is over.
    pub took: Option<Duration>,
    /// By CloudFormation's own clock; zero where it gives none.
    started_at: Duration,
}

/// Something under way.
#[derive(Clone, Debug, PartialEq)]
pub struct Running {
    pub id: String,
    pub kind: String,
    pub status: String,
    pub elapsed: Duration,
}

impl Progress {
    /// Takes one event in; the time its resource has been at it.
    pub fn take(&mut self, event: &StackEvent, now: Duration) -> Duration {
        if event.status.ends_with("_FAILED") {
            self.failures.push(event.clone());
        }
        if event.status == "DELETE_COMPLETE" {
            self.deleted.insert((event.id.clone(), event.physical_id.clone()));
        }
        let new = || Row {
            kind: event.kind.clone(),
            status: String::new(),
            since: now,
            took: None,
            started_at: event.at,
        };
        let row = self.rows.entry(event.id.clone()).or_insert_with(new);
        if under_way(&event.status) {
            if row.status != event.status {
                (row.since, row.started_at, row.took) = (now, event.at, None);
            }
        } else {
            // Events come in seconds after they happened; CloudFormation's own times are nearer.
            let own = event.at.saturating_sub(row.started_at);
            row.took = Some(if event.at.is_zero() || row.started_at.is_zero() {
                now.saturating_sub(row.since)
            } else {
                own
            });
        }
        row.status.clone_from(&event.status);
        row.took.unwrap_or(now.saturating_sub(row.since))
    }

    /// The stack ended so, whether or not its own last event was read.
    pub(super) fn close(&mut self, stack: &str, status: &str) {
        let own = self.rows.values_mut().find(|row| row.kind == STACK);
        let unseen = || Row {
            kind: STACK.to_string(),
            status: String::new(),
            since: Duration::ZERO,
            took: None,
            started_at: Duration::ZERO,
        };
        let row = match own {
            Some(row) => row,
            None => self.rows.entry(stack.to_string()).or_insert_with(unseen),
        };
        row.status = status.to_string();
    }

    /// How the stack as a whole ended, where that is what was asked for.
    pub fn succeeded(&self) -> Option<&str> {
        let own = self.rows.values().find(|row| row.kind == STACK)?;
        state::succeeded(&own.status).then_some(own.status.as_str())
    }

    /// What is under way, the stack itself left out.
    pub fn running(&self, now: Duration) -> Vec<Running> {
        let running =
            self.rows.iter().filter(|(_, row)| under_way(&row.status) && row.kind != STACK);
        let one = |(id, row): (&String, &Row)| Running {
            id: id.clone(),
            kind: row.kind.clone(),
            status: row.status.clone(),
            elapsed: now.saturating_sub(row.since),
        };
        running.map(one).collect()
    }

    /// What could not be deleted, each once, as CloudFormation said it last.
    pub fn left(&self) -> Vec<Left> {
        let mut left: Vec<Left> = Vec::new();
        for event in self.failures.iter().filter(|event| event.status == "DELETE_FAILED") {
            let same = |one: &Left| (&one.id, &one.physical_id) == (&event.id, &event.physical_id);
            left.retain(|one| !same(one));
            left.push(Left {
                id: event.id.clone(),
                kind: event.kind.clone(),
                physical_id: event.physical_id.clone(),
                reason: event.reason.clone(),
            });
        }
        let gone = |one: &Left| self.deleted.contains(&(one.id.clone(), one.physical_id.clone()));
        left.retain(|one| one.kind != STACK && !gone(one));
        left
    }

    /// How long each resource took that is done.
    pub fn took(&self) -> BTreeMap<String, Duration> {
        self.rows
            .iter()
            .filter(|(_, row)| row.kind != STACK)
            .filter_map(|(id, row)| Some((id.clone(), row.took?)))
            .collect()
    }
}

pub fn under_way(status: &str) -> bool {
    status.ends_with("_IN_PROGRESS")
}

pub const STACK: &str = "AWS::CloudFormation::Stack";
