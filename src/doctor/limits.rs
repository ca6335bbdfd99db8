//! What quotas, throttling and versions limit.

use crate::facts::alarms::UNITS_METRIC;
use crate::facts::aws_node::Release;
use crate::facts::eks::{ADDRESS_UNITS, VPC_CNI};
use crate::facts::ports::RULES_PER_GROUP;
use crate::facts::quotas::{INTERFACES, NEAR, RULES, is_near_interfaces};
use crate::observed::survey::{Activity, AddonOffer, AddonSurvey, EksCluster, HealthIssue, Survey};
use crate::survey::{address_units, rules_in};

use super::cast::{
    EVENTS, GROUPS, INTERFACES as INTERFACES_READ, METRICS, SECURITY, cluster, groups_of_nodes,
};
use super::verdict::{Judged, Proof, Sick, entry, known};

const ACTIVITIES: &str = "autoscaling:DescribeScalingActivities";
const VERSIONS: &str = "eks:DescribeAddonVersions";
const QUOTA: &str = "servicequotas:GetServiceQuota";
/// EC2's words for a quota that a launch would exceed.
const OVER_QUOTA: [&str; 4] = [
    "VcpuLimitExceeded",
    "InstanceLimitExceeded",
    "vCPU capacity than your current vCPU limit",
    "MaxSpotInstanceCountExceeded",
];
/// Minor versions that a kubelet may be behind the API. Kubernetes' version skew policy.
const SKEW: u32 = 3;

/// NJ-18
pub fn over_quota(survey: &Survey) -> Judged {
    let groups = known(&survey.eks.scaling_groups, ACTIVITIES)?;
    let told = |one: &&Activity| OVER_QUOTA.iter().any(|words| one.message.contains(words));
    let failed = groups.iter().filter_map(|group| {
        let newest = group.activities.first().filter(|one| one.status == "Failed");
        Some((group, newest.filter(told)?))
    });
    let fix = "raise the quota of vCPUs (L-1216C47A for standard instances)";
    let by_activity = failed.map(|(group, activity)| {
        let proof = Proof {
            read: ACTIVITIES,
            resource: group.name.clone(),
            field: "Activities.StatusMessage",
            seen: activity.message.clone(),
            wanted: "Successful".into(),
        };
        Sick::proven(
            format!("EC2 starts no node for {}: a quota is reached", group.name),
            proof,
            fix,
        )
    });
    let mut sick: Vec<Sick> = by_activity.collect();
    for group in known(&survey.eks.node_groups, GROUPS)?.iter().filter(|_| groups.is_empty()) {
        let told = |one: &&HealthIssue| one.code == "InstanceLimitExceeded";
        sick.extend(group.issues.iter().find(told).map(|issue| {
            let proof = Proof {
                read: GROUPS,
                resource: group.name.clone(),
                field: "health.issues",
                seen: format!("{}: {}", issue.code, issue.message),
                wanted: "none".into(),
            };
            Sick::proven(
                format!("EC2 starts no node for {}: a quota is reached", group.name),
                proof,
                fix,
            )
        }));
    }
    Ok(sick)
}

/// IP-11
pub fn throttled(survey: &Survey) -> Judged {
    let events = known(&survey.kubernetes.events, EVENTS)?;
    let words = ["RequestLimitExceeded", "Request limit exceeded", "Throttling"];
    let told = events.iter().find(|event| words.iter().any(|word| event.message.contains(word)));
    let sick = told.map(|event| {
        let proof = Proof {
            read: EVENTS,
            resource: event.about.clone(),
            field: "message",
            seen: event.message.clone(),
            wanted: "no such event".into(),
        };
        Sick::proven(
            "EC2 throttles aws-node: pods wait for their addresses",
            proof,
            "set `awsNode.prefixDelegation`, or larger warm targets, so that nodes call EC2 less often",
        )
        .or("set ENABLE_PREFIX_DELEGATION, or larger warm targets, so that nodes call EC2 less often")
    });
    Ok(sick.into_iter().collect())
}

/// IP-12
pub fn near_the_account_limit(survey: &Survey) -> Judged {
    let count = *entry(&survey.account.counts, INTERFACES.code, "ec2:DescribeNetworkInterfaces")?;
    // Below what every account may have, the account's own value is not asked for.
    let most = match entry(&survey.account.quotas, INTERFACES.code, QUOTA) {
        Err(unread) if is_near_interfaces(count) => return Err(unread),
        most => most.ok().copied(),
    };
    let mut sick = Vec::new();
    if let Some(most) = most.filter(|most| most.saturating_mul(NEAR) <= count.saturating_mul(100)) {
        let proof = Proof {
            read: QUOTA,
            resource: INTERFACES.code.into(),
            field: "Value",
            seen: format!("{count} of {most} interfaces of the Region"),
            wanted: format!("less than {NEAR} %"),
        };
        sick.push(Sick::proven(
            "the account is about to run out of network interfaces in the Region",
            proof,
            format!(
                "raise the quota {}, or use prefixes: they need fewer interfaces",
                INTERFACES.code
            ),
        ));
    }
    let metrics = match known(&survey.account.metrics, METRICS) {
        Err(unread) if sick.is_empty() => return Err(unread),
        metrics => metrics.map_or(&[][..], Vec::as_slice),
    };
    let told = metrics.iter().find(|one| one.name == UNITS_METRIC);
    let (read, resource, units) = match told {
        Some(metric) => (METRICS, &metric.resource, metric.value as u64),
        None => {
            if let Err(unread) = known(&survey.vpc.interfaces, INTERFACES_READ)
                && sick.is_empty()
            {
                return Err(unread);
            }
            (INTERFACES_READ, &survey.header.vpc, address_units(&survey.vpc))
        }
    };
    if ADDRESS_UNITS * NEAR <= units * 100 {
        let proof = Proof {
            read,
            resource: resource.clone(),
            field: UNITS_METRIC,
            seen: units.to_string(),
            wanted: format!("less than {NEAR} % of {ADDRESS_UNITS}"),
        };
        sick.push(Sick::proven(
            format!("{resource} is about to reach its limit of Network Address Usage (NAU) units"),
            proof,
            "use prefixes: a prefix counts as one unit; or raise the quota of network address usage",
        ));
    }
    Ok(sick)
}

/// LB-08
pub fn no_room_for_rules(survey: &Survey) -> Judged {
    let instances = known(&survey.eks.instances, "ec2:DescribeInstances")?;
    let groups = known(&survey.vpc.security_groups, SECURITY)?;
    let of_nodes: Vec<String> = groups_of_nodes(instances).into_iter().flatten().collect();
    let mut sick = Vec::new();
    for group in groups.iter().filter(|group| of_nodes.contains(&group.id)) {
        let rules = rules_in(&survey.vpc, group);
        if rules < RULES_PER_GROUP {
            continue;
        }
        let most = *entry(&survey.account.quotas, RULES.code, QUOTA)?;
        if (rules as u64) < most {
            continue;
        }
        let proof = Proof {
            read: SECURITY,
            resource: group.id.clone(),
            field: "IpPermissions",
            seen: format!("{rules} inbound rules of one family"),
            wanted: format!("fewer than {most}"),
        };
        sick.push(Sick::proven(
            format!("the load-balancer controller cannot add rules to {}: it is full", group.id),
            proof,
            format!("raise the quota {}, or let load balancers share a security group", RULES.code),
        ));
    }
    Ok(sick)
}

/// CP-04
pub fn versions_apart(survey: &Survey) -> Judged {
    let Some(found) = cluster(survey)? else { return Ok(Vec::new()) };
    let minor = |text: &str| text.split('.').nth(1).and_then(|part| part.parse::<u32>().ok());
    let Some(api) = minor(&found.version) else { return Ok(Vec::new()) };
    let outside = |own: u32| own + SKEW < api || api < own;
    let apart = known(&survey.eks.node_groups, GROUPS)?
        .iter()
        .filter(|group| minor(&group.version).is_some_and(outside));
    let sick = apart.map(|group| {
        let proof = Proof {
            read: GROUPS,
            resource: group.name.clone(),
            field: "version",
            seen: group.version.clone(),
            wanted: format!("{} or at most {SKEW} minor versions before it", found.version),
        };
        Sick::proven(
            format!("the nodes of {} run a version that the API does not support", group.name),
            proof,
            format!(
                "aws eks update-nodegroup-version --cluster-name {} --nodegroup-name {}",
                found.name, group.name
            ),
        )
    });
    let mut sick: Vec<Sick> = sick.collect();
    let addons = known(&survey.eks.addons, "eks:DescribeAddon")?;
    let proxy = addons.iter().find(|one| one.name == "kube-proxy");
    // EKS never had a version 1.0: such a text says nothing.
    let own = |text: &str| minor(text).filter(|number| 0 < *number);
    let proxy = proxy.filter(|one| own(&one.version).is_some_and(outside));
    sick.extend(proxy.map(|one| {
        let proof = Proof {
            read: "eks:DescribeAddon",
            resource: one.name.clone(),
            field: "addonVersion",
            seen: one.version.clone(),
            wanted: format!("{} or at most {SKEW} minor versions before it", found.version),
        };
        let fix = format!(
            "aws eks update-addon --cluster-name {} --addon-name kube-proxy --addon-version … (aws eks describe-addon-versions --kubernetes-version {} --addon-name kube-proxy)",
            found.name, found.version
        );
        Sick::proven("kube-proxy has a version that the API does not support", proof, fix)
    }));
    match too_old(survey, found, addons) {
        Err(_) if !sick.is_empty() => {}
        old => sick.extend(old?),
    }
    Ok(sick)
}

/// Add-ons that are older than all that EKS offers for the cluster's version; kube-proxy may be behind the API.
fn too_old(survey: &Survey, found: &EksCluster, addons: &[AddonSurvey]) -> Judged {
    let others: Vec<&AddonSurvey> = addons
        .iter()
        .filter(|one| one.name != "kube-proxy" && Release::of(&one.version).is_some())
        .collect();
    if others.is_empty() {
        return Ok(Vec::new());
    }
    let offers = known(&survey.eks.addon_versions, VERSIONS)?;
    let old = others.into_iter().filter_map(|addon| {
        let offer = offers.iter().find(|one| one.name == addon.name)?;
        let oldest = offer.versions.iter().filter_map(|one| Release::of(one)).min()?;
        let own = Release::of(&addon.version).filter(|own| *own < oldest)?;
        Some((addon, offer, own, oldest))
    });
    let sick = old.map(|(addon, offer, own, oldest)| {
        let proof = Proof {
            read: VERSIONS,
            resource: addon.name.clone(),
            field: "addonVersions",
            seen: addon.version.clone(),
            wanted: format!("{oldest} or newer, for Kubernetes {}", found.version),
        };
        let (version, skips) = next_version(addon, offer, own);
        let fix = format!(
            "aws eks update-addon --cluster-name {} --addon-name {} --addon-version {version}",
            found.name, addon.name,
        );
        let more = skips.map_or(String::new(), |last| {
            format!("; {last} comes after the next minor version: AWS advises to skip none")
        });
        let cause = format!(
            "the add-on {} {own} is older than all that EKS offers for Kubernetes {}",
            addon.name, found.version
        );
        Sick::proven(format!("{cause}{more}"), proof, fix)
    });
    Ok(sick.collect())
}

/// The version to update to: the default one, or the newest of the next minor version, where aws-node would skip some on the way; then
/// the default one comes after it. Source: EKS user guide, Update the Amazon VPC CNI (one minor version at a time), read 2026-11-28.
fn next_version(addon: &AddonSurvey, offer: &AddonOffer, own: Release) -> (String, Option<String>) {
    let last = offer.preferred.as_ref().or(offer.versions.first()).cloned();
    let last = last.unwrap_or_else(|| "…".to_string());
    let goal = Release::of(&last).filter(|goal| addon.name == VPC_CNI && own.0 == goal.0);
    let Some(goal) = goal.filter(|goal| own.1 + 1 < goal.1) else { return (last, None) };
    let known = offer.versions.iter().filter_map(|one| Some((Release::of(one)?, one)));
    let on_the_way = known.filter(|(one, _)| own < *one && one.1 < goal.1);
    let next = on_the_way.clone().map(|(one, _)| one.1).min();
    let step = on_the_way.filter(|(one, _)| Some(one.1) == next).max();
    match step {
        Some((_, step)) => (step.clone(), Some(last)),
        None => (last, None),
    }
}
