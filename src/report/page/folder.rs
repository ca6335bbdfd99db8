//! Pages of several blueprints in one folder, and what programs read of a report.

use std::path::Path;

use serde_json::{Value, json};

use super::{Plan, Sheet, html, index};
use crate::diagnostic::Failure;
use crate::report::{Format, findings, layout_json, preview_json};

/// (file, page) for each sheet, and the page that leads to them.
pub fn pages(sheets: &[Sheet<'_>]) -> Vec<(String, String)> {
    let names = names(sheets);
    let index = ("index.html".to_string(), index(sheets, &names));
    let pages = sheets.iter().map(|sheet| html(&[*sheet]));
    names.into_iter().zip(pages).chain([index]).collect()
}

/// Names of the pages, one for each sheet; `index.html` is the page that leads to them.
fn names(sheets: &[Sheet<'_>]) -> Vec<String> {
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

/// A folder that exists, or a name without an ending.
pub fn is_folder(path: &Path) -> bool {
    path.is_dir() || path.extension().is_none()
}

/// Refuses a name whose ending says that something else is in the file, and a file where a folder is meant.
pub fn is_named_so(out: &Path, format: Format) -> Result<(), Failure> {
    let (endings, what): (&[&str], _) = match format {
        Format::Svg => (&["svg"], "a map ends with `.svg`"),
        Format::Json => (&["json"], "JSON ends with `.json`"),
        _ => (
            &["html", "htm"],
            "a page ends with `.html`; a page for each blueprint goes into a folder",
        ),
    };
    let failure = || Failure::new(format!("cannot save `{}`", out.display())).hint(what);
    let ending = out.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match ending {
        _ if out.is_dir() => Ok(()),
        Some(own) if endings.contains(&own.as_str()) => Ok(()),
        None if !matches!(format, Format::Svg | Format::Json) && out.is_file() => {
            Err(failure().because("it is neither a page nor a folder"))
        }
        None if format != Format::Svg => Ok(()),
        _ => Err(failure()),
    }
}
