//! `eksnet fleet`: many blueprints at once.

pub mod check;
mod child;
mod deploy;
mod diff;
mod export;
mod git;
pub mod iam;
mod layout;
mod status;

use super::Common;
use super::args::Fleet;
use super::output::Stop;
use super::today::today;
use crate::diagnostic::Failure;
use crate::fleet::whole::{self, Whole};

/// The whole fleet, read, judged and related; `released` are members whose ranges are given up.
fn open(common: &Common, path: &str, released: &[String]) -> Result<Whole, Failure> {
    whole::open(path, &common.asked(), (released, &today()))
}

pub fn run(common: &Common, args: &Fleet) -> Result<u8, Stop> {
    match args {
        Fleet::Check(args) => check::run(common, args),
        Fleet::Layout(args) => layout::run(common, args),
        Fleet::Diff(args) => diff::run(common, args),
        Fleet::Deploy(args) => deploy::run(common, args),
        Fleet::Status(args) => status::run(common, args),
        Fleet::Export(args) => export::run(common, args),
    }
}
