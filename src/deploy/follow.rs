//! One poller for a whole stack: seconds behind it while things happen, slower while they do not.

use std::time::Duration;

use crate::aws::port::{Refusal, Stack, StackEvent, Stacks};
use crate::diagnostic::Failure;

use super::progress::STACK;
use super::{Cause, Clock, Event, Outcome, Progress, cause, state};

const FASTEST: Duration = Duration::from_secs(2);
const SLOWEST: Duration = Duration::from_secs(5);
/// Silence after which those who watch a pipe are told that all is well.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// Answers that may fail in a row before giving up watching.
const PATIENCE: u32 = 10;

/// Looks at a stack that shows nothing of the operation before its state is believed: the first answers may be of before.
const LOOKS: u32 = 8;

/// The operation that is followed.
#[derive(Clone, Debug)]
pub struct Operation {
    /// A stack's name or, so that a deleted stack can still be read, its id.
    pub stack: String,
    /// The last event that is not part of it.
    pub after: Option<String>,
    /// Whether the stack is meant to go.
    pub deletes: bool,
}

/// Watches a stack until the operation ends.
pub async fn follow(stacks: &impl Stacks, clock: &impl Clock, operation: Operation, events: &mut impl FnMut(Event)) -> Result<Outcome, Failure> {
    let stack = operation.stack.as_str();
    let mut watch =
        Watch { started: clock.now(), heard: clock.now(), last: operation.after.clone(), progress: Progress::default(), refusals: 0, begun: false, looks: 0 };
    let mut pause = FASTEST;
    loop {
        let state = match look(stacks, stack, watch.last.as_deref()).await {
            Ok(look) => {
                watch.refusals = 0;
                pause = if look.news.is_empty() { (pause + Duration::from_secs(1)).min(SLOWEST) } else { FASTEST };
                watch.tell(look.news, clock.now(), events);
                watch.believable(look.state)
            }
            Err(refusal) => {
                watch.refusals += 1;
                if watch.refusals >= PATIENCE || is_final(&refusal) {
                    return Err(lost(stack, refusal));
                }
                events(Event::Retry { why: refusal.to_string() });
                None
            }
        };
        if let Some(state) = state.filter(|state| !state.status.ends_with("_IN_PROGRESS")) {
            return Ok(watch.outcome(state, operation.deletes, clock.now()));
        }
        watch.beat(clock.now(), events);
        clock.sleep(pause).await;
    }
}

struct Look {
    state: Option<Stack>,
    news: Vec<StackEvent>,
}

/// The state first: events that come after it belong to the next look, and none is missed at the end.
async fn look(stacks: &impl Stacks, stack: &str, after: Option<&str>) -> Result<Look, Refusal> {
    let state = stacks.describe(stack).await?;
    let news = match &state {
        Some(_) => stacks.events(stack, after).await?,
        None => Vec::new(),
    };
    let gone = || Stack {
        id: stack.into(),
        name: stack.into(),
        status: "DELETE_COMPLETE".into(),
        reason: String::new(),
        protected: false,
        last_operation: String::new(),
        outputs: Vec::new(),
    };
    Ok(Look { state: Some(state.unwrap_or_else(gone)), news })
}

/// Credentials do not come back by waiting.
fn is_final(refusal: &Refusal) -> bool {
    ["ExpiredToken", "AccessDenied", "UnrecognizedClient", "InvalidClientTokenId"].iter().any(|code| refusal.code.contains(code))
}

fn lost(stack: &str, refusal: Refusal) -> Failure {
    Failure::new(format!("cannot read the events of stack `{stack}`"))
        .because(refusal)
        .hint("the stack goes on without being watched; run the same command again to follow it")
}

struct Watch {
    started: Duration,
    heard: Duration,
    last: Option<String>,
    progress: Progress,
    refusals: u32,
    /// Something of the operation was seen.
    begun: bool,
    looks: u32,
}

impl Watch {
    fn tell(&mut self, news: Vec<StackEvent>, now: Duration, events: &mut impl FnMut(Event)) {
        for event in news {
            let elapsed = self.progress.take(&event, now);
            self.heard = now;
            self.last = Some(event.event_id);
            events(Event::Resource { id: event.id, kind: event.kind, status: event.status, reason: event.reason, elapsed });
        }
    }

    /// A state that says something of the operation, not of what was before it.
    fn believable(&mut self, state: Option<Stack>) -> Option<Stack> {
        self.looks += 1;
        let moving = state.as_ref().is_some_and(|state| state.status.ends_with("_IN_PROGRESS"));
        self.begun = self.begun || moving || !self.progress.rows.is_empty();
        state.filter(|state| self.begun || LOOKS <= self.looks || state.status == "DELETE_COMPLETE")
    }

    fn beat(&mut self, now: Duration, events: &mut impl FnMut(Event)) {
        if HEARTBEAT <= now.saturating_sub(self.heard) {
            self.heard = now;
            events(Event::Waiting { on: self.progress.running(), elapsed: now.saturating_sub(self.started) });
        }
    }

    fn outcome(&self, stack: Stack, deletes: bool, now: Duration) -> Outcome {
        let cause: Option<Cause> = cause::first(&self.progress.failures);
        match stack.status.as_str() {
            status if state::succeeded(status) && (status == "DELETE_COMPLETE") == deletes => {
                Outcome::Done { elapsed: now.saturating_sub(self.started), stack }
            }
            status if state::rolled_back(status) => Outcome::RolledBack { status: status.to_string(), cause },
            status => Outcome::Stuck { status: status.to_string(), cause },
        }
    }
}

/// The last event before the operation that is under way, so that only its own are told.
pub async fn under_way(stacks: &impl Stacks, stack: &str, deletes: bool) -> Operation {
    let events = stacks.events(stack, None).await.unwrap_or_default();
    let begins =
        |event: &StackEvent| event.kind == STACK && matches!(event.status.as_str(), "CREATE_IN_PROGRESS" | "UPDATE_IN_PROGRESS" | "DELETE_IN_PROGRESS");
    let first = events.iter().rposition(begins).unwrap_or(0);
    let after = first.checked_sub(1).and_then(|at| events.get(at)).map(|event| event.event_id.clone());
    Operation { stack: stack.to_string(), after, deletes }
}
