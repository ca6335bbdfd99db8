//! What CloudFormation cannot do, done through EC2 once the stack stands. Every step may be run again.

use crate::aws::port::Stack;
use crate::aws::{Account, Networks, Refusal};
use crate::diagnostic::Failure;

use super::super::Common;
use super::super::line::Line;
use super::super::output;

pub async fn run(common: &Common, account: &Account, line: &Line, stack: &Stack) -> Result<(), Failure> {
    let vpc = stack.outputs.iter().find(|(name, _)| name == "VpcId").map_or("", |(_, id)| id.as_str());
    let guards = &line.spec.guards;
    if guards.default_closed {
        let taken = account.close_default_group(vpc).await.map_err(|refusal| undone("the VPC's default security group is not closed", refusal))?;
        if 0 < taken {
            output::note(common, &format!("default security group of {vpc}: {taken} rules taken out"));
        }
    }
    if guards.alarms.is_some() {
        account.count_address_units(vpc).await.map_err(|refusal| undone("the VPC does not tell of its address units", refusal))?;
    }
    Ok(())
}

fn undone(what: &str, refusal: Refusal) -> Failure {
    Failure::new(format!("the stack stands, but {what}")).because(refusal).hint("deploy again once that is mended: only this is left to do")
}
