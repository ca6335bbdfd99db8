//! One sweep over many members' ranges. Prefixes are nested or apart, so a stack of those still open is enough.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;

/// A range and the position of who has it.
pub type Held = (Ipv4Net, usize);

/// Positions (earlier, own) in `held`: of each range the innermost one around it, or equal to it, that somebody else has. A range that
/// overlaps many others is told once, so the work is `O(n log n)` whatever there is to find.
pub fn clashes(held: &[Held]) -> Vec<(usize, usize)> {
    let key = |(at, (cidr, _)): (usize, &Held)| (u32::from(cidr.network()), cidr.prefix_len(), at);
    let mut order: Vec<(u32, u8, usize)> = held.iter().enumerate().map(key).collect();
    order.sort_unstable();
    let mut open: Vec<Open> = Vec::new();
    let mut found = Vec::new();
    for (start, _, at) in order {
        let (cidr, owner) = held[at];
        while open.last().is_some_and(|top| top.end < start) {
            open.pop();
        }
        let other = open.last().and_then(|top| match top.owner == owner {
            true => top.another,
            false => Some(top.at),
        });
        found.extend(other.map(|other| (other, at)));
        open.push(Open { end: u32::from(cidr.broadcast()), owner, at, another: other });
    }
    found
}

/// A range that the sweep is inside of.
struct Open {
    end: u32,
    owner: usize,
    at: usize,
    /// The innermost range around it that another owner has.
    another: Option<usize>,
}

/// Ranges by prefix, to be asked who overlaps another one.
#[derive(Default)]
pub struct Index {
    /// (network, prefix length) → positions of owners.
    ranges: BTreeMap<(u32, u8), Vec<usize>>,
}

impl Index {
    /// Several owners may hold the same range.
    pub fn of(held: impl Iterator<Item = Held>) -> Self {
        let mut index = Self::default();
        for (cidr, owner) in held {
            let key = (u32::from(cidr.network()), cidr.prefix_len());
            index.ranges.entry(key).or_default().push(owner);
        }
        index
    }

    /// A range that overlaps `cidr`, and its owner, who is not `own`.
    pub fn overlapping(&self, cidr: Ipv4Net, own: usize) -> Option<Held> {
        let around = (0..=cidr.prefix_len()).filter_map(|len| {
            let wider = Ipv4Net::new(cidr.addr(), len).ok()?.trunc();
            let key = (u32::from(wider.network()), len);
            Some((key, self.ranges.get(&key)?))
        });
        let inside = (u32::from(cidr.network()), 0)..=(u32::from(cidr.broadcast()), 32);
        let inside = self.ranges.range(inside).map(|(key, owners)| (*key, owners));
        let other = |owners: &Vec<usize>| owners.iter().copied().find(|owner| *owner != own);
        let mut all = around.chain(inside);
        let ((network, len), owner) = all.find_map(|(key, owners)| Some((key, other(owners)?)))?;
        Some((Ipv4Net::new(network.into(), len).ok()?, owner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(rows: &[(&str, usize)]) -> Vec<Held> {
        rows.iter().map(|(cidr, owner)| (cidr.parse().unwrap(), *owner)).collect()
    }

    #[test]
    fn each_range_is_told_once_with_the_nearest_of_another_owner() {
        let rows = held(&[
            ("10.0.0.0/16", 0),
            ("10.0.0.0/16", 1),
            ("10.0.0.0/16", 2),
            ("10.0.4.0/24", 2),
            ("10.1.0.0/16", 3),
            ("10.1.4.0/24", 3),
        ]);
        assert_eq!(clashes(&rows), [(0, 1), (1, 2), (1, 3)]);
    }

    #[test]
    fn a_range_around_one_of_its_own_still_meets_the_other_around_both() {
        let rows = held(&[("10.0.0.0/8", 0), ("10.0.0.0/16", 1), ("10.0.0.0/24", 1)]);
        assert_eq!(clashes(&rows), [(0, 1), (0, 2)]);
    }

    #[test]
    fn an_index_finds_what_is_around_and_what_is_inside() {
        let index = Index::of(held(&[("10.0.0.0/16", 0), ("10.2.4.0/24", 1)]).into_iter());
        let of = |text: &str, own| index.overlapping(text.parse().unwrap(), own);
        assert_eq!(of("10.0.8.0/24", 9).unwrap().1, 0);
        assert_eq!(of("10.2.0.0/16", 9).unwrap().1, 1);
        assert_eq!(of("10.0.8.0/24", 0), None);
        assert_eq!(of("10.3.0.0/16", 9), None);
    }
}
