//! The tree that a blueprint's text is: every later reading, of its shape and of its values, is one of this.

use serde_json::{Value, json};

use crate::diagnostic::Span;

#[derive(Clone, Debug)]
pub struct Node {
    pub span: Span,
    pub shape: Shape,
    /// A YAML tag stands before it.
    pub tagged: bool,
}

#[derive(Clone, Debug)]
pub enum Shape {
    Scalar {
        text: String,
        plain: bool,
        kind: Kind,
    },
    Map(Vec<Entry>),
    Seq(Vec<Node>),
    /// It was refused: whoever reads on finds nothing here.
    Gone,
}

/// What the language takes a scalar for: its place decides, and the checker writes it down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Whole,
    Real,
    Truth,
    Nothing,
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub key: String,
    pub key_span: Span,
    pub plain: bool,
    /// An earlier entry of the mapping has the same key.
    pub again: bool,
    pub value: Node,
}

impl Node {
    /// `null`, `~` or nothing at all.
    pub fn is_null(&self) -> bool {
        matches!(&self.shape, Shape::Scalar { text, plain: true, .. } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    pub fn is_gone(&self) -> bool {
        matches!(self.shape, Shape::Gone)
    }

    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.shape {
            Shape::Map(entries) => {
                entries.iter().find(|entry| entry.key == key && !entry.value.is_gone())
            }
            _ => None,
        }
    }

    /// Items of a list that are there, with the position that each has in the text.
    pub fn items(&self) -> impl Iterator<Item = (usize, &Node)> {
        let items = match &self.shape {
            Shape::Seq(items) => items.as_slice(),
            _ => &[],
        };
        items.iter().enumerate().filter(|(_, item)| !item.is_gone())
    }

    /// What the tree says, where every scalar is marked with what it is taken for.
    pub fn value(&self) -> Value {
        match &self.shape {
            Shape::Scalar { text, kind, .. } => match kind {
                Kind::Text => json!(text),
                Kind::Whole => json!(whole(text)),
                Kind::Real => json!(real(text)),
                Kind::Truth => json!(text.eq_ignore_ascii_case("true")),
                Kind::Nothing => Value::Null,
            },
            Shape::Map(entries) => {
                let there = entries.iter().filter(|entry| !entry.value.is_gone());
                there.map(|entry| (entry.key.clone(), entry.value.value())).collect()
            }
            Shape::Seq(_) => self.items().map(|(_, item)| item.value()).collect(),
            Shape::Gone => Value::Null,
        }
    }

    /// (nodes, bytes of text)
    pub fn size(&self) -> (usize, usize) {
        let add = |(nodes, bytes): (usize, usize), (more, text): (usize, usize)| {
            (nodes + more, bytes + text)
        };
        match &self.shape {
            Shape::Scalar { text, .. } => (1, text.len()),
            Shape::Map(entries) => entries
                .iter()
                .map(|entry| add(entry.value.size(), (0, entry.key.len())))
                .fold((1, 0), add),
            Shape::Seq(items) => items.iter().map(Node::size).fold((1, 0), add),
            Shape::Gone => (1, 0),
        }
    }
}

/// A whole number of the language: `012` is no octal number, and `1_000` and `0x1F` are no numbers at all.
pub fn whole(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let leading_zero = digits.len() > 1 && digits.starts_with('0');
    if leading_zero { None } else { text.parse().ok() }
}

/// A number of YAML 1.2's core schema with a point or an exponent.
pub fn real(text: &str) -> Option<f64> {
    let numeric =
        |letter: char| letter.is_ascii_digit() || matches!(letter, '+' | '-' | '.' | 'e' | 'E');
    let sure = text.chars().all(numeric) && text.chars().any(|letter| letter.is_ascii_digit());
    if sure { text.parse().ok().filter(|number: &f64| number.is_finite()) } else { None }
}
