//! `eksnet render`

use std::path::Path;

use crate::diagnostic::Failure;
use crate::render::files::{self, Files};
use crate::report::json;
use crate::source;

use super::args::{Format, Render};
use super::output::{self, Stop};
use super::{Common, DONE, line};

pub fn run(common: &Common, args: &Render) -> Result<u8, Stop> {
    let line = line::compile(&args.file, common, &args.surveyed)?;
    if args.locked {
        line.lock.hold(&line.plan)?;
    }
    let Some(folder) = &args.out else {
        output::data(&match common.output {
            Format::Json => line.template.to_json() + "\n",
            _ => line.template.to_yaml(),
        });
        return Ok(DONE);
    };
    let files = files::all(&line.intent, &line.plan, &line.template)?;
    write(folder, &files)?;
    match common.output {
        Format::Json => output::data(&json(
            &serde_json::json!({ "schemaVersion": 1, "out": folder, "files": files.keys().collect::<Vec<_>>() }),
        )),
        _ => files
            .keys()
            .for_each(|name| output::data(&format!("{}\n", folder.join(name).display()))),
    }
    Ok(DONE)
}

/// Writes each file whole. What else is in the folder is somebody's own.
fn write(folder: &Path, files: &Files) -> Result<(), Failure> {
    files.iter().try_for_each(|(name, text)| source::write_whole(&folder.join(name), text))
}
