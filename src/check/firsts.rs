//! Who of a list has a key first; found for a whole list in one pass.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// The first holder of each key so far.
pub struct Firsts<K, T>(BTreeMap<K, T>);

impl<K: Ord, T: Copy> Firsts<K, T> {
    pub fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The earlier holder of `key`; without one, `holder` has it from now on.
    pub fn claim(&mut self, key: K, holder: T) -> Option<T> {
        match self.0.entry(key) {
            Entry::Occupied(entry) => Some(*entry.get()),
            Entry::Vacant(entry) => {
                entry.insert(holder);
                None
            }
        }
    }
}
