//! Instances of the cluster, and their types.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{Filter, InstanceType as Kind};

use crate::aws::filter::filter;
use crate::aws::port::Answer;
use crate::aws::session::{Account, refusal, written};
use crate::observed::Part;
use crate::observed::survey::{EksSurvey, Instance, InstanceType};

use super::text::{count, some, tags, text};

#[derive(Default)]
pub struct Machines {
    pub instances: Part<Vec<Instance>>,
    pub types: Part<Vec<InstanceType>>,
}

/// The instances of the cluster, and the types of those and of its node groups.
pub async fn read(
    account: &Account,
    vpc: &str,
    cluster: Option<&str>,
    eks: &EksSurvey,
) -> Machines {
    let Some(cluster) = cluster.filter(|_| eks.found().is_some()) else {
        return Machines::default();
    };
    let instances = instances(account, vpc, cluster).await;
    let groups = eks.node_groups.read().into_iter().flatten();
    let named = groups.flat_map(|group| group.instance_types.iter().cloned());
    let running = instances.iter().flatten().map(|one| one.instance_type.clone());
    let names: BTreeSet<String> = named.chain(running).filter(|name| !name.is_empty()).collect();
    Machines {
        instances: super::part("ec2:DescribeInstances", instances),
        types: super::part("ec2:DescribeInstanceTypes", types(account, &names).await),
    }
}

async fn instances(account: &Account, vpc: &str, cluster: &str) -> Answer<Vec<Instance>> {
    let keys = [
        format!("kubernetes.io/cluster/{cluster}"),
        "eks:cluster-name".to_string(),
        "aws:eks:cluster-name".to_string(),
    ];
    let tagged = Filter::builder().name("tag-key").set_values(Some(keys.to_vec())).build();
    let call = account.ec2.describe_instances().filters(filter("vpc-id", vpc)).filters(tagged);
    let pages = call.into_paginator().items().send();
    let found = pages.collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
    let own = |one: &Instance| {
        one.tags.contains_key(&keys[0])
            || keys[1..].iter().any(|key| one.tags.get(key).is_some_and(|name| name == cluster))
    };
    let all = found.iter().flat_map(|reservation| reservation.instances()).map(instance);
    Ok(all.filter(own).collect())
}

fn instance(one: &aws_sdk_ec2::types::Instance) -> Instance {
    let metadata = one.metadata_options();
    Instance {
        id: text(one.instance_id()),
        instance_type: text(one.instance_type().map(|kind| kind.as_str())),
        subnet: text(one.subnet_id()),
        state: text(one.state().and_then(|state| state.name()).map(|name| name.as_str())),
        metadata_hop_limit: metadata
            .and_then(|own| own.http_put_response_hop_limit())
            .and_then(|limit| u32::try_from(limit).ok()),
        metadata_tokens: text(
            metadata.and_then(|own| own.http_tokens()).map(|tokens| tokens.as_str()),
        ),
        private_dns: text(one.private_dns_name()),
        groups: one.security_groups().iter().filter_map(|group| some(group.group_id())).collect(),
        profile: some(one.iam_instance_profile().and_then(|profile| profile.arn())),
        launched: one.launch_time().map(written),
        tags: tags(one.tags()),
    }
}

async fn types(account: &Account, names: &BTreeSet<String>) -> Answer<Vec<InstanceType>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let kinds = names.iter().map(|name| Kind::from(name.as_str())).collect();
    let call = account.ec2.describe_instance_types().set_instance_types(Some(kinds));
    let pages = call.into_paginator().items().send();
    let found = pages.collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
    let one = |one: &aws_sdk_ec2::types::InstanceTypeInfo| {
        let network = one.network_info();
        let processor = one.processor_info();
        InstanceType {
            name: text(one.instance_type().map(|kind| kind.as_str())),
            hypervisor: text(one.hypervisor().map(|kind| kind.as_str())),
            bare_metal: one.bare_metal().unwrap_or(false),
            interfaces: count(network.and_then(|own| own.maximum_network_interfaces())),
            addresses_per_interface: count(
                network.and_then(|own| own.ipv4_addresses_per_interface()),
            ),
            architectures: processor
                .map(|own| own.supported_architectures())
                .unwrap_or_default()
                .iter()
                .map(|kind| kind.as_str().to_string())
                .collect(),
            vcpus: count(one.v_cpu_info().and_then(|own| own.default_v_cpus())),
        }
    };
    Ok(found.iter().map(one).collect())
}
