//! Auto Scaling groups of the node groups, and what they did last.

use futures_util::future::join_all;

use aws_sdk_autoscaling::types::{Activity as Done, AutoScalingGroup};

use crate::aws::port::{Answer, Refusal};
use crate::aws::session::{Account, refusal, written};
use crate::observed::Part;
use crate::observed::survey::{Activity, EksSurvey, ScalingGroup, Tags};

use super::text::{count, some, text};

/// Activities of each that are kept.
const LAST: i32 = 10;

pub async fn read(account: &Account, eks: &EksSurvey) -> Part<Vec<ScalingGroup>> {
    let groups = eks.node_groups.read().into_iter().flatten();
    let names: Vec<String> = groups.flat_map(|one| one.scaling_groups.iter().cloned()).collect();
    if names.is_empty() {
        return Part::Read(Vec::new());
    }
    let call = account.scaling.describe_auto_scaling_groups();
    let call = call.set_auto_scaling_group_names(Some(names));
    let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let found = match found {
        Ok(found) => found,
        Err(refused) => {
            return super::part("autoscaling:DescribeAutoScalingGroups", Err(refusal(refused)));
        }
    };
    let reads = found.iter().map(|one| async move {
        let activities = activities(account, one.auto_scaling_group_name()).await?;
        Ok::<_, Refusal>(group(one, activities))
    });
    let groups: Answer<Vec<ScalingGroup>> = join_all(reads).await.into_iter().collect();
    super::part("autoscaling:DescribeScalingActivities", groups)
}

async fn activities(account: &Account, name: Option<&str>) -> Answer<Vec<Activity>> {
    let call = account.scaling.describe_scaling_activities();
    let call = call.set_auto_scaling_group_name(name.map(str::to_string)).max_records(LAST);
    let answer = call.send().await.map_err(refusal)?;
    Ok(answer.activities().iter().map(activity).collect())
}

fn activity(one: &Done) -> Activity {
    Activity {
        id: text(one.activity_id()),
        status: text(one.status_code().map(|code| code.as_str())),
        message: text(one.status_message().or(one.description())),
        started: one.start_time().map(written),
    }
}

fn group(one: &AutoScalingGroup, activities: Vec<Activity>) -> ScalingGroup {
    let subnets = one.vpc_zone_identifier().unwrap_or_default().split(',');
    let tags: Tags = one.tags().iter().map(|tag| (text(tag.key()), text(tag.value()))).collect();
    ScalingGroup {
        name: text(one.auto_scaling_group_name()),
        min: count(one.min_size()),
        desired: count(one.desired_capacity()),
        max: count(one.max_size()),
        subnets: subnets.map(str::trim).filter(|id| !id.is_empty()).map(str::to_string).collect(),
        instances: one.instances().iter().filter_map(|own| some(own.instance_id())).collect(),
        activities,
        tags,
    }
}
