//! `eksnet fleet`: many blueprints at once.

pub mod check;
mod layout;
mod whole;

use super::Common;
use super::args::Fleet;
use super::output::Stop;

pub fn run(common: &Common, args: &Fleet) -> Result<u8, Stop> {
    match args {
        Fleet::Check(args) => check::run(common, args),
        Fleet::Layout(args) => layout::run(common, args),
        Fleet::Diff(_) | Fleet::Export(_) => Err(Stop::Usage("soon".into())),
    }
}
