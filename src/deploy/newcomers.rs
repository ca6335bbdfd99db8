//! Subnets that others made in a VPC while a plan was looked at: they are found before the change set is executed.

use ipnet::Ipv4Net;

use crate::aws::Networks;
use crate::aws::port::Answer;
use crate::facts::vpc::overlap;
use crate::line::Compiled;
use crate::observed::Stack;
use crate::template::Template;

/// Who holds a part of what would be made, in words; `None` where all of it is free.
pub async fn newcomer(
    world: &impl Networks,
    (compiled, before): (&Compiled, &Template),
) -> Answer<Option<String>> {
    let Some(vpc) = compiled.intent.vpc.id() else { return Ok(None) };
    let deployed = Stack::of(before).subnets;
    let is_new = |cidr: &Ipv4Net| !deployed.iter().any(|own| own.cidr == *cidr);
    let new: Vec<_> = compiled.plan.made().filter(|subnet| is_new(&subnet.cidr)).collect();
    if new.is_empty() {
        return Ok(None);
    }
    let live = world.subnets(vpc).await?;
    let clash = |subnet: &crate::address::Subnet| {
        let holds = |cidr: &str| cidr.parse().is_ok_and(|cidr| overlap(cidr, subnet.cidr));
        let other = live.iter().find(|other| holds(&other.cidr))?;
        Some(format!(
            "{} of `{}` in {} overlaps {} ({}), which was created meanwhile",
            subnet.cidr,
            subnet.tier,
            subnet.zone.word(),
            other.id,
            other.cidr
        ))
    };
    Ok(new.into_iter().find_map(clash))
}
