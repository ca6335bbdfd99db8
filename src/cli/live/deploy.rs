//! `eksnet deploy`

use crate::aws::Connected;
use crate::aws::port::OnFailure;
use crate::deploy::apply::Run;
use crate::deploy::rest::{self, Rest};
use crate::deploy::{self, Clock, Deployment, Event, Options, Outcome, Stage};
use crate::diagnostic::{Failure, any_error};
use crate::observed::Observed;
use crate::preview::{Preview, forecast};
use crate::report;
use crate::report::progress::{self, Ending};

use super::super::args::{self, Deploy, Format};
use super::super::line::{self, Line};
use super::super::lock;
use super::super::output::{self, Stop};
use super::super::{Common, DONE, FAILED};
use super::asking::Asking;
use super::viewer::Viewer;
use super::{clock, connect, nonce, plan, preflight, unread, versions, watch};

pub fn run(common: &Common, args: &Deploy) -> Result<u8, Stop> {
    super::block_on(deploy(common, args))?
}

async fn deploy(common: &Common, args: &Deploy) -> Result<u8, Stop> {
    let file = match (&args.plan, &args.file) {
        (Some(plan), _) => return plan::execute(common, plan, args).await,
        (None, Some(file)) => file.as_str(),
        (None, None) => return Err(Stop::Usage("a blueprint or `--plan` is wanted".to_string())),
    };
    let opened = line::open(file, common)?;
    let intent = opened.draft(common, &Observed::default())?;
    let account = connect(common, &intent).await?;
    let known = account.identity().await;
    known.map_err(unread("who the credentials belong to"))?;
    let asking = Asking { yes: args.yes, ..Asking::default() };
    let options = options(args, file);
    if args.cancel {
        return cancel(common, (&account, &asking), &intent.stack(), &options).await;
    }
    let Some(()) = at_rest(common, (&account, &asking), &intent.stack(), &options).await? else {
        return Ok(FAILED);
    };
    let observed = versions::observe(common, &account, &opened).await?;
    let before = observed.deployed_template();
    let deployed = observed.stack.read().cloned().flatten();
    let stack = deployed.map(|one| one.description);
    let line = opened.compile(common, observed)?;
    line::said(common, &line);
    let found = preflight::run(common, &account, &line, (stack.as_ref(), &before)).await;
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
        options: &options,
        part: None,
    };
    Audience::new(common, &line).apply(&account, &asking, &deployment).await
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
    common: &Common,
    (account, asking): (&crate::aws::Account, &Asking),
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
    let next = format!("`{}` shows what stands", options.status_command);
    let ending = Ending { stack: name, next: &next, elapsed: clock.now() };
    watch::ended(common, (&outcome, &[]), &|_| None, &ending);
    Ok(if matches!(outcome, Outcome::RolledBack { .. }) { DONE } else { FAILED })
}

/// Brings the stack to rest; `None`: it ended otherwise, and that was said.
async fn at_rest(
    common: &Common,
    (account, asking): (&crate::aws::Account, &Asking),
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
            let ending = Ending { stack: name, next, elapsed: clock.now() };
            watch::ended(common, (&outcome, &[]), &|_| None, &ending);
            Ok(None)
        }
    }
}

/// Those who look at one deployment, and the lock that follows it.
pub struct Audience<'a> {
    common: &'a Common,
    line: &'a Line,
    clock: super::Watch,
    /// Why the lock could not be brought up to what is deployed.
    unwritten: std::cell::RefCell<Option<Failure>>,
}

impl<'a> Audience<'a> {
    pub fn new(common: &'a Common, line: &'a Line) -> Self {
        Self { common, line, clock: clock(), unwritten: std::cell::RefCell::default() }
    }

    /// Proposes, shows, asks and executes.
    async fn apply(
        &self,
        account: &crate::aws::Account,
        asking: &Asking,
        deployment: &Deployment<'_>,
    ) -> Result<u8, Stop> {
        let viewer = self.viewer();
        let tell = |event: Event| self.hear(&viewer, event);
        let stage = Stage { world: account, clock: &self.clock, decide: asking, tell: &tell };
        let run = viewer.redrawing(deploy::apply(&stage, deployment)).await;
        viewer.over();
        self.written()?;
        match run? {
            Run::NoChange => {
                self.no_change();
                Ok(DONE)
            }
            Run::Declined => {
                output::note(self.common, "nothing was changed");
                Ok(FAILED)
            }
            Run::Ended(outcome) => {
                let code = self.ended(&outcome, &deployment.options.command);
                if code == DONE {
                    output::next(self.common, &deployment.options.status_command);
                }
                Ok(code)
            }
        }
    }

    /// The last event of a run that had nothing to do.
    fn no_change(&self) {
        if self.common.output == Format::Json {
            let stack = self.line.intent.stack();
            let line = progress::no_change_json(&stack, self.clock.now());
            output::data(&format!("{line}\n"));
        }
    }

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
        let path = match outcome {
            Outcome::Done { took, .. } => {
                forecast::critical_path(took, &forecast::needs(&self.line.template))
            }
            _ => Vec::new(),
        };
        let next = match outcome {
            Outcome::BetweenParts { .. } => format!("`{command}` again goes on from there"),
            Outcome::Stuck { status, .. } if kept(status) => format!(
                "what was made stays: correct the cause, then `{command} --on-failure keep` goes on from there"
            ),
            _ => format!("correct the cause, then `{command}` again"),
        };
        let stack = self.line.intent.stack();
        let ending = Ending { stack: &stack, next: &next, elapsed: self.clock.now() };
        watch::ended(self.common, (outcome, &path), &|id| self.line.maker(id), &ending)
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
