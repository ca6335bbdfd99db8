//! Those who look at one deployment, and what they are told.

use crate::deploy::apply::Run;
use crate::deploy::{self, Deployment, Event, Outcome, Stage};
use crate::diagnostic::Failure;
use crate::preview::{Preview, forecast};
use crate::report;

use super::super::args::Format;
use super::super::line::Line;
use super::super::lock;
use super::super::output::{self, Stop};
use super::super::{Common, DONE, FAILED};
use super::asking::Asking;
use super::clock;
use super::last::{Last, Said};
use super::viewer::Viewer;

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
    pub async fn apply(
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
pub fn next(outcome: &Outcome, command: &str) -> String {
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

pub fn show(common: &Common, line: &Line, preview: &Preview) {
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
