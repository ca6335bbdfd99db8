//! A deployment: a change set proposed, shown, agreed to, carried out, and what comes after it.

use std::cell::RefCell;

use serde_json::Value;

use crate::aws::Connected;
use crate::diagnostic::Failure;
use crate::graph::{AWS_NODE_SETTINGS, VPC_CNI};
use crate::line::Compiled;
use crate::observed::{Stack, StackDescription};
use crate::preview::{self, ChangeKind, KubernetesChanges, Preview};
use crate::template::Template;

use super::aws_node::{proofs::prove, run as aws_node};
use super::deployment::{Deployment, Place};
use super::newcomers::newcomer;
use super::{
    Clock, Decide, Event, Note, Operation, Outcome, Prepared, Question, Stage, after, changes,
    discard, downgrade, drifted, evictions, execute, follow, prepare, stopped,
};

/// A change set that can be executed.
pub struct Proposed {
    pub name: String,
    pub id: String,
    pub preview: Preview,
}

/// How a run ended.
#[expect(clippy::large_enum_variant, reason = "one value a run")]
#[derive(Debug)]
pub enum Run {
    /// The stack needed nothing.
    NoChange,
    /// Somebody said no; nothing was changed.
    Declined,
    /// Others took addresses meanwhile; nothing was changed.
    Overtaken(String),
    Ended(Outcome),
}

const NOTHING: &str = "nothing was changed";

/// Makes the change set; what it would do, unless there is nothing to change. Of an edit in parts it is the first one's.
pub async fn propose<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
) -> Result<Option<Proposed>, Failure> {
    let whole = deployment.compared();
    refused(deployment.compiled, &whole)?;
    downgrade::refused(stage.world, deployment, &whole).await?;
    let Some(first) = whole.parts.first().cloned() else {
        return propose_one(stage, deployment, &whole).await;
    };
    let place = Place { number: 1, count: whole.parts.len(), part: &first };
    let one = Deployment { part: Some(place), ..*deployment };
    let proposed = propose_one(stage, &one, &first.preview).await?;
    Ok(proposed.map(|proposed| {
        let preview = with_first(&whole, &proposed.preview);
        Proposed { preview, ..proposed }
    }))
}

/// The whole edit, with what the change set says of its first part.
pub(super) fn with_first(whole: &Preview, first: &Preview) -> Preview {
    let mut shown = whole.clone();
    shown.beside = first.beside.clone();
    shown.drift = first.drift.clone();
    shown.disagreements = first.disagreements.clone();
    if let Some(part) = shown.parts.first_mut() {
        part.preview = first.clone();
    }
    shown
}

/// The change set of one update, which `own` is compared with.
pub(super) async fn propose_one<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
    own: &Preview,
) -> Result<Option<Proposed>, Failure> {
    let Deployment { compiled, stack, before, options, .. } = deployment;
    let job = deployment.job();
    let begun = RefCell::new(None);
    let mut tell = |event: Event| {
        if let Event::ChangeSet { name } = &event {
            *begun.borrow_mut() = Some(name.clone());
        }
        stage.tell(event);
    };
    let work = prepare(stage.world, stage.clock, &job, *stack, &mut tell);
    let prepared = stage.unless_interrupted(work, NOTHING).await;
    if let (Err(_), Some(name)) = (&prepared, begun.take()) {
        // What was begun and will not be executed.
        discard(stage.world, &job.stack, &name, stack.is_none()).await;
    }
    let Prepared::Ready { name, id, said } = prepared? else { return Ok(None) };
    let folded = preview::fold(own, &changes(&said), before, deployment.target());
    let mut shown = deployment.over_sizes(folded);
    let reading = async { Ok(aws_node::changes(stage.world, compiled, before).await) };
    let read = stage.unless_interrupted(reading, NOTHING).await;
    if read.is_err() {
        discard(stage.world, &job.stack, &name, stack.is_none()).await;
    }
    shown = shown.with_beside(read?);
    shown.drift = options.revert_drift.then(|| drifted(&said));
    if goes_protected(&shown, before) {
        discard(stage.world, &job.stack, &name, stack.is_none()).await;
        let failure = Failure::new(
            "the cluster would be removed or replaced, and it is protected against that",
        );
        return Err(failure.hint("deploy `cluster: { deletionProtection: false }` first"));
    }
    Ok(Some(Proposed { name, id, preview: shown }))
}

/// What AWS refuses of the change is said before anything is asked of it.
pub(super) fn refused(compiled: &Compiled, own: &Preview) -> Result<(), Failure> {
    let Some(refused) = own.findings.iter().find(|finding| finding.is_error()) else {
        return Ok(());
    };
    let place = compiled.place(&refused.path).map_or(String::new(), |place| format!(" ({place})"));
    let failure = Failure::new(format!("{}{place} [{}]", refused.message, refused.rule));
    Err(failure.hint(refused.hint.clone().unwrap_or_default()))
}

/// EKS refuses to delete a protected cluster; CloudFormation would take everything around it first.
fn goes_protected(preview: &Preview, before: &Template) -> bool {
    let gone = |change: &preview::Change| {
        change.kind == "AWS::EKS::Cluster"
            && matches!(change.change_kind(), ChangeKind::Remove | ChangeKind::Replace)
    };
    let cluster = Stack::of(before).cluster;
    cluster.is_some_and(|cluster| cluster.protected) && preview.changes.iter().any(gone)
}

/// The preview of a stack that is as the blueprint wants it.
pub fn no_change(compiled: &Compiled, before: &Template) -> Preview {
    Preview {
        stack: compiled.intent.stack(),
        network: preview::Network::between(before, before),
        ..Preview::default()
    }
}

/// Proposes, shows, asks and executes one update.
pub(super) async fn run_one<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
    own: &Preview,
) -> Result<Run, Failure> {
    let Some(proposed) = propose_one(stage, deployment, own).await? else {
        return unchanged(stage, deployment).await;
    };
    stage.tell(Event::Preview(Box::new(proposed.preview.clone())));
    let agreed = agreed(stage, deployment, &proposed.preview).await;
    let Ok(Some(take_over)) = agreed else {
        let stack = deployment.stack_name();
        discard(stage.world, &stack, &proposed.name, deployment.stack.is_none()).await;
        return agreed.map(|_| Run::Declined);
    };
    if let Some(who) = overtaken(stage, deployment).await? {
        let stack = deployment.stack_name();
        discard(stage.world, &stack, &proposed.name, deployment.stack.is_none()).await;
        return Ok(Run::Overtaken(who));
    }
    settings_first(stage, deployment, (&proposed.preview, take_over)).await?;
    carry_out(stage, deployment, (&proposed.name, take_over)).await.map(Run::Ended)
}

/// A run that ended between its parts leaves settings to do, and the nodes that wait for them are all that the stack lacks: in a cluster
/// that others made aws-node is set up before they come.
pub(super) async fn settings_first<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
    (shown, take_over): (&Preview, bool),
) -> Result<(), Failure> {
    let Deployment { compiled, before, .. } = deployment;
    let others = compiled.intent.cluster.as_ref().is_some_and(|own| own.existing.is_some());
    let is_known = others && before.resource(AWS_NODE_SETTINGS).is_some();
    let beside = &shown.beside;
    let is_left = !beside.differs.is_empty() || beside.addon.is_some();
    let is_new = |(id, own): (&String, &Value)| {
        own["Type"] == "AWS::EKS::Nodegroup" && before.resource(id).is_none()
    };
    if is_known && is_left && deployment.target().resources().any(is_new) {
        let words = "nothing was changed but aws-node; deploy again to set it up";
        let setting_up = aws_node::set_up(stage, deployment, take_over);
        stage.unless_interrupted(setting_up, words).await?;
    }
    Ok(())
}

/// Who took addresses of it meanwhile, in words.
pub(super) async fn overtaken<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
) -> Result<Option<String>, Failure> {
    let found = newcomer(stage.world, (deployment.compiled, deployment.before)).await;
    found.map_err(|refusal| stopped("cannot read the VPC's subnets", refusal))
}

/// Whether settings may be taken over; `None`: no.
pub(super) async fn agreed<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
    shown: &Preview,
) -> Result<Option<bool>, Failure> {
    let take_over = aws_node::gate(stage, deployment, &shown.beside).await?;
    let question = Question::Deploy { stack: &shown.stack };
    Ok(stage.agreed(&question, "--yes").await?.then_some(take_over))
}

/// The stack needs nothing; aws-node may.
async fn unchanged<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
) -> Result<Run, Failure> {
    let Deployment { compiled, before, .. } = deployment;
    let beside = aws_node::changes(stage.world, compiled, before).await;
    let shown = Preview { beside: beside.clone(), ..no_change(compiled, before) };
    stage.tell(Event::Preview(Box::new(shown)));
    let take_over = aws_node::gate(stage, deployment, &beside).await?;
    if !beside.differs.is_empty() && !stage.agreed(&Question::SetUpAwsNode, "--yes").await? {
        return Ok(Run::Declined);
    }
    if let Some(stack) = deployment.stack {
        complete(stage, deployment, (stack, take_over)).await?;
    }
    Ok(Run::NoChange)
}

/// Executes the change set of a saved plan, which was agreed to when it was saved.
pub async fn execute_plan<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
    (change_set, beside): (&str, &KubernetesChanges),
) -> Result<Outcome, Failure> {
    let take_over = aws_node::gate(stage, deployment, beside).await?;
    carry_out(stage, deployment, (change_set, take_over)).await
}

/// Runs a change set to its end.
pub(super) async fn carry_out<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
    (change_set, take_over): (&str, bool),
) -> Result<Outcome, Failure> {
    let (stack, options) = (deployment.stack_name(), deployment.options);
    let events = stage.world.events(&stack, None).await;
    let events = events.map_err(|refusal| stopped("cannot read the stack's events", refusal))?;
    let last = events.last().map(|event| event.event_id.clone());
    stage.tell(Event::Expected(deployment.expected()));
    stage.unless_interrupted(async { Ok(()) }, NOTHING).await?;
    if deployment.settles() || deployment.target().resource(VPC_CNI).is_some() {
        aws_node::release(stage.world, deployment).await?;
    }
    let again =
        format!("run `{}` again to follow it, or `{}`", options.command, options.status_command);
    // Whether CloudFormation took it, nobody knows who does not wait for the answer.
    let begun = execute(stage.world, (&stack, change_set), options.on_failure);
    stage.watched(begun, &again).await?;
    let operation = Operation { stack, after: last, deletes: false };
    let (mut early, ready) = aws_node::Early::new(deployment);
    let mut tell = |event: Event| {
        early.see(&event);
        stage.tell(event);
    };
    let following = follow(stage.world, stage.clock, operation, &mut tell);
    let setting_up = aws_node::early(stage, deployment, (ready, take_over));
    let outcome = stage.watched(beside(following, setting_up), &again).await?;
    finish(stage, deployment, (outcome, take_over)).await
}

/// What comes after a change set was carried out.
pub async fn finish<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
    (outcome, take_over): (Outcome, bool),
) -> Result<Outcome, Failure> {
    if let (Outcome::Done { stack, .. }, true) = (&outcome, deployment.settles()) {
        complete(stage, deployment, (stack, take_over)).await?;
        verify(stage, deployment.compiled).await;
    }
    Ok(evictions::told(stage.world, deployment.compiled, outcome).await)
}

/// Does `work` to its end, and `more` as far as it comes meanwhile.
async fn beside<T>(work: impl Future<Output = T>, more: impl Future<Output = ()>) -> T {
    tokio::pin!(work, more);
    tokio::select! {
        done = &mut work => done,
        () = &mut more => work.await,
    }
}

/// What a deployment still has to do once the stack is as the blueprint wants it; each part may be done again.
pub async fn complete<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
    (stack, take_over): (&StackDescription, bool),
) -> Result<(), Failure> {
    let live = stage.world.subnets(stack.vpc().unwrap_or_default()).await;
    stage.tell(Event::Deployed { subnets: live.map_err(|refusal| refusal.to_string()) });
    after::run(stage, deployment, stack).await?;
    protect(stage, deployment, stack).await;
    let setting_up = aws_node::set_up(stage, deployment, take_over);
    let words = "the stack is deployed; deploy again to configure aws-node";
    stage.unless_interrupted(setting_up, words).await?;
    prove(stage, deployment).await
}

/// What CloudFormation calls complete, seen through EKS; and how to get in.
async fn verify<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    compiled: &Compiled,
) {
    let intent = &compiled.intent;
    if intent.cluster.is_none() {
        return;
    }
    let name = intent.cluster_name().to_string();
    let (cluster, addons) = tokio::join!(stage.world.cluster(&name), stage.world.addons(&name));
    stage.tell(Event::Note(match cluster {
        Ok(found) => Note::Cluster { name: name.clone(), found },
        Err(refusal) => {
            let what = format!("cluster {name} was not verified");
            Note::Warning { what, why: refusal.to_string() }
        }
    }));
    let sick = addons.unwrap_or_default().into_iter().filter(|addon| addon.status != "ACTIVE");
    sick.for_each(|addon| stage.tell(Event::Note(Note::Addon(addon))));
    stage.tell(Event::Note(Note::Use { name, region: intent.region.name.to_string() }));
}

/// Termination protection comes with the cluster's, and goes with it; where the blueprint has none, what somebody switched on manually stays.
async fn protect<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
    stack: &StackDescription,
) {
    let cluster = deployment.compiled.intent.cluster.as_ref();
    let on = cluster.is_some_and(|cluster| cluster.deletion_protection);
    let was = Stack::of(deployment.before).cluster.is_some_and(|cluster| cluster.protected);
    if on == stack.protected || (!on && !was) {
        return;
    }
    let name = deployment.stack_name();
    stage.tell(Event::Note(match stage.world.protect(&name, on).await {
        Ok(()) => Note::TerminationProtection { stack: name, on },
        Err(refusal) => Note::Warning {
            what: "termination protection is as it was".to_string(),
            why: refusal.to_string(),
        },
    }));
}
