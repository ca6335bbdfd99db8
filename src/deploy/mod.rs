//! Stage 7, `run`: a change set through the ports. Nothing here decides what the network is; it carries out what was shown, asks
//! through [`Decide`], tells through [`Event`]s, can be interrupted and run again at any moment, and ends in an [`Outcome`].

pub mod addresses;
mod after;
pub mod apply;
pub mod aws_node;
mod cause;
mod change_set;
mod decide;
mod deployment;
mod destroy;
mod downgrade;
mod drift;
mod event;
mod evictions;
mod follow;
pub mod in_parts;
mod newcomers;
pub mod plan;
#[cfg(feature = "aws")]
mod preflight;
mod progress;
pub mod rest;
mod saved;
mod setting;
mod state;
pub mod status;
mod take_down;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::aws::port::{NO_CREDENTIALS, Refusal, ResourceChange};
use crate::diagnostic::Failure;
use crate::observed::StackDescription;
use crate::template::Template;

pub use crate::facts::messages::hint;
pub use apply::{Proposed, complete, finish, no_change, propose};
pub use cause::Cause;
pub use change_set::{Prepared, changes, discard, drifted, execute, prepare};
pub use decide::{Decide, Question, Reply};
pub use deployment::{Deployment, Options, Place};
pub use destroy::{Removal, clear, removable, run as delete};
pub use drift::detect as drift;
pub use event::{Event, Kept, Note};
pub use follow::{Operation, follow, under_way};
pub use in_parts::run as apply;
#[cfg(feature = "aws")]
pub use preflight::{Preflight, preflight};
pub use progress::{Progress, Running, STACK};
pub use rest::{at_rest, follow_other};
pub use saved::{Saved, expired};
pub use setting::{Difference, Nodes, Proven};
pub use state::{Condition, comparable, condition, succeeded};
pub use take_down::{Agreed, Deletion, destroy};

/// What is said where a signal ended the watching, and nothing else.
pub const GOES_ON: &str = "interrupted: the stack operation continues without being watched";

/// Time, as far as a deployment needs it.
#[allow(async_fn_in_trait, reason = "used by this crate's own single-threaded runtime")]
pub trait Clock {
    /// Since some fixed moment.
    fn now(&self) -> Duration;
    /// Returns after `time` by this clock, so that tests need not wait.
    async fn sleep(&self, time: Duration);
}

/// What a deployment works with.
pub struct Stage<'s, W, C, D> {
    pub world: &'s W,
    pub clock: &'s C,
    pub decide: &'s D,
    /// Hears everything that happens.
    pub tell: &'s dyn Fn(Event),
}

impl<W, C, D: Decide> Stage<'_, W, C, D> {
    fn tell(&self, event: Event) {
        (self.tell)(event);
    }

    /// `work`, which starts nothing that goes on by itself; `words` say how things are if it is interrupted.
    pub async fn unless_interrupted<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
        words: &str,
    ) -> Result<T, Failure> {
        tokio::select! {
            biased;
            () = self.decide.interrupted() => Err(Failure::new(format!("interrupted: {words}"))),
            done = work => done,
        }
    }

    /// `work` on a stack that goes on without being watched; `next` is how to go on.
    async fn watched<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
        next: &str,
    ) -> Result<T, Failure> {
        tokio::select! {
            biased;
            () = self.decide.interrupted() => {
                Err(Failure::new(GOES_ON).hint(next.to_string()))
            }
            done = work => done,
        }
    }

    /// A yes; a failure that names the flag where nobody can answer.
    async fn agreed(&self, question: &Question<'_>, flag: &str) -> Result<bool, Failure> {
        match self.decide.decide(question).await? {
            Reply::Yes => Ok(true),
            Reply::No => Ok(false),
            Reply::Nobody => Err(Failure::new("no interactive terminal to confirm")
                .hint(format!("pass `{flag}` to skip the prompt"))),
        }
    }
}

/// Silence after which those who watch a pipe are told that all is well.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// Waiting for something that has no events of its own.
struct Silence(Duration);

impl Silence {
    fn begins(clock: &impl Clock) -> Self {
        Self(clock.now())
    }

    /// Says what is waited for, where nothing was said for a while.
    fn breaks(&mut self, clock: &impl Clock, what: &str, events: &mut impl FnMut(Event)) {
        if HEARTBEAT <= clock.now().saturating_sub(self.0) {
            self.0 = clock.now();
            events(Event::Still { what: what.to_string() });
        }
    }
}

/// What there is to deploy.
#[derive(Clone, Debug)]
pub struct Job {
    pub stack: String,
    pub template: Template,
    pub tags: Vec<(String, String)>,
    /// Tells this run's requests from those of earlier runs.
    pub nonce: String,
    /// The S3 bucket for a template that is too long to be sent.
    pub bucket: Option<String>,
    /// The service role that CloudFormation acts with.
    pub role: Option<String>,
    /// SNS topics that hear the stack's events.
    pub topics: Vec<String>,
    /// Whether what was changed by hand is put back too.
    pub revert_drift: bool,
    /// What the change set says of itself; empty: nothing.
    pub description: String,
}

/// Why a run ends between two parts.
#[derive(Clone, Debug, PartialEq)]
pub enum Pause {
    /// It was to stop there.
    Asked,
    /// Somebody has to install the CNI first: no node is Ready without it.
    Cni,
    /// The next part is not what it was.
    Because(String),
}

/// How it ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Done {
        stack: StackDescription,
        elapsed: Duration,
        /// By logical id.
        took: BTreeMap<String, Duration>,
        /// What CloudFormation could not delete, and leaves to itself.
        left: Vec<Left>,
    },
    /// Some parts of the edit are deployed, and the next one is not begun.
    BetweenParts {
        stack: String,
        done: usize,
        count: usize,
        /// The title of the part that is not begun.
        next: String,
        pause: Pause,
        elapsed: Duration,
    },
    /// The stack is as before, or gone; why is in the cause.
    RolledBack { status: String, cause: Option<Cause> },
    /// Neither done nor back: somebody has to look.
    Stuck { status: String, cause: Option<Cause> },
}

/// A resource that was to go and is still there.
#[derive(Clone, Debug, PartialEq)]
pub struct Left {
    /// Its logical id.
    pub id: String,
    pub kind: String,
    /// Such as `subnet-0123456789abcdef0`.
    pub physical_id: String,
    /// In AWS's words.
    pub reason: String,
}

/// A reading that AWS refused, as [`stopped`] says it.
pub fn unread(what: &str) -> impl FnOnce(Refusal) -> Failure {
    let attempt = format!("cannot read {what}");
    move |refusal| stopped(attempt, refusal)
}

/// What was attempted and why AWS did not do it, with the way on where eksnet knows it.
pub fn stopped(attempt: impl Into<String>, refusal: Refusal) -> Failure {
    let failure = Failure::new(attempt);
    let hint = match refusal.code.as_str() {
        "" if refusal.message == NO_CREDENTIALS => Some(
            "log in (`aws sso login`) or set AWS_PROFILE; without AWS: `eksnet diff FILE --against nothing`",
        ),
        "" => hint(&refusal.message).or(Some(
            "check the credentials (`aws sts get-caller-identity`), the Region and the network",
        )),
        code if code.contains("Expired") => Some(
            "the credentials have expired: log in again, then run the same command: it continues from there",
        ),
        _ => hint(&refusal.to_string()),
    };
    match hint {
        Some(hint) => failure.because(refusal).hint(hint),
        None => failure.because(refusal),
    }
}

/// What a change set of CloudFormation says, before it is folded into a preview.
pub type ChangeSetChanges = Vec<ResourceChange>;
