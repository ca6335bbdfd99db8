//! Node groups and Fargate profiles.

use futures_util::stream::{self, StreamExt};

use crate::aws::port::Answer;
use crate::aws::session::{Account, refusal};
use crate::observed::survey::{FargateProfile, HealthIssue, NodeGroupSurvey};

use super::text::{count, map, some, text};

/// Reads at the same time.
const AT_ONCE: usize = 8;

pub async fn node_groups(account: &Account, cluster: &str) -> Answer<Vec<NodeGroupSurvey>> {
    let pages = account.eks.list_nodegroups().cluster_name(cluster).into_paginator();
    let names = pages.items().send().collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
    let reads = stream::iter(names).map(|name| async move {
        let call = account.eks.describe_nodegroup().cluster_name(cluster).nodegroup_name(name);
        call.send().await.map_err(refusal)
    });
    let answers: Vec<_> = reads.buffered(AT_ONCE).collect().await;
    let mut found = Vec::new();
    for answer in answers {
        found.extend(answer?.nodegroup().map(node_group));
    }
    Ok(found)
}

fn node_group(one: &aws_sdk_eks::types::Nodegroup) -> NodeGroupSurvey {
    let scaling = one.scaling_config();
    let size = |of: fn(&aws_sdk_eks::types::NodegroupScalingConfig) -> Option<i32>| {
        count(scaling.and_then(of))
    };
    let update = one.update_config();
    let issues = one.health().map(|health| health.issues()).unwrap_or_default();
    let groups = one.resources().map(|own| own.auto_scaling_groups()).unwrap_or_default();
    NodeGroupSurvey {
        name: text(one.nodegroup_name()),
        status: text(one.status().map(|status| status.as_str())),
        version: text(one.version()),
        release_version: text(one.release_version()),
        ami_type: text(one.ami_type().map(|kind| kind.as_str())),
        capacity_type: text(one.capacity_type().map(|kind| kind.as_str())),
        instance_types: one.instance_types().to_vec(),
        subnets: one.subnets().to_vec(),
        min: size(|scaling| scaling.min_size()),
        desired: size(|scaling| scaling.desired_size()),
        max: size(|scaling| scaling.max_size()),
        node_role: text(one.node_role()),
        launch_template: one
            .launch_template()
            .map(|own| format!("{}:{}", text(own.id()), text(own.version()))),
        scaling_groups: groups.iter().filter_map(|group| some(group.name())).collect(),
        max_unavailable: update.and_then(|own| {
            let share = own.max_unavailable_percentage().map(|share| format!("{share}%"));
            own.max_unavailable().map(|number| number.to_string()).or(share)
        }),
        update_strategy: update
            .and_then(|own| own.update_strategy())
            .map(|strategy| strategy.as_str().to_string()),
        labels: map(one.labels()),
        issues: issues
            .iter()
            .map(|own| HealthIssue {
                code: text(own.code().map(|code| code.as_str())),
                message: text(own.message()),
                resources: own.resource_ids().to_vec(),
            })
            .collect(),
        tags: map(one.tags()),
    }
}

pub async fn profiles(account: &Account, cluster: &str) -> Answer<Vec<FargateProfile>> {
    let pages = account.eks.list_fargate_profiles().cluster_name(cluster).into_paginator();
    let names = pages.items().send().collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
    let reads = stream::iter(names).map(|name| async move {
        let call = account.eks.describe_fargate_profile().cluster_name(cluster);
        call.fargate_profile_name(name).send().await.map_err(refusal)
    });
    let answers: Vec<_> = reads.buffered(AT_ONCE).collect().await;
    let mut found = Vec::new();
    for answer in answers {
        found.extend(answer?.fargate_profile().map(profile));
    }
    Ok(found)
}

fn profile(one: &aws_sdk_eks::types::FargateProfile) -> FargateProfile {
    let issues = one.health().map(|health| health.issues()).unwrap_or_default();
    FargateProfile {
        name: text(one.fargate_profile_name()),
        status: text(one.status().map(|status| status.as_str())),
        subnets: one.subnets().to_vec(),
        namespaces: one.selectors().iter().filter_map(|own| some(own.namespace())).collect(),
        role: text(one.pod_execution_role_arn()),
        issues: issues
            .iter()
            .map(|own| HealthIssue {
                code: text(own.code().map(|code| code.as_str())),
                message: text(own.message()),
                resources: own.resource_ids().to_vec(),
            })
            .collect(),
        tags: map(one.tags()),
    }
}
