//! A deployment as it happens: plain lines for people and pipes, JSON lines for programs.

use std::time::Duration;

use serde_json::json;

use crate::deploy::{Cause, Event, Left, Outcome, Pause, Running};
use crate::diagnostic::Failure;
use crate::facts::kinds::{self, Work};
use crate::preview::{Forecast, Step};

use super::escape::{json as seen, plain};
use super::notes;
use super::style::{bold, dim, green, red};

/// One line, or nothing where there is nothing to say.
pub fn human(event: &Event) -> String {
    match event {
        Event::ChangeSet { name } => format!("change set {}", plain(name)),
        Event::Resource { id, kind, status, reason, elapsed } => {
            let status = match status.as_str() {
                failed if failed.ends_with("FAILED") => red(failed),
                done if done.ends_with("COMPLETE") => green(done),
                under_way => plain(under_way),
            };
            let time =
                if elapsed.as_secs() > 0 { format!("  {}", time(*elapsed)) } else { String::new() };
            let reason =
                if reason.is_empty() { String::new() } else { format!("  {}", plain(reason)) };
            format!("  {status}  {}  {}{time}{reason}", plain(id), dim(kind))
        }
        Event::Waiting { on, elapsed } if on.is_empty() => {
            format!("  {}  in progress: the stack itself", time(*elapsed))
        }
        Event::Waiting { on, elapsed } => {
            let one = |one: &Running| {
                let typical = kinds::usual_time(&one.kind, Work::by_status(&one.status));
                format!("{} ({} of about {})", plain(&one.id), time(one.elapsed), time(typical))
            };
            format!(
                "  {}  in progress: {}",
                time(*elapsed),
                on.iter().map(one).collect::<Vec<_>>().join(", ")
            )
        }
        Event::Still { what } => format!("  still waiting: {}", plain(what)),
        Event::Uploaded { address } => format!("template uploaded to {}", plain(address)),
        Event::Cleared { what } => format!("  removed  {}", plain(what)),
        Event::Retry { why } => format!("  AWS did not answer, trying again: {}", plain(why)),
        Event::Expected(forecast) => expected(forecast),
        Event::UnderWay { stack } => {
            format!("stack {}: an operation is under way, following it", plain(stack))
        }
        Event::CleaningUp { stack, status } => {
            format!("stack {}: {}, deleting what is left", plain(stack), plain(status))
        }
        Event::ContinuingRollback { stack } => {
            format!("stack {}: continuing the rollback that failed", plain(stack))
        }
        Event::Deployed { subnets: Err(why) } => format!(
            "the lock keeps the ranges of removed tiers: the VPC's subnets could not be read: {}",
            plain(why)
        ),
        Event::Note(note) => notes::human(note),
        Event::Part { number, count, title } => {
            bold(&format!("part {number} of {count}: {}", plain(&title.words())))
        }
        Event::Picture(_) | Event::Preview(_) | Event::Deployed { .. } => String::new(),
    }
}

/// What is expected, before it begins; empty where nothing is: `expected about 14m: Vpc 14s › Cluster 9m00s`.
pub fn expected(forecast: &Forecast) -> String {
    if forecast.path.is_empty() {
        return String::new();
    }
    format!("expected to take about {}: {}", time(forecast.total), chain(&forecast.path))
}

fn chain(path: &[Step]) -> String {
    let noticed = path.iter().filter(|step| 1 <= step.takes.as_secs());
    noticed
        .map(|step| format!("{} {}", plain(&step.id), time(step.takes)))
        .collect::<Vec<_>>()
        .join(" › ")
}

/// A line of JSON with the expected time in seconds and the resources of the critical path.
pub fn expected_json(forecast: &Forecast) -> String {
    json!({ "event": "forecast", "expectedSeconds": forecast.total.as_secs(), "criticalPath": steps(&forecast.path) }).to_string()
}

fn steps(path: &[Step]) -> Vec<serde_json::Value> {
    path.iter()
        .map(|step| json!({ "logicalId": step.id, "seconds": step.takes.as_secs() }))
        .collect()
}

/// 125 s → `2m05s`.
pub(super) fn time(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    if seconds < 60 {
        format!("{seconds}s")
    } else {
        format!("{}m{:02}s", seconds / 60, seconds % 60)
    }
}

/// One event as a line of JSON; what has no form of its own is a `note` in words.
pub fn json_line(event: &Event) -> String {
    let value = match event {
        Event::ChangeSet { name } => json!({ "event": "changeSet", "name": name }),
        Event::Resource { id, kind, status, reason, elapsed } => json!({
            "event": "resource", "logicalId": id, "type": kind, "status": status, "reason": reason, "elapsedSeconds": elapsed.as_secs(),
        }),
        Event::Waiting { on, elapsed } => {
            let on: Vec<&str> = on.iter().map(|one| one.id.as_str()).collect();
            json!({ "event": "waiting", "inProgress": on, "elapsedSeconds": elapsed.as_secs() })
        }
        Event::Still { what } => json!({ "event": "waiting", "for": what }),
        Event::Uploaded { address } => json!({ "event": "uploaded", "address": address }),
        Event::Cleared { what } => json!({ "event": "removed", "what": what }),
        Event::Retry { why } => json!({ "event": "retry", "why": why }),
        Event::Expected(forecast) => return expected_json(forecast),
        Event::Part { number, count, title } => {
            json!({ "event": "part", "part": number, "of": count, "title": title.words(), "why": title.why() })
        }
        Event::UnderWay { stack } => json!({ "event": "underWay", "stack": stack }),
        Event::CleaningUp { stack, status } => {
            json!({ "event": "cleaningUp", "stack": stack, "status": status })
        }
        Event::ContinuingRollback { stack } => {
            json!({ "event": "continuingRollback", "stack": stack })
        }
        Event::Preview(_) | Event::Picture(_) | Event::Deployed { .. } | Event::Note(_) => {
            json!({ "event": "note", "text": human(event) })
        }
    };
    seen(&value.to_string())
}

/// How it ended. `path` is the chain that decided how long it took, `line` gives the blueprint's line that made a resource.
pub fn outcome(
    outcome: &Outcome,
    path: &[Step],
    line: &dyn Fn(&str) -> Option<String>,
    next: &str,
) -> String {
    let next = plain(next);
    match outcome {
        Outcome::Done { stack, elapsed, left, .. } => {
            let path = if chain(path).is_empty() {
                String::new()
            } else {
                format!("{}\n", dim(&format!("  {}", chain(path))))
            };
            let (status, took) = (green(&stack.status), time(*elapsed));
            format!("{status} {} in {took}\n{path}{}", bold(&stack.name), left_behind(left))
        }
        Outcome::BetweenParts { done, count, next: part, pause, .. } => {
            let part = format!("part {} of {count}: {}", done + 1, plain(part));
            let why = why(pause).map_or(String::new(), |why| format!("\n  {}", plain(why)));
            format!("{done} of {count} parts are deployed; not begun: {part}{why}\nnext: {next}\n")
        }
        Outcome::RolledBack { status, cause } => {
            format!("{} {}\nnext: {next}\n", red(status), causes(cause.as_ref(), line))
        }
        Outcome::Stuck { status, cause } => {
            format!("{} {}\nnext: {next}\n", red(status), causes(cause.as_ref(), line))
        }
    }
}

/// What is not in the stack any more, and still exists.
fn left_behind(left: &[Left]) -> String {
    let row = |one: &Left| {
        let name = if one.physical_id.is_empty() { &one.id } else { &one.physical_id };
        format!("  {} ({}): {}\n", bold(name), plain(&one.kind), plain(&one.reason))
    };
    let rows: String = left.iter().map(row).collect();
    let head = "left behind, because CloudFormation could not delete it; delete it manually:";
    if left.is_empty() { rows } else { format!("{}\n{rows}", red(head)) }
}

fn causes(cause: Option<&Cause>, line: &dyn Fn(&str) -> Option<String>) -> String {
    let Some(cause) = cause else {
        return "no event gives a reason; see the events of the stack".to_string();
    };
    let place =
        line(&cause.id).map_or(String::new(), |place| format!("\n  defined at {}", plain(&place)));
    let hint = cause.hint.map_or(String::new(), |hint| format!("\n  help: {hint}"));
    let seen: String = cause.seen.iter().map(|one| format!("\n  {}", plain(one))).collect();
    format!(
        "\n  first cause: {} ({}) {}\n  {}{place}{seen}{hint}",
        bold(&cause.id),
        plain(&cause.kind),
        plain(&cause.status),
        plain(&cause.reason)
    )
}

/// How an operation ended, in the words of the last event of a stream.
#[derive(Clone, Copy, Debug)]
pub struct Ending<'e> {
    /// The stack's name.
    pub stack: &'e str,
    /// `done`, `noChange`, `betweenParts`, `waiting`, `rolledBack`, `stuck`, `failed` or `leftRunning`.
    pub word: &'static str,
    /// Since the command began.
    pub elapsed: Duration,
    /// What comes next, where it did not succeed.
    pub next: Option<&'e str>,
}

impl Ending<'_> {
    fn value(&self) -> serde_json::Value {
        json!({
            "event": "outcome", "stack": self.stack, "outcome": self.word, "elapsedSeconds": self.elapsed.as_secs(),
            "leftBehind": [], "next": self.next,
        })
    }
}

/// The last event where CloudFormation was not asked to do anything, or did not get that far.
pub fn ending_json(ending: &Ending<'_>) -> String {
    seen(&ending.value().to_string())
}

/// The last line of JSON: the outcome with the first cause, or with what is left. `line` finds the place in the blueprint.
pub fn outcome_json(
    outcome: &Outcome,
    ending: &Ending<'_>,
    path: &[Step],
    line: &dyn Fn(&str) -> Option<String>,
) -> String {
    let mut value = ending.value();
    match outcome {
        Outcome::Done { stack, left, .. } => {
            value["status"] = json!(stack.status);
            value["criticalPath"] = json!(steps(path));
            value["leftBehind"] = left.iter().map(left_json).collect();
        }
        Outcome::BetweenParts { done, count, next, pause, .. } => {
            value["partsDone"] = json!(done);
            value["parts"] = json!(count);
            value["nextPart"] = json!(next);
            value["why"] = json!(why(pause));
        }
        Outcome::RolledBack { status, cause } | Outcome::Stuck { status, cause } => {
            value["status"] = json!(status);
            value["cause"] = cause_json(cause.as_ref(), line);
        }
    }
    seen(&value.to_string())
}

/// A failure that is no outcome of the stack, as a line of the stream.
pub fn error_json(failure: &Failure) -> String {
    let event = json!({ "event": "error", "message": failure.chain(), "hint": failure.hint });
    format!("{}\n", seen(&event.to_string()))
}

fn left_json(left: &Left) -> serde_json::Value {
    json!({ "logicalId": left.id, "type": left.kind, "physicalId": left.physical_id, "reason": left.reason })
}

/// The word of an outcome.
pub fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Done { .. } => "done",
        Outcome::BetweenParts { pause: Pause::Cni, .. } => "waiting",
        Outcome::BetweenParts { .. } => "betweenParts",
        Outcome::RolledBack { .. } => "rolledBack",
        Outcome::Stuck { .. } => "stuck",
    }
}

/// Why the next part is not begun; `None`: it was to be so.
fn why(pause: &Pause) -> Option<&str> {
    match pause {
        Pause::Asked => None,
        Pause::Cni => Some(
            "no node is Ready before its CNI runs: install the CNI in the cluster now (`eksnet layout` shows its MTU and ports)",
        ),
        Pause::Because(why) => Some(why),
    }
}

fn cause_json(cause: Option<&Cause>, line: &dyn Fn(&str) -> Option<String>) -> serde_json::Value {
    cause.map_or(serde_json::Value::Null, |cause| {
        json!({ "logicalId": cause.id, "type": cause.kind, "status": cause.status, "reason": cause.reason, "hint": cause.hint, "seen": cause.seen, "place": line(&cause.id) })
    })
}
