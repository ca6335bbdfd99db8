//! The commands that talk to AWS: each connects an account and runs a [`Session`].

mod asking;
mod audience;
pub mod deploy;
pub mod destroy;
pub mod diff;
pub mod fleet;
pub mod instances;
mod last;
mod picture;
mod screen;
pub mod status;
pub mod survey;
mod viewer;
mod watch;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use crate::aws::{self, Account, Target};
use crate::deploy::{Clock, unread};
use crate::diagnostic::{Diagnostic, Failure};
use crate::intent::Intent;
use crate::observed::Observed;
use crate::session::{self, Session};

use super::Common;
use super::line::Opened;
use super::output::{self, Stop};
use asking::Asking;
use audience::Audience;

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

/// The time in UTC.
fn moment() -> String {
    aws::moment(SystemTime::now())
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

async fn connect(common: &Common, region: &str) -> Result<Account, Failure> {
    let target = Target {
        region: region.to_string(),
        profile: common.profile.clone(),
        role: common.assume_role.clone(),
        endpoint: common.endpoint_url.clone(),
    };
    aws::connect(&target).await
}

/// An account that is connected, and those who look on.
struct Online<'o> {
    common: &'o Common,
    account: Account,
    audience: Audience<'o>,
}

impl<'o> Online<'o> {
    async fn connect(
        common: &'o Common,
        intent: &Intent,
        audience: Audience<'o>,
    ) -> Result<Self, Failure> {
        let account = connect(common, intent.region.name).await?;
        Ok(Self { common, account, audience })
    }

    /// The account and the Region, told before anything of them is shown or asked.
    async fn place(&self, intent: &Intent) -> Result<String, Failure> {
        let tell = |told: session::Told<'_>| self.audience.hear(told);
        let owner = session::identity(&self.account, &clock(), &tell).await?;
        let place = format!("account {owner}, {}", intent.region.name);
        output::note(self.common, &format!("{place}, stack {}", intent.stack()));
        Ok(place)
    }

    /// Does `work` in a session, redrawn meanwhile where there is something to draw.
    async fn run<T>(
        &self,
        asking: &Asking,
        work: impl AsyncFnOnce(&Session<'_, Account, Watch, Asking>) -> T,
    ) -> T {
        let tell = |told: session::Told<'_>| self.audience.hear(told);
        let session = Session {
            world: &self.account,
            clock: self.audience.clock(),
            decide: asking,
            tell: &tell,
            now: &moment,
            asked: self.common.asked(),
        };
        self.audience.redrawing(work(&session)).await
    }
}

/// The deployed stack, and what the blueprint leaves to EKS.
pub fn observe(common: &Common, opened: Opened) -> Result<(Opened, Observed), Stop> {
    let intent = opened.draft(&Observed::default())?;
    block_on_reading(async {
        let online = Online::connect(common, &intent, Audience::aside(common)).await?;
        online.place(&intent).await?;
        let asking = Asking::default();
        Ok(online.run(&asking, async |session| session.observe(opened).await).await?)
    })
}

/// Findings of the account over a blueprint that stands by itself (`check --online`).
pub fn checked(common: &Common, opened: Opened) -> Result<Vec<Diagnostic>, Stop> {
    let intent = opened.draft(&Observed::default())?;
    block_on_reading(async {
        let online = Online::connect(common, &intent, Audience::aside(common)).await?;
        let identity = aws::Accounts::identity(&online.account).await;
        identity.map_err(unread("who the credentials belong to"))?;
        let asking = Asking::default();
        Ok(online.run(&asking, async |session| session.checked(opened).await).await?)
    })
}
