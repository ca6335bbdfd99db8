//! `eksnet destroy`

use std::cell::Cell;

use crate::aws::{Account, Stacks};
use crate::deploy::{self, Condition, Deletion, Event, Outcome, Stage};
use crate::observed::{Observed, StackDescription};
use crate::preview::forecast;
use crate::template::Template;

use super::super::args::{Destroy, Format};
use super::super::line::{self, Opened};
use super::super::output::{self, Stop};
use super::super::{Common, DONE, FAILED, UNFINISHED};
use super::asking::Asking;
use super::last::{Last, Said};
use super::viewer::Viewer;
use super::{addresses, clock, connect, deployed, nonce, place, unread};

pub fn run(common: &Common, args: &Destroy) -> Result<u8, Stop> {
    let last = Last::new(common);
    last.close(
        super::block_on(destroy(common, args, &last)).unwrap_or_else(|failure| Err(failure.into())),
    )
}

async fn destroy(common: &Common, args: &Destroy, last: &Last<'_>) -> Result<u8, Stop> {
    let opened = line::open(&args.file, common)?;
    last.of(&opened.stack());
    let (intent, is_sound) = opened.outline()?;
    if !is_sound {
        let words = "the blueprint has errors (`eksnet check` names them): what the stack has is deleted nevertheless";
        output::note(common, words);
    }
    let account = connect(common, &intent).await?;
    let (name, clock) = (intent.stack(), clock());
    let place = place(common, &account, &intent).await?;
    let asking = Asking { confirm: args.confirm.clone(), place, ..Asking::default() };
    let viewer = Viewer::new(common, &name, &clock);
    let unfinished = Cell::new(false);
    let tell = |event: Event| {
        unfinished.set(unfinished.get() || event.is_unfinished());
        viewer.see(&event);
    };
    let stage = Stage { world: &account, clock: &clock, decide: &asking, tell: &tell };
    let again = format!("nothing was deleted; run `eksnet destroy {}` again", args.file);
    let Some(stack) = viewer.redrawing(at_rest(&stage, &name, &again)).await? else {
        if common.output != Format::Json {
            output::data(&format!("stack {name} does not exist\n"));
        }
        let code = last.no_change();
        return Ok(released(common, &account, &opened, (&Observed::default(), code)).await);
    };
    viewer.over();
    let observed = deployed(&account, &name).await?;
    let before = observed.deployed_template();
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
    let outcome = outcome?;
    let code = match ended(last, args, (&outcome, &before)) {
        DONE if unfinished.get() => UNFINISHED,
        code => code,
    };
    match outcome {
        Outcome::Done { .. } => Ok(released(common, &account, &opened, (&observed, code)).await),
        _ => Ok(code),
    }
}

/// Ranges that were allocated for the VPC go back once it is gone.
async fn released(
    common: &Common,
    account: &Account,
    opened: &Opened,
    (observed, code): (&Observed, u8),
) -> u8 {
    let Some(lock) = opened.lock() else { return code };
    let ranges = lock.of_ipam(observed);
    if ranges.is_empty()
        || addresses::give_back(common, account, (&opened.stack(), lock, ranges)).await
    {
        return code;
    }
    FAILED
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
    let next =
        format!("remove what blocks the deletion, then `eksnet destroy {}` again", args.file);
    last.ended(outcome, &Said { path: &path, maker: &|_| None, next: &next })
}
