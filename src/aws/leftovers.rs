//! Machines and disks that Kubernetes left: instances that no node group of the stack owns, volumes of pods and their snapshots.

use aws_sdk_ec2::types::{Instance, Tag};

use super::filter::filter;
use super::port::{Answer, Orphan, Refusal};
use super::session::{Account, refusal};
use crate::facts::orphans::{BY_AUTO_MODE, BY_NODE_GROUP, CLAIM, is_of, owned_by};

/// The cluster's own, and those of other owners in words.
pub type Found = (Vec<Orphan>, Vec<String>);

/// Nodes of a managed node group are left out: they go with it.
pub async fn instances(account: &Account, vpc: &str, cluster: &str) -> Answer<Found> {
    let call = account.ec2.describe_instances().filters(filter("vpc-id", vpc));
    let pages = call.into_paginator().items().send();
    let all = pages.collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
    let all = all.iter().flat_map(|reservation| reservation.instances());
    let mut found = Found::default();
    for one in all.filter(|one| runs(one) && value(one.tags(), BY_NODE_GROUP).is_none()) {
        let (id, name) = (text(one.instance_id()), value(one.tags(), "Name").unwrap_or_default());
        let own = tagged(one.tags(), cluster);
        let auto = value(one.tags(), BY_AUTO_MODE).as_deref() == Some(cluster);
        let orphan = Orphan::Instance { id, name, auto };
        match own || auto {
            true => found.0.push(orphan),
            false => found.1.push(orphan.to_string()),
        }
    }
    Ok(found)
}

fn runs(one: &Instance) -> bool {
    let state = one.state().and_then(|state| state.name()).map_or("", |name| name.as_str());
    !["terminated", "shutting-down"].contains(&state)
}

fn value(tags: &[Tag], key: &str) -> Option<String> {
    tags.iter().find(|tag| tag.key() == Some(key)).and_then(Tag::value).map(str::to_string)
}

/// Of the whole Region: a volume is in no VPC.
pub async fn volumes(account: &Account, cluster: &str) -> Answer<Vec<Orphan>> {
    let own = || filter(&format!("tag:{}", owned_by(cluster)), "owned");
    let call = account.ec2.describe_volumes().filters(own());
    let volumes = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>();
    let mut found: Vec<Orphan> = volumes
        .await
        .map_err(refusal)?
        .iter()
        // Those of a node go with it.
        .filter(|one| one.attachments().iter().all(|to| to.delete_on_termination() != Some(true)))
        .map(|one| Orphan::Volume {
            id: text(one.volume_id()),
            gib: one.size().unwrap_or_default(),
            zone: text(one.availability_zone()),
            claim: CLAIM
                .iter()
                .filter_map(|key| value(one.tags(), key))
                .collect::<Vec<_>>()
                .join("/"),
        })
        .collect();
    let call = account.ec2.describe_snapshots().owner_ids("self").filters(own());
    let snapshots = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>();
    found.extend(
        snapshots
            .await
            .map_err(refusal)?
            .iter()
            .map(|one| Orphan::Snapshot { id: text(one.snapshot_id()) }),
    );
    Ok(found)
}

/// Done as well if it is gone already.
pub async fn remove(account: &Account, orphan: &Orphan) -> Answer<()> {
    let ec2 = &account.ec2;
    let answer = match orphan {
        Orphan::Instance { id, .. } => {
            ec2.terminate_instances().instance_ids(id).send().await.map(|_| ()).map_err(refusal)
        }
        Orphan::Volume { id, .. } => {
            ec2.delete_volume().volume_id(id).send().await.map(|_| ()).map_err(refusal)
        }
        Orphan::Snapshot { id } => {
            ec2.delete_snapshot().snapshot_id(id).send().await.map(|_| ()).map_err(refusal)
        }
        _ => Ok(()),
    };
    match answer {
        Err(Refusal { code, .. }) if code.ends_with("NotFound") => Ok(()),
        other => other,
    }
}

pub fn tagged(tags: &[Tag], cluster: &str) -> bool {
    tags.iter()
        .any(|tag| is_of(cluster, tag.key().unwrap_or_default(), tag.value().unwrap_or_default()))
}

pub fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_string()
}
