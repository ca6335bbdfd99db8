//! What CloudFormation cannot do, done through EC2 once the stack stands. Every step may be run again.

use serde_json::Value;

use crate::aws::{Connected, Networks, Refusal};
use crate::diagnostic::Failure;
use crate::facts::regions;
use crate::observed::{Stack, StackDescription};
use crate::template::Template;

use super::{Clock, Decide, Deployment, Event, Note, Stage};

pub async fn run<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
    stack: &StackDescription,
) -> Result<(), Failure> {
    let vpc = stack.vpc().unwrap_or_default();
    reserve(stage, deployment, vpc).await?;
    tag_cluster_group(stage, deployment, stack).await?;
    // What belongs to a VPC that exists stays as its owner set it.
    if deployment.compiled.intent.vpc.existing.is_some() {
        return Ok(());
    }
    let security = &deployment.compiled.intent.security;
    if security.default_closed {
        let rules =
            stage.world.close_default_group(vpc).await.map_err(|refusal| {
                undone("the VPC's default security group is not closed", refusal)
            })?;
        if 0 < rules {
            let vpc = vpc.to_string();
            stage.tell(Event::Note(Note::DefaultGroupClosed { vpc, rules }));
        }
    }
    if security.alarms.is_some() {
        stage
            .world
            .count_address_units(vpc)
            .await
            .map_err(|refusal| undone("could not enable NAU metrics on the VPC", refusal))?;
    }
    Ok(())
}

/// The group that EKS makes for a cluster of the stack has no tags in CloudFormation.
async fn tag_cluster_group<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
    stack: &StackDescription,
) -> Result<(), Failure> {
    let Some(group) = stack.output("ClusterSecurityGroup") else { return Ok(()) };
    let wanted = group_tags(&deployment.compiled.template);
    let former = group_tags(deployment.before).into_iter().map(|(key, _)| key);
    let gone: Vec<String> =
        former.filter(|key| !wanted.iter().any(|(own, _)| own == key)).collect();
    if wanted.is_empty() && gone.is_empty() {
        return Ok(());
    }
    stage
        .world
        .tag(group, &wanted, &gone)
        .await
        .map_err(|refusal| undone("the cluster's security group is not tagged", refusal))
}

fn group_tags(template: &Template) -> Vec<(String, String)> {
    let cluster = template.resources().find(|(_, one)| one["Type"] == "AWS::EKS::Cluster");
    let tags = cluster.and_then(|(_, one)| one["Metadata"]["SecurityGroupTags"].as_object());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    tags.into_iter().flatten().map(|(key, value)| (key.clone(), text(value))).collect()
}

/// The parts of subnets that are kept for prefixes, where CloudFormation cannot keep them: made if they are not there, released if
/// nobody wants them any more.
async fn reserve<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
    vpc: &str,
) -> Result<(), Failure> {
    let (world, compiled) = (stage.world, deployment.compiled);
    let kept = compiled.plan.subnets.iter().any(|subnet| subnet.reserved.is_some());
    // Where nothing is kept and nothing was, nobody has to be asked.
    let any = kept || Stack::of(deployment.before).subnets.iter().any(|subnet| subnet.reserved);
    if !any || regions::WITH_RESERVATIONS.contains(&compiled.intent.region.name) {
        return Ok(());
    }
    let failed = |refusal| {
        undone("not every part of a subnet is reserved for prefixes as in the blueprint", refusal)
    };
    let live = match world.subnets(vpc).await {
        Err(refusal) if !kept => {
            let what =
                "whether parts of subnets are still reserved for prefixes was not read".to_string();
            stage.tell(Event::Note(Note::Warning { what, why: refusal.to_string() }));
            return Ok(());
        }
        live => live.map_err(failed)?,
    };
    let wanted: Vec<(String, String)> = compiled
        .plan
        .subnets
        .iter()
        .filter_map(|subnet| {
            let standing = live.iter().find(|one| one.cidr == subnet.cidr.to_string())?;
            Some((standing.id.clone(), subnet.reserved?.to_string()))
        })
        .collect();
    // In a VPC that exists other stacks may keep parts of their own subnets.
    let shared = compiled.intent.vpc.existing.is_some();
    let own = |cidr: &str| compiled.plan.made().any(|subnet| subnet.cidr.to_string() == cidr);
    let live = live.iter().filter(|subnet| !shared || own(&subnet.cidr));
    let ids: Vec<String> = live.map(|subnet| subnet.id.clone()).collect();
    let there = world.reservations(&ids).await.map_err(failed)?;
    for old in there.iter().filter(|old| {
        !wanted.iter().any(|(subnet, cidr)| *subnet == old.subnet && *cidr == old.cidr)
    }) {
        world.release(&old.id).await.map_err(failed)?;
    }
    for (subnet, cidr) in wanted.iter().filter(|(subnet, cidr)| {
        !there.iter().any(|old| old.subnet == *subnet && old.cidr == *cidr)
    }) {
        world.reserve(subnet, cidr).await.map_err(failed)?;
    }
    Ok(())
}

/// Gives back what `reserve` made, before its subnets go.
pub async fn release(networks: &impl Networks, vpc: &str) -> Result<(), Refusal> {
    let ids: Vec<String> =
        networks.subnets(vpc).await?.into_iter().map(|subnet| subnet.id).collect();
    release_of(networks, &ids).await
}

/// The same of these subnets.
pub async fn release_of(networks: &impl Networks, subnets: &[String]) -> Result<(), Refusal> {
    for old in networks.reservations(subnets).await? {
        networks.release(&old.id).await?;
    }
    Ok(())
}

fn undone(what: &str, refusal: Refusal) -> Failure {
    Failure::new(format!("the stack is deployed, but {what}"))
        .because(refusal)
        .hint("fix this and deploy again (only this step remains)")
}
