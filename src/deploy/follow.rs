//! One poller for a whole stack, one call at a time: seconds behind it while things happen, slower while they do not.

use std::time::Duration;

use crate::aws::port::{Failed, Refusal, StackEvent, Stacks};
use crate::diagnostic::Failure;
use crate::observed::StackDescription;

use super::progress::{STACK, under_way as in_progress};
use super::{Cause, Clock, Event, HEARTBEAT, Outcome, Progress, cause, state};

/// Between two calls.
const FASTEST: Duration = Duration::from_secs(2);
const SLOWEST: Duration = Duration::from_secs(4);
/// Answers that may fail in a row before giving up watching.
const PATIENCE: u32 = 10;
/// The stack's own state is asked for when its events say that it is done, and every so many looks in case they never do.
const STATE_EVERY: u32 = 5;
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
pub async fn follow(
    stacks: &impl Stacks,
    clock: &impl Clock,
    operation: Operation,
    events: &mut impl FnMut(Event),
) -> Result<Outcome, Failure> {
    let stack = operation.stack.as_str();
    let mut watch = Watch {
        stack: operation.stack.clone(),
        started: clock.now(),
        heard: clock.now(),
        last: operation.after.clone(),
        progress: Progress::default(),
        refusals: 0,
        begun: false,
        over: false,
        ended: None,
        looks: 0,
    };
    let mut pause = FASTEST;
    loop {
        let ended = match look(stacks, stack, &watch).await {
            Ok(look) => {
                watch.refusals = 0;
                let news = matches!(&look, Look::News(news) if !news.is_empty());
                pause = if news || watch.over {
                    FASTEST
                } else {
                    (pause + Duration::from_secs(1)).min(SLOWEST)
                };
                let ended = watch.learn(look, clock.now(), events);
                if ended.is_none() && (news && watch.over || watch.ended.is_some()) {
                    continue; // what is said to be over is confirmed at once, the other way round too
                }
                ended
            }
            Err(refusal) => {
                watch.refusals += 1;
                let gives_up = watch.refusals >= PATIENCE || is_final(&refusal);
                if gives_up && watch.ended.is_none() {
                    return Err(lost(stack, refusal));
                }
                events(Event::Retry { why: refusal.to_string() });
                // How it ended is known then; only its last events are not.
                if gives_up { watch.ended.take() } else { None }
            }
        };
        if let Some(state) = ended {
            return Ok(watch.outcome(stacks, state, operation.deletes, clock.now()).await);
        }
        watch.beat(clock.now(), events);
        clock.sleep(pause).await;
    }
}

enum Look {
    News(Vec<StackEvent>),
    State(Option<StackDescription>),
}

/// One call: the events, or the state where the events say that it is over.
async fn look(stacks: &impl Stacks, stack: &str, watch: &Watch) -> Result<Look, Refusal> {
    if watch.ended.is_none() && (watch.over || watch.looks % STATE_EVERY == STATE_EVERY - 1) {
        return stacks.describe(stack).await.map(Look::State);
    }
    match stacks.events(stack, watch.last.as_deref()).await {
        // A stack that is gone has no events either.
        Err(refusal) if refusal.message.contains("does not exist") => Ok(Look::State(None)),
        answer => answer.map(Look::News),
    }
}

/// Credentials do not come back by waiting.
fn is_final(refusal: &Refusal) -> bool {
    ["ExpiredToken", "AccessDenied", "UnrecognizedClient", "InvalidClientTokenId"]
        .iter()
        .any(|code| refusal.code.contains(code))
}

fn lost(stack: &str, refusal: Refusal) -> Failure {
    Failure::new(format!("cannot read the events of stack `{stack}`"))
        .because(refusal)
        .hint("the stack operation continues without being watched; run the same command again to follow it")
}

fn gone() -> StackDescription {
    StackDescription { status: "DELETE_COMPLETE".into(), ..StackDescription::default() }
}

struct Watch {
    stack: String,
    started: Duration,
    heard: Duration,
    last: Option<String>,
    progress: Progress,
    refusals: u32,
    /// Something of the operation was seen.
    begun: bool,
    /// The stack's own last event says that it is over.
    over: bool,
    /// The state says so; the events have their last say.
    ended: Option<StackDescription>,
    looks: u32,
}

impl Watch {
    /// The state that the operation ended in, if it has ended.
    fn learn(
        &mut self,
        look: Look,
        now: Duration,
        events: &mut impl FnMut(Event),
    ) -> Option<StackDescription> {
        self.looks += 1;
        match look {
            Look::News(news) => {
                self.tell(news, now, events);
                let ended = self.ended.take()?;
                self.close(&ended.status, events);
                Some(ended)
            }
            Look::State(state) => {
                let unread = state.is_none();
                let state = self.believable(state.unwrap_or_else(gone))?;
                if self.over || unread {
                    self.close(&state.status, events);
                    return Some(state);
                }
                self.ended = Some(state);
                None
            }
        }
    }

    /// A stack that does not exist has no events: the picture would stay at the last that was read.
    fn close(&mut self, status: &str, events: &mut impl FnMut(Event)) {
        if !self.over {
            self.progress.close(&self.stack, status);
            events(Event::Picture(self.progress.clone()));
        }
    }

    fn tell(&mut self, news: Vec<StackEvent>, now: Duration, events: &mut impl FnMut(Event)) {
        let any = !news.is_empty();
        for event in news {
            let elapsed = self.progress.take(&event, now);
            self.heard = now;
            self.begun = true;
            if event.kind == STACK {
                self.over = !in_progress(&event.status);
            }
            self.last = Some(event.event_id);
            events(Event::Resource {
                id: event.id,
                kind: event.kind,
                status: event.status,
                reason: event.reason,
                elapsed,
            });
        }
        if any {
            events(Event::Picture(self.progress.clone()));
        }
    }

    /// A state at rest that says something of the operation, not of what was before it.
    fn believable(&mut self, state: StackDescription) -> Option<StackDescription> {
        self.begun = self.begun || in_progress(&state.status);
        let at_rest = !in_progress(&state.status);
        (at_rest && (self.begun || LOOKS <= self.looks || state.status == "DELETE_COMPLETE"))
            .then_some(state)
    }

    fn beat(&mut self, now: Duration, events: &mut impl FnMut(Event)) {
        if HEARTBEAT <= now.saturating_sub(self.heard) {
            self.heard = now;
            events(Event::Waiting {
                on: self.progress.running(now),
                elapsed: now.saturating_sub(self.started),
            });
        }
    }

    /// What a rollback that failed stopped at: another thing than the update failed over.
    fn rollback_stopped(&self, status: &str, reason: &str) -> Vec<String> {
        if status != "UPDATE_ROLLBACK_FAILED" {
            return Vec::new();
        }
        let last = |id: &str| self.progress.failures.iter().rev().find(|event| event.id == id);
        let failed = state::named(reason).into_iter().filter_map(last);
        let line = |event: &StackEvent| {
            format!("the rollback stopped at {} ({}): {}", event.id, event.kind, event.reason)
        };
        failed.map(line).collect()
    }

    async fn outcome(
        &self,
        stacks: &impl Stacks,
        stack: StackDescription,
        deletes: bool,
        now: Duration,
    ) -> Outcome {
        let status = stack.status.clone();
        let stack = if stack.name.is_empty() {
            StackDescription { name: self.stack.clone(), ..stack }
        } else {
            stack
        };
        if state::succeeded(&status) && (status == "DELETE_COMPLETE") == deletes {
            return Outcome::Done {
                elapsed: now.saturating_sub(self.started),
                took: self.progress.took(),
                left: self.progress.left(),
                stack,
            };
        }
        // CloudFormation's own choice of failures, where it makes one.
        let chosen = match &stack.operation {
            Some(operation) => {
                stacks.failed(Failed::Operation(operation)).await.unwrap_or_default()
            }
            None => Vec::new(),
        };
        let cause = cause::first(&chosen).or_else(|| cause::first(&self.progress.failures));
        let stopped = self.rollback_stopped(&status, &stack.reason);
        let cause = cause.map(|cause| Cause { seen: stopped, ..cause });
        if state::rolled_back(&status) {
            Outcome::RolledBack { status, cause }
        } else {
            Outcome::Stuck { status, cause }
        }
    }
}

/// The last event before the operation that is under way, so that only its own are told.
pub async fn under_way(stacks: &impl Stacks, stack: &str, deletes: bool) -> Operation {
    let events = stacks.events(stack, None).await.unwrap_or_default();
    let begins = |event: &StackEvent| {
        event.kind == STACK
            && matches!(
                event.status.as_str(),
                "CREATE_IN_PROGRESS" | "UPDATE_IN_PROGRESS" | "DELETE_IN_PROGRESS"
            )
    };
    let first = events.iter().rposition(begins).unwrap_or(0);
    let after =
        first.checked_sub(1).and_then(|at| events.get(at)).map(|event| event.event_id.clone());
    Operation { stack: stack.to_string(), after, deletes }
}
