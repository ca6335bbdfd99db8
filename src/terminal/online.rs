//! A session in a terminal: an account that is connected, and those who look on.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::aws::{self, Account};
use crate::diagnostic::Failure;
use crate::intent::Intent;
use crate::opened::Asked;
use crate::session::{self, Session, Told};

use super::{Asking, Audience, Hearing, Watch, note};

/// A command's way to its account, and whoever it talks to meanwhile.
pub struct Online<'o, H> {
    pub to: &'o H,
    pub account: Account,
    pub audience: Audience<'o, H>,
    /// How strictly findings are taken.
    pub asked: Asked,
}

impl<H: Hearing + Clone> Online<'_, H> {
    /// The account and the Region, told before anything of them is shown or asked.
    pub async fn place(&self, intent: &Intent) -> Result<String, Failure> {
        let tell = |told: Told<'_>| self.audience.hear(told);
        let owner = session::identity(&self.account, self.audience.clock(), &tell).await?;
        let place = format!("account {owner}, {}", intent.region.name);
        note(self.to, &format!("{place}, stack {}", intent.stack()));
        Ok(place)
    }

    /// Does `work` in a session, redrawn meanwhile where there is something to draw.
    pub async fn run<T>(
        &self,
        asking: &Asking,
        work: impl AsyncFnOnce(&Session<'_, Account, Watch, Asking>) -> T,
    ) -> T {
        let tell = |told: Told<'_>| self.audience.hear(told);
        let session = Session {
            world: &self.account,
            clock: self.audience.clock(),
            decide: asking,
            tell: &tell,
            now: &moment,
            asked: self.asked.clone(),
        };
        // On the heap: a session's future has hundreds of kilobytes, and each that holds it would have them again on the stack.
        self.audience.redrawing(Box::pin(work(&session))).await
    }
}

/// The time in UTC.
pub fn moment() -> String {
    aws::moment(SystemTime::now())
}

/// Tells this run from all others.
pub fn nonce() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{:x}-{:x}", since.as_nanos(), std::process::id())
}
