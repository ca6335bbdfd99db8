//! `eksnet iam fleet`

use std::collections::BTreeSet;

use crate::report::iam;

use super::super::output::{self, Stop};
use super::super::{Common, DONE};

pub fn run(common: &Common, path: &str) -> Result<u8, Stop> {
    let whole = super::open(common, if path.is_empty() { "." } else { path }, &[])?;
    let roles: BTreeSet<String> =
        whole.places().into_iter().filter_map(|place| place.role).collect();
    output::data(&iam::fleet(&roles));
    if !roles.is_empty() {
        let words = "note: each of the roles needs `ReadRanges` as well, and what `eksnet iam preview FILE` and `eksnet iam deploy FILE` print for its members";
        output::note(common, &output::folded(words));
    }
    Ok(DONE)
}
