//! What fuzzing found, and near relations of it, through the functions that the fuzzer calls.

#[path = "fuzz/targets.rs"]
mod targets;

use eksnet::survey::document;

use crate::existing::exhausted;
use crate::near_valid::{Dice, cases};
use crate::one_reader::mutated;
use crate::support::{blueprints, root};

fn each(target: &str, run: fn(&[u8])) {
    let folder = root().join("integration/fuzz/corpus").join(target);
    let files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!files.is_empty());
    for file in files {
        eprintln!("{}", file.display());
        run(&std::fs::read(&file).unwrap());
    }
}

#[test]
fn the_corpus_of_blueprints_is_answered() {
    each("blueprint", targets::blueprint);
    blueprints().iter().for_each(|(_, path)| targets::blueprint(&std::fs::read(path).unwrap()));
}

#[test]
fn the_corpus_of_locks_is_answered() {
    each("lock", targets::lock);
}

#[test]
fn the_corpus_of_templates_is_answered() {
    each("template", targets::template);
}

#[test]
fn the_corpus_of_surveys_is_answered() {
    each("survey", targets::survey);
}

#[test]
fn the_corpus_of_plans_is_answered() {
    each("plan", targets::plan);
}

/// A survey is written by one machine and read by another: whatever happens to it on the way is answered.
#[test]
fn a_survey_that_was_changed_is_refused_or_judged() {
    let seeds = [document::write(&exhausted())];
    let mut dice = Dice::new(20_261_128);
    let count = cases(1_000);
    let accepted = (0..count)
        .filter(|_| {
            let text = mutated(&seeds, &mut dice);
            targets::survey(text.as_bytes());
            document::parse(&text).is_ok()
        })
        .count();
    assert!(count / 50 < accepted, "{accepted} of {count} are accepted: too few to prove anything");
}

#[test]
fn every_target_has_its_program() {
    let manifest = std::fs::read_to_string(root().join("integration/fuzz/Cargo.toml")).unwrap();
    for target in ["blueprint", "lock", "template", "survey", "plan"] {
        assert!(manifest.contains(&format!("fuzz_targets/{target}.rs")), "{target}");
        assert!(root().join(format!("integration/fuzz/fuzz_targets/{target}.rs")).is_file());
    }
}
