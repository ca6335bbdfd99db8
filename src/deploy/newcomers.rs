//! Subnets that others made in a VPC while a plan was looked at: they are found before the change set is executed.

use ipnet::Ipv4Net;

use crate::aws::Networks;
use crate::diagnostic::Failure;
use crate::facts::vpc::overlap;
use crate::observed::Stack;

use super::{Deployment, unread};

/// Who holds a part of what would be made, in words; `None` where all of it is free.
pub async fn newcomer(
    world: &impl Networks,
    deployment: &Deployment<'_>,
) -> Result<Option<String>, Failure> {
    let compiled = deployment.compiled;
    let Some(vpc) = compiled.intent.vpc.id() else { return Ok(None) };
    let deployed = Stack::of(deployment.before).subnets;
    let is_new = |cidr: &Ipv4Net| !deployed.iter().any(|own| own.cidr == *cidr);
    let new: Vec<_> = compiled.plan.made().filter(|subnet| is_new(&subnet.cidr)).collect();
    if new.is_empty() {
        return Ok(None);
    }
    let live = world.subnets(vpc).await.map_err(unread(&format!("the subnets of `{vpc}`")))?;
    let clash = |subnet: &crate::address::Subnet| {
        let holds = |cidr: &str| cidr.parse().is_ok_and(|cidr| overlap(cidr, subnet.cidr));
        let other = live.iter().find(|other| holds(&other.cidr))?;
        Some(format!(
            "{} of `{}` in {} overlaps {} ({}), which was made meanwhile",
            subnet.cidr,
            subnet.tier,
            subnet.zone.word(),
            other.id,
            other.cidr
        ))
    };
    Ok(new.into_iter().find_map(clash))
}
