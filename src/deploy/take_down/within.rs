//! What others run in the cluster and in the stack's subnets: it is named before anything is deleted.

use crate::aws::Connected;
use crate::aws::port::Orphans;
use crate::diagnostic::Failure;
use crate::facts::regions;
use crate::observed::{LiveAddon, Stack};

use super::super::{Clock, Decide, Event, Note, Stage, after, aws_node};
use super::{Deletion, SHOWN, Scene};

const READABLE: &str = "allow the action (`eksnet iam deploy FILE` prints what a deletion needs), then run the same command again; `--despite-others` continues without it";

/// What could not be read may keep the VPC alive, and it would show once everything else is gone.
pub(super) fn seen(deletion: &Deletion<'_>, orphans: &Orphans) -> Result<(), Failure> {
    let stops = |what: &str, why: &String| Failure::new(what).because(why.as_str()).hint(READABLE);
    match (orphans.unread.first(), &orphans.volumes_unread) {
        (Some(why), _) if !deletion.agreed.despite_others => {
            Err(stops("what else is in the VPC could not be read: nothing was deleted", why))
        }
        (_, Some(why)) if deletion.agreed.volumes => {
            let what = "volumes of the cluster's pods could not be read: nothing was deleted";
            Err(Failure::new(what).because(why.as_str()).hint(
                "allow the action (`eksnet iam deploy FILE` prints what a deletion needs), or leave `--volumes` out",
            ))
        }
        _ => Ok(()),
    }
}

/// Node groups and Fargate profiles that others made in the cluster: EKS deletes none that has them, and by then the stack would have lost
/// everything around it.
pub(super) async fn children<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deletion: &Deletion<'_>,
    scene: &Scene,
) -> Result<(), Failure> {
    if scene.cluster.is_none() {
        return Ok(());
    }
    let name = &scene.name;
    let (groups, profiles, addons) = tokio::join!(
        stage.world.node_groups(name),
        stage.world.profiles(name),
        stage.world.addons(name)
    );
    match addons {
        Ok(addons) => tell_addons(stage, scene, addons),
        Err(refusal) => stage.tell(Event::Note(Note::Unread {
            what: "add-ons that others installed, which EKS deletes with the cluster".to_string(),
            why: refusal.to_string(),
        })),
    }
    let mut unread = Vec::new();
    let mut names = |what: &str, answer: Result<Vec<String>, crate::aws::Refusal>| {
        let found = answer.unwrap_or_else(|refusal| {
            unread.push(format!("{what}: {refusal}"));
            Vec::new()
        });
        let foreign = found.into_iter().filter(|name| !scene.made(name));
        foreign.map(|name| format!("{what} {name}")).collect::<Vec<String>>()
    };
    let groups = groups.map(|all| all.into_iter().map(|group| group.name).collect());
    let found = [names("node group", groups), names("Fargate profile", profiles)].concat();
    match unread.first() {
        Some(why) if !deletion.agreed.despite_others => {
            let what = "what others created in the cluster could not be read: nothing was deleted";
            return Err(Failure::new(what).because(why.as_str()).hint(READABLE));
        }
        _ => {}
    }
    for why in unread {
        let what = "node groups and Fargate profiles of others".to_string();
        stage.tell(Event::Note(Note::Unread { what, why }));
    }
    if found.is_empty() {
        return Ok(());
    }
    let failure = Failure::new(format!(
        "others created {} in the cluster, and EKS deletes no cluster that has them: nothing was deleted",
        found.join(", ")
    ));
    Err(failure.hint(format!(
        "delete them first (`aws eks delete-nodegroup --cluster-name {name} --nodegroup-name NAME`, `aws eks delete-fargate-profile --cluster-name {name} --fargate-profile-name NAME`), then run the same command again"
    )))
}

/// Add-ons that others installed are in nothing's way: EKS deletes them with the cluster.
fn tell_addons<W, C, D: Decide>(stage: &Stage<'_, W, C, D>, scene: &Scene, all: Vec<LiveAddon>) {
    let foreign = all.into_iter().filter(|addon| !scene.made(&addon.name));
    let names: Vec<String> = foreign.map(|addon| addon.name).collect();
    if !names.is_empty() {
        stage.tell(Event::Note(Note::AddonsGo(names)));
    }
}

/// Pods of a cluster that others made, in subnets that would go (rule CN-06): CloudFormation would take their routes first.
pub(super) async fn inhabited<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deletion: &Deletion<'_>,
    scene: &Scene,
) -> Result<(), Failure> {
    let cluster = deletion.intent.cluster.as_ref();
    if cluster.is_none_or(|cluster| cluster.existing.is_none()) {
        return Ok(());
    }
    let is_own = |name: &str| scene.made(name);
    let found = aws_node::pods_inside(stage.world, deletion.intent, (deletion.before, &is_own));
    let found = found.await.map_err(|refusal| {
        Failure::new("it is not known whether pods are in the stack's subnets: nothing was deleted")
            .because(refusal)
            .hint(aws_node::REACH)
    })?;
    if found.is_empty() {
        return Ok(());
    }
    let shown: Vec<&str> = found.iter().take(SHOWN).map(String::as_str).collect();
    let more = match found.len() {
        count if SHOWN < count => format!(" and {} more", count - SHOWN),
        _ => String::new(),
    };
    let failure = Failure::new(format!(
        "{} pods have their addresses in the stack's subnets: nothing was deleted [CN-06]",
        found.len()
    ));
    Err(failure.because(format!("{}{more}", shown.join(", "))).hint(
        "deploy once without `awsNode.customNetworking`, which restores the former settings of aws-node, and replace the nodes; then run the same command again",
    ))
}

/// In a VPC that others made only what is kept of the stack's own subnets is given back.
pub(super) async fn release_own<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deletion: &Deletion<'_>,
    scene: &Scene,
) -> Result<(), Failure> {
    let reserved = Stack::of(deletion.before).subnets.iter().any(|subnet| subnet.reserved);
    let by_api = !regions::WITH_RESERVATIONS.contains(&deletion.intent.region.name);
    if !(scene.vpc.is_empty() && reserved && by_api) {
        return Ok(());
    }
    let subnets = scene.existing().filter(|one| one.kind == "AWS::EC2::Subnet");
    let ids: Vec<String> = subnets.map(|one| one.physical_id.clone()).collect();
    after::release_of(stage.world, &ids).await.map_err(|refusal| {
        Failure::new("cannot release the subnets' reservations").because(refusal)
    })
}
