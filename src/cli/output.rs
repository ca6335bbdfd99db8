//! Data to standard output, everything else to standard error.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::diagnostic::{Diagnostic, Failure, any_error};
use crate::report::findings::{self, Checked};
use crate::report::{self, progress};
use crate::source::Source;

use super::args::{Color, Format};
use super::{Common, FAILED, USAGE};

pub use crate::report::escape::{file, file_over};
pub use crate::terminal::{
    aside, data, failed, finding_texts, folded, is_one_screen, is_written, learn, next, note,
    note_columns, notes_view, usage, view, warnings,
};

/// Why a command ends early.
pub enum Stop {
    /// About the blueprint.
    Findings(Source, Vec<Diagnostic>),
    /// About the world.
    Failure(Failure),
    /// About the command line.
    Usage(String),
    /// A failure with an exit code of its own.
    Reported(Failure, u8),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Stop::Failure(failure)
    }
}

pub fn colour(when: Color) {
    let choice = match when {
        Color::Auto => return,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
}

/// Whether the command's JSON is a stream of lines.
static LINES: AtomicBool = AtomicBool::new(false);

/// From here on `-o json` writes one document a line.
pub fn in_lines() {
    LINES.store(true, Ordering::Relaxed);
}

/// The exit code of a command whose result may have been lost.
pub fn final_code(code: u8) -> u8 {
    if is_written() { code } else { FAILED }
}

/// Says why a command stopped; the exit code.
pub fn stop(common: &Common, stop: Stop) -> u8 {
    match stop {
        Stop::Findings(source, found) => {
            let checked = Checked { source: &source, findings: &found };
            match common.output {
                Format::Json if LINES.load(Ordering::Relaxed) => data(&findings::event(&checked)),
                Format::Json => data(&findings::json(&[checked])),
                _ => {
                    aside(&finding_texts(&checked));
                    learn(common, found.iter());
                }
            }
            u8::from(any_error(&found)) * FAILED
        }
        Stop::Failure(failure) => {
            self::failure(common, &failure);
            FAILED
        }
        Stop::Usage(message) => {
            usage(&message);
            USAGE
        }
        Stop::Reported(failure, code) => {
            failed(common, &failure);
            code
        }
    }
}

fn failure(common: &Common, failure: &Failure) {
    match common.output {
        Format::Json if LINES.load(Ordering::Relaxed) => data(&progress::error_json(failure)),
        Format::Json => data(&report::failure(failure)),
        _ => {}
    }
    failed(common, failure);
}
