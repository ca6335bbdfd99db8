//! Taking a stack down: what stands in the way first, then the deletion, watched to its end.

use crate::aws::port::{LeakedInterface, Networks, Stack, StackResource, Stacks};
use crate::diagnostic::Failure;

use super::{Clock, Event, Operation, Outcome, follow};

/// Something that would make the deletion fail.
#[derive(Clone, Debug, PartialEq)]
pub enum Obstacle {
    TerminationProtection,
    /// An interface that aws-node left behind keeps its subnet and security group alive.
    Interface(LeakedInterface),
}

/// What stands in the way of deleting `stack`.
pub async fn obstacles(networks: &impl Networks, stack: &Stack, resources: &[StackResource]) -> Result<Vec<Obstacle>, Failure> {
    let mut found = Vec::new();
    if stack.protected {
        found.push(Obstacle::TerminationProtection);
    }
    let vpc = resources.iter().find(|resource| resource.kind == "AWS::EC2::VPC" && !resource.physical_id.is_empty());
    if let Some(vpc) = vpc {
        let leaked = networks.leaked_interfaces(&vpc.physical_id).await;
        let leaked = leaked.map_err(|refusal| Failure::new(format!("cannot read the interfaces of `{}`", vpc.physical_id)).because(refusal))?;
        found.extend(leaked.into_iter().map(Obstacle::Interface));
    }
    Ok(found)
}

/// Deletes the stack and watches it go. `nonce` tells this run's request from those of earlier runs.
pub async fn run(stacks: &impl Stacks, clock: &impl Clock, (stack, nonce): (&Stack, &str), events: &mut impl FnMut(Event)) -> Result<Outcome, Failure> {
    let attempt = |refusal| Failure::new(format!("cannot delete stack `{}`", stack.name)).because(refusal);
    let last = stacks.events(&stack.id, None).await.map_err(attempt)?.last().map(|event| event.event_id.clone());
    if !stack.status.starts_with("DELETE_IN_PROGRESS") {
        let token = format!("eksnet-delete-{nonce}");
        stacks.delete(&stack.id, &token).await.map_err(attempt)?;
    }
    follow(stacks, clock, Operation { stack: stack.id.clone(), after: last, deletes: true }, events).await
}
