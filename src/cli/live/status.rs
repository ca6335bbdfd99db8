//! `eksnet status`

use crate::address::AddressPlan;
use crate::aws::port::StackResource;
use crate::aws::{Account, Clusters, Networks, Stacks};
use crate::deploy;
use crate::deploy::aws_node::run as aws_node;
use crate::diagnostic::Failure;
use crate::facts::subnets;
use crate::intent::Intent;
use crate::observed::{LiveSubnet, Observed, StackDescription};
use crate::report::status::{self as report, Status, SubnetStatus};

use super::super::args::{self, Format};
use super::super::output::{self, Stop};
use super::super::{CHANGES, Common, DONE, FAILED, line};
use super::{clock, connect, deployed, unread, watch};

pub fn run(common: &Common, args: &args::Status) -> Result<u8, Stop> {
    super::block_on_reading(status(common, args))
}

async fn status(common: &Common, args: &args::Status) -> Result<u8, Stop> {
    let opened = line::open(&args.file, common)?;
    let intent = opened.draft(common, &Observed::default())?;
    let account = connect(common, &intent).await?;
    let name = intent.stack();
    let observed = deployed(&account, &name).await?;
    let stack = observed.stack.read().and_then(Option::as_ref).map(|one| one.description.clone());
    let Some(stack) = stack else {
        return Err(Failure::new(format!("stack `{name}` does not exist"))
            .hint(format!("`eksnet deploy {}` makes it", args.file))
            .into());
    };
    let before = observed.deployed_template();
    let line = opened.compile(common, observed)?;
    let resources = account
        .resources(&name)
        .await
        .map_err(|refusal| unread("the stack's resources", refusal))?;
    let reading = async {
        let status = read(&account, args, (&line.intent, &line.plan), (stack, &resources)).await;
        Ok(Status { aws_node: aws_node::differing(&account, &line, &before).await, ..status })
    };
    let status = watch::unless_interrupted(reading, "nothing was changed").await?;
    output::data(&match common.output {
        Format::Json => report::json(&line.intent, &status),
        _ => report::human(&line.intent, &status),
    });
    let otherwise = status.aws_node.as_ref().is_some_and(|node| !node.lines.is_empty());
    let changed = otherwise
        || !status.drift.is_empty()
        || status.by_hand.as_ref().is_some_and(|found| !found.is_empty());
    Ok(match status.stack.status.contains("FAILED") {
        true => FAILED,
        false if args.exit_code && changed => CHANGES,
        false => DONE,
    })
}

/// All that can be read; what cannot be is named, and does not fail the rest.
async fn read(
    account: &Account,
    args: &args::Status,
    (intent, plan): (&Intent, &AddressPlan),
    (stack, resources): (StackDescription, &[StackResource]),
) -> Status {
    let vpc = resources
        .iter()
        .find(|resource| resource.kind == "AWS::EC2::VPC")
        .map_or("", |resource| resource.physical_id.as_str());
    let compared = async {
        if args.no_drift {
            None
        } else {
            Some(deploy::drift(account, &clock(), &stack.name, &mut |_| {}).await)
        }
    };
    let (subnets, cluster, addons, compared) = tokio::join!(
        account.subnets(vpc),
        account.cluster(&intent.name),
        account.addons(&intent.name),
        compared
    );
    let mut unread = Vec::new();
    let mut keep = |what: &str, refusal: String| unread.push(format!("{what}: {refusal}"));
    let subnets = subnets.unwrap_or_else(|refusal| {
        keep("subnets", refusal.to_string());
        Vec::new()
    });
    let cluster = cluster.unwrap_or_else(|refusal| {
        keep("cluster", refusal.to_string());
        None
    });
    let addons = match (&cluster, addons) {
        (_, Ok(addons)) => addons,
        (None, Err(_)) => Vec::new(),
        (Some(_), Err(refusal)) => {
            keep("add-ons", refusal.to_string());
            Vec::new()
        }
    };
    let by_hand = compared
        .and_then(|compared| compared.map_err(|failure| keep("drift", failure.chain())).ok());
    let (subnets, drift) = matched(plan, subnets);
    Status { stack, cluster, addons, subnets, drift, by_hand, aws_node: None, unread }
}

/// Each planned subnet with the one that stands for it, and what has no counterpart.
fn matched(plan: &AddressPlan, mut live: Vec<LiveSubnet>) -> (Vec<SubnetStatus>, Vec<String>) {
    let mut rows = Vec::new();
    let mut drift = Vec::new();
    for subnet in &plan.subnets {
        let cidr = subnet.cidr.to_string();
        match live.iter().position(|one| one.cidr == cidr) {
            Some(at) => rows.push(SubnetStatus {
                tier: subnet.tier.clone(),
                usable: subnets::usable(subnet.cidr.prefix_len()),
                live: live.swap_remove(at),
            }),
            None => drift.push(format!(
                "{cidr} of `{}` in {} is planned and not there",
                subnet.tier,
                subnet.zone.word()
            )),
        }
    }
    live.sort_by(|one, other| one.cidr.cmp(&other.cidr));
    drift.extend(
        live.iter().map(|one| format!("{} ({}) is there and not planned", one.cidr, one.id)),
    );
    (rows, drift)
}
