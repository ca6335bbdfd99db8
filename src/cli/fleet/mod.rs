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
mod whole;

use super::Common;
use super::args::Fleet;
use super::output::Stop;

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
