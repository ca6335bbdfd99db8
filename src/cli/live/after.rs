//! What CloudFormation cannot do, done through EC2 once the stack stands. Every step may be run again.

use crate::aws::{Account, Networks, Refusal};
use crate::diagnostic::Failure;
use crate::facts::regions;
use crate::observed::StackDescription;

use super::super::Common;
use super::super::line::Line;
use super::super::output;

pub async fn run(
    common: &Common,
    account: &Account,
    line: &Line,
    stack: &StackDescription,
) -> Result<(), Failure> {
    let vpc = stack.vpc().unwrap_or_default();
    reserve(common, account, line, vpc).await?;
    let security = &line.intent.security;
    if security.default_closed {
        let taken = account
            .close_default_group(vpc)
            .await
            .map_err(|refusal| undone("the VPC's default security group is not closed", refusal))?;
        if 0 < taken {
            output::note(
                common,
                &format!("default security group of {vpc}: {taken} rules taken out"),
            );
        }
    }
    if security.alarms.is_some() {
        account
            .count_address_units(vpc)
            .await
            .map_err(|refusal| undone("the VPC does not tell of its address units", refusal))?;
    }
    Ok(())
}

/// The parts of subnets that are kept for prefixes, where CloudFormation cannot keep them: made if they are not there, released if
/// nobody wants them any more.
async fn reserve(
    common: &Common,
    account: &Account,
    line: &Line,
    vpc: &str,
) -> Result<(), Failure> {
    if regions::WITH_RESERVATIONS.contains(&line.intent.region.name) {
        return Ok(());
    }
    let failed = |refusal| {
        undone("not every part of a subnet is kept for prefixes as the blueprint says", refusal)
    };
    let kept = line.plan.subnets.iter().any(|subnet| subnet.reserved.is_some());
    let live = match account.subnets(vpc).await {
        Err(refusal) if !kept => {
            output::note(
                common,
                &format!(
                    "whether parts of subnets are still kept for prefixes was not read: {refusal}"
                ),
            );
            return Ok(());
        }
        live => live.map_err(failed)?,
    };
    let wanted: Vec<(String, String)> = line
        .plan
        .subnets
        .iter()
        .filter_map(|subnet| {
            let standing = live.iter().find(|one| one.cidr == subnet.cidr.to_string())?;
            Some((standing.id.clone(), subnet.reserved?.to_string()))
        })
        .collect();
    let ids: Vec<String> = live.iter().map(|subnet| subnet.id.clone()).collect();
    let there = account.reservations(&ids).await.map_err(failed)?;
    for old in there.iter().filter(|old| {
        !wanted.iter().any(|(subnet, cidr)| *subnet == old.subnet && *cidr == old.cidr)
    }) {
        account.release(&old.id).await.map_err(failed)?;
    }
    for (subnet, cidr) in wanted.iter().filter(|(subnet, cidr)| {
        !there.iter().any(|old| old.subnet == *subnet && old.cidr == *cidr)
    }) {
        account.reserve(subnet, cidr).await.map_err(failed)?;
    }
    Ok(())
}

/// Gives back what `reserve` made, before its subnets go.
pub async fn release(account: &Account, vpc: &str) -> Result<(), Refusal> {
    let ids: Vec<String> =
        account.subnets(vpc).await?.into_iter().map(|subnet| subnet.id).collect();
    for old in account.reservations(&ids).await? {
        account.release(&old.id).await?;
    }
    Ok(())
}

fn undone(what: &str, refusal: Refusal) -> Failure {
    Failure::new(format!("the stack stands, but {what}"))
        .because(refusal)
        .hint("deploy again once that is mended: only this is left to do")
}
