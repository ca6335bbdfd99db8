//! A rung written: into the blueprint that is there, or as one that names what exists.

use std::path::Path;

use crate::blueprint::Document;
use crate::diagnostic::{Failure, any_error};
use crate::line::Stopped;
use crate::observed::Survey;
use crate::opened;
use crate::source;

use super::edit::Wording;
use super::{Rung, allowed, edit, of_another, range, starter};

/// What was written.
pub enum Written {
    New,
    /// Lines that the blueprint did not have.
    Edited(Vec<String>),
}

/// The blueprint that is there, if it is of what the survey is of.
pub fn own(file: Option<&str>, survey: &Survey) -> Result<Option<Document>, Stopped> {
    let Some(name) = file.filter(|name| Path::new(name).exists()) else { return Ok(None) };
    let reading = opened::read(name)?;
    let Some(document) = reading.document.filter(|_| !any_error(&reading.findings)) else {
        return Err(Stopped::Findings(reading.source, reading.findings));
    };
    let findings = of_another(&document.blueprint, survey);
    if findings.is_empty() {
        Ok(Some(document))
    } else {
        Err(Stopped::Findings(document.source, findings))
    }
}

/// Writes a rung of the survey's cluster: into `own`, or as a file of `path` that does not exist yet.
pub fn write(
    survey: &Survey,
    rung: Rung,
    own: Option<&Document>,
    path: &Path,
) -> Result<Written, Failure> {
    let range = range(survey);
    if let Some(document) = own {
        let wording = Wording::of(survey, rung, range.as_deref());
        return edited(document, &wording, survey).map(Written::Edited);
    }
    let text = starter::text(survey, Some(rung), range.as_deref())?;
    let text = reasoned(text, &Wording::of(survey, rung, range.as_deref()), survey);
    if path.exists() {
        return Err(Failure::new(format!("`{}` exists", path.display()))
            .hint("name it, and the rung is written into it; or name another file"));
    }
    source::write_whole(path, &text)?;
    Ok(Written::New)
}

/// The rung in a blueprint that is there; the lines that it did not have.
fn edited(
    document: &Document,
    wording: &Wording<'_>,
    survey: &Survey,
) -> Result<Vec<String>, Failure> {
    let name = &document.source.name;
    let text = edit::edited(document, wording).ok_or_else(|| {
        let failure = Failure::new(format!("the rung cannot be written into `{name}`"))
            .because("it has a part of it already, or is written in another form");
        match edit::words(document, wording) {
            Some(words) => failure.hint(format!("the rung is {words}: add what is missing")),
            None => failure.hint("its line `blocked` says why"),
        }
    })?;
    let text = reasoned(text, wording, survey);
    source::write_whole(name.as_ref(), &text)?;
    let before: Vec<&str> = document.source.text.lines().collect();
    let new = text.lines().filter(|line| !before.contains(line) && !line.is_empty());
    Ok(new.map(str::to_string).collect())
}

/// Pods that move leave subnets behind that others fill.
fn reasoned(text: String, wording: &Wording<'_>, survey: &Survey) -> String {
    match (wording.rung, wording.range) {
        (Rung::CustomNetworking, Some(range)) => allowed::with_reason(text, survey, range),
        _ => text,
    }
}
