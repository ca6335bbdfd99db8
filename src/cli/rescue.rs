//! `eksnet rescue`

use crate::blueprint::Document;
use crate::observed::Survey;
use crate::rescue::written::{self, Written};
use crate::rescue::{self, Rung, Wanted, starter};
use crate::survey::document;

use super::args::{Format, Rescue};
use super::output::{self, Stop};
use super::{Common, DONE, live};

pub fn run(common: &Common, args: &Rescue) -> Result<u8, Stop> {
    let chosen = args.write.as_deref().map(starter::rung).transpose().map_err(Stop::Usage)?;
    let survey = match &args.survey {
        Some(path) => document::read(path)?,
        None => live::surveyed(common, args.file.as_deref(), (args.cluster.as_deref(), None))?,
    };
    let own = written::own(args.file.as_deref(), &survey)?;
    let found = rescue::of(&survey, Wanted { nodes: args.nodes, pods: args.pods });
    // What was chosen needs no list to choose from.
    if chosen.is_none() || common.output == Format::Json {
        output::data(&common.output.rescue(&found, output::view(false)));
    }
    if chosen.is_none() {
        proposed(common, args, &found);
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

/// The blueprint that names what exists, with the rung in it.
fn write(
    common: &Common,
    (args, own): (&Rescue, Option<&Document>),
    (survey, rung): (&Survey, Rung),
) -> Result<(), Stop> {
    let name = args.file.clone().unwrap_or_else(|| format!("{}.yaml", starter::name(survey)));
    let file = output::file(&name);
    match written::write(survey, rung, own, name.as_ref())? {
        Written::New => {
            output::note(common, &format!("written: {name}"));
            let survey = args.survey.as_ref().map(|path| path.display().to_string());
            let survey = output::file(&survey.unwrap_or("survey.json".to_string()));
            output::next(common, &format!("eksnet check {file} --survey {survey}"));
        }
        Written::Edited(lines) => {
            lines.iter().for_each(|line| output::note(common, &format!("+ {line}")));
            output::note(common, &format!("edited: {name}"));
            output::next(common, &format!("eksnet check {file}"));
        }
    }
    Ok(())
}
