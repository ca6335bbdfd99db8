//! The checks, rows only, by symptom.

mod addresses;
mod dns;
mod egress;
mod nodes;
mod services;

use super::check::Check;

const ROWS: [&[Check]; 5] = [nodes::ROWS, addresses::ROWS, dns::ROWS, services::ROWS, egress::ROWS];

/// Every check, by symptom.
pub fn all() -> impl Iterator<Item = &'static Check> + Clone {
    ROWS.into_iter().flatten()
}
