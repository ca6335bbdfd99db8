//! `eksnet deploy`

use crate::aws::port::OnFailure;
use crate::deploy::apply::Run;
use crate::deploy::rest::{self, Rest};
use crate::deploy::{self, Deployment, Event, Options, Outcome, Stage};
use crate::diagnostic::{Failure, any_error};
use crate::observed::Observed;
use crate::preview::{Preview, forecast};
use crate::report;

use super::super::args::{self, Deploy, Format};
use super::super::line::{self, Line};
use super::super::lock;
use super::super::output::{self, Stop};
use super::super::{Common, DONE, FAILED};
use super::addresses::{Giving, Start};
use super::asking::Asking;
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
    let intent = opened.draft(common, &Observed::default())?;
    last.of(&intent.stack());
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
    let giving =
        Giving { common, args, account, asking: &asking, last, options: &options, show, next };
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
    let line = opened.compile(common, observed)?;
    line::said(common, &line);
    line.lock.decided(&line.plan)?;
    let found = preflight::run(common, account, &line, (stack.as_ref(), &before)).await;
    if any_error(&found) {
        return Err(Stop::Findings(line.document.source.clone(), found));
    }
    output::warnings(common, &line.document.source, &found);
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

pub fn on_failure(args: &Deploy) -> OnFailure {
    match args.on_failure {
        args::OnFailure::Rollback => OnFailure::Rollback,
        args::OnFailure::Keep => OnFailure::Keep,
    }
}

fn options(args: &Deploy, file: &str) -> Options {
    Options {
        nonce: nonce(),
        bucket: args.sending.bucket(),
        role: args.sending.role_arn.clone(),
        topics: args.sending.notification_arn.clone(),
        on_failure: on_failure(args),
        revert_drift: args.sending.revert_drift,
        take_over: args.take_over,
        until: args.part.map(usize::from),
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

/// Those who look at one deployment, and the lock that follows it.
pub struct Audience<'a> {
    last: &'a Last<'a>,
    common: &'a Common,
    line: &'a Line,
    clock: super::Watch,
    /// Why the lock could not be brought up to what is deployed.
    unwritten: std::cell::RefCell<Option<Failure>>,
}

impl<'a> Audience<'a> {
    pub fn new(last: &'a Last<'a>, (common, line): (&'a Common, &'a Line)) -> Self {
        Self { last, common, line, clock: clock(), unwritten: std::cell::RefCell::default() }
    }

    /// Proposes, shows, asks and executes.
    async fn apply(
        &self,
        account: &crate::aws::Account,
        asking: &Asking,
        deployment: &Deployment<'_>,
    ) -> Result<Option<u8>, Stop> {
        let viewer = self.viewer();
        let tell = |event: Event| self.hear(&viewer, event);
        let stage = Stage { world: account, clock: &self.clock, decide: asking, tell: &tell };
        let run = viewer.redrawing(deploy::apply(&stage, deployment)).await;
        viewer.over();
        self.written()?;
        match run? {
            Run::NoChange if deployment.options.revert_drift => {
                nothing_by_hand(account, &self.clock, &self.line.intent.stack()).await?;
                Ok(Some(self.last.no_change()))
            }
            Run::NoChange => Ok(Some(self.last.no_change())),
            Run::Declined => {
                output::note(self.common, "nothing was changed");
                Ok(Some(FAILED))
            }
            // A yes that was given beforehand was not for other addresses.
            Run::Overtaken(who) if asking.yes => Err(Failure::new("nothing was changed")
                .because(who)
                .hint("run the same command again: it plans around it")
                .into()),
            Run::Overtaken(who) => {
                output::note(self.common, &format!("{who}: planning again"));
                Ok(None)
            }
            Run::Ended(outcome) => {
                let code = self.ended(&outcome, &deployment.options.command);
                if code == DONE {
                    output::next(self.common, &deployment.options.status_command);
                }
                Ok(Some(code))
            }
        }
    }

    /// The last event of a run that had nothing to do.
    pub fn viewer(&self) -> Viewer<'_> {
        Viewer::new(self.common, &self.line.intent.stack(), &self.clock)
    }

    pub fn clock(&self) -> &super::Watch {
        &self.clock
    }

    pub fn hear(&self, viewer: &Viewer<'_>, event: Event) {
        match &event {
            Event::Preview(preview) => show(self.common, self.line, preview),
            Event::Deployed { subnets } => {
                let exists = |cidr: ipnet::Ipv4Net| match subnets {
                    Ok(live) => live.iter().any(|subnet| subnet.cidr == cidr.to_string()),
                    Err(_) => true,
                };
                let settled =
                    lock::write(self.line.lock.settled(&self.line.plan, exists), self.common);
                *self.unwritten.borrow_mut() = settled.err();
                viewer.see(&event);
            }
            _ => viewer.see(&event),
        }
    }

    /// A lock that could not be written is a failure once everything else is done.
    pub fn written(&self) -> Result<(), Failure> {
        self.unwritten.borrow_mut().take().map_or(Ok(()), Err)
    }

    /// Says how it ended; the exit code.
    pub fn ended(&self, outcome: &Outcome, command: &str) -> u8 {
        self.closed(outcome, &next(outcome, command))
    }

    /// The same of a plan: one that failed is not executed again.
    pub fn ended_by_plan(&self, outcome: &Outcome, command: &str) -> u8 {
        let next = match outcome {
            Outcome::BetweenParts { .. } => next(outcome, command),
            _ => "correct the cause, then make a new plan with `eksnet diff --save`".to_string(),
        };
        self.closed(outcome, &next)
    }

    fn closed(&self, outcome: &Outcome, next: &str) -> u8 {
        let path = match outcome {
            Outcome::Done { took, .. } => {
                forecast::critical_path(took, &forecast::needs(&self.line.template))
            }
            _ => Vec::new(),
        };
        let said = Said { path: &path, maker: &|id| self.line.maker(id), next };
        self.last.ended(outcome, &said)
    }
}

/// A change set that puts nothing back, though something was changed by hand, is no success.
async fn nothing_by_hand(
    account: &crate::aws::Account,
    clock: &super::Watch,
    stack: &str,
) -> Result<(), Failure> {
    let found = deploy::drift(account, clock, stack, &mut |_| {}).await?;
    let names: Vec<&str> = found.iter().map(|one| one.id.as_str()).collect();
    if names.is_empty() {
        return Ok(());
    }
    let what = format!(
        "CloudFormation reverts nothing of what was changed manually: {}",
        names.join(", ")
    );
    Err(Failure::new(what).hint("`eksnet diff --drift` shows each: change it back manually"))
}

/// What to do after an outcome that is not the wanted one.
fn next(outcome: &Outcome, command: &str) -> String {
    match outcome {
        Outcome::BetweenParts { .. } => format!("`{command}` again goes on from there"),
        Outcome::Stuck { status, .. } if kept(status) => format!(
            "what was made stays: correct the cause, then `{command} --on-failure keep` goes on from there"
        ),
        _ => format!("correct the cause, then `{command}` again"),
    }
}

/// Whether a failed operation left what it had made.
fn kept(status: &str) -> bool {
    matches!(status, "CREATE_FAILED" | "UPDATE_FAILED")
}

fn show(common: &Common, line: &Line, preview: &Preview) {
    match common.output {
        Format::Json => output::data(&format!("{}\n", report::preview_json::line(preview))),
        _ => {
            let lock = line.lock.outlook(&line.plan);
            let shown = report::preview::Shown {
                line: &|path| line.place(path),
                compiled: Some(line),
                lock: &lock,
                view: output::view(false),
            };
            output::data(&report::preview::human(preview, &shown));
        }
    }
}
