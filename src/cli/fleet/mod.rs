//! `eksnet fleet`: many blueprints at once.

pub mod check;
mod deploy;
mod diff;
mod export;
pub mod iam;
mod layout;
mod status;

use std::process::Child;

use super::Common;
use super::args::Fleet;
use super::judged::{Of, show};
use super::output::Stop;
use crate::diagnostic::Failure;
use crate::fleet::child::Children;
use crate::fleet::whole::{self, Whole};
use crate::terminal::{self, today};

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

/// The whole fleet, read, judged and related; `released` are members whose ranges are given up.
fn open(common: &Common, path: &str, released: &[String]) -> Result<Whole, Failure> {
    whole::open(path, &common.asked(), (released, &today()))
}

/// What is wrong with a fleet that cannot go on.
fn broken(common: &Common, whole: Whole) -> Result<u8, Stop> {
    let (judged, unread) = whole.judged();
    show(common, Of::Fleet(None), judged, unread)
}

/// Does `work` with processes for members, each of which is named as long as it runs.
fn with_children<T>(common: &Common, work: impl FnOnce(&Children<'_>) -> T) -> T {
    let wait = |name: &str, child: Child| terminal::wait(common, name, child);
    work(&Children {
        profile: common.profile.as_deref(),
        endpoint: common.endpoint_url.as_deref(),
        strict: common.strict,
        wait: &wait,
    })
}
