//! The last event of `deploy -o json` and `destroy -o json`: always an outcome, whatever came before it.

use std::cell::{Cell, RefCell};

use crate::deploy::{Clock, GOES_ON, Outcome};
use crate::preview::Step;
use crate::report::progress::{self, Ending};

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

/// What is said of an outcome beside itself.
pub struct Said<'s> {
    /// The chain that decided how long it took.
    pub path: &'s [Step],
    /// The blueprint's line that made a resource.
    pub maker: &'s dyn Fn(&str) -> Option<String>,
    /// What to do where it did not succeed.
    pub next: &'s str,
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

    /// Says how CloudFormation's work ended; the exit code.
    pub fn ended(&self, outcome: &Outcome, said: &Said<'_>) -> u8 {
        let (finished, code) = match outcome {
            Outcome::Done { left, .. } if left.is_empty() => (true, DONE),
            Outcome::Done { .. } => (true, UNFINISHED),
            Outcome::BetweenParts { .. } => (false, UNFINISHED),
            _ => (false, FAILED),
        };
        self.said.set(true);
        match self.common.output {
            Format::Json => {
                let stack = self.stack.borrow();
                let next = Some(said.next).filter(|_| !finished);
                let ending = self.ending(&stack, progress::word(outcome), next);
                let text = progress::outcome_json(outcome, &ending, said.path, said.maker);
                output::data(&format!("{text}\n"));
            }
            _ => output::data(&progress::outcome(outcome, said.path, said.maker, said.next)),
        }
        code
    }

    fn ending<'e>(&self, stack: &'e str, word: &'static str, next: Option<&'e str>) -> Ending<'e> {
        Ending { stack, word, elapsed: self.clock.now(), next }
    }

    /// Nothing was to be done.
    pub fn no_change(&self) -> u8 {
        self.say("noChange", None);
        DONE
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
