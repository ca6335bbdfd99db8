//! Pages of several blueprints in one folder, and what programs read of a report.

use std::path::Path;

use serde_json::{Value, json};

use super::{Plan, Sheet};
use crate::diagnostic::Failure;
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

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Html,
    Svg,
    Json,
}

/// A folder that exists, or a name without an ending.
pub fn is_folder(path: &Path) -> bool {
    path.is_dir() || path.extension().is_none()
}

/// Refuses a name whose ending says that something else is in the file, and a file where a folder is meant.
pub fn is_named_so(out: &Path, kind: Kind) -> Result<(), Failure> {
    let (endings, what): (&[&str], _) = match kind {
        Kind::Svg => (&["svg"], "a map ends with `.svg`"),
        Kind::Json => (&["json"], "JSON ends with `.json`"),
        Kind::Html => (
            &["html", "htm"],
            "a page ends with `.html`; a page for each blueprint goes into a folder",
        ),
    };
    let failure = || Failure::new(format!("cannot save `{}`", out.display())).hint(what);
    let ending = out.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match ending {
        _ if out.is_dir() => Ok(()),
        Some(own) if endings.contains(&own.as_str()) => Ok(()),
        None if kind == Kind::Html && out.is_file() => {
            Err(failure().because("it is neither a page nor a folder"))
        }
        None if kind != Kind::Svg => Ok(()),
        _ => Err(failure()),
    }
}
