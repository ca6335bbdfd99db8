//! A fleet with all its members judged, placed and held against each other.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::diagnostic::{Diagnostic, Failure, any_error};
use crate::intent::Giver;
use crate::intent::ranges::PRIMARY;
use crate::ledger::KeptRange;
use crate::line::Stopped;
use crate::observed::Observed;
use crate::opened::{self, Asked, Line};
use crate::rules::{FLT_11, FLT_12, FLT_15};
use crate::source::Source;

use super::cores;
use super::export::Job;
use super::judged::{self, Judged};
use super::layout::{self, FleetPlan, Pooled, Seeker};
use super::ledger::{self, FleetLedger};
use super::member::Member;
use super::online::{self, Place};
use super::relate::relate;
use super::roster::{self, File, Roster};
use super::stack_sets::{self, StackSet};

/// What every command of a fleet starts from: its file, its lock and its members.
pub struct Whole {
    pub roster: Roster,
    /// In the order of the roster; `None`: the file could not be read.
    pub members: Vec<Option<Judged>>,
    pub plan: FleetPlan,
    /// As it was read, without what is released.
    pub ledger: FleetLedger,
    pub lock: PathBuf,
    /// The lock's text, and what is wrong with it.
    lock_findings: Option<(Source, Vec<Diagnostic>)>,
    /// Names whose ranges were to be released, and that left none behind.
    pub unreleasable: Vec<String>,
    /// Files that could not be read.
    pub unread: Vec<Failure>,
    /// Members whose own lock does not say what they are given: position in the roster, range, and whether the fleet's lock has it.
    unwritten: Vec<(usize, KeptRange, bool)>,
    /// Of the roster, by the position of the seeker.
    positions: Vec<usize>,
    asked: Asked,
}

/// Reads, judges and relates the whole fleet.
pub fn open(
    path: &str,
    asked: &Asked,
    (released, today): (&[String], &str),
) -> Result<Whole, Failure> {
    let roster = roster::open(path)?;
    let file = roster.findings.as_ref().map_or(roster::FILE, |(source, _)| source.name.as_str());
    let file = PathBuf::from(file);
    let lock = roster.folder.join(file.file_name().unwrap_or_default()).with_extension("lock.yaml");
    let read = ledger::read(&lock)?;
    let (ledger, lock_findings) = match read {
        Some(read) => (read.ledger, Some((read.source, read.findings))),
        None => (FleetLedger::default(), None),
    };
    let mut unread = Vec::new();
    let mut members = Vec::new();
    for judged in cores::on_all(&roster.members, |file| {
        judged::of(opened::open(&file.shown, asked), Observed::default())
    }) {
        members.push(match judged {
            Ok(judged) => Some(judged),
            Err(failure) => {
                unread.push(failure);
                None
            }
        });
    }
    let (positions, seekers) = seekers(&roster.members, &members);
    // Who is gone need not be written down as gone before its range is released.
    let ledger = layout::bury(&seekers, ledger, released, today);
    let unreleasable = ledger.unreleasable(released).into_iter().cloned().collect();
    let ledger = ledger.released(released);
    let plan = layout::plan(&seekers, &roster.ground, &ledger, today);
    let plan = FleetPlan { pooled: pooled(&roster.members, &members), ..plan };
    let mut whole = Whole {
        roster,
        members,
        plan,
        ledger,
        lock,
        lock_findings,
        unreleasable,
        unread,
        unwritten: Vec::new(),
        positions,
        asked: asked.clone(),
    };
    whole.give();
    whole.relate();
    Ok(whole)
}

fn seekers(files: &[File], members: &[Option<Judged>]) -> (Vec<usize>, Vec<Seeker>) {
    let known = members.iter().enumerate();
    let known = known.filter_map(|(at, judged)| Some((at, judged.as_ref()?.member.as_ref()?)));
    let seeker = |(at, member): (usize, &Member)| {
        let spot = member.range_spot.clone();
        let seeker = Seeker {
            name: member.name.clone(),
            region: member.region.clone(),
            file: files[at].key.clone(),
            cidr: member.primary().map(|range| range.cidr),
            class: member.class.clone(),
            spot,
        };
        // A range of IPAM is IPAM's to keep apart, as long as it is not known.
        (member.class.is_some() || member.primary().is_some()).then_some((at, seeker))
    };
    known.filter_map(seeker).unzip()
}

fn pooled(files: &[File], members: &[Option<Judged>]) -> Vec<Pooled> {
    let one = |(file, judged): (&File, &Option<Judged>)| {
        let member = judged.as_ref()?.member.as_ref()?;
        let (name, region) = (member.name.clone(), member.region.clone());
        Some(Pooled { name, region, file: file.key.clone(), pool: member.pool.clone()? })
    };
    files.iter().zip(members).filter_map(one).collect()
}

impl Whole {
    /// Members of a class are judged once more, over the range that they are given.
    fn give(&mut self) {
        self.unwritten = self.given().collect();
        let given: Vec<(usize, KeptRange)> =
            self.unwritten.iter().map(|(at, range, _)| (*at, range.clone())).collect();
        let (files, asked) = (&self.roster.members, &self.asked);
        let judge = |(at, range): &(usize, KeptRange)| {
            let opened = opened::open(&files[*at].shown, asked);
            judged::of(opened.map(|opened| opened.given(primary(range))), Observed::default())
        };
        for ((at, _), judged) in given.iter().zip(cores::on_all(&given, judge)) {
            if let Ok(judged) = judged {
                self.members[*at] = Some(judged);
            }
        }
    }

    /// (position in the roster, range) of every member of a class that does not have its range yet.
    fn given(&self) -> impl Iterator<Item = (usize, KeptRange, bool)> {
        let placed = self.positions.iter().zip(&self.plan.members);
        placed.filter_map(|(at, placed)| {
            let line = &placed.as_ref()?.line;
            let class = line.class.clone()?;
            let member = self.members[*at].as_ref()?.member.as_ref()?;
            let range =
                KeptRange { cidr: line.cidr, from: Giver::Class(class).word(), allocation: None };
            let new = placed.as_ref().is_some_and(|placed| placed.new);
            member.ranges.iter().all(|own| own.cidr != line.cidr).then_some((*at, range, !new))
        })
    }

    /// Members that could be read, and their positions in the roster.
    fn known(&self) -> (Vec<usize>, Vec<Member>) {
        let all = self.members.iter().enumerate();
        all.filter_map(|(at, judged)| Some((at, judged.as_ref()?.member.clone()?))).unzip()
    }

    /// How strictly findings are taken.
    pub fn asked(&self) -> &Asked {
        &self.asked
    }

    /// Where the members are deployed.
    pub fn places(&self) -> Vec<Place> {
        online::places(&self.known().1, &self.roster.ground)
    }

    /// Adds what is wrong by what the accounts have.
    pub fn hold_against(&mut self, asked: &[online::Asked]) {
        let (known, members) = self.known();
        let related = online::judge(&members, &self.roster.ground, asked);
        for (at, findings) in known.into_iter().zip(related.members) {
            if let Some(judged) = &mut self.members[at] {
                judged.add(self.asked.profiles.strict, findings);
            }
        }
        if let Some((_, findings)) = &mut self.roster.findings {
            findings.extend(related.fleet);
        }
    }

    fn relate(&mut self) {
        let (known, members) = self.known();
        let related = relate(&members, &self.roster.ground);
        let placed = self.positions.iter().copied().zip(std::mem::take(&mut self.plan.findings));
        for (at, findings) in known.into_iter().zip(related.members).chain(placed) {
            let Some(judged) = &mut self.members[at] else { continue };
            // The fleet knows better why there is no range.
            if findings.iter().any(|finding| finding.rule == &FLT_12) {
                judged.findings.retain(|finding| finding.rule != &FLT_15);
            }
            judged.add(self.asked.profiles.strict, findings);
        }
        // Who could not be read may be who is named.
        let mut named = related.fleet;
        if members.len() < self.members.len() {
            named.retain(|finding| finding.rule != &FLT_11);
        }
        let more = [named, std::mem::take(&mut self.plan.fleet)].concat();
        if let Some((_, findings)) = &mut self.roster.findings {
            findings.extend(more);
        }
        if let Some((_, findings)) = &mut self.lock_findings {
            findings.extend(std::mem::take(&mut self.plan.lock));
        }
    }

    /// Rule FLT-15, for who works on members alone: the fleet's lock has a range, the member's own does not. How many members are given
    /// one by this run.
    pub fn hold_own_locks(&mut self) -> usize {
        for (at, range, known) in std::mem::take(&mut self.unwritten) {
            let Some(judged) = self.members[at].as_mut().filter(|_| known) else { continue };
            let Some(member) = &judged.member else { continue };
            let message = format!(
                "the fleet's lock has `{}` for `{}`, and the member's own lock does not",
                range.cidr, member.name
            );
            let finding = member.range_spot.breaks(&FLT_15, message);
            let hint = "run `eksnet fleet layout --write-lock`, and commit the locks";
            judged.add(self.asked.profiles.strict, vec![finding.hint(hint)]);
        }
        self.plan.members.iter().flatten().filter(|placed| placed.new).count()
    }

    /// Everything that was found: the fleet's file and lock first.
    pub fn judged(self) -> (Vec<Judged>, Vec<Failure>) {
        let own = [self.roster.findings, self.lock_findings].into_iter().flatten();
        let own = own.map(|(source, findings)| {
            let mut judged = Judged { is_blueprint: false, ..Judged::of(source, Vec::new(), None) };
            judged.add(self.asked.profiles.strict, findings);
            judged
        });
        (own.chain(self.members.into_iter().flatten()).collect(), self.unread)
    }

    /// The position of a wave; what to say of a name that none has.
    pub fn wave(&self, name: Option<&str>) -> Result<Option<usize>, String> {
        let Some(name) = name else { return Ok(None) };
        let waves = &self.roster.ground.waves;
        let found = waves.iter().position(|wave| wave.name == name);
        let known: Vec<&str> = waves.iter().map(|wave| wave.name.as_str()).collect();
        let known = if known.is_empty() { "none".to_string() } else { known.join(", ") };
        let unknown = || format!("there is no wave `{name}` in the fleet (known: {known})");
        found.map(Some).ok_or_else(unknown)
    }

    /// Members of a wave, or all, as jobs.
    pub fn jobs(&self, wave: Option<usize>) -> Vec<Job> {
        let ground = &self.roster.ground;
        let members = self.members.iter().flatten().filter_map(|judged| judged.member.as_ref());
        let own = members.filter(|member| wave.is_none() || ground.wave(&member.name) == wave);
        own.map(|member| Job::of(&member.name, &member.region, &member.file, ground)).collect()
    }

    /// Members of a wave, or all, as StackSets.
    pub fn stack_sets(&self, wave: Option<usize>) -> Result<Vec<StackSet>, Stopped> {
        let ground = &self.roster.ground;
        let lines = self.each(|_, file, compile| {
            let line = compile()?;
            let (name, region) = (&line.intent.name, line.intent.region.name);
            let job = Job::of(name, region, &file.shown, ground);
            let own = wave.is_none() || ground.wave(name) == wave;
            Ok(own.then_some((job, line.compiled.template)))
        });
        let lines: Result<Vec<_>, Stopped> = lines.into_iter().collect();
        let lines: Vec<_> = lines?.into_iter().flatten().collect();
        if let Some((job, _)) = lines.iter().find(|(job, _)| job.account.is_none()) {
            let failure = Failure::new(format!("`{}` has no account", job.name));
            return Err(Stopped::Failure(
                failure
                    .because("a StackSet is deployed to accounts")
                    .hint("name it under `accounts` in fleet.yaml"),
            ));
        }
        let members: Vec<_> = lines.iter().map(|(job, template)| (job.clone(), template)).collect();
        Ok(stack_sets::of(&members))
    }

    /// The wave of a member that could be read.
    pub fn wave_of(&self, at: usize) -> Option<usize> {
        let member = self.members[at].as_ref()?.member.as_ref()?;
        self.roster.ground.wave(&member.name)
    }

    /// Whether what the fleet's own file says can be followed.
    pub fn is_usable(&self) -> bool {
        self.roster.findings.as_ref().is_none_or(|(_, findings)| !any_error(findings))
    }

    /// Whether a member could be read as one.
    pub fn is_readable(&self, at: usize) -> bool {
        self.members[at].as_ref().is_some_and(|judged| judged.member.is_some())
    }

    /// The first error that a member has by itself, in one line.
    pub fn error_of(&self, at: usize) -> Option<String> {
        let judged = self.members[at].as_ref()?;
        let first = judged.findings.iter().find(|finding| finding.is_error())?;
        let line = judged.source.line(first.at.clone().unwrap_or(0..0).start);
        Some(format!("line {line}: {} ({})", first.message, first.rule))
    }

    /// Whether the fleet itself, its lock, or what its members are to each other is wrong. What a member has by itself stops no other.
    pub fn is_broken_between(&self) -> bool {
        let own = [&self.roster.findings, &self.lock_findings].into_iter().flatten();
        let between = |finding: &Diagnostic| {
            finding.is_error()
                && finding.rule.id.starts_with("FLT-")
                && ![&FLT_12, &FLT_15].contains(&finding.rule)
        };
        let members = self.members.iter().flatten();
        own.into_iter().any(|(_, findings)| any_error(findings))
            || members.into_iter().any(|judged| judged.findings.iter().any(between))
    }

    /// Whether anything stops the fleet.
    pub fn is_broken(&self) -> bool {
        let own = [&self.roster.findings, &self.lock_findings].into_iter().flatten();
        !self.unread.is_empty()
            || own.into_iter().any(|(_, findings)| any_error(findings))
            || self.members.iter().flatten().any(|judged| any_error(&judged.findings))
    }

    /// What `work` makes of each member, in the order of the roster: its position, its file, and how to compile it over the range that it
    /// is given. No more members are compiled at once than there are cores.
    pub fn each<R: Send>(
        &self,
        work: impl Fn(usize, &File, &dyn Fn() -> Result<Line, Stopped>) -> R + Sync,
    ) -> Vec<R> {
        let mut ranges: Vec<Option<KeptRange>> = vec![None; self.members.len()];
        for (at, placed) in self.positions.iter().zip(&self.plan.members) {
            ranges[*at] = placed.as_ref().and_then(|placed| {
                let from = Giver::Class(placed.line.class.clone()?).word();
                Some(KeptRange { cidr: placed.line.cidr, from, allocation: None })
            });
        }
        let rows: Vec<_> = self.roster.members.iter().zip(ranges).enumerate().collect();
        cores::on_all(&rows, |(at, (file, range))| {
            let compile = || {
                let opened = opened::open(&file.shown, &self.asked)?;
                let opened = match range {
                    Some(range) => opened.given(primary(range)),
                    None => opened,
                };
                opened.compile(Observed::default())
            };
            work(*at, file, &compile)
        })
    }
}

/// As the lock names it.
fn primary(range: &KeptRange) -> BTreeMap<String, KeptRange> {
    BTreeMap::from([(PRIMARY.to_string(), range.clone())])
}
