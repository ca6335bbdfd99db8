//! Watching an operation: every event is said as it comes, and Ctrl-C leaves the stack to itself.

use crate::deploy::{Event, Outcome};
use crate::diagnostic::Failure;
use crate::report::progress;

use super::super::args::Format;
use super::super::output::{self, Stop};
use super::super::{Common, DONE, FAILED};

/// Says one event.
pub fn say(common: &Common, event: &Event) {
    match common.output {
        Format::Json => output::data(&format!("{}\n", progress::json_line(event))),
        _ => output::note(common, &progress::human(event)),
    }
}

/// Waits for `work` or for Ctrl-C (SIGINT) or SIGTERM, whichever comes first.
pub async fn interruptible<T>(work: impl Future<Output = Result<T, Failure>>, next: &str) -> Result<T, Stop> {
    tokio::select! {
        done = work => done.map_err(Stop::Failure),
        () = interrupted() => Err(Stop::Failure(Failure::new("interrupted: the stack goes on without being watched").hint(next.to_string()))),
    }
}

#[cfg(unix)]
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn interrupted() {
    let _ = tokio::signal::ctrl_c().await;
}

/// Says how it ended; the exit code.
pub fn ended(common: &Common, outcome: &Outcome, maker: &dyn Fn(&str) -> Option<String>, next: &str) -> u8 {
    match common.output {
        Format::Json => output::data(&format!("{}\n", progress::outcome_json(outcome, maker))),
        _ => output::data(&progress::outcome(outcome, maker, next)),
    }
    if matches!(outcome, Outcome::Done { .. }) { DONE } else { FAILED }
}

/// A yes from a person; without one who can answer, a failure that names the flag.
pub fn confirmed(question: &str, flag: &str) -> Result<bool, Stop> {
    let answer = output::ask(&format!("{question} [y/N]"));
    match answer.as_deref() {
        Some("y" | "Y" | "yes") => Ok(true),
        Some(_) => Ok(false),
        None => Err(Stop::Failure(Failure::new("nobody is there to answer").hint(format!("{flag} answers yes")))),
    }
}
