//! What readers of YAML 1.1 (PyYAML, Go's yaml.v2), and some of 1.2, take for something else than text.

use super::node::{Entry, Node, Shape, real};
use crate::diagnostic::Diagnostic;
use crate::rules::YAML_08;

/// A value that is text here.
pub fn of_text(node: &Node, path: &str) -> Option<Diagnostic> {
    let text = plain(node)?;
    is_trap(text).then(|| finding(text, path).at(node.span.clone()))
}

/// A value whose type nothing but YAML decides.
pub fn of_value(node: &Node, path: &str) -> Option<Diagnostic> {
    let text = plain(node)?;
    let settled = node.is_null()
        || matches!(text.to_ascii_lowercase().as_str(), "true" | "false")
        || real(text).is_some() && !text.trim_start_matches(['-', '+']).starts_with('0');
    (is_trap(text) && !settled).then(|| finding(text, path).at(node.span.clone()))
}

/// A key that the author may choose.
pub fn of_key(entry: &Entry, path: &str) -> Option<Diagnostic> {
    let trap = entry.plain && is_trap(&entry.key);
    trap.then(|| finding(&entry.key, path).at(entry.key_span.clone()))
}

fn plain(node: &Node) -> Option<&str> {
    match &node.shape {
        Shape::Scalar { text, plain: true, .. } => Some(text),
        _ => None,
    }
}

fn finding(text: &str, path: &str) -> Diagnostic {
    if text.is_empty() {
        return YAML_08
            .at(path, "other YAML readers do not read an empty value as text")
            .hint("write \"\"");
    }
    YAML_08
        .at(path, format!("other YAML readers do not read plain `{text}` as text"))
        .hint(format!("quote it: \"{text}\""))
}

fn is_trap(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let word = matches!(
        lower.as_str(),
        "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null" | "~" | ""
    );
    let number = lower.strip_prefix(['-', '+']).unwrap_or(&lower);
    word || is_number_elsewhere(number) || is_date(number)
}

fn is_number_elsewhere(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let of_base = |prefix: &str, most: u32| {
        text.strip_prefix(prefix).is_some_and(|rest| {
            let rest = rest.replace('_', "");
            !rest.is_empty() && rest.chars().all(|letter| letter.is_digit(most))
        })
    };
    let octal = text.len() > 1 && text.starts_with('0') && digits(text);
    let grouped = text.starts_with(|first: char| first.is_ascii_digit())
        && text.contains('_')
        && text.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '_' | '.'));
    let sixty = text.contains(':') && text.split(':').all(digits);
    let power = text.split_once('e').is_some_and(|(number, power)| {
        let power = power.strip_prefix(['-', '+']).unwrap_or(power);
        real(number).is_some() && digits(power)
    });
    octal
        || grouped
        || sixty
        || power
        || of_base("0x", 16)
        || of_base("0b", 2)
        || of_base("0o", 8)
        || matches!(text, ".inf" | ".nan")
}

/// `2024-01-01`, with or without a time behind it.
fn is_date(text: &str) -> bool {
    let day = text.split(['t', ' ']).next().unwrap_or_default();
    let parts: Vec<&str> = day.split('-').collect();
    let long = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    matches!(parts.as_slice(), [year, month, day] if long(year, 4..=4) && long(month, 1..=2) && long(day, 1..=2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_reader_takes_for_a_number_or_a_date_is_a_trap() {
        for text in [
            "1_000",
            "0x1F",
            "0b11",
            "0o17",
            "1e3",
            "2024-01-01",
            "012",
            "12:30",
            "no",
            "-0x1F",
            ".inf",
            "2024-1-1 10:00:00",
        ] {
            assert!(is_trap(text), "{text}");
        }
        for text in [
            "1.35",
            "1.30",
            "m6i.large",
            "10.0.0.0/8",
            "0xyz",
            "e3",
            "a_1",
            "v1.2.3",
            "2024",
            "1-2-3",
            "euw1-az1",
            "2001:db8::/32",
            "123",
        ] {
            assert!(!is_trap(text), "{text}");
        }
    }
}
