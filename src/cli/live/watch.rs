//! Watching an operation: redrawn in a terminal, line by line in a pipe, as JSON lines for programs. Ctrl-C leaves the stack to itself.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use crate::aws::port::StackEvent;
use crate::deploy::{Clock, Event, Outcome, Progress};
use crate::diagnostic::Failure;
use crate::preview::{Forecast, Step};
use crate::report::{progress, progress_tree};

use super::super::args::Format;
use super::super::output::{self, Stop};
use super::super::{Common, DONE, FAILED};
use super::terminal::Screen;
use super::{Watch, clock};

/// What shells take for the end by Ctrl-C.
const INSISTED: i32 = 130;

/// How often a picture is drawn anew: elapsed times count seconds.
const TICK: Duration = Duration::from_millis(500);

/// One operation and those who look at it.
pub struct Viewer<'c> {
    common: &'c Common,
    stack: String,
    forecast: Forecast,
    clock: Watch,
    board: RefCell<Board>,
}

#[derive(Default)]
struct Board {
    progress: Progress,
    screen: Option<Screen>,
}

impl<'c> Viewer<'c> {
    pub fn new(common: &'c Common, stack: &str, forecast: Forecast) -> Self {
        let live = common.output == Format::Human && !common.quiet;
        let board = Board {
            progress: Progress::default(),
            screen: if live { Screen::of_terminal() } else { None },
        };
        Self {
            common,
            stack: stack.to_string(),
            forecast,
            clock: clock(),
            board: RefCell::new(board),
        }
    }

    /// What is expected, before it begins.
    pub fn announce(&self) {
        if self.forecast.path.is_empty() {
            return;
        }
        match self.common.output {
            Format::Json => output::data(&format!("{}\n", progress::expected_json(&self.forecast))),
            _ => output::note(self.common, &progress::expected(&self.forecast)),
        }
    }

    /// Takes one event in and shows it.
    pub fn see(&self, event: &Event) {
        let mut board = self.board.borrow_mut();
        let Board { progress: seen, screen } = &mut *board;
        let Some(screen) = screen else {
            drop(board);
            return say(self.common, event);
        };
        match event {
            Event::Resource { id, kind, status, reason, .. } => {
                let one = StackEvent {
                    id: id.clone(),
                    kind: kind.clone(),
                    status: status.clone(),
                    reason: reason.clone(),
                    ..StackEvent::default()
                };
                seen.take(&one, self.clock.now());
                if status.ends_with("_FAILED") {
                    screen.above(&progress::human(event));
                }
            }
            Event::Waiting { .. } => {}
            other => screen.above(&progress::human(other)),
        }
        drop(board);
        self.draw();
    }

    /// Says something that is no event of the stack's, above the picture where there is one.
    pub fn say(&self, text: &str) {
        match &mut self.board.borrow_mut().screen {
            Some(screen) => screen.above(text),
            None => output::note(self.common, text),
        }
    }

    fn draw(&self) {
        let mut board = self.board.borrow_mut();
        let Board { progress, screen } = &mut *board;
        if let Some(screen) = screen {
            let now = self.clock.now();
            let moment = progress_tree::Moment {
                stack: &self.stack,
                progress,
                forecast: &self.forecast,
                elapsed: now,
                now,
            };
            screen.draw(&progress_tree::frame(&moment, Screen::window()));
        }
    }

    /// Waits for `work`, redrawing meanwhile, or for Ctrl-C (SIGINT) or SIGTERM, whichever comes first.
    pub async fn watch<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
        next: &str,
    ) -> Result<T, Stop> {
        let redrawn = async {
            loop {
                self.draw();
                tokio::time::sleep(TICK).await;
            }
        };
        tokio::select! {
            done = interruptible(work, next) => done,
            () = redrawn => unreachable!("it is drawn until the work is done"),
        }
    }
}

/// Says one event.
pub fn say(common: &Common, event: &Event) {
    match common.output {
        Format::Json => output::data(&format!("{}\n", progress::json_line(event))),
        _ => output::note(common, &progress::human(event)),
    }
}

/// Waits for `work` or for Ctrl-C (SIGINT) or SIGTERM, whichever comes first.
pub async fn interruptible<T>(
    work: impl Future<Output = Result<T, Failure>>,
    next: &str,
) -> Result<T, Stop> {
    tokio::select! {
        done = work => done.map_err(Stop::Failure),
        () = interrupted() => Err(Stop::Failure(Failure::new("interrupted: the stack goes on without being watched").hint(next.to_string()))),
    }
}

/// Whether Ctrl-C (SIGINT) or SIGTERM came, at whatever moment.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Stops what has not begun yet.
pub fn uninterrupted() -> Result<(), Failure> {
    if INTERRUPTED.load(Ordering::Relaxed) {
        Err(Failure::new("interrupted: nothing was changed"))
    } else {
        Ok(())
    }
}

/// Waits for `work`, which starts nothing that goes on without being watched, or for a signal; `words` say how things are then.
pub async fn unless_interrupted<T>(
    work: impl Future<Output = Result<T, Failure>>,
    words: &str,
) -> Result<T, Stop> {
    tokio::select! {
        done = work => done.map_err(Stop::Failure),
        () = interrupted() => Err(Stop::Failure(Failure::new(format!("interrupted: {words}")))),
    }
}

/// Until a signal was heard. The listener below belongs to the same task, so hearing it polls this too.
pub async fn interrupted() {
    std::future::poll_fn(|_| {
        if INTERRUPTED.load(Ordering::Relaxed) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await
}

/// Does `work` and listens for signals all the while: one that comes between two waits is not lost.
pub async fn listening<T>(work: impl Future<Output = T>) -> T {
    let listener = async {
        signal().await;
        INTERRUPTED.store(true, Ordering::Relaxed);
        // Whoever insists need not wait for what is under way to be put in order.
        signal().await;
        std::process::exit(INSISTED);
    };
    tokio::select! {
        biased;
        () = listener => unreachable!("it listens until the work is done, or ends the process"),
        done = work => done,
    }
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn signal() {
    let _ = tokio::signal::ctrl_c().await;
}

/// Says how it ended; the exit code.
pub fn ended(
    common: &Common,
    (outcome, path): (&Outcome, &[Step]),
    maker: &dyn Fn(&str) -> Option<String>,
    next: &str,
) -> u8 {
    match common.output {
        Format::Json => {
            output::data(&format!("{}\n", progress::outcome_json(outcome, path, maker)))
        }
        _ => output::data(&progress::outcome(outcome, path, maker, next)),
    }
    if matches!(outcome, Outcome::Done { .. }) { DONE } else { FAILED }
}

/// A line from a person; `None` where nobody can answer. Ctrl-C is an answer too: the handlers above have taken its usual effect away.
pub async fn answer(question: &str) -> Result<Option<String>, Stop> {
    let question = question.to_string();
    let asked = tokio::task::spawn_blocking(move || output::ask(&question));
    tokio::select! {
        answer = asked => Ok(answer.unwrap_or(None)),
        () = interrupted() => Err(Stop::Failure(Failure::new("interrupted").hint("nothing was changed"))),
    }
}

/// A yes from a person; without one who can answer, a failure that names the flag.
pub async fn confirmed(question: &str, flag: &str) -> Result<bool, Stop> {
    match answer(&format!("{question} [y/N]")).await?.as_deref() {
        Some("y" | "Y" | "yes") => Ok(true),
        Some(_) => Ok(false),
        None => Err(Stop::Failure(
            Failure::new("nobody is there to answer").hint(format!("{flag} answers yes")),
        )),
    }
}
