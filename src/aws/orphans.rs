//! What Kubernetes left in a VPC, found by the cluster's tags, and its removal.

use aws_sdk_ec2::types::{IpPermission, NetworkInterface, NetworkInterfaceStatus, UserIdGroupPair};

use super::filter::filter;
use super::leftovers::{self, Found, tagged, text};
use super::port::{Answer, Orphan, Orphans, Refusal};
use super::session::{Account, refusal};
use crate::facts::orphans::{
    BY_CLOUDFORMATION, CLUSTER_GROUP, OWN_INTERFACES, SERVED_BY, TAGS_AT_ONCE, is_of,
};

pub async fn find(account: &Account, vpc: &str, cluster: &str) -> Orphans {
    let (balancers, classic, targets, instances, interfaces, groups, volumes) = tokio::join!(
        balancers(account, vpc, cluster),
        classic_balancers(account, vpc, cluster),
        target_groups(account, vpc, cluster),
        leftovers::instances(account, vpc, cluster),
        interfaces(account, vpc, cluster),
        groups(account, vpc, cluster),
        leftovers::volumes(account, cluster),
    );
    let mut all = Orphans::default();
    let reads = [
        ("elasticloadbalancing:DescribeLoadBalancers", balancers),
        ("elasticloadbalancing:DescribeLoadBalancers (classic)", classic),
        ("elasticloadbalancing:DescribeTargetGroups", targets),
        ("ec2:DescribeInstances", instances),
        ("ec2:DescribeNetworkInterfaces", interfaces),
        ("ec2:DescribeSecurityGroups", groups),
    ];
    for (action, answer) in reads {
        match answer {
            Ok((found, others)) => {
                all.found.extend(found);
                all.others.extend(others);
            }
            Err(refusal) => all.unread.push(format!("{action}: {refusal}")),
        }
    }
    match volumes {
        Ok(found) => all.volumes = found,
        Err(refusal) => all.volumes_unread = Some(format!("ec2:DescribeVolumes: {refusal}")),
    }
    all
}

async fn balancers(account: &Account, vpc: &str, cluster: &str) -> Answer<Found> {
    let mut pages = account.balancers.describe_load_balancers().into_paginator().send();
    let mut here: Vec<(String, String)> = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(refusal)?;
        let inside = page.load_balancers().iter().filter(|one| one.vpc_id() == Some(vpc));
        here.extend(
            inside.map(|one| (text(one.load_balancer_arn()), text(one.load_balancer_name()))),
        );
    }
    let own = own_by_arn(account, cluster, &here).await?;
    let mut found = Found::default();
    for (arn, name) in here {
        match own.contains(&arn) {
            true => found.0.push(Orphan::Balancer { arn, name }),
            false => found.1.push(format!("load balancer {name}")),
        }
    }
    Ok(found)
}

async fn target_groups(account: &Account, vpc: &str, cluster: &str) -> Answer<Found> {
    let mut pages = account.balancers.describe_target_groups().into_paginator().send();
    let mut here: Vec<(String, String)> = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(refusal)?;
        let inside = page.target_groups().iter().filter(|one| one.vpc_id() == Some(vpc));
        here.extend(
            inside.map(|one| (text(one.target_group_arn()), text(one.target_group_name()))),
        );
    }
    let own = own_by_arn(account, cluster, &here).await?;
    // Somebody else's target group does not keep a VPC alive.
    Ok((
        here.into_iter()
            .filter(|(arn, _)| own.contains(arn))
            .map(|(arn, name)| Orphan::TargetGroup { arn, name })
            .collect(),
        Vec::new(),
    ))
}

/// Those ARNs whose tags are the cluster's.
async fn own_by_arn(
    account: &Account,
    cluster: &str,
    all: &[(String, String)],
) -> Answer<Vec<String>> {
    let mut own = Vec::new();
    for some in all.chunks(TAGS_AT_ONCE) {
        let arns = some.iter().map(|(arn, _)| arn.clone()).collect();
        let answer = account
            .balancers
            .describe_tags()
            .set_resource_arns(Some(arns))
            .send()
            .await
            .map_err(refusal)?;
        for one in answer.tag_descriptions() {
            if one.tags().iter().any(|tag| {
                is_of(cluster, tag.key().unwrap_or_default(), tag.value().unwrap_or_default())
            }) {
                own.push(text(one.resource_arn()));
            }
        }
    }
    Ok(own)
}

async fn classic_balancers(account: &Account, vpc: &str, cluster: &str) -> Answer<Found> {
    let mut pages = account.classic_balancers.describe_load_balancers().into_paginator().send();
    let mut here: Vec<String> = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(refusal)?;
        here.extend(
            page.load_balancer_descriptions()
                .iter()
                .filter(|one| one.vpc_id() == Some(vpc))
                .map(|one| text(one.load_balancer_name())),
        );
    }
    let mut own: Vec<String> = Vec::new();
    for some in here.chunks(TAGS_AT_ONCE) {
        let answer = account
            .classic_balancers
            .describe_tags()
            .set_load_balancer_names(Some(some.to_vec()))
            .send()
            .await
            .map_err(refusal)?;
        for one in answer.tag_descriptions() {
            if one
                .tags()
                .iter()
                .any(|tag| is_of(cluster, tag.key(), tag.value().unwrap_or_default()))
            {
                own.push(text(one.load_balancer_name()));
            }
        }
    }
    let (own, others): (Vec<String>, Vec<String>) =
        here.into_iter().partition(|name| own.contains(name));
    let others = others.into_iter().map(|name| format!("classic load balancer {name}")).collect();
    Ok((own.into_iter().map(|name| Orphan::ClassicBalancer { name }).collect(), others))
}

async fn interfaces(account: &Account, vpc: &str, cluster: &str) -> Answer<Found> {
    let mut pages = account
        .ec2
        .describe_network_interfaces()
        .filters(filter("vpc-id", vpc))
        .into_paginator()
        .send();
    let mut found = Found::default();
    while let Some(page) = pages.next().await {
        for one in page.map_err(refusal)?.network_interfaces() {
            let (id, description) = (text(one.network_interface_id()), text(one.description()));
            if left_behind(one, &description, cluster) {
                let subnet = text(one.subnet_id());
                found.0.push(Orphan::Interface { id, description, subnet });
            } else if is_of_a_service(one, &description) {
                found.1.push(format!("interface {id} ({description})"));
            }
        }
    }
    Ok(found)
}

fn left_behind(one: &NetworkInterface, description: &str, cluster: &str) -> bool {
    let free = one.status() == Some(&NetworkInterfaceStatus::Available);
    let own =
        OWN_INTERFACES.iter().any(|start| description.to_ascii_lowercase().starts_with(start))
            || tagged(one.tag_set(), cluster);
    free && own
}

/// An interface of a service such as a database: it belongs to no instance, and to nothing that the stack or Kubernetes makes.
fn is_of_a_service(one: &NetworkInterface, description: &str) -> bool {
    let on_instance = one.attachment().is_some_and(|attachment| attachment.instance_id().is_some());
    !on_instance
        && !description.is_empty()
        && !SERVED_BY.iter().any(|start| description.starts_with(start))
}

async fn groups(account: &Account, vpc: &str, cluster: &str) -> Answer<Found> {
    let mut pages = account
        .ec2
        .describe_security_groups()
        .filters(filter("vpc-id", vpc))
        .into_paginator()
        .send();
    let mut found = Found::default();
    while let Some(page) = pages.next().await {
        for one in page.map_err(refusal)?.security_groups() {
            let (id, name) = (text(one.group_id()), text(one.group_name()));
            // What CloudFormation made goes with the stack.
            let of_a_stack = one.tags().iter().any(|tag| tag.key() == Some(BY_CLOUDFORMATION));
            match tagged(one.tags(), cluster)
                || name.starts_with(&format!("{CLUSTER_GROUP}{cluster}-"))
            {
                _ if of_a_stack || name == "default" => {}
                true => found.0.push(Orphan::SecurityGroup { id, name }),
                false => found.1.push(format!("security group {id} ({name})")),
            }
        }
    }
    Ok(found)
}

pub async fn remove(account: &Account, orphan: &Orphan) -> Answer<()> {
    match orphan {
        Orphan::Balancer { arn, .. } => account
            .balancers
            .delete_load_balancer()
            .load_balancer_arn(arn)
            .send()
            .await
            .map(|_| ())
            .map_err(refusal),
        Orphan::ClassicBalancer { name } => account
            .classic_balancers
            .delete_load_balancer()
            .load_balancer_name(name)
            .send()
            .await
            .map(|_| ())
            .map_err(refusal),
        Orphan::TargetGroup { arn, .. } => account
            .balancers
            .delete_target_group()
            .target_group_arn(arn)
            .send()
            .await
            .map(|_| ())
            .map_err(refusal),
        Orphan::Interface { id, .. } => account
            .ec2
            .delete_network_interface()
            .network_interface_id(id)
            .send()
            .await
            .map(|_| ())
            .map_err(refusal),
        Orphan::SecurityGroup { id, .. } => remove_group(account, id).await,
        Orphan::Instance { .. } | Orphan::Volume { .. } | Orphan::Snapshot { .. } => {
            leftovers::remove(account, orphan).await
        }
    }
}

/// Groups that name each other in their rules cannot be deleted: the rules go first, on both sides.
async fn remove_group(account: &Account, id: &str) -> Result<(), Refusal> {
    let own = account.ec2.describe_security_groups().group_ids(id).send().await.map_err(refusal)?;
    for group in own.security_groups() {
        revoke(
            account,
            id,
            group.ip_permissions().to_vec(),
            group.ip_permissions_egress().to_vec(),
        )
        .await?;
    }
    for name in ["ip-permission.group-id", "egress.ip-permission.group-id"] {
        let naming = account
            .ec2
            .describe_security_groups()
            .filters(filter(name, id))
            .send()
            .await
            .map_err(refusal)?;
        for group in naming.security_groups() {
            let about = |rules: &[IpPermission]| {
                rules.iter().filter_map(|rule| only(rule, id)).collect::<Vec<_>>()
            };
            revoke(
                account,
                group.group_id().unwrap_or_default(),
                about(group.ip_permissions()),
                about(group.ip_permissions_egress()),
            )
            .await?;
        }
    }
    account.ec2.delete_security_group().group_id(id).send().await.map(|_| ()).map_err(refusal)
}

/// The part of a rule that is about one group.
fn only(rule: &IpPermission, group: &str) -> Option<IpPermission> {
    let pairs: Vec<UserIdGroupPair> = rule
        .user_id_group_pairs()
        .iter()
        .filter(|pair| pair.group_id() == Some(group))
        .cloned()
        .collect();
    let part = IpPermission::builder()
        .set_ip_protocol(rule.ip_protocol().map(str::to_string))
        .set_from_port(rule.from_port())
        .set_to_port(rule.to_port());
    (!pairs.is_empty()).then(|| part.set_user_id_group_pairs(Some(pairs)).build())
}

async fn revoke(
    account: &Account,
    group: &str,
    ingress: Vec<IpPermission>,
    egress: Vec<IpPermission>,
) -> Answer<()> {
    if !ingress.is_empty() {
        account
            .ec2
            .revoke_security_group_ingress()
            .group_id(group)
            .set_ip_permissions(Some(ingress))
            .send()
            .await
            .map_err(refusal)?;
    }
    if !egress.is_empty() {
        account
            .ec2
            .revoke_security_group_egress()
            .group_id(group)
            .set_ip_permissions(Some(egress))
            .send()
            .await
            .map_err(refusal)?;
    }
    Ok(())
}
