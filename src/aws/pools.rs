//! VPC IPAM behind the [`Pools`] port, and the ranges that a VPC got of it.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{IpamPool, IpamPoolAllocation, IpamPoolCidrState};
use ipnet::Ipv4Net;

use super::filter::filter;
use super::port::{Allocated, AllocationRequest, Answer, Associated, Pools, Refusal};
use super::session::{Account, refusal};
use crate::observed::LivePool;

impl Pools for Account {
    async fn pool(&self, id: &str) -> Answer<Option<LivePool>> {
        let answer = self.ec2.describe_ipam_pools().ipam_pool_ids(id).send().await;
        let found = match answer.map_err(refusal) {
            Ok(answer) => answer.ipam_pools().first().map(pool),
            Err(refusal) if refusal.code.ends_with(".NotFound") => None,
            Err(refusal) => return Err(refusal),
        };
        let Some(found) = found else { return Ok(None) };
        let (cidrs, taken) = tokio::join!(provisioned(self, id), allocations(self, id));
        // Whoever shares a pool may hide what others have of it.
        let taken = taken.ok().map(|all| all.iter().filter_map(cidr).collect());
        Ok(Some(LivePool { cidrs: cidrs.unwrap_or_default(), taken, ..found }))
    }

    async fn allocation(&self, pool: &str, description: &str) -> Answer<Option<Allocated>> {
        let all = allocations(self, pool).await?;
        let own = all.iter().find(|one| one.description() == Some(description));
        Ok(own.and_then(allocated))
    }

    async fn allocate(&self, request: &AllocationRequest) -> Answer<Allocated> {
        let disallowed = request.disallowed.iter().map(ToString::to_string).collect::<Vec<_>>();
        let answer = self
            .ec2
            .allocate_ipam_pool_cidr()
            .ipam_pool_id(&request.pool)
            .netmask_length(i32::from(request.netmask))
            .client_token(&request.token)
            .description(&request.description)
            .set_disallowed_cidrs(Some(disallowed).filter(|all| !all.is_empty()))
            .send()
            .await
            .map_err(refusal)?;
        let given = answer.ipam_pool_allocation().and_then(allocated);
        given.ok_or_else(|| Refusal::new("", "IPAM's answer has no range"))
    }

    async fn has_allocation(&self, pool: &str, id: &str) -> Answer<bool> {
        let all = allocations(self, pool).await?;
        Ok(all.iter().any(|one| one.ipam_pool_allocation_id() == Some(id)))
    }

    async fn holder(&self, stack: &str, cidr: Ipv4Net) -> Answer<Option<String>> {
        let call = self
            .ec2
            .describe_vpcs()
            .filters(filter("cidr-block-association.cidr-block", &cidr.to_string()))
            .filters(filter("tag:aws:cloudformation:stack-name", stack));
        let answer = call.send().await.map_err(refusal)?;
        Ok(answer.vpcs().first().and_then(|vpc| vpc.vpc_id().map(str::to_string)))
    }

    async fn give_back(&self, pool: &str, allocated: &Allocated) -> Answer<()> {
        let call = self
            .ec2
            .release_ipam_pool_allocation()
            .ipam_pool_id(pool)
            .ipam_pool_allocation_id(&allocated.id)
            .cidr(allocated.cidr.to_string());
        match call.send().await.map_err(refusal) {
            Err(refusal) if refusal.code.ends_with(".NotFound") => Ok(()),
            answer => answer.map(|_| ()),
        }
    }

    async fn ranges(&self, vpc: &str) -> Answer<Vec<Associated>> {
        let answer = self.ec2.describe_vpcs().vpc_ids(vpc).send().await.map_err(refusal)?;
        let Some(vpc) = answer.vpcs().first() else { return Ok(Vec::new()) };
        let blocks = vpc.cidr_block_association_set().iter().filter_map(|block| {
            Some(Associated {
                id: block.association_id()?.to_string(),
                cidr: block.cidr_block()?.parse().ok()?,
                primary: block.cidr_block() == vpc.cidr_block(),
            })
        });
        Ok(blocks.collect())
    }
}

async fn provisioned(account: &Account, id: &str) -> Answer<Vec<Ipv4Net>> {
    let mut pages = account.ec2.get_ipam_pool_cidrs().ipam_pool_id(id).into_paginator().send();
    let mut cidrs = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(refusal)?;
        let usable = page.ipam_pool_cidrs().iter();
        let usable = usable.filter(|one| one.state() == Some(&IpamPoolCidrState::Provisioned));
        cidrs.extend(usable.filter_map(|one| one.cidr()?.parse::<Ipv4Net>().ok()));
    }
    Ok(cidrs)
}

async fn allocations(account: &Account, id: &str) -> Answer<Vec<IpamPoolAllocation>> {
    let call = account.ec2.get_ipam_pool_allocations().ipam_pool_id(id);
    let mut pages = call.into_paginator().send();
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        all.extend(page.map_err(refusal)?.ipam_pool_allocations().iter().cloned());
    }
    Ok(all)
}

fn cidr(one: &IpamPoolAllocation) -> Option<Ipv4Net> {
    one.cidr()?.parse().ok()
}

fn allocated(one: &IpamPoolAllocation) -> Option<Allocated> {
    Some(Allocated { id: one.ipam_pool_allocation_id()?.to_string(), cidr: cidr(one)? })
}

fn pool(one: &IpamPool) -> LivePool {
    let bits = |len: Option<i32>| len.and_then(|len| u8::try_from(len).ok());
    let tags = one.allocation_resource_tags().iter().filter_map(|tag| {
        Some((tag.key()?.to_string(), tag.value().unwrap_or_default().to_string()))
    });
    LivePool {
        state: one.state().map(|state| state.as_str().to_string()).unwrap_or_default(),
        locale: one.locale().unwrap_or_default().to_string(),
        shortest: bits(one.allocation_min_netmask_length()),
        longest: bits(one.allocation_max_netmask_length()),
        tags: tags.collect::<BTreeMap<_, _>>(),
        ..LivePool::default()
    }
}
