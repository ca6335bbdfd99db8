//! The last event of `deploy -o json` and `destroy -o json`: always an outcome, whatever came before it.

use std::cell::{Cell, RefCell};

use crate::deploy::{Clock, Outcome};
use crate::report::progress::{self, Ending};
use crate::report::session as report;
use crate::session::Ended;

use super::{Hearing, Reader, Watch, data};

/// Says how a command ended; for programs that is one outcome, the last line of their stream.
pub struct Last<'c, H> {
    to: &'c H,
    clock: Watch,
    stack: RefCell<String>,
    said: Cell<bool>,
}

impl<'c, H: Hearing> Last<'c, H> {
    /// Counts elapsed time from here; no stack is known yet.
    pub fn new(to: &'c H) -> Self {
        let (stack, said) = (RefCell::default(), Cell::new(false));
        Self { to, clock: Watch::default(), stack, said }
    }

    /// Once it is known which stack it is about.
    pub fn of(&self, stack: &str) {
        *self.stack.borrow_mut() = stack.to_string();
    }

    /// Says how CloudFormation's work ended; `unchanged` where there was nothing to do.
    pub fn tell(&self, ended: &Ended<'_>, unchanged: &str) {
        let Ended::Outcome { outcome, path, line, next } = ended else {
            if self.to.reader() != Reader::Programs {
                data(unchanged);
            }
            return self.say("noChange", None);
        };
        self.said.set(true);
        let maker = |id: &str| line.and_then(|line| line.maker(id));
        let next = report::next(outcome, *next);
        data(&match self.to.reader() {
            Reader::Programs => {
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

    /// Says how it ended where CloudFormation was not asked to do anything, or did not get that far.
    pub fn say(&self, word: &'static str, next: Option<&str>) {
        self.said.set(true);
        if self.to.reader() == Reader::Programs {
            let stack = self.stack.borrow();
            let text = progress::ending_json(&self.ending(&stack, word, next));
            data(&format!("{text}\n"));
        }
    }

    /// Whether nothing was said yet to programs, whose stream ends with an outcome.
    pub fn is_open(&self) -> bool {
        !self.said.get() && self.to.reader() == Reader::Programs
    }
}
