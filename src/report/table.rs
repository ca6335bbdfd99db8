//! Columns under each other, as wide as the view. Numbers stand right, words left.

use super::View;
use super::escape::plain;
use super::view::{width, wrapped};

#[derive(Clone, Copy, PartialEq)]
pub enum Align {
    Left,
    Right,
}

/// A name over a column, and where its cells stand.
pub type Column<'a> = (&'a str, Align);

/// Narrower than this, a column of words is no longer one.
const FEWEST: usize = 20;
const GAP: usize = 2;

/// Plain text, as wide as its cells; `indent` spaces before each line, no space at its end.
pub fn table(indent: usize, columns: &[Column<'_>], rows: &[Vec<String>]) -> String {
    let lines = Lines::of(columns, rows);
    lines.written(indent, columns, &lines.widths(columns.len()))
}

/// The same within a view: where that is too narrow the last column is wrapped; where even that leaves no room, each row becomes a
/// paragraph.
pub fn fitted(view: View, indent: usize, columns: &[Column<'_>], rows: &[Vec<String>]) -> String {
    let lines = Lines::of(columns, rows);
    let widths = lines.widths(columns.len());
    let fixed: usize = widths.iter().rev().skip(1).map(|width| width + GAP).sum::<usize>() + indent;
    let last = widths.last().copied().unwrap_or(0);
    if fixed + last <= view.columns {
        return lines.written(indent, columns, &widths);
    }
    match view.columns.checked_sub(fixed).filter(|room| FEWEST.min(last) <= *room) {
        Some(room) => lines.elastic(indent, columns, &widths, room),
        None => lines.stacked(view, indent, columns),
    }
}

/// Whether a table is no wider than the view as it is.
pub fn fits(view: View, indent: usize, columns: &[Column<'_>], rows: &[Vec<String>]) -> bool {
    let widths = Lines::of(columns, rows).widths(columns.len());
    indent + widths.iter().map(|width| width + GAP).sum::<usize>() <= view.columns + GAP
}

/// Header, if there is one, and rows, harmless to a terminal.
struct Lines {
    headed: bool,
    lines: Vec<Vec<String>>,
}

impl Lines {
    fn of(columns: &[Column<'_>], rows: &[Vec<String>]) -> Self {
        let header: Vec<String> = columns.iter().map(|(name, _)| name.to_string()).collect();
        let headed = header.iter().any(|name| !name.is_empty());
        let lines = std::iter::once(&header).filter(|_| headed).chain(rows);
        Self {
            headed,
            lines: lines.map(|line| line.iter().map(|cell| plain(cell)).collect()).collect(),
        }
    }

    fn widths(&self, columns: usize) -> Vec<usize> {
        let of = |at: usize| {
            self.lines.iter().filter_map(move |line| line.get(at)).map(|cell| width(cell))
        };
        (0..columns).map(|at| of(at).max().unwrap_or(0)).collect()
    }

    fn written(&self, indent: usize, columns: &[Column<'_>], widths: &[usize]) -> String {
        self.lines.iter().map(|line| row(indent, columns, widths, line)).collect()
    }

    /// The last column wrapped to `room`.
    fn elastic(
        &self,
        indent: usize,
        columns: &[Column<'_>],
        widths: &[usize],
        room: usize,
    ) -> String {
        let mut out = String::new();
        for line in &self.lines {
            let Some((last, first)) = line.split_last() else { continue };
            let mut parts = wrapped(room, "", last, "").into_iter();
            let mut cells = first.to_vec();
            cells.push(parts.next().unwrap_or_default());
            out.push_str(&row(indent, columns, widths, &cells));
            for part in parts {
                let mut cells = vec![String::new(); first.len()];
                cells.push(part);
                out.push_str(&row(indent, columns, widths, &cells));
            }
        }
        out
    }

    /// `first`, then what else the row has with its names.
    fn stacked(&self, view: View, indent: usize, columns: &[Column<'_>]) -> String {
        let mut out = String::new();
        for line in self.lines.iter().skip(usize::from(self.headed)) {
            let rest = line.iter().zip(columns).skip(1).filter(|(cell, _)| !cell.is_empty());
            let rest: Vec<String> = rest
                .map(
                    |(cell, (name, _))| {
                        if name.is_empty() { cell.clone() } else { format!("{name} {cell}") }
                    },
                )
                .collect();
            let lead = " ".repeat(indent);
            let head = line.first().cloned().unwrap_or_default();
            out.push_str(&view.hanging(&lead, &format!("{head}  {}", rest.join("; ")), indent + 2));
        }
        out
    }
}

fn row(indent: usize, columns: &[Column<'_>], widths: &[usize], cells: &[String]) -> String {
    let cells = cells.iter().enumerate().map(|(at, cell)| pad(cell, widths[at], columns[at].1));
    let text = cells.collect::<Vec<_>>().join(&" ".repeat(GAP));
    format!("{}{}\n", " ".repeat(indent), text.trim_end())
}

fn pad(cell: &str, columns: usize, align: Align) -> String {
    let blank = " ".repeat(columns.saturating_sub(width(cell)));
    match align {
        Align::Left => format!("{cell}{blank}"),
        Align::Right => format!("{blank}{cell}"),
    }
}
