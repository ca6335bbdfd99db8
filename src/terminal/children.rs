//! Processes of one's own, each named as long as it runs.

use std::io;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use super::{Hearing, note};

/// How often a process that runs is named.
const HEARTBEAT: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(100);

/// Waits for the end of a process.
pub fn wait(to: &impl Hearing, name: &str, mut child: Child) -> io::Result<ExitStatus> {
    let (begin, mut told) = (Instant::now(), Duration::ZERO);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        std::thread::sleep(PAUSE);
        if told + HEARTBEAT <= begin.elapsed() {
            told = begin.elapsed();
            note(to, &format!("{name}: still running after {} s", told.as_secs()));
        }
    }
}
