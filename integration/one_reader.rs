//! What is checked is what is used: mutated documents through eksnet's reader, with a second reader of YAML as an oracle.

use eksnet::blueprint::{self, Blueprint};
use eksnet::diagnostic::any_error;
use eksnet::line::{self, Request, Stopped};
use serde_json::Value;
use serde_yaml::Value as Yaml;

use crate::near_valid::{Dice, cases};
use crate::support::{CLEAN, blueprints};

/// Letters and words at which readers of YAML part.
const SLIPS: &[&str] = &[
    "\u{2028}",
    "\u{2029}",
    "\u{85}",
    "\r",
    "\u{feff}",
    "\u{a0}",
    "\u{7f}",
    "\0",
    "#",
    " #",
    ":",
    ": ",
    ",",
    "\"",
    "'",
    "\t",
    "&a ",
    "*a",
    "!t ",
    "|\n",
    ">-\n",
    "? ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "\n",
    "\n\n",
    " ",
    "  ",
    "~",
    "null",
    "no",
    "True",
    "0x1F",
    "0o17",
    "0b11",
    "1_000",
    "1e3",
    "012",
    "1.10",
    ".inf",
    "2024-01-01",
    "12:30",
    "-0",
    "+1",
    "é",
    "<<: *a\n",
    "---\n",
    "%YAML 1.1\n",
    "zones: 2\n",
    "\\",
    "@",
    "`",
    "$",
    "=",
];

pub fn mutated(seeds: &[String], dice: &mut Dice) -> String {
    let mut text: Vec<char> = dice.pick(seeds).chars().collect();
    for _ in 0..=dice.roll(3) {
        let at = dice.roll(text.len());
        match dice.roll(5) {
            0 => _ = text.remove(at),
            1 => {
                let slip = *dice.pick(SLIPS);
                text.splice(at..=at, slip.chars());
            }
            2 => {
                let other = dice.roll(text.len());
                text.swap(at, other);
            }
            3 => {
                let end = (at + dice.roll(40)).min(text.len());
                let piece: Vec<char> = text[at..end].to_vec();
                let place = dice.roll(text.len());
                text.splice(place..place, piece);
            }
            _ => {
                let slip = *dice.pick(SLIPS);
                text.splice(at..at, slip.chars());
            }
        }
        if text.is_empty() {
            text.push('a');
        }
    }
    text.into_iter().collect()
}

/// Whether the reader was content.
fn held(text: &str) -> bool {
    let reading = blueprint::read("test.yaml", text.as_bytes().to_vec());
    let broken = any_error(&reading.findings);
    for finding in &reading.findings {
        let at = finding.at.as_ref().unwrap_or_else(|| panic!("{finding:?}\n{text}"));
        assert!(at.start <= reading.source.text.len(), "{finding:?}\n{text}");
        assert!(
            !finding.message.contains("has none of the forms"),
            "schema and types differ: {finding:?}\n{text}"
        );
    }
    let Some(document) = reading.document else {
        assert!(broken, "no document and no error\n{text}");
        return false;
    };
    if broken {
        let request = Request { found: reading.findings, ..Request::new(document) };
        match line::compile(request) {
            Err(Stopped::Findings(_, found)) => assert!(any_error(&found), "{text}"),
            other => panic!("{other:?}\n{text}"),
        }
        return false;
    }
    let value = document.value();
    let again: Blueprint =
        serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(
        format!("{again:?}"),
        format!("{:?}", document.blueprint),
        "the values are not the tree's\n{text}"
    );
    // Another reader does not know that node groups have their defaults' words.
    if value.get("nodeGroupDefaults").is_some() {
        return true;
    }
    if let Ok(other) = serde_yaml::from_str::<Yaml>(text) {
        assert!(
            alike(&value, &other),
            "another reader has something else\n{value}\n{other:?}\n{text}"
        );
    }
    if let Ok(other) = serde_yaml::from_str::<Blueprint>(text) {
        assert_eq!(format!("{other:?}"), format!("{:?}", document.blueprint), "{text}");
    }
    true
}

/// The same tree; a text of ours may be a plain number, truth or nothing of theirs.
fn alike(ours: &Value, theirs: &Yaml) -> bool {
    match (ours, theirs) {
        (Value::Object(map), Yaml::Mapping(other)) => {
            map.len() == other.len()
                && other.iter().all(|(key, value)| {
                    let own = map.iter().find(|(own, _)| same_word(own, key));
                    own.is_some_and(|(_, own)| alike(own, value))
                })
        }
        (Value::Array(items), Yaml::Sequence(others)) => {
            items.len() == others.len()
                && items.iter().zip(others).all(|(own, other)| alike(own, other))
        }
        (Value::String(text), other) => same_word(text, other),
        (own, other) => serde_json::to_value(other).is_ok_and(|other| *own == other),
    }
}

fn same_word(text: &str, theirs: &Yaml) -> bool {
    match theirs {
        Yaml::String(other) => other == text,
        other => serde_yaml::from_str::<Yaml>(text).is_ok_and(|read| read == *other),
    }
}

#[test]
fn what_is_checked_is_what_is_used() {
    let mut seeds: Vec<String> =
        blueprints().iter().map(|(_, path)| std::fs::read_to_string(path).unwrap()).collect();
    seeds.push(CLEAN.to_string());
    let mut dice = Dice::new(20_261_127);
    let content = (0..cases(10_000)).filter(|_| held(&mutated(&seeds, &mut dice))).count();
    assert!(
        content > cases(10_000) / 20,
        "only {content} mutants are without an error: they prove nothing"
    );
    seeds.iter().for_each(|seed| assert!(held(seed), "{seed}"));
}

#[test]
fn scalars_are_read_by_the_language_and_not_by_another_yaml() {
    let text = CLEAN.replace(
        "  region: eu-west-1",
        "  region: eu-west-1\n  tags: { a: 0x1F, b: 1_000, c: 0o17, d: 1e3, e: 2024-01-01, f: 012, g: ~, h: 1.10, i: no }",
    );
    assert!(held(&text));
    let document = crate::support::document(&text);
    let tags = document.blueprint.metadata.tags.unwrap();
    let values: Vec<&str> = tags.values().map(String::as_str).collect();
    assert_eq!(values, ["0x1F", "1_000", "0o17", "1e3", "2024-01-01", "012", "~", "1.10", "no"]);
}
