//! `eksnet rescue`

use std::path::PathBuf;

use crate::blueprint::Document;
use crate::diagnostic::{Failure, any_error};
use crate::observed::Survey;
use crate::report::{json, rescue as words};
use crate::rescue::{self, Rung, Wanted, edit, starter};
use crate::source;
use crate::survey::document;

use super::args::{Format, Rescue};
use super::output::{self, Stop};
use super::{Common, DONE, line};

pub fn run(common: &Common, args: &Rescue) -> Result<u8, Stop> {
    let chosen = args.write.as_deref().map(starter::rung).transpose().map_err(Stop::Usage)?;
    let survey = match &args.survey {
        Some(path) => document::read(path)?,
        None => live(common, args)?,
    };
    let own = own(args, &survey)?;
    let found = rescue::of(&survey, Wanted { nodes: args.nodes, pods: args.pods });
    match common.output {
        Format::Json => {
            let value = serde_json::to_value(&found).unwrap_or_default();
            output::data(&json(&value));
        }
        // What was chosen needs no list to choose from.
        _ if chosen.is_some() => {}
        _ => {
            output::data(&words::within(&found, output::view(false)));
            proposed(common, args, &found);
        }
    }
    if let Some(rung) = chosen {
        write(common, (args, own.as_ref()), (&survey, rung))?;
    }
    Ok(DONE)
}

/// The command that writes the first rung that is enough.
fn proposed(common: &Common, args: &Rescue, found: &rescue::Rescue) {
    let enough = found.rungs.iter().find(|step| step.enough && step.rung != Rung::LeakedInterfaces);
    let Some(step) = enough else { return };
    let file = args.file.as_ref().map_or(String::new(), |file| format!(" {}", output::file(file)));
    let source = match (&args.survey, &args.cluster) {
        (Some(path), _) => format!(" --survey {}", output::file(&path.to_string_lossy())),
        (None, Some(name)) => format!(" --cluster {}", output::file(name)),
        (None, None) => String::new(),
    };
    output::next(common, &format!("eksnet rescue{file}{source} --write {}", step.rung.word()));
}

/// The blueprint that is there, if it is of what the survey is of.
fn own(args: &Rescue, survey: &Survey) -> Result<Option<Document>, Stop> {
    let Some(name) = args.file.as_deref().filter(|name| PathBuf::from(name).exists()) else {
        return Ok(None);
    };
    let reading = line::read(name)?;
    let Some(document) = reading.document.filter(|_| !any_error(&reading.findings)) else {
        return Err(Stop::Findings(reading.source, reading.findings));
    };
    let findings = rescue::of_another(&document.blueprint, survey);
    if findings.is_empty() {
        Ok(Some(document))
    } else {
        Err(Stop::Findings(document.source, findings))
    }
}

/// The blueprint that names what exists, with the rung in it.
fn write(
    common: &Common,
    (args, own): (&Rescue, Option<&Document>),
    (survey, rung): (&Survey, Rung),
) -> Result<(), Stop> {
    let name = starter::name(survey);
    let path = PathBuf::from(args.file.clone().unwrap_or_else(|| format!("{name}.yaml")));
    let range = rescue::range(survey);
    if let Some(document) = own {
        return edit(common, document, (rung, range.as_deref()));
    }
    let text = starter::text(survey, Some(rung), range.as_deref())?;
    if path.exists() {
        return Err(Failure::new(format!("`{}` exists", path.display()))
            .hint("name it, and the rung is written into it; or name another file")
            .into());
    }
    source::write_whole(&path, &text)?;
    output::note(common, &format!("written: {}", path.display()));
    let survey =
        args.survey.as_ref().map_or("survey.json".to_string(), |path| path.display().to_string());
    let file = output::file(&path.to_string_lossy());
    output::next(common, &format!("eksnet check {file} --survey {}", output::file(&survey)));
    Ok(())
}

/// The rung in a blueprint that is there.
fn edit(
    common: &Common,
    document: &Document,
    (rung, range): (Rung, Option<&str>),
) -> Result<(), Stop> {
    let name = &document.source.name;
    let text = edit::edited(document, rung, range).ok_or_else(|| {
        let failure = Failure::new(format!("the rung cannot be written into `{name}`"))
            .because("it says something of it already, or is written in another form");
        match edit::words(document, rung, range) {
            Some(words) => failure.hint(format!("the rung is {words}: add what is missing")),
            None => failure.hint("its line `blocked` says why"),
        }
    })?;
    source::write_whole(name.as_ref(), &text)?;
    let before: Vec<&str> = document.source.text.lines().collect();
    for line in text.lines().filter(|line| !before.contains(line) && !line.is_empty()) {
        output::note(common, &format!("+ {line}"));
    }
    output::note(common, &format!("edited: {name}"));
    output::next(common, &format!("eksnet check {}", output::file(name)));
    Ok(())
}

#[cfg(feature = "aws")]
fn live(common: &Common, args: &Rescue) -> Result<Survey, Stop> {
    super::live::survey::fresh(common, args.file.as_deref(), (args.cluster.as_deref(), None))
}

#[cfg(not(feature = "aws"))]
fn live(_: &Common, _: &Rescue) -> Result<Survey, Stop> {
    Err(super::offline::no_aws())
}
