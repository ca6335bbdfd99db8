//! Every rule that a text cites is in the rule book.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use eksnet::{doctor, rules};

use crate::support::root;

/// Texts that people read, and code with its comments. Tests cite ids that do not exist on purpose.
const READ: &[&str] = &[
    "src",
    "docs",
    "templates",
    "blueprints",
    ".ci",
    ".github",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
];

fn texts() -> Vec<(PathBuf, String)> {
    let mut open: Vec<PathBuf> = READ.iter().map(|name| root().join(name)).collect();
    open.iter().for_each(|path| assert!(path.exists(), "{} is not there", path.display()));
    let mut found = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            found.push((path.strip_prefix(root()).unwrap_or(Path::new("")).to_path_buf(), text));
        }
    }
    found
}

/// Words of the form of a rule's id: `VPC-21`, `IP6-02`.
fn ids(text: &str) -> BTreeSet<&str> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    let is_id = |word: &&str| {
        word.split_once('-').is_some_and(|(topic, number)| {
            (2..=6).contains(&topic.len())
                && topic.starts_with(|letter: char| letter.is_ascii_uppercase())
                && topic.chars().all(|one| one.is_ascii_uppercase() || one.is_ascii_digit())
                && number.len() == 2
                && number.chars().all(|one| one.is_ascii_digit())
        })
    };
    text.split(|letter: char| !is_part(letter)).filter(is_id).collect()
}

#[test]
fn every_rule_that_a_text_cites_exists() {
    let mut missing = BTreeSet::new();
    for (file, text) in texts() {
        let unknown = ids(&text)
            .into_iter()
            .filter(|id| rules::find(id).is_none() && doctor::find(id).is_none());
        missing.extend(unknown.map(|id| format!("{id} in {}", file.display())));
    }
    assert!(missing.is_empty(), "rules that do not exist: {missing:#?}");
}

#[test]
fn an_id_is_told_from_other_words() {
    let text = "rules VPC-21 to VPC-23, (IP6-02); not L-29B6F2EB, us-east-10, UTF-8 or AL2-023";
    assert_eq!(ids(text), ["VPC-21", "VPC-23", "IP6-02"].into());
}

/// Files and folders of the project between backticks: `src/lib.rs`. With a placeholder in it, it is nobody's name.
fn paths(text: &str) -> BTreeSet<&str> {
    const TOPS: &[&str] = &["src", "integration", "templates", "benches", "docs", ".ci", ".github"];
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "._-/".contains(letter);
    let is_path = |word: &&str| {
        word.split_once('/').is_some_and(|(top, _)| TOPS.contains(&top))
            && word.chars().all(is_part)
            && !word.contains("VERSION")
    };
    let quoted = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    quoted.filter(is_path).collect()
}

#[test]
fn every_file_that_a_text_names_exists() {
    let mut missing = BTreeSet::new();
    for (file, text) in texts() {
        let unknown = paths(&text).into_iter().filter(|path| !root().join(path).exists());
        missing.extend(unknown.map(|path| format!("{path} in {}", file.display())));
    }
    assert!(missing.is_empty(), "files that do not exist: {missing:#?}");
}

#[test]
fn a_path_is_told_from_other_words() {
    let text =
        "`src/lib.rs` and `docs`, `src/<topic>.rs`, `templates/*.hbs`; src/main.rs, `.ci/run`";
    assert_eq!(paths(text), ["src/lib.rs", ".ci/run"].into());
}
