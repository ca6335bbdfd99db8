//! The few styles there are; the terminal decides whether they are shown.

use anstyle::{AnsiColor, Style};

use super::escape::plain;

/// No text brings colours of its own.
pub fn paint(style: Style, text: &str) -> String {
    format!("{style}{}{style:#}", plain(text))
}

/// For what a line is about. Text of others is escaped, as in every style.
pub fn bold(text: &str) -> String {
    paint(Style::new().bold(), text)
}

pub fn dim(text: &str) -> String {
    paint(Style::new().dimmed(), text)
}

pub fn red(text: &str) -> String {
    paint(AnsiColor::Red.on_default().bold(), text)
}

pub fn green(text: &str) -> String {
    paint(AnsiColor::Green.on_default(), text)
}

pub fn yellow(text: &str) -> String {
    paint(AnsiColor::Yellow.on_default(), text)
}
