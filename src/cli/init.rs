//! `eksnet init`

use std::path::PathBuf;

use include_dir::{Dir, include_dir};

use crate::diagnostic::Failure;
use crate::facts::regions;
use crate::observed::Survey;
use crate::report::json;
use crate::rescue::starter as from_survey;
use crate::source;
use crate::survey::document;

use super::args::{Format, Init};
use super::output::{self, Stop};
use super::{Common, DONE};

/// Of a blueprint that is given no name.
const DEFAULT_NAME: &str = "shop";

static BLUEPRINTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/blueprints");

pub fn run(common: &Common, args: &Init) -> Result<u8, Stop> {
    let form = args.name.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && args.name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    if !form {
        return Err(Stop::Usage(format!(
            "`{}` is no name for a cluster: a letter, then letters, digits and `-`",
            args.name
        )));
    }
    if let Some(region) = common.region.as_ref().filter(|region| regions::find(region).is_none()) {
        return Err(Stop::Usage(format!("`{region}` is not a Region that this version knows")));
    }
    let (text, own) = match surveyed(common, &args.from)? {
        Some(survey) => (from_survey::text(&survey, None, None), from_survey::name(&survey)),
        None => (starter(&args.from)?, args.name.clone()),
    };
    // Of what exists, the cluster's or the VPC's name, unless another one is given.
    let name = if args.name == DEFAULT_NAME { own } else { args.name.clone() };
    let text = replaced(&text, "name", Some(&name));
    let text = replaced(&text, "region", common.region.as_deref());
    let path = PathBuf::from(format!("{name}.yaml"));
    if path.exists() {
        return Err(Failure::new(format!("`{}` is there already", path.display()))
            .hint("take another name, or remove the file")
            .into());
    }
    source::write_whole(&path, &text)?;
    match common.output {
        Format::Json => {
            output::data(&json(&serde_json::json!({ "schemaVersion": 1, "file": path })))
        }
        _ => output::data(&format!("{}\n", path.display())),
    }
    output::next(common, &format!("eksnet check {}", output::file(&path.to_string_lossy())));
    Ok(DONE)
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

fn starter(from: &str) -> Result<String, Failure> {
    if let Some(text) =
        BLUEPRINTS.get_file(format!("{from}.yaml")).and_then(|file| file.contents_utf8())
    {
        return Ok(text.to_string());
    }
    std::fs::read_to_string(from).map_err(|cause| {
        let stems = BLUEPRINTS
            .files()
            .filter_map(|file| file.path().file_stem())
            .map(|stem| stem.to_string_lossy().into_owned());
        let names: Vec<String> = stems.filter(|stem| !stem.ends_with(".lock")).collect();
        Failure::new(format!("cannot start from `{from}`"))
            .because(cause)
            .hint(format!("a file, or one of {}", names.join(", ")))
    })
}

/// The first line `  key: …` with another value.
fn replaced(text: &str, key: &str, value: Option<&str>) -> String {
    let Some(value) = value else {
        return text.to_string();
    };
    let mut done = false;
    let lines = text.lines().map(|line| {
        match line.trim_start().strip_prefix(key).and_then(|rest| rest.strip_prefix(": ")) {
            Some(rest) if !done && line.starts_with("  ") => {
                done = true;
                let comment = rest.find(" #").map_or("", |at| &rest[at..]);
                format!("  {key}: {value}{comment}")
            }
            _ => line.to_string(),
        }
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}
