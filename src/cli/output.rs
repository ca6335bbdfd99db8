//! Data to standard output, everything else to standard error.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::blueprint::{MOST_BYTES, is_blueprint};
use crate::diagnostic::{Diagnostic, Failure, any_error};
use crate::report::escape::{plain, screen};
use crate::report::findings::{self, Checked};
use crate::report::{USUAL_COLUMNS, View, bold, json};
use crate::source::{Source, read_limited};

use super::args::{Color, Format, Wanted};
use super::{Common, FAILED, USAGE};

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

/// Whether a result could not be written.
static LOST: AtomicBool = AtomicBool::new(false);

/// Data. A closed pipe is the reader's business; a full disk is not. Nothing that commands a terminal gets out, whoever wrote it.
pub fn data(text: &str) {
    let mut out = anstream::stdout().lock();
    if let Err(error) = out.write_all(screen(text).as_bytes()).and_then(|()| out.flush())
        && error.kind() != std::io::ErrorKind::BrokenPipe
    {
        LOST.store(true, Ordering::Relaxed);
        let _ =
            writeln!(anstream::stderr().lock(), "error: cannot write to standard output: {error}");
    }
}

/// The exit code of a command whose result may have been lost.
pub fn final_code(code: u8) -> u8 {
    if LOST.load(Ordering::Relaxed) { FAILED } else { code }
}

/// A note for whoever watches.
pub fn note(common: &Common, text: &str) {
    if !common.quiet {
        let _ = writeln!(anstream::stderr().lock(), "{}", folded(&screen(text)));
    }
}

/// The command that comes next, for people.
pub fn next(common: &Common, command: &str) {
    // What came from standard input cannot be read a second time.
    if common.output == Format::Human && !command.split(' ').any(|word| word == "-") {
        note(common, &format!("\n{}  {command}", bold("Next")));
    }
}

/// A file for the command that comes next: the lock remembers a survey only when it is written.
pub fn file_over(name: &str, survey: Option<&Path>) -> String {
    let survey = survey.map(|path| format!(" --survey {}", file(&path.to_string_lossy())));
    file(name) + &survey.unwrap_or_default()
}

/// A file as it can be typed into a shell.
pub fn file(name: &str) -> String {
    let harmless = |letter: char| letter.is_ascii_alphanumeric() || "._/-+:@%".contains(letter);
    if !name.is_empty() && name.chars().all(harmless) {
        return name.to_string();
    }
    format!("'{}'", plain(name).replace('\'', "'\\''"))
}

/// The blueprints of the folder, where none was named.
pub fn of_folder(wanted: Wanted) -> Result<Vec<String>, Stop> {
    let found = blueprints_here();
    match found.as_slice() {
        [] => Err(Stop::Usage(
            "there is no blueprint in this folder: name a FILE, or write one with `eksnet init`"
                .to_string(),
        )),
        many if 1 < many.len() && wanted == Wanted::One => Err(Stop::Usage(format!(
            "name one of the blueprints of this folder: {}",
            many.join(", ")
        ))),
        _ => Ok(found),
    }
}

/// Files of the folder that say that they are blueprints, by name.
fn blueprints_here() -> Vec<String> {
    let ends = |name: &str| [".yaml", ".yml"].iter().any(|ending| name.ends_with(ending));
    let entries = std::fs::read_dir(".").into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let is_one = |name: &String| {
        let read = || read_limited(name.as_ref(), MOST_BYTES as u64);
        ends(name) && !name.ends_with(".lock.yaml") && read().is_ok_and(|text| is_blueprint(&text))
    };
    let mut found: Vec<String> = names.filter(is_one).collect();
    found.sort();
    found
}

/// As wide as the terminal of standard output: `COLUMNS` says it where it is set; 100 where there is none.
pub fn view(all: bool) -> View {
    View { all, ..View::of(columns(std::io::stdout()).unwrap_or(USUAL_COLUMNS)) }
}

/// As wide as the terminal of standard error, for notes beside a result.
pub fn notes_view() -> View {
    View::of(columns(std::io::stderr()).unwrap_or(USUAL_COLUMNS))
}

/// Columns of a terminal; `COLUMNS` says them where it is set. `None`: no terminal, and nothing is folded.
pub fn columns(stream: impl std::os::fd::AsFd) -> Option<usize> {
    let set = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let terminal = || terminal_size::terminal_size_of(stream);
    set.or_else(|| terminal().map(|(width, _)| usize::from(width.0)))
}

/// Whether data and notes come to one terminal: what both say is said twice there.
pub fn is_one_screen(common: &Common) -> bool {
    let both = std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
    both && !common.quiet
}

/// A text for standard error, no line longer than its terminal; where there is none, as it is.
pub fn folded(text: &str) -> String {
    columns(std::io::stderr())
        .map_or_else(|| text.to_string(), |columns| View::of(columns).folded(text))
}

/// Findings for people, within the columns of a terminal.
pub fn finding_texts(checked: &Checked<'_>) -> String {
    findings::within(checked, columns(std::io::stderr()))
}

/// Warnings beside a result.
pub fn warnings(common: &Common, source: &Source, found: &[Diagnostic]) {
    if !common.quiet && !found.is_empty() {
        let _ = write!(
            anstream::stderr().lock(),
            "{}",
            finding_texts(&Checked { source, findings: found })
        );
        learn(common, found.iter());
    }
}

/// How to learn why a finding is one, and how to accept it.
pub fn learn<'f>(common: &Common, findings: impl Iterator<Item = &'f Diagnostic> + Clone) {
    if common.output != Format::Human {
        return;
    }
    let error = findings.clone().find(|finding| finding.is_error());
    if let Some(first) = error.or(findings.clone().next()) {
        note(common, &format!("Why: eksnet explain {}", first.rule));
    }
    if let Some(warning) = findings.clone().find(|finding| !finding.is_error()) {
        let how = "To accept a warning, give the reason on its line";
        note(common, &format!("{how}:  # eksnet:allow {} <reason>", warning.rule));
    }
}

/// Says why a command stopped; the exit code.
pub fn stop(common: &Common, stop: Stop) -> u8 {
    match stop {
        Stop::Findings(source, found) => {
            let checked = Checked { source: &source, findings: &found };
            match common.output {
                Format::Json if LINES.load(Ordering::Relaxed) => {
                    let document: serde_json::Value =
                        serde_json::from_str(&findings::json(&[checked])).unwrap_or_default();
                    data(&format!(
                        "{}\n",
                        serde_json::json!({ "event": "findings", "findings": document["findings"] })
                    ));
                }
                Format::Json => data(&findings::json(&[checked])),
                _ => {
                    let _ = write!(anstream::stderr().lock(), "{}", finding_texts(&checked));
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

/// What is wrong with the command line.
pub fn usage(message: &str) {
    let message = folded(&format!("error: {}", plain(message)));
    let _ = writeln!(anstream::stderr().lock(), "{message}");
}

fn failure(common: &Common, failure: &Failure) {
    if common.output == Format::Json && LINES.load(Ordering::Relaxed) {
        data(&format!(
            "{}\n",
            serde_json::json!({ "event": "error", "message": failure.chain(), "hint": failure.hint })
        ));
    } else if common.output == Format::Json {
        data(&json(
            &serde_json::json!({ "schemaVersion": 1, "error": { "message": failure.chain(), "hint": failure.hint } }),
        ));
    }
    failed(common, failure);
}

/// A failure in words, for people.
pub fn failed(common: &Common, failure: &Failure) {
    let mut err = anstream::stderr().lock();
    let mut say = |text: String| _ = writeln!(err, "{}", folded(&text));
    if common.verbose {
        say(format!("error: {}", plain(&failure.attempt)));
        failure.causes().iter().for_each(|cause| say(format!("  because: {}", plain(cause))));
    } else {
        say(format!("error: {}", plain(&failure.chain())));
    }
    if let Some(hint) = &failure.hint {
        say(format!("  help: {}", plain(hint)));
    }
}

#[cfg(feature = "aws")]
/// Asks on standard error, reads a line from standard input. `None` where nobody can answer.
pub fn ask(question: &str) -> Option<String> {
    let mut err = anstream::stderr().lock();
    let _ = write!(err, "{} ", screen(question)).and_then(|()| err.flush());
    drop(err);
    let mut line = String::new();
    match std::io::stdin().read_line(&mut line) {
        Ok(read) if 0 < read => Some(line.trim().to_string()),
        _ => None,
    }
}
