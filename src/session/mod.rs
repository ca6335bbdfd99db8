//! Stage 9, `run`: what a command does that talks to AWS, from a blueprint that was opened to its last word. It reads what exists,
//! compiles over it, sees to the lock, and calls the stages before in their order. Whoever runs it connects an account, hears everything
//! in order ([`Told`]), answers what is asked ([`Decide`]), and is left with an [`End`].

mod addresses;
mod deploy;
mod destroy;
mod health;
mod note;
mod observe;
mod plan;
mod review;
mod status;
mod wanted;

use std::time::Duration;

use crate::aws::survey::Surveys;
use crate::aws::{Accounts, Connected};
use crate::deploy::{
    Clock, Condition, Decide, Event, Options, Outcome, Stage, condition, follow_other, unread,
};
use crate::diagnostic::{Diagnostic, Failure};
use crate::line::Stopped;
use crate::lockfile::Due;
use crate::observed::{Observed, StackDescription};
use crate::opened::{Asked, Line};
use crate::preview::{Preview, Step};
use crate::source::{self, Source};

pub use crate::deploy::Agreed;
pub use note::{Chosen, Note, State};
pub use observe::{of_account, scope};
pub use review::Reviewing;
pub use wanted::{Consent, Locking, Wanted};

/// Until the first silence is broken.
const PATIENCE: Duration = Duration::from_secs(2);

/// Who runs a command, and with what.
pub struct Session<'s, W, C, D> {
    pub world: &'s W,
    pub clock: &'s C,
    pub decide: &'s D,
    /// Hears everything that is worth knowing, in order.
    pub tell: &'s dyn Fn(Told<'_>),
    /// What time it is, in UTC, such as `2026-11-21T16:00:00Z`.
    pub now: &'s dyn Fn() -> String,
    /// How strictly findings are taken.
    pub asked: Asked,
}

/// What a session tells.
pub enum Told<'t> {
    /// What happens in a stage of the deployment.
    Event(&'t Event),
    /// Such a stage is over: what is told next stands by itself.
    Over,
    /// What is worth knowing beside it.
    Note(Note),
    /// What was compiled: its warnings and notes.
    Compiled(&'t Line),
    /// What is in the way, and need not stop it.
    Warnings(&'t Source, &'t [Diagnostic]),
    Preview(&'t Line, &'t Preview),
    /// How CloudFormation's work ended.
    Ended(&'t Ended<'t>),
}

/// How CloudFormation's work ended, with what is said of it.
pub enum Ended<'e> {
    /// It had nothing to do.
    NoChange,
    Outcome {
        outcome: &'e Outcome,
        /// The chain that decided how long it took.
        path: Vec<Step>,
        /// What was deployed, which knows the blueprint's line that made a resource.
        line: Option<&'e Line>,
        next: Next<'e>,
    },
}

/// What comes after an outcome that is not the wanted one. Each has a command.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Next<'n> {
    /// The same command goes on.
    Again(&'n str),
    /// The command of a plan, which is executed once only.
    Plan(&'n str),
    /// The command that shows what exists.
    Look(&'n str),
    /// What holds the rest of a failed creation has to go first.
    Unhold,
    /// The command of a deletion.
    Delete(&'n str),
}

/// What a run comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Done,
    /// There was nothing to do.
    Unchanged,
    /// Something was left behind, or a further part is waited for.
    Unfinished,
    /// It did not come about; also after a no.
    Failed,
}

impl End {
    /// Of an operation that CloudFormation has ended; what it left behind makes it unfinished.
    pub fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Done { left, .. } if left.is_empty() => End::Done,
            Outcome::Done { .. } | Outcome::BetweenParts { .. } => End::Unfinished,
            Outcome::RolledBack { .. } | Outcome::Stuck { .. } => End::Failed,
        }
    }
}

/// Who the credentials belong to. Whoever waits for the first answer is told so.
pub async fn identity(
    world: &impl Accounts,
    clock: &impl Clock,
    tell: &dyn Fn(Told<'_>),
) -> Result<String, Failure> {
    let answer = world.identity();
    tokio::pin!(answer);
    let identity = tokio::select! {
        biased;
        done = &mut answer => done,
        () = clock.sleep(PATIENCE) => {
            tell(Told::Note(Note::Patience));
            answer.await
        }
    };
    identity.map_err(unread("the caller's identity"))
}

impl<W: Connected + Surveys, C: Clock, D: Decide> Session<'_, W, C, D> {
    fn tell(&self, told: Told<'_>) {
        (self.tell)(told);
    }

    fn note(&self, note: Note) {
        self.tell(Told::Note(note));
    }

    /// Does `work` in a stage of the deployment; what happens in it is told as it comes.
    async fn staged<T>(&self, work: impl AsyncFnOnce(&Stage<'_, W, C, D>) -> T) -> T {
        self.heard(&|event| self.tell(Told::Event(&event)), work).await
    }

    /// The same, with other ears.
    async fn heard<T>(
        &self,
        tell: &dyn Fn(Event),
        work: impl AsyncFnOnce(&Stage<'_, W, C, D>) -> T,
    ) -> T {
        let stage = Stage { world: self.world, clock: self.clock, decide: self.decide, tell };
        let done = work(&stage).await;
        self.tell(Told::Over);
        done
    }

    /// Says how it ended.
    fn ended(
        &self,
        outcome: &Outcome,
        (line, path): (Option<&Line>, Vec<Step>),
        next: Next<'_>,
    ) -> End {
        self.tell(Told::Ended(&Ended::Outcome { outcome, path, line, next }));
        End::of(outcome)
    }

    fn no_change(&self) -> End {
        self.tell(Told::Ended(&Ended::NoChange));
        End::Unchanged
    }

    /// Writes a lock that is due, and says so.
    fn write(&self, due: Option<Due<'_>>) -> Result<(), Failure> {
        let Some(Due { path, text, subnets }) = due else { return Ok(()) };
        source::write_whole(path, &text)?;
        self.note(Note::LockWritten { path: path.display().to_string(), subnets });
        Ok(())
    }

    /// What is due of a lock before the deployment begins.
    fn locked(&self, line: &Line, locking: Locking) -> Result<(), Failure> {
        match locking {
            Locking::Held => line.lock.hold(&line.plan),
            Locking::Written => self.write(line.lock.due(&line.plan)),
            Locking::Left => Ok(()),
        }
    }

    /// Compiles over what exists; every range has to be known.
    fn compiled(&self, opened: crate::opened::Opened, observed: Observed) -> Result<Line, Stopped> {
        let line = opened.compile(observed)?;
        self.tell(Told::Compiled(&line));
        line.lock.decided(&line.plan)?;
        Ok(line)
    }

    /// The stack once nothing is done to it; a deletion under way is left to whoever deletes.
    async fn not_busy(&self, name: &str, again: &str) -> Result<Option<StackDescription>, Failure> {
        loop {
            let stack = self.world.describe(name).await;
            let stack = stack.map_err(unread(&format!("stack `{name}`")))?;
            let deletes = stack.as_ref().is_some_and(|one| one.status.starts_with("DELETE"));
            if condition(stack.as_ref()) != Condition::Busy || deletes {
                return Ok(stack);
            }
            self.staged(async |stage| follow_other(stage, (name, false), again).await).await?;
        }
    }
}

/// The stack as it was read.
fn description(observed: &Observed) -> Option<StackDescription> {
    observed.stack.read().and_then(Option::as_ref).map(|one| one.description.clone())
}

/// How a run is told from others.
fn rest_run(options: &Options) -> crate::deploy::rest::Run<'_> {
    crate::deploy::rest::Run {
        nonce: options.nonce.clone(),
        command: &options.command,
        on_failure: options.on_failure,
    }
}
