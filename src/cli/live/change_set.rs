//! A change set proposed, and one carried out: what `deploy` and saved plans share.

use std::cell::RefCell;

use crate::aws::{Account, Clusters, Networks, Stacks};
use crate::deploy::{self, Event, Job, Outcome, Prepared};
use crate::diagnostic::Failure;
use crate::observed::StackDescription;
use crate::preview::{self, ChangeKind, Forecast, Preview, forecast};
use crate::template::Template;

use super::super::Common;
use super::super::args::Sending;
use super::super::line::Line;
use super::super::output::{self, Stop};
use super::aws_node::{self, Early};
use super::watch::{self, Viewer};
use super::{after, clock, nonce, unread};

/// What a change set is made of and for.
pub struct DeployContext<'w> {
    pub common: &'w Common,
    pub account: &'w Account,
    pub line: &'w Line,
    pub sending: &'w Sending,
    /// Whether settings of aws-node may be taken from whoever made them.
    pub take_over: bool,
}

/// A change set that can be executed.
pub struct Proposed {
    pub name: String,
    pub id: String,
    pub preview: Preview,
}

/// Makes the change set; what it would do, unless there is nothing to change.
pub async fn proposed(
    wanted: &DeployContext<'_>,
    (stack, before): (Option<&StackDescription>, &Template),
) -> Result<Option<Proposed>, Stop> {
    let DeployContext { common, account, line, sending, .. } = wanted;
    let own = preview::compare(&line.intent.stack(), before, &line.template, &line.graph);
    if let Some(refused) = own.findings.iter().find(|finding| finding.is_error()) {
        let place = line.place(&refused.path).map_or(String::new(), |place| format!(" ({place})"));
        let failure = Failure::new(format!("{}{place} [{}]", refused.message, refused.rule));
        return Err(failure.hint(refused.hint.clone().unwrap_or_default()).into());
    }
    let job = Job {
        stack: line.intent.stack(),
        template: line.template.clone(),
        tags: line.intent.tags.clone().into_iter().collect(),
        nonce: nonce(),
        bucket: sending.bucket(),
        revert_drift: sending.revert_drift,
    };
    let begun = RefCell::new(None);
    let mut see = |event: Event| {
        if let Event::ChangeSet { name } = &event {
            *begun.borrow_mut() = Some(name.clone());
        }
        watch::say(common, &event);
    };
    let work = async { deploy::prepare(*account, &clock(), &job, stack, &mut see).await };
    let prepared = watch::unless_interrupted(work, "nothing was changed").await;
    if let (Err(_), Some(name)) = (&prepared, begun.take()) {
        // What was begun and will not be executed.
        deploy::discard(*account, &job.stack, &name, stack.is_none()).await;
    }
    let Prepared::Ready { name, id, said } = prepared? else {
        return Ok(None);
    };
    let mut shown = preview::fold(&own, &deploy::changes(&said), before, &line.template);
    let reading = async { Ok(aws_node::beside(account, line, before).await) };
    shown.beside = watch::unless_interrupted(reading, "nothing was changed").await?;
    shown.drift = sending.revert_drift.then(|| deploy::drifted(&said));
    if goes_protected(&shown, before) {
        deploy::discard(*account, &job.stack, &name, stack.is_none()).await;
        let failure = Failure::new(
            "the cluster would be removed or replaced, and it is protected against that",
        );
        return Err(failure.hint("deploy `cluster: { deletionProtection: false }` first").into());
    }
    Ok(Some(Proposed { name, id, preview: shown }))
}

/// EKS refuses to delete a protected cluster; CloudFormation would take everything around it first.
fn goes_protected(preview: &Preview, before: &Template) -> bool {
    let protected = before
        .resource("Cluster")
        .is_some_and(|cluster| cluster["Properties"]["DeletionProtection"] == true);
    protected
        && preview.changes.iter().any(|change| {
            change.id == "Cluster"
                && matches!(change.change_kind(), ChangeKind::Remove | ChangeKind::Replace)
        })
}

/// The preview of a stack that is as the blueprint wants it.
pub fn no_change(line: &Line, before: &Template) -> Preview {
    Preview {
        stack: line.intent.stack(),
        network: preview::Network::between(before, before),
        ..Preview::default()
    }
}

/// What deploying `line` over `before` is expected to take.
pub fn expected(line: &Line, before: &Template) -> Forecast {
    forecast::of(
        &preview::compare(&line.intent.stack(), before, &line.template, &line.graph),
        before,
        &line.template,
    )
}

/// Runs a change set to its end, and sees to what comes after.
pub async fn execute(
    wanted: &DeployContext<'_>,
    file: &str,
    (change_set, before): (&str, &Template),
) -> Result<u8, Stop> {
    let DeployContext { common, account, line, .. } = wanted;
    let stack = line.intent.stack();
    let last = account
        .events(&stack, None)
        .await
        .map_err(|refusal| unread("the stack's events", refusal))?
        .last()
        .map(|event| event.event_id.clone());
    let viewer = Viewer::new(common, &stack, expected(line, before));
    viewer.announce();
    watch::uninterrupted()?;
    aws_node::release(account, line, before).await?;
    deploy::execute(*account, &stack, change_set).await?;
    let again = format!("run `eksnet deploy {file}` again to follow it, or `eksnet status {file}`");
    let operation = deploy::Operation { stack: stack.clone(), after: last, deletes: false };
    let early = Early::new(&viewer, (account, line, before), wanted.take_over);
    let mut see = |event: Event| {
        early.see(&event);
        viewer.see(&event);
    };
    let work = async {
        beside(deploy::follow(*account, &clock(), operation, &mut see), early.run()).await
    };
    let outcome = viewer.watch(work, &again).await?;
    finish(wanted, file, (&outcome, before)).await
}

/// Does `work` to its end, and `more` as far as it comes meanwhile.
async fn beside<T>(work: impl Future<Output = T>, more: impl Future<Output = ()>) -> T {
    tokio::pin!(work, more);
    tokio::select! {
        done = &mut work => done,
        () = &mut more => work.await,
    }
}

/// What comes after a change set was carried out; the exit code.
pub async fn finish(
    wanted: &DeployContext<'_>,
    file: &str,
    (outcome, before): (&Outcome, &Template),
) -> Result<u8, Stop> {
    let DeployContext { common, account, line, .. } = wanted;
    let mut path = Vec::new();
    if let Outcome::Done { stack, took, .. } = outcome {
        path = forecast::critical_path(took, &forecast::needs(&line.template));
        see_to(wanted, stack, before).await?;
        verify(common, account, line).await;
    }
    Ok(watch::ended(
        common,
        (outcome, &path),
        &|id| line.maker(id),
        &format!("correct the cause, then `eksnet deploy {file}` again"),
    ))
}

/// What a deployment still has to do once the stack is as the blueprint wants it; each part may be done again.
pub async fn see_to(
    wanted: &DeployContext<'_>,
    stack: &StackDescription,
    before: &Template,
) -> Result<(), Stop> {
    let DeployContext { common, account, line, .. } = wanted;
    settle(common, account, line, stack).await?;
    after::run(common, account, line, stack).await?;
    protect(wanted, stack, before).await;
    let say = |text: &str| output::note(common, text);
    let setting_up = aws_node::set_up((account, line, before), wanted.take_over, &say);
    watch::unless_interrupted(setting_up, "the stack stands; deploy again to set aws-node up").await
}

/// Brings the lock up to what stands now.
async fn settle(
    common: &Common,
    account: &Account,
    line: &Line,
    stack: &StackDescription,
) -> Result<(), Failure> {
    let vpc = stack.vpc().unwrap_or_default();
    match account.subnets(vpc).await {
        Ok(live) => line.lock.settle(
            &line.plan,
            |cidr| live.iter().any(|subnet| subnet.cidr == cidr.to_string()),
            common,
        ),
        Err(refusal) => {
            output::note(
                common,
                &format!(
                    "the lock keeps the ranges of removed tiers: the VPC's subnets could not be read: {refusal}"
                ),
            );
            line.lock.settle(&line.plan, |_| true, common)
        }
    }
}

/// What CloudFormation calls complete, seen through EKS; and how to get in.
async fn verify(common: &Common, account: &Account, line: &Line) {
    if line.intent.cluster.is_none() {
        return;
    }
    let name = &line.intent.name;
    let (cluster, addons) = tokio::join!(account.cluster(name), account.addons(name));
    match cluster {
        Ok(Some(cluster)) if cluster.status == "ACTIVE" && cluster.issues.is_empty() => {
            output::note(common, &format!("cluster {name}: ACTIVE, Kubernetes {}", cluster.version))
        }
        Ok(Some(cluster)) => output::note(
            common,
            &format!(
                "warning: cluster {name} is {}: {}",
                cluster.status,
                cluster.issues.join("; ")
            ),
        ),
        Ok(None) => output::note(common, &format!("warning: EKS knows no cluster {name}")),
        Err(refusal) => {
            output::note(common, &format!("warning: cluster {name} was not verified: {refusal}"))
        }
    }
    for addon in addons.unwrap_or_default().iter().filter(|addon| addon.status != "ACTIVE") {
        output::note(
            common,
            &format!(
                "warning: add-on {} is {}: {}",
                addon.name,
                addon.status,
                addon.issues.join("; ")
            ),
        );
    }
    output::note(
        common,
        &format!(
            "to use it: aws eks update-kubeconfig --name {name} --region {}",
            line.intent.region.name
        ),
    );
}

/// Termination protection comes with the cluster's, and goes with it; where the blueprint has none, what somebody switched on by hand stays.
async fn protect(wanted: &DeployContext<'_>, stack: &StackDescription, before: &Template) {
    let DeployContext { common, account, line, .. } = wanted;
    let on = line.intent.cluster.as_ref().is_some_and(|cluster| cluster.deletion_protection);
    let was = before
        .resource("Cluster")
        .is_some_and(|cluster| cluster["Properties"]["DeletionProtection"] == true);
    if on == stack.protected || (!on && !was) {
        return;
    }
    match account.protect(&line.intent.stack(), on).await {
        Ok(()) => output::note(
            common,
            &format!(
                "termination protection of stack {}: {}",
                stack.name,
                if on { "on" } else { "off, as the cluster's" }
            ),
        ),
        Err(refusal) => output::note(
            common,
            &format!("warning: termination protection is as it was: {refusal}"),
        ),
    }
}
