//! Those who look at one session, and what they are told.

use crate::opened::Line;
use crate::preview::Preview;
use crate::report;
use crate::session::{Note, Told};

use super::{
    Hearing, Last, Reader, Viewer, Watch, aside, compiled, data, folded, note, view, warnings,
};

/// Whoever typed a command, as its session sees them: everything it tells is shown here.
pub struct Audience<'a, H> {
    to: &'a H,
    clock: Watch,
    viewer: Viewer<H>,
    /// Where the last word is said, for commands whose stream ends with an outcome.
    last: Option<&'a Last<'a, H>>,
    /// What is said where there was nothing to do.
    unchanged: String,
}

impl<'a, H: Hearing + Clone> Audience<'a, H> {
    /// Of a command that changes something of `stack`.
    pub fn of(last: &'a Last<'a, H>, to: &'a H, stack: &str, unchanged: String) -> Self {
        let viewer = Viewer::new(to.clone(), stack);
        Self { to, clock: Watch::default(), viewer, last: Some(last), unchanged }
    }

    /// Of a command whose result is something else: standard output belongs to that.
    pub fn aside(to: &'a H) -> Self {
        let (viewer, unchanged) = (Viewer::plain(to.clone()), String::new());
        Self { to, clock: Watch::default(), viewer, last: None, unchanged }
    }

    /// Began with the command: elapsed times count from there.
    pub fn clock(&self) -> &Watch {
        &self.clock
    }

    /// Does `work` and redraws meanwhile.
    pub async fn redrawing<T>(&self, work: impl Future<Output = T>) -> T {
        self.viewer.redrawing(&self.clock, work).await
    }

    /// Shows one thing at once; nothing is collected for the end.
    pub fn hear(&self, told: Told<'_>) {
        match told {
            Told::Event(event) => self.viewer.see(event, &self.clock),
            Told::Over => self.viewer.over(&self.clock),
            Told::Note(one) => self.said(&one),
            Told::Compiled(line) => compiled(self.to, line),
            Told::Warnings(source, found) => warnings(self.to, source, found),
            Told::Preview(line, preview) => self.show(line, preview),
            Told::Ended(ended) => {
                self.last.iter().for_each(|last| last.tell(ended, &self.unchanged));
            }
        }
    }

    fn said(&self, one: &Note) {
        let words = report::session::human(one);
        if report::session::is_failure(one) {
            aside(&format!("{}\n", folded(&words)));
        } else {
            note(self.to, &words);
        }
    }

    fn show(&self, line: &Line, preview: &Preview) {
        if self.to.reader() == Reader::Programs {
            return data(&format!("{}\n", report::preview_json::line(preview)));
        }
        let lock = line.lock.outlook(&line.plan);
        let shown = report::preview::Shown {
            line: &|path| line.place(path),
            compiled: Some(line),
            lock: &lock,
            view: view(false),
        };
        data(&report::preview::human(preview, &shown));
    }
}
