//! `eksnet init`

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use crate::blueprint::model::Zones;
use crate::blueprint::{self, Document, Reading, nearest};
use crate::diagnostic::{Failure, any_error};
use crate::facts::eks;
use crate::facts::regions::{self, Region};
use crate::ledger::Ledger;
use crate::line::{self, Request};
use crate::observed::Survey;
use crate::report::{json, list};
use crate::rescue::starter as from_survey;
use crate::source;
use crate::survey::document;
use crate::template;

use super::args::{Format, Init};
use super::output::{self, Stop};
use super::{Common, DONE};

/// Of a blueprint that is given no name.
const DEFAULT_NAME: &str = "shop";

static BLUEPRINTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/blueprints");

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
        None => (starter(&args.from)?, args.name.clone()),
    };
    // Of what exists, the cluster's or the VPC's name, unless another one is given.
    let name = if args.name == DEFAULT_NAME { own } else { args.name.clone() };
    let text = named(&args.from, text, &name)?;
    let text = match region {
        Some(region) => placed(common, &args.from, text, region)?,
        None => text,
    };
    let path = PathBuf::from(format!("{name}.yaml"));
    if path.exists() {
        return Err(Failure::new(format!("`{}` exists", path.display()))
            .hint("use another name, or remove the file")
            .into());
    }
    source::write_whole(&path, &text)?;
    if let Some(ledger) = of_example(&args.from, &name, common.region.as_deref())? {
        source::write_whole(&path.with_extension("lock.yaml"), &ledger.to_text())?;
    }
    match common.output {
        Format::Json => {
            output::data(&json(&serde_json::json!({ "schemaVersion": 1, "file": path })))
        }
        _ => output::data(&format!("{}\n", path.display())),
    }
    let placeholders = blueprint::placeholders(&read(&args.from, text)?);
    placeholders.iter().for_each(|what| output::note(common, what));
    // A survey's file is known to this command alone.
    let survey = Path::new(&args.from).is_file().then(|| output::file(&args.from));
    let survey = survey.map_or(String::new(), |file| format!(" --survey {file}"));
    output::next(
        common,
        &format!("eksnet check {}{survey}", output::file(&path.to_string_lossy())),
    );
    Ok(DONE)
}

/// What an example's lock remembers of a VPC that exists, so that its blueprint compiles without a survey.
fn of_example(from: &str, name: &str, region: Option<&str>) -> Result<Option<Ledger>, Failure> {
    let file = format!("{from}.lock.yaml");
    let text = BLUEPRINTS.get_file(&file).and_then(|file| file.contents_utf8());
    let ledger = text.map(|text| Ledger::from_text(text, &file)).transpose()?;
    let exists = ledger.filter(|ledger| ledger.occupied.is_some());
    let here = exists.filter(|ledger| region.is_none_or(|region| region == ledger.region));
    Ok(here.map(|ledger| Ledger { name: name.to_string(), ..ledger }))
}

fn known(name: &str) -> Result<&'static Region, Stop> {
    regions::find(name).ok_or_else(|| {
        let near = nearest(name, regions::names());
        let near = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
        Stop::Usage(format!("unknown Region `{name}`{near}"))
    })
}

/// The examples, by name, with the first sentence of each.
fn listed() -> Vec<Vec<String>> {
    let row = |name: &String| {
        let text = starter(name).unwrap_or_default();
        let head = text.lines().map_while(|line| line.strip_prefix("# "));
        // What editors read is nothing for people.
        let head: Vec<&str> =
            head.filter(|line| !line.starts_with("yaml-language-server:")).collect();
        let head = head.join(" ");
        let sentence = head.split_once(". ").map_or(head.trim_end_matches('.'), |(first, _)| first);
        vec![name.clone(), sentence.to_string()]
    };
    examples().iter().map(row).collect()
}

fn listed_json() -> String {
    let one = |row: Vec<String>| serde_json::json!({ "name": row[0], "description": row[1] });
    let examples: Vec<serde_json::Value> = listed().into_iter().map(one).collect();
    json(&serde_json::json!({ "schemaVersion": 1, "examples": examples }))
}

/// Their names, for `--from`.
pub fn examples() -> Vec<String> {
    let files = BLUEPRINTS.files().map(include_dir::File::path);
    let yaml = files.filter(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    let stems = yaml.filter_map(Path::file_stem).map(|stem| stem.to_string_lossy().into_owned());
    stems.filter(|stem| !stem.ends_with(".lock")).collect()
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
        let examples = examples();
        let near = nearest(from, examples.iter().map(String::as_str));
        let near = near.map_or(String::new(), |near| format!("did you mean `{near}`? "));
        Failure::new(format!("cannot start from `{from}`"))
            .because(cause)
            .hint(format!("{near}it is neither a file nor an example: see `eksnet init --list`"))
    })
}

/// The text under another name, the stack's in its comments too.
fn named(from: &str, text: String, name: &str) -> Result<String, Stop> {
    let document = read(from, text)?;
    let old = &document.blueprint.metadata.name;
    let text = with(&document, "metadata.name", name);
    Ok(text.replace(&format!("eksnet-{old}"), &format!("eksnet-{name}")))
}

/// The text in another Region: zones, by id and by name, their number, and ARNs follow. An example of what the Region does not have is
/// not written.
fn placed(common: &Common, from: &str, text: String, region: &Region) -> Result<String, Stop> {
    let document = read(from, text)?;
    let text = with(&document, "metadata.region", region.name);
    let Some(old) = regions::find(&document.blueprint.metadata.region) else { return Ok(text) };
    let has = region.zones.len();
    let text = match document.blueprint.zones {
        Some(Zones::Count(count)) if has < usize::from(count) => {
            put(&read(from, text)?, "zones", &has.to_string())
        }
        _ => text,
    };
    // Marked at first, so that what was put in is not taken for what was there.
    let zones = old.zones.iter().zip(region.zones);
    let text = zones.fold(text, |text, (before, after)| {
        text.replace(&old.zone_id(*before), &format!("\u{0}{}", region.spelled(*after)))
    });
    let text = text.replace('\u{0}', "").replace(old.name, region.name);
    // Zones that the Region has no counterpart of.
    let more = old.zones.iter().skip(has);
    let text = more.fold(text, |text, zone| text.replace(&format!(", {}", old.zone_id(*zone)), ""));
    let arn = |partition| format!("arn:{partition}:");
    let text = text.replace(&arn(old.partition()), &arn(region.partition()));
    if BLUEPRINTS.get_file(format!("{from}.yaml")).is_some() {
        holds(common, from, &text, region)?;
    }
    Ok(text)
}

/// Whether an example is legal where it is put.
fn holds(common: &Common, from: &str, text: &str, region: &Region) -> Result<(), Stop> {
    let Reading { source, document, findings } = blueprint::read(from, text.as_bytes().to_vec());
    let found = match document {
        Some(document) => {
            let request =
                Request { found: findings, profiles: common.profiles(), ..Request::new(document) };
            match line::compile(request) {
                Err(line::Stopped::Findings(_, findings)) => findings,
                _ => Vec::new(),
            }
        }
        None => findings,
    };
    let Some(first) = found.iter().find(|finding| finding.is_error()) else { return Ok(()) };
    let line = source.line(first.at.clone().unwrap_or(0..0).start);
    Err(Failure::new(format!("`{from}` cannot be used in {}", region.name))
        .because(format!("{} ({}, line {line} of the example)", first.message, first.rule))
        .hint("use another Region or example (`eksnet init --list`), or write it without `--region` and adapt it")
        .into())
}

/// What is no blueprint is no start.
fn read(from: &str, text: String) -> Result<Document, Stop> {
    let Reading { source, document, findings } = blueprint::read(from, text.into_bytes());
    document.filter(|_| !any_error(&findings)).ok_or(Stop::Findings(source, findings))
}

/// The text with another word in the place of one, in whatever style it is written.
fn with(document: &Document, path: &str, word: &str) -> String {
    let (text, span) = (&document.source.text, document.span(path));
    let quote = text[span.clone()].chars().next().filter(|first| "\"'".contains(*first));
    let word = match quote {
        Some(quote) => format!("{quote}{word}{quote}"),
        None => template::word(word),
    };
    put(document, path, &word)
}

fn put(document: &Document, path: &str, word: &str) -> String {
    let (text, span) = (&document.source.text, document.span(path));
    format!("{}{word}{}", &text[..span.start], &text[span.end..])
}
