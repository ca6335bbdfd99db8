//! Ranges of IPAM: asked for before the first deployment, and written into the lock at once.

use std::collections::{BTreeMap, BTreeSet};

use crate::aws::Connected;
use crate::aws::survey::Surveys;
use crate::deploy::addresses::{self, First};
use crate::deploy::apply::Run;
use crate::deploy::{Clock, Decide, Deployment, Outcome};
use crate::diagnostic::{Failure, any_error};
use crate::ledger::KeptRange;
use crate::line::Stopped;
use crate::lockfile::Lock;
use crate::observed::{Observed, Part};
use crate::opened::{Line, Opened};

use super::wanted::{Locking, Wanted};
use super::{End, Next, Note, Session};

type Ranges = BTreeMap<String, KeptRange>;

/// Where a deployment goes on.
#[expect(clippy::large_enum_variant, reason = "one value a run")]
pub(super) enum Start {
    /// Every range is known; whether the VPC was deployed for that, as part 1.
    Known {
        opened: Opened,
        first: bool,
    },
    Ended(End),
}

impl<W: Connected + Surveys, C: Clock, D: Decide> Session<'_, W, C, D> {
    /// The same blueprint with what IPAM gave to the VPC, where the stack has one and the lock does not say it: a run stopped in between.
    pub(super) async fn learned(&self, opened: Opened) -> Result<Opened, Stopped> {
        let gone = self.released(&opened).await?;
        let opened = opened.forgetting(&gone);
        let Some(line) = self.open(&opened).await? else { return Ok(opened) };
        Ok(match self.standing(&line).await? {
            Some(ranges) => opened.given(ranges),
            None => opened,
        })
    }

    /// Asks IPAM for what is not known: nothing else is done before.
    pub(super) async fn start(
        &self,
        opened: Opened,
        wanted: &Wanted<'_>,
    ) -> Result<Start, Stopped> {
        let opened = self.forgotten(opened, wanted).await?;
        let Some(line) = self.open(&opened).await? else {
            return Ok(Start::Known { opened, first: false });
        };
        if wanted.locking == Locking::Held {
            line.lock.decided(&line.plan)?;
        }
        if let Some(ranges) = self.standing(&line).await? {
            let opened = self.keep(opened, &line, ranges)?;
            return Ok(Start::Known { opened, first: false });
        }
        let observed = self.read(&opened).await?;
        let Some(twin) = opened.twin() else { return Ok(Start::Known { opened, first: false }) };
        let before = observed.deployed_template();
        let line = twin.compile(observed)?;
        self.tell(super::Told::Compiled(&line));
        let found = self.preflight(&line, (None, &before)).await;
        if any_error(&found) {
            return Err(Stopped::Findings(line.document.source.clone(), found));
        }
        self.tell(super::Told::Warnings(&line.document.source, &found));
        let generation = line.lock.generation();
        let intent = &line.intent;
        let given =
            self.staged(async |stage| addresses::allocate(stage, intent, generation).await).await?;
        let Some(ranges) = given else {
            self.note(Note::NothingChanged);
            return Ok(Start::Ended(End::Failed));
        };
        let opened = self.keep(opened, &line, ranges)?;
        match self.open(&opened).await? {
            None => Ok(Start::Known { opened, first: false }),
            Some(line) => self.first(opened, &line, wanted).await,
        }
    }

    /// Ranges that the lock remembers, and that neither a stack nor IPAM has any more: somebody took the stack down elsewhere, or by hand.
    async fn released(&self, opened: &Opened) -> Result<BTreeSet<String>, Failure> {
        let remembered = opened.lock().map(|lock| lock.of_ipam(&Observed::default()));
        let ranges = remembered.unwrap_or_default();
        if ranges.values().all(|range| range.allocation.is_none()) {
            return Ok(BTreeSet::new());
        }
        if !matches!(self.deployed(&opened.stack()).await?.stack, Part::Read(None)) {
            return Ok(BTreeSet::new());
        }
        let gone =
            self.heard(&|_| {}, async |stage| addresses::released(stage, &ranges).await).await?;
        for range in gone.iter().filter_map(|name| ranges.get(name)) {
            let (cidr, from) = (range.cidr.to_string(), range.from.clone());
            self.note(Note::Released { cidr, from });
        }
        Ok(gone)
    }

    /// The line over the stack, where IPAM has not given a range yet.
    async fn open(&self, opened: &Opened) -> Result<Option<Line>, Stopped> {
        if !opened.asks_pools()? {
            return Ok(None);
        }
        let observed = self.deployed(&opened.stack()).await?;
        let Some(twin) = opened.twin() else { return Ok(None) };
        let line = twin.compile(observed)?;
        Ok((!line.plan.provisional.is_empty()).then_some(line))
    }

    /// What IPAM gave to the VPC of the stack, if it has one.
    async fn standing(&self, line: &Line) -> Result<Option<Ranges>, Failure> {
        if line.observed.deployed_template().resource("Vpc").is_none() {
            return Ok(None);
        }
        addresses::read(self.world, &line.compiled).await
    }

    /// The lock without ranges that are released, which are asked for anew.
    async fn forgotten(&self, opened: Opened, wanted: &Wanted<'_>) -> Result<Opened, Stopped> {
        let gone = self.released(&opened).await?;
        let may_write = wanted.locking == Locking::Written;
        if let Some(lock) = opened.lock().filter(|_| !gone.is_empty() && may_write) {
            self.write(lock.without(&gone))?;
        }
        Ok(opened.forgetting(&gone))
    }

    /// Part 1: the VPC alone.
    async fn first(
        &self,
        opened: Opened,
        line: &Line,
        wanted: &Wanted<'_>,
    ) -> Result<Start, Stopped> {
        let before = line.observed.deployed_template();
        let (compiled, options) = (&line.compiled, wanted.options);
        let deployment = Deployment { compiled, stack: None, before: &before, options, part: None };
        let ears = |event| self.hear(line, event);
        match self.heard(&ears, async |stage| addresses::deploy(stage, &deployment).await).await? {
            First::Deployed { ranges, outcome } => {
                let opened = self.keep(opened, line, ranges)?;
                if options.until == Some(1) {
                    return Ok(Start::Ended(self.vpc_ended(line, &outcome, wanted)));
                }
                self.judge(&opened, line)?;
                Ok(Start::Known { opened, first: true })
            }
            First::Ended(Run::Ended(outcome)) => {
                Ok(Start::Ended(self.vpc_ended(line, &outcome, wanted)))
            }
            First::Ended(_) => {
                self.note(Note::NothingChanged);
                Ok(Start::Ended(End::Failed))
            }
        }
    }

    fn vpc_ended(&self, line: &Line, outcome: &Outcome, wanted: &Wanted<'_>) -> End {
        self.ended(outcome, (Some(line), Vec::new()), Next::Again(&wanted.options.command))
    }

    /// The lock says at once what IPAM gave: it is not asked twice.
    fn keep(&self, opened: Opened, line: &Line, ranges: Ranges) -> Result<Opened, Failure> {
        if ranges.is_empty() {
            return Ok(opened);
        }
        for given in line.intent.vpc.given.iter() {
            if let Some(range) = ranges.get(&given.name) {
                let (cidr, from) = (range.cidr.to_string(), range.from.clone());
                self.note(Note::Given { cidr, path: given.path.clone(), from });
            }
        }
        self.write(line.lock.keeping(&ranges))?;
        Ok(opened.given(ranges))
    }

    /// What hangs on the addresses is judged over the real ones, before anything else is deployed.
    fn judge(&self, opened: &Opened, line: &Line) -> Result<(), Stopped> {
        let Some(twin) = opened.twin() else { return Ok(()) };
        match twin.compile(line.observed.clone()) {
            Err(stopped @ Stopped::Findings(..)) => {
                self.note(Note::VpcAlone { file: line.document.source.name.clone() });
                Err(stopped)
            }
            Err(stopped) => Err(stopped),
            Ok(_) => Ok(()),
        }
    }

    /// Gives back what was allocated before the VPC was made: it is gone. Failures are told, and the lock still says what is left.
    pub(super) async fn give_back(&self, opened: &Opened, observed: &Observed) -> End {
        let Some(lock) = opened.lock() else { return End::Done };
        let ranges = lock.of_ipam(observed);
        if ranges.is_empty() { End::Done } else { self.returned(opened, lock, &ranges).await }
    }

    async fn returned(&self, opened: &Opened, lock: &Lock, ranges: &Ranges) -> End {
        let (gone, left) = addresses::give_back(self.world, &opened.stack(), ranges).await;
        for range in gone.values().filter(|range| range.allocation.is_some()) {
            let (cidr, from) = (range.cidr.to_string(), range.from.clone());
            self.note(Note::GivenBack { cidr, from });
        }
        let is_whole = left.is_empty();
        for (cidr, refusal) in left {
            self.note(Note::NotGivenBack { cidr, why: refusal.to_string() });
        }
        let written = self.write(lock.without(&gone.keys().cloned().collect()));
        let is_written = written.is_ok();
        if let Err(failure) = written {
            self.note(Note::LockUnwritten(failure.chain()));
        }
        if is_whole && is_written { End::Done } else { End::Failed }
    }
}
