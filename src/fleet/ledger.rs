//! `fleet.lock.yaml`: which range every member was given, a line each, sorted, so that two people who add members at once meet in a merge
//! conflict only where they are neighbors. What members leave behind stays as a tombstone until somebody says that the VPC is gone.

use std::path::Path;
use std::sync::OnceLock;

use ipnet::Ipv4Net;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::blueprint::{self, Document, Reading, Words};
use crate::diagnostic::{Diagnostic, Failure};
use crate::intent::parse::{self, keep};
use crate::rules::{BP_02, FLT_10};
use crate::source::{MOST_LOCK, Source, read_limited};

use super::member::Spot;

/// Whether a text is a fleet's lock.
pub fn is_lock(text: &str) -> bool {
    let has = |key: &str| text.lines().any(|line| line.starts_with(key));
    has("schemaVersion:") && has("members:") && !has("apiVersion:") && !has("kind:")
}

/// Of the fleet's lock.
pub const SCHEMA_VERSION: u32 = 1;

/// Everything that was given out.
#[derive(Clone, Debug, Default)]
pub struct FleetLedger {
    /// Of the members that there are.
    pub lines: Vec<Line>,
    /// Of members that are gone: their VPCs may still be there.
    pub removed: Vec<Line>,
}

/// One range.
#[derive(Clone, Debug)]
pub struct Line {
    pub name: String,
    pub region: String,
    pub cidr: Ipv4Net,
    /// The size that was asked for; `None`: the member writes its range itself.
    pub class: Option<String>,
    /// Relative to the fleet's folder.
    pub file: String,
    /// The day it was given out, such as `2026-11-28`.
    pub since: String,
    /// The day the member was gone.
    pub gone: Option<String>,
    /// Where it is in the lock; `None`: it is new.
    pub spot: Option<Spot>,
}

/// What a line says, wherever it is written.
impl PartialEq for Line {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Line {
    fn text(&self) -> String {
        let word = |text: &str| serde_json::to_string(text).unwrap_or_default();
        let class =
            self.class.as_ref().map_or(String::new(), |class| format!(", class: {}", word(class)));
        let gone = self.gone.as_ref().map_or(String::new(), |day| format!(", gone: {}", word(day)));
        format!(
            "  - {{ name: {}, region: {}, cidr: {}{class}, file: {}, since: {}{gone} }}\n",
            word(&self.name),
            word(&self.region),
            self.cidr,
            word(&self.file),
            word(&self.since)
        )
    }

    fn order(&self) -> (&str, &str, Ipv4Net) {
        (&self.name, &self.region, self.cidr)
    }
}

/// The lock's own words, read as strictly as a blueprint.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Lock {
    schema_version: u32,
    members: Vec<Row>,
    removed: Option<Vec<Row>>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Row {
    name: String,
    region: String,
    cidr: String,
    class: Option<String>,
    file: String,
    since: String,
    gone: Option<String>,
}

impl Words for Lock {
    fn known_schema() -> &'static Value {
        static SCHEMA: OnceLock<Value> = OnceLock::new();
        SCHEMA.get_or_init(|| schemars::schema_for!(Lock).to_value())
    }
}

/// The ledger, the lock's text, and what is wrong with it.
pub struct Read {
    pub ledger: FleetLedger,
    pub source: Source,
    pub findings: Vec<Diagnostic>,
}

/// Reads a lock; `None` where there is none.
pub fn read(path: &Path) -> Result<Option<Read>, Failure> {
    let shown = path.display().to_string();
    let text = match read_limited(path, MOST_LOCK) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(Failure::new(format!("cannot read the lock `{shown}`")).because(error));
        }
    };
    if text.lines().any(|line| line.starts_with("<<<<<<<") || line.starts_with(">>>>>>>")) {
        return Err(Failure::new(format!("cannot use the lock `{shown}`"))
            .because("it holds a merge conflict")
            .hint("keep the lines of both sides, then run `eksnet fleet check`: it names what was allocated twice"));
    }
    Ok(Some(of_text(&shown, text)))
}

/// Reads a lock's text.
pub fn of_text(shown: &str, text: String) -> Read {
    let Reading { source, document, mut findings } =
        blueprint::read_as::<Lock>(shown, text.into_bytes());
    let Some(document) = document else {
        if source.text.trim().is_empty() || findings.iter().any(|one| one.rule == &BP_02) {
            let hint = "restore it from version control: nothing else has what it allocated";
            findings.iter_mut().for_each(|one| one.hint = Some(hint.to_string()));
        }
        return Read { ledger: FleetLedger::default(), source, findings };
    };
    let version = document.blueprint.schema_version;
    if version != SCHEMA_VERSION && !document.is_refused("schemaVersion") {
        let message =
            format!("the lock has schema version {version}, this eksnet reads {SCHEMA_VERSION}");
        let finding = FLT_10.at("schemaVersion", message);
        findings.push(finding.hint("use the eksnet that wrote it, or a newer one"));
    }
    let mut more = Vec::new();
    let lines = lines(&document, "members", &document.blueprint.members, &mut more);
    let removed = document.blueprint.removed.as_deref().unwrap_or_default();
    let removed = self::lines(&document, "removed", removed, &mut more);
    findings.extend(document.placed(more));
    Read { ledger: FleetLedger { lines, removed }, source, findings: document.placed(findings) }
}

fn lines(
    document: &Document<Lock>,
    key: &str,
    rows: &[Row],
    findings: &mut Vec<Diagnostic>,
) -> Vec<Line> {
    let line = |(at, row): (usize, &Row)| {
        let path = format!("{key}[{at}].cidr");
        let cidr = keep(parse::cidr(&path, &row.cidr), findings)?;
        Some(Line {
            name: row.name.clone(),
            region: row.region.clone(),
            cidr,
            class: row.class.clone(),
            file: row.file.clone(),
            since: row.since.clone(),
            gone: row.gone.clone(),
            spot: Some(Spot::of(document, &path)),
        })
    };
    rows.iter().enumerate().filter_map(line).collect()
}

impl FleetLedger {
    /// The lock's text.
    pub fn to_text(&self) -> String {
        let mut text = format!(
            "# The ranges that eksnet has given to the members of the fleet. Commit this file; do not edit it.\nschemaVersion: {SCHEMA_VERSION}\n"
        );
        text.push_str(&section("members", &self.lines));
        if !self.removed.is_empty() {
            text.push_str("# Of members that are gone: given out again once `eksnet fleet layout --release NAME` says that the VPC is gone too.\n");
            text.push_str(&section("removed", &self.removed));
        }
        text
    }

    /// Names that left nothing behind.
    pub fn unreleasable<'n>(&self, names: &'n [String]) -> Vec<&'n String> {
        let left = |name: &&String| !self.removed.iter().any(|line| line.name == **name);
        names.iter().filter(left).collect()
    }

    /// The same without the tombstones of a name.
    pub fn released(mut self, names: &[String]) -> Self {
        self.removed.retain(|line| !names.contains(&line.name));
        self
    }
}

fn section(name: &str, lines: &[Line]) -> String {
    if lines.is_empty() {
        return format!("{name}: []\n");
    }
    let mut sorted: Vec<&Line> = lines.iter().collect();
    sorted.sort_by(|one, other| one.order().cmp(&other.order()));
    format!("{name}:\n{}", sorted.into_iter().map(Line::text).collect::<String>())
}
