//! Where the command line meets whoever typed it: data to standard output, everything else to standard error, questions, signals, and a
//! deployment that is redrawn as it goes. What is said is decided elsewhere.

#![expect(
    clippy::disallowed_methods,
    reason = "the terminal is where the clock, the environment and the streams are"
)]

mod asking;
#[cfg(feature = "aws")]
mod audience;
mod children;
mod clock;
#[cfg(feature = "aws")]
mod last;
pub mod lock;
#[cfg(feature = "aws")]
mod online;
mod picture;
mod processes;
mod screen;
mod signals;
mod viewer;
mod watch;

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::diagnostic::{Diagnostic, Failure};
use crate::opened::Line;
use crate::report::escape::{plain, screen as harmless};
use crate::report::findings::{self, Checked};
use crate::report::{USUAL_COLUMNS, View, bold};
use crate::source::Source;

pub use asking::Asking;
#[cfg(feature = "aws")]
pub use audience::Audience;
pub use children::wait;
pub use clock::{Watch, today};
#[cfg(feature = "aws")]
pub use last::Last;
#[cfg(feature = "aws")]
pub use online::{Online, moment, nonce};
pub use processes::Processes;
pub use signals::listen;
pub use viewer::Viewer;
pub use watch::{block_on, block_on_reading};

/// Who reads what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    People,
    /// JSON.
    Programs,
    /// Annotations of a workflow, in which findings are part of the result.
    Annotations,
    /// A format for something else.
    Others,
}

/// What whoever typed the command wants to hear.
pub trait Hearing {
    /// Decides what goes to standard output, and in which form.
    fn reader(&self) -> Reader;
    /// Notes are not wanted.
    fn is_quiet(&self) -> bool;
    /// Every cause of a failure is wanted.
    fn is_verbose(&self) -> bool;
}

/// Whether a result could not be written.
static LOST: AtomicBool = AtomicBool::new(false);

/// Data. A closed pipe is the reader's business; a full disk is not. Nothing that commands a terminal gets out, whoever wrote it.
pub fn data(text: &str) {
    let mut out = anstream::stdout().lock();
    if let Err(error) = out.write_all(harmless(text).as_bytes()).and_then(|()| out.flush())
        && error.kind() != std::io::ErrorKind::BrokenPipe
    {
        LOST.store(true, Ordering::Relaxed);
        let _ =
            writeln!(anstream::stderr().lock(), "error: cannot write to standard output: {error}");
    }
}

/// Whether all data was written.
pub fn is_written() -> bool {
    !LOST.load(Ordering::Relaxed)
}

/// A text for whoever watches, as it is.
pub fn aside(text: &str) {
    let _ = write!(anstream::stderr().lock(), "{text}");
}

/// A note for whoever watches.
pub fn note(to: &impl Hearing, text: &str) {
    if !to.is_quiet() {
        aside(&format!("{}\n", folded(&harmless(text))));
    }
}

/// The command that comes next, for people.
pub fn next(to: &impl Hearing, command: &str) {
    // What came from standard input cannot be read a second time.
    if to.reader() == Reader::People && !command.split(' ').any(|word| word == "-") {
        note(to, &format!("\n{}  {command}", bold("Next")));
    }
}

/// What is wrong with the command line.
pub fn usage(message: &str) {
    aside(&format!("{}\n", folded(&format!("error: {}", plain(message)))));
}

/// A failure in words, for people.
pub fn failed(to: &impl Hearing, failure: &Failure) {
    let say = |text: String| aside(&format!("{}\n", folded(&text)));
    if to.is_verbose() {
        say(format!("error: {}", plain(&failure.attempt)));
        failure.causes().iter().for_each(|cause| say(format!("  because: {}", plain(cause))));
    } else {
        say(format!("error: {}", plain(&failure.chain())));
    }
    if let Some(hint) = &failure.hint {
        say(format!("  help: {}", plain(hint)));
    }
}

/// Findings for people, within the columns of a terminal.
pub fn finding_texts(checked: &Checked<'_>) -> String {
    findings::within(checked, note_columns())
}

/// Warnings beside a result.
pub fn warnings(to: &impl Hearing, source: &Source, found: &[Diagnostic]) {
    if !to.is_quiet() && !found.is_empty() {
        aside(&finding_texts(&Checked { source, findings: found }));
        learn(to, found.iter());
    }
}

/// How to learn why a finding is one, and how to accept it, for people.
pub fn learn<'f>(to: &impl Hearing, found: impl Iterator<Item = &'f Diagnostic> + Clone) {
    if to.reader() == Reader::People {
        let shown = |way: &String| folded(way).replace(findings::UNBROKEN, " ");
        findings::ways(found).iter().for_each(|way| note(to, &shown(way)));
    }
}

/// What is beside a compiled blueprint.
pub fn compiled(to: &impl Hearing, line: &Line) {
    if to.reader() != Reader::Annotations {
        warnings(to, &line.document.source, &line.warnings);
    }
    line.notes().iter().for_each(|what| note(to, &format!("note: {what}")));
}

/// Asks on standard error, reads a line from standard input. `None` where nobody can answer.
fn ask(question: &str) -> Option<String> {
    let mut err = anstream::stderr().lock();
    let _ = write!(err, "{} ", harmless(question)).and_then(|()| err.flush());
    drop(err);
    let mut line = String::new();
    match std::io::stdin().read_line(&mut line) {
        Ok(read) if 0 < read => Some(line.trim().to_string()),
        _ => None,
    }
}

/// As wide as the terminal of standard output: `COLUMNS` says it where it is set; 100 where there is none.
pub fn view(all: bool) -> View {
    View { all, ..View::of(columns(std::io::stdout()).unwrap_or(USUAL_COLUMNS)) }
}

/// As wide as the terminal of standard error, for notes beside a result.
pub fn notes_view() -> View {
    View::of(note_columns().unwrap_or(USUAL_COLUMNS))
}

/// Columns of the terminal of standard error. `None`: no terminal, and nothing is folded.
pub fn note_columns() -> Option<usize> {
    columns(std::io::stderr())
}

/// Columns of a terminal; `COLUMNS` says them where it is set.
fn columns(stream: impl std::os::fd::AsFd) -> Option<usize> {
    let set = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let terminal = || terminal_size::terminal_size_of(stream);
    set.or_else(|| terminal().map(|(width, _)| usize::from(width.0)))
}

/// Whether data and notes come to one terminal: what both say is said twice there.
pub fn is_one_screen(to: &impl Hearing) -> bool {
    let both = std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
    both && !to.is_quiet()
}

/// A text for standard error, no line longer than its terminal; where there is none, as it is.
pub fn folded(text: &str) -> String {
    note_columns().map_or_else(|| text.to_string(), |columns| View::of(columns).folded(text))
}
