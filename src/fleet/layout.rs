//! The fleet's address plan: what every member has, what members of a class are given, and what is left. The same allocator as for the
//! subnets of a VPC, with a supernet for its range and a member for its subnet; what was given out never moves.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;

use crate::address::pool::{Block, Pool};
use crate::diagnostic::Diagnostic;
use crate::facts::vpc;
use crate::rules::{FLT_07, FLT_10, FLT_12};

use super::ground::{Ground, Supernet};
use super::ledger::{FleetLedger, Line};
use super::member::Spot;
use super::sweep::clashes;

/// Per cent of a supernet from which it is called full (rule FLT-07).
const FULL: u64 = 80;

/// A member that wants its place.
#[derive(Clone, Debug)]
pub struct Seeker {
    pub name: String,
    pub region: String,
    /// Relative to the fleet's folder.
    pub file: String,
    /// The primary range that it writes, or that its own lock has.
    pub cidr: Option<Ipv4Net>,
    pub class: Option<String>,
    /// Where its range is written or asked for.
    pub spot: Spot,
}

/// A member in its place.
#[derive(Clone, Debug)]
pub struct Placed {
    pub line: Line,
    /// Given out by this plan.
    pub new: bool,
}

/// A member whose range IPAM gives with its first deployment.
#[derive(Clone, Debug)]
pub struct Pooled {
    pub name: String,
    pub region: String,
    /// Relative to the fleet's folder.
    pub file: String,
    /// Pool and size, such as `ipam-pool-0123/16`.
    pub pool: String,
}

/// What a supernet holds.
#[derive(Clone, Debug)]
pub struct SupernetMap {
    pub cidr: Ipv4Net,
    pub regions: Vec<String>,
    /// Ranges of members, in address order, with who has them.
    pub used: Vec<(Ipv4Net, String)>,
    /// Ranges that members left behind.
    pub removed: Vec<(Ipv4Net, String)>,
    /// Reserved ranges that touch it.
    pub reserved: Vec<Ipv4Net>,
    /// In address order, the largest aligned blocks.
    pub free: Vec<Ipv4Net>,
    /// (class, its prefix length, how many more of it fit).
    pub room: Vec<(String, u8, u64)>,
    /// Addresses that are not free, per cent.
    pub filled: u64,
}

/// The whole plan.
#[derive(Clone, Debug, Default)]
pub struct FleetPlan {
    /// In the order of the seekers; `None`: nothing could be given.
    pub members: Vec<Option<Placed>>,
    /// Members that have no place in it yet.
    pub pooled: Vec<Pooled>,
    pub supernets: Vec<SupernetMap>,
    /// Once the plan is accepted.
    pub ledger: FleetLedger,
    /// Of each seeker.
    pub findings: Vec<Vec<Diagnostic>>,
    /// Of the fleet's file.
    pub fleet: Vec<Diagnostic>,
    /// Of the fleet's lock.
    pub lock: Vec<Diagnostic>,
}

/// Gives every member its range. `today` is the day that new lines are given out on.
pub fn plan(seekers: &[Seeker], ground: &Ground, ledger: &FleetLedger, today: &str) -> FleetPlan {
    let mut draft = Draft::new(seekers, ground, ledger);
    draft.settle();
    draft.withhold();
    draft.give(today);
    draft.plan(today)
}

/// The lock with tombstones for those of some members that are gone since it was written.
pub fn bury(seekers: &[Seeker], ledger: FleetLedger, names: &[String], today: &str) -> FleetLedger {
    let own = own_lines(seekers, &ledger);
    let is_gone = |line: &Line| {
        names.contains(&line.name) && !own.iter().flatten().any(|own| std::ptr::eq(*own, line))
    };
    let (gone, lines): (Vec<&Line>, Vec<&Line>) = ledger.lines.iter().partition(|one| is_gone(one));
    let gone = gone.into_iter().map(|line| Line { gone: Some(today.to_string()), ..line.clone() });
    FleetLedger {
        lines: lines.into_iter().cloned().collect(),
        removed: ledger.removed.iter().cloned().chain(gone).collect(),
    }
}

/// A supernet's free blocks. 10.0.0.0/15 is apart: VPCs there cannot have all secondary ranges, so it comes last (rule FLT-08).
struct Room {
    high: Pool,
    low: Pool,
}

impl Room {
    fn of(supernet: &Supernet) -> Self {
        let whole = Pool::new(Block::v4(supernet.cidr));
        let (mut high, mut low) = (whole.clone(), whole);
        high.withhold(Block::v4(vpc::net(vpc::LOW_TEN.0)));
        let rest: Vec<Block> = high.free().collect();
        rest.into_iter().for_each(|block| low.withhold(block));
        let mut room = Self { high, low };
        let unfit = vpc::UNUSABLE.iter().chain([&vpc::FUTURE, &vpc::DOCKER]);
        unfit.for_each(|range| room.withhold(vpc::net(range)));
        room
    }

    fn withhold(&mut self, cidr: Ipv4Net) {
        self.high.withhold(Block::v4(cidr));
        self.low.withhold(Block::v4(cidr));
    }

    fn take(&mut self, len: u8) -> Option<Ipv4Net> {
        let bits = 32 - len;
        self.high.take(bits).or_else(|| self.low.take(bits)).map(Block::to_v4)
    }

    fn free(&self) -> Vec<Ipv4Net> {
        let mut free: Vec<Ipv4Net> =
            self.high.free().chain(self.low.free()).map(Block::to_v4).collect();
        free.sort();
        free
    }
}

struct Draft<'f> {
    seekers: &'f [Seeker],
    ground: &'f Ground,
    ledger: &'f FleetLedger,
    rooms: Vec<Room>,
    /// The line of the lock that is each seeker's.
    lines: Vec<Option<&'f Line>>,
    /// What each seeker has, or is given.
    given: Vec<Option<Ipv4Net>>,
    new: BTreeSet<usize>,
    findings: Vec<Vec<Diagnostic>>,
    /// Of each seeker: from when on it has its range.
    since: BTreeMap<usize, String>,
}

impl<'f> Draft<'f> {
    fn new(seekers: &'f [Seeker], ground: &'f Ground, ledger: &'f FleetLedger) -> Self {
        Self {
            seekers,
            ground,
            ledger,
            rooms: ground.supernets.iter().map(Room::of).collect(),
            lines: own_lines(seekers, ledger),
            given: vec![None; seekers.len()],
            new: BTreeSet::new(),
            findings: vec![Vec::new(); seekers.len()],
            since: BTreeMap::new(),
        }
    }

    /// Who has a range keeps it: as the lock says, else as the member itself does.
    fn settle(&mut self) {
        for (at, seeker) in self.seekers.iter().enumerate() {
            let line = self.lines[at];
            self.findings[at].extend(line.and_then(|line| disagreement(seeker, line, self.ground)));
            self.given[at] = match (line, seeker.class.is_some()) {
                (Some(line), true) => Some(line.cidr),
                _ => seeker.cidr.or(line.map(|line| line.cidr)),
            };
            if line.is_none()
                && let Some(cidr) = self.given[at]
                && let Some(other) = self.left_behind(seeker, cidr)
            {
                self.findings[at].push(on_tombstone(seeker, cidr, other));
            }
        }
    }

    fn left_behind(&self, seeker: &Seeker, cidr: Ipv4Net) -> Option<&'f Line> {
        let others = self.ledger.removed.iter().filter(|line| line.region == seeker.region);
        others.into_iter().find(|line| vpc::overlap(line.cidr, cidr))
    }

    fn withhold(&mut self) {
        let own = self.seekers.iter().zip(&self.given);
        let own = own.filter_map(|(seeker, given)| Some((seeker.region.as_str(), (*given)?)));
        let lines = self.ledger.lines.iter().chain(&self.ledger.removed);
        let lines = lines.map(|line| (line.region.as_str(), line.cidr));
        let reserved = self.ground.reserved.iter().map(|one| one.cidr);
        let shared = self.ground.shared.iter().copied();
        for (supernet, room) in self.ground.supernets.iter().zip(&mut self.rooms) {
            let held =
                own.clone().chain(lines.clone()).filter(|(region, _)| supernet.is_in(region));
            let held = held.map(|(_, cidr)| cidr).chain(reserved.clone()).chain(shared.clone());
            held.filter(|cidr| vpc::overlap(supernet.cidr, *cidr))
                .for_each(|cidr| room.withhold(cidr));
        }
    }

    /// Largest first, then by name: the order of files has no say.
    fn give(&mut self, today: &str) {
        let mut order: Vec<(u8, &str, &str, usize)> = Vec::new();
        for (at, seeker) in self.seekers.iter().enumerate() {
            let Some(class) = &seeker.class else { continue };
            let Some(len) = self.ground.class(&seeker.region, class) else { continue };
            if self.given[at].is_none() {
                order.push((len, &seeker.name, &seeker.region, at));
            }
        }
        order.sort_unstable();
        for (_, _, _, at) in order {
            let seeker = &self.seekers[at];
            let class = seeker.class.as_deref().unwrap_or_default();
            let supernets = self.ground.supernets.iter().zip(&mut self.rooms);
            let own = supernets.filter(|(supernet, _)| supernet.is_in(&seeker.region));
            let cidr =
                own.filter_map(|(supernet, room)| room.take(*supernet.classes.get(class)?)).next();
            match cidr {
                Some(_) => {
                    self.given[at] = cidr;
                    self.new.insert(at);
                    self.since.insert(at, today.to_string());
                }
                None => {
                    let message =
                        format!("no supernet of {} has room for another `{class}`", seeker.region);
                    let finding = seeker.spot.breaks(&FLT_12, message);
                    let hint = self.more_room(&seeker.region);
                    self.findings[at].push(finding.hint(hint));
                }
            }
        }
    }

    /// How a Region gets room: by what members left behind that are gone, if there is any.
    fn more_room(&self, region: &str) -> String {
        let owned = |line: &&Line| self.lines.iter().flatten().any(|own| std::ptr::eq(*own, *line));
        let all = self.ledger.lines.iter().chain(&self.ledger.removed);
        let gone = all.filter(|line| line.region == region && !owned(line));
        let names: BTreeSet<&str> = gone.map(|line| line.name.as_str()).collect();
        match names.first() {
            None => "add a supernet".to_string(),
            Some(name) => format!(
                "add a supernet; or, once the VPC of the former member `{name}` is deleted, run `eksnet fleet layout --release {name} --write-lock`"
            ),
        }
    }

    fn plan(self, today: &str) -> FleetPlan {
        let members: Vec<Option<Placed>> =
            (0..self.seekers.len()).map(|at| self.placed(at, self.given[at]?, today)).collect();
        let supernets: Vec<SupernetMap> =
            (0..self.rooms.len()).map(|at| self.map(at, &members)).collect();
        let fleet = supernets.iter().zip(&self.ground.supernets);
        let fleet = fleet.filter_map(|(map, supernet)| full(map, supernet)).collect();
        FleetPlan {
            ledger: self.next(&members, today),
            lock: [again(self.ledger), twice(self.ledger, self.ground)].concat(),
            members,
            pooled: Vec::new(),
            supernets,
            findings: self.findings,
            fleet,
        }
    }

    fn placed(&self, at: usize, cidr: Ipv4Net, today: &str) -> Option<Placed> {
        let seeker = &self.seekers[at];
        let line = self.lines[at];
        Some(Placed {
            line: Line {
                name: seeker.name.clone(),
                region: seeker.region.clone(),
                cidr,
                class: seeker.class.clone(),
                file: seeker.file.clone(),
                since: line.map_or_else(|| today.to_string(), |line| line.since.clone()),
                gone: None,
                spot: line.and_then(|line| line.spot.clone()),
            },
            new: self.new.contains(&at),
        })
    }

    /// What is there gets a line; what was and is not any more, a tombstone. A line that its member contradicts stays as it is.
    fn next(&self, members: &[Option<Placed>], today: &str) -> FleetLedger {
        let lines = members.iter().enumerate().filter_map(|(at, placed)| {
            let line = &placed.as_ref()?.line;
            let written = self.lines[at].filter(|old| old.cidr != line.cidr);
            Some(written.cloned().unwrap_or_else(|| line.clone()))
        });
        let lines: Vec<Line> = lines.collect();
        let owned =
            |line: &&Line| !self.lines.iter().flatten().any(|own| std::ptr::eq(*own, *line));
        let gone = self
            .ledger
            .lines
            .iter()
            .filter(owned)
            .map(|line| Line { gone: Some(today.to_string()), ..line.clone() });
        let removed = self.ledger.removed.iter().filter(owned).cloned().chain(gone).collect();
        FleetLedger { lines, removed }
    }

    fn map(&self, at: usize, members: &[Option<Placed>]) -> SupernetMap {
        let supernet = &self.ground.supernets[at];
        let inside =
            |line: &&Line| supernet.is_in(&line.region) && vpc::overlap(supernet.cidr, line.cidr);
        let held = |line: &Line| (line.cidr, line.name.clone());
        let lines = members.iter().flatten().map(|placed| &placed.line);
        let mut used: Vec<_> = lines.filter(inside).map(held).collect();
        used.sort();
        let mut removed: Vec<_> = self.ledger.removed.iter().filter(inside).map(held).collect();
        removed.sort();
        let reserved = self.ground.reserved.iter().map(|one| one.cidr);
        let reserved = reserved.filter(|cidr| vpc::overlap(supernet.cidr, *cidr)).collect();
        let free = self.rooms[at].free();
        let open: u64 = free.iter().map(|block| 1u64 << (32 - block.prefix_len())).sum();
        let all = 1u64 << (32 - supernet.cidr.prefix_len());
        let room = supernet.classes.iter().map(|(name, len)| {
            let blocks = free.iter().filter(|block| block.prefix_len() <= *len);
            (name.clone(), *len, blocks.map(|block| 1u64 << (len - block.prefix_len())).sum())
        });
        SupernetMap {
            cidr: supernet.cidr,
            regions: supernet.regions.clone(),
            used,
            removed,
            reserved,
            room: room.collect(),
            filled: (all - open) * 100 / all,
            free,
        }
    }
}

/// The line of each seeker: by name and Region; what is left over by file and Region, so that a member that is renamed keeps its range;
/// and a member that comes back finds its own again.
fn own_lines<'f>(seekers: &[Seeker], ledger: &'f FleetLedger) -> Vec<Option<&'f Line>> {
    let mut own: Vec<Option<&Line>> = vec![None; seekers.len()];
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    let all: Vec<&Line> = ledger.lines.iter().chain(&ledger.removed).collect();
    type Key<'k> = (&'k str, &'k str);
    type Keys = (fn(&Line) -> Key<'_>, fn(&Seeker) -> Key<'_>);
    let by_name: Keys =
        (|line| (&line.name, &line.region), |seeker| (&seeker.name, &seeker.region));
    let by_file: Keys =
        (|line| (&line.file, &line.region), |seeker| (&seeker.file, &seeker.region));
    for (of_line, of_seeker) in [by_name, by_file] {
        let mut index: BTreeMap<Key<'_>, Vec<usize>> = BTreeMap::new();
        for (at, line) in all.iter().enumerate().rev() {
            index.entry(of_line(line)).or_default().push(at);
        }
        for (at, seeker) in seekers.iter().enumerate() {
            let Some(found) = index.get_mut(&of_seeker(seeker)) else { continue };
            while own[at].is_none()
                && let Some(line) = found.pop()
            {
                if taken.insert(line) {
                    own[at] = Some(all[line]);
                }
            }
        }
    }
    own
}

/// Rule FLT-10: the member says another range, or another size, than it was given.
fn disagreement(seeker: &Seeker, line: &Line, ground: &Ground) -> Option<Diagnostic> {
    let (message, hint) = match (&seeker.class, seeker.cidr) {
        (_, Some(own)) if own != line.cidr => (
            format!("`{}` has `{own}`, the fleet's lock has `{}`", seeker.name, line.cidr),
            format!(
                "keep `{}`, which the VPC has; if it was never deployed, remove the member's line from the lock and run `eksnet fleet layout --write-lock`",
                line.cidr
            ),
        ),
        (Some(class), _) => {
            let len = ground.class_of(&seeker.region, class, line.cidr)?;
            if len == line.cidr.prefix_len() {
                return None;
            }
            (
                format!("`{class}` is /{len}, and `{}` was allocated `{}`", seeker.name, line.cidr),
                "a VPC keeps its range: leave the class as it was, and add `secondaryCidrs` for more room".to_string(),
            )
        }
        _ => return None,
    };
    let finding = seeker.spot.breaks(&FLT_10, message);
    let place = line.spot.iter().map(|spot| spot.line.clone());
    let finding = place.fold(finding, |finding, place| {
        finding.also_in(place, format!("`{}` was allocated here", line.cidr))
    });
    Some(finding.hint(hint))
}

fn on_tombstone(seeker: &Seeker, cidr: Ipv4Net, other: &Line) -> Diagnostic {
    let message = format!(
        "`{cidr}` overlaps `{}` of `{}`, a former member: its VPC may still exist",
        other.cidr, other.name
    );
    let finding = seeker.spot.breaks(&FLT_10, message);
    let place = other.spot.iter().map(|spot| spot.line.clone());
    let finding = place.fold(finding, |finding, place| finding.also_in(place, "left behind here"));
    finding.hint(format!(
        "once the VPC is deleted, run `eksnet fleet layout --release {} --write-lock`",
        other.name
    ))
}

/// Rule FLT-10: two lines of one member, as a merge leaves them.
fn again(ledger: &FleetLedger) -> Vec<Diagnostic> {
    let mut first: BTreeMap<(&str, &str), &Line> = BTreeMap::new();
    let mut found = Vec::new();
    for line in &ledger.lines {
        let Some(before) = first.insert((&line.name, &line.region), line) else { continue };
        let message =
            format!("`{}` in {} has `{}` and `{}`", line.name, line.region, before.cidr, line.cidr);
        found.extend(line.spot.as_ref().map(|spot| {
            let finding = spot.breaks(&FLT_10, message);
            let other = before.spot.iter().map(|spot| spot.at.clone());
            let finding = other.fold(finding, |finding, at| {
                finding.also_at(at, format!("`{}` is here", before.cidr))
            });
            finding.hint(
                "keep the line that the member's own lock and its VPC have, and remove the other",
            )
        }));
    }
    found
}

/// Rule FLT-10: what two people gave out at the same time.
fn twice(ledger: &FleetLedger, ground: &Ground) -> Vec<Diagnostic> {
    let lines: Vec<&Line> = ledger.lines.iter().chain(&ledger.removed).collect();
    let held: Vec<_> = lines.iter().enumerate().map(|(at, line)| (line.cidr, at)).collect();
    let one_supernet = |one: &Line, other: &Line| {
        ground.supernets.iter().any(|supernet| {
            let holds =
                |line: &Line| supernet.is_in(&line.region) && supernet.cidr.contains(&line.cidr);
            holds(one) && holds(other)
        })
    };
    let clash = |(one, other): (usize, usize)| {
        let (one, other) = (lines[one.min(other)], lines[one.max(other)]);
        let given = one.class.is_some() || other.class.is_some();
        let spot = other.spot.as_ref().filter(|_| given && one_supernet(one, other))?;
        let message = format!(
            "`{}` of `{}` overlaps `{}` of `{}`: they were allocated at the same time",
            other.cidr, other.name, one.cidr, one.name
        );
        let finding = spot.breaks(&FLT_10, message);
        let first = one.spot.iter().map(|spot| spot.at.clone());
        let finding = first
            .fold(finding, |finding, at| finding.also_at(at, format!("`{}` is here", one.cidr)));
        Some(finding.hint("remove the line of the member that is not deployed, here and in its own lock, and run `eksnet fleet layout --write-lock`"))
    };
    clashes(&held).into_iter().filter_map(clash).collect()
}

/// Rule FLT-07.
fn full(map: &SupernetMap, supernet: &Supernet) -> Option<Diagnostic> {
    let message = format!("`{}` is {} % full", map.cidr, map.filled);
    let room: Vec<String> =
        map.room.iter().map(|(class, _, count)| format!("{count} more `{class}`")).collect();
    let left =
        if room.is_empty() { String::new() } else { format!("; room for {}", room.join(", ")) };
    (FULL < map.filled).then(|| {
        supernet.spot.breaks(&FLT_07, message).hint(format!("plan another supernet{left}"))
    })
}
