//! What counts against quotas in another way than by resource, and what the Region has endpoints for.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{Filter, InstanceLifecycleType, ServiceDetail, ServiceType};

use super::filter::filter;
use super::port::Answer;
use super::session::{Account, refusal};
use crate::facts::quotas;
use crate::observed::EndpointService;

/// Subnets that EC2 is asked about at once.
const AT_ONCE: usize = 100;

pub async fn vcpus(account: &Account) -> Answer<BTreeMap<String, u64>> {
    let states = ["pending", "running"].map(str::to_string).to_vec();
    let alive = Filter::builder().name("instance-state-name").set_values(Some(states)).build();
    let call = account.ec2.describe_instances().filters(alive);
    let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let mut sums = BTreeMap::new();
    for one in found.map_err(refusal)?.iter().flat_map(|reservation| reservation.instances()) {
        let spot = one.instance_lifecycle() == Some(&InstanceLifecycleType::Spot);
        let kind = one.instance_type().map_or("", |kind| kind.as_str());
        let cpus =
            one.cpu_options().and_then(|cpu| Some(cpu.core_count()? * cpu.threads_per_core()?));
        let count = cpus.and_then(|count| u64::try_from(count).ok()).unwrap_or(0);
        if let Some(quota) = quotas::vcpus(kind, spot) {
            *sums.entry(quota.quota.code.to_string()).or_default() += count;
        }
    }
    Ok(sums)
}

pub async fn nat_gateways(account: &Account) -> Answer<BTreeMap<String, u64>> {
    let states = ["pending", "available"].map(str::to_string).to_vec();
    let alive = Filter::builder().name("state").set_values(Some(states)).build();
    let call = account.ec2.describe_nat_gateways().filter(alive);
    let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
    let found = found.map_err(refusal)?;
    // A regional one is in no subnet.
    let subnets: Vec<String> =
        found.iter().filter_map(|one| one.subnet_id()).map(str::to_string).collect();
    let mut zones: BTreeMap<String, String> = BTreeMap::new();
    for some in subnets.chunks(AT_ONCE) {
        let call = account.ec2.describe_subnets();
        let ids = Filter::builder().name("subnet-id").set_values(Some(some.to_vec())).build();
        let answer = call.filters(ids).send().await.map_err(refusal)?;
        zones.extend(answer.subnets().iter().filter_map(|one| {
            Some((one.subnet_id()?.to_string(), one.availability_zone_id()?.to_string()))
        }));
    }
    let mut counts = BTreeMap::new();
    for zone in subnets.iter().filter_map(|subnet| zones.get(subnet)) {
        *counts.entry(zone.clone()).or_default() += 1;
    }
    Ok(counts)
}

/// Lists of AWS's own say no number, and are left out.
pub async fn prefix_lists(account: &Account, ids: &[String]) -> Answer<BTreeMap<String, u64>> {
    let mut found = BTreeMap::new();
    for id in ids {
        let call = account.ec2.describe_managed_prefix_lists();
        let answer = call.filters(filter("prefix-list-id", id)).send().await.map_err(refusal)?;
        let most = answer.prefix_lists().iter().find_map(|one| one.max_entries());
        found.extend(most.and_then(|most| Some((id.clone(), u64::try_from(most).ok()?))));
    }
    Ok(found)
}

/// By a filter: asked for by name, one that does not exist would refuse all of them.
pub async fn endpoint_services(
    account: &Account,
    names: &[String],
) -> Answer<BTreeSet<EndpointService>> {
    let mut found = BTreeSet::new();
    for some in names.chunks(AT_ONCE) {
        let named = Filter::builder().name("service-name").set_values(Some(some.to_vec())).build();
        let mut next = None;
        loop {
            let call = account.ec2.describe_vpc_endpoint_services().filters(named.clone());
            let page = call.set_next_token(next).send().await.map_err(refusal)?;
            found.extend(page.service_details().iter().filter_map(endpoint_service));
            next = page.next_token().filter(|token| !token.is_empty()).map(str::to_string);
            if next.is_none() {
                break;
            }
        }
    }
    Ok(found)
}

fn endpoint_service(one: &ServiceDetail) -> Option<EndpointService> {
    let gateway = |kind: &aws_sdk_ec2::types::ServiceTypeDetail| {
        kind.service_type() == Some(&ServiceType::Gateway)
    };
    Some(EndpointService {
        name: one.service_name()?.to_string(),
        is_gateway: one.service_type().iter().any(gateway),
        zones: one.availability_zones().iter().cloned().collect(),
    })
}
