//! A stack taken down: what would go and what is in the way is told and asked about, protections are switched off, and what Kubernetes
//! left is removed from the moment that the cluster is gone.

mod within;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::aws::Connected;
use crate::aws::port::{Orphan, Orphans, StackResource};
use crate::diagnostic::Failure;
use crate::facts::{eks, regions};
use crate::intent::Intent;
use crate::observed::{Stack, StackDescription};
use crate::preview::forecast;
use crate::template::{Template, outlives_its_stack};

use super::{
    Clock, Decide, Event, Kept, Note, Outcome, Question, Removal, Stage, after, aws_node, clear,
    delete, removable, unread,
};

/// How often it is tried again after something was found in the way.
const ROUNDS: u32 = 3;
/// How long EKS takes at most to switch a cluster's protection off.
const LOOKS: u32 = 60;
/// Pods that are named.
const SHOWN: usize = 5;
const BETWEEN: Duration = Duration::from_secs(5);

/// What is to be deleted.
pub struct Deletion<'d> {
    pub intent: &'d Intent,
    pub stack: &'d StackDescription,
    pub before: &'d Template,
    pub agreed: Agreed,
}

/// What was agreed to beforehand.
#[derive(Clone, Debug, Default)]
pub struct Agreed {
    /// Protections may be switched off.
    pub unprotect: bool,
    /// What Kubernetes left may be removed.
    pub orphans: bool,
    /// What other owners have in the VPC does not stop it.
    pub despite_others: bool,
    /// Volumes of the cluster's pods, and their snapshots, are deleted too.
    pub volumes: bool,
    /// The service role that CloudFormation acts with.
    pub role: Option<String>,
    pub nonce: String,
    /// Such as `eksnet destroy shop.yaml`.
    pub command: String,
}

/// What is there.
struct Scene {
    resources: Vec<StackResource>,
    vpc: String,
    /// The stack's own cluster exists, with or without EKS's own protection against deletion.
    cluster: Option<bool>,
    /// Its name; where the stack has none, that of the cluster that its nodes join.
    name: String,
}

/// The cluster that the stack made itself, by name: one of the same name may be somebody else's.
pub(super) fn own_cluster(resources: &[StackResource]) -> Option<&str> {
    let own = resources.iter().find(|one| {
        one.kind == "AWS::EKS::Cluster"
            && one.status != "DELETE_COMPLETE"
            && !one.physical_id.is_empty()
    });
    // What failed to be made because the name was taken has the name as its id too.
    own.filter(|own| own.status != "CREATE_FAILED").map(|own| own.physical_id.as_str())
}

/// Tells, asks, and deletes; how it ended.
pub async fn destroy<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deletion: &Deletion<'_>,
) -> Result<Outcome, Failure> {
    let scene = Scene::read(stage.world, deletion).await?;
    tell_what_goes(stage, deletion, &scene);
    let orphans = look_for_orphans(stage, deletion, (&scene, scene.cluster.is_some())).await;
    if (deletion.stack.protected || scene.cluster == Some(true)) && !deletion.agreed.unprotect {
        return Err(Failure::new("the stack is protected against deletion")
            .hint("--unprotect turns the protection of stack and cluster off first"));
    }
    within::seen(deletion, &orphans)?;
    within::children(stage, deletion, &scene).await?;
    others(deletion, &orphans)?;
    within::inhabited(stage, deletion, &scene).await?;
    let consent = consent(stage, deletion, (&scene, orphans.found.len())).await?;
    match stage.decide.decide(&Question::Destroy { name: &deletion.intent.name }).await? {
        super::Reply::Yes => {}
        _ => return Err(Failure::new("nothing was deleted")),
    }
    let volumes = orphans.volumes.clone();
    let outcome = unguarded(stage, deletion, (&scene, consent, orphans)).await;
    match &outcome {
        Ok(Outcome::Done { .. }) => disks(stage, deletion, &volumes).await?,
        _ => protect_again(stage, deletion, &scene).await,
    }
    outcome
}

/// Data outlives the stack unless it is asked for in a word of its own.
async fn disks<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deletion: &Deletion<'_>,
    volumes: &[Orphan],
) -> Result<(), Failure> {
    if deletion.agreed.volumes {
        return removed(stage, true, volumes).await;
    }
    if !volumes.is_empty() {
        stage.tell(Event::Note(Note::Stays(volumes.iter().cloned().map(Kept::Data).collect())));
    }
    Ok(())
}

/// What other owners have in the VPC would keep it alive, with everything else gone by then.
fn others(deletion: &Deletion<'_>, orphans: &Orphans) -> Result<(), Failure> {
    let Some(first) = orphans.others.first().filter(|_| !deletion.agreed.despite_others) else {
        return Ok(());
    };
    let more = match orphans.others.len() {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let failure = Failure::new(format!(
        "{first}{more} would block the VPC's deletion, and is not the cluster's: nothing was deleted"
    ));
    Err(failure.hint(
        "have it removed first; `--despite-others` deletes all but the VPC and the subnets that it is in",
    ))
}

/// With protections off until it is over.
async fn unguarded<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deletion: &Deletion<'_>,
    (scene, consent, orphans): (&Scene, bool, Orphans),
) -> Result<Outcome, Failure> {
    unprotect(stage, deletion, scene).await?;
    aws_node::give_back(stage, deletion.intent, (deletion.before, &deletion.agreed.nonce)).await?;
    within::release_own(stage, deletion, scene).await?;
    let kept = Stack::of(deletion.before).subnets.iter().any(|subnet| subnet.reserved);
    let by_api = kept && !regions::WITH_RESERVATIONS.contains(&deletion.intent.region.name);
    if by_api && !scene.vpc.is_empty() {
        after::release(stage.world, &scene.vpc).await.map_err(|refusal| {
            Failure::new("cannot release the subnets' reservations").because(refusal)
        })?;
    }
    take_down(stage, deletion, (scene, consent, orphans)).await
}

/// What was switched off for a deletion that did not come to its end.
async fn protect_again<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deletion: &Deletion<'_>,
    scene: &Scene,
) {
    let warn = |what: String, why: String| stage.tell(Event::Note(Note::Warning { what, why }));
    let (name, cluster) = (&deletion.stack.name, &scene.name);
    let stands = match stage.world.describe(name).await {
        Ok(stack) => stack.is_some_and(|stack| !stack.status.starts_with("DELETE_C")),
        Err(_) => true,
    };
    if deletion.stack.protected && stands {
        match stage.world.protect(name, true).await {
            Ok(()) => {
                let (stack, on) = (name.clone(), true);
                stage.tell(Event::Note(Note::TerminationProtection { stack, on }));
            }
            Err(refusal) => {
                warn("termination protection is off now".to_string(), refusal.to_string());
            }
        }
    }
    if scene.cluster != Some(true) {
        return;
    }
    let on = match stage.world.cluster(cluster).await {
        Ok(Some(found)) if !found.deletion_protection && found.status == "ACTIVE" => {
            stage.world.protect_cluster(cluster, true).await
        }
        Ok(_) => Ok(()),
        Err(refusal) => Err(refusal),
    };
    let what = format!("the deletion protection of cluster {cluster} is off now");
    on.unwrap_or_else(|refusal| warn(what, refusal.to_string()));
}

impl Scene {
    async fn read(world: &impl Connected, deletion: &Deletion<'_>) -> Result<Self, Failure> {
        let resources = world.resources(&deletion.stack.name).await;
        let resources = resources.map_err(unread("the stack's resources"))?;
        let vpc = resources.iter().find(|resource| resource.kind == "AWS::EC2::VPC");
        let own = own_cluster(&resources).map(str::to_string);
        let cluster = match &own {
            Some(own) => world.cluster(own).await.map_err(unread("the cluster"))?,
            None => None,
        };
        Ok(Self {
            vpc: vpc.map_or(String::new(), |vpc| vpc.physical_id.clone()),
            cluster: cluster.map(|cluster| cluster.deletion_protection),
            name: own.unwrap_or_else(|| deletion.intent.cluster_name().to_string()),
            resources,
        })
    }

    /// Whether a node group, profile or add-on of this name is the stack's: its id is `cluster/name` or `cluster|name`.
    fn made(&self, name: &str) -> bool {
        let kinds = ["AWS::EKS::Nodegroup", "AWS::EKS::FargateProfile", "AWS::EKS::Addon"];
        let mut own = self.existing().filter(|one| kinds.contains(&one.kind.as_str()));
        own.any(|one| one.physical_id.rsplit(['/', '|']).next() == Some(name))
    }

    fn existing(&self) -> impl Iterator<Item = &StackResource> {
        self.resources.iter().filter(|resource| resource.status != "DELETE_COMPLETE")
    }
}

fn tell_what_goes<W, C, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deletion: &Deletion<'_>,
    scene: &Scene,
) {
    let mut kinds = BTreeMap::new();
    scene.existing().for_each(|one| *kinds.entry(one.kind.clone()).or_default() += 1);
    let (stack, status) = (deletion.stack.name.clone(), deletion.stack.status.clone());
    stage.tell(Event::Note(Note::Goes { stack, status, kinds }));
    let kept = kept(deletion, scene);
    if !kept.is_empty() {
        stage.tell(Event::Note(Note::Stays(kept)));
    }
}

/// What CloudFormation leaves alone, and what EKS leaves behind.
fn kept(deletion: &Deletion<'_>, scene: &Scene) -> Vec<Kept> {
    let resources = deletion.before.resources();
    let retained = resources.filter(|(_, resource)| outlives_its_stack(resource));
    let mut all: Vec<Kept> = retained
        .map(|(id, resource)| Kept::Resource {
            id: id.clone(),
            kind: resource["Type"].as_str().unwrap_or_default().to_string(),
        })
        .collect();
    if Stack::of(deletion.before).cluster.is_some_and(|cluster| cluster.logs) {
        all.push(Kept::LogGroup(eks::log_group(&scene.name)));
    }
    all
}

/// What Kubernetes left, told at once.
async fn look_for_orphans<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deletion: &Deletion<'_>,
    (scene, cluster_exists): (&Scene, bool),
) -> Orphans {
    let others = deletion.intent.cluster.as_ref().is_none_or(|cluster| cluster.existing.is_some());
    let vpc = match (scene.vpc.is_empty(), deletion.intent.vpc.id()) {
        (true, None) => return Orphans::default(),
        (true, Some(vpc)) if others => {
            return look_in_own_subnets(stage, deletion, (scene, vpc)).await;
        }
        (true, Some(vpc)) => vpc,
        (false, _) => scene.vpc.as_str(),
    };
    let mut orphans = stage.world.orphans(vpc, &scene.name).await;
    if scene.vpc.is_empty() {
        // They keep a VPC alive that stays.
        orphans.others.clear();
    }
    if cluster_exists {
        orphans.found.retain(|one| !matches!(one, Orphan::Instance { auto: true, .. }));
        // The cluster's own group goes with the cluster.
        let (now, later) = removable(&orphans.found, true);
        orphans.found = [later, now].concat();
    }
    stage.tell(Event::Note(Note::Orphans(orphans.clone())));
    orphans
}

/// In a VPC and a cluster that others made: interfaces that nobody uses, in the stack's own subnets. Volumes are of the cluster, which stays.
async fn look_in_own_subnets<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deletion: &Deletion<'_>,
    (scene, vpc): (&Scene, &str),
) -> Orphans {
    let is_own = |id: &String| scene.existing().any(|one| one.physical_id == *id);
    let mut orphans = stage.world.orphans(vpc, deletion.intent.cluster_name()).await;
    orphans.others.clear();
    orphans.volumes.clear();
    orphans.volumes_unread = None;
    orphans
        .found
        .retain(|orphan| matches!(orphan, Orphan::Interface { subnet, .. } if is_own(subnet)));
    if !(orphans.found.is_empty() && orphans.unread.is_empty()) {
        stage.tell(Event::Note(Note::Orphans(orphans.clone())));
    }
    orphans
}

/// Whether what Kubernetes left may be removed: a question of its own.
async fn consent<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deletion: &Deletion<'_>,
    (scene, count): (&Scene, usize),
) -> Result<bool, Failure> {
    if deletion.agreed.orphans || count == 0 {
        return Ok(deletion.agreed.orphans);
    }
    let question = Question::RemoveOrphans { count, cluster_exists: scene.cluster.is_some() };
    if stage.agreed(&question, "--orphans").await? {
        return Ok(true);
    }
    let failure = Failure::new(format!(
        "{count} resources that Kubernetes left would block the VPC's deletion: nothing was deleted"
    ));
    Err(failure.hint("remove them yourself, or confirm their removal (`--orphans`)"))
}

async fn unprotect<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deletion: &Deletion<'_>,
    scene: &Scene,
) -> Result<(), Failure> {
    if deletion.stack.protected {
        let off = async {
            stage.world.protect(&deletion.stack.name, false).await.map_err(|refusal| {
                Failure::new("cannot turn termination protection off").because(refusal)
            })
        };
        stage.unless_interrupted(off, "nothing was deleted").await?;
    }
    if scene.cluster == Some(true) {
        let off = unprotect_cluster(stage, &scene.name);
        stage.unless_interrupted(off, "nothing was deleted, and the protection is off").await?;
    }
    Ok(())
}

/// Switches EKS's deletion protection off, and waits until EKS has applied it.
pub(super) async fn unprotect_cluster<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    name: &str,
) -> Result<(), Failure> {
    stage.world.protect_cluster(name, false).await.map_err(|refusal| {
        Failure::new("cannot turn the cluster's deletion protection off").because(refusal)
    })?;
    for look in 1..=LOOKS {
        let cluster = stage.world.cluster(name).await.map_err(unread("the cluster"))?;
        let off = |cluster: crate::observed::LiveCluster| {
            !cluster.deletion_protection && cluster.status != "UPDATING"
        };
        if cluster.is_none_or(off) {
            return Ok(());
        }
        if look % 6 == 0 {
            let what = format!("EKS turns the deletion protection of cluster {name} off");
            stage.tell(Event::Still { what });
        }
        stage.clock.sleep(BETWEEN).await;
    }
    Err(Failure::new("the cluster is still being updated")
        .hint("run the same command again in a few minutes"))
}

/// Deletes, clears away, and deletes again where something was left in the way.
async fn take_down<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deletion: &Deletion<'_>,
    (scene, mut consent, orphans): (&Scene, bool, Orphans),
) -> Result<Outcome, Failure> {
    let again = format!("run `{}` again to follow it", deletion.agreed.command);
    let existing: BTreeSet<&str> = scene.existing().map(|one| one.id.as_str()).collect();
    let expected = forecast::of_removal(deletion.before, |id| existing.contains(id));
    stage.tell(Event::Expected(expected));
    let (now, mut later) = removable(&orphans.found, scene.cluster.is_some());
    stage.watched(removed(stage, consent, &now), &again).await?;
    let mut stack = deletion.stack.clone();
    for round in 1..=ROUNDS {
        let (nonce, role) = (deletion.agreed.nonce.as_str(), deletion.agreed.role.as_deref());
        let removal = Removal { stack: &stack, nonce, role };
        let going = delete_beside(stage, removal, (consent, &later));
        let outcome = stage.watched(going, &again).await?;
        let Outcome::Stuck { .. } = &outcome else { return Ok(outcome) };
        // The cluster is gone now, if it ever goes.
        later = look_for_orphans(stage, deletion, (scene, false)).await.found;
        let another = !later.is_empty() && round < ROUNDS;
        consent = consent || another && more(stage, later.len()).await;
        if !another || !consent {
            stage.tell(Event::Note(Note::StillInStack));
            return Ok(outcome);
        }
        stage.watched(removed(stage, consent, &later), &again).await?;
        let now = stage.world.describe(&stack.id).await.map_err(unread("the stack"))?;
        stack = now.unwrap_or(stack);
    }
    unreachable!("the last round returns")
}

/// The same question for what turned up while the stack went: nodes leave interfaces behind when they stop.
async fn more<W, C, D: Decide>(stage: &Stage<'_, W, C, D>, count: usize) -> bool {
    let agreed = stage.agreed(&Question::RemoveMore { count }, "--orphans").await;
    if agreed.is_err() {
        stage.tell(Event::Note(Note::OrphansNeedAYes));
    }
    agreed.unwrap_or(false)
}

/// The deletion, and beside it the removal of what only the cluster kept alive, from the moment that it is gone.
async fn delete_beside<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    removal: Removal<'_>,
    (consent, later): (bool, &[Orphan]),
) -> Result<Outcome, Failure> {
    let (word, gone) = oneshot::channel();
    let mut word = Some(word);
    let deletion = async move {
        let mut tell = |event: Event| {
            let cluster_gone = matches!(&event, Event::Resource { kind, status, .. } if kind == "AWS::EKS::Cluster" && status == "DELETE_COMPLETE");
            if cluster_gone && let Some(word) = word.take() {
                let _ = word.send(());
            }
            stage.tell(event);
        };
        delete(stage.world, stage.clock, removal, &mut tell).await
    };
    let clearing = async {
        match gone.await {
            Ok(()) => removed(stage, consent, later).await,
            Err(_) => Ok(()),
        }
    };
    let (outcome, cleared) = tokio::join!(deletion, clearing);
    cleared?;
    outcome
}

/// Removes what may be removed; what could not be is told.
async fn removed<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    consent: bool,
    orphans: &[Orphan],
) -> Result<(), Failure> {
    if consent {
        let left = clear(stage.world, stage.clock, orphans, &mut |event| stage.tell(event)).await;
        for (what, refusal) in left {
            stage.tell(Event::Note(Note::Left { what, why: refusal.to_string() }));
        }
    }
    Ok(())
}
