//! `eksnet status`

use crate::deploy::status::Wanted;
use crate::deploy::{Condition, condition};
use crate::observed::Observed;
use crate::terminal::{Asking, Audience, block_on_reading};

use super::super::args;
use super::super::output::{self, Stop};
use super::super::{CHANGES, Common, DONE, FAILED, line};

pub fn run(common: &Common, args: &args::Status) -> Result<u8, Stop> {
    block_on_reading(status(common, args))
}

async fn status(common: &Common, args: &args::Status) -> Result<u8, Stop> {
    let opened = line::open(&args.file, common)?;
    let intent = opened.draft(&Observed::default())?;
    let online = super::online(common, &intent, Audience::aside(common)).await?;
    let drift = if args.no_drift { Wanted::Left } else { Wanted::Asked };
    let asking = Asking::default();
    let read = online.run(&asking, async |session| session.status(opened, drift).await);
    let (line, status) = read.await?;
    output::data(&common.output.status(&line.intent, &status, &args.file));
    Ok(match condition(Some(&status.stack)) {
        Condition::Deployed | Condition::Busy if args.exit_code && status.is_changed() => CHANGES,
        Condition::Deployed | Condition::Busy => DONE,
        _ => FAILED,
    })
}
