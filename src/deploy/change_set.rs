//! Change sets: made, described, executed. Each call may be lost and made again without harm.

use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::aws::port::{ChangeSet, ChangeSetRequest, ChangeSetType, Refusal, ResourceChange, Stack, Stacks};
use crate::diagnostic::Failure;
use crate::facts::replacement::Replacement;
use crate::preview::{Action, Because, Change};

use super::{Clock, Event, Job, Said, Standing, standing};

/// A change set that can be executed, or the news that there is nothing to change.
#[derive(Clone, Debug)]
pub enum Prepared {
    NoChange,
    Ready { name: String, said: Said },
}

const FIRST_POLL: Duration = Duration::from_millis(300);
const SLOWEST_POLL: Duration = Duration::from_secs(5);

/// Makes the change set for `job` on the stack as it stands, and waits until CloudFormation has worked it out.
pub async fn prepare(stacks: &impl Stacks, clock: &impl Clock, job: &Job, before: Option<&Stack>, events: &mut impl FnMut(Event)) -> Result<Prepared, Failure> {
    let request = request(job, before);
    events(Event::ChangeSet { name: request.name.clone() });
    if let Err(refusal) = stacks.create_change_set(&request).await {
        made_before(stacks, &request, refusal).await?;
    }
    let change_set = worked_out(stacks, clock, &request).await?;
    match change_set.status.as_str() {
        "CREATE_COMPLETE" => Ok(Prepared::Ready { name: request.name, said: change_set.changes }),
        _ if nothing_to_do(&change_set.reason) => {
            discard(stacks, &job.stack, &request.name, request.kind == ChangeSetType::Create).await;
            Ok(Prepared::NoChange)
        }
        _ => {
            discard(stacks, &job.stack, &request.name, request.kind == ChangeSetType::Create).await;
            let failure = Failure::new(format!("CloudFormation refused the change set for stack `{}`", job.stack)).because(change_set.reason.clone());
            Err(match super::hint(&change_set.reason) {
                Some(hint) => failure.hint(hint),
                None => failure,
            })
        }
    }
}

fn request(job: &Job, before: Option<&Stack>) -> ChangeSetRequest {
    let kind = if standing(before) == Standing::Absent { ChangeSetType::Create } else { ChangeSetType::Update };
    let template = job.template.to_json();
    let moment = before.map_or("", |stack| stack.last_operation.as_str());
    let digest = format!("{:x}", Sha256::digest(format!("{}\n{moment}\n{}\n{template}", job.stack, job.nonce)));
    let name = format!("eksnet-{}", &digest[..16]);
    ChangeSetRequest { stack: job.stack.clone(), token: name.clone(), name, kind, template, tags: job.tags.clone() }
}

/// The answer to an earlier call may have been lost: what it made is ours. What is there and cannot be executed is made anew.
async fn made_before(stacks: &impl Stacks, request: &ChangeSetRequest, refusal: Refusal) -> Result<(), Failure> {
    let attempt = || Failure::new(format!("cannot make a change set for stack `{}`", request.stack));
    if !refusal.code.contains("AlreadyExists") {
        return Err(attempt().because(refusal));
    }
    let there = stacks.change_set(&request.stack, &request.name).await.map_err(|refusal| attempt().because(refusal))?;
    if there.status != "FAILED" && matches!(there.execution.as_str(), "AVAILABLE" | "UNAVAILABLE" | "") {
        return Ok(());
    }
    stacks.delete_change_set(&request.stack, &request.name).await.map_err(|refusal| attempt().because(refusal))?;
    stacks.create_change_set(request).await.map_err(|refusal| attempt().because(refusal))
}

async fn worked_out(stacks: &impl Stacks, clock: &impl Clock, request: &ChangeSetRequest) -> Result<ChangeSet, Failure> {
    let mut pause = FIRST_POLL;
    loop {
        let change_set = stacks.change_set(&request.stack, &request.name).await;
        let change_set = change_set.map_err(|refusal| Failure::new(format!("cannot read the change set for stack `{}`", request.stack)).because(refusal))?;
        if !matches!(change_set.status.as_str(), "CREATE_PENDING" | "CREATE_IN_PROGRESS") {
            return Ok(change_set);
        }
        clock.sleep(pause).await;
        pause = (pause * 2).min(SLOWEST_POLL);
    }
}

fn nothing_to_do(reason: &str) -> bool {
    reason.contains("didn't contain changes") || reason.contains("No updates are to be performed")
}

/// Removes a change set that will not be executed, and the empty stack that it brought along. Failing to is no harm.
pub async fn discard(stacks: &impl Stacks, stack: &str, change_set: &str, new: bool) {
    let _ = stacks.delete_change_set(stack, change_set).await;
    if new && matches!(stacks.describe(stack).await, Ok(Some(left)) if left.status == "REVIEW_IN_PROGRESS") {
        let _ = stacks.delete(stack, change_set).await;
    }
}

/// Starts it. If the answer was lost and the call is repeated, the change set is under way already, which is what was wanted.
pub async fn execute(stacks: &impl Stacks, stack: &str, change_set: &str) -> Result<(), Failure> {
    let Err(refusal) = stacks.execute(stack, change_set, change_set).await else { return Ok(()) };
    if refusal.code.contains("InvalidChangeSetStatus") || refusal.code.contains("ChangeSetNotFound") {
        let ours = stacks.events(stack, None).await.is_ok_and(|events| events.iter().any(|event| event.token == change_set));
        let running = stacks.change_set(stack, change_set).await.is_ok_and(|set| matches!(set.execution.as_str(), "EXECUTE_IN_PROGRESS" | "EXECUTE_COMPLETE"));
        if ours || running {
            return Ok(());
        }
    }
    Err(Failure::new(format!("cannot execute the change set of stack `{stack}`")).because(refusal))
}

/// A change set's changes in a preview's words.
pub fn changes(said: &[ResourceChange]) -> Vec<Change> {
    said.iter().map(change).collect()
}

fn change(said: &ResourceChange) -> Change {
    let action = match said.action.as_str() {
        "Add" => Action::Add,
        "Remove" => Action::Remove,
        "Import" => Action::Import,
        _ => Action::Modify,
    };
    let replacement = match said.replacement.as_str() {
        "True" => Replacement::Always,
        "Conditional" => Replacement::Conditional,
        _ => Replacement::Never,
    };
    let because = said.details.iter().map(|detail| Because {
        property: detail.property.clone(),
        before: detail.before.clone(),
        after: detail.after.clone(),
        cause: detail.cause.clone(),
        path: String::new(),
    });
    Change { id: said.id.clone(), kind: said.kind.clone(), action, replacement, because: because.collect(), impact: String::new(), path: String::new() }
}
