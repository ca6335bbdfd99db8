//! Which ranges overlap: one sweep over the sorted ranges. Prefixes are nested or apart, so a stack of those still open is enough.

use ipnet::Ipv4Net;

/// Positions (outer, inner) of every two overlapping ranges, equal ones included, in address order. `O(n log n + pairs)`.
pub fn overlaps(ranges: &[Ipv4Net]) -> Vec<(usize, usize)> {
    let key = |(at, range): (usize, &Ipv4Net)| (u32::from(range.network()), range.prefix_len(), at);
    let mut order: Vec<(u32, u8, usize)> = ranges.iter().enumerate().map(key).collect();
    order.sort_unstable();
    let mut open: Vec<usize> = Vec::new();
    let mut found = Vec::new();
    for (start, _, at) in order {
        while open.last().is_some_and(|outer| u32::from(ranges[*outer].broadcast()) < start) {
            open.pop();
        }
        found.extend(open.iter().map(|outer| (*outer, at)));
        open.push(at);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_that_overlaps_is_found_and_no_other() {
        let ranges: Vec<Ipv4Net> = [
            "10.0.0.0/16",
            "10.1.0.0/16",
            "10.0.4.0/24",
            "10.0.4.0/24",
            "10.0.4.128/25",
            "9.0.0.0/8",
        ]
        .iter()
        .map(|text| text.parse().unwrap())
        .collect();
        let mut slow = Vec::new();
        for (at, one) in ranges.iter().enumerate() {
            for (other, two) in ranges.iter().enumerate().filter(|(other, _)| *other != at) {
                let outer_first =
                    one.contains(two) && (one.prefix_len() < two.prefix_len() || at < other);
                if outer_first {
                    slow.push((at, other));
                }
            }
        }
        let mut fast = overlaps(&ranges);
        fast.sort_unstable();
        slow.sort_unstable();
        assert_eq!(fast, slow);
    }
}
