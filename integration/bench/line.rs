//! read → layout → render of a full blueprint, and of a thousand: `cargo bench`. Compare the ratios of one run, not the times of two.

use std::hint::black_box;

use divan::Bencher;
use divan::counter::ItemsCount;
use eksnet::address::{self, AddressPlan, Ledger};
use eksnet::spec::Spec;
use eksnet::{blueprint, check, graph, render, report, spec};

fn main() {
    divan::main();
}

const FULL: &str = include_str!("../../blueprints/secondary-pods.yaml");

fn read(text: &str) -> blueprint::Document {
    blueprint::read("shop.yaml", text.as_bytes().to_vec()).document.expect("the example is clean")
}

fn lay_out(text: &str) -> (Spec, AddressPlan) {
    let document = read(text);
    let spec = spec::resolve(&document.blueprint).0.expect("the example is clean");
    assert!(check::spec(&spec).is_empty());
    let plan = address::allocate(&spec, &Ledger::empty(&spec.name, spec.region.name)).expect("the example fits");
    (spec, plan)
}

fn compile(text: &str) -> String {
    let (spec, plan) = lay_out(text);
    let graph = graph::build(&spec, &plan);
    render::template(&graph, &plan.ledger, &spec.name).expect("the templates are whole").to_json()
}

/// `count` blueprints with names of their own.
fn fleet(count: usize) -> Vec<String> {
    (0..count).map(|at| FULL.replace("name: secondary-pods", &format!("name: cluster-{at}"))).collect()
}

#[divan::bench]
fn read_one() {
    black_box(read(black_box(FULL)));
}

#[divan::bench]
fn layout_one() -> String {
    let (spec, plan) = lay_out(black_box(FULL));
    report::layout_json::write(&spec, &plan)
}

#[divan::bench]
fn render_one() -> String {
    compile(black_box(FULL))
}

#[divan::bench(args = [10, 100, 1_000], sample_count = 5)]
fn render_many(bencher: Bencher, count: usize) {
    let fleet = fleet(count);
    bencher.counter(ItemsCount::new(count)).bench(|| fleet.iter().map(|text| compile(text).len()).sum::<usize>());
}
