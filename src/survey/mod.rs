//! What follows from a survey, each figure once and for everybody: free addresses, blocks for prefixes, ways out, who may talk to whom,
//! who owns what, and what of the network a blueprint finds taken. Pure functions of the document.

pub mod admits;
pub mod age;
pub mod allows;
pub mod blocks;
pub mod document;
pub mod found;
pub mod free;
pub mod leaks;
pub mod owner;
pub mod redact;
pub mod select;
pub mod unread;
pub mod way;
pub mod weight;

pub use allows::{Passage, Side, allows};
pub use blocks::{Block, PrefixMap, prefix_map, unexplained};
pub use free::{Free, free_addresses};
pub use leaks::leaked;
pub use owner::{Owner, owner_of};
pub use way::{Way, is_to_gateway, routes, way_out};
pub use weight::{address_units, rules_in};

use crate::observed::Part;

/// What was read of a list; nothing where it was not read.
pub fn items<T>(part: &Part<Vec<T>>) -> &[T] {
    part.read().map_or(&[], Vec::as_slice)
}
