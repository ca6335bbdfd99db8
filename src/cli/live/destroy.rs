//! `eksnet destroy`

use crate::aws::Stacks;
use crate::deploy::{self, Condition, Deletion, Event, Outcome, Stage};
use crate::observed::{Observed, StackDescription};
use crate::preview::forecast;
use crate::template::Template;

use super::super::args::{Destroy, Format};
use super::super::output::{self, Stop};
use super::super::{Common, line};
use super::asking::Asking;
use super::last::{Last, Said};
use super::viewer::Viewer;
use super::{clock, connect, deployed, nonce, place, unread};

pub fn run(common: &Common, args: &Destroy) -> Result<u8, Stop> {
    let last = Last::new(common);
    last.close(
        super::block_on(destroy(common, args, &last)).unwrap_or_else(|failure| Err(failure.into())),
    )
}

async fn destroy(common: &Common, args: &Destroy, last: &Last<'_>) -> Result<u8, Stop> {
    let intent = line::open(&args.file, common)?.draft(common, &Observed::default())?;
    let account = connect(common, &intent).await?;
    let (name, clock) = (intent.stack(), clock());
    last.of(&name);
    let place = place(common, &account, &intent).await?;
    let asking = Asking { confirm: args.confirm.clone(), place, ..Asking::default() };
    let viewer = Viewer::new(common, &name, &clock);
    let tell = |event: Event| viewer.see(&event);
    let stage = Stage { world: &account, clock: &clock, decide: &asking, tell: &tell };
    let again = format!("nothing was deleted; run `eksnet destroy {}` again", args.file);
    let Some(stack) = viewer.redrawing(at_rest(&stage, &name, &again)).await? else {
        if common.output != Format::Json {
            output::data(&format!("stack {name} does not exist\n"));
        }
        return Ok(last.no_change());
    };
    viewer.over();
    let before = deployed(&account, &name).await?.deployed_template();
    let deletion = Deletion {
        intent: &intent,
        stack: &stack,
        before: &before,
        unprotect: args.unprotect,
        orphans: args.orphans,
        despite_others: args.despite_others,
        volumes: args.volumes,
        role: args.role_arn.clone(),
        nonce: nonce(),
        command: format!("eksnet destroy {}", args.file),
    };
    let outcome = viewer.redrawing(deploy::destroy(&stage, &deletion)).await;
    viewer.over();
    Ok(ended(last, args, (&outcome?, &before)))
}

/// The stack once nothing else is done to it: CloudFormation deletes none that is being worked on. A deletion under way is this one.
async fn at_rest(
    stage: &Stage<'_, crate::aws::Account, super::Watch, Asking>,
    name: &str,
    again: &str,
) -> Result<Option<StackDescription>, Stop> {
    loop {
        let stack = stage.world.describe(name).await;
        let stack = stack.map_err(unread(&format!("stack `{name}`")))?;
        let busy = deploy::condition(stack.as_ref()) == Condition::Busy
            && stack.as_ref().is_some_and(|stack| !stack.status.starts_with("DELETE"));
        if !busy {
            return Ok(stack);
        }
        deploy::follow_other(stage, (name, false), again).await?;
    }
}

fn ended(last: &Last<'_>, args: &Destroy, (outcome, before): (&Outcome, &Template)) -> u8 {
    let path = match outcome {
        Outcome::Done { took, .. } => {
            forecast::critical_path(took, &forecast::reversed(&forecast::needs(before)))
        }
        _ => Vec::new(),
    };
    let next = format!("remove what is in the way, then `eksnet destroy {}` again", args.file);
    last.ended(outcome, &Said { path: &path, maker: &|_| None, next: &next })
}
