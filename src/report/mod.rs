//! Stage 8: any value of the line → text. A report returns text; the command line prints it. Colour never carries meaning alone.
//!
//! A format is a variant of [`Format`], with the commands that write it, and the file that writes: the command line only passes it on.

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
mod noticed;
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

use serde_json::{Value, json};

use crate::deploy::status::Status;
use crate::diagnostic::Failure;
use crate::facts::instances::Instance;
use crate::fleet::compare;
use crate::fleet::export::Job;
use crate::fleet::online::Asked;
use crate::fleet::rollout;
use crate::intent::Intent;
use crate::preview::Preview;
use crate::rescue::Rescue;

use explain_word::Shape;

pub use crate::diagnostic::thousands;
pub use style::bold;
pub use view::{USUAL_COLUMNS, View};

/// What `--output` says: how a result is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Human,
    Json,
    Markdown,
    Github,
    Sarif,
    Html,
    Svg,
}

impl Format {
    pub const ALL: &[Format] = &[
        Format::Human,
        Format::Json,
        Format::Markdown,
        Format::Github,
        Format::Sarif,
        Format::Html,
        Format::Svg,
    ];

    /// What is typed, and what it means.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Format::Human => ("human", "For people"),
            Format::Json => ("json", "One JSON document, or JSON lines while something runs"),
            Format::Markdown => {
                ("markdown", "Markdown, for pull requests and documents (`diff`, `explain`)")
            }
            Format::Github => ("github", "Annotations of a GitHub workflow (`check`, `diff`)"),
            Format::Sarif => ("sarif", "SARIF 2.1.0, for code scanning (`check`)"),
            Format::Html => ("html", "A page that needs no network (`report`)"),
            Format::Svg => ("svg", "The address map as a picture (`report`)"),
        }
    }

    /// The formats of a command.
    pub fn of(command: &str) -> &'static [Format] {
        use Format::*;
        match command {
            "check" | "fleet check" => &[Human, Json, Github, Sarif],
            "diff" => &[Human, Json, Markdown, Github],
            "fleet diff" | "explain" | "doctor" => &[Human, Json, Markdown],
            "report" => &[Html, Svg, Json, Human],
            "completions" | "man" => &[Human],
            _ => &[Human, Json],
        }
    }

    /// The shape of a page of `explain`.
    pub fn shape(self, view: View) -> Shape {
        match self {
            Format::Json => Shape::Json,
            Format::Markdown => Shape::Markdown,
            _ => Shape::Human(view),
        }
    }

    /// Findings, and the failure that kept more of them back; `columns` where there is a terminal.
    pub fn findings(
        self,
        rows: &[findings::Checked<'_>],
        unread: Option<&Failure>,
        columns: Option<usize>,
    ) -> String {
        match self {
            Format::Json => findings::json_beside(rows, unread),
            Format::Github => findings::github(rows),
            Format::Sarif => sarif::write(rows),
            _ => rows.iter().map(|row| findings::within(row, columns)).collect(),
        }
    }

    /// The same of a fleet, by rule for people, with the accounts that were asked.
    pub fn fleet_findings(
        self,
        rows: &[findings::Checked<'_>],
        unread: Option<&Failure>,
        (asked, columns): (Option<&[Asked]>, Option<usize>),
    ) -> String {
        match (self, asked) {
            (Format::Human, _) => fleet::grouped(rows, columns),
            (Format::Json, Some(asked)) => fleet_json::check(rows, unread, asked),
            _ => self.findings(rows, unread, columns),
        }
    }

    /// `lock` says in words how the lock compares with the plan.
    pub fn layout(self, layout: &layout::Layout<'_>, lock: &str, view: View) -> String {
        match self {
            Format::Json => layout_json::write(layout),
            _ => layout::write(layout, lock, view),
        }
    }

    /// What would change.
    pub fn preview(self, preview: &Preview, shown: &preview::Shown<'_>) -> String {
        match self {
            Format::Json => preview_json::write(preview),
            Format::Markdown => preview_markdown::write(preview, shown),
            Format::Github => {
                let spot = |path: &str| shown.compiled?.spot(path);
                preview_github::write(preview, shown, &spot)
            }
            _ => preview::human(preview, shown),
        }
    }

    /// For people in every format but JSON and Markdown.
    pub fn doctor(self, diagnosis: &doctor::View<'_>, view: View) -> String {
        match self {
            Format::Json => doctor::json(diagnosis),
            Format::Markdown => doctor::markdown(diagnosis),
            _ => doctor::human(diagnosis, view),
        }
    }

    /// The ladder of a survey; every format but JSON is for people.
    pub fn rescue(self, rescue: &Rescue, view: View) -> String {
        match self {
            Format::Json => json(&rescue),
            _ => rescue::within(rescue, view),
        }
    }

    /// Types in the order in which they were found.
    pub fn instances(self, found: &[&Instance], view: View) -> String {
        match self {
            Format::Json => instances::json(found),
            _ => instances::human(found, view),
        }
    }

    /// The examples of `init`.
    pub fn starters(self, view: View) -> String {
        match self {
            Format::Json => starters::json(),
            _ => starters::human(view),
        }
    }

    /// Of blueprints: one page, a map or a document.
    pub fn pages(self, sheets: &[page::Sheet<'_>]) -> Result<String, Failure> {
        match (self, sheets) {
            (Format::Json, _) => Ok(page::folder::document(sheets)),
            (Format::Svg, [page::Sheet::Plan(plan)]) => Ok(page::svg(plan)),
            (Format::Svg, _) => Err(Failure::new("the blueprint is not valid: there is no map")),
            _ => Ok(page::html(sheets)),
        }
    }

    /// `file` is the blueprint's, for the commands that it suggests.
    pub fn status(self, intent: &Intent, status: &Status, file: &str) -> String {
        match self {
            Format::Json => status::json(intent, status, file),
            _ => status::human(intent, status, file),
        }
    }

    /// Ranges of a whole fleet, what is free in its supernets, and how its lock compares.
    pub fn fleet_layout(self, layout: &fleet::Layout<'_>, view: View) -> String {
        match self {
            Format::Json => fleet_json::layout(layout),
            _ => fleet::layout(layout, view),
        }
    }

    /// Members with the same change are one group in every format.
    pub fn fleet_preview(self, outcome: &compare::Outcome, view: View) -> String {
        match self {
            Format::Json => fleet_diff::json(outcome),
            Format::Markdown => fleet_diff::markdown(outcome),
            _ => fleet_diff::human(outcome, view),
        }
    }

    /// What became of each member's plan, once the waves have ended.
    pub fn fleet_rollout(self, outcome: &rollout::Outcome) -> String {
        match self {
            Format::Json => fleet_waves::json(outcome),
            _ => fleet_waves::human(outcome),
        }
    }

    /// A row for each member: its own status as a document, or why it could not be asked.
    pub fn fleet_status(self, rows: &[(Job, Result<Value, String>)], view: View) -> String {
        match self {
            Format::Json => fleet_json::status(rows),
            _ => fleet::status(rows, view),
        }
    }
}

/// `3 zones`, `1 zone`.
pub fn counted(count: usize, thing: &str) -> String {
    let number = thousands(u64::try_from(count).unwrap_or(u64::MAX));
    format!("{number} {thing}{}", if count == 1 { "" } else { "s" })
}

/// Names with what they are, as wide as the view.
pub fn list(view: View, rows: &[Vec<String>]) -> String {
    table::fitted(view, 0, &[("", table::Align::Left), ("", table::Align::Left)], rows)
}

/// A failure as a document of its own.
pub fn failure(failure: &Failure) -> String {
    let error = json!({ "message": failure.chain(), "hint": failure.hint });
    self::json(&json!({ "schemaVersion": 1, "error": error }))
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
