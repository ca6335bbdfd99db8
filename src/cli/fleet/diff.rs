//! `eksnet fleet diff`

use crate::blueprint;
use crate::diagnostic::Failure;
use crate::fleet::cores;
use crate::fleet::export::Job;
use crate::fleet::group::{self, Counted, Own};
use crate::fleet::model::Fleet;
use crate::fleet::roster::{self, File};
use crate::fleet::whole::Whole;
use crate::ledger::Ledger;
use crate::line::{self as stages, Request, Stopped};
use crate::preview;
use crate::report::fleet_diff::{self, Compared, Outcome};
use crate::report::{fleet_json, json, preview_json};
use crate::source;
use crate::template::Template;

use super::super::args::{FleetDiff, Format};
use super::super::judged::show;
use super::super::line::Line;
use super::super::output::{self, Stop};
use super::super::{CHANGES, Common, DESTRUCTIVE, DONE, FAILED};
use super::git::Commit;
use super::open;
use super::{check, child};

pub fn run(common: &Common, args: &FleetDiff) -> Result<u8, Stop> {
    let whole = open(common, &args.fleet, &[])?;
    if whole.is_broken_between() {
        let (judged, unread) = whole.judged();
        return match common.output {
            Format::Json => show(common, &[], judged, unread),
            Format::Markdown => {
                let rows = judged.iter().map(|one| (&one.source, one.findings.as_slice()));
                output::data(&fleet_diff::broken(&rows.collect::<Vec<_>>()));
                unread.iter().for_each(|failure| output::failed(common, failure));
                Ok(FAILED)
            }
            _ => check::human(common, judged, unread),
        };
    }
    let wave = whole.wave(args.wave.as_deref()).map_err(Stop::Usage)?;
    let against = Against::of(args, &whole)?;
    let gone = matches!(&against, Against::Commit { removed, .. } if !removed.is_empty());
    if whole.roster.members.is_empty() && !gone {
        return Err(Failure::new("the fleet has no members, so nothing was compared")
            .hint("correct `members` in the fleet's file: `eksnet fleet check` names patterns that name no file")
            .into());
    }
    let outcome = compare(common, &whole, wave, &against)?;
    if let Some(folder) = &args.out {
        write(common, folder, &outcome)?;
    }
    let unsaved =
        args.save.as_ref().map_or(Vec::new(), |folder| save(common, &whole, folder, &outcome));
    output::data(&match common.output {
        Format::Json => fleet_diff::json(&outcome),
        Format::Markdown => fleet_diff::markdown(&outcome),
        _ => fleet_diff::human(&outcome, output::view(false)),
    });
    for (file, failure) in outcome.failed.iter().chain(&unsaved) {
        output::note(common, &format!("{file}: {}", failure.chain()));
    }
    let is_whole = outcome.failed.is_empty() && unsaved.is_empty() && !outcome.is_refused();
    if is_whole && !outcome.groups.is_empty() {
        output::next(common, &next(args));
    }
    Ok(match &outcome {
        outcome if !outcome.failed.is_empty() || !unsaved.is_empty() => FAILED,
        outcome if outcome.is_refused() => FAILED,
        outcome if !args.exit_code || outcome.is_empty() => DONE,
        outcome if outcome.is_destructive() => DESTRUCTIVE,
        _ => CHANGES,
    })
}

/// The command that comes next.
fn next(args: &FleetDiff) -> String {
    let folder = output::file(&args.fleet);
    match &args.save {
        Some(plans) => {
            let plans = output::file(&plans.display().to_string());
            format!("eksnet fleet deploy {folder} --plans {plans}")
        }
        None => format!("eksnet fleet diff {folder} --save plans"),
    }
}

/// What members are compared with.
enum Against {
    /// Their stacks.
    Deployed,
    Nothing,
    /// By the position in the roster: blueprint and lock, as they were.
    Commit {
        texts: Vec<Option<(Vec<u8>, Option<String>)>>,
        removed: Vec<String>,
    },
}

impl Against {
    fn of(args: &FleetDiff, whole: &Whole) -> Result<Self, Stop> {
        let Some(word) = &args.against else { return Ok(Against::Deployed) };
        if word == "nothing" {
            return Ok(Against::Nothing);
        }
        let Some(revision) = word.strip_prefix("git:") else {
            return Err(Stop::Usage(format!("`--against {word}`: use `git:REV` or `nothing`")));
        };
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
        Ok(Against::Commit { texts, removed })
    }

    /// The member's template before.
    fn template(&self, at: usize, file: &File) -> Result<Template, Failure> {
        let Against::Commit { texts, .. } = self else { return Ok(Template::nothing()) };
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
        match stages::compile(Request { ledger, ..request }) {
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
    let name = shown.and_then(|shown| std::path::Path::new(shown).file_name()?.to_str());
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
    std::path::Path::new(file).with_extension("lock.yaml").display().to_string()
}

fn compare(
    common: &Common,
    whole: &Whole,
    wave: Option<usize>,
    against: &Against,
) -> Result<Outcome, Stop> {
    let ground = &whole.roster.ground;
    let work = |at: usize, file: &File, compile: &dyn Fn() -> Result<Line, Stopped>| {
        if !whole.is_readable(at) {
            return Err((file.shown.clone(), unreadable(&compile())));
        }
        if let Some(why) = whole.error_of(at) {
            let failure = Failure::new("it has errors").because(why);
            let hint = format!("`eksnet check {}` shows them", file.shown);
            return Err((file.shown.clone(), failure.hint(hint)));
        }
        // A stack may know more than the lock.
        if let Against::Deployed = against {
            return deployed(common, whole, wave, file);
        }
        let Ok(line) = compile() else {
            return Err((file.shown.clone(), Failure::new("it could not be compiled")));
        };
        if wave.is_some() && ground.wave(&line.intent.name) != wave {
            return Ok(None);
        }
        let done = against.template(at, file).and_then(|before| compared(file, &line, &before));
        done.map(Some).map_err(|failure| (file.shown.clone(), failure))
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
    let removed = match against {
        Against::Commit { removed, .. } if wave.is_none() => removed.clone(),
        _ => Vec::new(),
    };
    Ok(Outcome { groups: group::groups(&changes), members, removed, failed })
}

type Row = Result<Option<(Compared, Counted)>, (String, Failure)>;

/// A member over its own stack, with the credentials of its account.
#[cfg(feature = "aws")]
fn deployed(common: &Common, whole: &Whole, wave: Option<usize>, file: &File) -> Row {
    let failed = |stop: Stop| {
        let failure = match stop {
            Stop::Failure(failure) | Stop::Reported(failure, _) => failure,
            Stop::Usage(words) => Failure::new(words),
            Stop::Findings(..) => Failure::new("what the stack says makes it wrong")
                .hint(format!("`eksnet diff {}` says what", file.shown)),
        };
        (file.shown.clone(), failure)
    };
    let opened = super::super::line::open(&file.shown, common).map_err(failed)?;
    let name = opened.document.blueprint.metadata.name.clone();
    let ground = &whole.roster.ground;
    if wave.is_some() && ground.wave(&name) != wave {
        return Ok(None);
    }
    let job = Job::of(&name, &opened.document.blueprint.metadata.region, &file.shown, ground);
    let own = Common {
        assume_role: job.role.filter(|_| job.profile.is_none()),
        profile: job.profile.or(common.profile.clone()),
        ..common.clone()
    };
    let (opened, observed) = super::super::live::observe(&own, opened).map_err(failed)?;
    let before = observed.deployed_template();
    let line = opened.compile(observed).map_err(|stopped| failed(stopped.into()))?;
    let done = compared(file, &line, &before);
    done.map(Some).map_err(|failure| (file.shown.clone(), failure))
}

#[cfg(not(feature = "aws"))]
fn deployed(_: &Common, _: &Whole, _: Option<usize>, file: &File) -> Row {
    let failure = Failure::new("this eksnet was built without AWS");
    Err((
        file.shown.clone(),
        failure.hint("`--against git:REV` and `--against nothing` work offline"),
    ))
}

/// A plan for each member that changes, made by the same command as for one; which could not be made, and why.
fn save(
    common: &Common,
    whole: &Whole,
    folder: &std::path::Path,
    outcome: &Outcome,
) -> Vec<(String, Failure)> {
    let ground = &whole.roster.ground;
    let changed = outcome.groups.iter().flat_map(|group| &group.members);
    let jobs: Vec<Job> = changed
        .map(|at| &outcome.members[*at])
        .map(|member| Job::of(&member.name, &member.region, &member.file, ground))
        .collect();
    let made = cores::on_all(&jobs, |job| {
        let plan = folder.join(job.plan()).display().to_string();
        let log = folder.join("logs").join(format!("{}.plan.log", job.label()));
        let mut command = child::eksnet(common, job)?;
        command.args(["diff", &job.file, "--save", &plan]);
        let status = child::logged(common, &mut command, &log, &job.label())?;
        let failed = || Failure::new(format!("cannot save a plan of `{}`", job.name));
        if status.success() { Ok(()) } else { Err(failed().because(child::reason(&log))) }
    });
    let failed =
        jobs.iter().zip(made).filter_map(|(job, made)| Some((job.file.clone(), made.err()?)));
    let mut failed: Vec<_> = failed.collect();
    let made = jobs.len() - failed.len();
    let index = folder.join("index.json");
    if let Err(failure) = source::write_whole(&index, &fleet_json::plans(&jobs, &failed)) {
        failed.push((index.display().to_string(), failure));
    }
    output::note(
        common,
        &format!(
            "{made} plans saved: `eksnet fleet deploy --plans {}` executes exactly these",
            folder.display()
        ),
    );
    failed
}

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

/// Each member's preview, and an index of them.
fn write(common: &Common, folder: &std::path::Path, outcome: &Outcome) -> Result<(), Failure> {
    for member in &outcome.members {
        let file = folder.join(member.preview_file());
        source::write_whole(&file, &preview_json::write(&member.preview))?;
    }
    source::write_whole(&folder.join("index.json"), &json(&fleet_diff::index(outcome)))?;
    output::note(
        common,
        &format!("{} previews written to {}", outcome.members.len(), folder.display()),
    );
    Ok(())
}
