//! Change sets: made, described, executed. Each call may be lost and made again without harm.

use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::aws::port::{
    Body, ChangeSet, ChangeSetRequest, ChangeSetType, Detail, Failed, OnFailure, Refusal,
    ResourceChange, StackEvent, Stacks,
};
use crate::diagnostic::Failure;
use crate::facts::cloudformation::{INLINE_LIMIT, UPLOAD_LIMIT};
use crate::facts::eks;
use crate::facts::kinds::Replacement;
use crate::observed::{Difference, Drift, StackDescription};
use crate::preview::{Action, Change, Notice, PropertyChange};
use crate::template::Template;

use super::{ChangeSetChanges, Clock, Condition, Event, Job, Silence, condition, stopped};

/// A change set that can be executed, or the news that there is nothing to change.
#[derive(Clone, Debug)]
pub enum Prepared {
    NoChange,
    Ready { name: String, id: String, said: ChangeSetChanges },
}

const FIRST_POLL: Duration = Duration::from_millis(300);
const SLOWEST_POLL: Duration = Duration::from_secs(5);

/// Makes the change set for `job` on the stack as it stands, and waits until CloudFormation has worked it out.
pub async fn prepare(
    stacks: &impl Stacks,
    clock: &impl Clock,
    job: &Job,
    before: Option<&StackDescription>,
    events: &mut impl FnMut(Event),
) -> Result<Prepared, Failure> {
    let request = request(stacks, job, before, events).await?;
    events(Event::ChangeSet { name: request.name.clone() });
    if let Err(refusal) = stacks.create_change_set(&request).await {
        made_before(stacks, &request, refusal).await?;
    }
    let change_set = worked_out(stacks, clock, &request, events).await?;
    match change_set.status.as_str() {
        "CREATE_COMPLETE" => {
            Ok(Prepared::Ready { name: request.name, id: change_set.id, said: change_set.changes })
        }
        _ if nothing_to_do(&change_set.reason) => {
            discard(stacks, &job.stack, &request.name, request.kind == ChangeSetType::Create).await;
            Ok(Prepared::NoChange)
        }
        _ => {
            let found = stacks
                .failed(Failed::ChangeSet { stack: &job.stack, name: &request.name })
                .await
                .unwrap_or_default();
            discard(stacks, &job.stack, &request.name, request.kind == ChangeSetType::Create).await;
            Err(refused(job, &change_set.reason, &found))
        }
    }
}

/// Why CloudFormation takes no change set: its own words, and what its validation found in single resources.
fn refused(job: &Job, reason: &str, found: &[StackEvent]) -> Failure {
    let details: Vec<String> =
        found.iter().map(|event| format!("{}: {}", event.id, event.reason)).collect();
    let words = if details.is_empty() {
        reason.to_string()
    } else {
        format!("{reason}: {}", details.join("; "))
    };
    let failure =
        Failure::new(format!("CloudFormation refused the change set for stack `{}`", job.stack));
    match super::hint(&words) {
        Some(hint) => failure.because(words).hint(hint),
        None => failure.because(words),
    }
}

async fn request(
    stacks: &impl Stacks,
    job: &Job,
    before: Option<&StackDescription>,
    events: &mut impl FnMut(Event),
) -> Result<ChangeSetRequest, Failure> {
    let kind = if condition(before) == Condition::Absent {
        ChangeSetType::Create
    } else {
        ChangeSetType::Update
    };
    let template = job.template.to_json();
    let moment = before.map_or("", |stack| stack.last_operation.as_str());
    let digest = format!(
        "{:x}",
        Sha256::digest(format!("{}\n{moment}\n{}\n{template}", job.stack, job.nonce))
    );
    let name = format!("eksnet-{}", &digest[..16]);
    let template = body(stacks, job, template, events).await?;
    let kept = kind == ChangeSetType::Update && has_fixed_entries(&job.template);
    let (stack, tags) = (job.stack.clone(), (!kept).then(|| job.tags.clone()));
    Ok(ChangeSetRequest {
        stack,
        token: name.clone(),
        name,
        description: job.description.clone(),
        kind,
        template,
        tags,
        role: job.role.clone(),
        topics: job.topics.clone(),
        revert_drift: job.revert_drift && kind == ChangeSetType::Update,
        import: adopts(&job.template),
    })
}

/// Whether tags of the stack would reach an access entry that EKS does not update: those of nodes (aws-cdk issue 29393). The stack keeps
/// the tags that it was created with then.
fn has_fixed_entries(template: &Template) -> bool {
    let fixed = |one: &Value| {
        one["Type"] == "AWS::EKS::AccessEntry"
            && one["Properties"]["Type"].as_str().is_some_and(|kind| kind != eks::STANDARD_ENTRY)
    };
    template.resources().any(|(_, one)| fixed(one))
}

/// EKS creates the control plane's log group anew after its cluster is gone, so the group of the template may be there.
fn adopts(template: &Template) -> bool {
    let named = |one: &Value| !one["Properties"]["LogGroupName"].is_null();
    template.resources().any(|(_, one)| one["Type"] == "AWS::Logs::LogGroup" && named(one))
}

/// The template itself, or, where it is too long to be sent, its place in the bucket that the user named.
async fn body(
    stacks: &impl Stacks,
    job: &Job,
    template: String,
    events: &mut impl FnMut(Event),
) -> Result<Body, Failure> {
    let size = template.len();
    if size <= INLINE_LIMIT {
        return Ok(Body::Inline(template));
    }
    if UPLOAD_LIMIT < size {
        let failure = Failure::new(format!(
            "the template has {size} bytes, and CloudFormation accepts at most {UPLOAD_LIMIT}"
        ));
        return Err(failure.hint("fewer tiers, zones or tags"));
    }
    let Some(bucket) = &job.bucket else {
        let failure = Failure::new(format!(
            "the template has {size} bytes, and CloudFormation accepts {INLINE_LIMIT} without an S3 bucket"
        ));
        return Err(failure
            .hint("--template-bucket NAME puts it into a bucket of yours in the same Region"));
    };
    let key =
        format!("eksnet/{}/{:.16}.json", job.stack, format!("{:x}", Sha256::digest(&template)));
    let address = stacks.upload(bucket, &key, &template).await;
    let address = address.map_err(|refusal| {
        stopped(format!("cannot put the template into the bucket `{bucket}`"), refusal)
    })?;
    events(Event::Uploaded { address: address.clone() });
    Ok(Body::Url(address))
}

/// The answer to an earlier call may have been lost: what it made is ours. What is there and cannot be executed is made anew.
async fn made_before(
    stacks: &impl Stacks,
    request: &ChangeSetRequest,
    refusal: Refusal,
) -> Result<(), Failure> {
    let failed = |refusal| {
        stopped(format!("cannot make a change set for stack `{}`", request.stack), refusal)
    };
    if !refusal.code.contains("AlreadyExists") {
        return Err(failed(refusal));
    }
    let there = match stacks.change_set(&request.stack, &request.name).await {
        // It is the stack that exists already.
        Err(missing) if missing.code.contains("NotFound") => {
            return Err(failed(refusal).hint(
                "another deployment created the stack in between: run the same command again",
            ));
        }
        there => there.map_err(failed)?,
    };
    if there.status != "FAILED"
        && matches!(there.execution.as_str(), "AVAILABLE" | "UNAVAILABLE" | "")
    {
        return Ok(());
    }
    stacks.delete_change_set(&request.stack, &request.name).await.map_err(failed)?;
    stacks.create_change_set(request).await.map_err(failed)
}

async fn worked_out(
    stacks: &impl Stacks,
    clock: &impl Clock,
    request: &ChangeSetRequest,
    events: &mut impl FnMut(Event),
) -> Result<ChangeSet, Failure> {
    let mut silence = Silence::begins(clock);
    let mut pause = FIRST_POLL;
    loop {
        let change_set = stacks.change_set(&request.stack, &request.name).await;
        let change_set = change_set.map_err(|refusal| {
            let gone = refusal.code.contains("NotFound");
            let attempt = format!("cannot read the change set for stack `{}`", request.stack);
            let failure = stopped(attempt, refusal);
            // Whoever deploys at the same moment executes their own, and CloudFormation deletes the others.
            if gone {
                failure.hint("another deployment was faster: run the same command again")
            } else {
                failure
            }
        })?;
        if !matches!(change_set.status.as_str(), "CREATE_PENDING" | "CREATE_IN_PROGRESS") {
            return Ok(change_set);
        }
        silence.breaks(clock, "CloudFormation is computing the change set", events);
        clock.sleep(pause).await;
        pause = (pause * 2).min(SLOWEST_POLL);
    }
}

fn nothing_to_do(reason: &str) -> bool {
    reason.contains("didn't contain changes") || reason.contains("No updates are to be performed")
}

/// Removes a change set that will not be executed, and the empty stack that it brought along, unless somebody else has a change set on it,
/// who may be about to execute it. Failing to is no harm.
pub async fn discard(stacks: &impl Stacks, stack: &str, change_set: &str, new: bool) {
    let _ = stacks.delete_change_set(stack, change_set).await;
    let empty = new
        && matches!(stacks.describe(stack).await, Ok(Some(left)) if left.status == "REVIEW_IN_PROGRESS");
    if empty && stacks.change_sets(stack).await.is_ok_and(|others| others.is_empty()) {
        let _ = stacks.delete(stack, change_set, None).await;
    }
}

/// Starts it. If the answer was lost and the call is repeated, the change set is under way already, which is what was wanted.
pub async fn execute(
    stacks: &impl Stacks,
    (stack, change_set): (&str, &str),
    on_failure: OnFailure,
) -> Result<(), Failure> {
    let Err(refusal) = stacks.execute(stack, change_set, on_failure).await else {
        return Ok(());
    };
    let another = ["InvalidChangeSetStatus", "ChangeSetNotFound"]
        .iter()
        .any(|code| refusal.code.contains(code))
        || refusal.message.contains("_IN_PROGRESS");
    if another {
        let ours = stacks
            .events(stack, None)
            .await
            .is_ok_and(|events| events.iter().any(|event| event.token == change_set));
        let running = stacks.change_set(stack, change_set).await.is_ok_and(|set| {
            matches!(set.execution.as_str(), "EXECUTE_IN_PROGRESS" | "EXECUTE_COMPLETE")
        });
        if ours || running {
            return Ok(());
        }
    }
    let failure = stopped(format!("cannot execute the change set of stack `{stack}`"), refusal);
    Err(if another {
        failure.hint("the stack was changed in between, perhaps by another deployment: look at the preview again")
    } else {
        failure
    })
}

/// A change set's changes in a preview's words. What only takes note of the state that stands is none.
pub fn changes(said: &[ResourceChange]) -> Vec<Change> {
    said.iter().filter(|said| said.action != "SyncWithActual").map(change).collect()
}

/// What a drift-aware change set says was changed by hand.
pub fn drifted(said: &[ResourceChange]) -> Vec<Drift> {
    let one = |said: &ResourceChange| Drift {
        id: said.id.clone(),
        kind: said.kind.clone(),
        physical_id: said.physical_id.clone(),
        status: said.drift.clone(),
        differences: said.details.iter().filter_map(by_hand).collect(),
    };
    said.iter()
        .filter(|said| matches!(said.drift.as_str(), "MODIFIED" | "DELETED"))
        .map(one)
        .collect()
}

fn by_hand(detail: &Detail) -> Option<Difference> {
    let (expected, actual) = detail.drift.clone()?;
    Some(Difference {
        property: detail.property.clone(),
        expected: Some(expected),
        actual: Some(actual),
    })
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
    let because = said.details.iter().map(|detail| PropertyChange {
        property: detail.property.clone(),
        before: detail.before.clone(),
        after: detail.after.clone(),
        cause: detail.cause.clone(),
        path: String::new(),
    });
    Change {
        id: said.id.clone(),
        kind: said.kind.clone(),
        action,
        replacement,
        because: because.collect(),
        impact: Notice::default(),
        path: String::new(),
    }
}
