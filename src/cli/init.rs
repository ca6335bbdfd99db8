//! `eksnet init`

use std::path::Path;

use crate::blueprint::nearest;
use crate::facts::eks;
use crate::facts::regions::{self, Region};
use crate::observed::Survey;
use crate::report::{json, list};
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
        output::data(&match common.output {
            Format::Json => listed_json(),
            _ => list(output::view(false), &listed()),
        });
        return Ok(DONE);
    }
    if !eks::is_name(&args.name) {
        return Err(Stop::Usage(format!(
            "invalid cluster name `{}`: letters, digits and `-`, a letter or digit first, {} at most",
            args.name,
            eks::LONGEST_NAME
        )));
    }
    let region = common.region.as_deref().map(known).transpose()?;
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

fn known(name: &str) -> Result<&'static Region, Stop> {
    regions::find(name).ok_or_else(|| {
        let near = nearest(name, regions::names());
        let near = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
        Stop::Usage(format!("unknown Region `{name}`{near}"))
    })
}

fn listed() -> Vec<Vec<String>> {
    starter::listed().into_iter().map(|(name, sentence)| vec![name, sentence]).collect()
}

fn listed_json() -> String {
    let one = |(name, sentence)| serde_json::json!({ "name": name, "description": sentence });
    let examples: Vec<serde_json::Value> = starter::listed().into_iter().map(one).collect();
    json(&serde_json::json!({ "schemaVersion": 1, "examples": examples }))
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
