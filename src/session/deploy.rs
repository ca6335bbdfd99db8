//! A blueprint deployed: brought to rest, planned, shown, agreed to, carried out, and judged.

use std::cell::RefCell;

use crate::aws::Connected;
use crate::aws::survey::Surveys;
use crate::blueprint;
use crate::deploy::apply::Run;
use crate::deploy::rest::{self, Rest};
use crate::deploy::{self, Clock, Decide, Deployment, Event, Options, Outcome};
use crate::diagnostic::{Failure, any_error};
use crate::line::Stopped;
use crate::opened::{self, Line, Opened};
use crate::preview::{Step, forecast};

use super::addresses::Start;
use super::wanted::{Consent, Wanted};
use super::{End, Next, Note, Session, Told, description, rest_run};

/// How often a plan is made anew that others overtake.
const TRIES: u32 = 3;

impl<W: Connected + Surveys, C: Clock, D: Decide> Session<'_, W, C, D> {
    /// Plans, shows, asks and executes.
    pub async fn deploy(&self, opened: Opened, wanted: &Wanted<'_>) -> Result<End, Stopped> {
        if !self.at_rest(&opened.stack(), wanted.options).await? {
            return Ok(End::Failed);
        }
        let (mut opened, options) = match self.start(opened, wanted).await? {
            Start::Known { opened, first } => (opened, after(first, wanted.options)),
            Start::Ended(end) => return Ok(end),
        };
        let wanted = Wanted { options: &options, ..*wanted };
        for _ in 0..TRIES {
            let twin = opened.twin();
            if let Some(end) = self.once(opened, &wanted).await? {
                return Ok(end);
            }
            opened = match twin.filter(|_| wanted.file == "-") {
                Some(twin) => twin,
                None => opened::open(wanted.file, &self.asked)?,
            };
        }
        Err(Failure::new("others create subnets faster than this plan is confirmed")
            .hint("pin the new tier's `cidrs`, or agree on a range with the other deployers")
            .into())
    }

    /// Ends an update that is under way.
    pub async fn cancel(&self, name: &str, options: &Options) -> Result<End, Stopped> {
        let run = rest_run(options);
        let outcome = self.staged(async |stage| rest::cancel(stage, name, &run).await).await?;
        self.ended(&outcome, (None, Vec::new()), Next::Look(&options.status_command));
        Ok(if matches!(outcome, Outcome::RolledBack { .. }) { End::Done } else { End::Failed })
    }

    /// Brings the stack to rest; `false`: it ended otherwise, and that was said.
    async fn at_rest(&self, name: &str, options: &Options) -> Result<bool, Stopped> {
        let run = rest_run(options);
        match self.staged(async |stage| deploy::at_rest(stage, name, &run).await).await? {
            Rest::Stack(_) => Ok(true),
            Rest::Declined => Ok(false),
            Rest::Ended(outcome) => {
                self.ended(&outcome, (None, Vec::new()), Next::Unhold);
                Ok(false)
            }
        }
    }

    /// `None`: others took addresses of it meanwhile, and nothing was changed.
    async fn once(&self, opened: Opened, wanted: &Wanted<'_>) -> Result<Option<End>, Stopped> {
        let observed = self.read(&opened).await?;
        let health = self.health(&opened, &observed);
        let (before, stack) = (observed.deployed_template(), description(&observed));
        let line = self.compiled(opened, observed)?;
        let source = &line.document.source;
        let found = self.preflight(&line, (stack.as_ref(), &before)).await;
        if any_error(&found) {
            return Err(Stopped::Findings(source.clone(), found));
        }
        self.tell(Told::Warnings(source, &found));
        if let Some(what) = blueprint::placeholders(&line.document) {
            self.note(Note::Placeholder(what));
        }
        self.locked(&line, wanted.locking)?;
        let deployment = Deployment {
            compiled: &line.compiled,
            stack: stack.as_ref().filter(|_| !before.is_empty()),
            before: &before,
            options: wanted.options,
            part: None,
        };
        match self.apply(&line, &deployment, wanted.consent).await? {
            Some(end) => Ok(Some(self.examined(health, end).await)),
            None => Ok(None),
        }
    }

    async fn apply(
        &self,
        line: &Line,
        deployment: &Deployment<'_>,
        consent: Consent,
    ) -> Result<Option<End>, Stopped> {
        let run = self.settling(line, async |stage| deploy::apply(stage, deployment).await).await?;
        match run? {
            Run::NoChange => {
                if deployment.options.revert_drift {
                    self.nothing_by_hand(&line.intent.stack()).await?;
                }
                Ok(Some(self.no_change()))
            }
            Run::Declined => {
                self.note(Note::NothingChanged);
                Ok(Some(End::Failed))
            }
            // A yes that was given beforehand was not for other addresses.
            Run::Overtaken(who) if consent == Consent::Given => {
                Err(Failure::new("nothing was changed")
                    .because(who)
                    .hint("run the same command again: it plans around it")
                    .into())
            }
            Run::Overtaken(who) => {
                self.note(Note::PlanningAgain { who });
                Ok(None)
            }
            Run::Ended(outcome) => {
                let next = Next::Again(&deployment.options.command);
                Ok(Some(self.deployed_so(line, &outcome, next)))
            }
        }
    }

    /// `work` on what was compiled: its previews are told with it, and the lock follows what is deployed. A lock that could not be written
    /// is a failure once everything else is done.
    pub(super) async fn settling<T>(
        &self,
        line: &Line,
        work: impl AsyncFnOnce(&deploy::Stage<'_, W, C, D>) -> T,
    ) -> Result<T, Failure> {
        let unwritten: RefCell<Option<Failure>> = RefCell::default();
        let ears = |event: Event| {
            if let Event::Deployed { subnets } = &event {
                let exists = |cidr: ipnet::Ipv4Net| match subnets {
                    Ok(live) => live.iter().any(|subnet| subnet.cidr == cidr.to_string()),
                    Err(_) => true,
                };
                let settled = self.write(line.lock.settled(&line.plan, exists));
                *unwritten.borrow_mut() = settled.err();
            }
            self.hear(line, event);
        };
        let done = self.heard(&ears, work).await;
        unwritten.take().map_or(Ok(done), Err)
    }

    /// Previews are told with what they are of.
    pub(super) fn hear(&self, line: &Line, event: Event) {
        match &event {
            Event::Preview(preview) => self.tell(Told::Preview(line, preview)),
            _ => self.tell(Told::Event(&event)),
        }
    }

    pub(super) fn deployed_so(&self, line: &Line, outcome: &Outcome, next: Next<'_>) -> End {
        self.ended(outcome, (Some(line), path(line, outcome)), next)
    }

    /// A change set that puts nothing back, though something was changed by hand, is no success.
    async fn nothing_by_hand(&self, stack: &str) -> Result<(), Failure> {
        let found = deploy::drift(self.world, self.clock, stack, &mut |_| {}).await?;
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
}

/// The chain that decided how long it took.
fn path(line: &Line, outcome: &Outcome) -> Vec<Step> {
    match outcome {
        Outcome::Done { took, .. } => {
            forecast::critical_path(took, &forecast::needs(&line.template))
        }
        _ => Vec::new(),
    }
}

/// Parts are counted from the one that made the VPC, if there was one.
fn after(first: bool, options: &Options) -> Options {
    let less = |until: usize| if first { until.saturating_sub(1).max(1) } else { until };
    Options { until: options.until.map(less), ..options.clone() }
}
