//! The commands that talk to AWS.

mod addresses;
mod asking;
mod audience;
pub mod deploy;
pub mod destroy;
pub mod drift;
pub mod fleet;
mod health;
pub mod instances;
mod last;
mod picture;
pub mod plan;
pub mod preflight;
pub mod review;
mod screen;
pub mod status;
pub mod survey;
mod versions;
mod viewer;
mod watch;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use crate::aws::{self, Account, Accounts, Stacks, Target};
use crate::deploy::{self as stage, Clock, Condition, unread};
use crate::diagnostic::Failure;
use crate::intent::Intent;
use crate::observed::Observed;

use super::Common;
use super::line::Opened;
use super::output::{self, Stop};

/// Until the first silence is broken.
const PATIENCE: Duration = Duration::from_secs(2);

/// Real time.
pub struct Watch(Instant);

impl Clock for Watch {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

fn clock() -> Watch {
    Watch(Instant::now())
}

/// Tells this run from all others.
fn nonce() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{:x}-{:x}", since.as_nanos(), std::process::id())
}

fn block_on<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime =
        runtime.map_err(|cause| Failure::new("cannot start the runtime").because(cause))?;
    let done = runtime.block_on(watch::listening(work));
    // A question that nobody answered any more may still wait for its line.
    runtime.shutdown_background();
    Ok(done)
}

/// The same for work that only reads: Ctrl-C ends it.
fn block_on_reading<T>(work: impl Future<Output = Result<T, Stop>>) -> Result<T, Stop> {
    block_on(async {
        tokio::select! {
            done = work => done,
            () = watch::interrupted() => Err(Stop::Failure(Failure::new("interrupted").hint("nothing was changed"))),
        }
    })?
}

async fn connect(common: &Common, intent: &Intent) -> Result<Account, Failure> {
    let target = Target {
        region: intent.region.name.to_string(),
        profile: common.profile.clone(),
        role: common.assume_role.clone(),
        endpoint: common.endpoint_url.clone(),
    };
    aws::connect(&target).await
}

/// The account and the Region, told before anything of them is shown or asked.
async fn place(common: &Common, account: &Account, intent: &Intent) -> Result<String, Failure> {
    let identity = patiently(common, "STS", account.identity()).await;
    let owner = identity.map_err(unread("who the credentials belong to"))?;
    let place = format!("account {owner}, {}", intent.region.name);
    output::note(common, &format!("{place}, stack {}", intent.stack()));
    Ok(place)
}

/// A stack that is not at rest is told before what it would become.
fn state(common: &Common, observed: &Observed) {
    let stack = observed.stack.read().and_then(Option::as_ref).map(|stack| &stack.description);
    let words = match (stage::condition(stack), stack) {
        (Condition::Deployed, _) | (_, None) => return,
        (Condition::Absent, Some(_)) => "nothing was deployed yet",
        (Condition::Busy, Some(_)) => "an operation is under way: what is shown may change",
        (_, Some(_)) => "it accepts no change until it is put in order",
    };
    let Some(stack) = stack else { return };
    output::note(common, &format!("stack {} is in {}: {words}", stack.name, stack.status));
}

/// The first question to AWS: whoever waits for its answer is told so.
async fn patiently<T>(common: &Common, whom: &str, answer: impl Future<Output = T>) -> T {
    tokio::pin!(answer);
    tokio::select! {
        done = &mut answer => done,
        () = tokio::time::sleep(PATIENCE) => {
            output::note(common, &format!("{whom} has not answered yet: asking again"));
            answer.await
        }
    }
}

/// The deployed stack, and what the blueprint leaves to EKS.
pub fn observe(common: &Common, opened: Opened) -> Result<(Opened, Observed), Stop> {
    let intent = opened.draft(&Observed::default())?;
    block_on_reading(async {
        let account = connect(common, &intent).await?;
        place(common, &account, &intent).await?;
        let opened = addresses::learned(common, &account, opened).await?;
        let observed = versions::observe(common, &account, &opened).await?;
        state(common, &observed);
        Ok((opened, observed))
    })
}

/// The deployed stack alone.
async fn deployed(stacks: &impl Stacks, name: &str) -> Result<Observed, Failure> {
    let read = aws::observe::stack(stacks, name).await;
    read.map_err(|(what, refusal)| unread(&what)(refusal))
}
