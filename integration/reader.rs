//! Bad input: one voice, a place, a way out; never a panic, never a hang.

use std::fmt::Write;

use eksnet::blueprint::{self, MOST_BYTES};
use eksnet::report::findings::{Checked, human};
use proptest::prelude::*;

use crate::support::{CLEAN, findings, root, snapshot};

fn rules(text: &str) -> Vec<&'static str> {
    findings(text).iter().map(|finding| finding.rule.id).collect()
}

#[test]
fn the_traps_of_yaml_are_named() {
    assert!(
        rules(&CLEAN.replace("zones: 2", "base: &base { a: 1 }\nzones:\n  <<: *base"))
            .contains(&"YAML-05")
    );
    assert_eq!(rules(&format!("{}{}", "[".repeat(20_000), "]".repeat(20_000))).len(), 1);
    let bomb: String = (0..9)
        .map(|at| {
            format!("a{}: &a{} [{}]\n", at + 1, at + 1, vec![format!("*a{at}"); 10].join(", "))
        })
        .collect();
    assert!(rules(&format!("a0: &a0 [x]\n{bomb}")).contains(&"YAML-07"));
    assert!(rules("a: b\n\tc: d\n").contains(&"YAML-01"));
    assert!(findings("a: b\n\tc: d\n")[0].hint.as_ref().unwrap().contains("tab"));
}

#[test]
fn a_file_that_is_no_text_or_too_long_is_refused() {
    let read = |bytes: Vec<u8>| {
        blueprint::read("x", bytes)
            .findings
            .iter()
            .map(|finding| finding.rule.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(read(vec![b'a', b':', 0xff, 0xfe]), ["YAML-09"]);
    assert_eq!(read(vec![b'#'; MOST_BYTES + 1]), ["YAML-09"]);
    assert!(!read(vec![b'#'; MOST_BYTES]).contains(&"YAML-09"));
    assert_eq!(read(Vec::new()), ["BP-02"]);
    assert!(
        read([b"\xef\xbb\xbf", CLEAN.as_bytes()].concat()).is_empty(),
        "a byte order mark is no harm"
    );
}

#[test]
fn words_that_look_like_numbers_stay_words() {
    let document = crate::support::document(&CLEAN.replace(
        "  region: eu-west-1",
        "  region: eu-west-1\n  tags: { a: \"012\", b: 1_000, c: 1.10 }",
    ));
    let tags = document.blueprint.metadata.tags.unwrap();
    assert_eq!(tags.values().map(String::as_str).collect::<Vec<_>>(), ["012", "1_000", "1.10"]);
}

#[test]
fn aliases_of_values_work() {
    assert!(
        rules(
            &CLEAN
                .replace("  region: eu-west-1", "  region: eu-west-1\n  tags: &tags { a: b }")
                .replace("size: /24,", "size: /24, tags: *tags,")
        )
        .is_empty()
    );
}

/// The corpus: files with several things wrong, as people write them, and what they read then.
#[test]
fn broken_files_read_well() {
    let mut files: Vec<_> = std::fs::read_dir(root().join("integration/broken"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() > 3);
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let found = findings(&text);
        assert!(found.iter().any(|finding| finding.is_error()), "{name} is not broken");
        let source = eksnet::source::Source::new(name.clone(), text);
        let mut read = String::new();
        write!(
            read,
            "{}",
            anstream::adapter::strip_str(&human(&Checked { source: &source, findings: &found }))
        )
        .unwrap();
        snapshot(&format!("broken-{}", name.trim_end_matches(".yaml")), &read);
    }
}

/// Pieces that near-valid blueprints are made of.
const PIECES: &[&str] = &[
    "zones: 2\n",
    "zones: [euw1-az1]\n",
    "vpc:\n",
    "  cidr: 10.0.0.0/8\n",
    "  cidr: 10.40.0.0/16\n",
    "tiers:\n",
    "  - { name: a, size: /20 }\n",
    "  - name: é\n",
    "    size: /33\n",
    "cluster: {}\n",
    "nodeGroups: []\n",
    "  - &x [*x]\n",
    "\t",
    "? ",
    ": ",
    "- ",
    "<<: *x\n",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "'",
    "#",
    "\r\n",
    "\u{feff}",
    "awsNode: { env: { A: b } }\n",
    "egress: { nat: single }\n",
    "metadata: { name: x, region: eu-west-1 }\n",
    "apiVersion: eksnet/v1\n",
    "kind: Blueprint\n",
    "!t ",
    "|\n",
    "%YAML 1.1\n---\n",
    "...\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// Whatever the file holds: an answer, and every finding inside the text.
    #[test]
    fn no_text_makes_it_panic(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..14), start in prop::bool::ANY) {
        let text = format!("{}{}", if start { CLEAN } else { "" }, pieces.concat());
        for finding in findings(&text) {
            let at = finding.at.unwrap_or(0..0);
            prop_assert!(at.start <= text.len() && at.start <= at.end);
            let source = eksnet::source::Source::new("x", text.clone());
            let shown = human(&Checked { source: &source, findings: &findings(&text) });
            prop_assert!(!shown.is_empty());
        }
    }

    /// One character wrong anywhere in a good blueprint.
    #[test]
    fn no_slip_of_the_key_makes_it_panic(at in 0..CLEAN.len(), letter in "[ -~é\t\n]") {
        let mut text = CLEAN.to_string();
        text.replace_range(at..=at, &letter);
        let _ = findings(&text);
    }
}
