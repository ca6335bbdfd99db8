//! The blueprint's text and the places in it; files, and how much of one is read.

#![warn(missing_docs)]

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;

use granit_parser::{Event, Parser};

use crate::diagnostic::{Elsewhere, Failure, Span};

/// Bytes of a lock: some 20,000 subnets.
pub const MOST_LOCK: u64 = 4 << 20;
/// Bytes of a template: CloudFormation accepts one million, and YAML for people is longer.
pub const MOST_TEMPLATE: u64 = 8 << 20;
/// Bytes of a saved plan, which holds two templates and a lock.
pub const MOST_PLAN: u64 = 64 << 20;

/// 1-based line and column; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

/// The text that findings point into.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file's name, as it was given.
    pub name: String,
    /// Everything in it.
    pub text: String,
    line_starts: Vec<usize>,
}

impl Source {
    /// A text with its name.
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

    /// The line alone, which costs no walk along it. 1-based.
    pub fn line(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset)
    }

    /// A place of this text, for a finding about another one: its first line.
    pub fn elsewhere(&self, span: Span) -> Elsewhere {
        let span = self.widen(span);
        let (place, number) = (self.place(span.start), self.line(span.start));
        let start = self.line_starts[number - 1];
        let text = self.text[start..].lines().next().unwrap_or_default();
        let end = span.end.min(start + text.len()).max(span.start) - start;
        Elsewhere {
            file: self.name.clone(),
            line: place.line,
            column: place.column,
            text: text.to_string(),
            span: span.start - start..end,
        }
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

/// A whole file as text, unless it has more than `most` bytes.
pub fn read_limited(path: &Path, most: u64) -> io::Result<String> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        let why = format!("it has more than {most} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, why));
    }
    String::from_utf8(bytes)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()))
}

/// Bytes that a node is counted with beside its text.
const NODE: usize = 64;

/// Whether YAML stays within `most` bytes once its aliases are written out; a few lines of them can name more than a machine holds.
pub fn expands_within(text: &str, most: usize) -> bool {
    if !(text.contains('&') && text.contains('*')) {
        return true;
    }
    let mut anchors: BTreeMap<usize, usize> = BTreeMap::new();
    // (anchor, bytes) of every open collection; the first is the document.
    let mut open: Vec<(usize, usize)> = vec![(0, 0)];
    for event in Parser::new_from_str(text) {
        let Ok((event, _)) = event else { return false };
        let (anchor, bytes) = match event {
            Event::Scalar(text, _, anchor, _) => (anchor, text.len() + NODE),
            Event::Alias(anchor) => (0, anchors.get(&anchor).copied().unwrap_or(NODE)),
            Event::SequenceStart(_, anchor, _) | Event::MappingStart(_, anchor, _) => {
                open.push((anchor, NODE));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop().unwrap_or_default(),
            _ => continue,
        };
        if anchor != 0 {
            anchors.insert(anchor, bytes);
        }
        if let Some((_, sum)) = open.last_mut() {
            *sum = sum.saturating_add(bytes);
            if *sum > most {
                return false;
            }
        }
    }
    true
}

/// Writes a file whole or not at all: beside it first, then renamed over it. A link is followed, and a file that is there keeps its mode.
pub fn write_whole(path: &Path, text: &str) -> Result<(), Failure> {
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let failed = |cause: std::io::Error| {
        // The name of the file beside it would only confuse.
        let why = std::io::Error::from(cause.kind());
        Failure::new(format!("cannot save `{}`", path.display())).because(why)
    };
    let parent = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = parent.unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut beside = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    std::io::Write::write_all(&mut beside, text.as_bytes()).map_err(failed)?;
    permit(&beside, &target);
    beside.persist(&target).map(|_| ()).map_err(|cause| failed(cause.error))
}

/// Temporary files are for their owner only; what is written here is for the repository.
#[cfg(unix)]
fn permit(file: &tempfile::NamedTempFile, target: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let there = std::fs::metadata(target).map(|file| file.permissions());
    let mode = there.unwrap_or_else(|_| std::fs::Permissions::from_mode(0o644));
    let _ = std::fs::set_permissions(file.path(), mode);
}

#[cfg(not(unix))]
fn permit(_: &tempfile::NamedTempFile, _: &Path) {}

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
    fn aliases_count_with_what_they_name() {
        assert!(expands_within("a: &a [1, 2]\nb: *a\n", 4_096));
        assert!(expands_within("{ \"Action\": \"*\", \"Text\": \"a & b\" }", 4_096));
        let bomb: String = (0..9)
            .map(|at| {
                format!("a{}: &a{} [{}]\n", at + 1, at + 1, vec![format!("*a{at}"); 10].join(", "))
            })
            .collect();
        assert!(!expands_within(&format!("a0: &a0 [x]\n{bomb}"), 64 << 20));
        let long = "x".repeat(70_000);
        let aliases = "*a, ".repeat(6_000);
        assert!(!expands_within(&format!("a: &a {long}\nb: [{aliases}]\n"), 64 << 20));
    }

    #[test]
    fn a_file_that_is_too_long_is_not_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "123456").unwrap();
        assert_eq!(read_limited(file.path(), 6).unwrap(), "123456");
        assert_eq!(read_limited(file.path(), 5).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }

    #[test]
    fn a_widened_span_never_splits_a_character() {
        let source = Source::new("x", "é");
        assert_eq!(source.widen(0..0), 0..2);
        assert_eq!(source.widen(1..1), 0..2);
        assert_eq!(source.widen(50..60), 2..2);
    }
}
