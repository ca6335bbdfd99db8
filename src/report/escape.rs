//! The one place where text of others (a blueprint's, a file name's, a stack's, a cluster's) is made harmless for whoever reads it.
//! What nobody sees, or a terminal obeys, is written out as JSON writes it: `\u202e`. What a format takes for its own is escaped as
//! that format wants it.

use std::path::Path;

/// Whether a character is invisible, turns the direction of what follows, ends a line, or commands a terminal.
/// Source: Unicode 17, Cc and Default_Ignorable_Code_Point; variation selectors belong to letters and stay.
pub fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// For a line of plain text, such as a terminal's: no line break and nothing hidden is left.
pub fn plain(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, letter| {
        if is_hidden(letter) {
            written_out(letter, &mut out)
        } else {
            out.push(letter)
        }
        out
    })
}

/// `\n`, `\t`, `\u001b`: as in a JSON string, surrogates included.
fn written_out(letter: char, out: &mut String) {
    match letter {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        other => {
            let mut units = [0; 2];
            for unit in other.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
}

/// A whole document of ours, on its way out: line breaks, tabs and colours are ours, all else that is hidden slipped through. In JSON and
/// in quoted YAML such a character stands in strings only, where it means the same written out (YAML knows no surrogates: those stay).
pub fn screen(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let colour = colour(rest);
        if 0 < colour {
            out.push_str(&rest[..colour]);
            rest = &rest[colour..];
            continue;
        }
        match letter {
            '\n' | '\t' => out.push(letter),
            hidden if is_hidden(hidden) && hidden.len_utf16() == 1 => written_out(hidden, &mut out),
            seen => out.push(seen),
        }
        rest = &rest[letter.len_utf8()..];
    }
    out
}

/// Bytes of the colour (`ESC [ … m`) that a text begins with; 0 where it begins with none.
fn colour(text: &str) -> usize {
    let Some(parameters) = text.strip_prefix("\u{1b}[") else {
        return 0;
    };
    match parameters.find(|letter: char| !letter.is_ascii_digit() && letter != ';') {
        Some(end) if parameters[end..].starts_with('m') => end + 3,
        _ => 0,
    }
}

/// JSON whose strings hide nothing; it means the same.
pub fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        let whole = is_hidden(letter) && letter != '\n';
        if whole { written_out(letter, &mut out) } else { out.push(letter) }
    }
    out
}

/// Source text whose places stay where they are: each hidden character but the line break gives way to a visible one of as many bytes.
pub fn excerpt(text: &str) -> String {
    let shown = |letter: char| match letter {
        '\n' => '\n',
        '\t' => ' ',
        hidden if is_hidden(hidden) => match hidden.len_utf8() {
            1 => '?',
            2 => '¿',
            3 => '\u{fffd}',
            _ => '🚫',
        },
        seen => seen,
    };
    text.chars().map(shown).collect()
}

/// Text between the tags of HTML, or within the quotes of an attribute.
pub fn html(text: &str) -> String {
    plain(text).chars().fold(String::new(), |mut out, letter| {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
        out
    })
}

/// A code span of Markdown: nothing in it is markup, a mention, a link or a reference.
pub fn code(text: &str) -> String {
    let text = plain(text);
    let run = text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(run + 1);
    match text.as_str() {
        "" => "–".to_string(),
        // CommonMark takes one blank away on both sides, where both have one.
        _ if run == 0 && !(text.starts_with(' ') && text.ends_with(' ')) => format!("`{text}`"),
        _ => format!("{fence} {text} {fence}"),
    }
}

/// A code span in a cell of a table: a bar would end the cell even there.
pub fn cell(text: &str) -> String {
    code(text).replace('|', "\\|")
}

/// A sentence in Markdown. What stands between backticks becomes a code span; everything else is letters and nothing more. Whoever brings
/// backticks along only moves his words from one harmless form to the other.
pub fn markdown(text: &str) -> String {
    let pieces: Vec<&str> = text.split('`').collect();
    let paired = pieces.len() - (pieces.len() + 1) % 2;
    let mut out = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        match at {
            at if paired <= at => out.push_str(&format!("\\`{}", words(piece))),
            at if at % 2 == 1 && piece.is_empty() => out.push_str("\\`\\`"),
            at if at % 2 == 1 => out.push_str(&code(piece)),
            _ => out.push_str(&names(piece, at == 0, at + 1 == pieces.len())),
        }
    }
    out
}

/// Words in which a name such as `WARM_IP_TARGET`, or a value with `${…}` in it, becomes a code span, so that it can be copied from the text. Beside a backtick of
/// another span it stays letters: both would become one.
fn names(text: &str, first: bool, last: bool) -> String {
    let is_name = |word: &str| {
        let parts = word.split('_');
        word.contains('_')
            && parts.clone().all(|part| part.starts_with(|one: char| one.is_ascii_alphabetic()))
            && parts.clone().all(|part| part.chars().all(|one| one.is_ascii_alphanumeric()))
    };
    // What CloudFormation fills in; a bar would end the cell of a table even in a code span.
    let is_pattern = |word: &str| word.contains("${") && !word.contains('|');
    let count = text.split(' ').count();
    let one = |(at, word): (usize, &str)| {
        let end = word.len() - word.chars().rev().take_while(|one| ",:;.".contains(*one)).count();
        let (name, tail) = word.split_at(end);
        let apart = (0 < at || first) && (at + 1 < count || last || !tail.is_empty());
        match apart && (is_name(name) || is_pattern(name)) {
            true => format!("{}{tail}", code(name)),
            false => words(word),
        }
    };
    text.split(' ').enumerate().map(one).collect::<Vec<_>>().join(" ")
}

/// No markup, and no mention, address or reference that a forge would make a link of: a backslash comes before it, or a blank of no width into it.
fn words(text: &str) -> String {
    let mut out = String::new();
    let text = plain(text);
    for (at, letter) in text.char_indices() {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => out.extend(['\\', letter]),
            '@' | '#' => out.push_str(&format!("{letter}&#8203;")),
            ':' | '.' | '-' if begins_link(&text[..at], &text[at..]) => {
                out.push_str(&format!("&#8203;{letter}"))
            }
            other => out.push(other),
        }
    }
    out
}

/// Whether a forge would make a link of what stands before and after: an address, or an issue.
fn begins_link(before: &str, after: &str) -> bool {
    let ends = |word: &str| {
        let start = before.len().checked_sub(word.len()).and_then(|at| before.get(at..));
        start.is_some_and(|end| end.eq_ignore_ascii_case(word))
    };
    match after.as_bytes() {
        [b':', ..] => after.starts_with("://") || ends("mailto") || ends("xmpp"),
        [b'.', ..] => ends("www"),
        _ => ends("gh"),
    }
}

/// The message of a GitHub workflow command. Line breaks in it are ours: `plain` comes first where a text is not.
pub fn annotation(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(plain).collect();
    lines.join("\n").replace('%', "%25").replace('\n', "%0A")
}

/// The value of a property of such a command.
pub fn property(text: &str) -> String {
    annotation(&plain(text)).replace(':', "%3A").replace(',', "%2C")
}

/// A message of SARIF: brackets would be a link (SARIF 2.1.0, 3.11.6).
pub fn sarif(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(plain).collect();
    lines.join("\n").replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

/// A file for the command that comes next: the lock remembers a survey only when it is written.
pub fn file_over(name: &str, survey: Option<&Path>) -> String {
    let survey = survey.map(|path| format!(" --survey {}", file(&path.to_string_lossy())));
    file(name) + &survey.unwrap_or_default()
}

/// A file as it can be typed into a shell.
pub fn file(name: &str) -> String {
    let harmless = |letter: char| letter.is_ascii_alphanumeric() || "._/-+:@%".contains(letter);
    if !name.is_empty() && name.chars().all(harmless) {
        return name.to_string();
    }
    format!("'{}'", plain(name).replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cloudformation_fills_in_can_be_copied() {
        assert_eq!(
            markdown("arn:${AWS::Partition}:iam → $5 and ${a|b}"),
            "`arn:${AWS::Partition}:iam` → \\$5 and \\${a\\|b}"
        );
    }

    #[test]
    fn what_is_hidden_is_written_out() {
        assert_eq!(
            plain("a\u{1b}[31m\nb\u{202e}c\u{e0041}é→"),
            "a\\u001b[31m\\nb\\u202ec\\udb40\\udc41é→"
        );
        assert_eq!(
            excerpt("\u{1b}\u{85}\u{200b}\u{e0041}\n").len(),
            "\u{1b}\u{85}\u{200b}\u{e0041}\n".len()
        );
    }

    #[test]
    fn a_screen_keeps_colours_and_nothing_else_of_a_terminal() {
        assert_eq!(screen("\u{1b}[1;31mred\u{1b}[0m\n"), "\u{1b}[1;31mred\u{1b}[0m\n");
        assert_eq!(screen("\u{1b}]0;title\u{7}\u{1b}[2J\r"), "\\u001b]0;title\\u0007\\u001b[2J\\r");
    }

    #[test]
    fn json_means_the_same() {
        let value = serde_json::json!({ "a\u{202e}": "\u{7f}\u{e0041}\u{1b}" });
        let text = json(&value.to_string());
        assert!(!text.chars().any(is_hidden));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }

    #[test]
    fn code_has_longer_fences_than_its_text() {
        assert_eq!([code("a"), code("a``b"), code("`")], ["`a`", "``` a``b ```", "`` ` ``"]);
        assert_eq!(cell("a|b"), "`a\\|b`");
    }

    #[test]
    fn a_sentence_is_letters_and_code() {
        assert_eq!(markdown("tier `a|b` is <b>"), "tier `a|b` is &lt;b&gt;");
        assert_eq!(markdown("a ` b"), "a \\` b");
        assert_eq!(markdown("A_B, C_D1: x a_ _b"), "`A_B`, `C_D1`: x a\\_ \\_b");
        assert_eq!(markdown("`x`A_B A_B`y` A_B"), "`x`A\\_B A\\_B`y` `A_B`");
        assert_eq!(
            markdown("@me https://x.y www.x.y #1"),
            "@&#8203;me https&#8203;://x.y www&#8203;.x.y #&#8203;1"
        );
    }
}
