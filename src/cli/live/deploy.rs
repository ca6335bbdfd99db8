//! `eksnet deploy`

use crate::deploy::Options;
use crate::deploy::plan::Plan;
use crate::diagnostic::Failure;
use crate::observed::Observed;
use crate::session::{Consent, End, Locking, Wanted};
use crate::source;
use crate::terminal::{Asking, Audience, Last, moment, nonce};

use super::super::Common;
use super::super::args::Deploy;
use super::super::line;
use super::super::output::{self, Stop};
use super::to_the_end;

pub fn run(common: &Common, args: &Deploy) -> Result<u8, Stop> {
    to_the_end(common, async |last| deploy(common, args, last).await)
}

async fn deploy(common: &Common, args: &Deploy, last: &Last<'_, Common>) -> Result<End, Stop> {
    let file = match (&args.plan, &args.file) {
        (Some(path), _) => return execute(last, (common, path), args).await,
        (None, Some(file)) => file.as_str(),
        (None, None) => return Err(Stop::Usage("a blueprint or `--plan` is required".to_string())),
    };
    let opened = line::open(file, common)?;
    let stack = opened.stack();
    last.of(&stack);
    let intent = opened.draft(&Observed::default())?;
    let audience = Audience::of(last, common, &stack, String::new());
    let online = super::online(common, &intent, audience).await?;
    let place = online.place(&intent).await?;
    let asking = Asking { yes: args.yes, place, ..Asking::default() };
    let options = Options {
        command: format!("eksnet deploy {file}"),
        status_command: format!("eksnet status {file}"),
        ..options(args)
    };
    if args.cancel {
        let ended = online.run(&asking, async |session| session.cancel(&stack, &options).await);
        return Ok(ended.await?);
    }
    let wanted = Wanted {
        file,
        options: &options,
        locking: if args.locked { Locking::Held } else { Locking::Written },
        consent: if args.yes { Consent::Given } else { Consent::Asked },
    };
    let end = online.run(&asking, async |session| session.deploy(opened, &wanted).await).await?;
    if end == End::Done {
        output::next(common, &options.status_command);
    }
    Ok(end)
}

async fn execute(
    last: &Last<'_, Common>,
    (common, path): (&Common, &str),
    args: &Deploy,
) -> Result<End, Stop> {
    let plan = read(path)?;
    last.of(&plan.stack);
    let common = &Common {
        region: Some(plan.region.clone()),
        allow_move: plan.moves.iter().cloned().collect(),
        ..common.clone()
    };
    let opened = line::open(&plan.file, common)?;
    let intent = opened.draft(&Observed::default())?;
    let unchanged = format!("stack {}: no change\n", plan.stack);
    let audience = Audience::of(last, common, &plan.stack, unchanged);
    let online = super::online(common, &intent, audience).await?;
    let asking = Asking { yes: true, unattended: true, ..Asking::default() };
    let options = Options {
        command: format!("eksnet deploy --plan {path}"),
        status_command: format!("eksnet status {}", plan.file),
        ..options(args)
    };
    let ended =
        online.run(&asking, async |session| session.execute((&plan, path), opened, &options).await);
    Ok(ended.await?)
}

fn options(args: &Deploy) -> Options {
    Options {
        nonce: nonce(),
        on_failure: args.on_failure.wanted(),
        take_over: args.take_over,
        until: args.part.map(usize::from),
        ..args.sending.options()
    }
}

fn read(path: &str) -> Result<Plan, Failure> {
    let text = source::read_limited(path.as_ref(), source::MOST_PLAN)
        .map_err(|cause| Failure::new(format!("cannot read the plan `{path}`")).because(cause))?;
    Plan::from_text(&text, path, &moment())
}
