//! The window on standard error in which a deployment is redrawn.

use std::io::{IsTerminal, Write};

use crate::report::progress_tree::Window;

/// A picture that is drawn over the one before.
pub struct Screen {
    /// Lines of the picture that stands.
    drawn: usize,
    colour: bool,
}

/// What a terminal without a size is taken for.
const USUAL: Window = Window { width: 80, height: 24 };

impl Screen {
    /// A screen, where somebody looks at one: not for pipes, pipelines and terminals that cannot move their cursor.
    pub fn of_terminal() -> Option<Self> {
        let stream = std::io::stderr();
        let dumb = std::env::var("TERM").is_ok_and(|terminal| terminal == "dumb");
        let pipeline = std::env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false");
        let colour = anstream::AutoStream::choice(&stream) != anstream::ColorChoice::Never;
        (stream.is_terminal() && !dumb && !pipeline).then_some(Self { drawn: 0, colour })
    }

    pub fn window() -> Window {
        let size = terminal_size::terminal_size_of(std::io::stderr());
        size.map_or(USUAL, |(width, height)| Window {
            width: usize::from(width.0),
            height: usize::from(height.0),
        })
    }

    /// Puts a line above the picture for good.
    pub fn above(&mut self, line: &str) {
        let up = self.up();
        self.write(&format!("{up}{line}\x1b[K\n\x1b[J"));
        self.drawn = 0;
    }

    /// Draws in one write, each line over the old one: nothing is ever blank in between.
    pub fn draw(&mut self, lines: &[String]) {
        let body: String = lines.iter().map(|line| format!("{line}\x1b[K\n")).collect();
        let up = self.up();
        self.write(&format!("\x1b[?2026h{up}{body}\x1b[J\x1b[?2026l"));
        self.drawn = lines.len();
    }

    /// The picture stays as it is: what comes next is below it.
    pub fn leave(&mut self) {
        self.drawn = 0;
    }

    fn up(&self) -> String {
        if self.drawn == 0 { String::new() } else { format!("\x1b[{}A\r", self.drawn) }
    }

    fn write(&self, text: &str) {
        // Colours may be unwanted; what moves the cursor is not a colour.
        let text = if self.colour { text.to_string() } else { without_colours(text) };
        let mut stream = std::io::stderr().lock();
        let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
    }
}

/// Takes the sequences out that end in `m`.
fn without_colours(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("\x1b[") {
        out.push_str(&rest[..at]);
        let sequence = &rest[at..];
        let end = sequence[2..]
            .find(|letter: char| letter.is_ascii_alphabetic())
            .map_or(sequence.len(), |end| end + 3);
        if !sequence[..end].ends_with('m') {
            out.push_str(&sequence[..end]);
        }
        rest = &sequence[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::without_colours;

    #[test]
    fn colours_go_and_movements_stay() {
        assert_eq!(without_colours("\x1b[2A\r\x1b[31mred\x1b[0m\x1b[K\n"), "\x1b[2A\rred\x1b[K\n");
        assert_eq!(without_colours("plain \x1b["), "plain \x1b[");
    }
}
