//! The lock file beside the blueprint: `shop.yaml` has `shop.lock.yaml`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use ipnet::Ipv4Net;

use crate::address::AddressPlan;
use crate::diagnostic::Failure;
use crate::ledger::news;
use crate::ledger::{self, Deployed, Entry, KeptRange, Ledger, Reconciled};
use crate::observed::{Observed, Part, Stack};
use crate::source::{MOST_LOCK, read_limited};

/// The lock of one blueprint: what its file says, and what else is known of its ranges.
#[derive(Clone)]
pub struct Lock {
    /// `None` for a blueprint from standard input.
    path: Option<PathBuf>,
    /// Whether the file is there.
    found: bool,
    /// What the file says.
    written: Ledger,
    /// An earlier eksnet wrote it.
    outdated: bool,
    /// What the stack has and the file does not.
    taken_over: Vec<String>,
    /// Subnets that the file or the stack has.
    known: Vec<Entry>,
    /// What the fleet or IPAM gives, by name.
    given: BTreeMap<String, KeptRange>,
}

impl Lock {
    /// Reads the lock of a blueprint. A lock that cannot be read, or belongs to another blueprint, is a failure, never overwritten.
    pub fn beside(file: &str, name: &str, region: &str) -> Result<Self, Failure> {
        let none = |path| Self {
            path,
            found: false,
            written: Ledger::empty(name, region),
            outdated: false,
            taken_over: Vec::new(),
            known: Vec::new(),
            given: BTreeMap::new(),
        };
        if file == "-" {
            return Ok(none(None));
        }
        let path = path_beside(Path::new(file));
        let shown = path.display().to_string();
        let text = match read_limited(&path, MOST_LOCK) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(none(Some(path)));
            }
            Err(error) => {
                return Err(Failure::new(format!("cannot read the lock `{shown}`")).because(error));
            }
        };
        let written = Ledger::from_text(&text, &shown)?;
        if written.name != name || written.region != region {
            let why = format!(
                "it is the lock of `{}` in {}, the blueprint is `{name}` in {region}",
                written.name, written.region
            );
            return Err(Failure::new(format!("cannot use the lock `{shown}`"))
                .because(why)
                .hint(format!("give each blueprint a file of its own, because its addresses belong to one stack in one Region; if this one was renamed and `{}` was never deployed, delete the lock", written.name)));
        }
        let outdated = written.to_text() != text;
        let (path, taken_over) = (Some(path), Vec::new());
        let (known, given) = (written.subnets.clone(), BTreeMap::new());
        Ok(Self { path, found: true, written, outdated, taken_over, known, given })
    }

    /// Over ranges that the fleet or IPAM gives: they count as a change of the lock.
    pub fn given(mut self, ranges: BTreeMap<String, KeptRange>) -> Self {
        self.given.extend(ranges);
        self
    }

    /// The ledger to allocate over: the deployed stack's stands in for a missing lock, and must not contradict one.
    pub fn over(&self, observed: &Observed) -> Result<Reconciled, Failure> {
        let deployed = self.deployed(observed)?;
        let reconciled = ledger::reconcile(&self.written, self.found, deployed);
        let mut reconciled = reconciled.map_err(|contradictions| {
            Failure::new(format!("the lock `{}` and the deployed stack disagree", self.name()))
                .because(contradictions.join("; "))
                .hint("the stack is what exists: use the lock of the commit that was deployed, or remove it, and eksnet writes it again from the stack")
        })?;
        reconciled.ledger.kept.ranges.extend(self.given.clone());
        Ok(reconciled)
    }

    fn deployed(&self, observed: &Observed) -> Result<Deployed, Failure> {
        let Part::Read(stack) = &observed.stack else { return Ok(Deployed::Unread) };
        let Some(stack) = stack else { return Ok(Deployed::Absent) };
        let refused = |why: String| {
            Failure::new("cannot use the addresses in the stack's template").because(why)
        };
        let deployed = Stack::of(&stack.template).deployed(&self.written.name).map_err(|why| {
            refused(why.to_string())
                .hint("use the eksnet that deployed the stack, or a newer one; nothing is planned over addresses that cannot be read")
        })?;
        match deployed {
            Deployed::Ledger(own)
                if own.name != self.written.name
                    || own.region != self.written.region && !own.region.is_empty() =>
            {
                let why = format!(
                    "it is the template of `{}` in {}, the blueprint is `{}` in {}",
                    own.name, own.region, self.written.name, self.written.region
                );
                Err(refused(why)
                    .hint("compare a blueprint with its own stack, or with `--against nothing`"))
            }
            Deployed::Ledger(own) => {
                Ok(Deployed::Ledger(Ledger { removed: self.left_behind(observed), ..own }))
            }
            _ => Ok(deployed),
        }
    }

    /// Prefixes of removed tiers whose subnets CloudFormation could not delete; all that may be, where the VPC's subnets could not be read.
    fn left_behind(&self, observed: &Observed) -> Vec<Entry> {
        let removed = self.written.removed.iter().cloned();
        match &observed.network {
            Part::Unasked => Vec::new(),
            Part::Read(Some(network)) if network.knows_subnets() => {
                removed.filter(|entry| network.has_subnet(entry.cidr)).collect()
            }
            Part::Read(None) => Vec::new(),
            Part::Read(Some(_)) | Part::Unread(_) => removed.collect(),
        }
    }

    /// Whether it names prefixes that removed tiers may still have.
    pub fn has_tombstones(&self) -> bool {
        !self.written.removed.is_empty()
    }

    /// What the file says.
    pub fn ledger(&self) -> &Ledger {
        &self.written
    }

    /// The same lock, knowing what the stack added to it.
    pub fn after(self, reconciled: Reconciled) -> Self {
        Self { taken_over: reconciled.taken_over, known: reconciled.ledger.subnets, ..self }
    }

    /// What the stack has and the file does not.
    pub fn taken_over(&self) -> &[String] {
        &self.taken_over
    }

    fn name(&self) -> String {
        self.path.as_ref().map_or("-".to_string(), |path| path.display().to_string())
    }

    fn changes(&self, plan: &AddressPlan) -> bool {
        !self.found || !plan.ledger.says_the_same(&self.written)
    }

    /// How the lock stands once it was written.
    pub fn written_state(&self) -> String {
        format!("lock {}: up to date", self.name())
    }

    /// How the lock stands, in words.
    pub fn state(&self, plan: &AddressPlan) -> String {
        match (&self.path, self.found, self.changes(plan)) {
            (None, ..) => "lock none: the blueprint comes from standard input".to_string(),
            (Some(_), false, _) => {
                format!("lock {}: not written yet (`layout --write-lock`)", self.name())
            }
            (Some(_), true, true) => {
                format!("lock {}: would change (`layout --write-lock`)", self.name())
            }
            (Some(_), true, false) if self.due(plan).is_some() => {
                format!(
                    "lock {}: addresses unchanged, more to keep (`layout --write-lock`)",
                    self.name()
                )
            }
            (Some(_), true, false) => format!("lock {}: unchanged", self.name()),
        }
    }

    /// What a deployment does to the lock, in words.
    pub fn outlook(&self, plan: &AddressPlan) -> String {
        // A tier under another name keeps its subnets.
        let is = |entry: &Entry, other: &Entry| {
            other.zone == entry.zone && (other.tier == entry.tier || other.cidr == entry.cidr)
        };
        let known = |entry: &&Entry| self.known.iter().any(|other| is(entry, other));
        let (old, new): (Vec<&Entry>, Vec<&Entry>) =
            plan.ledger.subnets.iter().partition(|entry| known(entry));
        let counted = |count: usize| match count {
            1 => "1 subnet".to_string(),
            count => format!("{count} subnets"),
        };
        let subnets = if new.len() == 1 { "subnet" } else { "subnets" };
        let new = new.len();
        match (&self.path, self.changes(plan)) {
            (Some(_), true) if !self.found && !old.is_empty() => {
                let more = if 0 < new { format!(", {new} new") } else { String::new() };
                format!(
                    "{}: missing, written on deploy ({} as in the stack{more})",
                    self.name(),
                    counted(old.len())
                )
            }
            (None, _) => "none: the blueprint comes from standard input".to_string(),
            (Some(_), false) => format!("{}: unchanged", self.name()),
            (Some(_), true) if 0 < new => {
                format!("{}: {new} new {subnets}, written on deploy", self.name())
            }
            (Some(_), true) => format!("{}: changes, written on deploy", self.name()),
        }
    }

    /// For `--locked`: a failure if the lock would change.
    pub fn hold(&self, plan: &AddressPlan) -> Result<(), Failure> {
        self.decided(plan)?;
        if self.path.is_none() || !self.changes(plan) {
            return Ok(());
        }
        let failure = Failure::new(format!("the lock `{}` would change", self.name()));
        Err(match self.taken_over.first() {
            Some(what) => failure
                .because(format!("the stack has {what}, the lock does not"))
                .hint("run `eksnet layout --write-lock --from-stack` and commit the lock with the blueprint"),
            None if !self.found => Failure::new(format!("the lock `{}` is missing", self.name()))
                .hint("run `eksnet layout --write-lock`, with `--from-stack` if the stack is deployed, and commit the lock with the blueprint"),
            None => failure
                .because(news::of(&self.written, &plan.ledger))
                .hint("run `eksnet layout --write-lock` and commit the lock with the blueprint"),
        })
    }

    /// Whether every range of the VPC is known: a failure where IPAM decides one when it is first deployed.
    pub fn decided(&self, plan: &AddressPlan) -> Result<(), Failure> {
        if plan.provisional.is_empty() {
            return Ok(());
        }
        let places = plan.provisional.join(" and ");
        Err(Failure::new("the addresses of the plan stand in for those that IPAM has not allocated yet")
            .because(format!("the range of {places} is known once the VPC exists"))
            .hint("`check`, `layout` and `diff` work in the stand-in; `eksnet deploy` asks IPAM for the range first, and `--part 1` stops once the lock has it"))
    }

    /// The same file with what IPAM gave: nothing else of the plan is certain yet.
    pub fn keeping(&self, ranges: &BTreeMap<String, KeptRange>) -> Option<Due<'_>> {
        let mut ledger = self.written.clone();
        ledger.kept.ranges.extend(ranges.clone());
        self.text(&ledger)
    }

    /// Ranges that IPAM gave, by name: allocated before the VPC was made, or taken by the VPC itself.
    pub fn of_ipam(&self, observed: &Observed) -> BTreeMap<String, KeptRange> {
        let stack = self.over(observed).map(|reconciled| reconciled.ledger.kept.ranges);
        let mut ranges = self.written.kept.ranges.clone();
        ranges.extend(stack.unwrap_or_default());
        ranges.retain(|_, range| range.pool().is_some());
        ranges
    }

    /// The same file without ranges that went back, and without what was planned in them.
    pub fn without(&self, names: &BTreeSet<String>) -> Option<Due<'_>> {
        self.text(&self.written.without_ranges(names)).filter(|_| self.found)
    }

    /// As it will be read once [`Lock::without`] was written.
    pub fn forgetting(self, names: &BTreeSet<String>) -> Self {
        Self { written: self.written.without_ranges(names), ..self }
    }

    /// Counts up whenever prefixes or ranges are given out or taken back.
    pub fn generation(&self) -> u32 {
        self.written.generation
    }

    /// The file and its text, if it has to be written: what the plan gave out, or the words of this eksnet in place of an earlier one's.
    pub fn due(&self, plan: &AddressPlan) -> Option<Due<'_>> {
        if !plan.provisional.is_empty() {
            return None;
        }
        let changes = self.changes(plan) || self.outdated || plan.ledger.kept != self.written.kept;
        changes.then(|| self.text(&plan.ledger)).flatten()
    }

    /// The same after a deployment: the prefix of a removed tier may be given out again, unless its subnet still exists. CloudFormation
    /// calls an update complete even where it could not delete what was taken out.
    pub fn settled(&self, plan: &AddressPlan, exists: impl Fn(Ipv4Net) -> bool) -> Option<Due<'_>> {
        self.text(&plan.ledger.settled_but(exists))
    }

    fn text(&self, ledger: &Ledger) -> Option<Due<'_>> {
        let path = self.path.as_deref()?;
        let text = ledger.to_text();
        let there = std::fs::read_to_string(path).is_ok_and(|there| there == text);
        (!there).then_some(Due { path, text, subnets: ledger.subnets.len() })
    }
}

/// Beside the blueprint; where that is a link and has none, beside what it leads to.
fn path_beside(file: &Path) -> PathBuf {
    let own = file.with_extension("lock.yaml");
    let linked = file.is_symlink() && own.symlink_metadata().is_err();
    let target = linked.then(|| std::fs::canonicalize(file).ok()).flatten();
    target.map_or(own, |target| target.with_extension("lock.yaml"))
}

/// A lock that is to be written.
pub struct Due<'l> {
    pub path: &'l Path,
    pub text: String,
    pub subnets: usize,
}
