//! EKS behind the [`Clusters`] port.

use std::time::SystemTime;

use aws_sdk_eks::primitives::DateTime;
use aws_sdk_eks::types::{
    Addon, Cluster, Nodegroup, NodegroupScalingConfig, ResolveConflicts, Update, UpdateParamType,
    UpdateStatus, UpdateType, VpcConfigRequest,
};

use super::port::{AddonState, AddonUpdate, Answer, Clusters, Refusal, Upgrade};
use super::session::{Account, refusal};
use crate::observed::{LiveAddon, LiveCluster, LiveNodeGroup};

impl Clusters for Account {
    async fn upgrades(&self, cluster: &str) -> Answer<Vec<Upgrade>> {
        let mut pages = self.eks.list_updates().name(cluster).into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            for id in page.map_err(refusal)?.update_ids() {
                let call = self.eks.describe_update().name(cluster).update_id(id);
                let answer = call.send().await.map_err(refusal)?;
                found.extend(answer.update().and_then(upgrade));
            }
        }
        found.sort_by_key(|(began, _)| std::cmp::Reverse(*began));
        Ok(found.into_iter().map(|(_, upgrade)| upgrade).collect())
    }

    async fn cluster(&self, name: &str) -> Answer<Option<LiveCluster>> {
        match self.eks.describe_cluster().name(name).send().await.map_err(refusal) {
            Ok(answer) => Ok(answer.cluster().map(cluster)),
            Err(refusal) if absent(&refusal) => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }

    async fn addons(&self, cluster: &str) -> Answer<Vec<LiveAddon>> {
        let mut pages = self.eks.list_addons().cluster_name(cluster).into_paginator().send();
        let mut addons = Vec::new();
        while let Some(page) = pages.next().await {
            for name in page.map_err(refusal)?.addons() {
                let answer = self
                    .eks
                    .describe_addon()
                    .cluster_name(cluster)
                    .addon_name(name)
                    .send()
                    .await
                    .map_err(refusal)?;
                addons.extend(answer.addon().map(addon));
            }
        }
        Ok(addons)
    }

    async fn node_groups(&self, cluster: &str) -> Answer<Vec<LiveNodeGroup>> {
        let mut pages = self.eks.list_nodegroups().cluster_name(cluster).into_paginator().send();
        let mut groups = Vec::new();
        while let Some(page) = pages.next().await {
            for name in page.map_err(refusal)?.nodegroups() {
                let call = self.eks.describe_nodegroup().cluster_name(cluster);
                let answer = call.nodegroup_name(name).send().await.map_err(refusal)?;
                groups.extend(answer.nodegroup().map(node_group));
            }
        }
        Ok(groups)
    }

    async fn profiles(&self, cluster: &str) -> Answer<Vec<String>> {
        let call = self.eks.list_fargate_profiles().cluster_name(cluster);
        let mut pages = call.into_paginator().send();
        let mut names = Vec::new();
        while let Some(page) = pages.next().await {
            names.extend(page.map_err(refusal)?.fargate_profile_names().iter().cloned());
        }
        Ok(names)
    }

    async fn addon(&self, cluster: &str, name: &str) -> Answer<Option<AddonState>> {
        let call = self.eks.describe_addon().cluster_name(cluster).addon_name(name);
        match call.send().await.map_err(refusal) {
            Ok(answer) => Ok(answer.addon().map(state)),
            Err(refusal) if absent(&refusal) => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }

    async fn configure_addon(&self, cluster: &str, update: &AddonUpdate) -> Answer<()> {
        let conflicts = match update.overwrite {
            true => ResolveConflicts::Overwrite,
            false => ResolveConflicts::Preserve,
        };
        let call = self.eks.update_addon().cluster_name(cluster).addon_name(&update.addon);
        let call = call.configuration_values(&update.values).resolve_conflicts(conflicts);
        let call = call.client_request_token(&update.token);
        call.send().await.map(|_| ()).map_err(refusal)
    }

    async fn protect_cluster(&self, cluster: &str, on: bool) -> Answer<()> {
        let call = self.eks.update_cluster_config().name(cluster).deletion_protection(on);
        call.set_resources_vpc_config(None::<VpcConfigRequest>)
            .send()
            .await
            .map(|_| ())
            .map_err(refusal)
    }
}

/// When it began, in seconds, and what it was; only what EKS brought to its end.
fn upgrade(one: &Update) -> Option<(i64, Upgrade)> {
    let is_back = match one.r#type()? {
        UpdateType::VersionUpdate => false,
        UpdateType::VersionRollback => true,
        _ => return None,
    };
    let done = one.status() == Some(&UpdateStatus::Successful);
    let to = one.params().iter().find(|one| one.r#type() == Some(&UpdateParamType::Version))?;
    let began = one.created_at().filter(|_| done)?.secs();
    #[expect(clippy::disallowed_methods, reason = "how long ago it was, EKS does not say")]
    let now = DateTime::from(SystemTime::now()).secs();
    let days = u64::try_from((now - began) / SECONDS_A_DAY).unwrap_or_default();
    Some((began, Upgrade { to: to.value()?.to_string(), days, is_back }))
}

const SECONDS_A_DAY: i64 = 24 * 60 * 60;

fn absent(refusal: &Refusal) -> bool {
    refusal.code.contains("ResourceNotFound")
}

fn cluster(one: &Cluster) -> LiveCluster {
    let issues = one.health().map(|health| health.issues()).unwrap_or_default();
    LiveCluster {
        status: one.status().map_or(String::new(), |status| status.as_str().to_string()),
        version: one.version().unwrap_or_default().to_string(),
        endpoint: one.endpoint().unwrap_or_default().to_string(),
        authority: one
            .certificate_authority()
            .and_then(|authority| authority.data())
            .unwrap_or_default()
            .to_string(),
        deletion_protection: one.deletion_protection().unwrap_or(false),
        issues: issues
            .iter()
            .map(|issue| issue.message().unwrap_or_default().to_string())
            .collect(),
    }
}

fn node_group(one: &Nodegroup) -> LiveNodeGroup {
    let issues = one.health().map(|health| health.issues()).unwrap_or_default();
    let scaling = |read: fn(&NodegroupScalingConfig) -> Option<i32>| {
        one.scaling_config().and_then(read).unwrap_or_default()
    };
    LiveNodeGroup {
        name: one.nodegroup_name().unwrap_or_default().to_string(),
        status: one.status().map_or(String::new(), |status| status.as_str().to_string()),
        version: one.version().unwrap_or_default().to_string(),
        release: one.release_version().unwrap_or_default().to_string(),
        desired: scaling(NodegroupScalingConfig::desired_size),
        min: scaling(NodegroupScalingConfig::min_size),
        max: scaling(NodegroupScalingConfig::max_size),
        issues: issues
            .iter()
            .map(|issue| issue.message().unwrap_or_default().to_string())
            .collect(),
    }
}

fn state(one: &Addon) -> AddonState {
    let live = addon(one);
    let values = one.configuration_values().map(str::to_string);
    AddonState { status: live.status, values, issues: live.issues }
}

fn addon(one: &Addon) -> LiveAddon {
    let issues = one.health().map(|health| health.issues()).unwrap_or_default();
    LiveAddon {
        name: one.addon_name().unwrap_or_default().to_string(),
        status: one.status().map_or(String::new(), |status| status.as_str().to_string()),
        version: one.addon_version().unwrap_or_default().to_string(),
        issues: issues
            .iter()
            .map(|issue| issue.message().unwrap_or_default().to_string())
            .collect(),
    }
}
