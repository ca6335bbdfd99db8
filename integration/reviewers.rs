//! What a reviewer of a pull request sees is what the terminal shows: in Markdown and as annotations of a workflow.

use std::path::Path;

use crate::support::{Run, run};

/// Starters, an edit of each, and words of the findings that warn of it.
const EDITS: [(&str, &str, &str, &[&str]); 4] = [
    ("three-tiers", "zones: 3", "zones: 4", &["NG-17"]),
    ("three-tiers", "size: /20", "size: /21", &[]),
    ("three-tiers", "m6i.", "m7i.", &[]),
    ("dev-single-nat", "nat: single", "nat: perZone", &[]),
];

fn diff(folder: &Path, format: &str) -> Run {
    let arguments = ["diff", "shop.yaml", "--against", "before.yaml", "-o", format];
    let arguments = [&arguments[..], &["--allow-move", "nodes"]].concat();
    let run = run(folder, &arguments, &[("COLUMNS", "4000")]);
    assert_eq!(run.code, 0, "{}", run.err);
    run
}

/// The letters alone: escapes, backslashes, code spans and line breaks are each format's own.
fn letters(text: &str) -> String {
    let text = text.replace("%0A", "\n").replace("%25", "%").replace("&#8203;", "");
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    text.chars().filter(|one| !"\\`* \n".contains(*one)).collect()
}

/// Lines of a human preview that a reviewer has to see: head, sentence, consequences, numbers and lock.
fn told(human: &str) -> Vec<String> {
    let lines = human.lines().filter(|line| !line.is_empty());
    let head = lines.clone().take(3).flat_map(|line| line.split("   "));
    let know = human.split("Know before you deploy\n").nth(1).unwrap_or_default();
    let know = know.lines().take_while(|line| !line.is_empty());
    let know = know.map(|line| line.trim_start().trim_start_matches(['!', 'i', ' ']));
    let lock = lines.filter_map(|line| line.strip_prefix("Lock  "));
    let all = head.chain(know).chain(lock).map(|line| line.trim_start_matches("stack "));
    all.map(str::trim).filter(|line| !line.is_empty()).map(str::to_string).collect()
}

#[test]
fn a_pull_request_tells_what_the_terminal_tells() {
    for (name, from, to, rules) in EDITS {
        let folder = tempfile::tempdir().unwrap();
        let example =
            run(folder.path(), &["init", "shop", "--from", name, "--region", "us-east-1"], &[]);
        assert_eq!(example.code, 0, "{name}: {}", example.err);
        let file = folder.path().join("shop.yaml");
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{name}: {from}");
        let before = run(folder.path(), &["render", "shop.yaml"], &[]);
        std::fs::write(folder.path().join("before.yaml"), before.out).unwrap();
        std::fs::write(&file, text.replace(from, to)).unwrap();

        let human = diff(folder.path(), "human").out;
        let told = told(&human);
        assert!(3 < told.len(), "{human}");
        let markdown = diff(folder.path(), "markdown").out;
        let github = diff(folder.path(), "github");
        for line in &told {
            let words = letters(line);
            let first = words.split("us-east-1").next().unwrap_or_default();
            assert!(letters(&markdown).contains(first), "{line}\n{markdown}");
            if told[0] == *line {
                continue;
            }
            assert!(letters(&github.out).contains(&words), "{line}\n{}", github.out);
        }
        // The edit stands above the counts in a terminal, and below them in a comment.
        let order = |text: &str| -> Vec<usize> {
            told.iter().skip(2).filter_map(|line| letters(text).find(&letters(line))).collect()
        };
        assert!(order(&markdown).is_sorted(), "{markdown}");
        for rule in rules {
            assert!(markdown.contains(&format!("> **{rule}**")), "{markdown}");
            let annotated = github.out.lines().any(|line| {
                line.starts_with("::warning file=shop.yaml,line=") && line.contains(rule)
            });
            assert!(annotated, "{}", github.out);
        }
        assert!(!github.err.contains("warning["), "told twice: {}", github.err);
    }
}
