//! Stage 8: any value of the line → text. A report returns text; the command line prints it. Colour never carries meaning alone.

pub mod doctor;
pub mod drift;
pub mod escape;
pub mod explain;
pub mod explain_check;
pub mod explain_found;
pub mod explain_key;
pub mod explain_word;
pub mod findings;
pub mod fleet;
mod fleet_changes;
pub mod fleet_diff;
pub mod fleet_json;
pub mod fleet_waves;
pub mod iam;
mod iam_roles;
pub mod instances;
pub mod layout;
pub mod layout_json;
pub mod notes;
pub mod page;
pub mod preview;
pub mod preview_github;
pub mod preview_json;
pub mod preview_markdown;
mod preview_parts;
mod preview_values;
pub mod progress;
pub mod rescue;
pub mod progress_tree;
pub mod sarif;
#[cfg(feature = "aws")]
pub mod session;
pub mod settings;
pub mod starters;
pub mod status;
mod style;
mod table;
mod view;
pub mod ways;

pub use crate::diagnostic::thousands;
pub use style::bold;
pub use view::{USUAL_COLUMNS, View};

/// `3 zones`, `1 zone`.
pub fn counted(count: usize, thing: &str) -> String {
    let number = thousands(u64::try_from(count).unwrap_or(u64::MAX));
    format!("{number} {thing}{}", if count == 1 { "" } else { "s" })
}

/// Names with what they are, as wide as the view.
pub fn list(view: View, rows: &[Vec<String>]) -> String {
    table::fitted(view, 0, &[("", table::Align::Left), ("", table::Align::Left)], rows)
}

/// One JSON document with a line break.
pub fn json(value: &impl serde::Serialize) -> String {
    let mut text = escape::json(&serde_json::to_string_pretty(value).unwrap_or_default());
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(
            [0, 999, 1_000, 16_379, 1_234_567].map(super::thousands),
            ["0", "999", "1,000", "16,379", "1,234,567"]
        );
    }
}
