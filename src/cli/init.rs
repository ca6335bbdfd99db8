//! `eksnet init`

use std::path::Path;

use crate::facts::eks;
use crate::observed::Survey;
use crate::report::json;
use crate::rescue::starter as from_survey;
use crate::starter;
use crate::survey::document;

use super::args::{Format, Init};
use super::output::{self, Stop};
use super::{Common, DONE, live};

/// Of a blueprint that is given no name.
const DEFAULT_NAME: &str = "shop";

pub fn run(common: &Common, args: &Init) -> Result<u8, Stop> {
    if args.list {
        output::data(&common.output.starters(output::view(false)));
        return Ok(DONE);
    }
    if !eks::is_name(&args.name) {
        return Err(Stop::Usage(format!(
            "invalid cluster name `{}`: letters, digits and `-`, a letter or digit first, {} at most",
            args.name,
            eks::LONGEST_NAME
        )));
    }
    let region = common.region.as_deref().map(starter::region).transpose().map_err(Stop::Usage)?;
    let (text, own) = match surveyed(common, &args.from)? {
        Some(survey) => (from_survey::text(&survey, None, None)?, from_survey::name(&survey)),
        None => (starter::text(&args.from)?, args.name.clone()),
    };
    // Of what exists, the cluster's or the VPC's name, unless another one is given.
    let name = if args.name == DEFAULT_NAME { own } else { args.name.clone() };
    let place = (region, &common.profiles());
    let (path, text) = starter::write((&args.from, text), &name, place)?;
    match common.output {
        Format::Json => {
            output::data(&json(&serde_json::json!({ "schemaVersion": 1, "file": path })))
        }
        _ => output::data(&format!("{}\n", path.display())),
    }
    starter::placeholders(&args.from, text).iter().for_each(|what| output::note(common, what));
    // A survey's file is known to this command alone.
    let survey = Path::new(&args.from).is_file().then(|| output::file(&args.from));
    let survey = survey.map_or(String::new(), |file| format!(" --survey {file}"));
    output::next(
        common,
        &format!("eksnet check {}{survey}", output::file(&path.to_string_lossy())),
    );
    Ok(DONE)
}

/// What exists, where `--from` names it: a survey's file, a VPC, a cluster.
fn surveyed(common: &Common, from: &str) -> Result<Option<Survey>, Stop> {
    if let Some(cluster) = from.strip_prefix("cluster/") {
        return live::surveyed(common, None, (Some(cluster), None)).map(Some);
    }
    if from.starts_with("vpc-") {
        return live::surveyed(common, None, (None, Some(from))).map(Some);
    }
    Ok(if from.ends_with(".json") { Some(document::read(from.as_ref())?) } else { None })
}
