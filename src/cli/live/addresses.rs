//! Ranges of IPAM on the command line: asked for before the first deployment, and written into the lock at once.

use std::collections::{BTreeMap, BTreeSet};

use crate::aws::Account;
use crate::deploy::addresses::{self, First};
use crate::deploy::apply::Run;
use crate::deploy::{Deployment, Event, Options, Outcome, Stage};
use crate::diagnostic::{Failure, any_error};
use crate::intent::Given;
use crate::ledger::KeptRange;
use crate::line::Stopped;
use crate::lockfile::Lock;
use crate::observed::{Observed, Part};

use super::super::args::Deploy;
use super::super::line::{self, Line, Opened};
use super::super::lock;
use super::super::output::{self, Stop};
use super::super::{Common, FAILED};
use super::asking::Asking;
use super::audience::{next, show};
use super::last::{Last, Said};
use super::viewer::Viewer;
use super::{clock, deployed, preflight, versions};

type Ranges = BTreeMap<String, KeptRange>;

/// Where a deployment goes on.
#[expect(clippy::large_enum_variant, reason = "one value a run")]
pub enum Start {
    /// Every range is known; whether the VPC was deployed for that, as part 1.
    Known { opened: Opened, first: bool },
    /// It ended before: the exit code.
    Ended(u8),
}

/// The same blueprint with what IPAM gave to the VPC, where the stack has one and the lock does not say it: a run stopped in between.
pub async fn learned(common: &Common, account: &Account, opened: Opened) -> Result<Opened, Stop> {
    let gone = released(common, account, &opened).await?;
    let opened = opened.forgetting(&gone);
    let Some(line) = open(account, &opened).await? else { return Ok(opened) };
    let found = standing(account, &line).await?;
    Ok(match found {
        Some(ranges) => opened.given(ranges),
        None => opened,
    })
}

/// Ranges that the lock remembers, and that neither a stack nor IPAM has any more: somebody took the stack down elsewhere, or by hand.
async fn released(
    common: &Common,
    account: &Account,
    opened: &Opened,
) -> Result<BTreeSet<String>, Stop> {
    let ranges = opened.lock().map(|lock| lock.of_ipam(&Observed::default())).unwrap_or_default();
    if ranges.values().all(|range| range.allocation.is_none()) {
        return Ok(BTreeSet::new());
    }
    let observed = deployed(account, &opened.stack()).await?;
    if !matches!(observed.stack, Part::Read(None)) {
        return Ok(BTreeSet::new());
    }
    let (clock, tell, asking) = (clock(), |_| {}, Asking::default());
    let stage = Stage { world: account, clock: &clock, decide: &asking, tell: &tell };
    let gone = addresses::released(&stage, &ranges).await?;
    for range in gone.iter().filter_map(|name| ranges.get(name)) {
        let words = "is allocated no more, and no stack has it: another range is asked for";
        output::note(common, &format!("IPAM: {} of {} {words}", range.cidr, range.from));
    }
    Ok(gone)
}

/// The line over the stack, where IPAM has not given a range yet.
async fn open(account: &Account, opened: &Opened) -> Result<Option<Line>, Stop> {
    if !opened.asks_pools()? {
        return Ok(None);
    }
    let observed = deployed(account, &opened.stack()).await?;
    let Some(twin) = opened.twin() else { return Ok(None) };
    let line = twin.compile(observed)?;
    Ok((!line.plan.provisional.is_empty()).then_some(line))
}

/// What IPAM gave to the VPC of the stack, if it has one.
async fn standing(account: &Account, line: &Line) -> Result<Option<Ranges>, Failure> {
    if line.observed.deployed_template().resource("Vpc").is_none() {
        return Ok(None);
    }
    addresses::read(account, &line.compiled).await
}

/// Who sees to it that all ranges are known.
pub struct Giving<'g> {
    pub common: &'g Common,
    pub args: &'g Deploy,
    pub account: &'g Account,
    pub asking: &'g Asking,
    pub last: &'g Last<'g>,
    pub options: &'g Options,
}

impl Giving<'_> {
    /// Asks IPAM for what is not known: nothing else is done before.
    pub async fn start(&self, opened: Opened) -> Result<Start, Stop> {
        let (common, account) = (self.common, self.account);
        let opened = self.forgotten(opened).await?;
        let Some(line) = open(account, &opened).await? else {
            return Ok(Start::Known { opened, first: false });
        };
        if self.args.locked {
            line.lock.decided(&line.plan)?;
        }
        if let Some(ranges) = standing(account, &line).await? {
            let opened = self.keep(opened, &line, ranges)?;
            return Ok(Start::Known { opened, first: false });
        }
        let observed = versions::observe(common, account, &opened).await?;
        let before = observed.deployed_template();
        let Some(twin) = opened.twin() else {
            return Ok(Start::Known { opened, first: false });
        };
        let line = twin.compile(observed)?;
        line::said(common, &line);
        let found = preflight::run(common, account, &line, (None, &before)).await;
        if any_error(&found) {
            return Err(Stop::Findings(line.document.source.clone(), found));
        }
        output::warnings(common, &line.document.source, &found);
        let Some(ranges) = self.allocated(&line).await? else {
            output::note(common, "nothing was changed");
            return Ok(Start::Ended(FAILED));
        };
        let opened = self.keep(opened, &line, ranges)?;
        match open(account, &opened).await? {
            None => Ok(Start::Known { opened, first: false }),
            Some(line) => self.first(opened, line).await,
        }
    }

    /// The lock without ranges that are released, which are asked for anew.
    async fn forgotten(&self, opened: Opened) -> Result<Opened, Stop> {
        let gone = released(self.common, self.account, &opened).await?;
        if let Some(lock) = opened.lock().filter(|_| !gone.is_empty() && !self.args.locked) {
            lock::write(lock.without(&gone), self.common)?;
        }
        Ok(opened.forgetting(&gone))
    }

    async fn allocated(&self, line: &Line) -> Result<Option<Ranges>, Failure> {
        let clock = clock();
        let viewer = Viewer::new(self.common, &line.intent.stack(), &clock);
        let tell = |event| viewer.see(&event);
        let stage = Stage { world: self.account, clock: &clock, decide: self.asking, tell: &tell };
        let done = viewer
            .redrawing(addresses::allocate(&stage, &line.intent, line.lock.generation()))
            .await;
        viewer.over();
        done
    }

    /// Part 1: the VPC alone.
    async fn first(&self, opened: Opened, line: Line) -> Result<Start, Stop> {
        let before = line.observed.deployed_template();
        let (compiled, options) = (&line.compiled, self.options);
        let deployment = Deployment { compiled, stack: None, before: &before, options, part: None };
        let clock = clock();
        let viewer = Viewer::new(self.common, &line.intent.stack(), &clock);
        let tell = |event: Event| match &event {
            Event::Preview(preview) => show(self.common, &line, preview),
            _ => viewer.see(&event),
        };
        let stage = Stage { world: self.account, clock: &clock, decide: self.asking, tell: &tell };
        let done = viewer.redrawing(addresses::deploy(&stage, &deployment)).await;
        viewer.over();
        match done? {
            First::Deployed { ranges, outcome } => {
                let opened = self.keep(opened, &line, ranges)?;
                if self.options.until == Some(1) {
                    return Ok(Start::Ended(self.ended(&line, &outcome)));
                }
                self.judge(&opened, &line)?;
                Ok(Start::Known { opened, first: true })
            }
            First::Ended(Run::Ended(outcome)) => Ok(Start::Ended(self.ended(&line, &outcome))),
            First::Ended(_) => {
                output::note(self.common, "nothing was changed");
                Ok(Start::Ended(FAILED))
            }
        }
    }

    fn ended(&self, line: &Line, outcome: &Outcome) -> u8 {
        let next = next(outcome, &self.options.command);
        self.last.ended(outcome, &Said { path: &[], maker: &|id| line.maker(id), next: &next })
    }

    /// The lock says at once what IPAM gave: it is not asked twice.
    fn keep(&self, opened: Opened, line: &Line, ranges: Ranges) -> Result<Opened, Stop> {
        if ranges.is_empty() {
            return Ok(opened);
        }
        for given in line.intent.vpc.given.iter() {
            if let Some(range) = ranges.get(&given.name) {
                output::note(self.common, &words(given, range));
            }
        }
        lock::write(line.lock.keeping(&ranges), self.common)?;
        Ok(opened.given(ranges))
    }

    /// What hangs on the addresses is judged over the real ones, before anything else is deployed.
    fn judge(&self, opened: &Opened, line: &Line) -> Result<(), Stop> {
        let Some(twin) = opened.twin() else { return Ok(()) };
        match twin.compile(line.observed.clone()) {
            Err(Stopped::Findings(source, findings)) => {
                let file = &line.document.source.name;
                output::note(
                    self.common,
                    &format!(
                        "the VPC exists and nothing is in it: correct the blueprint and deploy again, or remove the VPC with `eksnet destroy {file}`, so that IPAM gives another range"
                    ),
                );
                Err(Stop::Findings(source, findings))
            }
            Err(stopped) => Err(stopped.into()),
            Ok(_) => Ok(()),
        }
    }
}

fn words(given: &Given, range: &KeptRange) -> String {
    format!("IPAM gave {} to {} (from {})", range.cidr, given.path, range.from)
}

/// Gives back what was allocated before the VPC was made: it is gone. Failures are told, and the lock still says what is left.
pub async fn give_back(
    common: &Common,
    account: &Account,
    (stack, lock, ranges): (&str, &Lock, Ranges),
) -> bool {
    let (gone, left) = addresses::give_back(account, stack, &ranges).await;
    for range in gone.values().filter(|range| range.allocation.is_some()) {
        output::note(common, &format!("IPAM: {} given back to {}", range.cidr, range.from));
    }
    for (cidr, refusal) in &left {
        let failure = Failure::new(format!("cannot give {cidr} back to IPAM"));
        let failure = failure
            .because(refusal.clone())
            .hint("run the same command again, or release the allocation: the lock has its id");
        output::failed(common, &failure);
    }
    let written = lock::write(lock.without(&gone.keys().cloned().collect()), common);
    if let Err(failure) = &written {
        output::failed(common, failure);
    }
    left.is_empty() && written.is_ok()
}
