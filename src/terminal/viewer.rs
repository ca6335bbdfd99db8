//! Those who look at an operation: redrawn in a terminal, line by line in a pipe, as JSON lines for programs.

use std::time::Duration;

use crate::deploy::{Clock, Event};
use crate::report::progress;

use super::picture::Live;
use super::{Hearing, Reader, Watch, data, folded, note};

/// How often a picture is drawn anew: elapsed times count seconds.
const TICK: Duration = Duration::from_millis(500);

/// Shows an operation to whoever is there.
pub struct Viewer<H> {
    to: H,
    live: Option<Live>,
    /// Standard output belongs to something else.
    is_aside: bool,
}

impl<H: Hearing> Viewer<H> {
    /// Redraws for people at a terminal, where notes are wanted; otherwise line by line.
    pub fn new(to: H, stack: &str) -> Self {
        let looked_at = to.reader() == Reader::People && !to.is_quiet();
        let live = if looked_at { Live::of_terminal(stack) } else { None };
        Self { to, live, is_aside: false }
    }

    /// Line by line, beside a result.
    pub fn plain(to: H) -> Self {
        Self { to, live: None, is_aside: true }
    }

    /// Takes one event in and shows it.
    pub fn see(&self, event: &Event, clock: &Watch) {
        match &self.live {
            Some(live) => live.see(event, clock.now()),
            None => self.say(event),
        }
    }

    /// The operation is over: what is said from now on stands by itself.
    pub fn over(&self, clock: &Watch) {
        self.live.iter().for_each(|live| live.over(clock.now()));
    }

    /// Does `work` and redraws meanwhile.
    pub async fn redrawing<T>(&self, clock: &Watch, work: impl Future<Output = T>) -> T {
        let redrawn = async {
            loop {
                tokio::time::sleep(TICK).await;
                self.live.iter().for_each(|live| live.draw(clock.now()));
            }
        };
        tokio::select! {
            done = work => done,
            () = redrawn => unreachable!("it is drawn until the work is done"),
        }
    }

    fn say(&self, event: &Event) {
        let text = progress::human(event);
        match self.to.reader() {
            _ if text.is_empty() => {}
            Reader::Programs if !self.is_aside => {
                data(&format!("{}\n", progress::json_line(event)));
            }
            _ => note(&self.to, &folded(&text)),
        }
    }
}
