//! Columns under each other. Numbers stand right, words left.

use super::escape::plain;

#[derive(Clone, Copy, PartialEq)]
pub enum Align {
    Left,
    Right,
}

/// Plain text; `indent` spaces before each line, no space at its end.
pub fn table(indent: usize, columns: &[(&str, Align)], rows: &[Vec<String>]) -> String {
    let header: Vec<String> = columns.iter().map(|(name, _)| name.to_string()).collect();
    let lines: Vec<Vec<String>> = std::iter::once(&header)
        .filter(|header| header.iter().any(|name| !name.is_empty()))
        .chain(rows)
        .map(|line| line.iter().map(|cell| plain(cell)).collect())
        .collect();
    let width = |at: usize| {
        lines
            .iter()
            .filter_map(|line| line.get(at))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let mut out = String::new();
    for line in lines {
        let cells = line.iter().enumerate().map(|(at, cell)| pad(cell, widths[at], columns[at].1));
        let text = cells.collect::<Vec<_>>().join("  ");
        out.push_str(&" ".repeat(indent));
        out.push_str(text.trim_end());
        out.push('\n');
    }
    out
}

fn pad(cell: &str, width: usize, align: Align) -> String {
    let blank = " ".repeat(width.saturating_sub(cell.chars().count()));
    match align {
        Align::Left => format!("{cell}{blank}"),
        Align::Right => format!("{blank}{cell}"),
    }
}
