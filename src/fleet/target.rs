//! Files that a command is told to write: never over what people wrote, or over what it reads.

use std::path::Path;

use crate::blueprint;
use crate::diagnostic::Failure;
use crate::source::{self, MOST_LOCK, Source, read_limited};

use super::{ledger, roster};

/// Writes a file whole, unless it is one of `inputs`, a blueprint, a fleet or a lock.
pub fn write(path: &Path, text: &str, inputs: &[&Path]) -> Result<(), Failure> {
    spare(path, inputs)?;
    source::write_whole(path, text)
}

/// A failure where writing would cost somebody his words.
pub fn spare(path: &Path, inputs: &[&Path]) -> Result<(), Failure> {
    let why = match lost(path, inputs) {
        Some(what) => format!("it is {what}, which would be overwritten"),
        None if path.to_string_lossy().ends_with(".lock.yaml") => {
            "a blueprint would use a file of that name as its lock".to_string()
        }
        None => return Ok(()),
    };
    Err(Failure::new(format!("cannot save `{}`", path.display()))
        .because(why)
        .hint("name another file"))
}

fn lost(path: &Path, inputs: &[&Path]) -> Option<&'static str> {
    let target = path.canonicalize().ok()?;
    if inputs.iter().any(|input| input.canonicalize().is_ok_and(|input| input == target)) {
        return Some("a file that is read");
    }
    let text = read_limited(&target, MOST_LOCK).ok()?;
    let lock = || blueprint::is_lock(&Source::new("", text.as_str()));
    match () {
        () if blueprint::is_blueprint(&text) => Some("a blueprint"),
        () if roster::is_fleet(&text) => Some("a fleet"),
        () if lock() || ledger::is_lock(&text) => Some("a lock"),
        () => None,
    }
}
