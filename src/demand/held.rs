//! Addresses by how they are taken: one by one, or as /28 prefixes.

use crate::facts::subnets::ADDRESSES_PER_PREFIX;

/// Addresses in one subnet: of one node, or of all that is in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Single addresses: the interfaces' own and, without prefix delegation, the pods'.
    pub singles: u64,
    /// /28 prefixes.
    pub prefixes: u64,
}

impl Held {
    pub fn one() -> Self {
        Self { singles: 1, prefixes: 0 }
    }

    pub fn addresses(self) -> u64 {
        self.singles + self.prefixes * ADDRESSES_PER_PREFIX
    }

    pub fn plus(self, other: Held) -> Self {
        Self { singles: self.singles + other.singles, prefixes: self.prefixes + other.prefixes }
    }

    /// The larger of each.
    pub fn most(self, other: Held) -> Self {
        Self {
            singles: self.singles.max(other.singles),
            prefixes: self.prefixes.max(other.prefixes),
        }
    }

    pub fn times(self, count: u64) -> Self {
        Self { singles: self.singles * count, prefixes: self.prefixes * count }
    }
}
