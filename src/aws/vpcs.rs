//! EC2 behind the [`Vpcs`] port. Everything here reads.

use aws_sdk_ec2::types::{
    IpamComplianceStatus, IpamOverlapStatus, IpamResourceCidr, IpamResourceType, IpamScopeType,
    Vpc, VpcCidrBlockStateCode,
};

use super::port::{Answer, AnyVpc, Monitored, Vpcs};
use super::session::{Account, refusal};

impl Vpcs for Account {
    async fn owner(&self) -> Answer<String> {
        Account::owner(self).await
    }

    async fn vpcs(&self) -> Answer<Vec<AnyVpc>> {
        let pages = self.ec2.describe_vpcs().into_paginator().items().send();
        let all = pages.collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
        Ok(all.iter().map(any).collect())
    }

    async fn monitored(&self) -> Answer<Vec<Monitored>> {
        let scopes = self.ec2.describe_ipam_scopes().into_paginator().items().send();
        let scopes = scopes.collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
        let mut found = Vec::new();
        for scope in
            scopes.iter().filter(|one| one.ipam_scope_type() == Some(&IpamScopeType::Private))
        {
            let call = self.ec2.get_ipam_resource_cidrs().resource_type(IpamResourceType::Vpc);
            let call = call.ipam_scope_id(scope.ipam_scope_id().unwrap_or_default());
            let pages = call.into_paginator().items().send();
            let all = pages.collect::<Result<Vec<_>, _>>().await.map_err(refusal)?;
            found.extend(all.iter().map(monitored));
        }
        Ok(found)
    }
}

fn any(vpc: &Vpc) -> AnyVpc {
    let tag = |key: &str| {
        let own = vpc.tags().iter().find(|tag| tag.key() == Some(key));
        own.and_then(|tag| tag.value()).map(str::to_string)
    };
    let stands = |state: Option<&VpcCidrBlockStateCode>| {
        matches!(
            state,
            None | Some(VpcCidrBlockStateCode::Associated | VpcCidrBlockStateCode::Associating)
        )
    };
    let blocks = vpc.cidr_block_association_set().iter();
    let blocks = blocks.filter(|one| stands(one.cidr_block_state().and_then(|one| one.state())));
    let mut cidrs: Vec<_> = blocks.filter_map(|one| one.cidr_block()?.parse().ok()).collect();
    if cidrs.is_empty() {
        cidrs.extend(vpc.cidr_block().and_then(|cidr| cidr.parse::<ipnet::Ipv4Net>().ok()));
    }
    AnyVpc {
        id: vpc.vpc_id().unwrap_or_default().to_string(),
        name: tag("Name"),
        stack: tag("aws:cloudformation:stack-name"),
        cidrs,
    }
}

fn monitored(one: &IpamResourceCidr) -> Monitored {
    let text = |value: Option<&str>| value.unwrap_or_default().to_string();
    Monitored {
        vpc: text(one.resource_id()),
        owner: text(one.resource_owner_id()),
        region: text(one.resource_region()),
        cidr: one.resource_cidr().and_then(|cidr| cidr.parse().ok()),
        overlapping: one.overlap_status() == Some(&IpamOverlapStatus::Overlapping),
        noncompliant: one.compliance_status() == Some(&IpamComplianceStatus::Noncompliant),
    }
}
