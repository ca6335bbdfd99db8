//! The commands that talk to AWS: each connects an account and runs a [`Session`].

mod deploy;
mod destroy;
mod diff;
mod fleet;
mod instances;
mod status;
mod survey;

use crate::aws::{self, Target};
use crate::deploy::unread;
use crate::diagnostic::{Diagnostic, Failure};
use crate::intent::Intent;
use crate::line::Stopped;
use crate::observed::Observed;
use crate::report::session as report;
use crate::session::End;
use crate::terminal::{Asking, Audience, Last, Online, block_on, block_on_reading};

use super::line::Opened;
use super::output::{self, Stop};
use super::{Command, Common, DONE, FAILED, UNFINISHED};
pub use diff::{added, proposed};
pub use fleet::ask;
pub use survey::fresh as surveyed;

/// A command that is nothing without AWS.
pub fn run(common: &Common, command: &Command) -> Result<u8, Stop> {
    match command {
        Command::Survey(args) => survey::run(common, args),
        Command::Deploy(args) => deploy::run(common, args),
        Command::Destroy(args) => destroy::run(common, args),
        Command::Status(args) => status::run(common, args),
        Command::Instances(_) => instances::run(common),
        _ => unreachable!("every other command has a file of its own"),
    }
}

/// The deployed stack, and what the blueprint leaves to EKS.
pub fn observe(common: &Common, opened: Opened) -> Result<(Opened, Observed), Stopped> {
    let intent = opened.draft(&Observed::default())?;
    block_on_reading(async {
        let online = self::online(common, &intent, Audience::aside(common)).await?;
        online.place(&intent).await?;
        let asking = Asking::default();
        online.run(&asking, async |session| session.observe(opened).await).await
    })
}

/// Findings of the account over a blueprint that stands by itself (`check --online`).
pub fn checked(common: &Common, opened: Opened) -> Result<Vec<Diagnostic>, Stopped> {
    let intent = opened.draft(&Observed::default())?;
    block_on_reading(async {
        let online = self::online(common, &intent, Audience::aside(common)).await?;
        let identity = aws::Accounts::identity(&online.account).await;
        identity.map_err(unread("the caller's identity"))?;
        let asking = Asking::default();
        online.run(&asking, async |session| session.checked(opened).await).await
    })
}

/// An account in the Region, as the command line says.
fn target(common: &Common, region: &str) -> Target {
    Target {
        region: region.to_string(),
        profile: common.profile.clone(),
        role: common.assume_role.clone(),
        endpoint: common.endpoint_url.clone(),
    }
}

/// An account of the blueprint's Region, in which a session runs.
async fn online<'o>(
    common: &'o Common,
    intent: &Intent,
    audience: Audience<'o, Common>,
) -> Result<Online<'o, Common>, Failure> {
    let account = aws::connect(&target(common, intent.region.name)).await?;
    Ok(Online { to: common, account, audience, asked: common.asked() })
}

/// Does `work` that changes something; its stream ends with an outcome, whatever came before it.
fn to_the_end<'c>(
    common: &'c Common,
    work: impl AsyncFnOnce(&Last<'c, Common>) -> Result<End, Stop>,
) -> Result<u8, Stop> {
    let last = Last::new(common);
    let result = block_on(work(&last)).unwrap_or_else(|failure| Err(failure.into()));
    let result = result.map(code);
    if !last.is_open() {
        return result;
    }
    let (code, word, next) = match result {
        Ok(DONE) => (DONE, "done", None),
        Ok(code) => (code, "failed", Some(report::ASKED_AGAIN.to_string())),
        Err(stop) => {
            let (word, next) = ended_in(&stop);
            (output::stop(common, stop), word, Some(next))
        }
    };
    last.say(word, next.as_deref());
    Ok(code)
}

/// The exit code of what a run came to.
fn code(end: End) -> u8 {
    match end {
        End::Done | End::Unchanged => DONE,
        End::Unfinished => UNFINISHED,
        End::Failed => FAILED,
    }
}

/// What is left of an operation that eksnet itself ended, and what comes next.
fn ended_in(stop: &Stop) -> (&'static str, String) {
    match stop {
        Stop::Failure(failure) | Stop::Reported(failure, _) => report::stopped_by(failure),
        Stop::Findings(source, _) => report::stopped_over(&source.name),
        Stop::Usage(_) => ("failed", report::ARGUMENTS.to_string()),
    }
}
