//! The geometry of the address map: each CIDR is a strip whose blocks are as wide as their share of it, and what would be too narrow to
//! see is drawn again, magnified, below. Whole numbers all the way: the same plan gives the same picture.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;

use crate::address::Subnet;
use crate::report::layout::{Layout, Letters};

/// Units across a strip; a tenth of a pixel each.
pub const WIDTH: u64 = 9_600;
/// Narrower than this, a block is magnified.
const NARROW: u64 = 460;
/// How often what was magnified is magnified again.
const DEEPEST: usize = 3;

/// Who has a part of a strip.
#[derive(Clone, Debug, PartialEq)]
pub enum Holder {
    Subnet {
        /// The tier's place in the blueprint, which gives it its color.
        tier: usize,
        letter: char,
        name: String,
        zone: String,
        cidr: String,
        /// The subnet comes with the change that is shown.
        added: bool,
        /// Its id, where others made it.
        existing: Option<String>,
    },
    /// Others have it: a subnet of the VPC that no tier names, a peer, a route.
    Others {
        cidr: String,
        by: String,
    },
    Free(String),
    /// The blueprint keeps it free.
    Kept(String),
    /// Neither free nor a subnet of the plan: the ledger holds it.
    Held,
}

/// A part of a strip.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// First address.
    pub from: u64,
    /// Behind the last address.
    pub to: u64,
    pub holder: Holder,
}

/// One CIDR, or a part of one that is magnified.
#[derive(Clone, Debug, PartialEq)]
pub struct Strip {
    pub from: u64,
    pub to: u64,
    pub name: String,
    /// In address order, without gaps.
    pub blocks: Vec<Block>,
    pub magnified: Vec<Strip>,
}

impl Strip {
    /// Units from the left of an address.
    pub fn x(&self, address: u64) -> u64 {
        address.saturating_sub(self.from) * WIDTH / (self.to - self.from).max(1)
    }

    fn width(&self, block: &Block) -> u64 {
        self.x(block.to) - self.x(block.from)
    }
}

fn size(net: Ipv4Net) -> u64 {
    1 << (32 - net.prefix_len())
}

fn start(net: Ipv4Net) -> u64 {
    u64::from(u32::from(net.network()))
}

/// A strip for each CIDR of the VPC. `added` tells which subnets come with a change.
pub fn strips(layout: &Layout<'_>, added: &dyn Fn(&Subnet) -> bool) -> Vec<Strip> {
    let letters = Letters::of(layout);
    let strip = |cidr: Ipv4Net| {
        let blocks = whole(cidr, held(layout, &letters, cidr, added));
        cut((start(cidr), start(cidr) + size(cidr)), cidr.to_string(), &blocks, 0)
    };
    layout.intent.vpc.cidrs().map(strip).collect()
}

/// What somebody has of a CIDR, in address order.
fn held(
    layout: &Layout<'_>,
    letters: &Letters<'_>,
    cidr: Ipv4Net,
    added: &dyn Fn(&Subnet) -> bool,
) -> Vec<Block> {
    let block =
        |net: Ipv4Net, holder| Block { from: start(net), to: start(net) + size(net), holder };
    let position = |tier: &str| layout.intent.tiers.iter().position(|own| own.name == tier);
    let subnets =
        layout.plan.subnets.iter().filter(|subnet| cidr.contains(&subnet.cidr)).map(|subnet| {
            let holder = Holder::Subnet {
                tier: position(&subnet.tier).unwrap_or(0),
                letter: letters.letter(&subnet.tier),
                name: subnet.tier.clone(),
                zone: subnet.zone.word().to_string(),
                cidr: subnet.cidr.to_string(),
                added: added(subnet),
                existing: subnet.existing.as_ref().map(|held| held.id.clone()),
            };
            block(subnet.cidr, holder)
        });
    let named = |net: Ipv4Net| layout.plan.subnets.iter().any(|subnet| subnet.cidr == net);
    let others = layout.intent.occupied.iter().flat_map(|held| &held.ranges);
    let others = others.filter(|one| cidr.contains(&one.cidr) && !named(one.cidr)).map(|one| {
        block(one.cidr, Holder::Others { cidr: one.cidr.to_string(), by: one.holder.clone() })
    });
    let free = layout.plan.free.iter().filter(|net| cidr.contains(*net));
    let free = free.map(|net| block(*net, Holder::Free(net.to_string())));
    let kept = layout.intent.vpc.keep_free.iter().filter(|kept| cidr.contains(&kept.cidr));
    let kept = kept.map(|kept| block(kept.cidr, Holder::Kept(kept.cidr.to_string())));
    let mut blocks: Vec<Block> = subnets.chain(others).chain(free).chain(kept).collect();
    blocks.sort_by_key(|block| (block.from, block.to));
    blocks
}

/// The same without gaps; what overlaps (kept free inside of a free block) is cut off.
fn whole(cidr: Ipv4Net, blocks: Vec<Block>) -> Vec<Block> {
    let (mut at, end) = (start(cidr), start(cidr) + size(cidr));
    let mut out = Vec::new();
    for block in blocks {
        if at < block.from {
            out.push(Block { from: at, to: block.from, holder: Holder::Held });
        }
        if at < block.to {
            out.push(Block { from: block.from.max(at), ..block.clone() });
            at = block.to;
        }
    }
    if at < end {
        out.push(Block { from: at, to: end, holder: Holder::Held });
    }
    out
}

/// The blocks within a range, and what of it is magnified.
fn cut((from, to): (u64, u64), name: String, blocks: &[Block], depth: usize) -> Strip {
    let inside = |block: &&Block| from < block.to && block.from < to;
    let clipped = |block: &Block| Block {
        from: block.from.max(from),
        to: block.to.min(to),
        holder: block.holder.clone(),
    };
    let blocks: Vec<Block> = blocks.iter().filter(inside).map(clipped).collect();
    let mut strip = Strip { from, to, name, blocks, magnified: Vec::new() };
    if depth < DEEPEST {
        strip.magnified =
            narrow(&strip).into_iter().map(|range| magnify(&strip, range, depth)).collect();
    }
    strip
}

fn magnify(strip: &Strip, (from, to): (u64, u64), depth: usize) -> Strip {
    let len = 32 - (to - from).trailing_zeros();
    let first = std::net::Ipv4Addr::from(u32::try_from(from).unwrap_or(u32::MAX));
    let name = format!("{first}/{len}");
    cut((from, to), name, &strip.blocks, depth + 1)
}

/// Aligned ranges, each the smallest around neighboring subnets that are too narrow.
fn narrow(strip: &Strip) -> Vec<(u64, u64)> {
    let region = ((strip.to - strip.from) / 16).max(16);
    let mut regions: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
    for block in &strip.blocks {
        if matches!(block.holder, Holder::Subnet { .. }) && strip.width(block) < NARROW {
            let range = regions.entry(block.from / region).or_insert((block.from, block.to));
            *range = (range.0.min(block.from), range.1.max(block.to));
        }
    }
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for (from, to) in regions.into_values().map(aligned) {
        match ranges.last_mut() {
            Some(last) if from < last.1 => *last = (last.0.min(from), last.1.max(to)),
            _ => ranges.push((from, to)),
        }
    }
    ranges.retain(|(from, to)| (to - from) * 2 <= strip.to - strip.from);
    ranges
}

/// The smallest prefix around a range.
fn aligned((from, to): (u64, u64)) -> (u64, u64) {
    let mut size = (to - from).next_power_of_two();
    while from / size != (to - 1) / size {
        size *= 2;
    }
    (from / size * size, from / size * size + size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_widened_to_a_prefix() {
        assert_eq!(aligned((16, 32)), (16, 32));
        assert_eq!(aligned((16, 40)), (0, 64));
        assert_eq!(aligned((256, 272)), (256, 272));
    }

    #[test]
    fn gaps_are_held_and_overlaps_are_cut() {
        let block = |from, to| Block { from, to, holder: Holder::Held };
        let cidr: Ipv4Net = "0.0.0.0/28".parse().unwrap();
        let blocks = whole(cidr, vec![block(2, 8), block(4, 12)]);
        let ranges: Vec<_> = blocks.iter().map(|block| (block.from, block.to)).collect();
        assert_eq!(ranges, [(0, 2), (2, 8), (8, 12), (12, 16)]);
    }
}
