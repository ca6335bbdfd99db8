//! `eksnet doctor`

use crate::doctor::{self, Diagnosis};
use crate::report::doctor as written;
use crate::survey::document;

use super::args::{Doctor, Format};
use super::output::{self, Stop};
use super::{Common, DONE, FAILED, UNFINISHED};

pub fn run(common: &Common, args: &Doctor) -> Result<u8, Stop> {
    let survey = document::read(&args.survey)?;
    let symptoms: Vec<doctor::Symptom> = args.symptom.iter().map(|one| one.of()).collect();
    let diagnosis = doctor::judge(&survey, &symptoms);
    output::data(&match common.output {
        Format::Json => written::json(&diagnosis, &survey),
        Format::Markdown => written::markdown(&diagnosis),
        _ => written::human(&diagnosis, &survey),
    });
    if let Some(first) = diagnosis.roots.first().filter(|_| common.output == Format::Human) {
        output::note(common, &format!("Why: eksnet explain {}", first.check.id));
    }
    Ok(code(&diagnosis))
}

fn code(diagnosis: &Diagnosis) -> u8 {
    match (diagnosis.is_sick(), diagnosis.is_refused()) {
        (true, _) => FAILED,
        (false, true) => UNFINISHED,
        (false, false) => DONE,
    }
}
