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
    /// What an interface that carries no pods holds: its own address.
    pub fn one() -> Self {
        Self::singles(1)
    }

    /// So many addresses one by one, and no prefix.
    pub fn singles(singles: u64) -> Self {
        Self { singles, prefixes: 0 }
    }

    /// All of them as single addresses: a prefix counts 16, used or not.
    pub fn addresses(self) -> u64 {
        self.singles + self.prefixes * ADDRESSES_PER_PREFIX
    }

    /// Both in one subnet.
    pub fn plus(self, other: Held) -> Self {
        Self { singles: self.singles + other.singles, prefixes: self.prefixes + other.prefixes }
    }
}

/// What nodes hold at most, whatever their type and whichever of their pods have security groups of their own. Each sum is the most
/// of its own: the nodes with most single addresses need not be those with most prefixes, and no node is said to be both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AtMost {
    pub singles: u64,
    pub prefixes: u64,
    pub addresses: u64,
    /// /28 blocks with each single address in one of its own.
    pub blocks: u64,
}

impl From<Held> for AtMost {
    fn from(held: Held) -> Self {
        Self {
            singles: held.singles,
            prefixes: held.prefixes,
            addresses: held.addresses(),
            blocks: held.singles + held.prefixes,
        }
    }
}

impl AtMost {
    /// The larger of each sum.
    pub fn or(self, other: impl Into<AtMost>) -> Self {
        self.with(other.into(), u64::max)
    }

    /// Each sum on its own: what both hold at most.
    pub fn plus(self, other: impl Into<AtMost>) -> Self {
        self.with(other.into(), |one, more| one + more)
    }

    /// So many nodes that each hold this much.
    pub fn times(self, count: u64) -> Self {
        self.with(self, |one, _| one * count)
    }

    /// The same with so many per cent on top.
    pub fn grown(self, per_cent: u32) -> Self {
        self.with(self, |one, _| (one * (100 + u64::from(per_cent))).div_ceil(100))
    }

    fn with(self, other: AtMost, join: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            singles: join(self.singles, other.singles),
            prefixes: join(self.prefixes, other.prefixes),
            addresses: join(self.addresses, other.addresses),
            blocks: join(self.blocks, other.blocks),
        }
    }
}
