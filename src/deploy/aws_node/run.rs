//! aws-node through the Kubernetes API: a self-managed one is reviewed, set up and read back, and what the add-on would overwrite of it is
//! shown before EKS adopts it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::aws::port::Answer;
use crate::aws::{Connected, Refusal};
use crate::diagnostic::Failure;
use crate::facts::aws_node::{Effect, find as setting};
use crate::facts::kubernetes::ENI_CONFIG;
use crate::graph;
use crate::intent::{Cluster, Intent};
use crate::line::Compiled;
use crate::observed::{AwsNode, Part, Stack};
use crate::preview::{self, KubernetesChanges};
use crate::render::kubernetes::{self, Manifest};
use crate::template::Template;

use super::super::{Clock, Decide, Deployment, Event, Note, Question, Reply, Stage};
use super::{Difference, Live, Settled, filled, needs, prepare, review, settle};

const FLAG: &str = "--take-over";

/// How often and how long a new cluster's API is asked: its name, its access entries and their rights come a little later than the cluster.
const EVERY: Duration = Duration::from_secs(5);
const TIMES: u32 = 24;

async fn open<W: Connected>(world: &W, intent: &Intent) -> Answer<Option<W::Api>> {
    match world.cluster(&intent.name).await? {
        Some(cluster) => world.kubernetes(&intent.name, &cluster).await.map(Some),
        None => Ok(None),
    }
}

/// The cluster, if its aws-node is set up through its own API.
fn own(intent: &Intent) -> Option<&Cluster> {
    intent.cluster.as_ref().filter(|cluster| cluster.aws_node.is_self_managed())
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
    before.resource("Cluster").is_some() && own(intent).is_some()
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

async fn live<W: Connected>(world: &W, intent: &Intent) -> Answer<Option<(W::Api, Live)>> {
    let Some(api) = open(world, intent).await? else {
        return Ok(None);
    };
    Ok(Live::read(&api).await?.map(|live| (api, live)))
}

/// What a deployment changes through the Kubernetes API, and what of somebody else's it would take over.
pub async fn changes(
    world: &impl Connected,
    compiled: &Compiled,
    before: &Template,
) -> KubernetesChanges {
    let found = match (own(&compiled.intent), adopting(&compiled.intent, before)) {
        (Some(cluster), _) if before.resource("Cluster").is_some() => {
            reviewed(world, compiled, cluster, before).await
        }
        (None, Some(cluster)) => lost(world, &compiled.intent, cluster).await,
        _ => Ok(KubernetesChanges::default()),
    };
    found.unwrap_or_else(|refusal| KubernetesChanges {
        unread: Some(format!("aws-node as it runs could not be read: {refusal}")),
        ..KubernetesChanges::default()
    })
}

/// How a self-managed aws-node runs otherwise than the blueprint says; `None` where there is none.
pub async fn differing(
    world: &impl Connected,
    compiled: &Compiled,
    before: &Template,
) -> Option<KubernetesChanges> {
    own(&compiled.intent).filter(|_| before.resource("Cluster").is_some())?;
    Some(changes(world, compiled, before).await)
}

async fn reviewed(
    world: &impl Connected,
    compiled: &Compiled,
    cluster: &Cluster,
    before: &Template,
) -> Answer<KubernetesChanges> {
    let Some((api, live)) = live(world, &compiled.intent).await? else {
        return Ok(KubernetesChanges {
            unread: Some("the cluster has no aws-node".to_string()),
            ..KubernetesChanges::default()
        });
    };
    let values = values(world, compiled).await?;
    let manifests = manifests(compiled, cluster)?;
    // Subnets that this deployment makes have no ids yet.
    let known: Vec<Manifest> = manifests
        .iter()
        .filter_map(|manifest| filled(manifest, &|name| values.get(name).cloned()))
        .collect();
    let found =
        review(&api, &live, &known, &preview::aws_node_variables(before)).await?.differences;
    // While names are not known yet, nobody can say which ENIConfigs go.
    let whole = known.len() == manifests.len();
    let stays = |one: &&Difference| {
        whole || one.wanted.is_some() || !one.object.starts_with(ENI_CONFIG.kind)
    };
    Ok(KubernetesChanges {
        lines: found.iter().filter(stays).map(words).collect(),
        takes_over: found.iter().any(theirs),
        unread: None,
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
        lines: lost.iter().map(|one| format!("the add-on overwrites {}", words(one))).collect(),
        takes_over: !lost.is_empty(),
        unread: None,
    })
}

fn theirs(one: &Difference) -> bool {
    one.manager.is_some() && !one.unchosen
}

/// `WARM_IP_TARGET: 5 → 2 (kubectl-edit set it)`
pub fn words(one: &Difference) -> String {
    let value = |value: &Option<String>| value.clone().unwrap_or("unset".to_string());
    let by = match &one.manager {
        Some(manager) if one.unchosen => format!(" (managed by {manager}, default value)"),
        Some(manager) => format!(" ({manager} set it)"),
        None => String::new(),
    };
    format!("{}: {} → {}{by}", one.what, value(&one.live), value(&one.wanted))
}

/// Whether a deployment may take settings over. Stops one that would do so unasked, and one that would find the cluster shut in the end.
pub async fn gate<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
    found: &KubernetesChanges,
) -> Result<bool, Failure> {
    let take_over = deployment.options.take_over;
    if let Some(why) = &found.unread {
        return match own(&deployment.compiled.intent) {
            Some(_) => {
                Err(Failure::new("nothing was changed, because aws-node has to be set up too")
                    .because(why.clone())
                    .hint(super::REACH))
            }
            None if take_over => Ok(true),
            None => Err(Failure::new(
                "cannot determine which aws-node settings EKS would overwrite",
            )
            .because(why.clone())
            .hint(format!("deploy from where the Kubernetes API answers, or let whatever is there go with `{FLAG}`"))),
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
        .because(found.lines.join("; "))
        .hint(format!("write them into the blueprint, or let them go with `{FLAG}`")))
}

/// The role that a self-managed aws-node took from its service account goes before EKS adopts it: the add-on brings its own.
pub async fn release(world: &impl Connected, deployment: &Deployment<'_>) -> Result<(), Failure> {
    let intent = &deployment.compiled.intent;
    if adopting(intent, deployment.before).is_none() {
        return Ok(());
    }
    let unread = |refusal: Refusal| {
        Failure::new("aws-node's service account was not given back")
            .because(refusal)
            .hint(super::REACH)
    };
    match open(world, intent).await.map_err(unread)? {
        Some(api) => super::release(&api).await.map_err(unread),
        None => Ok(()),
    }
}

fn manifests(compiled: &Compiled, cluster: &Cluster) -> Answer<Vec<Manifest>> {
    kubernetes::aws_node(&compiled.intent, cluster, &compiled.plan)
        .map_err(|failure| Refusal::new("", failure.chain()))
}

/// What the stack has made so far, by the names that manifests have for it.
async fn values(world: &impl Connected, compiled: &Compiled) -> Answer<BTreeMap<String, String>> {
    let resources = world.resources(&compiled.intent.stack()).await?;
    let made = |kind: &'static str| {
        resources.iter().filter(move |one| {
            one.kind == kind && one.status.ends_with("_COMPLETE") && !one.physical_id.is_empty()
        })
    };
    let mut values = BTreeMap::new();
    let zones = match made("AWS::EC2::VPC").next() {
        Some(vpc) => world.subnets(&vpc.physical_id).await?,
        None => Vec::new(),
    };
    for subnet in made("AWS::EC2::Subnet") {
        values.insert(subnet.id.clone(), subnet.physical_id.clone());
        let zone =
            zones.iter().find(|one| one.id == subnet.physical_id).map(|one| one.zone_name.clone());
        values.extend(zone.map(|zone| (format!("{}.AvailabilityZone", subnet.id), zone)));
    }
    values.extend(
        made("AWS::EC2::SecurityGroup").map(|group| (group.id.clone(), group.physical_id.clone())),
    );
    let [.., role] = graph::iam_role_ids();
    if let Some(role) = made("AWS::IAM::Role").find(|one| one.id == role) {
        let arn = format!(
            "arn:{}:iam::{}:role{}{}",
            compiled.intent.region.partition(),
            world.identity().await?,
            compiled.intent.iam.path.as_deref().unwrap_or("/"),
            role.physical_id
        );
        values.insert(format!("{}.Arn", role.id), arn);
    }
    Ok(values)
}

/// Sets a self-managed aws-node up, once what it needs is there, and tells what it did. It may be done again.
pub async fn set_up<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
    take_over: bool,
) -> Result<(), Failure> {
    let Some(cluster) = own(&deployment.compiled.intent) else { return Ok(()) };
    let (api, ready) = ready(stage.world, deployment.compiled, cluster).await?;
    let before = preview::aws_node_variables(deployment.before);
    match settle(&api, &ready, &before, take_over).await? {
        Settled::Contested(found) => {
            let failure = Failure::new(
                "the stack is deployed, but another field manager owns what the blueprint sets of aws-node",
            );
            let all: Vec<String> = found.iter().filter(|one| theirs(one)).map(words).collect();
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

/// The cluster's API, and the manifests with what the stack has made.
async fn ready<W: Connected>(
    world: &W,
    compiled: &Compiled,
    cluster: &Cluster,
) -> Result<(W::Api, Vec<Manifest>), Failure> {
    let unread = |refusal: Refusal| {
        Failure::new("aws-node was not set up")
            .because(refusal)
            .hint("deploy again: only this is left to do")
    };
    let api = open(world, &compiled.intent)
        .await
        .map_err(unread)?
        .ok_or_else(|| Failure::new("EKS knows no cluster to set aws-node up in"))?;
    let values = values(world, compiled).await.map_err(unread)?;
    let mut ready = Vec::new();
    for manifest in manifests(compiled, cluster).map_err(unread)? {
        let filled = filled(&manifest, &|name| values.get(name).cloned());
        ready.push(filled.ok_or_else(|| {
            Failure::new(format!("{} names something that the stack has not made", manifest.file))
        })?);
    }
    Ok((api, ready))
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
        let missing = own(&compiled.intent).map_or(BTreeSet::new(), |cluster| {
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
    prepare(&api, &ready)
        .await
        .map_err(|refusal| Failure::new("ENIConfigs of new subnets were not made").because(refusal))
}
