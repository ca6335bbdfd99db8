//! A blueprint's file and its lock, on their way into the line.

use std::collections::BTreeMap;
#[cfg(feature = "aws")]
use std::collections::BTreeSet;
use std::io::Read;
use std::ops::Deref;
use std::path::Path;

use crate::blueprint::{self, Document, Reading};
use crate::diagnostic::{Diagnostic, Failure};
use crate::facts::cloudformation::INLINE_LIMIT;
#[cfg(feature = "aws")]
use crate::intent::{Given, Intent, ranges::Giver};
use crate::ledger::{KeptRange, Ledger};
use crate::line::{self, Compiled, Request, Stopped};
use crate::observed::Observed;
#[cfg(feature = "aws")]
use crate::observed::Stack;
use crate::source::Source;
use crate::template::Template;

use super::Common;
use super::args::{Format, Surveyed};
use super::output::{self, Stop};
use crate::lockfile::Lock;

/// A blueprint that was read, and its lock.
pub struct Opened {
    pub document: Document,
    found: Vec<Diagnostic>,
    lock: Result<Lock, Failure>,
}

/// A compiled blueprint and its lock.
pub struct Line {
    pub compiled: Compiled,
    pub lock: Lock,
}

impl Deref for Line {
    type Target = Compiled;

    fn deref(&self) -> &Compiled {
        &self.compiled
    }
}

/// Reads a file, or standard input.
pub fn read(file: &str) -> Result<Reading, Failure> {
    let attempt = || Failure::new(format!("cannot read `{file}`"));
    let mut bytes = Vec::new();
    let most = blueprint::MOST_BYTES as u64 + 1;
    if file == "-" {
        let mut input = std::io::stdin().lock().take(most);
        input.read_to_end(&mut bytes).map_err(|cause| attempt().because(cause))?;
        return Ok(blueprint::read("<stdin>", bytes));
    }
    if Path::new(file).is_dir() {
        let inside = "name a file in it, or run eksnet there without one";
        return Err(attempt().because("it is a folder").hint(inside));
    }
    let opened = std::fs::File::open(Path::new(file)).map_err(|cause| {
        let failure = attempt().because(cause);
        match near(file) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None => failure,
        }
    })?;
    opened.take(most).read_to_end(&mut bytes).map_err(|cause| attempt().because(cause))?;
    Ok(blueprint::read(file, bytes))
}

/// A file of the same folder with nearly the same name.
fn near(file: &str) -> Option<String> {
    let path = Path::new(file);
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    let entries = std::fs::read_dir(folder).ok()?.flatten();
    let names: Vec<String> =
        entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    let ours = |name: &&str| name.ends_with(".yaml") || name.ends_with(".yml");
    let names = names.iter().map(String::as_str).filter(ours);
    let near = blueprint::nearest(path.file_name()?.to_str()?, names)?;
    Some(path.with_file_name(near).display().to_string())
}

/// Reads a blueprint and its lock; stops where there is no blueprint.
pub fn open(file: &str, common: &Common) -> Result<Opened, Stop> {
    let Reading { source, document, findings: found } = read(file)?;
    let Some(mut document) = document else { return Err(Stop::Findings(source, found)) };
    let metadata = &mut document.blueprint.metadata;
    if let Some(region) = &common.region {
        metadata.region.clone_from(region);
    }
    let lock = Lock::beside(file, &metadata.name, &metadata.region);
    Ok(Opened { document, found, lock })
}

impl Opened {
    /// Over ranges that the fleet or IPAM gives, in the place of what the lock says.
    pub fn given(mut self, ranges: BTreeMap<String, KeptRange>) -> Self {
        self.lock = self.lock.map(|lock| lock.given(ranges));
        self
    }

    /// Without ranges that went back to IPAM.
    #[cfg(feature = "aws")]
    pub fn forgetting(mut self, names: &BTreeSet<String>) -> Self {
        self.lock = self.lock.map(|lock| lock.forgetting(names));
        self
    }

    /// The same once more; `None` where the lock cannot be used, so that nothing compiles.
    pub fn twin(&self) -> Option<Self> {
        let lock = self.lock.as_ref().ok()?.clone();
        Some(Self { document: self.document.clone(), found: self.found.clone(), lock: Ok(lock) })
    }

    /// The stack's name.
    #[cfg(feature = "aws")]
    pub fn stack(&self) -> String {
        crate::intent::stack_name(&self.document.blueprint.metadata.name)
    }

    /// Whether removed tiers may still have subnets.
    #[cfg(feature = "aws")]
    pub fn has_tombstones(&self) -> bool {
        self.lock.as_ref().is_ok_and(Lock::has_tombstones)
    }

    /// Whether the plan has subnets that the stack does not; what is wrong with the blueprint is not said here.
    #[cfg(feature = "aws")]
    pub fn adds_subnets(&self, common: &Common, observed: &Observed) -> bool {
        let deployed = Stack::of(&observed.deployed_template()).subnets;
        let planned = self.twin().and_then(|twin| twin.compile(common, observed.clone()).ok());
        planned.is_some_and(|line| {
            let made = line.plan.subnets.iter().filter(|subnet| subnet.existing.is_none());
            made.into_iter().any(|one| !deployed.iter().any(|own| own.cidr == one.cidr))
        })
    }

    /// The lock, if it can be used.
    #[cfg(feature = "aws")]
    pub fn lock(&self) -> Option<&Lock> {
        self.lock.as_ref().ok()
    }

    /// Whether IPAM decides a range that the lock does not know.
    #[cfg(feature = "aws")]
    pub fn asks_pools(&self, common: &Common) -> Result<bool, Stop> {
        let intent = self.draft(common, &Observed::default())?;
        let pooled = |given: &Given| matches!(given.by, Giver::Pool { .. });
        Ok(intent.vpc.open().any(pooled))
    }

    /// What the blueprint asks for over what is known so far; stops where it is wrong by itself.
    #[cfg(feature = "aws")]
    pub fn draft(&self, common: &Common, observed: &Observed) -> Result<Intent, Stop> {
        let ledger = match &self.lock {
            Ok(lock) => lock.over(observed)?.ledger,
            Err(_) => Request::new(self.document.clone()).ledger,
        };
        let (document, found) = (self.document.clone(), self.found.clone());
        let profiles = common.profiles();
        let request = Request { document, found, observed: observed.clone(), ledger, profiles };
        Ok(line::resolve(&request)?)
    }

    /// The same, whatever is wrong with it: what is taken down need not be what could be deployed. Stops where no stack is named.
    #[cfg(feature = "aws")]
    pub fn outline(&self, common: &Common) -> Result<(Intent, bool), Stop> {
        let (source, findings) = match self.draft(common, &Observed::default()) {
            Ok(intent) => return Ok((intent, true)),
            Err(Stop::Findings(source, findings)) => (source, findings),
            Err(stop) => return Err(stop),
        };
        let lock = self.lock.as_ref().ok().and_then(|lock| lock.over(&Observed::default()).ok());
        let mut request = Request::new(self.document.clone());
        request.ledger = lock.map_or(request.ledger, |lock| lock.ledger);
        let intent = line::glimpse(&request);
        intent.map(|intent| (intent, false)).ok_or(Stop::Findings(source, findings))
    }

    /// What the words alone tell, where the VPC exists and neither a survey nor the lock knows it.
    pub fn words(&self, common: &Common, observed: &Observed) -> Option<(Source, Vec<Diagnostic>)> {
        let ledger = self.lock.as_ref().ok()?.over(observed).ok()?.ledger;
        let (document, found) = (self.document.clone(), self.found.clone());
        let profiles = common.profiles();
        let request = Request { document, found, observed: observed.clone(), ledger, profiles };
        let findings = line::words(&request)?;
        Some((request.document.source, findings))
    }

    /// Compiles over the lock and what was observed. What is wrong with the blueprint is said before what is wrong with its lock.
    pub fn compile(self, common: &Common, observed: Observed) -> Result<Line, Stop> {
        let Opened { document, found, lock } = self;
        let metadata = document.blueprint.metadata.clone();
        let lock = lock.and_then(|lock| {
            let reconciled = lock.over(&observed)?;
            Ok((lock, reconciled))
        });
        let ledger = match &lock {
            Ok((_, reconciled)) => reconciled.ledger.clone(),
            Err(_) => Ledger::empty(&metadata.name, &metadata.region),
        };
        let request = Request { document, found, observed, ledger, profiles: common.profiles() };
        let compiled = line::compile(request)?;
        named(common, &compiled)?;
        let (lock, reconciled) = lock?;
        Ok(Line { compiled, lock: lock.after(reconciled) })
    }
}

/// `--allow-move` names tiers that exist: a misspelt one would allow nothing, and say nothing.
fn named(common: &Common, compiled: &Compiled) -> Result<(), Stop> {
    let tiers = || compiled.intent.tiers.iter().map(|tier| tier.name.as_str());
    let Some(name) = common.allow_move.iter().find(|name| !tiers().any(|tier| tier == *name))
    else {
        return Ok(());
    };
    let meant = match blueprint::nearest(name, tiers()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it has {}", tiers().collect::<Vec<_>>().join(", ")),
    };
    let file = &compiled.document.source.name;
    let message = format!("--allow-move: `{file}` has no tier `{name}`; {meant}");
    Err(Stop::Usage(message))
}

impl From<Stopped> for Stop {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Findings(source, findings) => Stop::Findings(source, findings),
            Stopped::Failure(failure) => Stop::Failure(failure),
        }
    }
}

/// The whole offline line of a file over a survey, if there is one, with its warnings said.
pub fn compile(file: &str, common: &Common, surveyed: &Surveyed) -> Result<Line, Stop> {
    let line = open(file, common)?.compile(common, surveyed.observed()?)?;
    said(common, &line);
    Ok(line)
}

/// What CloudFormation does not take within a call.
pub fn size(template: &Template) -> Option<String> {
    let bytes = template.to_json().len();
    (INLINE_LIMIT < bytes).then(|| format!("the template has {bytes} bytes as JSON; over {INLINE_LIMIT} it is deployed from a bucket (`--template-bucket`)"))
}

/// Says what is beside the result.
pub fn said(common: &Common, line: &Line) {
    // As annotations they are part of the result.
    if common.output != Format::Github {
        output::warnings(common, &line.document.source, &line.warnings);
    }
    line.open().iter().for_each(|what| output::note(common, &format!("note: {what}")));
    size(&line.template).iter().for_each(|what| output::note(common, &format!("note: {what}")));
    line.lock.taken_over().iter().for_each(|what| {
        output::note(common, &format!("note: the stack has {what}, the lock did not: taken over"));
    });
}
