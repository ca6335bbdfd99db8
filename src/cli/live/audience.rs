//! Those who look at one session, and what they are told.

use crate::preview::Preview;
use crate::report;
use crate::session::{Note, Told};

use super::super::Common;
use super::super::args::Format;
use super::super::line::{self, Line};
use super::super::output;
use super::last::Last;
use super::viewer::Viewer;
use super::{Watch, clock};

pub struct Audience<'a> {
    common: &'a Common,
    clock: Watch,
    viewer: Viewer,
    /// Where the last word is said, for commands whose stream ends with an outcome.
    last: Option<&'a Last<'a>>,
    /// What is said where there was nothing to do.
    unchanged: String,
}

impl<'a> Audience<'a> {
    /// Of a command that changes something of `stack`.
    pub fn of(last: &'a Last<'a>, common: &'a Common, stack: &str, unchanged: String) -> Self {
        Self {
            common,
            clock: clock(),
            viewer: Viewer::new(common, stack),
            last: Some(last),
            unchanged,
        }
    }

    /// Of a command whose result is something else: standard output belongs to that.
    pub fn aside(common: &'a Common) -> Self {
        let plain = Common { output: Format::Human, ..common.clone() };
        Self {
            common,
            clock: clock(),
            viewer: Viewer::plain(plain),
            last: None,
            unchanged: String::new(),
        }
    }

    pub fn clock(&self) -> &Watch {
        &self.clock
    }

    /// Does `work` and redraws meanwhile.
    pub async fn redrawing<T>(&self, work: impl Future<Output = T>) -> T {
        self.viewer.redrawing(&self.clock, work).await
    }

    pub fn hear(&self, told: Told<'_>) {
        match told {
            Told::Event(event) => self.viewer.see(event, &self.clock),
            Told::Over => self.viewer.over(&self.clock),
            Told::Note(note) => said(self.common, &note),
            Told::Compiled(line) => line::said(self.common, line),
            Told::Warnings(source, found) => output::warnings(self.common, source, found),
            Told::Preview(line, preview) => show(self.common, line, preview),
            Told::Ended(ended) => {
                self.last.iter().for_each(|last| last.tell(ended, &self.unchanged));
            }
        }
    }
}

fn said(common: &Common, note: &Note) {
    let loud =
        Common { quiet: common.quiet && !report::session::is_failure(note), ..common.clone() };
    output::note(&loud, &report::session::human(note));
}

fn show(common: &Common, line: &Line, preview: &Preview) {
    match common.output {
        Format::Json => output::data(&format!("{}\n", report::preview_json::line(preview))),
        _ => {
            let lock = line.lock.outlook(&line.plan);
            let shown = report::preview::Shown {
                line: &|path| line.place(path),
                compiled: Some(line),
                lock: &lock,
                view: output::view(false),
            };
            output::data(&report::preview::human(preview, &shown));
        }
    }
}
