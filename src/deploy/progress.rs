//! A fold of stack events: each resource's status, and since when.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::aws::port::StackEvent;

#[derive(Clone, Debug, Default)]
pub struct Progress {
    pub rows: BTreeMap<String, Row>,
    /// Everything that failed, in the order it did.
    pub failures: Vec<StackEvent>,
}

#[derive(Clone, Debug)]
pub struct Row {
    pub kind: String,
    pub status: String,
    pub since: Duration,
}

impl Progress {
    /// Takes one event in; the time its resource has been at it.
    pub fn take(&mut self, event: &StackEvent, now: Duration) -> Duration {
        if event.status.ends_with("_FAILED") {
            self.failures.push(event.clone());
        }
        let started = event.status.ends_with("_IN_PROGRESS");
        let row = self.rows.entry(event.id.clone()).or_insert_with(|| Row { kind: event.kind.clone(), status: String::new(), since: now });
        if started && row.status != event.status {
            row.since = now;
        }
        row.status.clone_from(&event.status);
        now.saturating_sub(row.since)
    }

    /// What is under way, the stack itself left out.
    pub fn running(&self) -> Vec<String> {
        let running = self.rows.iter().filter(|(_, row)| row.status.ends_with("_IN_PROGRESS") && row.kind != STACK);
        running.map(|(id, _)| id.clone()).collect()
    }
}

pub const STACK: &str = "AWS::CloudFormation::Stack";
