//! The blueprint's text and the places in it.

use crate::diagnostic::Span;

/// 1-based line and column; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

#[derive(Clone, Debug)]
pub struct Source {
    pub name: String,
    pub text: String,
    line_starts: Vec<usize>,
}

impl Source {
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let line_starts =
            std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { name: name.into(), text, line_starts }
    }

    /// The place of a byte offset; an offset beyond the end is the end.
    pub fn place(&self, offset: usize) -> Place {
        let offset = self.boundary(offset);
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let column = self.text[self.line_starts[line - 1]..offset].chars().count() + 1;
        Place { line, column }
    }

    /// A span that is never empty where there is text, never splits a character and never leaves the text.
    pub fn widen(&self, span: Span) -> Span {
        let start = self.boundary(span.start);
        let mut end = self.boundary(span.end.max(start));
        if end == start {
            end += self.text[start..].chars().next().map_or(0, char::len_utf8);
        }
        start..end
    }

    fn boundary(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_characters_and_lines() {
        let source = Source::new("x", "été: 1\nb: ü\n");
        assert_eq!(source.place(0), Place { line: 1, column: 1 });
        assert_eq!(source.place("été: ".len()), Place { line: 1, column: 6 });
        assert_eq!(source.place("été: 1\nb: ".len()), Place { line: 2, column: 4 });
        assert_eq!(source.place(9_999), Place { line: 3, column: 1 });
    }

    #[test]
    fn a_widened_span_never_splits_a_character() {
        let source = Source::new("x", "é");
        assert_eq!(source.widen(0..0), 0..2);
        assert_eq!(source.widen(1..1), 0..2);
        assert_eq!(source.widen(50..60), 2..2);
    }
}
