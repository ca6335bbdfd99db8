//! Forms of resource ids. Source: EC2 user guide, resource ids ("8 characters, since 2018 17"), read 2026-11-27.

/// Digits of an id: the old form, and today's.
const LENGTHS: [usize; 2] = [8, 17];

/// Whether `text` is `kind` (such as `sg-`) and 8 or 17 hexadecimal digits.
pub fn is(kind: &str, text: &str) -> bool {
    text.strip_prefix(kind).is_some_and(|id| LENGTHS.contains(&id.len()) && is_hex(id))
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_eight_or_seventeen_lower_case_hexadecimal_digits() {
        for (text, whole) in [
            ("sg-01234567", true),
            ("sg-0123456789abcdef0", true),
            ("sg-0123456", false),
            ("sg-012345678", false),
            ("sg-0123456789abcdef01", false),
            ("sg-0123456G", false),
            ("sg-0123456A", false),
            ("sg-", false),
            ("pl-01234567", false),
        ] {
            assert_eq!(is("sg-", text), whole, "{text}");
        }
    }
}
