//! The stack at rest: what is under way is followed, what a failed creation left is deleted, a rollback that failed goes on.

use crate::aws::port::OnFailure;
use crate::aws::{Connected, Stacks};
use crate::diagnostic::Failure;
use crate::observed::StackDescription;

use super::{
    Clock, Condition, Decide, Event, Outcome, Question, Removal, Stage, condition, delete, follow,
    state, stopped, take_down, under_way, unread,
};

const YES: &str = "--yes";

/// The stack once nothing is under way and no failed creation is in the way; `None`: there is none, or somebody said no.
pub async fn at_rest<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    name: &str,
    run: &Run<'_>,
) -> Result<Rest, Failure> {
    let mut continued = false;
    loop {
        let stack = stage.world.describe(name).await.map_err(unread(&format!("stack `{name}`")))?;
        match (condition(stack.as_ref()), stack) {
            // What an earlier run kept is gone on from.
            (Condition::Failed, Some(stack))
                if run.on_failure == OnFailure::Keep && stack.status == "CREATE_FAILED" =>
            {
                return Ok(Rest::Stack(Some(stack)));
            }
            (Condition::Absent, _) | (_, None) => return Ok(Rest::Stack(None)),
            (Condition::Deployed, stack) => return Ok(Rest::Stack(stack)),
            (Condition::Busy, Some(stack)) => {
                let deletes = stack.status.starts_with("DELETE");
                follow_other(stage, (name, deletes), &run.again()).await?;
            }
            (Condition::Failed | Condition::DeleteFailed, Some(stack)) => {
                if let Some(ended) = clean_up(stage, &stack, run).await? {
                    return Ok(ended);
                }
            }
            (Condition::RollbackFailed, _) if continued => {
                return Err(stuck(stage.world, name).await);
            }
            (Condition::RollbackFailed, Some(_)) => {
                continued = true;
                if !roll_back(stage, name, run).await? {
                    return Ok(Rest::Declined);
                }
                follow_other(stage, (name, false), &run.again()).await?;
            }
        }
    }
}

/// How the stack came to rest.
#[derive(Debug)]
pub enum Rest {
    Stack(Option<StackDescription>),
    /// Somebody said no.
    Declined,
    /// What is left of a failed creation could not be deleted.
    Ended(Outcome),
}

/// How this run is told from others, and begun again.
#[derive(Clone, Debug)]
pub struct Run<'r> {
    pub nonce: String,
    /// Such as `eksnet deploy shop.yaml`.
    pub command: &'r str,
    pub on_failure: OnFailure,
}

impl Run<'_> {
    fn again(&self) -> String {
        format!("run `{}` again to follow it", self.command)
    }
}

/// What blocks the rollback is named, and the command that leaves it behind is ready to be pasted.
async fn stuck(stacks: &impl Stacks, name: &str) -> Failure {
    let failure = Failure::new(format!(
        "stack `{name}` is in UPDATE_ROLLBACK_FAILED again, and CloudFormation accepts no change"
    ));
    let resources = stacks.resources(name).await.unwrap_or_default();
    let mut blocking: Vec<&str> = resources
        .iter()
        .filter(|one| one.status == "UPDATE_FAILED")
        .map(|one| one.id.as_str())
        .collect();
    let stack = stacks.describe(name).await.ok().flatten();
    if let Some(stack) = stack.as_ref().filter(|_| blocking.is_empty()) {
        blocking = state::named(&stack.reason);
    }
    let skipped = if blocking.is_empty() { "LOGICAL_ID".into() } else { blocking.join(" ") };
    let skip = format!(
        "aws cloudformation continue-update-rollback --stack-name {name} --resources-to-skip {skipped}"
    );
    let failure = match blocking.is_empty() {
        true => failure,
        false => failure.because(format!("it cannot be rolled back over {}", blocking.join(", "))),
    };
    failure.hint(format!("fix what failed above, then deploy again; or leave it behind: `{skip}`"))
}

/// Watches what somebody else began.
pub async fn follow_other<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    (name, deletes): (&str, bool),
    again: &str,
) -> Result<Outcome, Failure> {
    stage.tell(Event::UnderWay { stack: name.to_string() });
    let work = async {
        let operation = under_way(stage.world, name, deletes).await;
        follow(stage.world, stage.clock, operation, &mut |event| stage.tell(event)).await
    };
    stage.watched(work, again).await
}

/// Ends an update that is under way, and follows the rollback to its end.
pub async fn cancel<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    name: &str,
    run: &Run<'_>,
) -> Result<Outcome, Failure> {
    let stack = stage.world.describe(name).await.map_err(unread(&format!("stack `{name}`")))?;
    let status = stack.map_or("DOES_NOT_EXIST".to_string(), |stack| stack.status);
    if status != "UPDATE_IN_PROGRESS" {
        let failure =
            Failure::new(format!("stack `{name}` is in {status}: no update is under way"));
        return Err(failure.hint(
            "only an update can be canceled; a creation is followed or deleted with `eksnet destroy`",
        ));
    }
    let begun = stage.world.cancel(name, &format!("eksnet-{}", run.nonce)).await;
    begun.map_err(|refusal| stopped(format!("cannot cancel the update of `{name}`"), refusal))?;
    follow_other(stage, (name, false), &run.again()).await
}

/// CloudFormation accepts nothing but to continue a rollback that failed.
async fn roll_back<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    name: &str,
    run: &Run<'_>,
) -> Result<bool, Failure> {
    if !stage.agreed(&Question::ContinueRollback { stack: name }, YES).await? {
        return Ok(false);
    }
    stage.tell(Event::ContinuingRollback { stack: name.to_string() });
    let token = format!("eksnet-{}", run.nonce);
    let begun = stage.world.continue_rollback(name, &token).await;
    begun.map_err(|refusal| {
        Failure::new(format!("cannot continue the rollback of stack `{name}`")).because(refusal)
    })?;
    Ok(true)
}

/// A failed creation holds nothing; it has to go before the next try.
async fn clean_up<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    stack: &StackDescription,
    run: &Run<'_>,
) -> Result<Option<Rest>, Failure> {
    let question = Question::CleanUp { stack: &stack.name, status: &stack.status };
    if !stage.agreed(&question, YES).await? {
        return Ok(Some(Rest::Declined));
    }
    let (name, status) = (stack.name.clone(), stack.status.clone());
    stage.tell(Event::CleaningUp { stack: name, status });
    if stack.protected {
        let off = stage.world.protect(&stack.name, false).await;
        off.map_err(unread("the stack's protection"))?;
    }
    if let Some(cluster) = own_cluster(stage.world, stack).await? {
        // A failed creation may have come as far as the cluster, which EKS would keep.
        take_down::unprotect_cluster(stage, &cluster).await?;
    }
    let mut tell = |event| stage.tell(event);
    let removal = Removal { stack, nonce: &run.nonce, role: None };
    let work = delete(stage.world, stage.clock, removal, &mut tell);
    match stage.watched(work, &format!("run `{}` again", run.command)).await? {
        Outcome::Done { .. } => Ok(None),
        other => Ok(Some(Rest::Ended(other))),
    }
}

/// The protected cluster that the stack made itself.
async fn own_cluster(
    world: &impl Connected,
    stack: &StackDescription,
) -> Result<Option<String>, Failure> {
    let resources = world.resources(&stack.name).await.map_err(unread("the stack's resources"))?;
    let Some(own) = take_down::own_cluster(&resources) else { return Ok(None) };
    let cluster = world.cluster(own).await.map_err(unread("the cluster"))?;
    Ok(cluster.filter(|cluster| cluster.deletion_protection).map(|_| own.to_string()))
}
