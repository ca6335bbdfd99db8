//! What the doctor found: roots in full, what follows from them in a line.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::blueprint;
use crate::doctor::blocks::{largest_reservation, nodes_that_fit};
use crate::doctor::{self, Check, Diagnosis, Found, Proof, SCHEMA_VERSION, Sick, Symptom};
use crate::observed::survey::Survey;
use crate::survey::{Block, free_addresses, items, prefix_map};

use super::escape::{code, markdown as escaped, plain};
use super::style::{bold, dim, green, red, yellow};
use super::view::{View as Screen, width};
use super::{counted, thousands};

/// Causes of one check that are printed in full.
const SHOWN: usize = 3;
/// Letters of a bar, on a screen that has room for it.
const BAR: u64 = 32;
/// Where what a line is about ends.
const INDENT: usize = 14;

/// What is written.
pub struct View<'d> {
    /// What was found.
    pub diagnosis: &'d Diagnosis,
    /// In what was read.
    pub survey: &'d Survey,
    /// Of the blueprint, where there is one.
    pub lines: Option<&'d Lines>,
    /// The file that the survey was read from, as a shell takes it, where it was not made just now.
    pub file: Option<&'d str>,
}

/// Where a blueprint decides what checks judge.
pub struct Lines {
    /// Its file.
    pub file: String,
    /// Place and line, by check.
    pub at: BTreeMap<&'static str, (&'static str, usize)>,
}

impl Lines {
    pub fn of(document: &blueprint::Document, file: &str) -> Self {
        let at = doctor::checks().filter_map(|check| {
            let path = doctor::key(check.id)?;
            Some((check.id, (path, document.line(path))))
        });
        Self { file: file.to_string(), at: at.collect() }
    }
}

impl View<'_> {
    /// A ladder is computed from the file that is at hand.
    fn over_file(&self, command: &str) -> String {
        match (self.file, command.strip_prefix("eksnet rescue --cluster ")) {
            (Some(file), Some(_)) => format!("eksnet rescue --survey {file}"),
            _ => command.to_string(),
        }
    }

    /// What its owner can do: in the blueprint and where, else by a command.
    fn fix(&self, check: &Check, sick: &Sick) -> String {
        match self.lines {
            None => self.over_file(sick.command()),
            Some(lines) => match lines.at.get(check.id) {
                None => sick.fix().to_string(),
                Some((_, line)) => format!("{}   {}:{line}", sick.fix(), lines.file),
            },
        }
    }
}

/// For people, within the columns of a screen.
pub fn human(view: &View<'_>, screen: Screen) -> String {
    let diagnosis = view.diagnosis;
    let roots: String = diagnosis.roots.iter().map(|found| root(view, screen, found)).collect();
    format!("{roots}{}{}", bars(view.survey, screen), sums(diagnosis, screen))
}

fn root(view: &View<'_>, screen: Screen, found: &Found) -> String {
    let head = format!("{}  {}  {}", red("sick"), bold(found.check.id), found.check.title);
    let head = screen.paragraph(&head, INDENT);
    let shown: Vec<(&Sick, String)> =
        found.causes.iter().take(SHOWN).map(|one| (one, view.fix(found.check, one))).collect();
    let causes = causes(screen, &shown);
    let left = found.causes.len().saturating_sub(SHOWN);
    let more = match left {
        0 => String::new(),
        more => format!("      {more} more of the same kind (-o json lists them)\n"),
    };
    format!("{head}{causes}{more}{}\n", so(screen, found))
}

/// What one fix mends stands above it.
fn causes(screen: Screen, shown: &[(&Sick, String)]) -> String {
    let one = |(at, (sick, fix)): (usize, &(&Sick, String))| {
        let next = shown.get(at + 1).map(|(_, fix)| fix);
        cause(screen, sick, Some(fix.as_str()).filter(|_| next != Some(fix)))
    };
    shown.iter().enumerate().map(one).collect()
}

fn cause(screen: Screen, sick: &Sick, fix: Option<&str>) -> String {
    let proof = |(at, proof): (usize, &Proof)| {
        let word = if at == 0 { "proof" } else { "" };
        row(screen, word, &told(proof))
    };
    let proof: String = sick.proof().iter().enumerate().map(proof).collect();
    let fix = fix.map_or(String::new(), |fix| way_out(screen, fix));
    format!("{}{proof}{fix}", row(screen, "cause", sick.cause()))
}

/// A command that is folded is one for a shell still: no word of it is broken, and nothing between quotes.
fn way_out(screen: Screen, fix: &str) -> String {
    if !is_command(fix) {
        return row(screen, "fix", fix);
    }
    let fix = plain(fix);
    let room = screen.columns.saturating_sub(INDENT + 2);
    let mut lines = vec![String::new()];
    let words =
        if fix.contains(['\'', '"']) { vec![fix.as_str()] } else { fix.split(' ').collect() };
    for word in words {
        let last = lines.len() - 1;
        match lines[last].is_empty() {
            true => lines[last] = word.to_string(),
            false if width(&lines[last]) + 1 + width(word) <= room => {
                lines[last] = format!("{} {word}", lines[last]);
            }
            false => lines.push(word.to_string()),
        }
    }
    let folded = lines.join(&format!(" \\\n{}", " ".repeat(INDENT)));
    format!("      {:<8}{folded}\n", "fix")
}

fn is_command(fix: &str) -> bool {
    ["aws ", "eksnet ", "kubectl "].iter().any(|name| fix.starts_with(name))
}

fn row(screen: Screen, word: &str, text: &str) -> String {
    screen.hanging(&format!("      {word:<8}"), &plain(text), INDENT)
}

/// Causes that a deployment brought, without what was sick before.
pub fn fresh(causes: &[(&'static Check, &Sick)]) -> String {
    let screen = Screen::default();
    let one = |(check, sick): &(&'static Check, &Sick)| {
        let head = format!("{}  {}  {}", red("sick"), bold(check.id), check.title);
        screen.paragraph(&head, INDENT) + &cause(screen, sick, Some(sick.fix()))
    };
    causes.iter().map(one).collect()
}

fn told(proof: &Proof) -> String {
    let Proof { read, resource, field, seen, wanted } = proof;
    format!("{read} {resource}: {field} is {seen}; expected {wanted}")
}

fn so(screen: Screen, found: &Found) -> String {
    if found.follow.is_empty() { String::new() } else { row(screen, "so", &noticed(&found.follow)) }
}

/// What people notice of checks, each with its ids.
fn noticed(checks: &[&'static Check]) -> String {
    let mut told: BTreeMap<Symptom, Vec<&'static Check>> = BTreeMap::new();
    checks.iter().for_each(|check| told.entry(check.symptom).or_default().push(check));
    let words = |(symptom, checks): (&Symptom, &Vec<&'static Check>)| {
        format!("{} ({})", symptom.noticed(), ids(checks))
    };
    told.iter().map(words).collect::<Vec<_>>().join("; ")
}

fn ids(checks: &[&'static Check]) -> String {
    checks.iter().map(|check| check.id).collect::<Vec<_>>().join(", ")
}

/// What a subnet has left.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Room<'d> {
    /// Its id.
    subnet: &'d str,
    /// Its IPv4 range.
    cidr: String,
    /// Such as `eu-west-1a`.
    zone: &'d str,
    /// All of its addresses.
    #[serde(skip)]
    size: u64,
    /// Free addresses, what reservations for prefixes have left counted.
    free: u64,
    /// Blocks of the size of a prefix; none where interfaces were not read, or do not explain what EC2 counts as free.
    blocks: Option<Blocks>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Blocks {
    /// Whole /28 blocks that prefixes can have.
    whole: u64,
    /// Blocks that single addresses keep from being whole.
    broken: u64,
    /// The largest reservation for prefixes that EC2 accepts now.
    reservable: Option<String>,
    /// Nodes more that have prefixes for all of their pods; none where nodes do not use prefixes here.
    nodes: Option<u64>,
}

fn rooms(survey: &Survey) -> Vec<Room<'_>> {
    let rooms = items(&survey.vpc.subnets).iter().filter_map(|subnet| {
        let cidr = subnet.cidr?;
        let size = 1u64 << (32 - cidr.prefix_len());
        let blocks = prefix_map(&survey.vpc, subnet).map(|map| Blocks {
            whole: map.usable(),
            broken: map.count(Block::Broken),
            reservable: largest_reservation(&map).map(|most| most.to_string()),
            nodes: nodes_that_fit(survey, subnet, &map),
        });
        let free = free_addresses(&survey.vpc, subnet).total().min(size);
        let (subnet, zone) = (subnet.id.as_str(), subnet.zone_name.as_str());
        Some(Room { subnet, cidr: cidr.to_string(), zone, size, free, blocks })
    });
    rooms.collect()
}

/// A line for every subnet: what its addresses are used for.
fn bars(survey: &Survey, screen: Screen) -> String {
    // Narrow screens keep their room for words.
    let most = BAR.min(screen.columns as u64 / 5);
    let row = |room: &Room<'_>| {
        let used = (room.size - room.free) * most / room.size;
        let bar: String = (0..most).map(|at| if at < used { '█' } else { '░' }).collect();
        let unread = ", whole /28 not known".to_string();
        let blocks = room.blocks.as_ref().map_or(unread, |blocks| {
            let most = blocks.reservable.as_ref();
            let most = most.map_or(String::new(), |most| format!(", {most} can be reserved"));
            let nodes =
                blocks.nodes.map_or(String::new(), |more| format!(", room for {more} more nodes"));
            format!(", {} whole /28, {} broken{nodes}{most}", blocks.whole, blocks.broken)
        });
        let (id, zone) = (plain(room.subnet), plain(room.zone));
        let place = dim(&format!("{id} {} {zone}", room.cidr));
        let text = format!("{} free{blocks}  {place}", thousands(room.free));
        screen.hanging(&format!("{bar}  "), &text, most as usize + 2)
    };
    let rows: String = rooms(survey).iter().map(row).collect();
    if rows.is_empty() { rows } else { format!("{rows}\n") }
}

fn sums(diagnosis: &Diagnosis, screen: Screen) -> String {
    let fine = format!("{}  {}\n", green("fine"), counted(diagnosis.fine.len(), "check"));
    if diagnosis.unknown.is_empty() {
        return fine;
    }
    let rows = unread(diagnosis);
    let rows: String = rows
        .iter()
        .map(|(why, ids)| screen.hanging("      ", &format!("{}  {ids}", plain(why)), 8))
        .collect();
    format!(
        "{fine}{}  {} could not be judged:\n{rows}",
        yellow("not known"),
        counted(diagnosis.unknown.len(), "check")
    )
}

/// What was not read, once, with the checks that need it.
fn unread(diagnosis: &Diagnosis) -> BTreeMap<String, String> {
    let mut rows: BTreeMap<String, Vec<&'static Check>> = Default::default();
    for (check, unread) in &diagnosis.unknown {
        rows.entry(unread.to_string()).or_default().push(check);
    }
    rows.into_iter().map(|(why, checks)| (why, ids(&checks))).collect()
}

/// For a ticket.
pub fn markdown(view: &View<'_>) -> String {
    let diagnosis = view.diagnosis;
    let cause = |check: &Check, sick: &Sick| {
        let proof: String =
            sick.proof().iter().map(|proof| format!("  - proof: {}\n", spanned(proof))).collect();
        let fix = view.fix(check, sick);
        let fix = if is_command(&fix) { code(&fix) } else { escaped(&fix) };
        format!("- {}\n{proof}  - fix: {fix}\n", escaped(sick.cause()))
    };
    let root = |found: &Found| {
        let causes: String = found.causes.iter().map(|sick| cause(found.check, sick)).collect();
        let so = match found.follow.as_slice() {
            [] => String::new(),
            follow => format!("\nFollows from it: {}\n", noticed(follow)),
        };
        format!("## {}: {}\n\n{causes}{so}\n", found.check.id, found.check.title)
    };
    let roots: String = diagnosis.roots.iter().map(root).collect();
    let unknown = unread(diagnosis);
    let row = |(why, ids): (&String, &String)| format!("- {}: {ids}\n", escaped(why));
    let unknown: String = match unknown.len() {
        0 => String::new(),
        _ => format!("\nNot known:\n\n{}", unknown.iter().map(row).collect::<String>()),
    };
    format!("# Diagnosis\n\n{roots}Fine: {}\n{unknown}", counted(diagnosis.fine.len(), "check"))
}

/// A proof that can be copied.
fn spanned(proof: &Proof) -> String {
    let Proof { read, resource, field, seen, wanted } = proof;
    format!(
        "{} {}: {field} is {}; expected {}",
        code(read),
        code(resource),
        code(seen),
        escaped(wanted)
    )
}

/// What `doctor -o json` writes.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "eksnet doctor")]
struct Document<'d> {
    /// Of this document: 1.
    schema_version: u32,
    /// The cluster's name, where the survey has one.
    cluster: Option<&'d str>,
    /// One for every check, and one for every further cause of the same check.
    verdicts: Vec<Entry<'d>>,
    /// What could not be read.
    unread: Vec<Missing>,
    /// What every subnet has left.
    subnets: Vec<Room<'d>>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Entry<'d> {
    /// Of the check.
    id: &'d str,
    /// What people notice.
    symptom: &'d str,
    /// How it is.
    state: State,
    /// Whether it follows from no other.
    root: bool,
    /// What is wrong, where.
    cause: Option<&'d str>,
    /// Never empty where it is sick.
    proof: Vec<Line<'d>>,
    /// Of a root: checks that are sick because of it.
    follows: Vec<&'d str>,
    /// What its owner can do.
    fix: Option<Fix<'d>>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Fix<'d> {
    /// In the words of a blueprint, where it has some for it.
    text: &'d str,
    /// Without a blueprint.
    command: &'d str,
    /// The place in the blueprint, where one was given.
    path: Option<&'static str>,
    /// Its line.
    line: Option<usize>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum State {
    Sick,
    Fine,
    Unknown,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Line<'d> {
    read: &'d str,
    resource: &'d str,
    field: &'d str,
    seen: &'d str,
    wanted: &'d str,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Missing {
    /// The IAM action or the Kubernetes verb, and why.
    because: String,
    /// Checks that need it.
    checks: String,
}

fn entry<'d>(check: &'static Check, state: State) -> Entry<'d> {
    Entry {
        id: check.id,
        symptom: check.symptom.word(),
        state,
        root: false,
        cause: None,
        proof: Vec::new(),
        follows: Vec::new(),
        fix: None,
    }
}

fn entries<'d>(view: &View<'d>, found: &'d Found, root: bool) -> Vec<Entry<'d>> {
    let at = view.lines.and_then(|lines| lines.at.get(found.check.id)).copied().unzip();
    let entries = found.causes.iter().map(|sick| Entry {
        root,
        cause: Some(sick.cause()),
        proof: sick.proof().iter().map(line).collect(),
        follows: found.follow.iter().map(|check| check.id).collect(),
        fix: Some(Fix { text: sick.fix(), command: sick.command(), path: at.0, line: at.1 }),
        ..entry(found.check, State::Sick)
    });
    entries.collect()
}

fn line(proof: &Proof) -> Line<'_> {
    let Proof { read, resource, field, seen, wanted } = proof;
    Line { read, resource, field, seen, wanted }
}

/// For programs.
pub fn json(view: &View<'_>) -> String {
    let View { diagnosis, survey, .. } = view;
    let roots = diagnosis.roots.iter().flat_map(|found| entries(view, found, true));
    let rest = diagnosis.consequences.iter().flat_map(|found| entries(view, found, false));
    let fine = diagnosis.fine.iter().map(|check| entry(check, State::Fine));
    let unknown = diagnosis.unknown.iter().map(|(check, _)| entry(check, State::Unknown));
    let missing = unread(diagnosis).into_iter();
    super::json(&Document {
        schema_version: SCHEMA_VERSION,
        cluster: survey.header.cluster.as_deref(),
        verdicts: roots.chain(rest).chain(fine).chain(unknown).collect(),
        unread: missing.map(|(because, checks)| Missing { because, checks }).collect(),
        subnets: rooms(survey),
    })
}

/// The JSON Schema of [`json`].
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Document<'static>).to_value()
}
