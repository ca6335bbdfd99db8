//! `eksnet schema`

use super::DONE;
use super::output::{self, Stop};

pub fn run() -> Result<u8, Stop> {
    output::data(&crate::report::json(&crate::blueprint::schema()));
    Ok(DONE)
}
