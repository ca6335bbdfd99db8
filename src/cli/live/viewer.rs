//! Those who look at an operation: redrawn in a terminal, line by line in a pipe, as JSON lines for programs.

use std::cell::RefCell;
use std::time::Duration;

use crate::deploy::{Clock, Event, Progress};
use crate::preview::Forecast;
use crate::report::{progress, progress_tree};

use super::super::Common;
use super::super::args::Format;
use super::super::output;
use super::Watch;
use super::terminal::Screen;
use super::watch;

/// How often a picture is drawn anew: elapsed times count seconds.
const TICK: Duration = Duration::from_millis(500);

pub struct Viewer<'c> {
    common: &'c Common,
    stack: String,
    clock: &'c Watch,
    board: RefCell<Board>,
}

#[derive(Default)]
struct Board {
    /// As it was told last.
    progress: Progress,
    forecast: Forecast,
    /// When the operation began; `None`: there is nothing to draw.
    began: Option<Duration>,
    screen: Option<Screen>,
}

impl<'c> Viewer<'c> {
    pub fn new(common: &'c Common, stack: &str, clock: &'c Watch) -> Self {
        let live = common.output == Format::Human && !common.quiet;
        let screen = if live { Screen::of_terminal() } else { None };
        let board = RefCell::new(Board { screen, ..Board::default() });
        Self { common, stack: stack.to_string(), clock, board }
    }

    /// Takes one event in and shows it.
    pub fn see(&self, event: &Event) {
        let mut board = self.board.borrow_mut();
        match event {
            Event::Expected(forecast) => {
                board.forecast = forecast.clone();
                board.began = Some(self.clock.now());
            }
            Event::UnderWay { .. } | Event::CleaningUp { .. } => {
                board.began = Some(self.clock.now());
            }
            Event::Picture(progress) => {
                board.progress = progress.clone();
                drop(board);
                return self.draw();
            }
            _ => {}
        }
        let drawn = board.began.is_some() && board.screen.is_some();
        let told = !drawn || is_told_above(event);
        drop(board);
        if told {
            self.say(event);
        }
    }

    /// The operation is over: what is said from now on stands by itself.
    pub fn over(&self) {
        self.draw();
        let mut board = self.board.borrow_mut();
        board.began = None;
        board.progress = Progress::default();
    }

    /// Says one event, above the picture where there is one.
    fn say(&self, event: &Event) {
        let text = progress::human(event);
        match &mut self.board.borrow_mut().screen {
            _ if text.is_empty() => {}
            Some(screen) if self.common.output == Format::Human => screen.above(&text),
            _ => watch::say(self.common, event),
        }
    }

    fn draw(&self) {
        let mut board = self.board.borrow_mut();
        let Board { progress, screen, forecast, began } = &mut *board;
        let (Some(screen), Some(began)) = (screen, *began) else { return };
        let now = self.clock.now();
        let elapsed = now.saturating_sub(began);
        let moment = progress_tree::Moment { stack: &self.stack, progress, forecast, elapsed, now };
        screen.draw(&progress_tree::frame(&moment, Screen::window()));
    }

    /// Does `work` and redraws meanwhile.
    pub async fn redrawing<T>(&self, work: impl Future<Output = T>) -> T {
        let redrawn = async {
            loop {
                tokio::time::sleep(TICK).await;
                self.draw();
            }
        };
        tokio::select! {
            done = work => done,
            () = redrawn => unreachable!("it is drawn until the work is done"),
        }
    }
}

/// What stays on the screen above the picture; the rest is in the picture.
fn is_told_above(event: &Event) -> bool {
    match event {
        Event::Resource { status, .. } => status.ends_with("_FAILED"),
        Event::Waiting { .. } => false,
        _ => true,
    }
}

/// Notes beside a result, where nobody watches an operation.
pub fn note(common: &Common, event: &Event) {
    let text = progress::human(event);
    if !text.is_empty() {
        output::note(common, &text);
    }
}
