//! `eksnet report`

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Failure, any_error};
use crate::fleet::target;
use crate::observed::Observed;
use crate::preview::{self, Preview, former};
use crate::report::json;
use crate::report::page::{self, Plan, Sheet};
use crate::source::Source;

use super::args::{Format, Report};
use super::line::{self, Line};
use super::output::{self, Stop};
use super::{Common, DONE, FAILED, live};

/// A blueprint on its way to a page.
enum Read {
    Whole { line: Box<Line>, lock: String, preview: Option<Box<Preview>> },
    Broken(Source, Vec<Diagnostic>),
}

impl Read {
    fn sheet(&self) -> Sheet<'_> {
        match self {
            Read::Whole { line, lock, preview } => {
                Sheet::Plan(Plan { compiled: line, lock, preview: preview.as_deref() })
            }
            Read::Broken(source, findings) => Sheet::Broken { source, findings },
        }
    }
}

pub fn run(common: &Common, args: &Report) -> Result<u8, Stop> {
    if let Some(out) = &args.out {
        target::spare(out, &inputs(args))?;
        page::folder::is_named_so(out, kind(common.output))?;
    }
    if args.out.is_none() && common.output != Format::Json && std::io::stdout().is_terminal() {
        let of = if common.output == Format::Svg { "map.svg" } else { "report.html" };
        return Err(Stop::Usage(format!("this is not text for a terminal: add `--out {of}`")));
    }
    // A shell's `*.yaml` names locks, too.
    let files = args.files.iter().filter(|file| !file.ends_with(".lock.yaml"));
    let read: Vec<Read> = files.map(|file| one(common, args, file)).collect::<Result<_, Stop>>()?;
    if read.is_empty() {
        let failure = Failure::new("none of the files is a blueprint");
        return Err(failure.hint("a lock belongs to the blueprint beside it: name that").into());
    }
    for one in &read {
        if let Read::Broken(source, found) = one {
            output::warnings(common, source, found);
        }
    }
    let out = args.out.as_deref();
    match (common.output, out) {
        (Format::Svg, out) => written(out, &svg(&read)?, args)?,
        (Format::Json, Some(path)) => {
            target::write(path, &page::folder::document(&sheets(&read)), &inputs(args))?;
            output::data(&json(&serde_json::json!({ "schemaVersion": 1, "file": path })));
        }
        (Format::Json, None) => output::data(&page::folder::document(&sheets(&read))),
        (_, Some(folder)) if page::folder::is_folder(folder) => in_folder(folder, &read, args)?,
        (_, out) => written(out, &page::html(&sheets(&read)), args)?,
    }
    let broken = read.iter().any(|one| matches!(one, Read::Broken(..)));
    Ok(if broken { FAILED } else { DONE })
}

fn sheets(read: &[Read]) -> Vec<Sheet<'_>> {
    read.iter().map(Read::sheet).collect()
}

fn one(common: &Common, args: &Report, file: &str) -> Result<Read, Stop> {
    match whole(common, args, file) {
        Err(Stop::Findings(source, findings)) if any_error(&findings) => {
            Ok(Read::Broken(source, findings))
        }
        other => other,
    }
}

fn whole(common: &Common, args: &Report, file: &str) -> Result<Read, Stop> {
    let opened = line::open(file, common)?;
    let asked = common.asked();
    let former = args.against.as_ref().map(|what| former::read(what, file, &asked)).transpose()?;
    let before = former.map(|former| former.template);
    let observed = before.map_or(Observed::default(), Observed::template);
    let observed = observed.and(surveyed(common, args, file)?);
    let before = observed.deployed_template();
    let line = opened.compile(observed)?;
    let preview = args.against.as_ref().map(|_| {
        let stack = line.intent.stack();
        let preview = preview::compare(&stack, &before, &line.template, &line.graph);
        Box::new(preview.written(&line.document))
    });
    let lock = line.lock.state(&line.plan);
    Ok(Read::Whole { line: Box::new(line), lock, preview })
}

/// What exists now, where it is asked for.
fn surveyed(common: &Common, args: &Report, file: &str) -> Result<Observed, Stop> {
    if args.online {
        let survey = Some(Box::new(live::surveyed(common, Some(file), (None, None))?));
        return Ok(Observed { survey, ..Observed::default() });
    }
    Ok(args.surveyed.observed()?)
}

/// Files that the report is made of.
fn inputs(args: &Report) -> Vec<&Path> {
    let files = args.files.iter().map(Path::new);
    let against = args.against.as_deref().map(Path::new);
    files.chain(against).chain(args.surveyed.survey.as_deref()).collect()
}

fn svg(read: &[Read]) -> Result<String, Stop> {
    match read {
        [one] => match one.sheet() {
            Sheet::Plan(plan) => Ok(page::svg(&plan)),
            Sheet::Broken { .. } => Err(Stop::Reported(
                Failure::new("the blueprint is not valid: there is no map"),
                FAILED,
            )),
        },
        _ => Err(Stop::Usage("`-o svg` draws one blueprint".to_string())),
    }
}

fn written(out: Option<&Path>, text: &str, args: &Report) -> Result<(), Failure> {
    let Some(path) = out else {
        output::data(text);
        return Ok(());
    };
    target::write(path, text, &inputs(args))?;
    output::data(&format!("{}\n", path.display()));
    Ok(())
}

fn kind(format: Format) -> page::folder::Kind {
    match format {
        Format::Svg => page::folder::Kind::Svg,
        Format::Json => page::folder::Kind::Json,
        _ => page::folder::Kind::Html,
    }
}

/// A page for each blueprint, and an index that leads to them.
fn in_folder(folder: &Path, read: &[Read], args: &Report) -> Result<(), Failure> {
    let sheets = sheets(read);
    let names = page::folder::names(&sheets);
    for (sheet, name) in sheets.iter().zip(&names) {
        target::write(&folder.join(name), &page::html(&[*sheet]), &inputs(args))?;
    }
    target::write(&folder.join("index.html"), &page::index(&sheets, &names), &inputs(args))?;
    let all = names.iter().map(String::as_str).chain(["index.html"]);
    let paths: Vec<PathBuf> = all.map(|name| folder.join(name)).collect();
    paths.iter().for_each(|path| output::data(&format!("{}\n", path.display())));
    Ok(())
}
