//! How much a subnet holds.

use crate::facts::subnets::{self, ADDRESSES_PER_PREFIX};

use super::pods::Held;

/// Where EC2 puts single addresses among the /28 blocks that prefixes need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// Side by side: first the two blocks that the reserved addresses break, then whole ones.
    Packed,
    /// Each in a block of its own, as after much coming and going: the least that is left.
    Scattered,
}

/// Whether an otherwise empty subnet of a prefix length holds `demand`.
pub fn holds(len: u8, demand: Held, spread: Spread) -> bool {
    match demand.prefixes {
        0 => demand.singles <= subnets::usable(len),
        _ => blocks(demand, spread) <= subnets::prefixes(len) && demand.addresses() <= subnets::usable(len),
    }
}

/// The longest prefix that holds `demand`, however scattered its single addresses are; where none does, the one that holds it packed.
pub fn smallest(demand: Held) -> Option<u8> {
    let of = |spread| (subnets::LARGEST..=subnets::SMALLEST).rev().find(|len| holds(*len, demand, spread));
    of(Spread::Scattered).or_else(|| of(Spread::Packed))
}

/// How full `demand` makes it, in per cent of what is scarcer: addresses, or /28 blocks. More than 100: it does not fit.
pub fn per_cent(len: u8, demand: Held) -> u64 {
    let share = |used: u64, of: u64| if used == 0 { 0 } else { (used * 100).div_ceil(of.max(1)) };
    let addresses = share(demand.addresses(), subnets::usable(len));
    match demand.prefixes {
        0 => addresses,
        _ => addresses.max(share(blocks(demand, Spread::Packed), subnets::prefixes(len))),
    }
}

/// /28 blocks that are prefixes, or that single addresses spoil.
fn blocks(demand: Held, spread: Spread) -> u64 {
    let broken = 2 * ADDRESSES_PER_PREFIX - subnets::RESERVED;
    demand.prefixes
        + match spread {
            Spread::Packed => demand.singles.saturating_sub(broken).div_ceil(ADDRESSES_PER_PREFIX),
            Spread::Scattered => demand.singles,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subnet_holds_what_its_addresses_and_blocks_allow() {
        let held = |singles, prefixes| Held { singles, prefixes };
        assert!(holds(24, held(251, 0), Spread::Packed) && !holds(24, held(252, 0), Spread::Packed));
        assert!(holds(24, held(27, 14), Spread::Packed) && !holds(24, held(28, 14), Spread::Packed));
        assert!(holds(24, held(4, 10), Spread::Scattered) && !holds(24, held(5, 10), Spread::Scattered));
        assert!(!holds(28, held(0, 1), Spread::Packed) && holds(28, held(11, 0), Spread::Packed));
    }

    /// Walks the blocks of a subnet one address at a time: the oracle of the packed sum.
    #[test]
    fn packed_singles_leave_as_many_blocks_as_a_walk_does() {
        for len in 22..=27u8 {
            let size = 1u64 << (32 - len);
            for singles in 0..=subnets::usable(len) {
                let mut left = singles;
                // Broken blocks first: the first holds four reserved addresses, the last one.
                left = left.saturating_sub(12).saturating_sub(15);
                let whole = (size / 16 - 2) - left.div_ceil(16).min(size / 16 - 2);
                for prefixes in whole.saturating_sub(1)..=whole + 1 {
                    let fits = prefixes <= whole && left.div_ceil(16) <= size / 16 - 2;
                    assert_eq!(holds(len, Held { singles, prefixes }, Spread::Packed), fits || prefixes == 0, "/{len} {singles} {prefixes}");
                }
            }
        }
    }
}
