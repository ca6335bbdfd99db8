//! No line of a layout or of a preview is wider than the terminal: it would be broken in the middle of a word.

use eksnet::facts::aws_node::SETTINGS;
use eksnet::line::{self, Compiled, Request};
use eksnet::preview::{self, Preview};
use eksnet::report::preview::Shown;
use eksnet::report::{View, explain, explain_check, explain_key, layout, settings};
use eksnet::template::Template;
use serde_yaml::Value;

use crate::support::{blueprints, build, root, run};

const WIDTHS: [usize; 5] = [60, 80, 100, 120, 200];

fn views() -> impl Iterator<Item = View> {
    WIDTHS
        .into_iter()
        .flat_map(|columns| [false, true].map(|all| View { all, ..View::of(columns) }))
}

/// Every line fits, and none ends in a blank.
fn fits(text: &str, view: View, what: &str) {
    let text = anstream::adapter::strip_str(text).to_string();
    for line in text.lines() {
        let width = textwrap::core::display_width(line);
        assert!(width <= view.columns, "{what} at {}: {width}: {line}", view.columns);
        assert_eq!(line, line.trim_end(), "{what} at {}", view.columns);
    }
}

fn shown(compiled: &Compiled, preview: &Preview, view: View) -> String {
    let line = |path: &str| compiled.place(path);
    let lock = "shop.lock.yaml: 3 new subnets, written on deploy";
    let shown = Shown { line: &line, compiled: Some(compiled), lock, view };
    eksnet::report::preview::human(preview, &shown)
}

fn compared(before: &Template, after: &Compiled) -> Preview {
    preview::compare(&after.intent.stack(), before, &after.template, &after.graph)
}

#[test]
fn no_line_of_a_layout_is_broken() {
    for (name, path) in blueprints() {
        let built = build(&std::fs::read_to_string(path).unwrap());
        for view in views() {
            let text = layout::write(&built.layout(), "lock shop.lock.yaml: unchanged", view);
            fits(&text, view, &name);
        }
    }
}

#[test]
fn no_line_of_a_preview_is_broken() {
    for (name, path) in blueprints() {
        let text = std::fs::read_to_string(path).unwrap();
        let built = build(&text);
        let tagged = text.replacen("region:", "tags: { a: b }\n  region:", 1);
        let edits = [text.replace("zones: 2", "zones: 3"), text.replace("m6i.", "m7i."), tagged];
        let previews = edits.iter().filter(|edit| **edit != text).filter_map(|edit| {
            let document =
                eksnet::blueprint::read("shop.yaml", edit.as_bytes().to_vec()).document?;
            let ledger = built.plan.ledger.clone();
            line::compile(Request { ledger, ..Request::new(document) }).ok()
        });
        let mut all: Vec<(Compiled, Preview)> = previews
            .map(|after| {
                let preview = compared(&built.template, &after);
                (after, preview)
            })
            .collect();
        let new = compared(&Template::nothing(), &built);
        let gone = compared(
            &built.template,
            &build(&crate::support::CLEAN.replace("name: shop", "name: x")),
        );
        all.push((built.clone(), gone));
        all.push((built, new));
        for (after, preview) in &all {
            views().for_each(|view| fits(&shown(after, preview, view), view, &name));
        }
    }
}

/// One screen of 24 lines for three tiers in three zones.
#[test]
fn a_usual_layout_is_one_screen() {
    let text = std::fs::read_to_string(root().join("blueprints/three-tiers.yaml")).unwrap();
    let out = layout::write(&build(&text).layout(), "lock shop.lock.yaml: unchanged", View::of(80));
    assert!(out.lines().count() < 24, "{out}");
}

/// The terminal's own width is kept, and what does not fit beside each other goes below.
#[test]
fn the_width_of_the_terminal_is_kept() {
    for columns in WIDTHS {
        let set = columns.to_string();
        for arguments in [
            &["layout", "blueprints/three-tiers.yaml", "--all"][..],
            &["diff", "blueprints/three-tiers.yaml", "--against", "nothing", "--layout", "--all"],
        ] {
            let done = run(root(), arguments, &[("COLUMNS", &set)]);
            assert_eq!(done.code, 0, "{}", done.err);
            fits(&done.out, View::of(columns), "three-tiers");
        }
    }
}

#[test]
fn long_names_are_broken_where_nothing_else_helps() {
    let name = "a-tier-whose-name-is-as-long-as-may-be-x";
    let text = crate::support::CLEAN.replace("name: nodes,", &format!("name: {name},"));
    let text = text.replace("tier: nodes", &format!("tier: {name}"));
    let built = build(&text);
    for view in views() {
        fits(&layout::write(&built.layout(), "lock x: unchanged", view), view, name);
        let preview = compared(&Template::nothing(), &built);
        fits(&shown(&built, &preview, view), view, name);
    }
}

/// Rules with their examples, checks of `doctor`, settings and keys. An address is one word, and is for copying.
#[test]
fn no_line_of_an_explanation_is_broken() {
    let schema = eksnet::blueprint::schema();
    let keys = explain_key::all(&schema);
    for view in WIDTHS.map(View::of) {
        let rules = eksnet::rules::all().map(|rule| (rule.id, explain::rule(rule, view)));
        let checks = eksnet::doctor::checks().map(|own| (own.id, explain_check::human(own, view)));
        let settings = SETTINGS.iter().map(|row| (row.variable, settings::one(row, view)));
        for (name, text) in rules.chain(checks).chain(settings) {
            let lines = text.lines().filter(|line| !line.contains("https://"));
            fits(&lines.collect::<Vec<_>>().join("\n"), view, name);
        }
        for key in &keys {
            fits(&explain_key::human(&schema, std::slice::from_ref(key), view), view, &key.path);
        }
    }
}

/// What is folded is the same blueprint as what is not.
#[test]
fn a_folded_example_reads_the_same() {
    let sample =
        eksnet::rules::all().filter(|rule| serde_yaml::from_str::<Value>(rule.holds).is_ok());
    let mut folded = 0;
    for rule in sample {
        let narrow = anstream::adapter::strip_str(&explain::rule(rule, View::of(60))).to_string();
        let shown = narrow.split_once("\n  passes\n").unwrap().1.split_once("\n\n").unwrap().0;
        let whole: Value = serde_yaml::from_str(rule.holds).unwrap();
        assert_eq!(serde_yaml::from_str::<Value>(shown).ok(), Some(whole), "{}\n{shown}", rule.id);
        folded += usize::from(shown.lines().count() != rule.holds.lines().count());
    }
    assert!(30 < folded, "{folded}");
}

/// Help of eksnet and of each command with its examples.
#[test]
fn no_line_of_help_is_broken() {
    let narrow = |words: &[&str], columns: usize| {
        let text = run(root(), words, &[("COLUMNS", &columns.to_string())]).out;
        for line in text.lines() {
            let width = textwrap::core::display_width(line);
            assert!(width <= columns, "{words:?} at {columns}: {width}: {line}");
        }
    };
    for columns in WIDTHS {
        narrow(&["--help"], columns);
        for words in commands() {
            narrow(&[&["help"], words.as_slice()].concat(), columns);
        }
        for topic in ["exit-codes", "environment"] {
            narrow(&["help", topic], columns);
        }
    }
}

/// Every command, those of `fleet` too, as they are typed.
fn commands() -> Vec<Vec<&'static str>> {
    let groups = eksnet::cli::GROUPS.iter().flat_map(|(_, commands)| *commands);
    let fleet = ["check", "layout", "diff", "deploy", "status", "export"];
    let own = groups.filter(|command| **command != "help").map(|command| vec![*command]);
    own.chain(fleet.map(|command| vec!["fleet", command])).collect()
}

/// Findings in a terminal: messages and hints are folded, and a long line of the blueprint is cut.
#[test]
fn no_message_of_a_finding_is_broken() {
    let folder = tempfile::tempdir().unwrap();
    let text = crate::support::CLEAN.replace("10.40.0.0/16", "172.17.0.0/16");
    std::fs::write(folder.path().join("shop.yaml"), text).unwrap();
    for columns in [60, 80] {
        let done = run(folder.path(), &["check"], &[("COLUMNS", &columns.to_string())]);
        assert!(done.out.contains("VPC-06"), "{}", done.out);
        for line in done.out.lines() {
            let width = textwrap::core::display_width(line);
            assert!(width <= columns, "{columns}: {width}: {line}");
        }
    }
}
