//! Ranges that IPAM gives: allocated before anything is deployed, or taken by the VPC, which is deployed first, and read back. A run that
//! stopped in between finds what IPAM gave by the allocation's description, or by the VPC in the stack.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use sha2::{Digest, Sha256};

use crate::aws::Connected;
use crate::aws::port::{Allocated, AllocationRequest, Associated, Refusal};
use crate::blueprint::model::Allocation;
use crate::diagnostic::Failure;
use crate::graph;
use crate::intent::Intent;
use crate::intent::ranges::{self, Given, Giver};
use crate::ledger::KeptRange;
use crate::line::Compiled;
use crate::preview::addresses;

use super::apply::Run;
use super::deployment::{Deployment, Options};
use super::in_parts::{Agreement, Edit, Standing};
use super::{Clock, Decide, Outcome, Question, Stage, unread};

type Ranges = BTreeMap<String, KeptRange>;

/// What became of the first part.
#[derive(Debug)]
pub enum First {
    /// The VPC exists, and these are its ranges.
    Deployed { ranges: Ranges, outcome: Outcome },
    /// It ended otherwise.
    Ended(Run),
}

/// Pools that eksnet allocates from by itself, with what is asked of each.
pub fn requests(intent: &Intent, account: &str) -> Vec<(String, AllocationRequest)> {
    let request = |given: &Given| {
        let Giver::Pool { id, len, allocation: Allocation::Custom } = &given.by else {
            return None;
        };
        let description = format!("eksnet {}: {}", intent.name, given.name);
        let own = [account, intent.region.name, id, &intent.name, &given.name, &len.to_string()];
        let token = format!("{:x}", Sha256::digest(own.join("\n").as_bytes()));
        let disallowed = disallowed(intent, *len);
        let request =
            AllocationRequest { pool: id.clone(), netmask: *len, token, description, disallowed };
        Some((given.name.clone(), request))
    };
    intent.vpc.open().filter_map(request).collect()
}

/// Networks that the VPC is connected with, and that would be inside of its range. A wider one is reached around it.
fn disallowed(intent: &Intent, len: u8) -> Vec<Ipv4Net> {
    let connected = intent.connected().into_iter().map(|one| one.range);
    Ipv4Net::aggregate(&connected.filter(|range| len <= range.prefix_len()).collect())
}

/// Allocates what eksnet is to ask for by itself, after a question; `None`: somebody said no.
pub async fn allocate<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    intent: &Intent,
) -> Result<Option<Ranges>, Failure> {
    let world = stage.world;
    let account = world.identity().await.map_err(unread("who the credentials belong to"))?;
    let (mut given, mut open) = (Ranges::new(), Vec::new());
    for (name, request) in requests(intent, &account) {
        let found = world.allocation(&request.pool, &request.description).await;
        match found.map_err(unread("the allocations of the pool"))? {
            Some(own) => _ = given.insert(name, kept(&request, own)),
            None => open.push((name, request)),
        }
    }
    let size = |(name, one): &(String, AllocationRequest)| {
        format!("a /{} of {} ({name})", one.netmask, one.pool)
    };
    let sizes: Vec<String> = open.iter().map(size).collect();
    let question = Question::Allocate { ranges: &sizes };
    if !sizes.is_empty() && !stage.agreed(&question, "--yes").await? {
        return Ok(None);
    }
    for (name, request) in open {
        let attempt = format!("cannot allocate a /{} from {}", request.netmask, request.pool);
        let own = world.allocate(&request).await;
        let own = own.map_err(|refusal| super::stopped(attempt, refusal))?;
        given.insert(name, kept(&request, own));
    }
    Ok(Some(given))
}

fn kept(request: &AllocationRequest, own: Allocated) -> KeptRange {
    let from = format!("{}/{}", request.pool, request.netmask);
    KeptRange { cidr: own.cidr, from, allocation: Some(own.id) }
}

/// Gives back what eksnet allocated by itself, once the VPC is gone; what could not be, and why.
pub async fn give_back(
    world: &impl Connected,
    ranges: &Ranges,
) -> (Ranges, Vec<(String, Refusal)>) {
    let (mut gone, mut left) = (Ranges::new(), Vec::new());
    for (name, range) in ranges {
        let (Some(id), Some((pool, _))) = (range.allocation.clone(), range.from.rsplit_once('/'))
        else {
            continue;
        };
        match world.give_back(pool, &Allocated { id, cidr: range.cidr }).await {
            Ok(()) => _ = gone.insert(name.clone(), range.clone()),
            Err(refusal) => left.push((range.cidr.to_string(), refusal)),
        }
    }
    (gone, left)
}

/// Deploys the VPC alone, part 1 of 2, and reads what IPAM gave it.
pub async fn deploy<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
) -> Result<First, Failure> {
    let options = Options { until: Some(1), ..deployment.options.clone() };
    let deployment = &Deployment { options: &options, ..*deployment };
    let whole = addresses::of(deployment.compiled, deployment.before)?;
    super::apply::refused(deployment.compiled, &whole)?;
    let agreement = Agreement::Asked(&whole);
    let edit = Edit { stage, deployment, parts: &whole.parts, agreement };
    match edit.run(Standing::of(deployment)).await? {
        Run::Ended(outcome @ Outcome::BetweenParts { done: 1, .. }) => {
            let ranges = read(stage.world, deployment.compiled).await?.ok_or_else(nameless)?;
            Ok(First::Deployed { ranges, outcome })
        }
        other => Ok(First::Ended(other)),
    }
}

fn nameless() -> Failure {
    Failure::new("the stack's VPC has no range yet")
        .hint("run the same command again: it reads the range, and goes on from there")
}

/// What IPAM gave to the VPC of the stack; `None` where there is none yet.
pub async fn read(world: &impl Connected, compiled: &Compiled) -> Result<Option<Ranges>, Failure> {
    let stack = compiled.intent.stack();
    let resources = world.resources(&stack).await.map_err(unread("the stack's resources"))?;
    let physical = |id: &str| {
        let own = resources.iter().find(|one| one.id == id && one.status.ends_with("_COMPLETE"))?;
        own.physical_id.split('|').next().filter(|id| !id.is_empty())
    };
    let Some(vpc) = physical("Vpc") else { return Ok(None) };
    let live = world.ranges(vpc).await.map_err(unread("the ranges of the VPC"))?;
    let Some(primary) = live.iter().find(|one| one.primary) else { return Ok(None) };
    let further = compiled.intent.vpc.open().filter_map(|given| {
        let id = physical(&graph::named_vpc_cidr(&given.name))?;
        let own = live.iter().find(|one: &&Associated| one.id == id)?;
        Some((given.name.clone(), own.cidr))
    });
    let further = further.collect();
    Ok(Some(ranges::read_back(&compiled.intent.vpc.given, primary.cidr, &further)))
}
