//! `eksnet deploy`

use crate::aws::port::Stack;
use crate::aws::{Account, Clusters, Stacks};
use crate::deploy::{self, Event, Outcome, Standing};
use crate::diagnostic::{Failure, any_error};
use crate::preview::Preview;
use crate::render::Template;
use crate::report;

use super::super::args::{Deploy, Format};
use super::super::line::{self, Line};
use super::super::lock::Deployed;
use super::super::output::{self, Stop};
use super::super::{Common, DONE, FAILED};
use super::{after, change_set, clock, connect, nonce, plan, preflight, standing_template, unprotect_cluster, unread, watch};

pub fn run(common: &Common, args: &Deploy) -> Result<u8, Stop> {
    super::block_on(deploy(common, args))?
}

async fn deploy(common: &Common, args: &Deploy) -> Result<u8, Stop> {
    let file = match (&args.plan, &args.file) {
        (Some(plan), _) => return plan::execute(common, plan).await,
        (None, Some(file)) => file.as_str(),
        (None, None) => return Err(Stop::Usage("a blueprint or `--plan` is wanted".to_string())),
    };
    let wanted = line::wanted(file, common)?;
    let account = connect(common, &wanted.spec).await?;
    account.identity().await.map_err(|refusal| unread("who the credentials belong to", refusal))?;
    let name = wanted.spec.stack();
    let stack = settled(common, (args, file), &account, &name).await?;
    let before = match &stack {
        Some(_) => standing_template(&account, &name).await?,
        None => Template::nothing(),
    };
    let line = wanted.compile(Deployed::by(&before))?;
    output::warnings(common, &line.document.source, &line.warnings);
    let found = preflight::run(common, &account, &line, (stack.as_ref(), &before)).await;
    if any_error(&found) {
        return Err(Stop::Findings(line.document.source.clone(), found));
    }
    output::warnings(common, &line.document.source, &found);
    match args.locked {
        true => line.lock.hold(&line.plan)?,
        false => line.lock.write(&line.plan, common)?,
    }
    let Some(name) = reviewed(common, args, &account, &line, (stack.as_ref(), &before)).await? else { return Ok(DONE) };
    change_set::execute(common, file, &account, &line, &name).await
}

/// The stack as it stands once nothing is under way and no failed creation is in the way.
async fn settled(common: &Common, (args, file): (&Deploy, &str), account: &Account, name: &str) -> Result<Option<Stack>, Stop> {
    let again = format!("run `eksnet deploy {file}` again to follow it");
    loop {
        let stack = account.describe(name).await.map_err(|refusal| unread(&format!("stack `{name}`"), refusal))?;
        match deploy::standing(stack.as_ref()) {
            Standing::Absent => return Ok(None),
            Standing::Stands => return Ok(stack),
            Standing::Busy => {
                output::note(common, &format!("stack {name}: an operation is under way, following it"));
                let deletes = stack.is_some_and(|stack| stack.status.starts_with("DELETE"));
                let work = async {
                    let operation = deploy::under_way(account, name, deletes).await;
                    deploy::follow(account, &clock(), operation, &mut |event: Event| watch::say(common, &event)).await
                };
                watch::interruptible(work, &again).await?;
            }
            Standing::Failed | Standing::DeleteFailed => {
                let Some(stack) = stack else { return Ok(None) };
                clean_up(common, (args, file), account, &stack).await?;
            }
            Standing::RollbackFailed => {
                let failure = Failure::new(format!("stack `{name}` is in UPDATE_ROLLBACK_FAILED, and CloudFormation takes no change"));
                return Err(failure.hint(format!("`aws cloudformation continue-update-rollback --stack-name {name}`, then deploy again")).into());
            }
        }
    }
}

/// A failed creation holds nothing; it has to go before the next try.
async fn clean_up(common: &Common, (args, file): (&Deploy, &str), account: &Account, stack: &Stack) -> Result<(), Stop> {
    let question = format!("stack {} is in {}: delete what is left of it and make it anew?", stack.name, stack.status);
    if !args.yes && !watch::confirmed(&question, "--yes")? {
        return Err(Stop::Code(FAILED));
    }
    output::note(common, &format!("stack {}: {}, deleting what is left", stack.name, stack.status));
    let nonce = nonce();
    if stack.protected {
        account.protect(&stack.name, false).await.map_err(|refusal| unread("the stack's protection", refusal))?;
    }
    let cluster = stack.name.trim_start_matches("eksnet-");
    if account.cluster(cluster).await.is_ok_and(|cluster| cluster.is_some_and(|cluster| cluster.deletion_protection)) {
        // A failed creation may have come as far as the cluster, which EKS would keep.
        unprotect_cluster(account, cluster).await?;
    }
    let work = async { deploy::destroy(account, &clock(), (stack, &nonce), &mut |event: Event| watch::say(common, &event)).await };
    let outcome = watch::interruptible(work, &format!("run `eksnet deploy {file}` again")).await?;
    match outcome {
        Outcome::Done { .. } => Ok(()),
        other => Err(Stop::Code(watch::ended(common, &other, &|_| None, "see what holds the resources above, then deploy again"))),
    }
}

/// Shows what would change; the change set's name, if somebody wants it executed.
async fn reviewed(common: &Common, args: &Deploy, account: &Account, line: &Line, standing: (Option<&Stack>, &Template)) -> Result<Option<String>, Stop> {
    let (stack, before) = standing;
    let Some((name, shown)) = change_set::proposed(common, account, line, standing).await? else {
        show(common, line, &change_set::no_change(line, before));
        if let Some(stack) = stack {
            change_set::settle(common, account, line, stack).await?;
            after::run(common, account, line, stack).await?;
        }
        return Ok(None);
    };
    show(common, line, &shown);
    let answer = if args.yes { Ok(true) } else { watch::confirmed(&format!("deploy this to stack {}?", shown.stack), "--yes") };
    if matches!(answer, Ok(true)) {
        return Ok(Some(name));
    }
    deploy::discard(account, &shown.stack, &name, stack.is_none()).await;
    output::note(common, "nothing was changed");
    answer.and(Err(Stop::Code(FAILED)))
}

fn show(common: &Common, line: &Line, preview: &Preview) {
    match common.output {
        Format::Json => output::data(&format!("{}\n", report::preview_json::line(preview))),
        _ => output::data(&report::preview::human(preview, &|path| line.place(path))),
    }
    line.latecomers().iter().for_each(|late| output::note(common, &format!("note: {late}")));
}
