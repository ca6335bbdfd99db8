//! Stage 1, `read`: text → [`Blueprint`], with the place of every word and everything that is wrong with its shape at once.

mod choice;
mod comments;
mod declared;
mod defaults;
pub mod edits;
mod examples;
mod foreign;
mod letters;
mod mended;
pub mod model;
mod node;
pub mod path;
mod placeholders;
mod preset;
mod shape;
mod traps;
mod twice;
mod tree;
mod typed;
mod wording;

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::diagnostic::{Diagnostic, Span, in_source_order};
use crate::rules::{BP_02, YAML_09};
use crate::source::Source;
pub use comments::Comment;
pub use declared::{is_blueprint, kind};
pub use foreign::rarer::TABLE as FOREIGN_RARER;
pub use foreign::{Foreign, TABLE as FOREIGN};
use letters::Word;
use mended::Mended;
pub use model::Blueprint;
use node::Node;
pub use placeholders::placeholders;
use tree::Grown;
pub use wording::nearest;

/// A blueprint is a page of text, not a database (bytes).
pub const MOST_BYTES: usize = 1 << 20;

/// What a document of one kind may say; every kind is read by the same reader, and as strictly.
pub trait Words: DeserializeOwned + JsonSchema + 'static {
    /// The JSON Schema that the text is held against.
    fn known_schema() -> &'static Value;
}

impl Words for Blueprint {
    fn known_schema() -> &'static Value {
        static SCHEMA: OnceLock<Value> = OnceLock::new();
        SCHEMA.get_or_init(schema)
    }
}

/// A blueprint, or a document of another kind, with the text it was read from.
#[derive(Clone, Debug)]
pub struct Document<W = Blueprint> {
    pub source: Source,
    /// The author's words, without what was refused, so that the rest can be judged; the findings of the reading say what that was.
    pub blueprint: W,
    meant: Option<Box<W>>,
    refused: BTreeSet<String>,
    /// Where the text itself was refused.
    unreadable: BTreeSet<usize>,
    root: Node,
    words: Arc<[Word]>,
}

/// What is said of a text that is missing has been said already: it is missing.
fn names_a_stand_in(finding: &Diagnostic) -> bool {
    let named = |text: &str| text.contains(shape::STAND_IN);
    named(&finding.message) || finding.hint.as_deref().is_some_and(named)
}

impl<W> Document<W> {
    /// Gives each finding its place in the text and puts them in source order, without those about a place that was refused already.
    pub fn placed(&self, findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let map = path::Map::of(&self.root);
        let placed = findings.into_iter().filter_map(|finding| self.place(&map, finding));
        let mut placed = in_source_order(placed.collect());
        // What is wrong with a default is wrong with every group that has it.
        let mut told = BTreeSet::new();
        placed.retain(|finding| {
            let start = finding.at.as_ref().map(|at| at.start);
            !finding.path.starts_with(defaults::DEFAULTS)
                || told.insert((finding.rule.id, start, finding.message.clone()))
        });
        placed
    }

    fn place(&self, map: &path::Map<'_>, mut finding: Diagnostic) -> Option<Diagnostic> {
        if finding.at.is_none() {
            let path = finding.path.as_str();
            let at = if finding.on_key { map.locate_key(path) } else { map.locate(path) };
            if self.is_refused(path)
                || self.unreadable.contains(&at.start)
                || names_a_stand_in(&finding)
            {
                return None;
            }
            if !self.refused.is_empty() {
                finding.path = map.as_written(path);
            }
            finding.path = map.decided(finding.path, &at);
            finding.at = Some(at);
        }
        for mark in finding.also.iter_mut().filter(|mark| mark.elsewhere.is_none()) {
            mark.at = Some(mark.at.take().unwrap_or_else(|| map.locate(&mark.path)));
        }
        Some(finding)
    }

    /// The values as the refused words were most likely meant. What a gate finds in `blueprint` and not in these follows from a word that
    /// is a finding already.
    pub fn meant(&self) -> Option<&W> {
        self.meant.as_deref()
    }

    /// At or below a place that was refused.
    pub fn is_refused(&self, path: &str) -> bool {
        let whole = |end: usize| matches!(path.as_bytes().get(end), None | Some(b'.' | b'['));
        !self.refused.is_empty()
            && (0..=path.len()).any(|end| {
                path.is_char_boundary(end) && whole(end) && self.refused.contains(&path[..end])
            })
    }

    /// Comments in the order of the text; a `#` inside of a value is none.
    pub fn comments(&self) -> Vec<Comment> {
        comments::comments(&self.source, &self.words)
    }

    /// Where a place, or its nearest ancestor, is in the text.
    pub fn span(&self, path: &str) -> Span {
        path::locate(&self.root, path)
    }

    /// 1-based line of a place in the blueprint.
    pub fn line(&self, path: &str) -> usize {
        self.source.line(path::locate(&self.root, path).start)
    }

    /// The place where a word was written that stands at `path`: node groups have words of their defaults.
    pub fn decided(&self, path: &str) -> String {
        let map = path::Map::of(&self.root);
        map.decided(map.shortened(path), &map.locate(path))
    }

    /// The tree that was checked, as a value: exactly what `blueprint` was read from.
    pub fn value(&self) -> Value {
        self.root.value()
    }
}

/// What `read` gives: the document, as far as its shape could be read, and the findings. With an error among them the document is
/// only there to be judged further.
pub struct Reading<W = Blueprint> {
    pub source: Source,
    pub document: Option<Document<W>>,
    pub findings: Vec<Diagnostic>,
}

/// Whether this is a lock, as eksnet writes it beside a blueprint, and no blueprint.
pub fn is_lock(source: &Source) -> bool {
    let has = |key: &str| source.text.lines().any(|line| line.starts_with(key));
    has("schemaVersion:") && has("digest:") && has("generation:") && !has("apiVersion:")
}

/// Reads one blueprint. `name` is the file as the user wrote it.
pub fn read(name: &str, bytes: Vec<u8>) -> Reading {
    read_as(name, bytes)
}

/// Reads one document of a kind.
pub fn read_as<W: Words>(name: &str, bytes: Vec<u8>) -> Reading<W> {
    match text(bytes) {
        Ok(text) => read_text(Source::new(name, text)),
        Err((text, finding)) => {
            Reading { source: Source::new(name, text), document: None, findings: vec![finding] }
        }
    }
}

/// The JSON Schema (draft 2020-12) of a blueprint.
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(Blueprint).to_value();
    examples::add(&mut schema);
    preset::add(&mut schema);
    schema
}

/// The same for editors: a text may stand without quotes, as `version: 1.35` does, and is read as it is written.
pub fn schema_for_editors() -> Value {
    let mut schema = schema();
    unquoted(&mut schema);
    schema
}

fn unquoted(schema: &mut Value) {
    if let Value::Object(map) = schema {
        let is_text = |kind: &Value| kind == "string" || kind[0] == "string";
        let is_free = ["const", "enum", "pattern"].iter().all(|word| !map.contains_key(*word));
        if let Some(kind) = map.get_mut("type").filter(|kind| is_free && is_text(kind)) {
            let own = kind.as_array().cloned().unwrap_or_else(|| vec![kind.clone()]);
            let more = ["number", "boolean"].map(Value::from);
            *kind = own.into_iter().chain(more).collect();
        }
        for (key, inner) in map.iter_mut() {
            match inner {
                Value::Array(choices) if key == "anyOf" => each_unquoted(choices),
                _ => unquoted(inner),
            }
        }
    } else if let Value::Array(items) = schema {
        items.iter_mut().for_each(unquoted);
    }
}

/// Beside a whole number, a text is what is none.
fn each_unquoted(choices: &mut [Value]) {
    let counts = choices.iter().any(|one| one["type"] == "integer");
    for one in choices {
        let beside = counts && one["type"] == "string";
        unquoted(one);
        if beside {
            one["not"] = serde_json::json!({ "type": "integer" });
        }
    }
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

fn read_text<W: Words>(source: Source) -> Reading<W> {
    let Grown { root, words, mut findings } = tree::grow(&source);
    let Some(root) = root else {
        if findings.is_empty() {
            let empty = BP_02.at("", "the file is empty").at(0..0);
            findings.push(empty.hint("`eksnet init` writes a commented starter blueprint"));
        }
        return Reading { source, document: None, findings: in_source_order(findings) };
    };
    if let Some(finding) = declared::foreign(&root) {
        return Reading { source, document: None, findings: vec![finding] };
    }
    let errors = findings.iter().filter(|finding| finding.is_error());
    let unreadable = errors.filter_map(|finding| Some(finding.at.as_ref()?.start)).collect();
    let (mended, misfits) = mended::read(W::known_schema(), root);
    findings.extend(misfits);
    findings.extend(comments::tabs(&source, &words));
    let findings = in_source_order(findings);
    let Some(Mended { root, blueprint, meant, refused }) = mended else {
        return Reading { source, document: None, findings };
    };
    let refused = refused.into_iter().collect();
    let words = words.into();
    let source_of = source.clone();
    let document =
        Document { source: source_of, blueprint, meant, refused, unreadable, root, words };
    Reading { source, document: Some(document), findings }
}
