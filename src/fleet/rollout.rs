//! Waves of saved plans, one after the other: what is done already, how long a wave waits for what the one before may still break, whether
//! that one left a cluster worse than it was, and where everything stops. The record beside the plans says where a later run goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::diagnostic::Failure;

use super::cores;
use super::ground::Ground;
use super::waves::{self, Ended, Limits, Task};

/// What became of the plans, written whenever it changes.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Record {
    pub schema_version: u32,
    /// By label: the digest of the plan that was executed.
    pub done: BTreeMap<String, String>,
    /// By name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub waves: BTreeMap<String, Past>,
}

/// A wave that was begun.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Past {
    /// By label: checks of `doctor` that were a root cause before the wave.
    pub before: BTreeMap<String, BTreeSet<String>>,
    /// In seconds since 1970.
    pub ended: Option<u64>,
    /// Nothing was sick afterwards that was not sick before.
    pub well: bool,
}

/// A member with a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    pub task: Task,
    /// Its position; `None`: no wave names it.
    pub wave: Option<usize>,
    /// Of its plan.
    pub digest: String,
}

/// A wave of the fleet, or everybody where there are none.
#[derive(Clone, Debug)]
pub struct Wave {
    pub name: String,
    pub position: Option<usize>,
    pub limits: Limits,
    /// Before it begins.
    pub after: Duration,
}

impl Wave {
    /// Those of a fleet, in their order. Without waves all members are one; with them, whom no wave names is left out.
    pub fn all(ground: &Ground) -> Vec<Self> {
        let of = |(at, wave): (usize, &super::ground::Wave)| Self {
            name: wave.name.clone(),
            position: Some(at),
            limits: Limits { parallel: wave.parallel as usize, tolerate: wave.tolerate as usize },
            after: wave.after,
        };
        let mut waves: Vec<Self> = ground.waves.iter().enumerate().map(of).collect();
        if waves.is_empty() {
            let limits = Limits { parallel: 1, tolerate: 0 };
            let name = "of all".to_string();
            waves.push(Self { name, position: None, limits, after: Duration::ZERO });
        }
        waves
    }
}

/// Causes by the ids of their checks.
pub type Roots = BTreeMap<String, String>;

/// The world of a rollout.
pub trait Hands: Sync {
    /// In seconds since 1970.
    fn now(&self) -> u64;
    /// Waits so long, or until it is interrupted.
    fn wait(&self, seconds: u64);
    /// Whether somebody wants it to end: what runs comes to its end, and nothing begins.
    fn is_interrupted(&self) -> bool;
    /// Runs a member's saved plan to its end, and waits for it.
    fn deploy(&self, task: &Task) -> Ended;
    /// Root causes of what is wrong with a member's cluster; why they are not known. `None`: nobody is to be asked.
    fn examine(&self, task: &Task) -> Option<Result<Roots, String>>;
    /// Writes the record beside the plans. An `Err` stops the rollout: what is not recorded would be done twice.
    fn keep(&self, record: &Record) -> Result<(), Failure>;
    /// For whoever watches; the rollout does not depend on it.
    fn tell(&self, words: &str);
}

/// Why waves were left out.
#[derive(Clone, Debug, PartialEq)]
pub enum Stopped {
    /// More failed than the wave tolerates.
    Failed {
        wave: String,
    },
    /// A wave left clusters worse than they were: member, check and cause.
    Sick {
        wave: String,
        roots: Vec<(String, String, String)>,
    },
    Interrupted,
}

/// How it ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    pub all: Vec<(String, Ended)>,
    pub stopped: Option<Stopped>,
    /// Members that could not be examined after their wave, and why.
    pub unexamined: Vec<(String, String)>,
}

/// What a rollout came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Done,
    /// Something is left to do, or is not known.
    Unfinished,
    Failed,
}

impl Outcome {
    /// The exit code's reason: a failure weighs more than what is unfinished or was not examined.
    pub fn end(&self) -> End {
        let is = |of: fn(&Ended) -> bool| self.all.iter().any(|(_, ended)| of(ended));
        match () {
            () if is(|ended| matches!(ended, Ended::Failed(_) | Ended::NotBegun)) => End::Failed,
            () if is(|ended| matches!(ended, Ended::Unfinished(_))) => End::Unfinished,
            () if !self.unexamined.is_empty() => End::Unfinished,
            () => End::Done,
        }
    }
}

/// How often whoever waits is told so.
const BEAT: u64 = 30;

struct Rollout<'r, H> {
    hands: &'r H,
    planned: &'r [Planned],
    waves: &'r [Wave],
    record: Mutex<Record>,
    outcome: Outcome,
}

/// Runs the waves, or one of them, from where the record ends.
pub fn run<H: Hands>(
    hands: &H,
    (planned, waves): (&[Planned], &[Wave]),
    only: Option<usize>,
    record: Record,
) -> Result<Outcome, Failure> {
    let record = Mutex::new(record);
    let mut rollout = Rollout { hands, planned, waves, record, outcome: Outcome::default() };
    for (at, wave) in waves.iter().enumerate() {
        if only.is_none() || only == wave.position {
            rollout.wave(at, wave)?;
        }
    }
    Ok(rollout.outcome)
}

impl<H: Hands> Rollout<'_, H> {
    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wave(&mut self, at: usize, wave: &Wave) -> Result<(), Failure> {
        let own = self.planned.iter().filter(|one| one.wave == wave.position);
        let left: Vec<&Planned> = own.filter(|one| !self.is_done(one)).collect();
        if left.is_empty() {
            return Ok(());
        }
        if self.outcome.stopped.is_none() {
            self.outcome.stopped = self.not_yet(at, wave)?;
        }
        let tasks: Vec<Task> = left.iter().map(|one| one.task.clone()).collect();
        let ended = match self.outcome.stopped {
            Some(_) => vec![Ended::NotBegun; tasks.len()],
            None => self.execute(wave, &left, &tasks)?,
        };
        self.outcome.all.extend(tasks.into_iter().map(|task| task.label).zip(ended));
        Ok(())
    }

    fn is_done(&self, one: &Planned) -> bool {
        self.record().done.get(&one.task.label) == Some(&one.digest)
    }

    /// Why a wave must not begin: the ones before it have to rest, and to have left nothing sick.
    fn not_yet(&mut self, at: usize, wave: &Wave) -> Result<Option<Stopped>, Failure> {
        let earlier = &self.waves[..at];
        let ended = {
            let record = self.record();
            earlier.iter().filter_map(|one| record.waves.get(&one.name)?.ended).max()
        };
        if let Some(ended) = ended {
            self.rest(wave, ended + wave.after.as_secs());
        }
        if self.hands.is_interrupted() {
            return Ok(Some(Stopped::Interrupted));
        }
        for one in earlier {
            if let Some(sick) = self.sick_after(&one.name)? {
                return Ok(Some(sick));
            }
        }
        Ok(None)
    }

    fn rest(&self, wave: &Wave, until: u64) {
        while !self.hands.is_interrupted() {
            let left = until.saturating_sub(self.hands.now());
            if left == 0 {
                return;
            }
            self.hands
                .tell(&format!("wave {} begins in {left} s (Ctrl-C stops before it)", wave.name));
            self.hands.wait(left.min(BEAT));
        }
    }

    /// What a wave left behind that was not there before.
    fn sick_after(&mut self, wave: &str) -> Result<Option<Stopped>, Failure> {
        let past = self.record().waves.get(wave).cloned();
        let Some(past) = past.filter(|past| past.ended.is_some() && !past.well) else {
            return Ok(None);
        };
        let tasks: Vec<&Task> = self.planned.iter().map(|one| &one.task).collect();
        let tasks: Vec<&Task> =
            tasks.into_iter().filter(|task| past.before.contains_key(&task.label)).collect();
        if !tasks.is_empty() {
            self.hands.tell(&format!("wave {wave}: looking for new issues"));
        }
        let mut roots = Vec::new();
        for (task, found) in
            tasks.iter().zip(cores::on_all(&tasks, |task| self.hands.examine(task)))
        {
            match found {
                None => {}
                Some(Err(why)) => self.outcome.unexamined.push((task.label.clone(), why)),
                Some(Ok(found)) => {
                    let new =
                        found.into_iter().filter(|(id, _)| !past.before[&task.label].contains(id));
                    roots.extend(new.map(|(id, cause)| (task.label.clone(), id, cause)));
                }
            }
        }
        if !roots.is_empty() {
            return Ok(Some(Stopped::Sick { wave: wave.to_string(), roots }));
        }
        self.note(wave, |past| past.well = true)?;
        Ok(None)
    }

    fn note(&self, wave: &str, change: impl FnOnce(&mut Past)) -> Result<(), Failure> {
        let mut record = self.record();
        change(record.waves.entry(wave.to_string()).or_default());
        self.hands.keep(&record)
    }

    fn execute(
        &mut self,
        wave: &Wave,
        left: &[&Planned],
        tasks: &[Task],
    ) -> Result<Vec<Ended>, Failure> {
        self.before(wave, tasks)?;
        let count = match tasks.len() {
            1 => "1 member".to_string(),
            more => format!("{more} members"),
        };
        self.hands.tell(&format!("wave {}: {count}", wave.name));
        let lost: Mutex<Option<Failure>> = Mutex::new(None);
        let deploy = |task: &Task| {
            let ended = self.hands.deploy(task);
            let plan = left.iter().find(|one| one.task == *task);
            if matches!(ended, Ended::Done | Ended::Unfinished(_))
                && let Some(plan) = plan
                && let Err(failure) = self.remember(plan)
            {
                *lost.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
            }
            ended
        };
        let ended = waves::run(tasks, wave.limits, &|| self.hands.is_interrupted(), &deploy);
        if let Some(failure) = lost.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(failure);
        }
        let is_cut_off = ended.contains(&Ended::NotBegun);
        self.outcome.stopped = match () {
            () if waves::is_stopped(&ended, wave.limits) => {
                Some(Stopped::Failed { wave: wave.name.clone() })
            }
            () if is_cut_off => Some(Stopped::Interrupted),
            () => None,
        };
        if self.outcome.stopped.is_none() {
            let now = self.hands.now();
            self.note(&wave.name, |past| past.ended = Some(now))?;
        }
        Ok(ended)
    }

    fn remember(&self, plan: &Planned) -> Result<(), Failure> {
        let mut record = self.record();
        record.done.insert(plan.task.label.clone(), plan.digest.clone());
        self.hands.keep(&record)
    }

    /// What is sick already is not the wave's doing. A run that was cut off has looked before its first deployment.
    fn before(&self, wave: &Wave, tasks: &[Task]) -> Result<(), Failure> {
        let past = self.record().waves.get(&wave.name).cloned();
        let past = past.filter(|past| !past.well).unwrap_or_default();
        let new: Vec<&Task> =
            tasks.iter().filter(|task| !past.before.contains_key(&task.label)).collect();
        let found = cores::on_all(&new, |task| self.hands.examine(task));
        let rows = new.iter().zip(found).filter_map(|(task, found)| {
            // What could not be examined is not there yet, or cannot be examined afterwards either.
            let ids = found?.unwrap_or_default().into_keys().collect();
            Some((task.label.clone(), ids))
        });
        let before = past.before.into_iter().chain(rows).collect();
        self.note(&wave.name, |past| *past = Past { before, ended: None, well: false })
    }
}

/// Root causes in what `doctor -o json` says; `None`: it is no such document.
pub fn roots(document: &serde_json::Value) -> Option<Roots> {
    let verdicts = document["verdicts"].as_array()?;
    let sick = verdicts.iter().filter(|one| one["root"] == true && one["state"] == "sick");
    let row = |one: &serde_json::Value| {
        let text = |key: &str| one[key].as_str().unwrap_or_default().to_string();
        (text("id"), text("cause"))
    };
    Some(sick.map(row).collect())
}
