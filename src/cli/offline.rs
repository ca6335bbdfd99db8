//! What a build without AWS says where it would need it: the commands of `live`, each refused.

use std::time::Duration;

use crate::diagnostic::{Diagnostic, Failure};
use crate::fleet::online::{Asked, Place};
use crate::line::Stopped;
use crate::observed::{Observed, Survey};
use crate::preview::Preview;
use crate::report::progress::{self, Ending};
use crate::template::Template;

use super::args::{Diff, Format};
use super::line::{Line, Opened};
use super::output::{self, Stop};
use super::{Command, Common};

const BUILD: &str = "build it with its default features: `cargo install --path .`; offline: `eksnet diff FILE --against nothing`";

fn no_aws<T, E: From<Failure>>() -> Result<T, E> {
    Err(Failure::new("this eksnet was built without AWS").hint(BUILD).into())
}

/// A stream of events ends with an outcome, whatever came before it.
fn no_outcome(common: &Common) -> Result<u8, Stop> {
    let stopped = no_aws::<u8, Stop>().map_err(|stop| output::stop(common, stop));
    if common.output == Format::Json {
        let ending =
            Ending { stack: "", word: "failed", elapsed: Duration::ZERO, next: Some(BUILD) };
        output::data(&format!("{}\n", progress::ending_json(&ending)));
    }
    Ok(stopped.unwrap_or_else(|code| code))
}

pub fn run(common: &Common, command: &Command) -> Result<u8, Stop> {
    match command {
        Command::Deploy(_) | Command::Destroy(_) => no_outcome(common),
        _ => no_aws(),
    }
}

pub fn observe(_: &Common, _: Opened) -> Result<(Opened, Observed), Stopped> {
    no_aws()
}

pub fn checked(_: &Common, _: Opened) -> Result<Vec<Diagnostic>, Stopped> {
    no_aws()
}

pub fn proposed(_: &Common, _: &Diff) -> Result<(Line, Preview), Stop> {
    no_aws()
}

pub fn added(
    _: &Common,
    args: &Diff,
    _: (&Line, &Template),
    preview: Preview,
) -> Result<Preview, Stop> {
    if args.drift { no_aws() } else { Ok(preview) }
}

pub fn ask(_: &Common, _: Vec<Place>) -> Result<Vec<Asked>, Stop> {
    no_aws()
}

pub fn surveyed(
    _: &Common,
    _: Option<&str>,
    _: (Option<&str>, Option<&str>),
) -> Result<Survey, Stop> {
    no_aws()
}
