//! `eksnet deploy`

use crate::blueprint;
use crate::deploy::rest::{self, Rest};
use crate::deploy::{self, Deployment, Event, Options, Outcome, Stage};
use crate::diagnostic::{Failure, any_error};
use crate::observed::Observed;

use super::super::args::Deploy;
use super::super::line;
use super::super::lock;
use super::super::output::{self, Stop};
use super::super::{Common, DONE, FAILED};
use super::addresses::{Giving, Start};
use super::asking::Asking;
use super::audience::Audience;
use super::last::{Last, Said};
use super::viewer::Viewer;
use super::{clock, connect, health, nonce, place, plan, preflight, versions};

pub fn run(common: &Common, args: &Deploy) -> Result<u8, Stop> {
    let last = Last::new(common);
    last.close(
        super::block_on(deploy(common, args, &last)).unwrap_or_else(|failure| Err(failure.into())),
    )
}

async fn deploy(common: &Common, args: &Deploy, last: &Last<'_>) -> Result<u8, Stop> {
    let file = match (&args.plan, &args.file) {
        (Some(plan), _) => return plan::execute(last, (common, plan), args).await,
        (None, Some(file)) => file.as_str(),
        (None, None) => return Err(Stop::Usage("a blueprint or `--plan` is required".to_string())),
    };
    let opened = line::open(file, common)?;
    last.of(&opened.stack());
    let intent = opened.draft(&Observed::default())?;
    let account = connect(common, &intent).await?;
    let place = place(common, &account, &intent).await?;
    let asking = Asking { yes: args.yes, place, ..Asking::default() };
    let options = options(args, file);
    if args.cancel {
        return cancel(last, (common, &account, &asking), &intent.stack(), &options).await;
    }
    let Some(()) = at_rest(last, (common, &account, &asking), &intent.stack(), &options).await?
    else {
        return Ok(FAILED);
    };
    let account = &account;
    let giving = Giving { common, args, account, asking: &asking, last, options: &options };
    let (mut opened, options) = match giving.start(opened).await? {
        Start::Known { opened, first } => (opened, after(first, options)),
        Start::Ended(code) => return Ok(code),
    };
    for _ in 0..TRIES {
        let run = (last, (common, args), &options);
        if let Some(code) = once(run, (account, &asking), opened).await? {
            return Ok(code);
        }
        opened = line::open(file, common)?;
    }
    Err(Failure::new("others make subnets faster than this plan is confirmed")
        .hint("pin the new tier's `cidrs`, or agree on a range with the other deployers")
        .into())
}

/// Parts are counted from the one that made the VPC, if there was one.
fn after(first: bool, options: Options) -> Options {
    let until =
        options.until.map(|until| if first { until.saturating_sub(1).max(1) } else { until });
    Options { until, ..options }
}

/// How often a plan is made anew that others overtake.
const TRIES: u32 = 3;

/// Plans, shows, asks and executes; `None`: others took addresses of it meanwhile, and nothing was changed.
async fn once(
    (last, (common, args), options): (&Last<'_>, (&Common, &Deploy), &Options),
    (account, asking): (&crate::aws::Account, &Asking),
    opened: line::Opened,
) -> Result<Option<u8>, Stop> {
    let observed = versions::observe(common, account, &opened).await?;
    let health = health::before(common, &opened, &observed);
    let before = observed.deployed_template();
    let deployed = observed.stack.read().cloned().flatten();
    let stack = deployed.map(|one| one.description);
    let line = opened.compile(observed)?;
    line::said(common, &line);
    line.lock.decided(&line.plan)?;
    let found = preflight::run(common, account, &line, (stack.as_ref(), &before)).await;
    if any_error(&found) {
        return Err(Stop::Findings(line.document.source.clone(), found));
    }
    output::warnings(common, &line.document.source, &found);
    let placeholders = blueprint::placeholders(&line.document);
    placeholders.iter().for_each(|what| output::note(common, &format!("note: {what}")));
    match args.locked {
        true => line.lock.hold(&line.plan)?,
        false => lock::write(line.lock.due(&line.plan), common)?,
    }
    let deployment = Deployment {
        compiled: &line.compiled,
        stack: stack.as_ref().filter(|_| !before.is_empty()),
        before: &before,
        options,
        part: None,
    };
    let code = Audience::new(last, (common, &line)).apply(account, asking, &deployment).await?;
    match code {
        Some(code) => Ok(Some(health::after(common, account, (health, code)).await?)),
        None => Ok(None),
    }
}

fn options(args: &Deploy, file: &str) -> Options {
    Options {
        nonce: nonce(),
        bucket: args.sending.bucket(),
        role: args.sending.role_arn.clone(),
        topics: args.sending.notification_arn.clone(),
        on_failure: args.on_failure.wanted(),
        revert_drift: args.sending.revert_drift,
        take_over: args.take_over,
        until: args.part.map(usize::from),
        valid_until: None,
        command: format!("eksnet deploy {file}"),
        status_command: format!("eksnet status {file}"),
    }
}

/// Ends an update that is under way.
async fn cancel(
    last: &Last<'_>,
    (common, account, asking): (&Common, &crate::aws::Account, &Asking),
    name: &str,
    options: &Options,
) -> Result<u8, Stop> {
    let clock = clock();
    let viewer = Viewer::new(common, name, &clock);
    let tell = |event: Event| viewer.see(&event);
    let stage = Stage { world: account, clock: &clock, decide: asking, tell: &tell };
    let run = rest::Run {
        nonce: options.nonce.clone(),
        command: &options.command,
        on_failure: options.on_failure,
    };
    let outcome = viewer.redrawing(rest::cancel(&stage, name, &run)).await?;
    viewer.over();
    let next = format!("`{}` shows what exists", options.status_command);
    last.ended(&outcome, &Said { path: &[], maker: &|_| None, next: &next });
    Ok(if matches!(outcome, Outcome::RolledBack { .. }) { DONE } else { FAILED })
}

/// Brings the stack to rest; `None`: it ended otherwise, and that was said.
async fn at_rest(
    last: &Last<'_>,
    (common, account, asking): (&Common, &crate::aws::Account, &Asking),
    name: &str,
    options: &Options,
) -> Result<Option<()>, Stop> {
    let clock = clock();
    let viewer = Viewer::new(common, name, &clock);
    let tell = |event: Event| viewer.see(&event);
    let stage = Stage { world: account, clock: &clock, decide: asking, tell: &tell };
    let run = rest::Run {
        nonce: options.nonce.clone(),
        command: &options.command,
        on_failure: options.on_failure,
    };
    let rest = viewer.redrawing(deploy::at_rest(&stage, name, &run)).await?;
    viewer.over();
    match rest {
        Rest::Stack(_) => Ok(Some(())),
        Rest::Declined => Ok(None),
        Rest::Ended(outcome) => {
            let next = "see what holds the resources above, then deploy again";
            last.ended(&outcome, &Said { path: &[], maker: &|_| None, next });
            Ok(None)
        }
    }
}
