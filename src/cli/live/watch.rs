//! Watching an operation: redrawn in a terminal, line by line in a pipe, as JSON lines for programs. Ctrl-C leaves the stack to itself.

use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use crate::diagnostic::Failure;

use super::super::output;
use super::super::signals::{INSISTED, signal};

/// Whether Ctrl-C (SIGINT) or SIGTERM came, at whatever moment.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

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

/// A line from a person; `None` where nobody can answer. Ctrl-C is an answer too: the handlers above have taken its usual effect away.
pub async fn answer(question: &str) -> Result<Option<String>, Failure> {
    let question = question.to_string();
    let asked = tokio::task::spawn_blocking(move || output::ask(&question));
    tokio::select! {
        answer = asked => Ok(answer.unwrap_or(None)),
        () = interrupted() => Err(Failure::new("interrupted").hint("nothing was changed")),
    }
}
