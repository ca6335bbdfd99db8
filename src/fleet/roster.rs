//! The files of a fleet: `fleet.yaml`, and the members that it names.

use std::path::{Path, PathBuf};

use crate::blueprint::{self, Document, Reading};
use crate::diagnostic::{Diagnostic, Failure};
use crate::rules::FLT_11;
use crate::source::{Source, read_limited};

use super::ground::{self, Ground};
use super::member::Spot;
use super::model::{Fleet, Members};
use super::pattern;

/// The fleet's file in a folder.
pub const FILE: &str = "fleet.yaml";

/// Every blueprint beside the fleet and below, where the fleet names none.
const ALL: [&str; 2] = ["**/*.yaml", "**/*.yml"];

/// Entries of folders that are looked at before it is clear that the pattern is meant otherwise.
const MOST_ENTRIES: usize = 200_000;

/// A fleet, its ground, and the files of its members.
pub struct Roster {
    /// The folder that everything is relative to.
    pub folder: PathBuf,
    /// The fleet's file; `None`: the folder has none, and all of its blueprints are members.
    pub fleet: Option<Document<Fleet>>,
    /// The text of the fleet's file, and what is wrong with it.
    pub findings: Option<(Source, Vec<Diagnostic>)>,
    pub ground: Ground,
    /// In the order of their names.
    pub members: Vec<File>,
}

impl Roster {
    /// Whether a file would be a member, by its path relative to the fleet's folder.
    pub fn names(&self, key: &str) -> bool {
        names(self.fleet.as_ref().map(|fleet| &fleet.blueprint), key)
    }
}

/// Whether a fleet names a file, by its path relative to the fleet's folder; without a fleet every blueprint is a member.
pub fn names(fleet: Option<&Fleet>, key: &str) -> bool {
    let written = fleet.and_then(|fleet| fleet.members.as_ref());
    let patterns = match written {
        None => ALL.map(str::to_string).to_vec(),
        Some(Members::One(one)) => vec![one.clone()],
        Some(Members::Several(several)) => several.clone(),
    };
    let name = key.rsplit('/').next().unwrap_or(key);
    let plain = |pattern: &String| pattern.strip_prefix("./").unwrap_or(pattern).to_string();
    is_member(name) && patterns.iter().any(|one| pattern::matches(&plain(one), key))
}

/// A member's file.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// As it is shown and opened.
    pub shown: String,
    /// Relative to the fleet's folder.
    pub key: String,
}

/// Whether a text is a fleet's.
pub fn is_fleet(text: &str) -> bool {
    blueprint::kind(text).is_some_and(|kind| kind == "Fleet")
}

/// Reads the fleet of a folder or a file, and finds its members. Without a usable fleet there are only findings.
pub fn open(path: &str) -> Result<Roster, Failure> {
    let given = Path::new(path);
    let is_folder = given.is_dir();
    let file = if is_folder { given.join(FILE) } else { given.to_path_buf() };
    let folder = if is_folder { given } else { given.parent().unwrap_or(Path::new("")) };
    let folder = folder.strip_prefix("./").unwrap_or(folder).to_path_buf();
    if is_folder && !file.exists() {
        return alone(folder);
    }
    let shown = file.strip_prefix("./").unwrap_or(&file).display().to_string();
    let attempt = || Failure::new(format!("cannot read the fleet `{shown}`"));
    let text = read_limited(&file, blueprint::MOST_BYTES as u64).map_err(|cause| {
        attempt().because(cause).hint("name a folder with a `fleet.yaml`, or the file itself")
    })?;
    if !is_folder && blueprint::is_blueprint(&text) {
        return Err(attempt()
            .because("it is a blueprint")
            .hint("`eksnet check` is for blueprints; name the folder or the `fleet.yaml` here"));
    }
    let Reading { source, document, findings } =
        blueprint::read_as::<Fleet>(&shown, text.into_bytes());
    let findings: Vec<Diagnostic> = findings.into_iter().map(in_fleets_words).collect();
    let Some(document) = document else {
        let (ground, members) = (Ground::default(), Vec::new());
        return Ok(Roster {
            folder,
            fleet: None,
            findings: Some((source, findings)),
            ground,
            members,
        });
    };
    let (ground, more) = ground::resolve(&document);
    let (members, idle) = members(&folder, &document)?;
    let all = document.placed([findings, more, idle].concat());
    Ok(Roster { folder, fleet: Some(document), findings: Some((source, all)), ground, members })
}

/// A folder of blueprints without a fleet.
fn alone(folder: PathBuf) -> Result<Roster, Failure> {
    let members = blueprints(&folder)?;
    if members.is_empty() {
        let shown =
            if folder.as_os_str().is_empty() { ".".into() } else { folder.display().to_string() };
        return Err(Failure::new(format!("`{shown}` has neither a `fleet.yaml` nor a blueprint"))
            .hint("name the folder with the blueprints, or write a `fleet.yaml` (`eksnet schema --of fleet`)"));
    }
    Ok(Roster { folder, fleet: None, findings: None, ground: Ground::default(), members })
}

/// The reader of blueprints speaks of blueprints.
fn in_fleets_words(finding: Diagnostic) -> Diagnostic {
    let words = |text: String| match text.starts_with("`eksnet init`") {
        true => "`eksnet schema --of fleet` shows what is allowed here".to_string(),
        false => text.replace("the blueprint", "the fleet").replace("a blueprint", "a fleet"),
    };
    Diagnostic { message: words(finding.message), hint: finding.hint.map(words), ..finding }
}

/// The members that the fleet names, and patterns that name none.
fn members(
    folder: &Path,
    document: &Document<Fleet>,
) -> Result<(Vec<File>, Vec<Diagnostic>), Failure> {
    let written = match &document.blueprint.members {
        None => {
            let files = blueprints(folder)?;
            let none = FLT_11
                .at("kind", "the fleet has no members: there is no blueprint beside it or below");
            let hint = "name their files, as in `members: clusters/*.yaml`";
            let none = files.is_empty().then(|| none.hint(hint));
            return Ok((files, none.into_iter().collect()));
        }
        Some(Members::One(one)) => vec![("members".to_string(), one.clone())],
        Some(Members::Several(several)) => {
            let place = |(at, text): (usize, &String)| (format!("members[{at}]"), text.clone());
            several.iter().enumerate().map(place).collect()
        }
    };
    let (mut files, mut idle) = (Vec::new(), Vec::new());
    for (path, text) in written {
        let mut found = found(folder, &text)?;
        // A fleet may have any name, and a pattern that names it does not mean it.
        found.retain(|file| file.shown != document.source.name);
        if found.is_empty() {
            let message = format!("`{text}` names no file");
            let hint = "patterns are relative to the fleet's file: `clusters/*.yaml`, `clusters/**/*.yaml`";
            idle.push(Spot::of(document, &path).breaks(&FLT_11, message).hint(hint));
        }
        files.extend(found);
    }
    files.sort_by(|one: &File, other| one.key.cmp(&other.key));
    files.dedup();
    Ok((files, idle))
}

/// All blueprints of a folder and below: by `kind`, so that manifests and templates beside them are left alone.
fn blueprints(folder: &Path) -> Result<Vec<File>, Failure> {
    let mut files = Vec::new();
    for pattern in ALL {
        files.extend(found(folder, pattern)?);
    }
    files.sort_by(|one, other| one.key.cmp(&other.key));
    files.retain(|file| {
        let text = read_limited(Path::new(&file.shown), blueprint::MOST_BYTES as u64);
        text.is_ok_and(|text| blueprint::is_blueprint(&text))
    });
    Ok(files)
}

/// Files that a pattern names, without locks and the fleet itself.
fn found(folder: &Path, pattern: &str) -> Result<Vec<File>, Failure> {
    let pattern = pattern.strip_prefix("./").unwrap_or(pattern);
    let parts: Vec<&str> = pattern.split('/').collect();
    let plain = parts[..parts.len() - 1].iter().take_while(|part| pattern::is_plain(part)).count();
    let base = parts[..plain].join("/");
    let rest = parts[plain..].join("/");
    let depth = if rest.contains("**") { usize::MAX } else { parts.len() - plain };
    let mut files = Vec::new();
    let mut looked_at = 0;
    let mut open = vec![(folder.join(&base), String::new(), 1)];
    while let Some((at, within, level)) = open.pop() {
        let here = if at.as_os_str().is_empty() { Path::new(".") } else { &at };
        let Ok(entries) = std::fs::read_dir(here) else { continue };
        for entry in entries.filter_map(Result::ok) {
            looked_at += 1;
            if MOST_ENTRIES < looked_at {
                return Err(Failure::new(format!("cannot look for `{pattern}`"))
                    .because(format!("there are more than {MOST_ENTRIES} files"))
                    .hint("name the members' own folder, such as `clusters/*.yaml`"));
            }
            let Ok(name) = entry.file_name().into_string() else { continue };
            let own = if within.is_empty() { name.clone() } else { format!("{within}/{name}") };
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && level < depth && !name.starts_with('.') {
                open.push((at.join(&name), own, level + 1));
            } else if !is_folder
                && pattern::matches(&rest, &own)
                && is_member(&name)
                && may_be_read(&at.join(&name))
            {
                let key = if base.is_empty() { own } else { format!("{base}/{own}") };
                files.push(File { shown: folder.join(&key).display().to_string(), key });
            }
        }
    }
    files.sort_by(|one, other| one.key.cmp(&other.key));
    Ok(files)
}

/// Whether reading it comes to an end: neither a pipe nor a device. What a link does not lead to is told by whoever reads it.
fn may_be_read(path: &Path) -> bool {
    std::fs::metadata(path).map_or(true, |data| data.is_file())
}

fn is_member(name: &str) -> bool {
    !name.ends_with(".lock.yaml") && name != FILE
}
