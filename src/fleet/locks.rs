//! The fleet's lock and its members' own: whether they would change, and how they are written.

use std::path::PathBuf;

use crate::diagnostic::Failure;
use crate::line::Stopped;
use crate::lockfile::Due;
use crate::source;

use super::whole::Whole;

const HOW: &str = "run `eksnet fleet layout --write-lock` and commit the locks with the blueprints";

/// How the fleet's lock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Missing,
    Changes,
    Unchanged,
}

/// A member's lock that was written.
pub struct Written {
    pub path: PathBuf,
    pub subnets: usize,
}

impl Whole {
    /// How the fleet's lock stands beside the plan.
    pub fn lock_state(&self) -> State {
        let there = std::fs::read_to_string(&self.lock).unwrap_or_default();
        match there == self.plan.ledger.to_text() {
            true => State::Unchanged,
            false if there.is_empty() => State::Missing,
            false => State::Changes,
        }
    }

    /// A failure where something is to be released that is no range of a member that is gone.
    pub fn released(&self) -> Result<(), Failure> {
        let Some(name) = self.unreleasable.first() else { return Ok(()) };
        let failure = Failure::new(format!("cannot release the range of `{name}`"));
        let live = self.ledger.lines.iter().any(|line| line.name == *name);
        Err(match live {
            true => failure
                .because("it is still a member")
                .hint("remove its file from the fleet first, and destroy its stack"),
            false => failure
                .because("no former member of this name has a range")
                .hint("`eksnet fleet layout` lists the ranges of former members"),
        })
    }

    /// For `--locked`: neither the fleet's lock nor a member's may change.
    pub fn hold_locks(&self) -> Result<(), Stopped> {
        if self.lock_state() != State::Unchanged {
            let name = self.lock.display();
            let failure = Failure::new(format!("the lock `{name}` would change")).hint(HOW);
            return Err(failure.into());
        }
        let held = self.each(|_, _, compile| {
            let line = compile()?;
            let held = line.lock.hold(&line.plan);
            held.map_err(|failure| Stopped::from(Failure { hint: Some(HOW.into()), ..failure }))
        });
        held.into_iter().collect()
    }

    /// Members first: the fleet's lock says only what every member knows.
    pub fn write_locks(&self) -> Result<Vec<Written>, Stopped> {
        let due = self.each(|_, _, compile| {
            let line = compile()?;
            let due = line.lock.due(&line.plan);
            Ok(due.map(|Due { path, text, subnets }| (path.to_path_buf(), text, subnets)))
        });
        let due: Result<Vec<_>, Stopped> = due.into_iter().collect();
        let mut written = Vec::new();
        for (path, text, subnets) in due?.into_iter().flatten() {
            source::write_whole(&path, &text)?;
            written.push(Written { path, subnets });
        }
        if self.lock_state() != State::Unchanged {
            source::write_whole(&self.lock, &self.plan.ledger.to_text())?;
        }
        Ok(written)
    }
}
