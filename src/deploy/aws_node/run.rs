//! aws-node through the Kubernetes API: a self-managed one is reviewed, set up and read back, and what the add-on would overwrite of it is
//! shown before EKS adopts it.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::aws::port::Answer;
use crate::aws::{Connected, Refusal};
use crate::diagnostic::Failure;
use crate::facts::aws_node::{Effect, find as setting};
use crate::graph;
use crate::intent::{Cluster, Intent};
use crate::line::Compiled;
use crate::observed::{AwsNode, Part, Stack};
use crate::preview::{self, Differs, KubernetesChanges};
use crate::template::Template;

use super::super::{Clock, Decide, Deployment, Event, Note, Question, Reply, Stage};
use super::objects::{differences, live, manifests, open, ready, theirs, unread};
use super::{Difference, Settled, addon, needs, prepare, proofs, settle};

const FLAG: &str = "--take-over";

/// How often and how long a new cluster's API is asked: its name, its access entries and their rights come a little later than the cluster.
const EVERY: Duration = Duration::from_secs(5);
const TIMES: u32 = 24;

/// The cluster, if its aws-node is set up through its own API.
fn own(intent: &Intent) -> Option<&Cluster> {
    intent.cluster.as_ref().filter(|cluster| cluster.aws_node.is_self_managed())
}

/// Whether the cluster is there before the deployment.
fn stands(intent: &Intent, before: &Template) -> bool {
    let others = intent.cluster.as_ref().is_some_and(|cluster| cluster.existing.is_some());
    others || before.resource("Cluster").is_some()
}

/// The cluster, if EKS is about to take over an aws-node that it does not manage yet.
fn adopting<'s>(intent: &'s Intent, before: &Template) -> Option<&'s Cluster> {
    let stands =
        before.resource("Cluster").filter(|_| before.resource(graph::VPC_CNI).is_none())?;
    // A cluster that was made without one has none, as with Auto Mode or another CNI.
    let has_one = stands["Properties"]["BootstrapSelfManagedAddons"] == true
        || !stands["Metadata"]["AwsNode"].is_null();
    intent.cluster.as_ref().filter(|cluster| cluster.aws_node.is_addon() && has_one)
}

/// Whether a deployment over `before` has anything to do with the cluster's own API.
pub fn concerned(intent: &Intent, before: &Template) -> bool {
    stands(intent, before) && own(intent).or(addon::of(intent)).is_some()
        || adopting(intent, before).is_some()
}

/// The aws-node that runs, if it is set up through the cluster's own API and its version is open.
pub async fn running(
    world: &impl Connected,
    intent: &Intent,
    stack: &Stack,
) -> Part<Option<AwsNode>> {
    let open = own(intent).is_some_and(|cluster| cluster.aws_node.version.known().is_none());
    if !open || stack.cluster.is_none() {
        return Part::Unasked;
    }
    let read = live(world, intent).await;
    Part::of(
        "daemonsets/aws-node",
        read.map(|found| found.map(|(_, live)| AwsNode { version: live.version() })),
    )
}

/// What a deployment changes through the Kubernetes API, and what of somebody else's it would take over.
pub async fn changes(
    world: &impl Connected,
    compiled: &Compiled,
    before: &Template,
) -> KubernetesChanges {
    let found = match (own(&compiled.intent), adopting(&compiled.intent, before)) {
        (Some(cluster), _) if stands(&compiled.intent, before) => {
            reviewed(world, compiled, cluster, before).await
        }
        (None, Some(cluster)) => lost(world, &compiled.intent, cluster).await,
        _ => match addon::of(&compiled.intent) {
            Some(cluster) => {
                let changes = addon::changes(world, compiled, cluster, before).await;
                changes.map(|changes| changes.with_nodes(compiled))
            }
            None => Ok(KubernetesChanges::default()),
        },
    };
    found.unwrap_or_else(|refusal| KubernetesChanges {
        unread: Some(unread(&refusal)),
        ..KubernetesChanges::default()
    })
}

/// How a self-managed aws-node runs otherwise than the blueprint says; `None` where there is none.
pub async fn differing(
    world: &impl Connected,
    compiled: &Compiled,
    before: &Template,
) -> Option<KubernetesChanges> {
    let found = own(&compiled.intent).or(addon::of(&compiled.intent));
    found.filter(|_| stands(&compiled.intent, before))?;
    Some(changes(world, compiled, before).await)
}

async fn reviewed(
    world: &impl Connected,
    compiled: &Compiled,
    cluster: &Cluster,
    before: &Template,
) -> Answer<KubernetesChanges> {
    Ok(match differences(world, compiled, cluster, before).await? {
        Some(found) => KubernetesChanges {
            differs: found.iter().map(Difference::told).collect(),
            takes_over: found.iter().any(theirs),
            ..KubernetesChanges::default()
        },
        None => KubernetesChanges {
            unread: Some("the cluster has no aws-node".to_string()),
            ..KubernetesChanges::default()
        },
    })
}

async fn lost(
    world: &impl Connected,
    intent: &Intent,
    cluster: &Cluster,
) -> Answer<KubernetesChanges> {
    let Some((_, live)) = live(world, intent).await? else {
        return Ok(KubernetesChanges::default());
    };
    let lost = live.lost(&cluster.aws_node);
    Ok(KubernetesChanges {
        differs: lost.iter().map(|one| Differs { overwritten: true, ..one.told() }).collect(),
        takes_over: !lost.is_empty(),
        ..KubernetesChanges::default()
    })
}

/// Whether a deployment may take settings over. Stops one that would do so unasked, and one that would find the cluster shut in the end.
pub async fn gate<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
    found: &KubernetesChanges,
) -> Result<bool, Failure> {
    let take_over = deployment.options.take_over;
    if let Some(why) = &found.unread {
        let intent = &deployment.compiled.intent;
        return match own(intent).or(addon::of(intent)) {
            Some(_) => {
                Err(Failure::new("nothing was changed, because aws-node has to be configured too")
                    .because(why.clone())
                    .hint(super::REACH))
            }
            None if take_over => Ok(true),
            None => Err(Failure::new(
                "cannot determine which aws-node settings EKS would overwrite",
            )
            .because(why.clone())
            .hint(format!("deploy from where the Kubernetes API answers, or overwrite whatever is there with `{FLAG}`"))),
        };
    }
    if !found.takes_over || take_over {
        return Ok(take_over);
    }
    if stage.decide.decide(&Question::TakeOver).await? == Reply::Yes {
        return Ok(true);
    }
    let failure = Failure::new(
        "aws-node has settings of other field managers, and this deployment would take ownership of them",
    );
    Err(failure
        .because(found.lines().join("; "))
        .hint(format!("write them into the blueprint, or overwrite them with `{FLAG}`")))
}

/// The role that a self-managed aws-node took from its service account goes before EKS adopts it: the add-on brings its own.
pub async fn release(world: &impl Connected, deployment: &Deployment<'_>) -> Result<(), Failure> {
    let intent = &deployment.compiled.intent;
    if adopting(intent, deployment.before).is_none() {
        return Ok(());
    }
    let unread = |refusal: Refusal| {
        Failure::new("aws-node's service account was not released")
            .because(refusal)
            .hint(super::REACH)
    };
    match open(world, intent).await.map_err(unread)? {
        Some(api) => super::release(&api).await.map_err(unread),
        None => Ok(()),
    }
}

/// Sets a self-managed aws-node up, once what it needs is there, and tells what it did. It may be done again.
pub async fn set_up<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
    take_over: bool,
) -> Result<(), Failure> {
    let Some(cluster) = own(&deployment.compiled.intent) else {
        return addon::set_up(stage, deployment, take_over).await;
    };
    let (api, ready) = ready(stage.world, deployment.compiled, cluster).await?;
    proofs::zones(&api, deployment.compiled, &ready).await?;
    let before = preview::aws_node_variables(deployment.before);
    match settle(&api, &ready, &before, take_over).await? {
        Settled::Contested(found) => {
            let failure = Failure::new(
                "the stack is deployed, but another field manager owns what the blueprint sets of aws-node",
            );
            let all: Vec<String> =
                found.iter().filter(|one| theirs(one)).map(|one| one.told().to_string()).collect();
            Err(failure.because(all.join("; ")).hint(format!(
                "write it into the blueprint as it is, or deploy again with `{FLAG}`"
            )))
        }
        Settled::Done { changed, left, nodes } => {
            let note = |note: Note| stage.tell(Event::Note(note));
            changed.iter().for_each(|one| note(Note::AwsNode(one.clone())));
            left.into_iter().for_each(|name| note(Note::EniConfigStays { name }));
            let late = changed.iter().filter(|one| 0 < nodes.all && is_for_new_nodes(one));
            let settings: Vec<String> = late.map(|one| one.what.clone()).collect();
            if !settings.is_empty() {
                note(Note::OldNodes { settings });
            }
            note(Note::AwsNodeReadBack { changed: changed.len(), nodes });
            Ok(())
        }
    }
}

fn is_for_new_nodes(one: &Difference) -> bool {
    setting(one.what.trim_start_matches("init "))
        .is_some_and(|setting| setting.effect == Effect::NewNodes)
}

/// What new nodes need is there before they come: in a new cluster aws-node is set up while its stack is still being created, in one that
/// exists the ENIConfigs of new subnets are. It hears the stack's events, and gives its word once everything is there.
pub struct Early {
    /// Logical ids that have to be there first.
    missing: BTreeSet<String>,
    word: Option<oneshot::Sender<()>>,
}

impl Early {
    /// The word never comes where there is nothing to do early.
    pub fn new(deployment: &Deployment<'_>) -> (Self, oneshot::Receiver<()>) {
        let (word, ready) = oneshot::channel();
        let Deployment { compiled, before, .. } = deployment;
        // A cluster that others made is in use: its settings wait until the subnets are there for good.
        let new = own(&compiled.intent).filter(|cluster| cluster.existing.is_none());
        let missing = new.map_or(BTreeSet::new(), |cluster| {
            let entries = compiled
                .template
                .resources()
                .filter(|(_, resource)| resource["Type"] == "AWS::EKS::AccessEntry")
                .map(|(id, _)| id.clone());
            let named =
                manifests(compiled, cluster).map(|manifests| needs(&manifests)).unwrap_or_default();
            let needed = named.into_iter().chain(entries).chain(["Cluster".to_string()]);
            needed.filter(|id| before.resource(id).is_none()).collect()
        });
        let word = (!missing.is_empty()).then_some(word);
        (Self { missing, word }, ready)
    }

    /// Takes one event of the stack in, and gives the word with the last resource that was missing. It gives it once.
    pub fn see(&mut self, event: &Event) {
        let Event::Resource { id, status, .. } = event else { return };
        if status.ends_with("_COMPLETE") {
            self.missing.remove(id);
        }
        if self.missing.is_empty()
            && let Some(word) = self.word.take()
        {
            // Nobody listens any more where the stack has ended.
            let _ = word.send(());
        }
    }
}

/// Waits for the word, and does its part. What does not work here is left to the end of the deployment.
pub async fn early<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
    (ready, take_over): (oneshot::Receiver<()>, bool),
) {
    if ready.await.is_err() {
        return;
    }
    for time in 1..=TIMES {
        match part(stage, deployment, take_over).await {
            Ok(()) => return,
            Err(failure) if time == TIMES => stage.tell(Event::Note(Note::Warning {
                what: "aws-node is not ready for the nodes that come".to_string(),
                why: failure.chain(),
            })),
            Err(_) => stage.clock.sleep(EVERY).await,
        }
    }
}

async fn part<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
    take_over: bool,
) -> Result<(), Failure> {
    if deployment.before.resource("Cluster").is_none() {
        return set_up(stage, deployment, take_over).await;
    }
    let Some(cluster) = own(&deployment.compiled.intent) else { return Ok(()) };
    let (api, ready) = ready(stage.world, deployment.compiled, cluster).await?;
    prepare(&api, &ready).await.map_err(|refusal| {
        Failure::new("ENIConfigs of new subnets were not created").because(refusal)
    })
}
