//! `eksnet doctor`

use crate::diagnostic::Failure;
use crate::doctor::{self, Diagnosis, Narrow, bundle};
use crate::observed::Survey;
use crate::report::doctor::{Lines, View};
use crate::report::escape::plain;
use crate::survey::document;

use super::args::{Doctor, Format};
use super::line;
use super::output::{self, Stop};
use super::{Common, DONE, FAILED, UNFINISHED};

pub fn run(common: &Common, args: &Doctor) -> Result<u8, Stop> {
    let symptoms: Vec<doctor::Symptom> = args.symptom.iter().map(|one| one.of()).collect();
    if let Some(path) = &args.bundle {
        let packed = match path.to_str() {
            Some("-") => bundle::from(path, std::io::stdin().lock()),
            _ => bundle::open(path),
        }?;
        output::note(common, &format!("log bundle of {}", plain(packed.instance())));
        let (diagnosis, survey) = (bundle::judge(&packed, &symptoms), Survey::default());
        let view = View { diagnosis: &diagnosis, survey: &survey, lines: None, file: None };
        return Ok(told(common, &view));
    }
    // A blueprint that cannot be read is told before AWS is asked.
    let opened = args.file.as_deref().map(|file| line::open(file, common)).transpose()?;
    let survey = match &args.survey {
        Some(path) => document::read(path)?,
        None => live(common, args)?,
    };
    let to = narrow(args);
    let survey = doctor::narrowed(survey, &to)
        .map_err(|why| Failure::new("cannot narrow the diagnosis").because(why))?;
    let symptoms = if symptoms.is_empty() { to.symptoms() } else { &symptoms };
    let diagnosis = doctor::judge(&survey, symptoms);
    let survey = if to == Narrow::default() { survey } else { doctor::pictured(&survey) };
    let lines = opened
        .as_ref()
        .zip(args.file.as_ref())
        .map(|(opened, file)| Lines::of(&opened.document, file));
    let file = args.survey.as_ref().map(|path| output::file(&path.to_string_lossy()));
    let view = View {
        diagnosis: &diagnosis,
        survey: &survey,
        lines: lines.as_ref(),
        file: file.as_deref(),
    };
    Ok(told(common, &view))
}

/// Prints a diagnosis; returns the exit code.
fn told(common: &Common, view: &View<'_>) -> u8 {
    let diagnosis = view.diagnosis;
    output::data(&common.output.doctor(view, output::view(false)));
    if let Some(first) = diagnosis.roots.first().filter(|_| common.output == Format::Human) {
        output::note(common, &format!("Why: eksnet explain {}", first.check.id));
    }
    code(diagnosis)
}

fn narrow(args: &Doctor) -> Narrow {
    Narrow { node: args.node.clone(), pod: args.pod.clone(), service: args.service.clone() }
}

fn live(common: &Common, args: &Doctor) -> Result<Survey, Stop> {
    let what = args.cluster.as_deref().or(args.file.as_deref()).unwrap_or_default();
    output::note(common, &format!("reading what exists of {what} from EC2, EKS and Kubernetes"));
    super::live::surveyed(common, args.file.as_deref(), (args.cluster.as_deref(), None))
}

fn code(diagnosis: &Diagnosis) -> u8 {
    match (diagnosis.is_sick(), diagnosis.is_unfinished()) {
        (true, _) => FAILED,
        (false, true) => UNFINISHED,
        (false, false) => DONE,
    }
}
