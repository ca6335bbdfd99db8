//! read → layout → render of a full blueprint, and of thousands; a pool of a hundred thousand prefixes: `cargo bench`. Compare the
//! ratios of one run, which stand at its end, not the times of two.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a benchmark reads the clock"
)]

mod ratios;

use std::hint::black_box;

use divan::Bencher;
use divan::counter::ItemsCount;
use eksnet::address::overlap::overlaps;
use eksnet::address::pool::{Block, Pool};
use eksnet::line::{self, Compiled, Request};
use eksnet::{blueprint, report};
use ipnet::Ipv4Net;

fn main() {
    divan::main();
    if !std::env::args().any(|argument| argument == "--test" || argument == "--list") {
        ratios::print();
    }
}

const FULL: &str = include_str!("../../blueprints/secondary-pods.yaml");

fn read(text: &str) -> blueprint::Document {
    blueprint::read("shop.yaml", text.as_bytes().to_vec()).document.expect("the example is clean")
}

fn lay_out(text: &str) -> Compiled {
    line::compile(Request::new(read(text))).unwrap_or_else(|why| panic!("{why:?}"))
}

fn compile(text: &str) -> String {
    lay_out(text).template.to_json()
}

/// `count` blueprints with names of their own.
fn fleet(count: usize) -> Vec<String> {
    (0..count)
        .map(|at| FULL.replace("name: secondary-pods", &format!("name: cluster-{at}")))
        .collect()
}

#[divan::bench]
fn read_one() {
    black_box(read(black_box(FULL)));
}

#[divan::bench]
fn layout_one() -> String {
    let line = lay_out(black_box(FULL));
    report::layout_json::write(&line.layout())
}

#[divan::bench]
fn render_one() -> String {
    compile(black_box(FULL))
}

#[divan::bench(args = [10, 100, 1_000], sample_count = 5)]
fn render_many(bencher: Bencher, count: usize) {
    let fleet = fleet(count);
    bencher
        .counter(ItemsCount::new(count))
        .bench(|| fleet.iter().map(|text| compile(text).len()).sum::<usize>());
}

#[divan::bench(args = [1_000, 10_000], sample_count = 3)]
fn layout_many(bencher: Bencher, count: usize) {
    let fleet = fleet(count);
    bencher
        .counter(ItemsCount::new(count))
        .bench(|| fleet.iter().map(|text| lay_out(text).plan.subnets.len()).sum::<usize>());
}

#[divan::bench(args = [10_000, 100_000], sample_count = 10)]
fn claim_prefixes(bencher: Bencher, count: u32) {
    let prefixes = prefixes(count);
    bencher.counter(ItemsCount::new(count)).bench(|| claim_all(&prefixes));
}

#[divan::bench(args = [10_000, 100_000], sample_count = 10)]
fn sweep_for_overlaps(bencher: Bencher, count: u32) {
    let prefixes = prefixes(count);
    bencher.counter(ItemsCount::new(count)).bench(|| overlaps(black_box(&prefixes)).len());
}

/// /28s of 10.0.0.0/8, none twice, in no order.
fn prefixes(count: u32) -> Vec<Ipv4Net> {
    let block = |at: u32| (10u32 << 24) + (at.wrapping_mul(654_435_761) % (1 << 20)) * 16;
    (0..count).map(|at| Ipv4Net::new(block(at).into(), 28).expect("a /28 of 10/8")).collect()
}

/// A pool with each of them taken.
fn claim_all(prefixes: &[Ipv4Net]) -> usize {
    let mut pool = Pool::new(Block::v4("10.0.0.0/8".parse().expect("10/8")));
    prefixes.iter().for_each(|prefix| assert!(pool.claim(Block::v4(*prefix))));
    pool.free().count()
}
