//! `eksnet destroy`

use crate::aws::port::{Stack, StackResource};
use crate::aws::{Account, Clusters, Stacks};
use crate::deploy::{self, Event, Obstacle, Outcome};
use crate::diagnostic::Failure;
use crate::facts::regions;
use crate::spec::Spec;

use super::super::args::{Destroy, Format};
use super::super::output::{self, Stop};
use super::super::{Common, DONE, line};
use super::{after, clock, connect, nonce, unprotect_cluster, unread, watch};

pub fn run(common: &Common, args: &Destroy) -> Result<u8, Stop> {
    super::block_on(destroy(common, args))?
}

async fn destroy(common: &Common, args: &Destroy) -> Result<u8, Stop> {
    let spec = line::wanted(&args.file, common)?.spec;
    let account = connect(common, &spec).await?;
    let name = spec.stack();
    let Some(stack) = account.describe(&name).await.map_err(|refusal| unread(&format!("stack `{name}`"), refusal))? else {
        gone(common, &name);
        return Ok(DONE);
    };
    let resources = account.resources(&name).await.map_err(|refusal| unread("the stack's resources", refusal))?;
    show(common, &stack, &resources);
    let obstacles = deploy::obstacles(&account, &stack, &resources).await?;
    let cluster = account.cluster(&spec.name).await.map_err(|refusal| unread("the cluster", refusal))?;
    let guarded = cluster.is_some_and(|cluster| cluster.deletion_protection) && resources.iter().any(|resource| resource.kind == "AWS::EKS::Cluster");
    stand_aside(args, &obstacles, guarded)?;
    confirm(args, &spec)?;
    unprotect(&account, &spec, &obstacles, guarded).await?;
    let vpc = resources.iter().find(|resource| resource.kind == "AWS::EC2::VPC").map_or("", |vpc| vpc.physical_id.as_str());
    if !vpc.is_empty() && !regions::WITH_RESERVATIONS.contains(&spec.region.name) {
        after::release(&account, vpc).await.map_err(|refusal| Failure::new("cannot give back the subnets' reservations").because(refusal))?;
    }
    let nonce = nonce();
    let work = async { deploy::destroy(&account, &clock(), (&stack, &nonce), &mut |event: Event| watch::say(common, &event)).await };
    let outcome = watch::interruptible(work, &format!("run `eksnet destroy {}` again to follow it", args.file)).await?;
    if let Outcome::Stuck { .. } = outcome {
        output::note(common, "what could not be deleted is still there and still in the stack");
    }
    Ok(watch::ended(common, &outcome, &|_| None, &format!("remove what is in the way, then `eksnet destroy {}` again", args.file)))
}

fn gone(common: &Common, name: &str) {
    match common.output {
        Format::Json => output::data(&format!("{}\n", serde_json::json!({ "event": "outcome", "outcome": "done", "status": "ABSENT", "stack": name }))),
        _ => output::data(&format!("stack {name} does not exist\n")),
    }
}

fn show(common: &Common, stack: &Stack, resources: &[StackResource]) {
    let standing = resources.iter().filter(|resource| resource.status != "DELETE_COMPLETE");
    let mut kinds = std::collections::BTreeMap::<&str, usize>::new();
    standing.for_each(|resource| *kinds.entry(&resource.kind).or_default() += 1);
    output::note(common, &format!("stack {} ({}) would go, and with it", stack.name, stack.status));
    kinds.iter().for_each(|(kind, count)| output::note(common, &format!("  {count} × {kind}")));
}

/// What needs a decision before anything is deleted.
fn stand_aside(args: &Destroy, obstacles: &[Obstacle], guarded: bool) -> Result<(), Failure> {
    let interfaces: Vec<_> = obstacles
        .iter()
        .filter_map(|obstacle| if let Obstacle::Interface(one) = obstacle { Some(format!("{} ({})", one.id, one.description)) } else { None })
        .collect();
    if !interfaces.is_empty() {
        let failure = Failure::new(format!("{} network interfaces were left behind and would keep the VPC alive", interfaces.len()));
        return Err(failure
            .because(interfaces.join(", "))
            .hint("delete them (`aws ec2 delete-network-interface --network-interface-id …`), then run the same command again"));
    }
    let protected = guarded || obstacles.contains(&Obstacle::TerminationProtection);
    if protected && !args.unprotect {
        return Err(Failure::new("the stack is protected against deletion").hint("--unprotect switches the protection of stack and cluster off first"));
    }
    Ok(())
}

fn confirm(args: &Destroy, spec: &Spec) -> Result<(), Stop> {
    let typed = match &args.confirm {
        Some(name) => Some(name.clone()),
        None => output::ask(&format!("type the cluster's name (`{}`) to delete all of it:", spec.name)),
    };
    match typed {
        Some(name) if name == spec.name => Ok(()),
        Some(name) => Err(Failure::new(format!("`{name}` is not `{}`: nothing was deleted", spec.name)).into()),
        None => Err(Failure::new("nobody is there to confirm: nothing was deleted").hint(format!("--confirm {}", spec.name)).into()),
    }
}

async fn unprotect(account: &Account, spec: &Spec, obstacles: &[Obstacle], guarded: bool) -> Result<(), Stop> {
    if obstacles.contains(&Obstacle::TerminationProtection) {
        account.protect(&spec.stack(), false).await.map_err(|refusal| Failure::new("cannot switch termination protection off").because(refusal))?;
    }
    if guarded {
        watch::interruptible(unprotect_cluster(account, &spec.name), "nothing was deleted").await?;
    }
    Ok(())
}
