//! `eksnet deploy`

use crate::aws::{Account, Clusters, Stacks};
use crate::deploy::{self, Condition, Event, Outcome};
use crate::diagnostic::{Failure, any_error};
use crate::observed::{Observed, StackDescription};
use crate::preview::Preview;
use crate::report;
use crate::template::Template;

use super::super::args::{Deploy, Format};
use super::super::line::{self, Line};
use super::super::output::{self, Stop};
use super::super::{Common, DONE, FAILED};
use super::change_set::Proposed;
use super::watch::Viewer;
use super::{
    aws_node, change_set, clock, connect, nonce, plan, preflight, unprotect_cluster, unread,
    versions, watch,
};

pub fn run(common: &Common, args: &Deploy) -> Result<u8, Stop> {
    super::block_on(deploy(common, args))?
}

async fn deploy(common: &Common, args: &Deploy) -> Result<u8, Stop> {
    let file = match (&args.plan, &args.file) {
        (Some(plan), _) => return plan::execute(common, plan, args.take_over).await,
        (None, Some(file)) => file.as_str(),
        (None, None) => return Err(Stop::Usage("a blueprint or `--plan` is wanted".to_string())),
    };
    let opened = line::open(file, common)?;
    let intent = opened.draft(common, &Observed::default())?;
    let account = connect(common, &intent).await?;
    account.identity().await.map_err(|refusal| unread("who the credentials belong to", refusal))?;
    let name = intent.stack();
    let stack = settled(common, (args, file), &account, &name).await?;
    let observed = versions::observe(common, &account, &opened).await?;
    let before = observed.deployed_template();
    let line = opened.compile(common, observed)?;
    line::said(common, &line);
    let found = preflight::run(common, &account, &line, (stack.as_ref(), &before)).await;
    if any_error(&found) {
        return Err(Stop::Findings(line.document.source.clone(), found));
    }
    output::warnings(common, &line.document.source, &found);
    match args.locked {
        true => line.lock.hold(&line.plan)?,
        false => line.lock.write(&line.plan, common)?,
    }
    let mut wanted = change_set::DeployContext {
        common,
        account: &account,
        line: &line,
        sending: &args.sending,
        take_over: args.take_over,
    };
    let Some(name) = reviewed(args, &mut wanted, (stack.as_ref(), &before)).await? else {
        return Ok(DONE);
    };
    change_set::execute(&wanted, file, (&name, &before)).await
}

/// The stack as it stands once nothing is under way and no failed creation is in the way.
async fn settled(
    common: &Common,
    (args, file): (&Deploy, &str),
    account: &Account,
    name: &str,
) -> Result<Option<StackDescription>, Stop> {
    let again = format!("run `eksnet deploy {file}` again to follow it");
    let mut continued = false;
    loop {
        let stack = account
            .describe(name)
            .await
            .map_err(|refusal| unread(&format!("stack `{name}`"), refusal))?;
        match deploy::condition(stack.as_ref()) {
            Condition::Absent => return Ok(None),
            Condition::Deployed => return Ok(stack),
            Condition::Busy => {
                output::note(
                    common,
                    &format!("stack {name}: an operation is under way, following it"),
                );
                let deletes = stack.is_some_and(|stack| stack.status.starts_with("DELETE"));
                follow(common, account, (name, deletes), &again).await?;
            }
            Condition::Failed | Condition::DeleteFailed => {
                let Some(stack) = stack else { return Ok(None) };
                clean_up(common, (args, file), account, &stack).await?;
            }
            Condition::RollbackFailed if continued => {
                let failure = Failure::new(format!(
                    "stack `{name}` is in UPDATE_ROLLBACK_FAILED again, and CloudFormation takes no change"
                ));
                let skip = format!(
                    "aws cloudformation continue-update-rollback --stack-name {name} --resources-to-skip LOGICAL_ID"
                );
                return Err(failure
                    .hint(format!(
                        "mend what failed above, then deploy again; or leave it behind: `{skip}`"
                    ))
                    .into());
            }
            Condition::RollbackFailed => {
                continued = true;
                roll_back(common, args, account, name).await?;
                follow(common, account, (name, false), &again).await?;
            }
        }
    }
}

/// Watches what somebody else began.
pub(super) async fn follow(
    common: &Common,
    account: &Account,
    (name, deletes): (&str, bool),
    again: &str,
) -> Result<Outcome, Stop> {
    let viewer = Viewer::new(common, name, crate::preview::Forecast::default());
    let work = async {
        let operation = deploy::under_way(account, name, deletes).await;
        deploy::follow(account, &clock(), operation, &mut |event: Event| viewer.see(&event)).await
    };
    viewer.watch(work, again).await
}

/// CloudFormation takes nothing but to continue a rollback that failed.
async fn roll_back(
    common: &Common,
    args: &Deploy,
    account: &Account,
    name: &str,
) -> Result<(), Stop> {
    let question = format!("stack {name} is in UPDATE_ROLLBACK_FAILED: continue the rollback?");
    if !args.yes && !watch::confirmed(&question, "--yes").await? {
        return Err(Stop::Code(FAILED));
    }
    output::note(common, &format!("stack {name}: continuing the rollback that failed"));
    let begun = account.continue_rollback(name, &format!("eksnet-{}", nonce())).await;
    begun.map_err(|refusal| {
        Failure::new(format!("cannot continue the rollback of stack `{name}`"))
            .because(refusal)
            .into()
    })
}

/// A failed creation holds nothing; it has to go before the next try.
async fn clean_up(
    common: &Common,
    (args, file): (&Deploy, &str),
    account: &Account,
    stack: &StackDescription,
) -> Result<(), Stop> {
    let question = format!(
        "stack {} is in {}: delete what is left of it and make it anew?",
        stack.name, stack.status
    );
    if !args.yes && !watch::confirmed(&question, "--yes").await? {
        return Err(Stop::Code(FAILED));
    }
    output::note(common, &format!("stack {}: {}, deleting what is left", stack.name, stack.status));
    let nonce = nonce();
    if stack.protected {
        account
            .protect(&stack.name, false)
            .await
            .map_err(|refusal| unread("the stack's protection", refusal))?;
    }
    if let Some(cluster) = own_cluster(account, stack).await? {
        // A failed creation may have come as far as the cluster, which EKS would keep.
        unprotect_cluster(common, account, &cluster).await?;
    }
    let viewer = Viewer::new(common, &stack.name, crate::preview::Forecast::default());
    let work = async {
        deploy::destroy(account, &clock(), (stack, &nonce), &mut |event: Event| viewer.see(&event))
            .await
    };
    let outcome = viewer.watch(work, &format!("run `eksnet deploy {file}` again")).await?;
    match outcome {
        Outcome::Done { .. } => Ok(()),
        other => Err(Stop::Code(watch::ended(
            common,
            (&other, &[]),
            &|_| None,
            "see what holds the resources above, then deploy again",
        ))),
    }
}

/// The protected cluster that the stack made itself: one of the same name may be somebody else's.
async fn own_cluster(
    account: &Account,
    stack: &StackDescription,
) -> Result<Option<String>, Failure> {
    let resources = account
        .resources(&stack.name)
        .await
        .map_err(|refusal| unread("the stack's resources", refusal))?;
    let own = resources.into_iter().find(|one| {
        one.kind == "AWS::EKS::Cluster"
            && one.status != "DELETE_COMPLETE"
            && !one.physical_id.is_empty()
    });
    let Some(own) = own else { return Ok(None) };
    // What failed to be made because the name was taken has the name as its id too.
    if own.status == "CREATE_FAILED" {
        return Ok(None);
    }
    let cluster = account
        .cluster(&own.physical_id)
        .await
        .map_err(|refusal| unread("the cluster", refusal))?;
    Ok(cluster.filter(|cluster| cluster.deletion_protection).map(|_| own.physical_id))
}

/// Shows what would change; the change set's name, if somebody wants it executed.
async fn reviewed(
    args: &Deploy,
    wanted: &mut change_set::DeployContext<'_>,
    standing: (Option<&StackDescription>, &Template),
) -> Result<Option<String>, Stop> {
    let (common, account, line) = (wanted.common, wanted.account, wanted.line);
    let (stack, before) = standing;
    let Some(Proposed { name, preview: shown, .. }) =
        change_set::proposed(wanted, standing).await?
    else {
        let beside = aws_node::beside(account, line, before).await;
        show(
            common,
            line,
            &Preview { beside: beside.clone(), ..change_set::no_change(line, before) },
        );
        wanted.take_over = aws_node::gate(line, &beside, wanted.take_over, !args.yes).await?;
        if !beside.lines.is_empty()
            && !args.yes
            && !watch::confirmed("set aws-node up so?", "--yes").await?
        {
            output::note(common, "nothing was changed");
            return Err(Stop::Code(FAILED));
        }
        if let Some(stack) = stack {
            change_set::see_to(wanted, stack, before).await?;
        }
        return Ok(None);
    };
    show(common, line, &shown);
    let answer = agreed(args, wanted, &shown).await;
    if matches!(answer, Ok(true)) {
        return Ok(Some(name));
    }
    deploy::discard(account, &shown.stack, &name, stack.is_none()).await;
    output::note(common, "nothing was changed");
    answer.and(Err(Stop::Code(FAILED)))
}

async fn agreed(
    args: &Deploy,
    wanted: &mut change_set::DeployContext<'_>,
    shown: &Preview,
) -> Result<bool, Stop> {
    wanted.take_over =
        aws_node::gate(wanted.line, &shown.beside, wanted.take_over, !args.yes).await?;
    if args.yes {
        Ok(true)
    } else {
        watch::confirmed(&format!("deploy this to stack {}?", shown.stack), "--yes").await
    }
}

fn show(common: &Common, line: &Line, preview: &Preview) {
    match common.output {
        Format::Json => output::data(&format!("{}\n", report::preview_json::line(preview))),
        _ => output::data(&report::preview::human(preview, &|path| line.place(path))),
    }
    line.latecomers().iter().for_each(|late| output::note(common, &format!("note: {late}")));
}
