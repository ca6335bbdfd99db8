//! What must not grow faster than the work: ratios of two measurements that take turns in one run.

use std::hint::black_box;
use std::time::{Duration, Instant};

use eksnet::address::overlap::overlaps;

use super::{claim_all, fleet, lay_out, prefixes};

pub fn print() {
    let (small, large) = (fleet(1_000), fleet(10_000));
    let layouts =
        |fleet: &[String]| fleet.iter().map(|text| lay_out(text).plan.subnets.len()).sum::<usize>();
    println!(
        "layout of 10,000 blueprints / of 1,000: {:.1} (linear: 10)",
        ratio(3, || layouts(&large), || layouts(&small))
    );
    let (few, many) = (prefixes(10_000), prefixes(100_000));
    println!(
        "claims of 100,000 prefixes / of 10,000: {:.1} (n log n: 12.5)",
        ratio(5, || claim_all(&many), || claim_all(&few))
    );
    println!(
        "overlap sweep of 100,000 prefixes / of 10,000: {:.1} (n log n: 12.5)",
        ratio(9, || overlaps(&many).len(), || overlaps(&few).len())
    );
    let sort = || {
        let mut sorted = many.clone();
        sorted.sort_unstable();
        sorted.len()
    };
    println!(
        "overlap sweep of 100,000 prefixes / their sort: {:.1} (goal: 3 at most)",
        ratio(9, || overlaps(&many).len(), sort)
    );
}

/// Least time of one over least time of the other.
fn ratio<T>(rounds: usize, one: impl Fn() -> T, other: impl Fn() -> T) -> f64 {
    let pairs: Vec<(Duration, Duration)> =
        (0..rounds).map(|_| (time(&one), time(&other))).collect();
    let least = |of: fn(&(Duration, Duration)) -> Duration| {
        pairs.iter().map(of).min().unwrap_or_default().as_secs_f64()
    };
    least(|pair| pair.0) / least(|pair| pair.1)
}

fn time<T>(work: impl Fn() -> T) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}
