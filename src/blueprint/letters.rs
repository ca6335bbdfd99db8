//! Letters that readers and screens disagree on: some see the end of a line where others see a comment go on.

use crate::diagnostic::{Diagnostic, Span};
use crate::rules::YAML_10;
use crate::source::Source;

/// A scalar of the text.
#[derive(Debug)]
pub struct Word {
    pub at: Span,
    pub quoted: bool,
}

/// Letters that do not belong outside quotes, and those that YAML allows nowhere.
pub fn strange(source: &Source, words: &[Word]) -> Vec<Diagnostic> {
    let text = source.text.as_str();
    let mut found = Vec::new();
    for (at, letter) in text.char_indices() {
        // Nearly every letter is plain ASCII.
        if (' '..='~').contains(&letter) || letter == '\n' {
            continue;
        }
        let Some(what) = what(letter, &text[at + letter.len_utf8()..]) else { continue };
        // In quotes a reader that takes it for the end of a line drops the spaces around it.
        let beside =
            [text[..at].chars().next_back(), text[at + letter.len_utf8()..].chars().next()];
        let folded = what.breaks && beside.iter().flatten().any(|one| matches!(one, ' ' | '\t'));
        if what.forbidden || folded || !is_quoted(at, words) {
            let message = format!("{} (U+{:04X}) {}", what.name, u32::from(letter), what.why);
            let finding = YAML_10.at("", message).at(at..at + letter.len_utf8());
            found.push(finding.hint(format!(
                "remove it; where the letter is meant, use `\"\\u{:04X}\"`",
                u32::from(letter)
            )));
        }
    }
    found
}

struct Strange {
    name: &'static str,
    why: &'static str,
    /// Some readers end a line with it.
    breaks: bool,
    /// In quotes too: YAML has no such letter, or some readers have a space there.
    forbidden: bool,
}

fn what(letter: char, rest: &str) -> Option<Strange> {
    const BREAKS: &str = "ends a line for some readers and not for others";
    let (name, why, forbidden) = match letter {
        '\r' if !rest.starts_with('\n') => ("a carriage return without a line feed", BREAKS, false),
        '\r' | '\t' => return None,
        '\u{85}' => ("NEXT LINE", BREAKS, true),
        '\u{2028}' => ("LINE SEPARATOR", BREAKS, false),
        '\u{2029}' => ("PARAGRAPH SEPARATOR", BREAKS, false),
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {
            ("a bidirectional control", "shows the text in another order than it is read", false)
        }
        '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' => {
            ("a control character", "is not allowed in YAML", true)
        }
        _ => return None,
    };
    Some(Strange { name, why, breaks: why == BREAKS, forbidden })
}

/// The words are in order and apart.
fn is_quoted(at: usize, words: &[Word]) -> bool {
    let after = words.partition_point(|word| word.at.start <= at);
    after
        .checked_sub(1)
        .map(|before| &words[before])
        .is_some_and(|word| word.quoted && word.at.contains(&at))
}
