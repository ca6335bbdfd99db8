//! Those who look at an operation: redrawn in a terminal, line by line in a pipe, as JSON lines for programs.

use std::time::Duration;

use crate::deploy::{Clock, Event};
use crate::report::progress;

use super::super::Common;
use super::super::args::Format;
use super::super::output;
use super::Watch;
use super::picture::Live;

/// How often a picture is drawn anew: elapsed times count seconds.
const TICK: Duration = Duration::from_millis(500);

pub struct Viewer {
    common: Common,
    live: Option<Live>,
}

impl Viewer {
    pub fn new(common: &Common, stack: &str) -> Self {
        let looked_at = common.output == Format::Human && !common.quiet;
        let live = if looked_at { Live::of_terminal(stack) } else { None };
        Self { common: common.clone(), live }
    }

    /// Line by line.
    pub fn plain(common: Common) -> Self {
        Self { common, live: None }
    }

    /// Takes one event in and shows it.
    pub fn see(&self, event: &Event, clock: &Watch) {
        match &self.live {
            Some(live) => live.see(event, clock.now()),
            None => say(&self.common, event),
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
}

/// Says one event.
fn say(common: &Common, event: &Event) {
    let text = progress::human(event);
    match common.output {
        _ if text.is_empty() => {}
        Format::Json => output::data(&format!("{}\n", progress::json_line(event))),
        _ => output::note(common, &output::folded(&text)),
    }
}
