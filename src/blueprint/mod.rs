//! Stage 1, `read`: text → [`Blueprint`], with the place of every word and everything that is wrong with its shape at once.

mod comments;
mod later;
pub mod model;
pub mod path;
mod shape;
mod tree;

use std::sync::OnceLock;

use serde_json::Value;

use crate::diagnostic::{Diagnostic, any_error};
use crate::rules::{BP_02, BP_03, YAML_09};
use crate::source::Source;
pub use comments::Comment;
pub use model::Blueprint;
pub use shape::nearest;
use tree::Node;

/// A blueprint is a page of text, not a database (bytes).
pub const MOST_BYTES: usize = 1 << 20;

/// A blueprint with the text it was read from.
#[derive(Clone, Debug)]
pub struct Document {
    pub source: Source,
    pub blueprint: Blueprint,
    root: Node,
}

impl Document {
    /// Gives each finding its place in the text and puts them in source order.
    pub fn placed(&self, mut findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
        for finding in &mut findings {
            let locate = if finding.on_key { path::locate_key } else { path::locate };
            finding.at =
                Some(finding.at.take().unwrap_or_else(|| locate(&self.root, &finding.path)));
            for mark in &mut finding.also {
                mark.at =
                    Some(mark.at.take().unwrap_or_else(|| path::locate(&self.root, &mark.path)));
            }
        }
        in_source_order(findings)
    }

    pub fn comments(&self) -> Vec<Comment> {
        comments::comments(&self.source, &self.root)
    }

    /// 1-based line of a place in the blueprint.
    pub fn line(&self, path: &str) -> usize {
        self.source.place(path::locate(&self.root, path).start).line
    }
}

/// What `read` gives: the document where the shape is right, and the findings (warnings may stand beside a document).
pub struct Reading {
    pub source: Source,
    pub document: Option<Document>,
    pub findings: Vec<Diagnostic>,
}

/// Reads one blueprint. `name` is the file as the user wrote it.
pub fn read(name: &str, bytes: Vec<u8>) -> Reading {
    match text(bytes) {
        Ok(text) => read_text(Source::new(name, text)),
        Err((text, finding)) => {
            Reading { source: Source::new(name, text), document: None, findings: vec![finding] }
        }
    }
}

/// The JSON Schema (draft 2020-12) of a blueprint.
pub fn schema() -> Value {
    schemars::schema_for!(Blueprint).to_value()
}

fn known_schema() -> &'static Value {
    static SCHEMA: OnceLock<Value> = OnceLock::new();
    SCHEMA.get_or_init(schema)
}

fn text(bytes: Vec<u8>) -> Result<String, (String, Diagnostic)> {
    if bytes.len() > MOST_BYTES {
        let message =
            format!("the file has {} bytes; a blueprint has at most {MOST_BYTES}", bytes.len());
        return Err((
            String::new(),
            YAML_09.at("", message).at(0..0).hint("is this the blueprint?"),
        ));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_string)),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let finding = YAML_09
                .at("", format!("byte {at} is not UTF-8"))
                .at(at..at)
                .hint("save the file as UTF-8");
            Err((text, finding))
        }
    }
}

fn read_text(source: Source) -> Reading {
    let (root, mut findings) = tree::grow(&source);
    let Some(root) = root else {
        if findings.is_empty() {
            let empty = BP_02.at("", "the file is empty").at(0..0);
            findings.push(empty.hint("`eksnet init` writes a commented starter blueprint"));
        }
        return Reading { source, document: None, findings };
    };
    findings.extend(shape::misfits(known_schema(), &root));
    if any_error(&findings) {
        return Reading { source, document: None, findings: in_source_order(findings) };
    }
    match serde_yaml::from_str::<Blueprint>(&source.text) {
        Ok(blueprint) => Reading {
            document: Some(Document { source: source.clone(), blueprint, root }),
            source,
            findings,
        },
        Err(error) => {
            findings.push(typed(&error));
            Reading { source, document: None, findings: in_source_order(findings) }
        }
    }
}

/// Whatever the schema let through and the types did not.
fn typed(error: &serde_yaml::Error) -> Diagnostic {
    let at = error.location().map_or(0, |place| place.index());
    BP_03.at("", error.to_string()).at(at..at)
}

fn in_source_order(mut findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    findings.sort_by_key(|finding| finding.at.clone().map_or(0, |at| at.start));
    findings
}
