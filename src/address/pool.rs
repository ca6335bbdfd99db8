//! A range of addresses and what is still free in it: always the largest aligned blocks there are.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;

/// `2^bits` addresses from `start`, aligned to its own size. Wide enough for IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Block {
    pub start: u128,
    pub bits: u8,
}

impl Block {
    /// The addresses of an IPv4 prefix; host bits are dropped.
    pub fn v4(net: Ipv4Net) -> Self {
        Self { start: u128::from(u32::from(net.network())), bits: 32 - net.prefix_len() }
    }

    /// The IPv4 prefix; the block must be one.
    pub fn to_v4(self) -> Ipv4Net {
        let address = std::net::Ipv4Addr::from(self.start as u32);
        Ipv4Net::new(address, 32 - self.bits).expect("a block of an IPv4 pool has at most 32 bits")
    }

    fn end(self) -> u128 {
        self.start + (1 << self.bits)
    }

    fn contains(self, other: Block) -> bool {
        self.start <= other.start && other.end() <= self.end()
    }

    fn halves(self) -> [Block; 2] {
        let bits = self.bits - 1;
        [Block { start: self.start, bits }, Block { start: self.start + (1 << bits), bits }]
    }
}

/// Free blocks by size and by address.
#[derive(Clone, Debug)]
pub struct Pool {
    by_size: BTreeSet<(u8, u128)>,
    by_start: BTreeMap<u128, u8>,
}

impl Pool {
    /// All of `whole` is free at first.
    pub fn new(whole: Block) -> Self {
        let mut pool = Self { by_size: BTreeSet::new(), by_start: BTreeMap::new() };
        pool.add(whole);
        pool
    }

    /// Takes exactly `block`; `false`, and nothing taken, if any of it is not free.
    pub fn claim(&mut self, block: Block) -> bool {
        let Some(mut around) = self.around(block) else {
            return false;
        };
        self.remove(around);
        while around != block {
            let [low, high] = around.halves();
            let (inner, outer) = if low.contains(block) { (low, high) } else { (high, low) };
            self.add(outer);
            around = inner;
        }
        true
    }

    /// Takes whatever of `block` is still free.
    pub fn withhold(&mut self, block: Block) {
        if self.claim(block) {
            return;
        }
        let inside: Vec<Block> = self
            .by_start
            .range(block.start..block.end())
            .map(|(start, bits)| Block { start: *start, bits: *bits })
            .collect();
        inside.into_iter().filter(|free| block.contains(*free)).for_each(|free| self.remove(free));
    }

    /// A block of `2^bits` addresses from the tightest free block, the lowest of equals. The larger ones stay whole.
    pub fn take(&mut self, bits: u8) -> Option<Block> {
        let (size, start) = *self.by_size.range((bits, 0)..).next()?;
        let taken = Block { start, bits };
        debug_assert!(bits <= size);
        self.claim(taken).then_some(taken)
    }

    /// In address order.
    pub fn free(&self) -> impl Iterator<Item = Block> {
        self.by_start.iter().map(|(start, bits)| Block { start: *start, bits: *bits })
    }

    fn around(&self, block: Block) -> Option<Block> {
        let (start, bits) = self.by_start.range(..=block.start).next_back()?;
        let free = Block { start: *start, bits: *bits };
        free.contains(block).then_some(free)
    }

    fn add(&mut self, block: Block) {
        self.by_size.insert((block.bits, block.start));
        self.by_start.insert(block.start, block.bits);
    }

    fn remove(&mut self, block: Block) {
        self.by_size.remove(&(block.bits, block.start));
        self.by_start.remove(&block.start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(cidr: &str) -> Pool {
        Pool::new(Block::v4(cidr.parse().unwrap()))
    }

    fn free(pool: &Pool) -> Vec<String> {
        pool.free().map(|block| block.to_v4().to_string()).collect()
    }

    #[test]
    fn a_claim_leaves_the_largest_blocks_around_it() {
        let mut pool = pool("10.0.0.0/16");
        assert!(pool.claim(Block::v4("10.0.64.0/18".parse().unwrap())));
        assert_eq!(free(&pool), ["10.0.0.0/18", "10.0.128.0/17"]);
        assert!(!pool.claim(Block::v4("10.0.64.0/24".parse().unwrap())));
    }

    #[test]
    fn a_small_block_comes_from_the_tightest_gap() {
        let mut pool = pool("10.0.0.0/16");
        pool.claim(Block::v4("10.0.128.0/28".parse().unwrap()));
        assert_eq!(pool.take(4).unwrap().to_v4().to_string(), "10.0.128.16/28");
        assert_eq!(pool.take(8).unwrap().to_v4().to_string(), "10.0.129.0/24");
        assert_eq!(free(&pool)[0], "10.0.0.0/17");
    }

    #[test]
    fn withholding_takes_only_what_is_free() {
        let mut pool = pool("10.0.0.0/24");
        pool.claim(Block::v4("10.0.0.64/26".parse().unwrap()));
        pool.withhold(Block::v4("10.0.0.0/25".parse().unwrap()));
        assert_eq!(free(&pool), ["10.0.0.128/25"]);
    }
}
