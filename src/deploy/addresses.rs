//! Ranges that IPAM gives: allocated before anything is deployed, or taken by the VPC, which is deployed first, and read back. A run that
//! stopped in between finds what IPAM gave by the allocation's description, or by the VPC in the stack.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ipnet::Ipv4Net;
use sha2::{Digest, Sha256};

use crate::aws::Connected;
use crate::aws::port::{Allocated, AllocationRequest, Answer, Associated, Refusal};
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

/// IPAM lists an allocation some time after it made it: how often it is looked for, and how long apart.
const LOOKS: u32 = 4;
const BETWEEN: Duration = Duration::from_secs(5);

/// Tokens that are tried where IPAM answers with an allocation that was released long ago.
const TOKENS: u32 = 3;

/// Pools that eksnet allocates from by itself, with what is asked of each. The lock's generation makes a token of its own of what is
/// asked for again after it was given back.
pub fn requests(
    intent: &Intent,
    account: &str,
    generation: u32,
) -> Vec<(String, AllocationRequest)> {
    let request = |given: &Given| {
        let Giver::Pool { id, len, allocation: Allocation::Custom } = &given.by else {
            return None;
        };
        // Other accounts that share the pool have stacks of the same name.
        let description = format!("eksnet {} of {account}: {}", intent.name, given.name);
        let (size, time) = (len.to_string(), generation.to_string());
        let own = [account, intent.region.name, id, &intent.name, &given.name, &size, &time];
        let token = digest(&own);
        let disallowed = disallowed(intent, *len);
        let request =
            AllocationRequest { pool: id.clone(), netmask: *len, token, description, disallowed };
        Some((given.name.clone(), request))
    };
    intent.vpc.open().filter_map(request).collect()
}

fn digest(words: &[&str]) -> String {
    format!("{:x}", Sha256::digest(words.join("\n").as_bytes()))
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
    generation: u32,
) -> Result<Option<Ranges>, Failure> {
    let world = stage.world;
    let account = world.identity().await.map_err(unread("the caller's identity"))?;
    let (mut given, mut open) = (Ranges::new(), Vec::new());
    for (name, request) in requests(intent, &account, generation) {
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
        let own = anew(stage, &request).await?;
        given.insert(name, kept(&request, own));
    }
    Ok(Some(given))
}

/// A range that IPAM lists. The answer to a token that was used before may be an allocation that is released: such a token is spent.
async fn anew<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    request: &AllocationRequest,
) -> Result<Allocated, Failure> {
    let attempt = || format!("cannot allocate a /{} from {}", request.netmask, request.pool);
    let mut request = request.clone();
    for _ in 0..TOKENS {
        let own = stage.world.allocate(&request).await;
        let own = own.map_err(|refusal| super::stopped(attempt(), refusal))?;
        if is_listed(stage, (&request.pool, &own.id)).await? {
            return Ok(own);
        }
        request.token = digest(&[&request.token, &own.id]);
    }
    Err(Failure::new(attempt())
        .because("IPAM does not list what it allocated")
        .hint("run the same command again: it finds what IPAM allocated by its description"))
}

async fn is_listed<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    (pool, id): (&str, &str),
) -> Result<bool, Failure> {
    for look in 0..LOOKS {
        if 0 < look {
            stage.clock.sleep(BETWEEN).await;
        }
        let listed = stage.world.has_allocation(pool, id).await;
        if listed.map_err(unread("the allocations of the pool"))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Which allocations that the lock remembers IPAM does not have any more. To be asked only where there is no stack.
pub async fn released<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    ranges: &Ranges,
) -> Result<BTreeSet<String>, Failure> {
    let mut gone = BTreeSet::new();
    for (name, range) in ranges {
        let (Some(id), Some(pool)) = (&range.allocation, range.pool()) else { continue };
        if !is_listed(stage, (pool, id)).await? {
            gone.insert(name.clone());
        }
    }
    Ok(gone)
}

fn kept(request: &AllocationRequest, own: Allocated) -> KeptRange {
    let from = format!("{}/{}", request.pool, request.netmask);
    KeptRange { cidr: own.cidr, from, allocation: Some(own.id) }
}

/// Gives back what eksnet allocated by itself, once the stack is gone; what could not be, and why. What the VPC itself took went with it.
pub async fn give_back(
    world: &impl Connected,
    stack: &str,
    ranges: &Ranges,
) -> (Ranges, Vec<(String, Refusal)>) {
    let (mut gone, mut left) = (Ranges::new(), Vec::new());
    for (name, range) in ranges {
        match released_by(world, stack, range).await {
            Ok(()) => _ = gone.insert(name.clone(), range.clone()),
            Err(refusal) => left.push((range.cidr.to_string(), refusal)),
        }
    }
    (gone, left)
}

async fn released_by(world: &impl Connected, stack: &str, range: &KeptRange) -> Answer<()> {
    let (Some(id), Some(pool)) = (range.allocation.clone(), range.pool()) else { return Ok(()) };
    // Whoever got the range next would have the same addresses.
    if let Some(vpc) = world.holder(stack, range.cidr).await? {
        return Err(Refusal::new("", format!("{vpc}, which the stack left behind, still has it")));
    }
    world.give_back(pool, &Allocated { id, cidr: range.cidr }).await
}

/// Deploys the VPC alone, part 1 of 2, and reads what IPAM gave it.
pub async fn deploy<W: Connected, C: Clock, D: Decide>(
    stage: &Stage<'_, W, C, D>,
    deployment: &Deployment<'_>,
) -> Result<First, Failure> {
    let options = Options { until: Some(1), ..deployment.options.clone() };
    let deployment = &Deployment { options: &options, ..*deployment };
    let whole = addresses::of(deployment.compiled, deployment.before)?;
    let whole = whole.written(&deployment.compiled.document);
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
        .hint("run the same command again: it reads the range, and continues from there")
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
