//! How much a subnet holds.

use crate::facts::subnets::{self, ADDRESSES_PER_PREFIX};

use super::held::AtMost;

/// Where EC2 puts single addresses among the /28 blocks that prefixes need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// Side by side: first the two blocks that the reserved addresses break, then whole ones.
    Packed,
    /// Each in a block of its own, as after much coming and going: the least that is left.
    Scattered,
}

/// A subnet by its prefix length, and that of the part at its end that is kept for prefixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    pub len: u8,
    pub reserved: Option<u8>,
}

impl Room {
    /// A subnet of this prefix length with no part that is kept for prefixes.
    pub fn plain(len: u8) -> Self {
        Self { len, reserved: None }
    }

    /// /28 blocks of the reserved part; the last one holds the subnet's last address.
    fn reserved_blocks(self) -> u64 {
        self.reserved.map_or(0, |len| (1u64 << subnets::PREFIX.saturating_sub(len)) - 1)
    }

    /// Blocks that prefixes may have outside the reserved part, those left that the reserved addresses break.
    fn blocks(self) -> u64 {
        let all = subnets::prefixes(self.len);
        all - self.reserved_blocks().min(all)
    }

    /// Addresses that single ones may have: outside the reserved part.
    fn singles(self) -> u64 {
        let part = self.reserved.map_or(0, |len| (1u64 << (32 - len)) - 1);
        subnets::usable(self.len).saturating_sub(part)
    }

    /// Single addresses that fit into blocks which the reserved ones break already.
    fn beside_reserved(self) -> u64 {
        let edges = 2 * ADDRESSES_PER_PREFIX - subnets::RESERVED;
        // The last block is the reserved part's.
        if self.reserved.is_some() { edges - (ADDRESSES_PER_PREFIX - 1) } else { edges }
    }
}

/// Whether an otherwise empty subnet holds `demand`.
pub fn holds(room: Room, demand: impl Into<AtMost>, spread: Spread) -> bool {
    let demand = demand.into();
    let reserved = room.reserved_blocks();
    let needs_blocks = reserved < demand.prefixes || room.reserved.is_none();
    let whole = reserved + room.blocks();
    demand.singles <= room.singles()
        && demand.addresses <= subnets::usable(room.len)
        && (demand.prefixes == 0
            || !needs_blocks
            || demand.prefixes <= whole
                && match spread {
                    Spread::Packed => {
                        demand.addresses <= whole * ADDRESSES_PER_PREFIX + room.beside_reserved()
                    }
                    Spread::Scattered => demand.blocks <= whole,
                })
}

/// The longest prefix that holds `demand`, however scattered its single addresses are; where none does, the one that holds it packed.
pub fn smallest(demand: AtMost) -> Option<u8> {
    let of = |spread| {
        (subnets::LARGEST..=subnets::SMALLEST)
            .rev()
            .find(|len| holds(Room::plain(*len), demand, spread))
    };
    of(Spread::Scattered).or_else(|| of(Spread::Packed))
}

/// How full `demand` makes it, in per cent of what is scarcer: addresses, or /28 blocks. More than 100: it does not fit.
pub fn per_cent(room: Room, demand: AtMost, spread: Spread) -> u64 {
    let share = |used: u64, of: u64| {
        if used == 0 { 0 } else { (used * 100).div_ceil(of.max(1)) }
    };
    let addresses = share(demand.singles, room.singles())
        .max(share(demand.addresses, subnets::usable(room.len)));
    let reserved = room.reserved_blocks();
    if demand.prefixes == 0 {
        addresses
    } else if demand.prefixes <= reserved {
        addresses.max(share(demand.prefixes, reserved))
    } else {
        let used = match spread {
            Spread::Packed => demand
                .addresses
                .saturating_sub(room.beside_reserved())
                .div_ceil(ADDRESSES_PER_PREFIX)
                .max(demand.prefixes),
            Spread::Scattered => demand.blocks,
        };
        addresses.max(share(used, reserved + room.blocks()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::held::Held;
    use super::*;

    #[test]
    fn a_subnet_holds_what_its_addresses_and_blocks_allow() {
        let held = |singles, prefixes| Held { singles, prefixes };
        assert!(
            holds(Room::plain(24), held(251, 0), Spread::Packed)
                && !holds(Room::plain(24), held(252, 0), Spread::Packed)
        );
        assert!(
            holds(Room::plain(24), held(27, 14), Spread::Packed)
                && !holds(Room::plain(24), held(28, 14), Spread::Packed)
        );
        assert!(
            holds(Room::plain(24), held(4, 10), Spread::Scattered)
                && !holds(Room::plain(24), held(5, 10), Spread::Scattered)
        );
        assert!(
            !holds(Room::plain(28), held(0, 1), Spread::Packed)
                && holds(Room::plain(28), held(11, 0), Spread::Packed)
        );
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
                    assert_eq!(
                        holds(Room::plain(len), Held { singles, prefixes }, Spread::Packed),
                        fits || prefixes == 0,
                        "/{len} {singles} {prefixes}"
                    );
                }
            }
        }
    }

    /// The same walk with a reserved part: single addresses stay out of it, prefixes take it first.
    #[test]
    fn a_reserved_part_is_for_prefixes_first_and_never_for_single_addresses() {
        for len in 22..=26u8 {
            for reserved in len + 1..=28 {
                let (size, part) = (1u64 << (32 - len), 1u64 << (32 - reserved));
                let room = Room { len, reserved: Some(reserved) };
                let inside = part / 16 - 1; // its last block holds the subnet's last address
                for singles in 0..=size {
                    let fits = singles <= size - part - 4;
                    assert_eq!(
                        holds(room, Held { singles, prefixes: inside }, Spread::Scattered),
                        fits,
                        "/{len} /{reserved} {singles}"
                    );
                    let left = (size - part) / 16
                        - 1
                        - singles.saturating_sub(12).div_ceil(16).min((size - part) / 16 - 1);
                    for more in left.saturating_sub(1)..=left + 1 {
                        let fits = fits
                            && more <= left
                            && singles.saturating_sub(12).div_ceil(16) < (size - part) / 16;
                        assert_eq!(
                            holds(room, Held { singles, prefixes: inside + more }, Spread::Packed),
                            fits,
                            "/{len} /{reserved} {singles} {more}"
                        );
                    }
                }
            }
        }
    }
}
