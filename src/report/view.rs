//! How much of a report is shown, and how wide: no line is longer than the terminal, so the terminal breaks none.

use textwrap::{Options, WordSeparator, WordSplitter};

/// What a person looks through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Columns of the terminal.
    pub columns: usize,
    /// Whether everything is listed; otherwise what is alike, or rarely asked for, is folded into a line.
    pub all: bool,
    /// Whether the reasons of what was chosen stand beside it, on the same screen.
    pub explained: bool,
}

/// What is written to a file or a pipe.
pub const USUAL_COLUMNS: usize = 100;

/// Narrower than this, tables and indents leave no room for words.
const FEWEST_COLUMNS: usize = 40;

impl Default for View {
    fn default() -> Self {
        Self { columns: USUAL_COLUMNS, all: false, explained: false }
    }
}

impl View {
    /// Folded, at a width.
    pub fn of(columns: usize) -> Self {
        Self { columns: columns.max(FEWEST_COLUMNS), all: false, explained: false }
    }

    /// A paragraph whose lines after the first begin `indent` columns in. A line break in it stays one.
    pub fn paragraph(self, text: &str, indent: usize) -> String {
        self.hanging("", text, indent)
    }

    /// The same after a lead that is part of the first line, such as `  ! `.
    pub fn hanging(self, lead: &str, text: &str, indent: usize) -> String {
        let mut out = wrapped(self.columns, lead, text, &" ".repeat(indent)).join("\n");
        out.push('\n');
        out
    }

    /// Lines as they are, those that are too long folded below their own indent.
    pub fn folded(self, text: &str) -> String {
        let fold = |line: &str| {
            let words = line.trim_start();
            let lead = &line[..line.len() - words.len()];
            self.hanging(lead, words, lead.len() + 2)
        };
        text.lines().map(fold).collect::<String>().trim_end().to_string()
    }

    /// A text flush left, and another flush right where the line has room for both.
    pub fn apart(self, left: &str, right: &str) -> String {
        let used = width(left) + width(right);
        if right.is_empty() {
            return self.paragraph(left, 2);
        }
        match self.columns.checked_sub(used).filter(|gap| 2 <= *gap) {
            Some(gap) => format!("{left}{}{right}\n", " ".repeat(gap)),
            None => self.paragraph(left, 2) + &self.hanging("  ", right, 4),
        }
    }
}

/// Columns of a text in a terminal; colors have none.
pub fn width(text: &str) -> usize {
    textwrap::core::display_width(text)
}

/// Lines of at most `columns`; a word is broken only where it is longer than a line.
pub fn wrapped(columns: usize, lead: &str, text: &str, rest: &str) -> Vec<String> {
    let options = Options::new(columns)
        .initial_indent(lead)
        .subsequent_indent(rest)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(true);
    let lines = textwrap::wrap(text, options);
    lines.into_iter().map(|line| line.trim_end().to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paragraph_hangs_and_no_line_is_longer() {
        let view = View::of(40);
        let text =
            view.hanging("  ! ", "Node group `general` may grow to 80 nodes instead of 60", 4);
        assert_eq!(text, "  ! Node group `general` may grow to 80\n    nodes instead of 60\n");
        let long = view.paragraph(&"x".repeat(100), 2);
        assert!(long.lines().all(|line| width(line) <= 40), "{long}");
    }

    #[test]
    fn long_lines_are_folded_below_their_own_indent() {
        let text = "expected: one › two › three › four › five\n  short   line";
        let folded = View::of(40).folded(text);
        assert_eq!(folded, "expected: one › two › three › four ›\n  five\n  short   line");
    }

    #[test]
    fn colors_have_no_width() {
        assert_eq!(width("\u{1b}[1mbold\u{1b}[0m"), 4);
        assert_eq!(
            View::of(40).apart("\u{1b}[1ma\u{1b}[0m", "b").trim_end().chars().count(),
            40 + 8
        );
    }
}
