//! Taking a stack down: the deletion, watched to its end, and what Kubernetes left in its way.

use std::time::Duration;

use crate::aws::port::{Networks, Orphan, Refusal, Stacks};
use crate::diagnostic::Failure;
use crate::facts::orphans::CLUSTER_GROUP;
use crate::observed::StackDescription;

use super::{Clock, Event, Operation, Outcome, Silence, follow, stopped};

/// Between two tries to remove something that is still in use, and for how long.
const AGAIN: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// The stack to delete.
#[derive(Clone, Copy)]
pub struct Removal<'r> {
    pub stack: &'r StackDescription,
    /// Tells this run's request from those of earlier runs.
    pub nonce: &'r str,
    /// The service role that CloudFormation acts with; `None`: the one that the stack has, or whoever calls.
    pub role: Option<&'r str>,
}

/// Deletes the stack and watches it go.
pub async fn run(
    stacks: &impl Stacks,
    clock: &impl Clock,
    Removal { stack, nonce, role }: Removal<'_>,
    events: &mut impl FnMut(Event),
) -> Result<Outcome, Failure> {
    let attempt = |refusal| stopped(format!("cannot delete stack `{}`", stack.name), refusal);
    let last = stacks
        .events(&stack.id, None)
        .await
        .map_err(attempt)?
        .last()
        .map(|event| event.event_id.clone());
    if !stack.status.starts_with("DELETE_IN_PROGRESS") {
        let token = format!("eksnet-delete-{nonce}");
        stacks.delete(&stack.id, &token, role).await.map_err(attempt)?;
    }
    follow(stacks, clock, Operation { stack: stack.id.clone(), after: last, deletes: true }, events)
        .await
}

/// What may be removed while the cluster stands, or only once it is gone: its controllers would make their things anew, and its own
/// group goes with it.
pub fn removable(orphans: &[Orphan], cluster_stands: bool) -> (Vec<Orphan>, Vec<Orphan>) {
    let own_group = |orphan: &&Orphan| !matches!(orphan, Orphan::SecurityGroup { name, .. } if name.starts_with(CLUSTER_GROUP));
    match cluster_stands {
        true => orphans
            .iter()
            .filter(own_group)
            .cloned()
            .partition(|orphan| matches!(orphan, Orphan::Interface { .. })),
        false => (orphans.to_vec(), Vec::new()),
    }
}

/// Removes all of them in their order: balancers let go of their target groups, interfaces and groups. What is still in use is tried
/// again; what cannot be removed is named.
pub async fn clear(
    networks: &impl Networks,
    clock: &impl Clock,
    orphans: &[Orphan],
    events: &mut impl FnMut(Event),
) -> Vec<(Orphan, Refusal)> {
    let started = clock.now();
    let mut silence = Silence::begins(clock);
    let mut left = Vec::new();
    for orphan in orphans {
        loop {
            match networks.remove(orphan).await {
                Ok(()) => {
                    events(Event::Cleared { what: orphan.to_string() });
                    break;
                }
                Err(refusal)
                    if in_use(&refusal) && clock.now().saturating_sub(started) < LONGEST =>
                {
                    silence.breaks(clock, &format!("{orphan} is still in use"), events);
                    clock.sleep(AGAIN).await;
                }
                Err(refusal) => {
                    left.push((orphan.clone(), refusal));
                    break;
                }
            }
        }
    }
    left
}

/// What passes by itself, once the thing that uses it is gone.
fn in_use(refusal: &Refusal) -> bool {
    let codes = [
        "DependencyViolation",
        "ResourceInUse",
        "InvalidGroup.InUse",
        "Throttling",
        "RequestLimitExceeded",
    ];
    codes.iter().any(|code| refusal.code.contains(code))
        || refusal.message.contains("currently in use")
        || refusal.code.is_empty()
}
