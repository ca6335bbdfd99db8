//! A deployment in a terminal, redrawn as it goes.

use std::cell::RefCell;
use std::time::Duration;

use crate::deploy::{Event, Progress};
use crate::preview::Forecast;
use crate::report::{progress, progress_tree};

use super::folded;
use super::screen::Screen;

/// One operation in a terminal: a picture that is redrawn, and lines above it that stay.
pub struct Live {
    stack: String,
    board: RefCell<Board>,
}

struct Board {
    /// As it was told last.
    progress: Progress,
    forecast: Forecast,
    /// When the operation began; `None`: there is nothing to draw.
    began: Option<Duration>,
    screen: Screen,
}

impl Live {
    /// `None`: nobody looks at a terminal that can be redrawn.
    pub fn of_terminal(stack: &str) -> Option<Self> {
        let screen = Screen::of_terminal()?;
        let board = Board {
            progress: Progress::default(),
            forecast: Forecast::default(),
            began: None,
            screen,
        };
        Some(Self { stack: stack.to_string(), board: RefCell::new(board) })
    }

    /// Takes one event in and shows it.
    pub fn see(&self, event: &Event, now: Duration) {
        let mut board = self.board.borrow_mut();
        match event {
            Event::Expected(forecast) => {
                board.forecast = forecast.clone();
                board.began = Some(now);
            }
            Event::UnderWay { .. } | Event::CleaningUp { .. } => board.began = Some(now),
            Event::Picture(progress) => {
                board.progress = progress.clone();
                drop(board);
                return self.draw(now);
            }
            _ => {}
        }
        let text = progress::human(event);
        if !text.is_empty() && (board.began.is_none() || is_told_above(event)) {
            board.screen.above(&folded(&text));
        }
    }

    /// The operation is over: what is said from now on stands by itself.
    pub fn over(&self, now: Duration) {
        self.draw(now);
        let mut board = self.board.borrow_mut();
        board.began = None;
        board.progress = Progress::default();
        board.screen.leave();
    }

    /// Draws the picture as it is now, if there is one.
    pub fn draw(&self, now: Duration) {
        let mut board = self.board.borrow_mut();
        let Board { progress, screen, forecast, began } = &mut *board;
        let Some(began) = *began else { return };
        let elapsed = now.saturating_sub(began);
        let moment = progress_tree::Moment { stack: &self.stack, progress, forecast, elapsed, now };
        screen.draw(&progress_tree::frame(&moment, Screen::window()));
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
