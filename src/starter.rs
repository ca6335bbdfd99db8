//! Blueprints to start from: the examples, under another name and in another Region.

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use crate::blueprint::model::Zones;
use crate::blueprint::{self, Document, Reading, nearest};
use crate::check::Profiles;
use crate::diagnostic::{Failure, any_error};
use crate::facts::regions::{self, Region};
use crate::ledger::Ledger;
use crate::line::{self, Request, Stopped};
use crate::source;
use crate::template;

static BLUEPRINTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/blueprints");

/// The examples, by name, with the first sentence of each.
pub fn listed() -> Vec<(String, String)> {
    let row = |name: &String| {
        let text = text(name).unwrap_or_default();
        let head = text.lines().map_while(|line| line.strip_prefix("# "));
        // What editors read is nothing for people.
        let head: Vec<&str> =
            head.filter(|line| !line.starts_with("yaml-language-server:")).collect();
        let head = head.join(" ");
        let sentence = head.split_once(". ").map_or(head.trim_end_matches('.'), |(first, _)| first);
        (name.clone(), sentence.to_string())
    };
    examples().iter().map(row).collect()
}

/// Names of the examples.
pub fn examples() -> Vec<String> {
    let files = BLUEPRINTS.files().map(include_dir::File::path);
    let yaml = files.filter(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    let stems = yaml.filter_map(Path::file_stem).map(|stem| stem.to_string_lossy().into_owned());
    stems.filter(|stem| !stem.ends_with(".lock")).collect()
}

/// What an example's lock remembers of a VPC that exists, so that its blueprint compiles without a survey.
pub fn ledger(from: &str, name: &str, region: Option<&str>) -> Result<Option<Ledger>, Failure> {
    let file = format!("{from}.lock.yaml");
    let text = BLUEPRINTS.get_file(&file).and_then(|file| file.contents_utf8());
    let ledger = text.map(|text| Ledger::from_text(text, &file)).transpose()?;
    let exists = ledger.filter(|ledger| ledger.occupied.is_some());
    let here = exists.filter(|ledger| region.is_none_or(|region| region == ledger.region));
    Ok(here.map(|ledger| Ledger { name: name.to_string(), ..ledger }))
}

/// What is to be replaced before a deployment, in words.
pub fn placeholders(from: &str, text: String) -> Vec<String> {
    read(from, text).ok().and_then(|own| blueprint::placeholders(&own)).into_iter().collect()
}

/// An example, or a file.
pub fn text(from: &str) -> Result<String, Failure> {
    if let Some(text) =
        BLUEPRINTS.get_file(format!("{from}.yaml")).and_then(|file| file.contents_utf8())
    {
        return Ok(text.to_string());
    }
    std::fs::read_to_string(from).map_err(|cause| {
        let examples = examples();
        let near = nearest(from, examples.iter().map(String::as_str));
        let near = near.map_or(String::new(), |near| format!("did you mean `{near}`? "));
        let failure = Failure::new(format!("cannot start from `{from}`"));
        if cause.kind() == std::io::ErrorKind::NotFound {
            failure
                .because("it is neither a file nor an example")
                .hint(format!("{near}`eksnet init --list` shows the examples"))
        } else {
            failure.because(cause)
        }
    })
}

/// A Region by its name; what to say of one that is not known.
pub fn region(name: &str) -> Result<&'static Region, String> {
    regions::find(name).ok_or_else(|| {
        let near = nearest(name, regions::names());
        let near = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
        format!("unknown Region `{name}`{near}")
    })
}

/// Writes `NAME.yaml` of an example or a file, with the lock that it needs; where, and its text. A file that exists is not written over.
pub fn write(
    (from, text): (&str, String),
    name: &str,
    (region, profiles): (Option<&Region>, &Profiles),
) -> Result<(PathBuf, String), Stopped> {
    let text = named(from, text, name)?;
    let text = match region {
        Some(region) => placed(from, text, (region, profiles))?,
        None => text,
    };
    let path = PathBuf::from(format!("{name}.yaml"));
    if path.exists() {
        return Err(Failure::new(format!("`{}` exists", path.display()))
            .hint("use another name, or remove the file")
            .into());
    }
    source::write_whole(&path, &text)?;
    if let Some(ledger) = ledger(from, name, region.map(|region| region.name))? {
        source::write_whole(&path.with_extension("lock.yaml"), &ledger.to_text())?;
    }
    Ok((path, text))
}

/// The text under another name, the stack's in its comments too.
pub fn named(from: &str, text: String, name: &str) -> Result<String, Stopped> {
    let document = read(from, text)?;
    let old = &document.blueprint.metadata.name;
    let text = with(&document, "metadata.name", name);
    Ok(text.replace(&format!("eksnet-{old}"), &format!("eksnet-{name}")))
}

/// The text in another Region: zones, by id and by name, their number, and ARNs follow. An example of what the Region does not have is
/// not written.
pub fn placed(
    from: &str,
    text: String,
    (region, profiles): (&Region, &Profiles),
) -> Result<String, Stopped> {
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
        holds(from, &text, (region, profiles))?;
    }
    Ok(text)
}

/// Whether an example is legal where it is put.
fn holds(from: &str, text: &str, (region, profiles): (&Region, &Profiles)) -> Result<(), Stopped> {
    let Reading { source, document, findings } = blueprint::read(from, text.as_bytes().to_vec());
    let found = match document {
        Some(document) => {
            let request =
                Request { found: findings, profiles: profiles.clone(), ..Request::new(document) };
            match line::compile(request) {
                Err(Stopped::Findings(_, findings)) => findings,
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
fn read(from: &str, text: String) -> Result<Document, Stopped> {
    let Reading { source, document, findings } = blueprint::read(from, text.into_bytes());
    document.filter(|_| !any_error(&findings)).ok_or(Stopped::Findings(source, findings))
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
