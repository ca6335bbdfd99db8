//! `eksnet render`

use crate::render::{files, folder};
use crate::report::{json, layout};

use super::args::{Format, Render};
use super::output::{self, Stop};
use super::{Common, DONE, line};

pub fn run(common: &Common, args: &Render) -> Result<u8, Stop> {
    let line = line::compile(&args.file, common, &args.surveyed)?;
    if args.locked {
        line.lock.hold(&line.plan)?;
    }
    // Addresses that stand in for others are refused by EC2, or given out twice.
    line.lock.decided(&line.plan)?;
    output::note(common, layout::reasons(&line.intent, output::notes_view()).trim_end());
    let Some(folder) = &args.out else {
        output::data(&match common.output {
            Format::Json => line.template.to_json() + "\n",
            _ => line.template.to_yaml(),
        });
        return Ok(DONE);
    };
    let files = files::all(&line.intent, &line.plan, &line.template)?;
    folder::write(folder, &files)?;
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
