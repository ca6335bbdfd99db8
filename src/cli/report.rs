//! `eksnet report`

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Failure, any_error};
use crate::fleet::target;
use crate::observed::Observed;
use crate::preview::former;
use crate::report::page::{Drawn, Sheet, folder};
use crate::report::{Format, json};

use super::args::Report;
use super::output::{self, Stop};
use super::{Common, DONE, FAILED, line, live};

pub fn run(common: &Common, args: &Report) -> Result<u8, Stop> {
    refused(common, args)?;
    // A shell's `*.yaml` names locks, too.
    let files = args.files.iter().filter(|file| !file.ends_with(".lock.yaml"));
    let drawn: Vec<Drawn> =
        files.map(|file| one(common, args, file)).collect::<Result<_, Stop>>()?;
    if drawn.is_empty() {
        let failure = Failure::new("none of the files is a blueprint");
        return Err(failure.hint("a lock belongs to the blueprint beside it: name that").into());
    }
    if common.output == Format::Svg && drawn.len() != 1 {
        return Err(Stop::Usage("`-o svg` draws one blueprint".to_string()));
    }
    for one in &drawn {
        if let Drawn::Broken(source, found) = one {
            output::warnings(common, source, found);
        }
    }
    let sheets: Vec<Sheet<'_>> = drawn.iter().map(Drawn::sheet).collect();
    let is_page = !matches!(common.output, Format::Svg | Format::Json);
    match args.out.as_deref() {
        None => output::data(&common.output.pages(&sheets)?),
        Some(out) if is_page && folder::is_folder(out) => {
            let pages = folder::pages(&sheets).into_iter();
            written(args, pages.map(|(name, page)| (out.join(name), page)).collect())?;
        }
        Some(out) => {
            let text = common.output.pages(&sheets)?;
            match common.output {
                Format::Json => {
                    target::write(out, &text, &inputs(args))?;
                    output::data(&json(&serde_json::json!({ "schemaVersion": 1, "file": out })));
                }
                _ => written(args, vec![(out.to_path_buf(), text)])?,
            }
        }
    }
    let broken = drawn.iter().any(|one| matches!(one, Drawn::Broken(..)));
    Ok(if broken { FAILED } else { DONE })
}

/// What cannot be written where it is wanted, before anything is read.
fn refused(common: &Common, args: &Report) -> Result<(), Stop> {
    if let Some(out) = &args.out {
        target::spare(out, &inputs(args))?;
        folder::is_named_so(out, common.output)?;
    }
    if args.out.is_none() && common.output != Format::Json && std::io::stdout().is_terminal() {
        let of = if common.output == Format::Svg { "map.svg" } else { "report.html" };
        return Err(Stop::Usage(format!("this is not text for a terminal: add `--out {of}`")));
    }
    Ok(())
}

fn one(common: &Common, args: &Report, file: &str) -> Result<Drawn, Stop> {
    match whole(common, args, file) {
        Err(Stop::Findings(source, findings)) if any_error(&findings) => {
            Ok(Drawn::Broken(source, findings))
        }
        other => other,
    }
}

fn whole(common: &Common, args: &Report, file: &str) -> Result<Drawn, Stop> {
    let opened = line::open(file, common)?;
    let asked = common.asked();
    let former = args.against.as_ref().map(|what| former::read(what, file, &asked)).transpose()?;
    let observed = if args.online {
        let survey = Some(Box::new(live::surveyed(common, Some(file), (None, None))?));
        Observed { survey, ..Observed::default() }
    } else {
        args.surveyed.observed()?
    };
    Ok(Drawn::of(opened, former.map(|former| former.template), observed)?)
}

/// Files that the report is made of.
fn inputs(args: &Report) -> Vec<&Path> {
    let files = args.files.iter().map(Path::new);
    let against = args.against.as_deref().map(Path::new);
    files.chain(against).chain(args.surveyed.survey.as_deref()).collect()
}

/// Writes all of them, then names them.
fn written(args: &Report, files: Vec<(PathBuf, String)>) -> Result<(), Stop> {
    for (path, text) in &files {
        target::write(path, text, &inputs(args))?;
    }
    files.iter().for_each(|(path, _)| output::data(&format!("{}\n", path.display())));
    Ok(())
}
