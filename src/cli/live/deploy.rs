//! `eksnet deploy`

use crate::aws::port::Stack;
use crate::aws::{Account, Clusters, Networks, Stacks};
use crate::deploy::{self, Event, Job, Outcome, Prepared, Standing};
use crate::diagnostic::Failure;
use crate::preview::{self, Preview};
use crate::render::{INLINE_LIMIT, Template};
use crate::report;

use super::super::args::{Deploy, Format};
use super::super::line::{self, Line};
use super::super::output::{self, Stop};
use super::super::{Common, DONE, FAILED};
use super::{clock, connect, nonce, plan, standing_template, unread, watch};

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
    let line = wanted.compile(line::Deployed::by(&before))?;
    output::warnings(common, &line.document.source, &line.warnings);
    zones_offered(&account, &line).await?;
    match args.locked {
        true => line.lock.hold(&line.plan)?,
        false => line.lock.write(&line.plan, common)?,
    }
    let Some(change_set) = reviewed(common, args, &account, &line, (stack.as_ref(), &before)).await? else { return Ok(DONE) };
    execute(common, file, &account, &line, &change_set).await
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
                let work = async { deploy::follow(account, &clock(), name, None, &mut |event: Event| watch::say(common, &event)).await };
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
    let work = async { deploy::destroy(account, &clock(), (stack, &nonce), &mut |event: Event| watch::say(common, &event)).await };
    let outcome = watch::interruptible(work, &format!("run `eksnet deploy {file}` again")).await?;
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

/// Makes the change set; its name and what it would do, unless there is nothing to change.
pub async fn proposed(
    common: &Common,
    account: &Account,
    line: &Line,
    (stack, before): (Option<&Stack>, &Template),
) -> Result<Option<(String, Preview)>, Stop> {
    let size = line.template.to_json().len();
    if INLINE_LIMIT < size {
        let failure = Failure::new(format!("the template has {size} bytes, CloudFormation takes {INLINE_LIMIT} without an S3 bucket"));
        return Err(failure.hint("fewer tiers, zones or tags").into());
    }
    let job = Job { stack: line.spec.stack(), template: line.template.clone(), tags: line.spec.tags.clone().into_iter().collect(), nonce: nonce() };
    let work = async { deploy::prepare(account, &clock(), &job, stack, &mut |event: Event| watch::say(common, &event)).await };
    let prepared = watch::interruptible(work, "nothing was changed").await?;
    let Prepared::Ready { name, said } = prepared else { return Ok(None) };
    let own = preview::compare(&job.stack, before, &line.template, &line.graph);
    Ok(Some((name, preview::fold(&own, &deploy::changes(&said), before, &line.template))))
}

/// The preview of a stack that is as the blueprint wants it.
pub fn no_change(line: &Line, before: &Template) -> Preview {
    Preview { stack: line.spec.stack(), network: preview::Network::between(before, before), ..Preview::default() }
}

/// Shows what would change; the change set's name, if somebody wants it executed.
async fn reviewed(common: &Common, args: &Deploy, account: &Account, line: &Line, standing: (Option<&Stack>, &Template)) -> Result<Option<String>, Stop> {
    let (stack, before) = standing;
    let Some((name, shown)) = proposed(common, account, line, standing).await? else {
        show(common, line, &no_change(line, before));
        line.lock.settle(&line.plan, common)?;
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
        Format::Human => output::data(&report::preview::human(preview, &|path| line.place(path))),
    }
    line.latecomers().iter().for_each(|late| output::note(common, &format!("note: {late}")));
}

/// Runs a change set to its end, and sees to what comes after.
pub async fn execute(common: &Common, file: &str, account: &Account, line: &Line, change_set: &str) -> Result<u8, Stop> {
    let stack = line.spec.stack();
    let last = account.events(&stack, None).await.map_err(|refusal| unread("the stack's events", refusal))?.last().map(|event| event.event_id.clone());
    deploy::execute(account, &stack, change_set).await?;
    let again = format!("run `eksnet deploy {file}` again to follow it, or `eksnet status {file}`");
    let work = async { deploy::follow(account, &clock(), &stack, last, &mut |event: Event| watch::say(common, &event)).await };
    let outcome = watch::interruptible(work, &again).await?;
    if let Outcome::Done { .. } = outcome {
        line.lock.settle(&line.plan, common)?;
        protect(common, account, line).await;
        verify(common, account, line).await;
    }
    Ok(watch::ended(common, &outcome, &|id| line.maker(id), &format!("correct the cause, then `eksnet deploy {file}` again")))
}

/// What CloudFormation calls complete, seen through EKS; and how to get in.
async fn verify(common: &Common, account: &Account, line: &Line) {
    if line.spec.cluster.is_none() {
        return;
    }
    let name = &line.spec.name;
    let (cluster, addons) = tokio::join!(account.cluster(name), account.addons(name));
    match cluster {
        Ok(Some(cluster)) if cluster.status == "ACTIVE" && cluster.issues.is_empty() => {
            output::note(common, &format!("cluster {name}: ACTIVE, Kubernetes {}", cluster.version))
        }
        Ok(Some(cluster)) => output::note(common, &format!("warning: cluster {name} is {}: {}", cluster.status, cluster.issues.join("; "))),
        Ok(None) => output::note(common, &format!("warning: EKS knows no cluster {name}")),
        Err(refusal) => output::note(common, &format!("warning: cluster {name} was not verified: {refusal}")),
    }
    for addon in addons.unwrap_or_default().iter().filter(|addon| addon.status != "ACTIVE") {
        output::note(common, &format!("warning: add-on {} is {}: {}", addon.name, addon.status, addon.issues.join("; ")));
    }
    output::note(common, &format!("to use it: aws eks update-kubeconfig --name {name} --region {}", line.spec.region.name));
}

/// Termination protection follows the cluster's: what holds addresses does not go by a slip.
async fn protect(common: &Common, account: &Account, line: &Line) {
    let on = line.spec.cluster.as_ref().is_some_and(|cluster| cluster.deletion_protection);
    if let Err(refusal) = account.protect(&line.spec.stack(), on).await {
        output::note(common, &format!("warning: termination protection is as it was: {refusal}"));
    }
}
