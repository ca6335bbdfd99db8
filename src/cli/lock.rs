//! Locks written, and said so.

use crate::diagnostic::Failure;
use crate::lockfile::Due;
use crate::source;

use super::Common;
use super::output;

pub fn write(due: Option<Due<'_>>, common: &Common) -> Result<(), Failure> {
    let Some(Due { path, text, subnets }) = due else { return Ok(()) };
    source::write_whole(path, &text)?;
    output::note(common, &format!("lock {} written: {subnets} subnets", path.display()));
    Ok(())
}
