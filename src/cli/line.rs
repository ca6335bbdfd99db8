//! A blueprint's file on its way into the line, with what is said of it.

use crate::blueprint::Reading;
use crate::diagnostic::Failure;
use crate::line::Stopped;
use crate::opened;
pub use crate::opened::{Line, Opened};
pub use crate::terminal::compiled as said;

use super::Common;
use super::args::Surveyed;
use super::output::Stop;

/// Reads a file, or standard input.
pub fn read(file: &str) -> Result<Reading, Failure> {
    if file != "-" {
        return opened::read(file);
    }
    opened::from("<stdin>", std::io::stdin().lock())
        .map_err(|cause| Failure::new("cannot read standard input").because(cause))
}

/// Reads a blueprint and its lock; stops where there is no blueprint.
pub fn open(file: &str, common: &Common) -> Result<Opened, Stop> {
    let opened = opened::of(read(file)?, file, &common.asked())?;
    match opened.unknown_move() {
        Some(message) => Err(Stop::Usage(format!("--allow-move: {message}"))),
        None => Ok(opened),
    }
}

impl From<Stopped> for Stop {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Findings(source, findings) => Stop::Findings(source, findings),
            Stopped::Failure(failure) => Stop::Failure(failure),
        }
    }
}

/// The whole offline line of a file over a survey, if there is one, with its warnings said.
pub fn compile(file: &str, common: &Common, surveyed: &Surveyed) -> Result<Line, Stop> {
    let line = open(file, common)?.compile(surveyed.observed()?)?;
    said(common, &line);
    Ok(line)
}
