//! Stage 7, `run`: a change set through the port. Nothing here decides what the network is; it carries out what was shown,
//! can be interrupted and run again at any moment, and ends in an [`Outcome`].

pub mod aws_node;
mod cause;
mod change_set;
mod destroy;
mod drift;
mod follow;
mod progress;
mod state;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::aws::port::{Refusal, ResourceChange};
use crate::diagnostic::Failure;
use crate::observed::StackDescription;
use crate::template::Template;

pub use crate::facts::messages::hint;
pub use cause::Cause;
pub use change_set::{Prepared, changes, discard, drifted, execute, prepare};
pub use destroy::{clear, removable, run as destroy};
pub use drift::detect as drift;
pub use follow::{Operation, follow, under_way};
pub use progress::{Progress, Running, STACK};
pub use state::{Condition, comparable, condition, succeeded};

/// Time, as far as a deployment needs it.
#[allow(async_fn_in_trait, reason = "used by this crate's own single-threaded runtime")]
pub trait Clock {
    /// Since some fixed moment.
    fn now(&self) -> Duration;
    async fn sleep(&self, time: Duration);
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
    /// Whether what was changed by hand is put back too.
    pub revert_drift: bool,
}

/// What happens while something runs.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A change set is being made.
    ChangeSet { name: String },
    /// A resource, or the stack itself, reached a status.
    Resource { id: String, kind: String, status: String, reason: String, elapsed: Duration },
    /// Nothing was heard for a while; this is what is under way.
    Waiting { on: Vec<Running>, elapsed: Duration },
    /// Something takes its time that has no events.
    Still { what: String },
    /// A template was put into an S3 bucket.
    Uploaded { address: String },
    /// Something that stood in the way of a deletion is gone.
    Cleared { what: String },
    /// AWS could not be asked; it is tried again.
    Retry { why: String },
}

/// How it ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Done {
        stack: StackDescription,
        elapsed: Duration,
        /// By logical id.
        took: BTreeMap<String, Duration>,
    },
    /// The stack is as before, or gone; why is in the cause.
    RolledBack { status: String, cause: Option<Cause> },
    /// Neither done nor back: somebody has to look.
    Stuck { status: String, cause: Option<Cause> },
}

/// What was attempted and why AWS did not do it, with the way on where eksnet knows it.
pub fn stopped(attempt: impl Into<String>, refusal: Refusal) -> Failure {
    let failure = Failure::new(attempt);
    let hint = match refusal.code.as_str() {
        "" => Some(
            "check the credentials (`aws sts get-caller-identity`), the Region and the network",
        ),
        code if code.contains("Expired") => Some(
            "the credentials have expired: log in again, then run the same command: it goes on from there",
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
