//! `eksnet status`

use crate::deploy::status::Wanted;
use crate::deploy::{self, Condition};
use crate::diagnostic::Failure;
use crate::observed::Observed;
use crate::report::status as report;

use super::super::args::{self, Format};
use super::super::output::{self, Stop};
use super::super::{CHANGES, Common, DONE, FAILED, line};
use super::{clock, connect, deployed, watch};

pub fn run(common: &Common, args: &args::Status) -> Result<u8, Stop> {
    super::block_on_reading(status(common, args))
}

async fn status(common: &Common, args: &args::Status) -> Result<u8, Stop> {
    let opened = line::open(&args.file, common)?;
    let intent = opened.draft(&Observed::default())?;
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
    let line = opened.compile(observed)?;
    let wanted = if args.no_drift { Wanted::Left } else { Wanted::Asked };
    let clock = clock();
    let reading = deploy::status::read((&account, &clock), &line, (stack, &before), wanted);
    let status = watch::unless_interrupted(reading, "nothing was changed").await?;
    output::data(&match common.output {
        Format::Json => report::json(&line.intent, &status, &args.file),
        _ => report::human(&line.intent, &status, &args.file),
    });
    let otherwise = status.aws_node.as_ref().is_some_and(|node| !node.lines.is_empty());
    let changed = otherwise
        || !status.drift.is_empty()
        || status.by_hand.as_ref().is_some_and(|found| !found.is_empty());
    let broken =
        !matches!(deploy::condition(Some(&status.stack)), Condition::Deployed | Condition::Busy);
    Ok(match broken {
        true => FAILED,
        false if args.exit_code && changed => CHANGES,
        false => DONE,
    })
}
