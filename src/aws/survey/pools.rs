//! The IPAM pools that a blueprint names.

use aws_sdk_ec2::types::IpamPoolCidrState;
use futures_util::future::join_all;
use ipnet::Ipv4Net;

use crate::aws::port::Answer;
use crate::aws::session::{Account, refusal};
use crate::observed::Part;
use crate::observed::survey::{Pool, PoolAllocation};

use super::text::{some, text};

/// Nothing is asked for where none is named.
pub async fn read(account: &Account, ids: &[String]) -> Part<Vec<Pool>> {
    if ids.is_empty() {
        return Part::Unasked;
    }
    super::part("ec2:DescribeIpamPools", pools(account, ids).await)
}

/// A pool that this account does not see is none of them.
async fn pools(account: &Account, ids: &[String]) -> Answer<Vec<Pool>> {
    let call = account.ec2.describe_ipam_pools().set_ipam_pool_ids(Some(ids.to_vec()));
    let found = match call.send().await.map_err(refusal) {
        Ok(answer) => answer.ipam_pools().to_vec(),
        Err(refusal) if refusal.code.ends_with(".NotFound") => Vec::new(),
        Err(refusal) => return Err(refusal),
    };
    let reads = found.iter().map(|one| async move {
        let id = text(one.ipam_pool_id());
        let (cidrs, allocations) = tokio::join!(cidrs(account, &id), allocations(account, &id));
        let allocations = super::part("ec2:GetIpamPoolAllocations", allocations);
        Ok(Pool { locale: some(one.locale()), cidrs: cidrs?, allocations, id })
    });
    let mut pools = join_all(reads).await.into_iter().collect::<Answer<Vec<Pool>>>()?;
    pools.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(pools)
}

async fn cidrs(account: &Account, id: &str) -> Answer<Vec<Ipv4Net>> {
    let pages = account.ec2.get_ipam_pool_cidrs().ipam_pool_id(id).into_paginator().items().send();
    let found = pages.collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
    let given = found.iter().filter(|one| one.state() == Some(&IpamPoolCidrState::Provisioned));
    let mut cidrs: Vec<Ipv4Net> = given.filter_map(|one| one.cidr()?.parse().ok()).collect();
    cidrs.sort();
    Ok(cidrs)
}

async fn allocations(account: &Account, id: &str) -> Answer<Vec<PoolAllocation>> {
    let pages = account.ec2.get_ipam_pool_allocations().ipam_pool_id(id).into_paginator();
    let found = pages.items().send().collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
    let one = |one: &aws_sdk_ec2::types::IpamPoolAllocation| {
        let resource = text(one.resource_id());
        Some(PoolAllocation { cidr: one.cidr()?.parse().ok()?, resource })
    };
    let mut given: Vec<PoolAllocation> = found.iter().filter_map(one).collect();
    given.sort_by_key(|one| one.cidr);
    Ok(given)
}
