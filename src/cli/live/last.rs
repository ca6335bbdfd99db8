//! The last event of `deploy -o json` and `destroy -o json`: always an outcome, whatever came before it.

use std::cell::{Cell, RefCell};

use crate::deploy::{Clock, GOES_ON, Outcome};
use crate::report::progress::{self, Ending};
use crate::report::session as report;
use crate::session::{End, Ended};

use super::super::args::Format;
use super::super::output::{self, Stop};
use super::super::{Common, DONE, FAILED, UNFINISHED};
use super::{Watch, clock};

pub struct Last<'c> {
    common: &'c Common,
    clock: Watch,
    stack: RefCell<String>,
    said: Cell<bool>,
}

impl<'c> Last<'c> {
    pub fn new(common: &'c Common) -> Self {
        let (stack, said) = (RefCell::default(), Cell::new(false));
        Self { common, clock: clock(), stack, said }
    }

    /// Once it is known which stack it is about.
    pub fn of(&self, stack: &str) {
        *self.stack.borrow_mut() = stack.to_string();
    }

    /// Says how CloudFormation's work ended; `unchanged` where there was nothing to do.
    pub fn tell(&self, ended: &Ended<'_>, unchanged: &str) {
        let Ended::Outcome { outcome, path, line, next } = ended else {
            if self.common.output != Format::Json {
                output::data(unchanged);
            }
            return self.say("noChange", None);
        };
        self.said.set(true);
        let maker = |id: &str| line.and_then(|line| line.maker(id));
        let next = report::next(outcome, *next);
        output::data(&match self.common.output {
            Format::Json => {
                let stack = self.stack.borrow();
                let wanted = matches!(outcome, Outcome::Done { .. });
                let next = Some(next.as_str()).filter(|_| !wanted);
                let ending = self.ending(&stack, progress::word(outcome), next);
                format!("{}\n", progress::outcome_json(outcome, &ending, path, &maker))
            }
            _ => progress::outcome(outcome, path, &maker, &next),
        });
    }

    fn ending<'e>(&self, stack: &'e str, word: &'static str, next: Option<&'e str>) -> Ending<'e> {
        Ending { stack, word, elapsed: self.clock.now(), next }
    }

    fn say(&self, word: &'static str, next: Option<&str>) {
        self.said.set(true);
        if self.common.output == Format::Json {
            let stack = self.stack.borrow();
            let text = progress::ending_json(&self.ending(&stack, word, next));
            output::data(&format!("{text}\n"));
        }
    }

    /// What a command ended in, with an outcome as the last line of its stream.
    pub fn close(&self, result: Result<u8, Stop>) -> Result<u8, Stop> {
        if self.said.get() || self.common.output != Format::Json {
            return result;
        }
        let (code, word, next) = match result {
            Ok(DONE) => (DONE, "done", None),
            Ok(code) => (code, "failed", Some(ASKED_AGAIN.to_string())),
            Err(stop) => {
                let (word, next) = ended_in(&stop);
                (output::stop(self.common, stop), word, Some(next))
            }
        };
        self.say(word, next.as_deref());
        Ok(code)
    }
}

/// The exit code of what a run came to.
pub fn code(end: End) -> u8 {
    match end {
        End::Done | End::Unchanged => DONE,
        End::Unfinished => UNFINISHED,
        End::Failed => FAILED,
    }
}

/// After a no.
const ASKED_AGAIN: &str = "nothing was changed: run the same command again to be asked again";
/// After a failure that has no words of its own.
const CORRECTED: &str = "correct the cause, then run the same command again";

/// What is left of an operation that eksnet itself ended, and what comes next.
fn ended_in(stop: &Stop) -> (&'static str, String) {
    match stop {
        Stop::Failure(failure) | Stop::Reported(failure, _) => {
            let word = if failure.attempt == GOES_ON { "leftRunning" } else { "failed" };
            (word, failure.hint.clone().unwrap_or_else(|| CORRECTED.to_string()))
        }
        Stop::Findings(source, _) => {
            let check = format!("eksnet check {}", output::file(&source.name));
            (
                "failed",
                format!(
                    "`{check}` names what is wrong: correct it, then run the same command again"
                ),
            )
        }
        Stop::Usage(_) => ("failed", "`eksnet help` has every argument".to_string()),
    }
}
