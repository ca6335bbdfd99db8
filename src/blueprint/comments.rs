//! Comments of a blueprint, and the line that each speaks of.

use super::letters::Word;
use crate::diagnostic::{Diagnostic, Span};
use crate::rules::YAML_10;
use crate::source::Source;

/// A comment with its place; allowances of rules are written in them.
#[derive(Clone, Debug, PartialEq)]
pub struct Comment {
    /// Behind the `#`.
    pub text: String,
    pub at: Span,
    /// Of the line beside it, or, where it has a line of its own, of the next line that says something. 1-based.
    pub line: usize,
}

pub fn comments(source: &Source, words: &[Word]) -> Vec<Comment> {
    let lines: Vec<&str> = source.text.split('\n').collect();
    let spoken = spoken_of(&lines);
    let mut start = 0;
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if let Some(hash) = hash(line, start, words) {
            let alone = line[..hash].trim().is_empty();
            found.push(Comment {
                text: line[hash + 1..].trim().to_string(),
                at: start + hash..start + line.trim_end().len(),
                line: if alone { spoken[at] } else { at + 1 },
            });
        }
        start += line.len() + 1;
    }
    found
}

/// The first tab of each line that is in no word and in no comment.
pub fn tabs(source: &Source, words: &[Word]) -> Vec<Diagnostic> {
    let mut start = 0;
    let mut found = Vec::new();
    for line in source.text.split('\n') {
        let end = hash(line, start, words).unwrap_or(line.len());
        let mut tabs = line[..end].match_indices('\t').map(|(at, _)| start + at);
        if let Some(at) = tabs.find(|at| !is_inside(*at, words)) {
            let finding = YAML_10.at("", "a tab between words").at(at..at + 1);
            found.push(finding.hint("put spaces in its place"));
        }
        start += line.len() + 1;
    }
    found
}

/// For each line the number of the next one that says something, or its own where none does.
fn spoken_of(lines: &[&str]) -> Vec<usize> {
    let mut next = None;
    let mut spoken: Vec<usize> = (1..=lines.len()).collect();
    for (at, line) in lines.iter().enumerate().rev() {
        spoken[at] = next.unwrap_or(at + 1);
        let line = line.trim_start();
        if !line.is_empty() && !line.starts_with('#') {
            next = Some(at + 1);
        }
    }
    spoken
}

/// The first `#` that begins a comment: at the start of the line or behind a space, and inside no word.
fn hash(line: &str, start: usize, words: &[Word]) -> Option<usize> {
    let begins = |at: usize| at == 0 || line[..at].ends_with([' ', '\t']);
    line.match_indices('#')
        .map(|(at, _)| at)
        .find(|at| begins(*at) && !is_inside(start + at, words))
}

/// The words are in order and apart.
fn is_inside(at: usize, words: &[Word]) -> bool {
    let after = words.partition_point(|word| word.at.start <= at);
    after.checked_sub(1).is_some_and(|before| words[before].at.contains(&at))
}

#[cfg(test)]
mod tests {
    use super::super::tree;
    use super::*;

    fn of(text: &str) -> Vec<(String, usize)> {
        let source = Source::new("x", text);
        comments(&source, &tree::grow(&source).words)
            .into_iter()
            .map(|comment| (comment.text, comment.line))
            .collect()
    }

    #[test]
    fn a_comment_speaks_of_its_line_or_of_the_next_that_says_something() {
        assert_eq!(
            of("a: 1 # one\n\n# two\n# three\n\nb: 2\n"),
            [("one".into(), 1), ("two".into(), 6), ("three".into(), 6)]
        );
    }

    #[test]
    fn what_stands_in_a_word_is_no_comment() {
        assert_eq!(of("a: \"x # y\"\nb: 'p # q' # r\nc: d#e\n"), [("r".into(), 2)]);
    }
}
