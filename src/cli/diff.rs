//! `eksnet diff`

use crate::blueprint::{edits, nearest};
use crate::diagnostic::{Failure, any_error};
use crate::facts::kinds;
use crate::observed::Observed;
use crate::preview::{self, Change, ChangeKind, Preview};
use crate::report;
use crate::template::Template;

use super::args::{Diff, FailOn, Format};
use super::line::{self, Line, Opened};
use super::lock;
use super::output::{self, Stop};
use super::{CHANGES, Common, DESTRUCTIVE, DONE, FAILED, against, target};

pub fn run(common: &Common, args: &Diff) -> Result<u8, Stop> {
    if args.save.is_some() && args.file == "-" {
        return Err(Stop::Usage(
            "--save needs the blueprint's file: `deploy --plan` reads it again".to_string(),
        ));
    }
    if args.against.is_some() && args.sending.revert_drift {
        return Err(Stop::Usage(
            "--revert-drift asks CloudFormation, --against does not".to_string(),
        ));
    }
    if !args.allow.is_empty() && args.fail_on.is_empty() && !args.exit_code {
        return Err(Stop::Usage(
            "--allow needs --fail-on or --exit-code: nothing else refuses a change".to_string(),
        ));
    }
    args.allow.iter().try_for_each(|kind| is_type(kind))?;
    if let Some(plan) = &args.save {
        target::spare(plan.as_ref(), &[args.file.as_ref()])?;
    }
    if args.save.is_some() || args.change_set || args.sending.revert_drift {
        let (line, preview) = proposed(common, args)?;
        show(common, args, &line, &preview);
        return gate(args, &preview);
    }
    let opened = line::open(&args.file, common)?;
    let mut written = None;
    let (opened, observed) = match &args.against {
        Some(what) => {
            let former = against::read(common, what, &args.file)?;
            written = former.written;
            (opened, Observed::template(former.template))
        }
        None => deployed(common, opened)?,
    };
    let observed = observed.and(args.surveyed.observed()?);
    let before = observed.deployed_template();
    let line = opened.compile(observed)?;
    line::said(common, &line);
    if args.locked {
        line.lock.hold(&line.plan)?;
    }
    if args.write_lock {
        line.lock.decided(&line.plan)?;
        lock::write(line.lock.due(&line.plan), common)?;
    }
    let edits = written.iter().flat_map(|own| edits::between(own, &line.document.value()));
    let preview = preview::addresses::of(&line, &before)?
        .over(&line.template, line.observed.sizes.read())
        .edited(edits.collect())
        .written(&line.document);
    let preview = match &args.against {
        Some(_) if !args.drift => preview.with_beside(preview::standing::of(&line, &before)),
        _ => beside(common, args, &line, &before, preview)?,
    };
    show(common, args, &line, &preview);
    gate(args, &preview)
}

/// With the change set's own answer.
#[cfg(feature = "aws")]
fn proposed(common: &Common, args: &Diff) -> Result<(Line, Preview), Stop> {
    match &args.save {
        Some(path) => super::live::review::save(common, args, path),
        None => super::live::review::ask(common, args),
    }
}

#[cfg(not(feature = "aws"))]
fn proposed(_: &Common, _: &Diff) -> Result<(Line, Preview), Stop> {
    Err(super::offline::no_aws())
}

#[cfg(feature = "aws")]
fn beside(
    common: &Common,
    args: &Diff,
    line: &Line,
    before: &Template,
    preview: Preview,
) -> Result<Preview, Stop> {
    super::live::drift::added(common, args, line, before, preview)
}

#[cfg(not(feature = "aws"))]
fn beside(
    _: &Common,
    args: &Diff,
    _: &Line,
    _: &Template,
    preview: Preview,
) -> Result<Preview, Stop> {
    if args.drift { Err(super::offline::no_aws()) } else { Ok(preview) }
}

#[cfg(feature = "aws")]
fn deployed(common: &Common, opened: Opened) -> Result<(Opened, Observed), Stop> {
    super::live::observe(common, opened)
}

#[cfg(not(feature = "aws"))]
fn deployed(_: &Common, _: Opened) -> Result<(Opened, Observed), Stop> {
    Err(super::offline::no_aws())
}

fn show(common: &Common, args: &Diff, line: &Line, preview: &Preview) {
    let lock = line.lock.outlook(&line.plan);
    let shown = report::preview::Shown {
        line: &|path| line.place(path),
        compiled: Some(line),
        lock: &lock,
        view: output::view(args.all),
    };
    match common.output {
        Format::Json => output::data(&report::preview_json::write(preview)),
        Format::Markdown => output::data(&report::preview_markdown::write(preview, &shown)),
        Format::Github => {
            let spot = |path: &str| line.spot(path);
            output::data(&report::preview_github::write(preview, &shown, &spot))
        }
        _ => {
            if args.layout {
                let state = line.lock.state(&line.plan);
                output::data(&(report::layout::write(&line.layout(), &state, shown.view) + "\n"));
            }
            output::data(&report::preview::human(preview, &shown));
            next(common, args, preview);
        }
    }
}

fn next(common: &Common, args: &Diff, preview: &Preview) {
    let file = output::file(&args.file);
    let command = match &args.save {
        _ if any_error(&preview.findings) => format!("eksnet check {file}"),
        _ if preview.is_empty() => format!("eksnet status {file}"),
        Some(plan) => format!("eksnet deploy --plan {}", output::file(plan)),
        None => format!("eksnet deploy {file}"),
    };
    output::next(common, &command);
}

/// A misspelt type would let nothing pass, and say nothing. A stack may have types that eksnet does not make.
fn is_type(name: &str) -> Result<(), Stop> {
    let known = || kinds::all().map(|kind| kind.name);
    if known().any(|kind| kind == name) {
        return Ok(());
    }
    let parts: Vec<&str> = name.split("::").collect();
    let formed = parts.len() == 3 && parts.iter().all(|part| !part.is_empty());
    match nearest(name, known()) {
        Some(near) => {
            Err(Stop::Usage(format!("--allow: no type `{name}`; did you mean `{near}`?")))
        }
        None if formed => Ok(()),
        None => Err(Stop::Usage(format!(
            "--allow: `{name}` is no resource type; one is written like AWS::EC2::Route"
        ))),
    }
}

/// The gate of a pipeline: what `--fail-on` names fails, unless its type is allowed.
fn gate(args: &Diff, preview: &Preview) -> Result<u8, Stop> {
    let refused = refused(args, preview);
    if !refused.is_empty() {
        let failure = Failure::new(refused.join("; "))
            .hint("that is what --fail-on refuses; --allow TYPE lets a type pass");
        return Err(Stop::Reported(failure, FAILED));
    }
    let allowed = |change: &&Change| args.allow.contains(&change.kind);
    let destructive = preview.changes.iter().any(|change| {
        matches!(change.change_kind(), ChangeKind::Replace | ChangeKind::Remove)
            && !allowed(&change)
            && !preview.is_uncertain(change)
    });
    let refused = any_error(&preview.findings);
    let drifted = preview.drift.as_ref().is_some_and(|drift| !drift.is_empty())
        || !preview.beside.lines.is_empty();
    Ok(match preview {
        // What AWS refuses is no change that a reviewer may wave through.
        _ if refused => FAILED,
        _ if !args.exit_code || (preview.is_empty() && !drifted) => DONE,
        _ if destructive => DESTRUCTIVE,
        _ => CHANGES,
    })
}

/// What `--fail-on` names and the preview has, in words. What nobody but the change set fears is not counted.
fn refused(args: &Diff, preview: &Preview) -> Vec<String> {
    let counted =
        |change: &&Change| !args.allow.contains(&change.kind) && !preview.is_uncertain(change);
    let ids = |named: &dyn Fn(&Change) -> bool| {
        let found = preview.changes.iter().filter(counted).filter(|change| named(change));
        found.map(|change| change.id.as_str()).collect::<Vec<_>>().join(", ")
    };
    let destroyed = |change: &Change| match change.change_kind() {
        ChangeKind::Replace => args.fail_on.contains(&FailOn::Replace),
        ChangeKind::Remove => args.fail_on.contains(&FailOn::Remove),
        ChangeKind::Add | ChangeKind::Modify => false,
    };
    // Nodes that go are as gone as those that are replaced.
    let loses = |change: &Change| {
        change.kind == "AWS::EKS::Nodegroup"
            && change.change_kind() == ChangeKind::Modify
            && change.weight() == preview::Weight::Nodes
    };
    let rolled = |change: &Change| {
        args.fail_on.contains(&FailOn::Nodes) && (change.rolls_nodes() || loses(change))
    };
    let kept = args.fail_on.contains(&FailOn::Nodes) && preview.beside.is_for_new_nodes();
    let waiting = if kept { "settings of aws-node".to_string() } else { String::new() };
    let passes = |id: &String| {
        let change = preview.change(id);
        change.is_some_and(|change| args.allow.contains(&change.kind))
    };
    let lost = preview.irreversible.iter().filter(|lost| !lost.ids.iter().all(passes));
    let lost = lost.filter(|_| args.fail_on.contains(&FailOn::Irreversible));
    let for_good: Vec<String> = lost.map(ToString::to_string).collect();
    [
        (ids(&destroyed), " would be replaced or removed"),
        (ids(&rolled), " would have nodes replaced or terminated"),
        (waiting, " would reach running nodes only when they are replaced"),
        (for_good.join("; "), " (for good)"),
    ]
    .into_iter()
    .filter(|(found, _)| !found.is_empty())
    .map(|(found, words)| format!("{found}{words}"))
    .collect()
}
