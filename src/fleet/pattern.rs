//! Patterns of names and of files: `*` is any part of a name, `?` one character, `**` any number of folders.

/// Whether `text` is one of what `pattern` names. Linear in the product of their lengths, whatever the pattern is.
pub fn matches(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for piece in pieces(pattern) {
        reached = piece.step(&reached, &text);
    }
    reached[text.len()]
}

/// Whether it names one thing only.
pub fn is_plain(pattern: &str) -> bool {
    !pattern.contains(['*', '?'])
}

enum Piece {
    /// Any number of folders.
    Folders,
    /// Anything.
    Everything,
    /// Anything without a slash.
    Part,
    One,
    Letter(char),
}

fn pieces(pattern: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = pattern;
    while let Some(letter) = rest.chars().next() {
        let (piece, taken) = match letter {
            '*' if rest.starts_with("**/") => (Piece::Folders, 3),
            '*' if rest.starts_with("**") => (Piece::Everything, 2),
            '*' => (Piece::Part, 1),
            '?' => (Piece::One, 1),
            other => (Piece::Letter(other), other.len_utf8()),
        };
        pieces.push(piece);
        rest = &rest[taken..];
    }
    pieces
}

impl Piece {
    /// Positions of the text that are reached behind this piece.
    fn step(&self, reached: &[bool], text: &[char]) -> Vec<bool> {
        let mut next = vec![false; reached.len()];
        let mut open = false;
        for at in 0..reached.len() {
            let before = at.checked_sub(1).map(|last| text[last]);
            let from_before = at > 0 && reached[at - 1];
            next[at] = match self {
                Piece::Letter(letter) => from_before && before == Some(*letter),
                Piece::One => from_before && before != Some('/'),
                Piece::Part => {
                    open = reached[at] || open && before != Some('/');
                    open
                }
                Piece::Everything => {
                    open |= reached[at];
                    open
                }
                Piece::Folders => {
                    let here = reached[at] || open && before == Some('/');
                    open |= reached[at];
                    here
                }
            };
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_is_part_of_a_name_and_two_are_folders() {
        for (pattern, text, named) in [
            ("shop-*", "shop-eu", true),
            ("shop-*", "shop", false),
            ("*", "", true),
            ("*-eu-*", "pay-eu-1", true),
            ("a?c", "abc", true),
            ("clusters/*.yaml", "clusters/a.yaml", true),
            ("clusters/*.yaml", "clusters/eu/a.yaml", false),
            ("clusters/**/*.yaml", "clusters/a.yaml", true),
            ("clusters/**/*.yaml", "clusters/eu/west/a.yaml", true),
            ("clusters/**/*.yaml", "xclusters/a.yaml", false),
            ("**/a.yaml", "xa.yaml", false),
            ("**", "a/b", true),
        ] {
            assert_eq!(matches(pattern, text), named, "{pattern} {text}");
        }
    }

    #[test]
    fn a_pattern_of_many_stars_takes_no_longer() {
        assert!(!matches(&"*a".repeat(200), &"a".repeat(150)));
    }
}
