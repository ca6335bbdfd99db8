//! Pages of several blueprints in one folder, and what programs read of a report.

use std::path::Path;

use serde_json::{Value, json};

use super::{Plan, Sheet};
use crate::report::{findings, layout_json, preview_json};

/// Names of the pages, one for each sheet; `index.html` is the page that leads to them.
pub fn names(sheets: &[Sheet<'_>]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for stem in sheets.iter().map(stem) {
        let taken = names.iter().filter(|name| name.starts_with(&stem)).count();
        let free = !names.contains(&format!("{stem}.html")) && stem != "index";
        names.push(if free {
            format!("{stem}.html")
        } else {
            format!("{stem}-{}.html", taken + 1)
        });
    }
    names
}

/// The blueprint's file without its ending.
fn stem(sheet: &Sheet<'_>) -> String {
    let stem = Path::new(&sheet.source().name).file_stem();
    stem.map_or("blueprint".to_string(), |stem| stem.to_string_lossy().into_owned())
}

/// What programs read of a report: the documents of `layout`, `check` and `diff`.
pub fn document(sheets: &[Sheet<'_>]) -> String {
    let reports: Vec<Value> = sheets.iter().map(one).collect();
    crate::report::json(&json!({ "schemaVersion": 1, "reports": reports }))
}

fn one(sheet: &Sheet<'_>) -> Value {
    let parsed = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
    let checked = findings::Checked { source: sheet.source(), findings: sheet.findings() };
    let (layout, changes) = match sheet {
        Sheet::Plan(Plan { compiled, preview, .. }) => {
            (parsed(&layout_json::write(&compiled.layout())), preview.map(preview_json::value))
        }
        Sheet::Broken { .. } => (Value::Null, None),
    };
    json!({
        "file": sheet.source().name,
        "layout": layout,
        "findings": parsed(&findings::json(&[checked]))["findings"],
        "changes": changes,
    })
}
