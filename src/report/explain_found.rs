//! What a word, or the beginning of an id, is found in: rules, checks of `doctor`, settings of aws-node and keys.

use serde_json::{Value, json};

use super::explain_key::{self, Key};
use super::table::{Align::Left, fitted};
use super::{View, explain};
use crate::doctor::{self, Check};
use crate::facts::aws_node::{SETTINGS, Setting};
use crate::rules::{self, Rule};

/// All that a word is found in, each kind in the order of its own list.
#[derive(Default)]
pub struct Found {
    pub rules: Vec<&'static Rule>,
    pub checks: Vec<&'static Check>,
    pub settings: Vec<&'static Setting>,
    pub keys: Vec<Key>,
}

impl Found {
    /// Everything whose id or path begins with `word`, or else whatever speaks of it, with or without what stands between its parts.
    pub fn of(schema: &Value, word: &str) -> Self {
        let word = word.to_lowercase();
        let joined = letters(&word);
        let begun = || Self::by(schema, |id, _| bare(id).starts_with(&word));
        let spoken =
            || Self::by(schema, |id, text| bare(id).contains(&word) || text.contains(&word));
        let apart =
            || Self::by(schema, |id, text| letters(&format!("{id} {text}")).contains(&joined));
        let tries: [&dyn Fn() -> Self; 3] = [&begun, &spoken, &apart];
        let found = tries.iter().map(|one| one()).find(|found| !found.is_empty());
        found.filter(|_| !joined.is_empty()).unwrap_or_default()
    }

    fn by(schema: &Value, fits: impl Fn(&str, &str) -> bool) -> Self {
        let fits = |id: &str, text: &[&str]| fits(id, &text.join(" ").to_lowercase());
        Self {
            rules: rules::all().filter(|one| fits(one.id, &[one.title, one.why])).collect(),
            checks: doctor::checks().filter(|one| fits(one.id, &[one.title])).collect(),
            settings: SETTINGS.iter().filter(|one| fits(one.variable, &[one.meaning])).collect(),
            keys: explain_key::all(schema).into_iter().filter(|one| fits(&one.path, &[])).collect(),
        }
    }

    /// Rules and checks of a family: `NAT` is that of NAT-01.
    pub fn family(word: &str) -> Self {
        let begins = format!("{}-", word.to_lowercase());
        Self {
            rules: rules::all().filter(|one| bare(one.id).starts_with(&begins)).collect(),
            checks: doctor::checks().filter(|one| bare(one.id).starts_with(&begins)).collect(),
            ..Self::default()
        }
    }

    /// How much it is.
    pub fn count(&self) -> usize {
        self.rules.len() + self.checks.len() + self.settings.len() + self.keys.len()
    }

    /// Whether the word is found nowhere.
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// (id or path, what it is, what it says)
    fn rows(&self, schema: &Value) -> Vec<[String; 3]> {
        let row = |id: &str, kind: &str, text: &str| [id, kind, text].map(str::to_string);
        let rules = self.rules.iter().map(|one| row(one.id, one.severity().word(), one.title));
        let checks = self.checks.iter().map(|one| row(one.id, "check", one.title));
        let settings = self.settings.iter().map(|one| row(one.variable, "setting", one.meaning));
        let keys = self.keys.iter().map(|one| {
            let described = explain_key::described(schema, one);
            row(&one.path, "key", described.split(". ").next().unwrap_or_default())
        });
        rules.chain(checks).chain(settings).chain(keys).collect()
    }

    /// For people.
    pub fn human(&self, schema: &Value, view: View) -> String {
        let rows: Vec<Vec<String>> = self.rows(schema).into_iter().map(Vec::from).collect();
        fitted(view, 0, &[("", Left), ("", Left), ("", Left)], &rows)
    }

    /// As a document.
    pub fn markdown(&self, schema: &Value) -> String {
        let row = |row: [String; 3]| format!("| {} |\n", row.map(|one| cell(&one)).join(" | "));
        let rows: String = self.rows(schema).into_iter().map(row).collect();
        format!("| id | kind | text |\n| --- | --- | --- |\n{rows}")
    }

    /// For programs: rules whole, of the rest what it is called and what it says.
    pub fn json(&self, schema: &Value) -> String {
        let checks = self.checks.iter().map(|one| json!({ "id": one.id, "title": one.title }));
        let settings = self
            .settings
            .iter()
            .map(|one| json!({ "variable": one.variable, "meaning": one.meaning }));
        let keys = self.keys.iter().map(
            |one| json!({ "path": one.path, "description": explain_key::described(schema, one) }),
        );
        super::json(&json!({
            "schemaVersion": 1,
            "rules": self.rules.iter().map(|rule| explain::value(rule)).collect::<Vec<_>>(),
            "checks": checks.collect::<Vec<_>>(),
            "settings": settings.collect::<Vec<_>>(),
            "keys": keys.collect::<Vec<_>>(),
        }))
    }
}

/// `NAT gateway` and `natGateway` are one word.
fn letters(text: &str) -> String {
    let kept = text.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// An id or a path as people type it.
fn bare(id: &str) -> String {
    id.replace("[]", "").to_lowercase()
}

/// Nothing in it ends a cell of a table, or is taken for HTML.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ").replace('<', "&lt;")
}
