//! A blueprint's file with the lock beside it, on its way through [`crate::line`]: what the lock keeps is the ledger of the run, and what
//! is wrong with the blueprint is told before what is wrong with its lock.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::ops::Deref;
use std::path::Path;

use crate::blueprint::{self, Document, MOST_BYTES, Reading, nearest};
use crate::check::Profiles;
use crate::diagnostic::{Diagnostic, Failure};
use crate::facts::cloudformation::INLINE_LIMIT;
use crate::intent::ranges::Giver;
use crate::intent::{self, Given, Intent};
use crate::ledger::{KeptRange, Ledger};
use crate::line::{self, Compiled, Request, Stopped};
use crate::lockfile::Lock;
use crate::observed::{Observed, Stack};
use crate::rules::FLT_15;
use crate::source::{Source, read_limited};
use crate::template::Template;

/// What is asked for beside the file.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// In the place of the blueprint's own.
    pub region: Option<String>,
    pub profiles: Profiles,
}

/// A blueprint that was read, and its lock.
pub struct Opened {
    pub document: Document,
    found: Vec<Diagnostic>,
    lock: Result<Lock, Failure>,
    profiles: Profiles,
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

/// Reads a file.
pub fn read(file: &str) -> Result<Reading, Failure> {
    let attempt = || Failure::new(format!("cannot read `{file}`"));
    if Path::new(file).is_dir() {
        let inside = "name a file in it, or run eksnet there without one";
        return Err(attempt().because("it is a folder").hint(inside));
    }
    let opened = File::open(Path::new(file)).map_err(|cause| {
        let missing = cause.kind() == std::io::ErrorKind::NotFound;
        let failure = attempt().because(cause);
        match near(file) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None if missing => {
                failure.hint("name a blueprint that exists; `eksnet init` writes one")
            }
            None => failure,
        }
    })?;
    from(file, opened).map_err(|cause| attempt().because(cause))
}

/// Reads what comes from elsewhere, under a name.
pub fn from(name: &str, input: impl Read) -> std::io::Result<Reading> {
    let mut bytes = Vec::new();
    input.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(blueprint::read(name, bytes))
}

/// Files of the folder that say that they are blueprints, by name.
pub fn blueprints_here() -> Vec<String> {
    let ends = |name: &str| [".yaml", ".yml"].iter().any(|ending| name.ends_with(ending));
    let entries = std::fs::read_dir(".").into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let is_one = |name: &String| {
        let read = || read_limited(name.as_ref(), MOST_BYTES as u64);
        ends(name)
            && !name.ends_with(".lock.yaml")
            && read().is_ok_and(|text| blueprint::is_blueprint(&text))
    };
    let mut found: Vec<String> = names.filter(is_one).collect();
    found.sort();
    found
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
    let near = nearest(path.file_name()?.to_str()?, names)?;
    Some(path.with_file_name(near).display().to_string())
}

/// Reads a blueprint and its lock; stops where there is no blueprint.
pub fn open(file: &str, asked: &Asked) -> Result<Opened, Stopped> {
    of(read(file)?, file, asked)
}

/// A blueprint that was read, with the lock beside its file.
pub fn of(reading: Reading, file: &str, asked: &Asked) -> Result<Opened, Stopped> {
    let Reading { source, document, findings: found } = reading;
    let Some(mut document) = document else { return Err(Stopped::Findings(source, found)) };
    let metadata = &mut document.blueprint.metadata;
    if let Some(region) = &asked.region {
        metadata.region.clone_from(region);
    }
    let lock = Lock::beside(file, &metadata.name, &metadata.region);
    Ok(Opened { document, found, lock, profiles: asked.profiles.clone() })
}

impl Opened {
    /// Over ranges that the fleet or IPAM gives, in the place of what the lock says.
    pub fn given(mut self, ranges: BTreeMap<String, KeptRange>) -> Self {
        self.lock = self.lock.map(|lock| lock.given(ranges));
        self
    }

    /// Without ranges that went back to IPAM.
    pub fn forgetting(mut self, names: &BTreeSet<String>) -> Self {
        self.lock = self.lock.map(|lock| lock.forgetting(names));
        self
    }

    /// The same once more; `None` where the lock cannot be used, so that nothing compiles.
    pub fn twin(&self) -> Option<Self> {
        let lock = Ok(self.lock.as_ref().ok()?.clone());
        let (document, found) = (self.document.clone(), self.found.clone());
        Some(Self { document, found, lock, profiles: self.profiles.clone() })
    }

    /// The stack's name.
    pub fn stack(&self) -> String {
        intent::stack_name(&self.document.blueprint.metadata.name)
    }

    /// Whether removed tiers may still have subnets.
    pub fn has_tombstones(&self) -> bool {
        self.lock.as_ref().is_ok_and(Lock::has_tombstones)
    }

    /// Whether the plan has subnets that the stack does not; what is wrong with the blueprint is not said here.
    pub fn adds_subnets(&self, observed: &Observed) -> bool {
        let deployed = Stack::of(&observed.deployed_template()).subnets;
        let planned = self.twin().and_then(|twin| twin.compile(observed.clone()).ok());
        planned.is_some_and(|line| {
            let made = line.plan.subnets.iter().filter(|subnet| subnet.existing.is_none());
            made.into_iter().any(|one| !deployed.iter().any(|own| own.cidr == one.cidr))
        })
    }

    /// The lock, if it can be used.
    pub fn lock(&self) -> Option<&Lock> {
        self.lock.as_ref().ok()
    }

    /// Whether IPAM decides a range that the lock does not know.
    pub fn asks_pools(&self) -> Result<bool, Stopped> {
        let intent = self.draft(&Observed::default())?;
        let pooled = |given: &Given| matches!(given.by, Giver::Pool { .. });
        Ok(intent.vpc.open().any(pooled))
    }

    /// What the blueprint asks for over what is known so far; stops where it is wrong by itself.
    pub fn draft(&self, observed: &Observed) -> Result<Intent, Stopped> {
        let failure = match &self.lock {
            Ok(lock) => return line::resolve(&self.request(observed, lock.over(observed)?.ledger)),
            Err(failure) => failure,
        };
        let ledger = Request::new(self.document.clone()).ledger;
        line::resolve(&self.request(observed, ledger))
            .map_err(|stopped| if wants_lock(&stopped) { again(failure).into() } else { stopped })
    }

    /// The same, whatever is wrong with it, and whether nothing is: what is taken down need not be what could be deployed. Stops where no
    /// stack is named.
    pub fn outline(&self) -> Result<(Intent, bool), Stopped> {
        let (source, findings) = match self.draft(&Observed::default()) {
            Ok(intent) => return Ok((intent, true)),
            Err(Stopped::Findings(source, findings)) => (source, findings),
            Err(stopped) => return Err(stopped),
        };
        let lock = self.lock.as_ref().ok().and_then(|lock| lock.over(&Observed::default()).ok());
        let mut request = Request::new(self.document.clone());
        request.ledger = lock.map_or(request.ledger, |lock| lock.ledger);
        let intent = line::glimpse(&request);
        intent.map(|intent| (intent, false)).ok_or(Stopped::Findings(source, findings))
    }

    /// What the words alone tell, where the VPC exists and neither a survey nor the lock knows it.
    pub fn words(&self, observed: &Observed) -> Option<(Source, Vec<Diagnostic>)> {
        let ledger = self.lock.as_ref().ok()?.over(observed).ok()?.ledger;
        let request = self.request(observed, ledger);
        let findings = line::words(&request)?;
        Some((request.document.source, findings))
    }

    /// A tier whose subnets may move, and that the blueprint does not have: a misspelled one would allow nothing, and say nothing.
    pub fn unknown_move(&self) -> Option<String> {
        let moves = &self.profiles.moves;
        let request =
            self.request(&Observed::default(), Request::new(self.document.clone()).ledger);
        let intent = (!moves.is_empty()).then(|| line::glimpse(&request))??;
        let tiers = || intent.tiers.iter().map(|tier| tier.name.as_str());
        let name = moves.iter().find(|name| !tiers().any(|tier| tier == *name))?;
        let meant = match nearest(name, tiers()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it has {}", tiers().collect::<Vec<_>>().join(", ")),
        };
        Some(format!("`{}` has no tier `{name}`; {meant}", self.document.source.name))
    }

    fn request(&self, observed: &Observed, ledger: Ledger) -> Request {
        let (document, found) = (self.document.clone(), self.found.clone());
        let profiles = self.profiles.clone();
        Request { document, found, observed: observed.clone(), ledger, profiles }
    }

    /// Compiles over the lock and what was observed.
    pub fn compile(self, observed: Observed) -> Result<Line, Stopped> {
        let Opened { document, found, lock, profiles } = self;
        let metadata = document.blueprint.metadata.clone();
        let lock = lock.and_then(|lock| {
            let reconciled = lock.over(&observed)?;
            Ok((lock, reconciled))
        });
        let ledger = match &lock {
            Ok((_, reconciled)) => reconciled.ledger.clone(),
            Err(_) => Ledger::empty(&metadata.name, &metadata.region),
        };
        let compiled = line::compile(Request { document, found, observed, ledger, profiles });
        let (compiled, (lock, reconciled)) = match (compiled, lock) {
            (Err(stopped), Err(failure)) if wants_lock(&stopped) => return Err(failure.into()),
            (compiled, lock) => (compiled?, lock?),
        };
        Ok(Line { compiled, lock: lock.after(reconciled) })
    }
}

/// The same failure, told once more.
fn again(failure: &Failure) -> Failure {
    let told = Failure::new(failure.attempt.clone());
    let causes = failure.causes();
    let told = if causes.is_empty() { told } else { told.because(causes.join(": ")) };
    Failure { hint: failure.hint.clone(), ..told }
}

/// Whether all that is wrong is what a lock would say: the range of a class (rule FLT-15). Where there is one that cannot be used, that is
/// the reason.
fn wants_lock(stopped: &Stopped) -> bool {
    let Stopped::Findings(_, findings) = stopped else { return false };
    findings.iter().filter(|one| one.is_error()).all(|one| one.rule == &FLT_15)
}

/// What CloudFormation does not take within a call.
pub fn size(template: &Template) -> Option<String> {
    let bytes = template.to_json().len();
    (INLINE_LIMIT < bytes).then(|| format!("the template has {bytes} bytes as JSON; over {INLINE_LIMIT} it is deployed from a bucket (`--template-bucket`)"))
}

impl Line {
    /// What is not wrong and has to be known beside the result, in words.
    pub fn notes(&self) -> Vec<String> {
        let taken = self.lock.taken_over().iter();
        let taken = taken.map(|what| format!("the stack has {what}, the lock did not: taken over"));
        self.open().into_iter().chain(size(&self.template)).chain(taken).collect()
    }
}
