//! Every member held against what it was: in a commit, in its stack, or against nothing.

use std::path::Path;

use crate::blueprint;
use crate::diagnostic::{Failure, any_error};
use crate::ledger::Ledger;
use crate::line::{self, Request, Stopped};
use crate::observed::Observed;
use crate::opened::{self, Line, Opened};
use crate::preview::{self, Preview};
use crate::template::Template;

use super::export::Job;
use super::git::Commit;
use super::group::{self, Counted, Group, Own};
use super::model::Fleet;
use super::roster::{self, File};
use super::whole::Whole;

/// A member and what would change in it.
pub struct Compared {
    pub name: String,
    pub region: String,
    pub file: String,
    /// It has no stack to be compared with.
    pub new: bool,
    /// Of its VPC.
    pub ranges: Vec<String>,
    pub preview: Preview,
}

impl Compared {
    /// Of its preview in a folder.
    pub fn preview_file(&self) -> String {
        let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
        format!("{}-{}.json", self.name.chars().map(plain).collect::<String>(), self.region)
    }
}

/// The whole fleet compared.
pub struct Outcome {
    pub members: Vec<Compared>,
    /// Positions are those of `members`.
    pub groups: Vec<Group>,
    /// Files of members that are gone.
    pub removed: Vec<String>,
    /// Files that could not be compared, and why.
    pub failed: Vec<(String, Failure)>,
}

impl Outcome {
    /// Whether nothing changes and no member is gone; members that could not be compared do not count.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.removed.is_empty()
    }

    /// Whether a member's change replaces or removes a resource.
    pub fn is_destructive(&self) -> bool {
        self.groups.iter().any(Group::is_destructive)
    }

    /// Whether a member's change has what AWS refuses.
    pub fn is_refused(&self) -> bool {
        self.members.iter().any(|member| any_error(&member.preview.findings))
    }

    /// Whether every member was compared, and none has what AWS refuses.
    pub fn is_whole(&self) -> bool {
        self.failed.is_empty() && !self.is_refused()
    }

    /// Members that change.
    pub fn changed(&self) -> impl Iterator<Item = &Compared> {
        self.groups.iter().flat_map(|group| &group.members).map(|at| &self.members[*at])
    }
}

/// What members are compared with.
pub enum Before {
    /// Their stacks.
    Deployed,
    Nothing,
    /// By the position in the roster: blueprint and lock, as they were.
    Commit {
        texts: Vec<Option<(Vec<u8>, Option<String>)>>,
        removed: Vec<String>,
    },
}

impl Before {
    /// What `--against` names: nothing is the stacks. `None`: the word is not known.
    pub fn of(whole: &Whole, word: Option<&str>) -> Result<Option<Self>, Failure> {
        match word {
            None => Ok(Some(Before::Deployed)),
            Some("nothing") => Ok(Some(Before::Nothing)),
            Some(word) => match word.strip_prefix("git:") {
                Some(revision) => Self::commit(whole, revision).map(Some),
                None => Ok(None),
            },
        }
    }

    /// Blueprints and locks as they were in a commit.
    fn commit(whole: &Whole, revision: &str) -> Result<Self, Failure> {
        let commit = Commit::find(&whole.roster.folder, revision)?;
        let before = commit.files()?;
        let now: Vec<&String> = whole.roster.members.iter().map(|file| &file.key).collect();
        let former = former_fleet(&commit, whole)?;
        let named = |key: &String| {
            whole.roster.names(key)
                || former.as_ref().is_some_and(|former| roster::names(Some(former), key))
        };
        let gone: Vec<String> =
            before.into_iter().filter(|key| named(key) && !now.contains(&key)).collect();
        let keys = whole.roster.members.iter().map(|file| file.key.clone());
        let locks = whole.roster.members.iter().map(|file| lock_of(&file.key));
        let all: Vec<String> = keys.chain(locks).chain(gone.iter().cloned()).collect();
        let mut read = commit.texts(&all)?;
        let left = read.split_off(2 * now.len());
        let is_blueprint = |text: &Option<Vec<u8>>| {
            let text = text.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
            blueprint::is_blueprint(&text)
        };
        let removed = gone.into_iter().zip(&left).filter(|(_, text)| is_blueprint(text));
        let removed = removed.map(|(key, _)| key).collect();
        let locks = read.split_off(now.len());
        let text = |lock: Vec<u8>| String::from_utf8(lock).unwrap_or_default();
        let texts = read.into_iter().zip(locks);
        let texts = texts.map(|(own, lock)| Some((own?, lock.map(text)))).collect();
        Ok(Before::Commit { texts, removed })
    }

    /// Files of members that are gone since.
    fn removed(&self) -> &[String] {
        match self {
            Before::Commit { removed, .. } => removed,
            _ => &[],
        }
    }

    /// The member's template before.
    fn template(&self, at: usize, file: &File) -> Result<Template, Failure> {
        let Before::Commit { texts, .. } = self else { return Ok(Template::nothing()) };
        let Some((text, lock)) = &texts[at] else { return Ok(Template::nothing()) };
        let failed = || Failure::new(format!("cannot compile `{}` as it was", file.shown));
        let reading = blueprint::read(&file.shown, text.clone());
        let Some(document) = reading.document else { return Err(failed()) };
        let request = Request::new(document);
        let ledger = match lock {
            Some(text) => Ledger::from_text(text, &lock_of(&file.shown))?,
            None => request.ledger.clone(),
        };
        let own = (&ledger.name, &ledger.region) == (&request.ledger.name, &request.ledger.region);
        let ledger = if own { ledger } else { request.ledger.clone() };
        match line::compile(Request { ledger, ..request }) {
            Ok(compiled) => Ok(compiled.template),
            Err(Stopped::Findings(_, findings)) => {
                let first = findings.iter().find(|finding| finding.is_error());
                Err(first.map_or_else(failed, |first| failed().because(first.message.clone())))
            }
            Err(Stopped::Failure(failure)) => Err(failure),
        }
    }
}

/// The fleet's file as it was: what it named then may be gone from its list too.
fn former_fleet(commit: &Commit<'_>, whole: &Whole) -> Result<Option<Fleet>, Failure> {
    let shown = whole.roster.findings.as_ref().map(|(source, _)| source.name.as_str());
    let name = shown.and_then(|shown| Path::new(shown).file_name()?.to_str());
    let name = name.unwrap_or(roster::FILE);
    let text = commit.texts(&[name.to_string()])?.pop().flatten();
    let reading = text.map(|text| blueprint::read_as::<Fleet>(name, text));
    Ok(reading.and_then(|reading| reading.document).map(|document| document.blueprint))
}

/// Why a member could not be read, in one line.
fn unreadable(line: &Result<Line, Stopped>) -> Failure {
    let failed = Failure::new("it could not be read");
    match line {
        Err(Stopped::Findings(source, findings)) => {
            let Some(first) = findings.iter().find(|finding| finding.is_error()) else {
                return failed;
            };
            let line = source.line(first.at.clone().unwrap_or(0..0).start);
            failed.because(format!("line {line}: {} ({})", first.message, first.rule))
        }
        Err(Stopped::Failure(failure)) => failed.because(failure.chain()),
        Ok(_) => failed,
    }
}

fn lock_of(file: &str) -> String {
    Path::new(file).with_extension("lock.yaml").display().to_string()
}

/// A member compared; `None`: it is of another wave.
type Row = Result<Option<(Compared, Counted)>, (String, Failure)>;

/// What exists of a member, read with the credentials that its job names.
pub type Observe<'o> = dyn Fn(&Job, Opened) -> Result<(Opened, Observed), Stopped> + Sync + 'o;

/// Compares every member of a wave, or of all.
pub fn compare(
    whole: &Whole,
    wave: Option<usize>,
    before: &Before,
    observe: &Observe<'_>,
) -> Result<Outcome, Failure> {
    if whole.roster.members.is_empty() && before.removed().is_empty() {
        return Err(Failure::new("the fleet has no members, so nothing was compared")
            .hint("correct `members` in the fleet's file: `eksnet fleet check` names patterns that name no file"));
    }
    let work = |at: usize, file: &File, compile: &dyn Fn() -> Result<Line, Stopped>| {
        let failed = |failure: Failure| (file.shown.clone(), failure);
        // What is wrong with members of other waves stops no wave.
        if wave.is_some() && whole.is_readable(at) && whole.wave_of(at) != wave {
            return Ok(None);
        }
        if !whole.is_readable(at) {
            return Err(failed(unreadable(&compile())));
        }
        if let Some(why) = whole.error_of(at) {
            let hint = format!("`eksnet check {}` shows them", file.shown);
            return Err(failed(Failure::new("it has errors").because(why).hint(hint)));
        }
        // A stack may know more than the lock.
        if let Before::Deployed = before {
            return deployed(whole, wave, file, observe);
        }
        let line = compile().map_err(|_| failed(Failure::new("it could not be compiled")))?;
        let done = before.template(at, file).and_then(|former| compared(file, &line, &former));
        done.map(Some).map_err(failed)
    };
    let (mut members, mut changes, mut failed) = (Vec::new(), Vec::<Counted>::new(), Vec::new());
    for result in whole.each(work) {
        match result {
            Ok(Some((member, counted))) => {
                members.push(member);
                changes.push(counted);
            }
            Ok(None) => {}
            Err(one) => failed.push(one),
        }
    }
    let removed = if wave.is_none() { before.removed().to_vec() } else { Vec::new() };
    Ok(Outcome { groups: group::groups(&changes), members, removed, failed })
}

/// A member over its own stack.
fn deployed(whole: &Whole, wave: Option<usize>, file: &File, observe: &Observe<'_>) -> Row {
    let failed = |stopped: Stopped| {
        let failure = match stopped {
            Stopped::Failure(failure) => failure,
            Stopped::Findings(..) => Failure::new("what the stack has makes it invalid")
                .hint(format!("`eksnet diff {}` says what", file.shown)),
        };
        (file.shown.clone(), failure)
    };
    let opened = opened::open(&file.shown, whole.asked()).map_err(failed)?;
    let metadata = &opened.document.blueprint.metadata;
    let ground = &whole.roster.ground;
    if wave.is_some() && ground.wave(&metadata.name) != wave {
        return Ok(None);
    }
    let job = Job::of(&metadata.name, &metadata.region, &file.shown, ground);
    let (opened, observed) = observe(&job, opened).map_err(failed)?;
    let before = observed.deployed_template();
    let line = opened.compile(observed).map_err(failed)?;
    compared(file, &line, &before).map(Some).map_err(|failure| failed(failure.into()))
}

/// What would change in a member over the template of its stack.
fn compared(file: &File, line: &Line, before: &Template) -> Result<(Compared, Counted), Failure> {
    let preview = preview::addresses::of(line, before)?.written(&line.document);
    let counted = group::canonical(&preview, &line.template, &Own::of(&line.intent));
    let member = Compared {
        name: line.intent.name.clone(),
        region: line.intent.region.name.to_string(),
        file: file.shown.clone(),
        new: before.is_empty(),
        ranges: line.intent.vpc.cidrs().map(|cidr| cidr.to_string()).collect(),
        preview,
    };
    Ok((member, counted))
}
