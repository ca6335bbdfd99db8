//! `eksnet destroy`

use std::time::Duration;

use crate::aws::Stacks;
use crate::deploy::{self, Clock, Condition, Deletion, Event, Outcome, Stage};
use crate::observed::{Observed, StackDescription};
use crate::preview::forecast;
use crate::report::progress::Ending;
use crate::template::Template;

use super::super::args::{Destroy, Format};
use super::super::output::{self, Stop};
use super::super::{Common, DONE, line};
use super::asking::Asking;
use super::viewer::Viewer;
use super::{clock, connect, deployed, nonce, unread, watch};

pub fn run(common: &Common, args: &Destroy) -> Result<u8, Stop> {
    super::block_on(destroy(common, args))?
}

async fn destroy(common: &Common, args: &Destroy) -> Result<u8, Stop> {
    let intent = line::open(&args.file, common)?.draft(common, &Observed::default())?;
    let account = connect(common, &intent).await?;
    let (name, clock) = (intent.stack(), clock());
    let asking = Asking { confirm: args.confirm.clone(), ..Asking::default() };
    let viewer = Viewer::new(common, &name, &clock);
    let tell = |event: Event| viewer.see(&event);
    let stage = Stage { world: &account, clock: &clock, decide: &asking, tell: &tell };
    let again = format!("nothing was deleted; run `eksnet destroy {}` again", args.file);
    let Some(stack) = viewer.redrawing(at_rest(&stage, &name, &again)).await? else {
        gone(common, &name);
        return Ok(DONE);
    };
    viewer.over();
    let before = deployed(&account, &name).await?.deployed_template();
    let deletion = Deletion {
        intent: &intent,
        stack: &stack,
        before: &before,
        unprotect: args.unprotect,
        orphans: args.orphans,
        nonce: nonce(),
        command: format!("eksnet destroy {}", args.file),
    };
    let outcome = viewer.redrawing(deploy::destroy(&stage, &deletion)).await;
    viewer.over();
    Ok(ended(common, args, (&outcome?, &before), (&name, clock.now())))
}

fn gone(common: &Common, name: &str) {
    match common.output {
        Format::Json => output::data(&format!(
            "{}\n",
            serde_json::json!({ "event": "outcome", "outcome": "noChange", "status": "ABSENT", "stack": name, "elapsedSeconds": 0, "leftBehind": [], "next": null })
        )),
        _ => output::data(&format!("stack {name} does not exist\n")),
    }
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

fn ended(
    common: &Common,
    args: &Destroy,
    (outcome, before): (&Outcome, &Template),
    (stack, elapsed): (&str, Duration),
) -> u8 {
    let path = match outcome {
        Outcome::Done { took, .. } => {
            forecast::critical_path(took, &forecast::reversed(&forecast::needs(before)))
        }
        _ => Vec::new(),
    };
    let next = format!("remove what is in the way, then `eksnet destroy {}` again", args.file);
    let ending = Ending { stack, next: &next, elapsed };
    watch::ended(common, (outcome, &path), &|_| None, &ending)
}
