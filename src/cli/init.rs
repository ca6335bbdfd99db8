//! `eksnet init`

use std::path::PathBuf;

use include_dir::{Dir, include_dir};

use crate::diagnostic::Failure;
use crate::facts::regions;
use crate::report::json;
use crate::source;

use super::args::{Format, Init};
use super::output::{self, Stop};
use super::{Common, DONE};

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
    let text = starter(&args.from)?;
    let text = replaced(&text, "name", Some(&args.name));
    let text = replaced(&text, "region", common.region.as_deref());
    let path = PathBuf::from(format!("{}.yaml", args.name));
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
