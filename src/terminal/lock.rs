//! Locks written, and said so.

use crate::diagnostic::Failure;
use crate::lockfile::Due;
use crate::source;

use super::{Hearing, note};

/// Writes a lock that has changed, and says so; `None`: nothing is due. An `Err` leaves the former file in place.
pub fn write(due: Option<Due<'_>>, to: &impl Hearing) -> Result<(), Failure> {
    let Some(Due { path, text, subnets }) = due else { return Ok(()) };
    source::write_whole(path, &text)?;
    note(to, &format!("lock {} written: {subnets} subnets", path.display()));
    Ok(())
}
