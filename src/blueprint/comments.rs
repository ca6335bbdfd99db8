//! Comments of a blueprint, and the line that each speaks of.

use super::tree::{Node, Shape};
use crate::diagnostic::Span;
use crate::source::Source;

#[derive(Clone, Debug, PartialEq)]
pub struct Comment {
    /// Behind the `#`.
    pub text: String,
    pub at: Span,
    /// Of the line beside it, or, where it has a line of its own, of the next line that says something. 1-based.
    pub line: usize,
}

pub fn comments(source: &Source, root: &Node) -> Vec<Comment> {
    let mut words = Vec::new();
    scalars(root, &mut words);
    let lines: Vec<&str> = source.text.split('\n').collect();
    let mut start = 0;
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if let Some(hash) = hash(line, start, &words) {
            let says =
                |line: &&str| !line.trim_start().is_empty() && !line.trim_start().starts_with('#');
            let alone = line[..hash].trim().is_empty();
            let next = lines[at + 1..].iter().position(says).map_or(at + 1, |ahead| at + 2 + ahead);
            let text = line[hash + 1..].trim().to_string();
            found.push(Comment {
                text,
                at: start + hash..start + line.trim_end().len(),
                line: if alone { next } else { at + 1 },
            });
        }
        start += line.len() + 1;
    }
    found
}

/// The first `#` that begins a comment: at the start of the line or behind a space, and inside no word.
fn hash(line: &str, start: usize, words: &[Span]) -> Option<usize> {
    let begins = |at: usize| at == 0 || line[..at].ends_with([' ', '\t']);
    line.match_indices('#')
        .map(|(at, _)| at)
        .find(|at| begins(*at) && !words.iter().any(|word| word.contains(&(start + at))))
}

fn scalars(node: &Node, words: &mut Vec<Span>) {
    match &node.shape {
        Shape::Scalar { .. } => words.push(node.span.clone()),
        Shape::Seq(items) => items.iter().for_each(|item| scalars(item, words)),
        Shape::Map(entries) => {
            for entry in entries {
                words.push(entry.key_span.clone());
                scalars(&entry.value, words);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree;
    use super::*;

    fn of(text: &str) -> Vec<(String, usize)> {
        let source = Source::new("x", text);
        let root = tree::grow(&source).0.unwrap();
        comments(&source, &root).into_iter().map(|comment| (comment.text, comment.line)).collect()
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
