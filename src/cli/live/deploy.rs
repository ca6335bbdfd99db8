//! `eksnet deploy`

use crate::aws::port::Stack;
use crate::aws::{Account, Networks, Stacks};
use crate::deploy::{self, Event, Job, Outcome, Prepared, Standing};
use crate::diagnostic::Failure;
use crate::preview;
use crate::render::{INLINE_LIMIT, Template};
use crate::report;

use super::super::args::{Deploy, Format};
use super::super::line::{self, Line};
use super::super::output::{self, Stop};
use super::super::{Common, DONE, FAILED};
use super::{clock, connect, nonce, standing_template, unread, watch};

pub fn run(common: &Common, args: &Deploy) -> Result<u8, Stop> {
    super::block_on(deploy(common, args))?
}

async fn deploy(common: &Common, args: &Deploy) -> Result<u8, Stop> {
    let wanted = line::wanted(&args.file, common)?;
    let account = connect(common, &wanted.spec).await?;
    account.identity().await.map_err(|refusal| unread("who the credentials belong to", refusal))?;
    let name = wanted.spec.stack();
    let stack = settled(common, args, &account, &name).await?;
    let before = match &stack {
        Some(_) => standing_template(&account, &name).await?,
        None => Template::nothing(),
    };
    let line = wanted.compile(before.ledger())?;
    output::warnings(common, &line.document.source, &line.warnings);
    zones_offered(&account, &line).await?;
    match args.locked {
        true => line.lock.hold(&line.plan)?,
        false => line.lock.write(&line.plan, common)?,
    }
    let Some(change_set) = reviewed(common, args, &account, &line, (stack.as_ref(), &before)).await? else { return Ok(DONE) };
    execute(common, args, &account, &line, &change_set).await
}

/// The stack as it stands once nothing is under way and no failed creation is in the way.
async fn settled(common: &Common, args: &Deploy, account: &Account, name: &str) -> Result<Option<Stack>, Stop> {
    let again = format!("run `eksnet deploy {}` again to follow it", args.file);
    loop {
        let stack = account.describe(name).await.map_err(|refusal| unread(&format!("stack `{name}`"), refusal))?;
        match deploy::standing(stack.as_ref()) {
            Standing::Absent => return Ok(None),
            Standing::Stands => return Ok(stack),
            Standing::Busy => {
                output::note(common, &format!("stack {name}: an operation is under way, following it"));
                let work = async { deploy::follow(account, &clock(), name, None, &mut |event: Event| watch::say(common, &event)).await };
                watch::interruptible(work, &again).await?;
            }
            Standing::Failed | Standing::DeleteFailed => {
                let Some(stack) = stack else { return Ok(None) };
                clean_up(common, args, account, &stack).await?;
            }
            Standing::RollbackFailed => {
                let failure = Failure::new(format!("stack `{name}` is in UPDATE_ROLLBACK_FAILED, and CloudFormation takes no change"));
                return Err(failure.hint(format!("`aws cloudformation continue-update-rollback --stack-name {name}`, then deploy again")).into());
            }
        }
    }
}

/// A failed creation holds nothing; it has to go before the next try.
async fn clean_up(common: &Common, args: &Deploy, account: &Account, stack: &Stack) -> Result<(), Stop> {
    let question = format!("stack {} is in {}: delete what is left of it and make it anew?", stack.name, stack.status);
    if !args.yes && !watch::confirmed(&question, "--yes")? {
        return Err(Stop::Code(FAILED));
    }
    output::note(common, &format!("stack {}: {}, deleting what is left", stack.name, stack.status));
    let nonce = nonce();
    if stack.protected {
        account.protect(&stack.name, false).await.map_err(|refusal| unread("the stack's protection", refusal))?;
    }
    let work = async { deploy::destroy(account, &clock(), (stack, &nonce), &mut |event: Event| watch::say(common, &event)).await };
    let outcome = watch::interruptible(work, &format!("run `eksnet deploy {}` again", args.file)).await?;
    match outcome {
        Outcome::Done { .. } => Ok(()),
        other => Err(Stop::Code(watch::ended(common, &other, &|_| None, "see what holds the resources above, then deploy again"))),
    }
}

/// Preflight: the account offers the zones that the plan is for.
async fn zones_offered(account: &Account, line: &Line) -> Result<(), Failure> {
    let offered = account.zones().await.map_err(|refusal| unread("the Region's zones", refusal))?;
    let missing = line.spec.zones.iter().find(|zone| !offered.iter().any(|(id, name)| zone.name.as_ref().map_or(*id == zone.id, |own| own == name)));
    let Some(zone) = missing else { return Ok(()) };
    let known: Vec<_> = offered.iter().map(|(id, name)| format!("{name} ({id})")).collect();
    let failure = Failure::new(format!("this account has no zone `{}` in {}", zone.word(), line.spec.region.name));
    Err(failure.because(format!("it has {}", known.join(", "))).hint("name zones that the account has under `zones`"))
}

/// Makes the change set and shows it; its name, if somebody wants it executed.
async fn reviewed(
    common: &Common,
    args: &Deploy,
    account: &Account,
    line: &Line,
    (stack, before): (Option<&Stack>, &Template),
) -> Result<Option<String>, Stop> {
    let size = line.template.to_json().len();
    if INLINE_LIMIT < size {
        let failure = Failure::new(format!("the template has {size} bytes, CloudFormation takes {INLINE_LIMIT} without an S3 bucket"));
        return Err(failure.hint("fewer tiers, zones or tags").into());
    }
    let job = Job { stack: line.spec.stack(), template: line.template.clone(), tags: line.spec.tags.clone().into_iter().collect(), nonce: nonce() };
    let work = async { deploy::prepare(account, &clock(), &job, stack, &mut |event: Event| watch::say(common, &event)).await };
    let prepared = watch::interruptible(work, "nothing was changed").await?;
    let (name, said) = match prepared {
        Prepared::NoChange => {
            no_change(common, line, before);
            line.lock.settle(&line.plan, common)?;
            return Ok(None);
        }
        Prepared::Ready { name, said } => (name, said),
    };
    let own = preview::compare(&job.stack, before, &line.template, &line.graph);
    let shown = preview::fold(&own, &deploy::changes(&said), before, &line.template);
    match common.output {
        Format::Json => output::data(&format!("{}\n", report::preview_json::line(&shown))),
        Format::Human => output::data(&report::preview::human(&shown, &|path| line.place(path))),
    }
    let answer = if args.yes { Ok(true) } else { watch::confirmed(&format!("deploy this to stack {}?", job.stack), "--yes") };
    if matches!(answer, Ok(true)) {
        return Ok(Some(name));
    }
    deploy::discard(account, &job.stack, &name, stack.is_none()).await;
    output::note(common, "nothing was changed");
    answer.and(Err(Stop::Code(FAILED)))
}

fn no_change(common: &Common, line: &Line, before: &Template) {
    let preview = preview::Preview { stack: line.spec.stack(), network: preview::Network::between(before, before), ..preview::Preview::default() };
    match common.output {
        Format::Json => output::data(&format!("{}\n", report::preview_json::line(&preview))),
        Format::Human => output::data(&report::preview::human(&preview, &|_| None)),
    }
}

async fn execute(common: &Common, args: &Deploy, account: &Account, line: &Line, change_set: &str) -> Result<u8, Stop> {
    let stack = line.spec.stack();
    let last = account.events(&stack, None).await.map_err(|refusal| unread("the stack's events", refusal))?.last().map(|event| event.event_id.clone());
    deploy::execute(account, &stack, change_set).await?;
    let again = format!("run `eksnet deploy {}` again to follow it, or `eksnet status {}`", args.file, args.file);
    let work = async { deploy::follow(account, &clock(), &stack, last, &mut |event: Event| watch::say(common, &event)).await };
    let outcome = watch::interruptible(work, &again).await?;
    if let Outcome::Done { .. } = outcome {
        line.lock.settle(&line.plan, common)?;
        protect(common, account, line).await;
    }
    Ok(watch::ended(common, &outcome, &|id| line.maker(id), &format!("correct the cause, then `eksnet deploy {}` again", args.file)))
}

/// Termination protection follows the cluster's: what holds addresses does not go by a slip.
async fn protect(common: &Common, account: &Account, line: &Line) {
    let on = line.spec.cluster.as_ref().is_some_and(|cluster| cluster.deletion_protection);
    if let Err(refusal) = account.protect(&line.spec.stack(), on).await {
        output::note(common, &format!("warning: termination protection is as it was: {refusal}"));
    }
}
