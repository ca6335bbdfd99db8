//! aws-node in a cluster's own API: the way in, the manifests with what the stack has made, and what they would change.

use std::collections::BTreeMap;

use crate::aws::port::Answer;
use crate::aws::{Connected, Refusal};
use crate::diagnostic::Failure;
use crate::facts::kubernetes::ENI_CONFIG;
use crate::graph;
use crate::intent::{Cluster, Intent};
use crate::line::Compiled;
use crate::preview::{self, Differs, Setter};
use crate::render::kubernetes::{self, Manifest};
use crate::template::Template;

use super::{Difference, Live, filled, review};

/// The API of the intent's cluster; `None` where EKS has no cluster of its name.
pub async fn open<W: Connected>(world: &W, intent: &Intent) -> Answer<Option<W::Api>> {
    let name = intent.cluster_name();
    match world.cluster(name).await? {
        Some(cluster) => world.kubernetes(name, &cluster).await.map(Some),
        None => Ok(None),
    }
}

pub(super) async fn live<W: Connected>(
    world: &W,
    intent: &Intent,
) -> Answer<Option<(W::Api, Live)>> {
    let Some(api) = open(world, intent).await? else {
        return Ok(None);
    };
    Ok(Live::read(&api).await?.map(|live| (api, live)))
}

/// What applying the manifests would change; `None` where the cluster has no aws-node.
pub(super) async fn differences(
    world: &impl Connected,
    compiled: &Compiled,
    cluster: &Cluster,
    before: &Template,
) -> Answer<Option<Vec<Difference>>> {
    let Some((api, live)) = live(world, &compiled.intent).await? else { return Ok(None) };
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
    Ok(Some(found.into_iter().filter(|one| stays(&one)).collect()))
}

pub(super) fn theirs(one: &Difference) -> bool {
    one.manager.is_some() && !one.unchosen
}

impl Difference {
    /// As a preview tells it.
    pub fn told(&self) -> Differs {
        let setter = self.manager.clone().map(|name| match self.unchosen {
            true => Setter::Left(name),
            false => Setter::Chose(name),
        });
        let (before, after) = (self.live.clone(), self.wanted.clone());
        Differs { what: self.what.clone(), before, after, setter, overwritten: false }
    }
}

/// Why nothing is known of it.
pub(super) fn unread(refusal: &Refusal) -> String {
    format!("aws-node as it runs could not be read: {refusal}")
}

/// The cluster's API, and the manifests with what the stack has made.
pub(super) async fn ready<W: Connected>(
    world: &W,
    compiled: &Compiled,
    cluster: &Cluster,
) -> Result<(W::Api, Vec<Manifest>), Failure> {
    let unread = |refusal: Refusal| {
        Failure::new("aws-node was not configured")
            .because(refusal)
            .hint("deploy again: only this remains")
    };
    let api = open(world, &compiled.intent)
        .await
        .map_err(unread)?
        .ok_or_else(|| Failure::new("EKS has no cluster to configure aws-node in"))?;
    let values = values(world, compiled).await.map_err(unread)?;
    let mut ready = Vec::new();
    for manifest in manifests(compiled, cluster).map_err(unread)? {
        let filled = filled(&manifest, &|name| values.get(name).cloned());
        ready.push(filled.ok_or_else(|| {
            Failure::new(format!(
                "{} refers to something that the stack has not created",
                manifest.file
            ))
        })?);
    }
    Ok((api, ready))
}

pub(super) fn manifests(compiled: &Compiled, cluster: &Cluster) -> Answer<Vec<Manifest>> {
    kubernetes::aws_node(&compiled.intent, cluster, &compiled.plan)
        .map_err(|failure| Refusal::new("", failure.chain()))
}

/// What the stack has made so far, by the names that manifests have for it.
async fn values(world: &impl Connected, compiled: &Compiled) -> Answer<BTreeMap<String, String>> {
    let stack = compiled.intent.stack();
    let resources = match world.describe(&stack).await? {
        Some(_) => world.resources(&stack).await?,
        None => Vec::new(),
    };
    let made = |kind: &'static str| {
        resources.iter().filter(move |one| {
            one.kind == kind && one.status.ends_with("_COMPLETE") && !one.physical_id.is_empty()
        })
    };
    let mut values = BTreeMap::new();
    let vpc = made("AWS::EC2::VPC").next().map(|vpc| vpc.physical_id.as_str());
    let zones = match vpc.or(compiled.intent.vpc.id()) {
        Some(vpc) => world.subnets(vpc).await?,
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
