//! Watching an operation: redrawn in a terminal, line by line in a pipe, as JSON lines for programs. Ctrl-C leaves the stack to itself.

use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use crate::diagnostic::Failure;

use super::signals::{INSISTED, signal};

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
async fn listening<T>(work: impl Future<Output = T>) -> T {
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
    let asked = tokio::task::spawn_blocking(move || super::ask(&question));
    tokio::select! {
        answer = asked => Ok(answer.unwrap_or(None)),
        () = interrupted() => Err(Failure::new("interrupted").hint("nothing was changed")),
    }
}

/// Runs `work` and listens for signals all the while.
pub fn block_on<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime =
        runtime.map_err(|cause| Failure::new("cannot start the runtime").because(cause))?;
    let done = runtime.block_on(listening(Box::pin(work)));
    // A question that nobody answered any more may still wait for its line.
    runtime.shutdown_background();
    Ok(done)
}

/// The same for work that only reads: Ctrl-C ends it.
pub fn block_on_reading<T, E: From<Failure>>(
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    block_on(async {
        tokio::select! {
            done = work => done,
            () = interrupted() => {
                Err(Failure::new("interrupted").hint("nothing was changed").into())
            }
        }
    })?
}
