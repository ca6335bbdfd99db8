//! Ctrl-C and SIGTERM where processes of one's own run: heard by a thread, looked at by whoever begins something.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{Hearing, note};

/// What shells take for the end by Ctrl-C.
pub const INSISTED: i32 = 130;

static CAME: AtomicBool = AtomicBool::new(false);

/// Whether one came.
pub fn came() -> bool {
    CAME.load(Ordering::SeqCst)
}

/// Listens from now on. The first is told with `words`, the second ends the process.
pub fn listen(to: &(impl Hearing + Clone + Send + 'static), words: &'static str) {
    let to = to.clone();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let Ok(runtime) = runtime else { return };
        runtime.block_on(async {
            signal().await;
            CAME.store(true, Ordering::SeqCst);
            note(&to, &format!("interrupted: {words}"));
            signal().await;
            std::process::exit(INSISTED);
        });
    });
}

#[cfg(unix)]
pub async fn signal() {
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
pub async fn signal() {
    let _ = tokio::signal::ctrl_c().await;
}
