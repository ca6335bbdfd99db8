//! `eksnet init`

use std::path::{Path, PathBuf};

use crate::blueprint::nearest;
use crate::diagnostic::Failure;
use crate::facts::eks;
use crate::facts::regions::{self, Region};
use crate::observed::Survey;
use crate::report::{json, list};
use crate::rescue::starter as from_survey;
use crate::source;
use crate::starter;
use crate::survey::document;

use super::args::{Format, Init};
use super::output::{self, Stop};
use super::{Common, DONE};

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
    let text = starter::named(&args.from, text, &name)?;
    let text = match region {
        Some(region) => starter::placed(&args.from, text, (region, &common.profiles()))?,
        None => text,
    };
    let path = PathBuf::from(format!("{name}.yaml"));
    if path.exists() {
        return Err(Failure::new(format!("`{}` exists", path.display()))
            .hint("use another name, or remove the file")
            .into());
    }
    source::write_whole(&path, &text)?;
    if let Some(ledger) = starter::ledger(&args.from, &name, common.region.as_deref())? {
        source::write_whole(&path.with_extension("lock.yaml"), &ledger.to_text())?;
    }
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
        return live(common, (Some(cluster), None)).map(Some);
    }
    if from.starts_with("vpc-") {
        return live(common, (None, Some(from))).map(Some);
    }
    Ok(if from.ends_with(".json") { Some(document::read(from.as_ref())?) } else { None })
}

#[cfg(feature = "aws")]
fn live(common: &Common, what: (Option<&str>, Option<&str>)) -> Result<Survey, Stop> {
    super::live::survey::fresh(common, None, what)
}

#[cfg(not(feature = "aws"))]
fn live(_: &Common, _: (Option<&str>, Option<&str>)) -> Result<Survey, Stop> {
    Err(super::offline::no_aws())
}
